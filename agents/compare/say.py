"""The words of this agent, and the errors that are told in them."""

from __future__ import annotations

from pathlib import Path

from agents.errors import BadInput
from tools.errors import FinaleError
from tools.words import Words

__all__ = ["Said", "Unusable", "words"]


def words() -> Words:
    """The lines of this agent."""
    return Words.load(Path(__file__).with_name("messages.yaml"))


class Unusable(BadInput):
    """Raised in place of a tool's error about what a person gave; it keeps that error's words."""

    def __init__(self, cause: FinaleError) -> None:
        super().__init__(what=str(cause))
        self._cause = cause

    def message(self, lang: str = "zh") -> str:
        return self._cause.message(lang)


class Said(BadInput):
    """Raised with a line of this agent's own words."""

    def message(self, lang: str = "zh") -> str:
        # A part that a tool says in both languages is said in the one that is asked for.
        params = {name: value[lang] if isinstance(value, dict) else value for name, value in self.params.items()}
        return words().say(self.key, lang, **params)
