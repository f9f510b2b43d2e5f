"""The words of a report, and how names, checks and times are written in it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from tools.compare.checks import CHECK_KINDS
from tools.compare.model import OFFLINE
from tools.words import Lang, Words

__all__ = ["Sayer", "day"]

_WORDS = Path(__file__).with_name("messages.yaml")


class Sayer:
    """The report's words in one language."""

    def __init__(self, lang: Lang) -> None:
        self.lang: Lang = lang
        self._words = Words.load(_WORDS)

    def __call__(self, key: str, **params: object) -> str:
        return self._words.say(key, self.lang, **params)

    def model(self, name: str) -> str:
        """A model as it is called on the page."""
        return self("offline_name") if name == OFFLINE else name

    def check(self, label: str) -> str:
        """A check as it is called on the page: by its own name, or its kind in words."""
        kind, _, asked = label.partition(": ")
        if kind not in CHECK_KINDS:
            return label
        return self(f"check_{kind}") + (f" {asked}" if asked else "")

    def seconds(self, n: float) -> str:
        """A time to a tenth; what is less is not called nothing."""
        return self("seconds", n=f"{n:.1f}" if n >= 0.05 else "<0.1")


def day(made: str) -> str:
    """An ISO date as people here write it; what is none stays as it is."""
    try:
        return datetime.fromisoformat(made).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return made
