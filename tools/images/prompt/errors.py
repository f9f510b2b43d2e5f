"""What can be wrong with a wish or with the data that serves it.

PromptError
├── WishEmpty        nothing to draw is said
├── WishTooLong      the wish is longer than a wish may be
├── WishRefused      the wish is for something that is not drawn here
├── BadPromptData    the lexicon, the token table or the opposites break their format
└── WildcardUnknown  a wildcard has no list, or lists call each other without end
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from tools.errors import FinaleError
from tools.words import Lang, Words

__all__ = ["BadPromptData", "PromptError", "WildcardUnknown", "WishEmpty", "WishRefused", "WishTooLong"]


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


class WishRefused(PromptError):
    """Raised when a wish is for what is not drawn: `why` and `instead` say it in both languages (`zh`, `en`)."""

    code: ClassVar[str] = "wish_refused"

    def message(self, lang: Lang = "zh") -> str:
        said = {name: getattr(self.params[name], lang) for name in ("why", "instead")}
        return Words.load(self.words_file).say(self.key, lang, **said)


class BadPromptData(PromptError):
    """Raised when a data file of the prompt room is missing or breaks its format."""

    code: ClassVar[str] = "bad_prompt_data"


class WildcardUnknown(PromptError):
    """Raised when a wildcard names no list, an empty one, or lists that call each other without end."""

    code: ClassVar[str] = "wildcard_unknown"
