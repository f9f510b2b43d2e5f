"""Charts as rows of a page: a name, a small SVG that is as wide as there is room, a number. No script, no picture, no colour of
their own: classes only. Places are percentages, so that dots stay round and letters keep their size at every width."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

__all__ = ["Axis", "Row", "bars", "linear", "logarithmic", "strengths", "strips"]

_MOST_DOTS = 160  # more than these only make a blot; the quartiles say the rest
_EDGE = 1.5  # percent left free at both ends, so that nothing is cut off
_TIMES = tuple(step * 10**power for power in range(-2, 4) for step in (1, 2, 5))


@dataclass(frozen=True)
class Axis:
    """From numbers to percent of the width, with the ticks (number, label) to draw."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    log: bool = False

    def at(self, value: float) -> float:
        low, high, value = (
            (math.log(self.low), math.log(self.high), math.log(max(value, self.low)))
            if self.log
            else (self.low, self.high, value)
        )
        share = (value - low) / (high - low) if high > low else 0.5
        return _EDGE + (100 - 2 * _EDGE) * min(max(share, 0.0), 1.0)


@dataclass(frozen=True)
class Row:
    """One line of a chart. `value` with `low` and `high` around it, `dots` single observations, `said` the number in words; no
    `value` is no data."""

    name: str
    said: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    dots: Sequence[float] = field(default_factory=tuple)
    note: str = ""


def logarithmic(values: Sequence[float], unit: str = "s") -> Axis | None:
    """An axis of times from a step of 1, 2, 5 below all values to one above; None without values above 0."""
    there = [value for value in values if value > 0]
    if not there:
        return None
    low = max([step for step in _TIMES if step <= min(there)] or [_TIMES[0]])
    high = min([step for step in _TIMES if step >= max(there)] or [_TIMES[-1]])
    if low == high:
        low = max([step for step in _TIMES if step < high] or [high / 2])
    inner = [step for step in _TIMES if low <= step <= high]
    shown = inner if len(inner) <= 7 else [step for step in inner if f"{step:g}".strip("0.") == "1"]
    return Axis(low, high, tuple((step, f"{step:g} {unit}") for step in shown), log=True)


def linear(low: float, high: float, *, unit: str = "", percent: bool = False, signed: bool = False) -> Axis:
    """An axis with three to six round ticks; its ends are those of the data, rounded outwards to a tick."""
    width = (high - low) or 1.0
    rough = width / 4
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * each for each in (1, 2, 2.5, 5, 10) if power * each >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    places = [each * step for each in range(first, max(last, first + 1) + 1)]
    return Axis(places[0], places[-1], tuple((each, _label(each, unit, percent, signed)) for each in places))


def strips(rows: Sequence[Row], axis: Axis) -> Markup:
    """A dot for each observation, a bar for the middle half, a line at the median."""
    return _chart(rows, axis, _strip)


def bars(rows: Sequence[Row], axis: Axis, *, tone: str = "good") -> Markup:
    """A bar from 0 to the value with its interval. `tone`: a class of the page, "good" or "bad"."""
    return _chart(rows, axis, lambda row, axis: _bar(row, axis, tone))


def strengths(rows: Sequence[Row], axis: Axis) -> Markup:
    """A dot with its interval, and a line at 0."""
    return _chart(rows, axis, _dot)


def _chart(rows: Sequence[Row], axis: Axis, draw: Callable[[Row, Axis], Markup]) -> Markup:
    lines = [
        Markup('<div class="row"><span class="name">{}</span>{}<span class="said">{}{}</span></div>').format(
            row.name,
            Markup('<svg class="plot" height="26" role="img" aria-label="{}">{}{}</svg>').format(
                f"{row.name} {row.said}", _grid(axis), draw(row, axis) if row.value is not None else Markup("")
            ),
            row.said,
            Markup('<span class="note">{}</span>').format(row.note) if row.note else "",
        )
        for row in rows
    ]
    return Markup('<div class="chart">{}{}</div>').format(Markup("").join(lines), _scale(axis))


def _grid(axis: Axis) -> Markup:
    return Markup("").join(
        Markup('<line class="grid" x1="{0}" x2="{0}" y1="0" y2="26"/>').format(_percent(axis.at(value)))
        for value, _ in axis.ticks
    )


def _scale(axis: Axis) -> Markup:
    """The labels under the ticks; those at the ends are turned inwards so that they are not cut off."""
    labels = Markup("")
    for value, label in axis.ticks:
        anchor = {axis.low: "start", axis.high: "end"}.get(value, "middle")
        labels += Markup('<text x="{}" y="13" text-anchor="{}">{}</text>').format(
            _percent(axis.at(value)), anchor, label
        )
    svg = Markup('<svg class="plot scale" height="18" aria-hidden="true">{}</svg>').format(labels)
    return Markup('<div class="row axis"><span class="name"></span>{}<span class="said"></span></div>').format(svg)


def _strip(row: Row, axis: Axis) -> Markup:
    dots = list(row.dots)
    if len(dots) > _MOST_DOTS:
        dots = sorted(dots)[:: math.ceil(len(dots) / _MOST_DOTS)]
    drawn = Markup("").join(
        Markup('<circle class="dot" cx="{}" cy="13" r="3.2"/>').format(_percent(axis.at(dot))) for dot in dots
    )
    return _span(row, axis, "half", 8, 10) + drawn + _mark(row, axis)


def _bar(row: Row, axis: Axis, tone: str) -> Markup:
    start, end = axis.at(0), axis.at(row.value or 0)
    bar = Markup('<rect class="bar {}" x="{}" width="{}" y="7" height="12" rx="2"/>').format(
        tone, _percent(start), _percent(max(end - start, 0))
    )
    return bar + _whisker(row, axis)


def _dot(row: Row, axis: Axis) -> Markup:
    zero = Markup('<line class="zero" x1="{0}" x2="{0}" y1="0" y2="26"/>').format(_percent(axis.at(0)))
    dot = Markup('<circle class="point" cx="{}" cy="13" r="5"/>').format(_percent(axis.at(row.value or 0)))
    return zero + _whisker(row, axis) + dot


def _whisker(row: Row, axis: Axis) -> Markup:
    if row.low is None or row.high is None:
        return Markup("")
    ends = Markup("").join(
        Markup('<line class="whisker" x1="{0}" x2="{0}" y1="9" y2="17"/>').format(_percent(axis.at(end)))
        for end in (row.low, row.high)
    )
    return ends + Markup('<line class="whisker" x1="{}" x2="{}" y1="13" y2="13"/>').format(
        _percent(axis.at(row.low)), _percent(axis.at(row.high))
    )


def _span(row: Row, axis: Axis, name: str, y: int, height: int) -> Markup:
    if row.low is None or row.high is None:
        return Markup("")
    start, end = axis.at(row.low), axis.at(row.high)
    return Markup('<rect class="{}" x="{}" width="{}" y="{}" height="{}" rx="3"/>').format(
        name, _percent(start), _percent(max(end - start, 0.4)), y, height
    )


def _mark(row: Row, axis: Axis) -> Markup:
    at = _percent(axis.at(row.value or 0))
    return Markup('<line class="median" x1="{0}" x2="{0}" y1="4" y2="22"/>').format(at)


def _percent(value: float) -> str:
    return f"{value:.2f}%"


def _label(value: float, unit: str, percent: bool, signed: bool) -> str:
    if percent:
        return f"{100 * value:.0f}%"
    number = "0" if abs(value) < 1e-9 else f"{value:+g}" if signed else f"{value:g}"
    return f"{number} {unit}".strip().replace("-", "\N{MINUS SIGN}")
