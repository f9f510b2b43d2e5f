"""Turning texts into vectors. Every embedder, this one and any later one, obeys the same small contract."""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Embedder", "HashingEmbedder"]


@runtime_checkable
class Embedder(Protocol):
    """What an index needs to know of an embedder. Vectors of two embedders are comparable only if all three agree."""

    @property
    def name(self) -> str:
        """The model, e.g. `hashing-ngrams`."""

    @property
    def revision(self) -> str:
        """Changes whenever the same text would get another vector."""

    @property
    def dims(self) -> int:
        """The length of a vector."""

    @property
    def floor(self) -> float:
        """The cosine (0..1) that unrelated texts reach by chance: what lies under it says nothing."""

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """(len(texts), dims) float32, every row of length 1, also for an empty text."""


class HashingEmbedder:
    """Hashed character n-grams: no download, no torch, the same vector on every machine.

    It knows spelling, not meaning: a fallback that makes Simplified, Traditional and inflected forms meet. Features are
    signed (Weinberger et al. 2009, "Feature Hashing for Large Scale Multitask Learning"), so that collisions cancel
    out on average, and weighted 1 + ln(tf).
    """

    name = "hashing-ngrams"
    revision = "1"
    dims = 512
    # Two independent signed hashings of `dims` dimensions have a cosine of standard deviation 1/sqrt(dims) = .044.
    floor = 0.09

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """(len(texts), 512) float32, L2-normalised."""
        import numpy as np

        vectors = np.zeros((len(texts), self.dims), dtype=np.float32)
        for row, text in enumerate(texts):
            for feature, count in Counter(_features(text)).items():
                # crc32 and not hash(): Python salts its own hash anew in every process.
                code = zlib.crc32(feature.encode("utf-8", "surrogatepass"))
                sign = 1.0 if code & 0x8000_0000 else -1.0
                vectors[row, code % self.dims] += sign * (1.0 + math.log(count))
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        # A text with no feature (or whose features cancel out) gets a fixed direction: a zero row has no cosine.
        vectors[lengths[:, 0] == 0, 0] = 1.0
        lengths[lengths == 0] = 1.0
        return vectors / lengths


def _features(text: str) -> list[str]:
    """Tokens of the shared tokeniser, and for words of an alphabet their letter trigrams, so that job meets jobs."""
    from tools.retrieval.tokens import tokenize

    features = []
    for token in tokenize(text):
        features.append(token)
        if token[0] < "\u0250" and len(token) > 3:
            padded = f"<{token}>"
            features.extend(padded[i : i + 3] for i in range(len(padded) - 2))
    return features
