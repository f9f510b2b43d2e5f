"""Shapes said in data, drawn: the parts of things and props, the markings of animals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import lru_cache

from tools.images.artist import paths as p
from tools.images.artist.canvas import Canvas
from tools.images.artist.model import Part
from tools.images.artist.paths import Path

__all__ = ["draw_parts", "part_path"]


def part_path(part: Part) -> Path:
    """The path of a part, in its own units."""
    return _made(_Key(part))


class _Key:
    """Parts are frozen but hold lists: the cache goes by what they are, not by what they equal."""

    __slots__ = ("part",)

    def __init__(self, part: Part) -> None:
        self.part = part

    def __hash__(self) -> int:
        return id(self.part)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.part is self.part


def draw_parts(
    cv: Canvas,
    parts: Iterable[Part],
    palette: Mapping[str, str],
    within: Path | None = None,
    skip_outline: bool = False,
) -> None:
    """Draw `parts` from back to front; those said to be `within` stay inside the last base (or inside `within`)."""
    base = within
    for part in parts:
        path = _made(_Key(part))
        fill = palette.get(part.fill, part.fill)
        if not fill.startswith("#"):
            fill = "#ff00ff"  # seen at once; the tests keep names and palettes together
        for side in (1, -1) if part.mirror else (1,):
            shape = path if side == 1 else p.mirrored(path)
            if within is not None or (part.within and base is not None):
                with cv.inside(base if base is not None else shape):
                    _draw(cv, part, shape, fill, side, plain=True)
            else:
                _draw(cv, part, shape, fill, side, plain=skip_outline)
        if part.base:
            base = path
        if part.shade and base is not None:  # the shadow of the base, over all that was drawn inside it so far
            cv.shade(base)


def _draw(cv: Canvas, part: Part, path: Path, fill: str, side: int, plain: bool) -> None:
    if part.line is not None or part.curve is not None:
        ink = cv.ink if part.fill == "ink" else cv.tone(fill) if not part.keep else fill
        cv.line(path, ink, part.width, outer=part.outline and not plain)
    elif part.tube is not None:
        cv.limb(path, part.width, fill, open_start=False)
    else:
        cv.shape(
            path,
            fill,
            outline=part.outline and not plain,
            outer=not plain and part.outline,
            keep=part.keep,
            opacity=part.opacity,
        )


@lru_cache(maxsize=4096)
def _made(key: _Key) -> Path:
    part = key.part
    if part.path is not None or part.line is not None:
        path = p.parse(part.path or part.line or "")
    elif part.ellipse is not None:
        path = p.ellipse(*part.ellipse)
    elif part.rect is not None:
        path = p.rect(*part.rect)
    elif part.sym is not None:
        path = p.symmetric(part.sym)
    elif part.poly is not None:
        path = p.polygon(part.poly, part.round)
    elif part.star is not None:
        path = p.star(*part.star)
    elif part.heart is not None:
        path = p.heart(*part.heart)
    elif part.blob is not None:
        path = p.smooth(part.blob)
    else:
        path = p.smooth(part.curve or part.tube or [], closed=False)
    if not part.turn:
        return path
    left, top, right, bottom = p.bounds([path])
    x, y = (left + right) / 2, (top + bottom) / 2
    cos, sin = math.cos(math.radians(part.turn)), math.sin(math.radians(part.turn))
    return p.moved(path, (cos, sin, -sin, cos, x - cos * x + sin * y, y - sin * x - cos * y))
