"""One `Knowledge` a process: the index on disk has one owner, so threads share it instead of opening it again."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from tools.errors import FinaleError
from tools.retrieval.search import Knowledge

__all__ = ["shared_knowledge"]

logger = logging.getLogger(__name__)

_shared: dict[Path, Knowledge] = {}
_lock = threading.Lock()


def shared_knowledge(home: Path) -> Knowledge:
    """The one `Knowledge` of this process for `home`, opened on first use; nobody closes it.

    Edited knowledge files are taken in at the next call; while they break the format, what was read before stays in use.

    Raises:
        KnowledgeMissing, BadDocument: on first use, as `Knowledge.open`.
    """
    key = home.resolve()
    with _lock:
        if key not in _shared:
            _shared[key] = Knowledge.open(key)
            return _shared[key]
        knowledge = _shared[key]
    try:
        knowledge.refresh()
    except FinaleError as error:
        logger.warning("edited knowledge files were not taken in: %s", error.message("en"))
    return knowledge
