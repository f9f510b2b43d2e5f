"""Cutting a section into passages: at paragraphs, else at sentence ends, never inside a sentence that fits.

Length is counted in weight: a Chinese character is 1, a word of an alphabet about 2, so that one pair of bounds holds
for 250-450 Chinese characters and for 120-220 English words.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

__all__ = ["LONGEST", "SHORTEST", "cut", "weight"]

SHORTEST, LONGEST = 250, 450

_CJK = "\u2e80-\u2fdf\u3040-\u30ff\u3100-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]{{1,48}}|[^\w\s]|_")
# What a cut costs by where it falls: between paragraphs, lines, sentences, clauses, words; anywhere.
_PARAGRAPH, _LINE, _SENTENCE, _CLAUSE, _WORD, _ANYWHERE = 0.0, 0.15, 0.4, 1.5, 2.5, 4.0
_CLOSERS = "」』”’）)】》〉\"'"
_SENTENCES = re.compile(
    rf"(?P<gap>\n[^\S\n]*\n\s*)|(?P<line>\n\s*)|(?:[。！？!?…]+|(?<!\b(?:e\.g|i\.e))(?<!\b(?:Dr|Mr|Ms|vs|No|St))"
    rf"(?<!\b(?:Mrs|Fig))\.(?=[{_CLOSERS}]*\s+[^a-z\s]))[{_CLOSERS}]*[^\S\n]*"
)
_FINER = ((re.compile(r"[，、；：,;:]+[^\S\n]*"), _CLAUSE), (re.compile(r"\s+"), _WORD))
# Units lighter than this go with what follows them: a short line is mostly the head of the next one.
_TINY = 20


def weight(text: str) -> float:
    """How much `text` holds: see the module."""
    return sum(_weigh(token[0]) for token in _TOKEN.finditer(text))


def cut(text: str) -> list[tuple[int, int]]:
    """Spans of `text` that together hold all of its words in order, each `SHORTEST` to `LONGEST` heavy where possible.

    A span is lighter only when the text leaves no choice. No span overlaps another, and none starts or ends in space.
    """
    scale = _Scale(text)
    whole = _trimmed(text, 0, len(text))
    if scale.between(*whole) <= LONGEST:
        return [whole] if whole[0] < whole[1] else []
    units = _joined(_units(scale), scale)
    return [span for span in (_trimmed(text, *span) for span in _packed(units, scale)) if span[0] < span[1]]


@dataclass(frozen=True)
class _Unit:
    """A piece that stays whole, and what it costs to cut after it."""

    start: int
    end: int
    cost: float


class _Scale:
    """The weight of any span of a text, without weighing it again."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _starts(self) -> list[int]:
        return [token.start() for token in _TOKEN.finditer(self.text)]

    @cached_property
    def _sums(self) -> list[float]:
        return list(accumulate((_weigh(token[0]) for token in _TOKEN.finditer(self.text)), initial=0.0))

    def between(self, start: int, end: int) -> float:
        return self._sums[bisect_left(self._starts, end)] - self._sums[bisect_left(self._starts, start)]

    def position(self, start: int, heaviness: float) -> int:
        """The end of the longest span from `start` that is at most this heavy and holds at least one token."""
        first = bisect_left(self._starts, start)
        last = bisect_left(self._sums, self._sums[first] + heaviness + 1e-9)
        last = max(last - 1, first + 1)
        return self._starts[last] if last < len(self._starts) else len(self.text)


def _weigh(token: str) -> float:
    if len(token) == 1:
        return 1.0 if token.isalnum() and token > "\u2e7f" else 2.0 if token.isalnum() else 0.5
    return max(2.0, len(token) / 6)  # a long run of letters (a key, a picture as text) is no single word


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def _units(scale: _Scale) -> list[_Unit]:
    """Sentences; the parts of one that is too long by itself."""
    units, start = [], 0
    for end, cost in [*_ends(scale.text), (len(scale.text), _PARAGRAPH)]:
        if end > start:
            units += _fitted(scale, start, end, cost)
            start = end
    return units


def _ends(text: str) -> list[tuple[int, float]]:
    """Where sentences, lines and paragraphs end, and what a cut there costs; of two ends in one place the stronger."""
    found: list[tuple[int, float]] = []
    for match in _SENTENCES.finditer(text):
        if (match["gap"] or match["line"]) and found and found[-1][0] == match.start():
            found.pop()
        found.append((match.end(), _PARAGRAPH if match["gap"] else _LINE if match["line"] else _SENTENCE))
    return found


def _fitted(
    scale: _Scale, start: int, end: int, cost: float, ways: tuple[tuple[re.Pattern[str], float], ...] = _FINER
) -> list[_Unit]:
    """One unit, or several where the span is heavier than a passage may be: by clauses, else words, else anywhere."""
    if scale.between(start, end) <= LONGEST:
        return [_Unit(start, end, cost)]
    if not ways:
        return _hard(scale, _Unit(start, end, cost))
    (pattern, price), *rest = ways
    units = []
    inner = [(match.end(), price) for match in pattern.finditer(scale.text, start, end) if match.end() < end]
    for stop, paid in [*inner, (end, cost)]:
        units += _fitted(scale, start, stop, paid, tuple(rest))
        start = stop
    return units


def _hard(scale: _Scale, unit: _Unit) -> list[_Unit]:
    """Cut wherever the weight says: there is nothing else to go by."""
    pieces, start = [], unit.start
    while scale.between(start, unit.end) > LONGEST:
        end = scale.position(start, LONGEST * 0.8)
        if end >= unit.end:
            break
        pieces.append(_Unit(start, end, _ANYWHERE))
        start = end
    return [*pieces, _Unit(start, unit.end, unit.cost)]


def _joined(units: list[_Unit], scale: _Scale) -> list[_Unit]:
    """Tiny units go with the next one, which also bounds how many a passage can hold."""
    joined: list[_Unit] = []
    start: int | None = None
    for unit in units:
        start = unit.start if start is None else start
        if scale.between(start, unit.end) >= _TINY:
            joined.append(_Unit(start, unit.end, unit.cost))
            start = None
    if start is not None:
        joined.append(_Unit(start, units[-1].end, units[-1].cost))
    return joined


def _packed(units: list[_Unit], scale: _Scale) -> list[tuple[int, int]]:
    """The cheapest way to put `units` into passages, found from the front (dynamic programming)."""
    heavy = [scale.between(unit.start, unit.end) for unit in units]
    best: list[tuple[float, int]] = [(0.0, 0)]  # for the first n units: the cost, and where the last passage starts
    for last, unit in enumerate(units):
        held, found = 0.0, (float("inf"), last)
        for first in range(last, -1, -1):
            held += heavy[first]
            if held > LONGEST and first < last:
                break
            found = min(found, (best[first][0] + unit.cost + _unfit(held), first))
        best.append(found)
    spans, end = [], len(units)
    while end:
        start = best[end][1]
        spans.append((units[start].start, units[end - 1].end))
        end = start
    return spans[::-1]


def _unfit(held: float) -> float:
    """What a passage of this weight costs: each one a little, a light one the more the lighter it is."""
    return 0.1 + (4 * ((SHORTEST - held) / SHORTEST) ** 2 if held < SHORTEST else 0.0)
