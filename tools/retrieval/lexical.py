"""BM25 over character n-grams, normalised so that scores of different queries can be compared and blended."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tools.retrieval.tokens import tokenize

if TYPE_CHECKING:
    import numpy as np

__all__ = ["LexicalIndex"]

# Robertson & Zaragoza (2009), "The Probabilistic Relevance Framework". On zh-TW passages k1 1.2/b .75 and .9/.4 measured alike.
_K1 = 1.2
_B = 0.75


class LexicalIndex:
    """BM25 (the Lucene form, whose term weight stays under 1) over a fixed list of texts; read-only once built."""

    def __init__(self, texts: Sequence[str]) -> None:
        import bm25s

        tokens = [tokenize(text) for text in texts]
        self._size = len(texts)
        self._found_in: dict[str, int] = {}
        for document in tokens:
            for token in set(document):
                self._found_in[token] = self._found_in.get(token, 0) + 1
        self._bm25: bm25s.BM25 | None = None
        if self._found_in:
            self._bm25 = bm25s.BM25(k1=_K1, b=_B, method="lucene")
            self._bm25.index(tokens, show_progress=False)

    def __len__(self) -> int:
        return self._size

    def _idf(self, token: str) -> float:
        found_in = self._found_in.get(token, 0)
        return math.log(1 + (self._size - found_in + 0.5) / (found_in + 0.5))

    def scores(self, query: str) -> np.ndarray:
        """How well each text answers `query`: (len,) float32 in 0..1.

        1 would be a text that holds every token of the query endlessly often: the sum of the tokens' idf. Tokens that
        no text holds count in that sum, so a query that is mostly unknown scores low everywhere.
        """
        import numpy as np

        tokens = list(dict.fromkeys(tokenize(query)))
        known = [token for token in tokens if token in self._found_in]
        if self._bm25 is None or not known:
            return np.zeros(self._size, dtype=np.float32)
        ideal = sum(self._idf(token) for token in tokens)
        return np.clip(self._bm25.get_scores(known) / ideal, 0.0, 1.0).astype(np.float32)
