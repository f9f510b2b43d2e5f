"""What can be wrong with a shop's files and folders.

BadInput
├── NoSuchFile       a shop or product file cannot be read, or is no text
├── BadShop          a shop file has a mistake: in which line, in which field, and what
└── BadProducts      a product file holds no product that can be used
AgentError
└── FolderTaken      a file that Finale did not write stands where one would be written
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from agents.errors import AgentError, BadInput
from tools.words import Lang, Words

__all__ = ["WORDS", "BadProducts", "BadShop", "FolderTaken", "NoSuchFile"]

WORDS = Path(__file__).with_name("messages.yaml")


class NoSuchFile(BadInput):
    """Raised when a shop or product file cannot be read, is too large, or is no text."""

    code = "no_file"
    words_file: ClassVar[Path] = WORDS


class BadShop(BadInput):
    """Raised when a shop file has a mistake; `kind` is pydantic's name of it, `said` its words where we have none of our own."""

    code = "bad_shop"
    words_file: ClassVar[Path] = WORDS

    def __init__(self, *, file: str, field: str, kind: str, said: str = "", line: int = 0, allowed: str = "") -> None:
        super().__init__(None, file=file, field=field, line=line, kind=kind, said=said, allowed=allowed)

    def message(self, lang: Lang = "zh") -> str:
        words, params = Words.load(WORDS), self.params
        kind = params["kind"]
        own = f"wrong_{kind}"
        why = words.say(own, lang, allowed=params["allowed"]) if words.has(own) else params["said"]
        where = words.say("in_line", lang, line=params["line"]) if params["line"] else ""
        return words.say(self.key, lang, file=params["file"], where=where, field=params["field"], why=why)


class BadProducts(BadInput):
    """Raised when a product file holds nothing to write about; `key` says what is wrong."""

    code = "no_products"
    words_file: ClassVar[Path] = WORDS

    def __init__(self, code: str | None = None, **params: Any) -> None:
        super().__init__(code, **{"file": "", "line": "", "detail": "", **params})

    def message(self, lang: Lang = "zh") -> str:
        words, detail = Words.load(WORDS), self.params["detail"]
        if isinstance(detail, tuple):  # why the first row cannot be used: a key and its parameters
            detail = words.say(detail[0], lang, **detail[1])
        return words.say(self.key, lang, **{**self.params, "detail": detail})


class FolderTaken(AgentError):
    """Raised when a file that Finale did not write stands where one would be written."""

    code = "folder_taken"
    words_file: ClassVar[Path] = WORDS
