"""Checks that the inputs of several agents share. They raise BadInput with the words a person reads."""

from __future__ import annotations

import unicodedata
from typing import Any

from agents.errors import AgentError, BadInput
from tools.errors import FinaleError
from tools.words import Lang, Words

__all__ = ["Refused", "optional_text", "text_input"]

_FIELDS = {
    "topic": {"zh": "主題", "en": "topic"},
    "theme": {"zh": "主題", "en": "theme"},
    "question": {"zh": "問題", "en": "question"},
    "word": {"zh": "詞", "en": "word"},
    "paste": {"zh": "貼上的文章", "en": "pasted text"},
    "note": {"zh": "備忘", "en": "note"},
}


class _FieldError(BadInput):
    """Raised with a field's name, which is said in the language of the message."""

    def message(self, lang: str = "zh") -> str:
        params = {**self.params, "field": _FIELDS[self.params["field"]][lang]}
        return Words.load(AgentError.words_file).say(self.key, lang, **params)


class Refused(BadInput):
    """An input that a tool refuses; the tool's own line is the message, in whichever language it is read."""

    def __init__(self, why: FinaleError) -> None:
        super().__init__(what=why.message("zh"))
        self._why = why

    def message(self, lang: Lang = "zh") -> str:
        return self._why.message(lang)


def text_input(field: str, value: Any, limit: int) -> str:
    """`value` as stripped text without control characters (line breaks and tabs stay).

    Raises:
        BadInput: it is no text, empty, or longer than `limit` characters.
    """
    if not isinstance(value, str):
        raise _FieldError("unexpected", field=field, why=type(value).__name__)
    text = "".join(c for c in value if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")).strip()
    if not text:
        raise _FieldError("empty", field=field)
    if len(text) > limit:
        raise _FieldError("too_long", field=field, length=f"{len(text):,}", limit=f"{limit:,}")
    return text


def optional_text(field: str, value: Any, limit: int) -> str:
    """Like `text_input`, but nothing is an answer too: ""."""
    return "" if isinstance(value, str) and not value.strip() else text_input(field, value, limit)
