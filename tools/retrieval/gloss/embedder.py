"""Sentences as weighted sums of word vectors: the embedder that needs no model, no hub and no network."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tools.retrieval.gloss.segment import Segmenter
from tools.retrieval.gloss.table import Table, load_table
from tools.retrieval.maxsim import WordBag

if TYPE_CHECKING:
    import numpy as np

__all__ = ["GlossEmbedder"]

# What a word the table lacks weighs: it is rare, but across languages it is often spelt differently. Chosen on DRCD dev,
# CMRC dev and XQuAD; 1 and .6 measure within .003 nDCG@10.
_STRANGER_WEIGHT = 0.8


class GlossEmbedder:
    """Chinese and English words in one space, made from what a dictionary says about them.

    A sentence is the sum of its words' vectors, weighted by rarity (SIF: Arora et al. 2017, "A Simple but Tough-to-Beat
    Baseline for Sentence Embeddings") and by the square root of their count. Read-only, safe for many threads.
    """

    name = "gloss"

    def __init__(self, folder: Path | None = None) -> None:
        """Load the table of `folder`, by default the one that ships with Finale.

        Raises:
            GlossError: a file is missing or damaged.
        """
        self._table, self._segmenter = _shared(folder)

    @property
    def revision(self) -> str:
        return self._table.revision

    @property
    def dims(self) -> int:
        return self._table.dims

    @property
    def floor(self) -> float:
        return self._table.floor

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """(len(texts), dims) float32, rows of length 1; a text without any word gets a fixed direction."""
        import numpy as np

        vectors = np.zeros((len(texts), self.dims), dtype=np.float32)
        for row, text in enumerate(texts):
            bag = self.words(text)
            if len(bag.ids):
                vectors[row] = bag.weights @ self.vectors(bag.ids)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors[lengths[:, 0] < 1e-9, 0] = 1.0
        lengths[lengths < 1e-9] = 1.0
        return vectors / lengths

    def words(self, text: str) -> WordBag:
        """The distinct words of `text`, ids ascending, each weighted by its rarity and its count."""
        import numpy as np

        counts = self._segmenter.counts(text)
        ids = np.array(sorted(counts), dtype=np.int32)
        weights = np.full(len(ids), _STRANGER_WEIGHT, dtype=np.float32)
        known = ids < len(self._table)
        weights[known] = self._table.weight[ids[known]]
        return WordBag(ids, weights * np.sqrt([counts[id_] for id_ in ids.tolist()]).astype(np.float32))

    def vectors(self, ids: np.ndarray) -> np.ndarray:
        """(len(ids), dims) float32, rows of length 1.

        A word the table lacks gets random signs that depend on its id alone: near itself, unrelated to all others.
        """
        import numpy as np

        ids = np.asarray(ids)
        known = ids < len(self._table)
        if known.all():
            return self._table.rows(ids)
        vectors = np.empty((len(ids), self.dims), dtype=np.float32)
        vectors[known] = self._table.rows(ids[known])
        vectors[~known] = _signs(ids[~known], self.dims)
        return vectors


@functools.cache
def _shared(folder: Path | None) -> tuple[Table, Segmenter]:
    table = load_table(folder)
    return table, Segmenter(table)


def _signs(ids: np.ndarray, dims: int) -> np.ndarray:
    """(len(ids), dims) of +-1/sqrt(dims), by the splitmix64 generator (Steele et al. 2014) seeded with the id."""
    import numpy as np

    blocks = -(-dims // 64)
    state = ids.astype(np.uint64)[:, None] * np.uint64(1_000_003) + np.arange(blocks, dtype=np.uint64)
    state = (state + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    state ^= state >> np.uint64(31)
    bits = np.unpackbits(state.astype("<u8").view(np.uint8), axis=1)[:, :dims]
    return (bits.astype(np.float32) * 2 - 1) / np.float32(np.sqrt(dims))
