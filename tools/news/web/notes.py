"""What a person should know about a fetch although nothing failed: a wait, a wish that was kept only in part."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.words import Lang, Words

__all__ = ["Note"]

_WORDS = Path(__file__).with_name("messages.yaml")


@dataclass(frozen=True)
class Note:
    """One line for a person, by its key in messages.yaml and what fills it."""

    key: str
    params: dict[str, Any] = field(default_factory=dict)

    def message(self, lang: Lang = "zh") -> str:
        return Words.load(_WORDS).say(self.key, lang, **self.params)
