"""What can be wrong with a wish or with the data that serves it.

PromptError
├── WishEmpty        nothing to draw is said
├── WishTooLong      the wish is longer than a wish may be
├── BadPromptData    the lexicon, the token table or the opposites break their format
└── WildcardUnknown  a wildcard has no list, or lists call each other without end
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from tools.errors import FinaleError

__all__ = ["BadPromptData", "PromptError", "WildcardUnknown", "WishEmpty", "WishTooLong"]


class PromptError(FinaleError):
    """Raised for anything wrong with a wish or a prompt; see the subclasses."""

    code: ClassVar[str] = "prompt"
    words_file: ClassVar[Path] = Path(__file__).with_name("messages.yaml")


class WishEmpty(PromptError):
    """Raised when a wish says nothing that could be drawn."""

    code: ClassVar[str] = "wish_empty"


class WishTooLong(PromptError):
    """Raised when a wish has more characters than a wish may have."""

    code: ClassVar[str] = "wish_too_long"


class BadPromptData(PromptError):
    """Raised when a data file of the prompt room is missing or breaks its format."""

    code: ClassVar[str] = "bad_prompt_data"


class WildcardUnknown(PromptError):
    """Raised when a wildcard names no list, an empty one, or lists that call each other without end."""

    code: ClassVar[str] = "wildcard_unknown"
