"""What a rig draws on: shapes in order, coloured and outlined as the style says, with one silhouette for the white border."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tools.images.artist import paths
from tools.images.artist.colour import dark, darker, lighter, luminance, mix
from tools.images.artist.paths import Matrix, Path

if TYPE_CHECKING:
    from tools.images.artist.model import Style

__all__ = ["Canvas"]

_SAME: Matrix = (1, 0, 0, 1, 0, 0)


@dataclass(slots=True)
class _Shape:
    path: Path
    fill: str | None
    stroke: str | None
    width: float
    outer: bool
    opacity: float
    clip: int | None
    cap: str


class Canvas:
    """Collects the shapes of one picture. Coordinates given are local to the current place (`at`)."""

    def __init__(self, style: Style, ink: str) -> None:
        self.style = style
        self.ink = ink
        self._matrix: Matrix = _SAME
        self._clip: int | None = None
        self._clips: list[Path] = []
        self._shapes: list[_Shape] = []

    # ------------------------------------------------------------------ where
    @contextmanager
    def at(
        self, x: float = 0, y: float = 0, *, turn: float = 0, sx: float = 1, sy: float | None = None
    ) -> Iterator[None]:
        """Draw moved to (x, y), turned by `turn` degrees, scaled; sx = -1 mirrors."""
        before = self._matrix
        sy = abs(sx) if sy is None else sy
        cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        self._matrix = paths.multiply(before, (cos * sx, sin * sx, -sin * sy, cos * sy, x, y))
        try:
            yield
        finally:
            self._matrix = before

    @contextmanager
    def inside(self, path: Path) -> Iterator[None]:
        """Draw only within `path`; what is drawn there adds nothing to the silhouette."""
        before = self._clip
        moved = paths.moved(path, self._matrix)
        if not self._clips or self._clips[-1] != moved:
            self._clips.append(moved)
        self._clip = len(self._clips) - 1
        try:
            yield
        finally:
            self._clip = before

    def _scale(self) -> float:
        a, b, c, d, _, _ = self._matrix
        return math.sqrt(abs(a * d - b * c))

    # ----------------------------------------------------------------- colours
    def tone(self, fill: str) -> str:
        """`fill` as the style shows it."""
        if self.style.fill == "pale":
            return mix(lighter(fill, 0.3 if not dark(fill) else 0.18), "#ffe9f0", 0.12)
        if self.style.fill == "white":
            return lighter(fill, 0.06) if luminance(fill) < 0.34 else lighter(fill, 0.8)
        if self.style.fill == "vivid":
            return mix(fill, "#fff3d6", 0.12)
        if self.style.outline == "none" and luminance(fill) > 0.94:
            return mix(fill, "#c9bcc8", 0.24)  # a white rabbit is seen on its white rim
        return fill

    def edge(self, fill: str) -> str | None:
        """The outline of a shape filled with `fill`, or None where the style has none."""
        if self.style.outline == "none":
            return None
        return darker(self.tone(fill), 0.5) if self.style.outline == "tinted" else self.ink

    def back(self, fill: str) -> str:
        """`fill` a shade darker where no outline tells what lies behind."""
        if self.style.outline != "none":
            return fill
        return darker(fill, 0.3 if dark(fill) else 0.09)

    # ------------------------------------------------------------------ shapes
    def shape(
        self,
        path: Path,
        fill: str,
        *,
        outline: bool = True,
        width: float | None = None,
        outer: bool = True,
        keep: bool = False,
        opacity: float = 1,
    ) -> None:
        """A filled shape. `keep` leaves the colour as it is in every style; `width` is that of the outline."""
        stroke = self.edge(fill) if outline else None
        self._add(path, fill if keep else self.tone(fill), stroke, width or self.style.width, outer, opacity)

    def line(self, path: Path, colour: str | None = None, width: float = 6, *, outer: bool = False) -> None:
        self._add(path, None, colour or self.ink, width, outer, 1)

    def outline(self, path: Path, fill: str) -> None:
        """The outline alone, over what was drawn inside."""
        if stroke := self.edge(fill):
            self._add(path, None, stroke, self.style.width, True, 1)

    def shade(self, path: Path, dx: float = -10, dy: float = -13) -> None:
        """A soft shadow along the lower right inside of `path`."""
        if not self.style.shade:
            return
        lit = paths.moved(path, (1, 0, 0, 1, dx, dy))
        left, top, right, bottom = paths.bounds([path, lit])  # no larger: the renderer makes a layer of this size
        with self.inside(path):
            self._add(
                (*paths.rect(left - 1, top - 1, right - left + 2, bottom - top + 2), *lit),
                "#5a2a3a",
                None,
                0,
                False,
                self.style.shade,
            )

    def limb(self, path: Path, width: float, fill: str, *, open_start: bool = True) -> None:
        """A thick soft line with an outline: an arm, a tail. Its start stays open, so that it grows out of the body."""
        edge = self.edge(fill)
        if edge:
            self._add(path, None, edge, width + 2 * self.style.width, True, 1)
            tone = self.tone(fill)
        else:
            tone = self.tone(lighter(fill, 0.1) if dark(fill) else darker(fill, 0.07))
        if open_start and edge:
            path = _longer(path, self.style.width + 4)
        self._add(path, None, tone, width, True, 1)

    def _add(
        self,
        path: Path,
        fill: str | None,
        stroke: str | None,
        width: float,
        outer: bool,
        opacity: float,
        cap: str = "round",
    ) -> None:
        outer = outer and self._clip is None
        moved = paths.moved(path, self._matrix)
        self._shapes.append(_Shape(moved, fill, stroke, width * self._scale(), outer, opacity, self._clip, cap))

    def absorb(self, other: Canvas, matrix: Matrix) -> None:
        """All that `other` holds, moved by `matrix`, on top of what is here."""
        first = len(self._clips)
        self._clips += [paths.moved(clip, matrix) for clip in other._clips]
        scale = math.sqrt(abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]))
        for shape in other._shapes:
            clip = None if shape.clip is None else shape.clip + first
            moved = paths.moved(shape.path, matrix)
            self._shapes.append(replace(shape, path=moved, width=shape.width * scale, clip=clip))

    # ---------------------------------------------------------------- measures
    def bounds(self) -> tuple[float, float, float, float]:
        """(left, top, right, bottom) of all that counts for the silhouette, strokes included."""
        boxes = []
        for shape in self._shapes:
            if shape.outer:
                left, top, right, bottom = paths.bounds([shape.path])
                half = shape.width / 2 if shape.stroke else 0
                boxes.append((left - half, top - half, right + half, bottom + half))
        if not boxes:
            return (0, 0, 0, 0)
        lefts, tops, rights, bottoms = zip(*boxes, strict=True)
        return (min(lefts), min(tops), max(rights), max(bottoms))

    # ------------------------------------------------------------------- output
    def svg(self, matrix: Matrix = _SAME, border: float = 0, prefix: str = "c") -> str:
        """The picture as SVG elements, moved by `matrix`; `border` is the white rim around it, in final units."""
        scale = math.sqrt(abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]))
        out = []
        for i, clip in enumerate(self._clips):
            if any(shape.clip == i for shape in self._shapes):
                d = paths.written(paths.moved(clip, matrix))
                out.append(f'<clipPath id="{prefix}{i}"><path d="{d}"/></clipPath>')
        written = [(shape, paths.written(paths.moved(shape.path, matrix))) for shape in self._shapes]
        if border:
            out.append('<g fill="#fff" stroke="#fff" stroke-linejoin="round" stroke-linecap="round">')
            for shape, d in written:
                if shape.outer:
                    stroke = (shape.width * scale if shape.stroke else 0) + 2 * border
                    fill = "" if shape.fill else ' fill="none"'
                    out.append(f'<path d="{d}" stroke-width="{stroke:.1f}"{fill}/>')
            out.append("</g>")
        out.append('<g fill-rule="evenodd" stroke-linejoin="round" stroke-linecap="round">')
        clip: int | None = None
        for shape, d in written:
            if shape.clip != clip:  # one group for all that is drawn inside the same place: each costs a layer
                out.append("</g>" if clip is not None else "")
                out.append(f'<g clip-path="url(#{prefix}{shape.clip})">' if shape.clip is not None else "")
                clip = shape.clip
            extra = f' stroke="{shape.stroke}" stroke-width="{shape.width * scale:.1f}"' if shape.stroke else ""
            if shape.opacity < 1:
                extra += f' fill-opacity="{shape.opacity:.2f}"'
            out.append(f'<path d="{d}" fill="{shape.fill or "none"}"{extra}/>')
        out.append("</g>" if clip is not None else "")
        out.append("</g>")
        return "".join(out)


def _longer(path: Path, by: float) -> Path:
    """The path with its start drawn out backwards by `by`."""
    (_, (x, y)), (_, after), *_ = path
    dx, dy = x - after[0], y - after[1]
    length = math.hypot(dx, dy) or 1
    return (("M", (x + dx / length * by, y + dy / length * by)), ("L", (x, y)), *path[1:])
