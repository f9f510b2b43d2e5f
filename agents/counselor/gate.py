"""The crisis gate: what the counselor checks before any model sees the text, and the fixed words it answers with.

Deterministic and local: no network, no store, and nothing of the text is kept (a `Screening` never holds its words).
Phone numbers, texts, reading rules and learned weights are data under `rag_data/hotlines/`.

1. The text is folded to a key in which script, case, spacing and disguise no longer matter (gate_text.py).
2. The key's pieces are weighed by a table learned from labelled messages (gate_score.py): as a whole, and, as one sentence
   of many is easily drowned, a long one also sentence by sentence.
   Missing a person is worse than one gentle line too many, so the thresholds lean that way.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Literal

from agents.counselor.gate_data import CrisisKind, HotlineFile, Lines, ReplyFile, load
from agents.counselor.gate_score import Odds, likeness, windows
from agents.counselor.gate_text import BREAK, fold, passages

__all__ = ["CrisisKind", "HotlineFile", "ReplyFile", "Screening", "fold", "reply", "screen"]

Lang = Literal["zh", "en"]

BUDGET = 15_000  # characters of surroundings of alarm words read at most; a text with more is CHECK at the least

# Odds from which a text is raised, chosen on writers the table had not learned from.
ALARMED = 0.36
AMONG_MANY = 0.65  # one sentence of many: the more are heard, the likelier one of them sounds alarming by chance
LENGTHY = 240  # characters above which the whole says little about its parts, and only they are weighed
UNEASY = 0.4

_ALARM = (CrisisKind.SELF, CrisisKind.OTHER, CrisisKind.VIOLENCE)
_RANK = (CrisisKind.NONE, CrisisKind.CHECK, CrisisKind.OTHER, CrisisKind.VIOLENCE, CrisisKind.SELF)


@dataclass(frozen=True)
class Screening:
    """A verdict. `matched` says what spoke for it: the whole, one of its sentences, or that there was too much to read."""

    kind: CrisisKind
    matched: tuple[Literal["whole", "sentence", "too_much"], ...] = ()


def screen(text: str) -> Screening:
    """What `text` asks for. Never raises on any string; "" is NONE.

    Up to LONG characters are read in full, which takes a few microseconds each. Of a longer text, the surroundings of
    alarm words are read, up to BUDGET characters; where there are more, the verdict is CHECK at the least.
    """
    worst, read = Screening(CrisisKind.NONE), 0
    for passage in passages(text):
        read += len(passage)
        if read > BUDGET:
            return _worse(worst, Screening(CrisisKind.CHECK, ("too_much",)))
        worst = _worse(worst, _heard(fold(passage).replace(BREAK, "")))
        if worst.kind is CrisisKind.SELF:
            break
    return worst


def _worse(one: Screening, two: Screening) -> Screening:
    return max(one, two, key=lambda screening: _RANK.index(screening.kind))


def _heard(key: str) -> Screening:
    """What one folded passage asks for."""
    worst = Screening(CrisisKind.NONE)
    if not key.strip("\n, "):
        return worst
    if len(key) <= LENGTHY:
        odds = likeness(key)
        if odds["alarm"] >= ALARMED:
            return Screening(_about(odds), ("whole",))
        if odds["uneasy"] >= UNEASY:
            worst = Screening(CrisisKind.CHECK, ("whole",))
    for window in windows(key):
        odds = likeness(window)
        if odds["alarm"] >= AMONG_MANY:
            worst = _worse(worst, Screening(_about(odds), ("sentence",)))
    return worst


def _about(odds: Odds) -> CrisisKind:
    return max(_ALARM, key=lambda kind: odds[kind.value])


@functools.cache
def reply(kind: CrisisKind, lang: Lang) -> str:
    """The fixed text for `kind`, one thought per line, hotlines filled in; "" for NONE.

    Raises KeyError when a text names a number that taiwan.yaml lacks (a test keeps this from shipping).
    """
    if kind is CrisisKind.NONE:
        return ""
    hotlines = {line.number: line for line in HotlineFile.model_validate(load("taiwan.yaml")).entries}
    shape, colon = ("{} {}", "：") if lang == "zh" else ("{} ({})", ": ")

    def fill(mark: re.Match[str]) -> str:
        line = hotlines[mark["number"]]
        name, purpose = (line.name_zh, line.for_zh) if lang == "zh" else (line.name_en, line.for_en)
        return shape.format(line.number, name) + (colon + purpose if mark["purpose"] else "")

    text: Lines = ReplyFile.model_validate(load("replies.yaml")).root[kind]
    return re.sub(r"\{(?P<number>[\d-]+)(?P<purpose>:for)?\}", fill, "\n".join(getattr(text, lang)))
