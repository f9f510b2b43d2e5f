"""One `Knowledge` a process: the index on disk has one owner, so threads share it instead of opening it again."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from pathlib import Path

from tools.errors import FinaleError
from tools.retrieval.embedders import choose_embedder
from tools.retrieval.search import Knowledge, Progress
from tools.settings import Settings

__all__ = ["shared_knowledge"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Open:
    wish: tuple[str, ...]
    knowledge: Knowledge


_shared: dict[Path, _Open] = {}
_lock = threading.Lock()


def shared_knowledge(home: Path, on_progress: Progress | None = None) -> Knowledge:
    """The one `Knowledge` of this process for `home`, opened on first use with the embedder and the index that the
    settings name; nobody closes it. `on_progress(done, total)` counts passages where the index must be built first.

    Edited knowledge files are taken in at the next call; while they break the format, what was read before stays in use.
    Where the settings changed since, the knowledge is opened anew.

    Raises:
        KnowledgeMissing, BadDocument: on first use, as `Knowledge.open`.
    """
    key, settings = home.resolve(), Settings()
    wish = _wish(settings)
    with _lock:
        held = _shared.get(key)
        if held is None or held.wish != wish:
            if held:
                # Whoever still searches in it can: what is ranked stands in memory.
                held.knowledge.close()
            troubles: list[FinaleError] = []
            opened = Knowledge.open(
                key,
                embedder=choose_embedder(settings, key, troubles),
                url=settings.finale_chroma_url,
                on_progress=on_progress,
                troubles=troubles,
            )
            _shared[key] = _Open(wish, opened)
            return opened
    try:
        held.knowledge.refresh()
    except FinaleError as error:
        logger.warning("edited knowledge files were not taken in: %s", error.message("en"))
    return held.knowledge


def _wish(settings: Settings) -> tuple[str, ...]:
    """What of the settings decides how knowledge is opened; the key only as a digest."""
    import hashlib

    key = settings.embed_key.get_secret_value() if settings.embed_key else ""
    digest = hashlib.sha256(key.encode()).hexdigest()
    return settings.finale_embedder, settings.embed_url, digest, settings.finale_chroma_url
