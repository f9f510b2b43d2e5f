"""An embedding model behind an OpenAI-compatible server (Ollama, llama.cpp, vLLM, OpenRouter), through the gateway."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tools.retrieval.embed import measured_floor, prefixes, unit_rows
from tools.retrieval.errors import EmbedderUnavailable
from tools.settings import Settings

if TYPE_CHECKING:
    import numpy as np

    from tools.llm import Gateway, Purpose

__all__ = ["ApiEmbedder"]

logger = logging.getLogger(__name__)

# A search waits for its question's vector: a server that is slower than this is no help to it.
_FIRST_S = 20.0
_TOTAL_S = 60.0
# Servers refuse what is longer than their model reads (512 tokens with the smallest) instead of cutting it.
_LONGEST = 1_500
# So many different texts do not get one and the same vector from a model that reads them.
_ALIKE = 4


class ApiEmbedder:
    """The model `model` of one server. Safe for many threads.

    A server does not tell when its model changes under the same name, so `revision` only names the server.
    """

    batch = 128

    def __init__(self, gateway: Gateway, model: str, memo: Path) -> None:
        """Learn the model's length of vectors and its floor: from `memo`, else by one request.

        Raises:
            NoReply: the server says why it does not embed.
        """
        self.name = f"api:{model}"
        self.revision = hashlib.sha256(gateway.base_url.encode()).hexdigest()[:12]
        self._gateway = gateway
        self._model = model
        self._memo = memo
        self._prefixes = prefixes(model)
        self.dims, self.floor = _remembered(memo)
        if not self.dims:
            self.floor = measured_floor(self)
            _remember(memo, self.dims, self.floor)

    @classmethod
    def connect(cls, settings: Settings, model: str, home: Path) -> ApiEmbedder:
        """The embedder on the server that `settings` name.

        Raises:
            NoReply: the server says why it does not embed.
            StorageError: `home` cannot be written.
        """
        from tools.llm import Limits, open_embedding_gateway

        gateway = open_embedding_gateway(settings, Limits(first=_FIRST_S, total=_TOTAL_S))
        known_by = hashlib.sha256(f"{gateway.base_url}\n{model}".encode()).hexdigest()[:16]
        return cls(gateway, model, home / "cache" / f"embedder-{known_by}.json")

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """(len(texts), dims) float32, rows of length 1. Passages are background work: people who ask come first.

        Raises:
            NoReply: the server says why it does not embed.
            EmbedderUnavailable: its vectors have another length than before, or say nothing.
        """
        return self._embed(self._prefixes[1], texts, "background")

    def embed_query(self, text: str) -> np.ndarray:
        """(dims,) float32 of length 1; raises what `embed` does."""
        return self._embed(self._prefixes[0], [text], "interactive")[0]

    def _embed(self, prefix: str, texts: Sequence[str], purpose: Purpose) -> np.ndarray:
        import numpy as np

        if not texts:
            return np.zeros((0, self.dims), dtype=np.float32)
        asked = [prefix + text[:_LONGEST] for text in texts]
        rows = self._gateway.embed(asked, model=self._model, purpose=purpose)
        self.dims = self.dims or rows.shape[1]
        if rows.shape[1] != self.dims:
            self._memo.unlink(missing_ok=True)
            raise EmbedderUnavailable("embedder_changed", model=self._model, got=rows.shape[1], dims=self.dims)
        if not np.abs(rows).max(axis=1).all() or (len(set(asked)) >= _ALIKE and (rows == rows[0]).all()):
            raise EmbedderUnavailable("embedder_blank", model=self._model)
        return unit_rows(rows)


def _remembered(memo: Path) -> tuple[int, float]:
    """Length and floor as they were learnt before; zeros where they were not."""
    try:
        kept = json.loads(memo.read_text(encoding="utf-8"))
        dims, floor = int(kept["dims"]), float(kept["floor"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0, 0.0
    return (dims, floor) if 0 < dims < 100_000 and 0 <= floor < 1 else (0, 0.0)


def _remember(memo: Path, dims: int, floor: float) -> None:
    # It only saves a request at the next start: a disk that refuses costs that request.
    with contextlib.suppress(OSError):
        memo.parent.mkdir(parents=True, exist_ok=True)
        memo.write_text(json.dumps({"dims": dims, "floor": floor}), encoding="utf-8")
