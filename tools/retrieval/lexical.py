"""BM25 over character n-grams, normalised so that scores of different queries can be compared and blended."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tools.retrieval.tokens import tokenize

if TYPE_CHECKING:
    import numpy as np

__all__ = ["LexicalIndex"]

# Robertson & Zaragoza (2009), "The Probabilistic Relevance Framework". On zh-TW passages k1 1.2/b .75 and .9/.4 measured alike.
_K1 = 1.2
_B = 0.75


class LexicalIndex:
    """BM25 (the Lucene form, whose term weight stays under 1) over a fixed list of texts; read-only once built.

    Held as arrays, so that it can be kept and taken up again: `size` (1,), and for each token, in rising order of `keys`,
    the texts that hold it and its weight in each: `rows[starts[i]:starts[i + 1]]`, `weights` likewise.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        import numpy as np

        tokens = [tokenize(text) for text in texts]
        self._size = len(texts)
        self._keys = np.zeros(0, dtype=np.uint64)
        self._starts = np.zeros(1, dtype=np.int64)
        self._rows = np.zeros(0, dtype=np.int32)
        self._weights = np.zeros(0, dtype=np.float32)
        if any(tokens):
            self._build(tokens)

    def _build(self, tokens: Sequence[Sequence[str]]) -> None:
        import bm25s
        import numpy as np

        bm25 = bm25s.BM25(k1=_K1, b=_B, method="lucene")
        bm25.index(tokens, show_progress=False)
        data, rows, starts = (np.asarray(bm25.scores[name]) for name in ("data", "indices", "indptr"))
        # The library adds an empty token of its own at the end.
        columns = sorted((_key(token), at) for token, at in bm25.vocab_dict.items() if token)
        parts = [slice(int(starts[at]), int(starts[at + 1])) for _, at in columns]
        self._keys = np.array([key for key, _ in columns], dtype=np.uint64)
        self._starts = np.cumsum([0, *(part.stop - part.start for part in parts)], dtype=np.int64)
        self._rows = np.concatenate([rows[part] for part in parts]).astype(np.int32)
        self._weights = np.concatenate([data[part] for part in parts]).astype(np.float32)

    @classmethod
    def restored(cls, state: Mapping[str, np.ndarray]) -> LexicalIndex:
        """The index whose `state` this is."""
        index = cls(())
        index._size = int(state["size"][0])
        index._keys, index._starts = state["keys"], state["starts"]
        index._rows, index._weights = state["rows"], state["weights"]
        return index

    def state(self) -> dict[str, np.ndarray]:
        """All there is to it, to be kept. Tokens are kept as digests."""
        import numpy as np

        arrays = {"keys": self._keys, "starts": self._starts, "rows": self._rows, "weights": self._weights}
        return {"size": np.array([self._size]), **arrays}

    def __len__(self) -> int:
        return self._size

    def _found(self, token: str) -> slice:
        """Where the texts that hold `token` stand in `rows`; an empty slice if none does."""
        import numpy as np

        key = np.uint64(_key(token))
        at = int(np.searchsorted(self._keys, key))
        if at == len(self._keys) or self._keys[at] != key:
            return slice(0, 0)
        return slice(int(self._starts[at]), int(self._starts[at + 1]))

    def scores(self, query: str) -> np.ndarray:
        """How well each text answers `query`: (len,) float32 in 0..1.

        1 would be a text that holds every token of the query endlessly often: the sum of the tokens' idf. Tokens that
        no text holds count in that sum, so a query that is mostly unknown scores low everywhere.
        """
        import numpy as np

        scores = np.zeros(self._size, dtype=np.float32)
        ideal = 0.0
        for token in dict.fromkeys(tokenize(query)):
            found = self._found(token)
            found_in = found.stop - found.start
            ideal += math.log(1 + (self._size - found_in + 0.5) / (found_in + 0.5))
            scores[self._rows[found]] += self._weights[found]
        return np.clip(scores / ideal, 0.0, 1.0) if ideal else scores


def _key(token: str) -> int:
    return int.from_bytes(hashlib.blake2b(token.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
