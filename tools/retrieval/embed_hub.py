"""A sentence-transformers model from the hub, or from a folder: better vectors for whoever has it, a download and torch.

Whatever is loaded is loaded at one revision, which is part of what the index is stamped with. Only safetensors are read,
and no code that comes with a model is run.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tools.retrieval.embed import measured_floor, prefixes, unit_rows
from tools.retrieval.errors import EmbedderUnavailable

if TYPE_CHECKING:
    import numpy as np
    from sentence_transformers import SentenceTransformer

__all__ = ["DEFAULT_MODEL", "HubEmbedder"]

logger = logging.getLogger(__name__)

DEFAULT_MODEL = "hotchpotch/bekko-embedding-v1-a25m"
# The revision its author registered with the MTEB benchmark (pull request 5043 there, July 2026): no prefixes, 384 dims.
# Another model is taken at its newest revision when it is first loaded, and then stays at that one.
_PINNED = {DEFAULT_MODEL: "aede922b27c1751d091b1e26c86dc82446a46cb4"}
_LOOK_UP_S = 5.0
_FILES = ["*.json", "*.safetensors", "*.txt", "*.model"]
# The same weights for other runtimes, which nobody here reads.
_NOT_FILES = ["onnx/*", "openvino/*", "coreml/*", "gguf/*"]


class HubEmbedder:
    """A loaded model. Safe for many threads, which take turns."""

    batch = 64

    def __init__(self, model: SentenceTransformer, name: str, revision: str) -> None:
        self.name = f"hub:{name}"
        self.revision = revision
        self._model = model
        self._prefixes = prefixes(name)
        self._turn = threading.Lock()
        self.dims = 0
        self.floor = measured_floor(self)

    @classmethod
    def load(cls, spec: str = "") -> HubEmbedder:
        """The model of `spec`: "<model>[@<revision>]", a folder, or "" for the default one.

        What was downloaded before is used without asking the hub.

        Raises:
            EmbedderUnavailable: sentence-transformers is missing, the hub does not give the model, or it does not load.
        """
        # Set before the libraries read them: a hub that does not answer must not hold up a search for minutes.
        for name, value in {
            "HF_HUB_ETAG_TIMEOUT": "5",
            "HF_HUB_DOWNLOAD_TIMEOUT": "15",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "TOKENIZERS_PARALLELISM": "false",
            "OMP_WAIT_POLICY": "PASSIVE",
        }.items():
            os.environ.setdefault(name, value)
        name, _, revision = (spec or DEFAULT_MODEL).partition("@")
        try:
            import sentence_transformers
            from transformers.utils.logging import disable_progress_bar
        except ImportError as error:
            package = error.name or "sentence-transformers"
            raise EmbedderUnavailable("embedder_package_missing", model=name, package=package) from error
        disable_progress_bar()
        folder, revision = _found(name, revision)
        try:
            model = sentence_transformers.SentenceTransformer(
                str(folder), local_files_only=True, trust_remote_code=False, model_kwargs={"use_safetensors": True}
            )
            return cls(model, Path(name).name if Path(name).is_dir() else name, revision)
        except (OSError, ValueError, RuntimeError, TypeError, KeyError, AttributeError, ImportError) as error:
            # Whatever a stranger's files make the loader raise.
            raise EmbedderUnavailable("embedder_broken", model=name, why=_said(error)) from error

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """(len(texts), dims) float32, rows of length 1.

        Raises:
            EmbedderUnavailable: the model failed (no memory left, a broken device).
        """
        return self._embed(self._prefixes[1], texts, "document")

    def embed_query(self, text: str) -> np.ndarray:
        """(dims,) float32 of length 1; raises what `embed` does."""
        return self._embed(self._prefixes[0], [text], "query")[0]

    def _embed(self, prefix: str, texts: Sequence[str], role: str) -> np.ndarray:
        import numpy as np

        if not texts:
            return np.zeros((0, self.dims), dtype=np.float32)
        plain = [prefix + text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        # A model may bring prompts of its own; a prefix known here takes their place.
        encode = self._model.encode_query if role == "query" else self._model.encode_document
        encode = self._model.encode if prefix else encode
        try:
            with self._turn:
                rows = encode(plain, batch_size=32, show_progress_bar=False, convert_to_numpy=True)
        except RuntimeError as error:
            raise EmbedderUnavailable("embedder_broken", model=self.name, why=_said(error)) from error
        self.dims = rows.shape[1]
        return unit_rows(rows)


def _found(name: str, revision: str) -> tuple[Path, str]:
    """The folder of a model's files, and the revision they are of.

    Raises:
        EmbedderUnavailable: they are neither here nor to be had.
    """
    local = Path(name).expanduser()
    if local.is_dir():
        return local, revision or _digest(local)
    import httpx2
    import huggingface_hub
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    wanted = revision or _PINNED.get(name)
    patterns = {"allow_patterns": _FILES, "ignore_patterns": _NOT_FILES}
    try:
        try:
            folder = huggingface_hub.snapshot_download(name, revision=wanted, local_files_only=True, **patterns)
        except LocalEntryNotFoundError:
            # Asked first, with a limit: a download tries again for minutes where there is no network.
            huggingface_hub.HfApi().model_info(name, revision=wanted, timeout=_LOOK_UP_S)
            logger.info("downloading the embedding model %s", name)
            folder = huggingface_hub.snapshot_download(name, revision=wanted, **patterns)
    except (OSError, httpx2.HTTPError, HFValidationError, ValueError) as error:
        raise EmbedderUnavailable("embedder_unreachable", model=name, why=_said(error)) from error
    # The hub keeps each revision in a folder of that name.
    return Path(folder), Path(folder).name


def _digest(folder: Path) -> str:
    """A name for the contents of `folder`: the same files give the same one on every machine."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in (".json", ".safetensors", ".txt", ".model"):
            whole.update(path.relative_to(folder).as_posix().encode())
            with path.open("rb") as file:
                whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()[:12]


def _said(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
