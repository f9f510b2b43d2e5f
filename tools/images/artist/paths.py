"""Paths as data: absolute points that can be moved, measured and written as SVG. Units are those of a 512 x 512 picture."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache

__all__ = [
    "Matrix",
    "Path",
    "Point",
    "arc",
    "bounds",
    "ellipse",
    "heart",
    "mirrored",
    "moved",
    "multiply",
    "parse",
    "polygon",
    "rect",
    "smooth",
    "star",
    "symmetric",
    "written",
]

Point = tuple[float, float]
Path = tuple[tuple[str, tuple[float, ...]], ...]  # (M | L | Q | C | Z, absolute coordinates)
Matrix = tuple[float, float, float, float, float, float]  # a b c d e f, as in SVG

_ROUND = 0.5523  # the handle that makes a cubic a quarter circle
_ARGS = {"M": 2, "L": 2, "Q": 4, "C": 6, "Z": 0}


@lru_cache(maxsize=4096)
def parse(d: str) -> Path:
    """The path written in `d`: M, L, Q, C and Z with absolute coordinates, nothing else.

    Raises:
        ValueError: another command, or coordinates missing.
    """
    for command in _ARGS:
        d = d.replace(command, f" {command} ")
    tokens = d.replace(",", " ").split()
    found: list[tuple[str, tuple[float, ...]]] = []
    at = 0
    while at < len(tokens):
        command = tokens[at]
        if command not in _ARGS:
            raise ValueError(f"path: {command!r} is not one of M L Q C Z with absolute coordinates")
        at += 1
        need = _ARGS[command]
        if not need:
            found.append((command, ()))
            continue
        first = True
        while first or (at < len(tokens) and tokens[at] not in _ARGS):
            values = tuple(float(token) for token in tokens[at : at + need])
            if len(values) < need:
                raise ValueError(f"path: {command} lacks coordinates")
            found.append(("L" if command == "M" and not first else command, values))
            at += need
            first = False
    return tuple(found)


def moved(path: Path, matrix: Matrix) -> Path:
    a, b, c, d, e, f = matrix
    return tuple(
        (
            command,
            tuple(
                value
                for x, y in zip(points[::2], points[1::2], strict=True)
                for value in (a * x + c * y + e, b * x + d * y + f)
            ),
        )
        for command, points in path
    )


def multiply(m: Matrix, n: Matrix) -> Matrix:
    """The matrix that first does `n`, then `m`."""
    a, b, c, d, e, f = m
    g, h, i, j, k, o = n
    return (a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * o + e, b * k + d * o + f)


def mirrored(path: Path) -> Path:
    """The path on the other side of x = 0."""
    return moved(path, (-1, 0, 0, 1, 0, 0))


def bounds(paths: Iterable[Path]) -> tuple[float, float, float, float]:
    """(left, top, right, bottom) of all points, handles too: never smaller than the drawing."""
    xs: list[float] = []
    ys: list[float] = []
    for path in paths:
        for _, points in path:
            xs.extend(points[::2])
            ys.extend(points[1::2])
    return (min(xs), min(ys), max(xs), max(ys)) if xs else (0, 0, 0, 0)


def written(path: Path) -> str:
    return "".join(command + " ".join(f"{value:.1f}" for value in points) for command, points in path)


@lru_cache(maxsize=4096)
def ellipse(cx: float, cy: float, rx: float, ry: float) -> Path:
    kx, ky = rx * _ROUND, ry * _ROUND
    return (
        ("M", (cx - rx, cy)),
        ("C", (cx - rx, cy - ky, cx - kx, cy - ry, cx, cy - ry)),
        ("C", (cx + kx, cy - ry, cx + rx, cy - ky, cx + rx, cy)),
        ("C", (cx + rx, cy + ky, cx + kx, cy + ry, cx, cy + ry)),
        ("C", (cx - kx, cy + ry, cx - rx, cy + ky, cx - rx, cy)),
        ("Z", ()),
    )


def rect(x: float, y: float, w: float, h: float, r: float = 0) -> Path:
    r = min(r, w / 2, h / 2)
    k = r * (1 - _ROUND)
    right, bottom = x + w, y + h
    return (
        ("M", (x + r, y)),
        ("L", (right - r, y)),
        ("C", (right - k, y, right, y + k, right, y + r)),
        ("L", (right, bottom - r)),
        ("C", (right, bottom - k, right - k, bottom, right - r, bottom)),
        ("L", (x + r, bottom)),
        ("C", (x + k, bottom, x, bottom - k, x, bottom - r)),
        ("L", (x, y + r)),
        ("C", (x, y + k, x + k, y, x + r, y)),
        ("Z", ()),
    )


def polygon(points: Sequence[Sequence[float]], round_by: float = 0) -> Path:
    """A closed polygon whose corners are cut by curves that start `round_by` before them."""
    if not round_by:
        return (("M", tuple(points[0])), *(("L", tuple(point)) for point in points[1:]), ("Z", ()))
    found: list[tuple[str, tuple[float, ...]]] = []
    for i, (x, y) in enumerate(points):
        ends = []
        for px, py in (points[i - 1], points[(i + 1) % len(points)]):
            length = math.hypot(px - x, py - y) or 1
            share = min(round_by, length / 2) / length
            ends.append((x + (px - x) * share, y + (py - y) * share))
        found.append(("M" if i == 0 else "L", ends[0]))
        found.append(("Q", (x, y, *ends[1])))
    return (*found, ("Z", ()))


def smooth(points: Sequence[Sequence[float]], closed: bool = True) -> Path:
    """A soft line through all points (Catmull-Rom as cubics)."""
    n = len(points)
    found: list[tuple[str, tuple[float, ...]]] = [("M", (points[0][0], points[0][1]))]
    for i in range(n if closed else n - 1):
        if closed:
            p0, p1, p2, p3 = (points[(i + k) % n] for k in (-1, 0, 1, 2))
        else:
            p0, p1, p2, p3 = (points[min(max(i + k, 0), n - 1)] for k in (-1, 0, 1, 2))
        found.append(
            (
                "C",
                (
                    p1[0] + (p2[0] - p0[0]) / 6,
                    p1[1] + (p2[1] - p0[1]) / 6,
                    p2[0] - (p3[0] - p1[0]) / 6,
                    p2[1] - (p3[1] - p1[1]) / 6,
                    p2[0],
                    p2[1],
                ),
            )
        )
    return (*found, ("Z", ())) if closed else tuple(found)


def symmetric(points: Sequence[Sequence[float]]) -> Path:
    """A closed soft shape from its right half, given from top to bottom; a point on x = 0 is not doubled."""
    left = [(-x, y) for x, y in reversed(points) if abs(x) > 0.5]
    return smooth([*[(x, y) for x, y in points], *left])


def arc(cx: float, cy: float, rx: float, ry: float) -> Path:
    """An open bow from left to right; a positive `ry` hangs down (a smile), a negative one stands up."""
    return (("M", (cx - rx, cy)), ("C", (cx - rx * 0.55, cy + ry * 1.33, cx + rx * 0.55, cy + ry * 1.33, cx + rx, cy)))


@lru_cache(maxsize=512)
def star(cx: float, cy: float, r: float, points: int = 5, inner: float = 0.5) -> Path:
    corners = []
    for i in range(points * 2):
        radius = r * (inner if i % 2 else 1)
        angle = math.pi * i / points - math.pi / 2
        corners.append((cx + radius * math.cos(angle), cy + radius * math.sin(angle)))
    return polygon(corners, r * 0.18)


@lru_cache(maxsize=512)
def heart(cx: float, cy: float, r: float) -> Path:
    return moved(
        parse(
            "M0 0.95 C-0.5 0.55 -1.05 0.15 -1.05 -0.35 C-1.05 -1 -0.25 -1.05 0 -0.45 C0.25 -1.05 1.05 -1 1.05 -0.35 C1.05 0.15 0.5 0.55 0 0.95 Z"
        ),
        (r, 0, 0, r, cx, cy),
    )
