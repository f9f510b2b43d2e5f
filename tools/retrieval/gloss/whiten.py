"""From the senses' vectors to the words': mean of senses, common directions out, every direction made equally wide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

__all__ = ["sif", "whitened", "word_vectors"]

# Chosen on 500 questions each of DRCD dev and XQuAD (zh-zh, zh-en, en-zh).
_DROPPED = 4
_KEPT = 288
_SIF = 3e-4


def word_vectors(senses: Sequence[Sequence[int]], encoded: np.ndarray) -> np.ndarray:
    """(words, dims): each word's mean over `encoded` rows, the i-th sense weighing 1 / (1 + .3 i)."""
    import numpy as np

    vectors = np.zeros((len(senses), encoded.shape[1]), dtype=np.float32)
    for row, numbers in enumerate(senses):
        weights = 1.0 / (1.0 + 0.3 * np.arange(len(numbers)))
        vectors[row] = (weights / weights.sum()) @ encoded[list(numbers)]
    return vectors


def whitened(vectors: np.ndarray) -> np.ndarray:
    """(words, 288): centred, without the widest and the narrowest directions, whitened, rows of length 1.

    The widest directions say that something is an English gloss, not which (Mu & Viswanath 2018, "All-but-the-Top").
    """
    import numpy as np

    centred = vectors - vectors.mean(axis=0)
    values, directions = np.linalg.eigh(np.cov(centred.T.astype(np.float64)))
    # eigh gives ascending order; signs are arbitrary, so they are fixed to make builds agree.
    values, directions = values[::-1], directions[:, ::-1]
    chosen = slice(_DROPPED, _DROPPED + _KEPT)
    values, directions = values[chosen], directions[:, chosen]
    directions = directions * np.sign(directions[np.abs(directions).argmax(axis=0), np.arange(directions.shape[1])])
    white = (centred @ (directions / np.sqrt(values))).astype(np.float32)
    return white / np.linalg.norm(white, axis=1, keepdims=True)


def sif(probability: np.ndarray) -> np.ndarray:
    """How much a word says by its rarity, 0..1 (Arora et al. 2017)."""
    return _SIF / (_SIF + probability)
