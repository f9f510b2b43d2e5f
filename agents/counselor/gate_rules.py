"""The crisis gate's signals, folded and compiled: patterns, concepts that count only together, and who is spoken of."""

from __future__ import annotations

import functools
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import Literal

from agents.counselor.gate_data import Level, Lines, Together, signals
from agents.counselor.gate_text import BREAK, CJK, table

__all__ = ["STRUCK", "Rules", "Span", "audible", "rules", "strike", "together"]

Lang = Literal["zh", "en"]
Span = tuple[int, int]

STRUCK = "\x1e"  # fills the place of what was found, so that offsets stay
UNLESS = 36  # characters around concepts found together in which another concept can undo them
CHOICES = 6  # how many places of one concept are tried on either side of another

_LATIN = re.compile("[a-z]")
_UNIT = re.compile(f"[{CJK}]|[^\\W_{CJK}]+")


class Rules:
    """The signal file, folded and compiled."""

    def __init__(self) -> None:
        data = signals()
        self._macros = data.macros
        self.groups: list[tuple[str, Level, dict[Lang, re.Pattern[str]], tuple[Together, ...]]] = [
            (group.id, group.level, self._sides(group), group.together) for group in data.groups
        ]
        self.concepts = {name: re.compile(self._body(part)) for name, part in data.concepts.items()}
        self.risk = frozenset(data.risk)
        self.idioms = {name: self._sides(part) for name, part in data.idioms.items()}
        self.grammar = {name: re.compile(self._body(part)) for name, part in data.grammar.items()}
        people = (f"(?P<{name}>{self._body(part)})" for name, part in data.subjects.items())
        self.subjects = re.compile("|".join(people))

    def people(self, text: str) -> list[re.Match[str]]:
        """Who is named in `text` as someone who does something; `lastgroup` is the Person."""
        return [found for found in self.subjects.finditer(text) if found.lastgroup != "object"]

    def topics(self, text: str) -> list[str]:
        """Names of the concepts that stand in `text`, in the file's order."""
        return [name for name, pattern in self.concepts.items() if pattern.search(text)]

    def side(self, lines: tuple[str, ...], latin: bool = False) -> str:
        """Lines of one language as one folded pattern, macros filled in; "" for none."""
        pattern = "|".join(lines)
        while (wider := re.sub(r"<([A-Z]+)>", lambda name: self._macros[name[1]], pattern)) != pattern:
            pattern = wider
        return f"(?<![a-z0-9])(?:{pattern})(?![a-z0-9])" if latin and pattern else pattern.translate(table())

    def _body(self, part: Lines) -> str:
        return "|".join(f"(?:{side})" for side in (self.side(part.zh), self.side(part.en, latin=True)) if side)

    def _sides(self, part: Lines) -> dict[Lang, re.Pattern[str]]:
        sides: dict[Lang, str] = {"zh": self.side(part.zh), "en": self.side(part.en, latin=True)}
        return {lang: re.compile(side) for lang, side in sides.items() if side}


rules = functools.cache(Rules)


def strike(sides: dict[Lang, re.Pattern[str]], text: str) -> tuple[str, list[Span]]:
    """`text` with every match blanked at equal length, and where the matches stood."""
    spans: list[Span] = []

    def blank(found: re.Match[str]) -> str:
        spans.append(found.span())
        return STRUCK * len(found[0])

    for lang, pattern in sides.items():
        if lang == "zh" or _LATIN.search(text):
            text = pattern.sub(blank, text)
    return text, spans


def audible(key: str) -> str:
    """A folded text without its harmless idioms, as the learned model hears it."""
    return strike(rules().idioms["neutral"], key.replace(BREAK, ""))[0]


def together(text: str) -> Callable[[tuple[Together, ...]], Iterator[Span]]:
    """What finds, in `text`, where all concepts of a rule stand side by side: from the first one's start to the last one's end."""
    concepts = rules().concepts
    places: dict[str, list[Span]] = {}
    units: list[int] = []

    def at(name: str) -> list[Span]:
        if name not in places:
            places[name] = [found.span() for found in concepts[name].finditer(text)]
        return places[name]

    def apart(spans: list[Span]) -> int:
        """How many characters or words lie between `spans`."""
        if not units:
            ends = [found.end() for found in _UNIT.finditer(text)]
            units.extend(bisect_left(ends, place) for place in range(len(text) + 1))
        whole = units[spans[-1][1]] - units[spans[0][0]]
        return whole - sum(units[end] - units[start] for start, end in spans)

    def joined(rule: Together, anchor: str, span: Span) -> Span | None:
        chosen = [span]
        for name in rule.all:
            if name == anchor:
                continue
            near = _nearest(at(name), chosen)
            if near is None:
                return None
            chosen = sorted([*chosen, near])
        start, end = chosen[0][0], chosen[-1][1]
        if apart(chosen) > rule.within or (not rule.across and "\n" in text[start:end]):
            return None
        around = slice(max(0, start - UNLESS), end + UNLESS)
        return None if any(concepts[name].search(text[around]) for name in rule.unless) else (start, end)

    def find(found: tuple[Together, ...]) -> Iterator[Span]:
        for rule in found:
            if all(map(at, rule.all)):
                anchor = min(rule.all, key=lambda name: len(at(name)))
                yield from (whole for span in at(anchor) if (whole := joined(rule, anchor, span)))

    return find


def _nearest(places: list[Span], chosen: list[Span]) -> Span | None:
    """The place nearest to `chosen` (in order) that overlaps none of it."""
    low, high = chosen[0][0], chosen[-1][1]
    here = bisect_left(places, (low, low))
    best: tuple[int, Span] | None = None
    for start, end in places[max(0, here - CHOICES) : bisect_left(places, (high, high)) + CHOICES]:
        if all(end <= taken[0] or taken[1] <= start for taken in chosen):
            gap = max(low - end, start - high, 0)
            if best is None or gap < best[0]:
                best = gap, (start, end)
    return best[1] if best else None
