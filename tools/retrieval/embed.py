"""Turning texts into vectors: the small contract that every embedder obeys, and how a question is embedded with one."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from tools.errors import FinaleError
from tools.retrieval.maxsim import WordBag, WordVectors

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Asking", "Embedder", "QueryEmbedder", "for_questions", "measured_floor", "prefixes", "unit_rows"]

logger = logging.getLogger(__name__)

_REMEMBERED = 64
_QUIET_S = 60.0  # an embedder that failed is left alone this long, so that no search waits for it in vain again
# Sentences with nothing in common, in both languages: how near they are is how near unrelated texts are to this model.
_UNRELATED = (
    "把馬鈴薯切成薄片，用冷水泡十分鐘。",
    "The committee postponed the vote on the harbour tax.",
    "他在雨中等了四十分鐘的公車。",
    "Photosynthesis turns light into chemical energy.",
    "這台印表機卡紙的時候要打開後蓋。",
    "She learned to play the cello at the age of nine.",
    "颱風假隔天，路上到處是斷掉的樹枝。",
    "Interest rates stayed unchanged in the third quarter.",
    "貓把杯子從桌上推了下去。",
    "The recursive function never reaches its base case.",
    "我奶奶每天清晨五點去市場賣豆花。",
    "Volcanic ash grounded flights across the north.",
)
# Wang et al. 2024, "Multilingual E5 Text Embeddings": without these the models of that family lose much.
_E5 = re.compile(r"(?:^|[/_-])e5-(?:small|base|large)(?!.*instruct)", re.IGNORECASE)
_FLOOR_SHARE = 0.9  # the floor lies above nine in ten unrelated pairs


@runtime_checkable
class Embedder(Protocol):
    """What an index needs to know of an embedder. Vectors of two embedders are comparable only if all three agree."""

    @property
    def name(self) -> str:
        """The model, e.g. `gloss`."""

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


@runtime_checkable
class QueryEmbedder(Protocol):
    """An embedder to which a question is another kind of text than a passage, or for which one costs time or a request."""

    def embed_query(self, text: str) -> np.ndarray:
        """(dims,) float32 of length 1."""


class Asking:
    """The question side of an embedder: remembers what it was asked, never fails, and lends the gloss table's words.

    A search asks for the same question once a collection. Where the embedder fails (its server is gone, the day's
    requests are spent), the question gets no direction (zeros), so that every cosine is 0 and words alone decide.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: OrderedDict[str, np.ndarray] = OrderedDict()
        self._lock = threading.Lock()
        self._quiet_until = 0.0
        self.trouble: FinaleError | None = None  # why the last question that was tried got no direction

    @property
    def name(self) -> str:
        return self._embedder.name

    @property
    def revision(self) -> str:
        return self._embedder.revision

    @property
    def dims(self) -> int:
        return self._embedder.dims

    @property
    def floor(self) -> float:
        return self._embedder.floor

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """(len(texts), dims) float32; a row is all zeros where the embedder failed."""
        import numpy as np

        rows = [self._one(text) for text in texts]
        return np.stack(rows) if rows else np.zeros((0, self.dims), dtype=np.float32)

    def words(self, text: str) -> WordBag:
        """The gloss table's words: looking at a passage word by word is the same whatever else embeds it."""
        return self._table.words(text)

    def vectors(self, ids: np.ndarray) -> np.ndarray:
        """The gloss table's vectors of these words."""
        return self._table.vectors(ids)

    @cached_property
    def _table(self) -> WordVectors:
        from tools.retrieval.gloss import GlossEmbedder

        return GlossEmbedder()

    def _one(self, text: str) -> np.ndarray:
        import numpy as np

        with self._lock:
            if text in self._known:
                self._known.move_to_end(text)
                return self._known[text]
        if time.monotonic() < self._quiet_until:
            return np.zeros(self.dims, dtype=np.float32)
        try:
            embedder = self._embedder
            row = embedder.embed_query(text) if isinstance(embedder, QueryEmbedder) else embedder.embed([text])[0]
        except FinaleError as error:
            logger.warning("searching without vectors: %s", error.message("en"))
            self._quiet_until = time.monotonic() + _QUIET_S
            self.trouble = error
            return np.zeros(self.dims, dtype=np.float32)
        self.trouble = None
        with self._lock:
            self._known[text] = row
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return row


def for_questions(embedder: Embedder) -> Embedder:
    """What embeds questions where `embedder` embeds passages: the embedder itself where it knows single words (it is a
    table then, which neither fails nor costs anything)."""
    return embedder if isinstance(embedder, WordVectors) else Asking(embedder)


def prefixes(model: str) -> tuple[str, str]:
    """What a model by this name wants in front of a question and of a passage."""
    return ("query: ", "passage: ") if _E5.search(model) else ("", "")


def measured_floor(embed: Embedder) -> float:
    """The cosine under which nine in ten pairs of unrelated sentences lie, 0..0.95. Embeds twelve sentences."""
    import numpy as np

    rows = embed.embed(_UNRELATED)
    cosines = (rows @ rows.T)[np.triu_indices(len(rows), 1)]
    return float(np.clip(np.quantile(cosines, _FLOOR_SHARE), 0.0, 0.95))


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    """`vectors` as float32 with rows of length 1; a row without length (or with no finite one) gets a fixed direction."""
    import numpy as np

    rows = np.array(vectors, dtype=np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    lost = ~np.isfinite(lengths[:, 0]) | (lengths[:, 0] == 0)
    rows[lost] = 0.0
    rows[lost, 0] = 1.0
    lengths[lost] = 1.0
    return rows / lengths
