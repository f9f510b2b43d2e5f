"""Captions as outlines: letters of the system's Chinese font, measured, broken into lines, set straight or on a bow.

The letters become paths here, so the picture needs no font later, fits exactly, and can hold no markup.
"""

from __future__ import annotations

import math
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from tools.images.artist import paths as p
from tools.images.artist.model import MOST_CAPTION, CaptionPlace, CaptionTooLong, FontMissing
from tools.images.artist.paths import Matrix
from tools.images.artist.paths import Path as Outline

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

__all__ = ["Set", "find_font", "set_caption"]

_NAMES = ("NotoSansCJK-Black", "NotoSansCJK-Bold", "NotoSansCJKtc-Bold", "NotoSansTC-Bold", "NotoSansCJK-Regular", "NotoSansCJKtc-Regular",
          "NotoSansTC", "msjhbd", "msjh", "PingFang", "SourceHanSansTC-Bold", "wqy-microhei")  # fmt: skip
_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/Library/Fonts",
    "/System/Library/Fonts",
    "~/Library/Fonts",
    "C:/Windows/Fonts",
)
_ALIKE = {"❤": "♥", "💕": "♥", "💖": "♥", "💗": "♥", "⭐": "★", "🌟": "★", "✨": "★", "🎵": "♪", "🎶": "♪", "~": "～"}
_NO_START = "，。！？、；：）」』～…!?,.;:)"
_MOST_LINES = 3


@cache
def find_font() -> Path:
    """The font for captions: the first known Chinese font of the system.

    Raises:
        FontMissing: there is none.
    """
    found: dict[str, Path] = {}
    for folder in _FOLDERS:
        root = Path(folder).expanduser()
        if root.is_dir():
            for path in root.rglob("*"):
                if path.suffix.lower() in (".ttc", ".otf", ".ttf"):
                    found.setdefault(path.stem.lower(), path)
    for name in _NAMES:
        for stem in sorted(found):
            if stem.startswith(name.lower()):
                return found[stem]
    raise FontMissing(
        how="apt install fonts-noto-cjk · brew install font-noto-sans-cjk-tc · https://fonts.google.com/noto"
    )


@cache
def _font() -> tuple[TTFont, dict[int, str], Any, float]:
    from fontTools.ttLib import TTCollection, TTFont

    path = find_font()
    if path.suffix.lower() == ".ttc":
        with TTCollection(path, lazy=True) as fonts:
            names = [font["name"].getDebugName(4) or "" for font in fonts.fonts]
        number = next((i for i, name in enumerate(names) if " TC" in name and "Mono" not in name), 0)
        font = TTFont(path, fontNumber=number, lazy=True)
    else:
        font = TTFont(path, lazy=True)
    return font, font.getBestCmap(), font.getGlyphSet(), 1 / font["head"].unitsPerEm


@lru_cache(maxsize=4096)
def _letter(letter: str) -> tuple[Outline, float] | None:
    """(outline with its foot on y = 0 and 1 unit an em, advance), or None where the font lacks the letter."""
    from fontTools.pens.recordingPen import DecomposingRecordingPen

    _, names, glyphs, unit = _font()
    if (name := names.get(ord(letter))) is None:
        return None
    pen = DecomposingRecordingPen(glyphs)
    glyphs[name].draw(pen)
    path: list[tuple[str, tuple[float, ...]]] = []
    for command, points in pen.value:
        flat = tuple(
            value * unit * sign for point in points if point for value, sign in zip(point, (1, -1), strict=True)
        )
        if command == "moveTo":
            path.append(("M", flat))
        elif command == "lineTo":
            path.append(("L", flat))
        elif command == "curveTo":
            path.append(("C", flat))
        elif command == "qCurveTo":
            path.extend(_quadratic(flat))
        else:
            path.append(("Z", ()))
    return tuple(path), glyphs[name].width * unit


def _quadratic(flat: tuple[float, ...]) -> list[tuple[str, tuple[float, ...]]]:
    """TrueType's run of off-curve points as single quadratic curves."""
    points = list(zip(flat[::2], flat[1::2], strict=True))
    found: list[tuple[str, tuple[float, ...]]] = []
    for i, off in enumerate(points[:-1]):
        last = i == len(points) - 2
        on = points[-1] if last else ((off[0] + points[i + 1][0]) / 2, (off[1] + points[i + 1][1]) / 2)
        found.append(("Q", (*off, *on)))
    return found


def _clean(text: str) -> str:
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    text = "".join(_ALIKE.get(letter, letter) for letter in text)
    return "".join(
        letter for letter in text if letter.isprintable() and unicodedata.category(letter) not in ("Mn", "Cf", "Co")
    )


def _lines(text: str, many: int) -> list[str]:
    """`text` in `many` lines as even as can be, cut at spaces where there are some, never before a closing sign."""
    lines: list[str] = []
    rest = text
    for left in range(many, 1, -1):
        if len(rest) < 2:
            break
        goal = round(len(rest) / left)
        cuts = [
            i
            for i in range(1, len(rest))
            if rest[i] not in _NO_START
            and not (rest[i - 1].isascii() and rest[i].isascii() and rest[i - 1].isalnum() and rest[i].isalnum())
        ]
        if not cuts:
            cuts = list(range(1, len(rest)))
        cut = min(
            cuts, key=lambda i: (abs(i - goal) - (1.5 if rest[i - 1] in _NO_START + " " or rest[i] == " " else 0), i)
        )
        lines.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    return [line for line in [*lines, rest] if line]


class Set:
    """A caption set in type: `letters` as outlines in picture units, and the height it takes."""

    def __init__(self, letters: list[Outline], size: float, place: CaptionPlace) -> None:
        self.letters = letters
        self.size = size
        self.place = place
        self.box = p.bounds(letters)

    def raised(self, by: float) -> Set:
        """The same `by` units higher."""
        return Set([p.moved(letter, (1, 0, 0, 1, 0, -by)) for letter in self.letters], self.size, self.place)

    def svg(self, fill: str, rim: str, border: float) -> str:
        """The letters: a white rim, a coloured rim, the letters themselves."""
        d = "".join(p.written(letter) for letter in self.letters)
        inner = max(3, self.size * 0.095) if rim.lower() != fill.lower() else 0
        out = f'<g stroke-linejoin="round"><path d="{d}" fill="#fff" stroke="#fff" stroke-width="{inner + max(2 * border, self.size * 0.22):.1f}"/>'
        if inner:
            out += f'<path d="{d}" fill="{rim}" stroke="{rim}" stroke-width="{inner:.1f}"/>'
        return out + f'<path d="{d}" fill="{fill}"/></g>'


def set_caption(text: str, place: CaptionPlace, side: float, border: float, seed: str) -> Set | None:
    """`text` set for a picture `side` wide; None where nothing of it can be written.

    Raises:
        CaptionTooLong: more than 60 characters.
        FontMissing: no Chinese font on this machine.
    """
    if len(text) > MOST_CAPTION:
        raise CaptionTooLong(count=len(text), most=MOST_CAPTION)
    text = "".join(letter for letter in _clean(text) if letter == " " or _letter(letter))
    if not text.strip():
        return None
    wide = side - 2 * (border + 16)
    count = len(text)
    best: tuple[float, list[str]] = (0, [text])
    for many in range(1, min(_MOST_LINES if place != "arch" else 1, count) + 1):
        lines = _lines(text, many)
        longest = max(_width(line) for line in lines)
        size = min(wide / longest * 0.94, {1: 88, 2: 56, 3: 42}[many])
        if size > best[0] * 1.12:
            best = (size, lines)
    size, lines = best
    chance = Random(f"caption|{seed}|{text}")
    letters = _bow(lines[0], size, side) if place == "arch" else _straight(lines, size, side, chance)
    left, top, right, bottom = p.bounds(letters)
    pad = border + 7 + size * 0.12
    scale = min(1.0, (side - 2 * pad) / max(right - left, 1))
    dx = side / 2 - scale * (left + right) / 2
    dy = pad - scale * top if place != "below" else side - pad - scale * bottom
    fit: Matrix = (scale, 0, 0, scale, dx, dy)
    return Set([p.moved(letter, fit) for letter in letters], size * scale, place)


def _width(line: str) -> float:
    return sum(0.3 if letter == " " else (_letter(letter) or ((), 1))[1] for letter in line) or 1


def _straight(lines: list[str], size: float, side: float, chance: Random) -> list[Outline]:
    """Lines with a little life: each letter is turned and lifted a bit."""
    letters = []
    lively = len(lines) == 1 and len(lines[0]) <= 8
    for row, line in enumerate(lines):
        x = (side - _width(line) * size) / 2
        for i, letter in enumerate(line):
            made = _letter(letter)
            if letter == " " or made is None:
                x += 0.3 * size
                continue
            turn, lift = (chance.uniform(-5, 5), (3 if i % 2 else -3) * size / 80) if lively else (0, 0)
            letters.append(_placed(made[0], x, row * size * 1.1 + lift, size, turn, made[1]))
            x += made[1] * size
    return letters


def _bow(line: str, size: float, side: float) -> list[Outline]:
    radius = side * 0.62
    total = _width(line) * size
    if total > radius * 2:  # more than the bow holds
        size, total = size * radius * 2 / total, radius * 2
    letters, along = [], -total / 2
    for letter in line:
        made = _letter(letter)
        step = (0.3 if letter == " " or made is None else made[1]) * size
        if made is not None and letter != " ":
            angle = (along + step / 2) / radius
            x, y = side / 2 + radius * math.sin(angle), radius - radius * math.cos(angle)
            turn = math.degrees(angle)
            half = step / 2
            letters.append(_placed(made[0], x - half * math.cos(angle), y - half * math.sin(angle), size, turn, 0))
        along += step
    return letters


def _placed(path: Outline, x: float, y: float, size: float, turn: float, advance: float) -> Outline:
    cos, sin = math.cos(math.radians(turn)) * size, math.sin(math.radians(turn)) * size
    middle = advance / 2
    return p.moved(path, (cos, sin, -sin, cos, x + middle * size - cos * middle, y - sin * middle))
