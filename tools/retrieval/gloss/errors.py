"""Why the gloss table could not be read or built.

RetrievalError
└── GlossError     the table's files are missing or damaged, or what builds them is not installed
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from tools.retrieval.errors import RetrievalError

__all__ = ["GlossError"]


class GlossError(RetrievalError):
    """Raised when the table's data files are missing or damaged, or cannot be built here."""

    code = "gloss_damaged"
    words_file: ClassVar[Path] = Path(__file__).with_name("messages.yaml")
