"""What follows a crisis card while its reader is still there: fixed words again, until something else is plainly asked.

The crisis message itself is stored nowhere, so only whoever shows the card knows of it, for as long as it is shown. What is
said here goes to no model and no store either. Doubts are resolved towards the hotlines: one gentle line too many costs little.
"""

from __future__ import annotations

import functools
import re

from pydantic import BaseModel, ConfigDict

from agents.counselor.asking import points_back
from agents.counselor.gate import CrisisKind, screen
from agents.counselor.gate_data import HotlineFile, Lines, load
from tools.words import Lang

__all__ = ["after_reply", "crisis_kind", "hotline_line", "hotline_numbers", "something_else"]

_KINDS = (CrisisKind.SELF, CrisisKind.OTHER, CrisisKind.VIOLENCE)
_PLACE = re.compile(r"\{(?P<number>[\d-]+)(?P<purpose>:for)?\}")


class _AfterFile(BaseModel):
    """after.yaml: texts by kind, the quiet line, and the patterns that tell another subject."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    replies: dict[CrisisKind, Lines]
    line: dict[Lang, str]
    asks: str
    subjects: str
    people: str
    pain: str


def crisis_kind(message: str) -> CrisisKind | None:
    """The kind of a message that the gate answers with a card, None for any other."""
    kind = screen(message).kind
    return kind if kind in _KINDS else None


def something_else(message: str) -> bool:
    """Whether a message after a crisis card is plainly about something else.

    It must be a question, without a word of pain, that does not point back, and be about a subject of everyday (a résumé,
    a type) or about nobody at all (the weather).
    """
    asks, subjects, people, pain = _patterns()
    if screen(message).kind is not CrisisKind.NONE or points_back(message):
        return False
    if pain.search(message) or not asks.search(message):
        return False
    return bool(subjects.search(message)) or not people.search(message)


def after_reply(kind: CrisisKind, lang: Lang) -> str:
    """The fixed text after a card of `kind`, one thought a line, hotlines filled in."""
    return "\n".join(_filled(line, lang) for line in getattr(_after().replies[kind], lang))


def hotline_line(lang: Lang) -> str:
    """One quiet line of hotlines."""
    return _filled(_after().line[lang], lang)


@functools.cache
def hotline_numbers() -> tuple[str, ...]:
    """Every number of taiwan.yaml, longest first, for whoever makes them numbers to press."""
    return tuple(sorted((line.number for line in _hotlines().entries), key=len, reverse=True))


def _filled(line: str, lang: Lang) -> str:
    known = {entry.number: entry for entry in _hotlines().entries}
    shape, colon = ("{} {}", "：") if lang == "zh" else ("{} ({})", ": ")

    def fill(place: re.Match[str]) -> str:
        entry = known[place["number"]]
        name, purpose = (entry.name_zh, entry.for_zh) if lang == "zh" else (entry.name_en, entry.for_en)
        return shape.format(entry.number, name) + (colon + purpose if place["purpose"] else "")

    return _PLACE.sub(fill, line)


@functools.cache
def _after() -> _AfterFile:
    return _AfterFile.model_validate(load("after.yaml"))


@functools.cache
def _hotlines() -> HotlineFile:
    return HotlineFile.model_validate(load("taiwan.yaml"))


@functools.cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    data = _after()
    return tuple(re.compile(pattern, re.I) for pattern in (data.asks, data.subjects, data.people, data.pain))
