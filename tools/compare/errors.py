"""Why prompts, checks or a report could not be used.

CompareError              a family name: never raised itself
├── BadPrompts            a file of prompts cannot be read as such at all; single rows are problems, not errors
├── BadCheck              a check could never work
├── BadReport             a file is no report of a comparison
└── ReportNotWritten      a report's folder cannot be written
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from tools.compare.model import Said
from tools.errors import FinaleError
from tools.words import Words

__all__ = ["BadCheck", "BadPrompts", "BadReport", "CompareError", "ReportNotWritten", "said"]

WORDS = Path(__file__).with_name("messages.yaml")


def said(key: str, **params: Any) -> Said:
    """The line `key` of this room's words, in both languages."""
    words = Words.load(WORDS)
    return {"zh": words.say(key, "zh", **params), "en": words.say(key, "en", **params)}


class CompareError(FinaleError):
    """Raised, as one of the classes below, for what a comparison cannot work with."""

    code = "compare_failed"
    words_file: ClassVar[Path] = WORDS


class BadPrompts(CompareError):
    """Raised when a source of prompts is unreadable, too large, or holds no prompt; the key says which."""

    code = "prompts_unreadable"


class BadCheck(CompareError):
    """Raised when a check is unknown, lacks its value, or could never be told; the key says which."""

    code = "check_unknown"


class BadReport(CompareError):
    """Raised when a file that should be a comparison's JSON is none."""

    code = "report_unreadable"


class ReportNotWritten(CompareError):
    """Raised when a report's folder cannot be made or written."""

    code = "report_not_written"
