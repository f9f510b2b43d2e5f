"""Colours as #rrggbb: mixed, darkened, judged dark or light."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["dark", "darker", "lighter", "luminance", "mix", "nearness"]


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


@lru_cache(maxsize=4096)
def mix(one: str, other: str, share: float) -> str:
    """`one` with `share` (0 to 1) of `other` in it."""
    pairs = zip(_rgb(one), _rgb(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def darker(colour: str, share: float) -> str:
    return mix(colour, "#2a1a18", share)


def lighter(colour: str, share: float) -> str:
    return mix(colour, "#ffffff", share)


@lru_cache(maxsize=4096)
def luminance(colour: str) -> float:
    """0 black to 1 white, as the eye weighs it (Rec. 709)."""
    r, g, b = _rgb(colour)
    return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255


def dark(colour: str) -> bool:
    return luminance(colour) < 0.38


def nearness(one: str, other: str) -> float:
    """How alike two colours are whatever their brightness: 1 for shades of one hue, 0 for opposites; greys are near greys alone."""
    first, second = ([value - sum(_rgb(colour)) / 3 for value in _rgb(colour)] for colour in (one, other))
    lengths = [sum(value * value for value in side) ** 0.5 for side in (first, second)]
    if min(lengths) < 12:
        return float(max(lengths) < 12)
    return (sum(a * b for a, b in zip(first, second, strict=True)) / (lengths[0] * lengths[1]) + 1) / 2
