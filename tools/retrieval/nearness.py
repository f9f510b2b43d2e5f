"""How near a question lies to a few fixed texts: by its words one by one, and as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from tools.retrieval.embed import Embedder
from tools.retrieval.maxsim import WordVectors

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Nearness", "WordEmbedder"]


class WordEmbedder(Embedder, WordVectors, Protocol):
    """An embedder that knows single words too, as the gloss table does."""


class Nearness:
    """Read-only once built, safe for many threads. Holds the vectors of all words of its texts, so keep these few."""

    def __init__(self, embedder: WordEmbedder, texts: Sequence[str]) -> None:
        """Every text must hold a word."""
        import numpy as np

        bags = [embedder.words(text).ids for text in texts]
        self._embedder = embedder
        distinct, self._place = np.unique(np.concatenate(bags), return_inverse=True)
        self._words = embedder.vectors(distinct)
        self._starts = np.cumsum([0, *(len(ids) for ids in bags[:-1])])
        self._wholes = embedder.embed(texts)

    def __len__(self) -> int:
        return len(self._wholes)

    def of(self, query: str) -> tuple[np.ndarray, np.ndarray]:
        """For each text: the share of the question's words that lie in it, 0..1, and the cosine of both as wholes.

        Zeros for a question without a word.
        """
        import numpy as np

        asked = self._embedder.words(query)
        if not len(asked.ids):
            return np.zeros(len(self)), np.zeros(len(self))
        near = (self._words @ self._embedder.vectors(asked.ids).T)[self._place]
        best = np.maximum(np.maximum.reduceat(near, self._starts, axis=0), 0.0)
        return best @ asked.weights / asked.weights.sum(), self._wholes @ self._embedder.embed([query])[0]
