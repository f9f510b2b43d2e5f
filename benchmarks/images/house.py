"""The house artist and the packs: milliseconds a sticker, seconds a pack of twenty-four, seconds to export one.

All of them of the processor, so that what else the machine does counts for nothing.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from tools.images.artist import expressions, styles, subjects
from tools.images.backend import HouseBackend
from tools.images.packs import PLAIN, Sticker, make_pack
from tools.images.recipe import Recipe, encode

__all__ = ["Drawn", "Exported", "draw_pack", "draw_stickers", "export"]


@dataclass(frozen=True)
class Drawn:
    """Milliseconds of a sticker in one style: drawn (SVG and pixels), and written as a PNG with its recipe."""

    style: str
    drawn: float
    slowest: float
    written: float


@dataclass(frozen=True)
class Exported:
    """Seconds to make a platform's pack, checked and zipped, and how many problems its validator named."""

    platform: str
    stickers: int
    seconds: float
    problems: int
    written: bool


def draw_stickers(count: int, style: str) -> Drawn:
    """`count` stickers of 512 px of different subjects and expressions, each with a caption."""
    artist, drawn, written = HouseBackend(), [], []
    for n in range(count + 1):
        recipe = _recipe(n, style, subjects()[(n * 7) % len(subjects())].id)
        began = time.process_time()
        painting = artist.paint(recipe, on_stage=lambda _: None, cancelled=lambda: False)
        between = time.process_time()
        encode(painting.picture, "PNG", made="drawn", recipe=painting.recipe)
        drawn.append(1000 * (between - began))
        written.append(1000 * (time.process_time() - between))
    steady = slice(1, None)  # the first one reads the artist's data and the font
    return Drawn(style, statistics.median(drawn[steady]), max(drawn[steady]), statistics.median(written[steady]))


def draw_pack(folder: Path, count: int = 24) -> tuple[float, list[Path]]:
    """(seconds, files): one character in `count` scenes, drawn and written."""
    artist, paths = HouseBackend(), []
    began = time.process_time()
    for n in range(count):
        painting = artist.paint(_recipe(n, "kawaii", "shiba"), on_stage=lambda _: None, cancelled=lambda: False)
        path = folder / f"{n + 1:02}.png"
        path.write_bytes(encode(painting.picture, "PNG", made="drawn", recipe=painting.recipe))
        paths.append(path)
    return time.process_time() - began, paths


def export(paths: list[Path], platform: str, folder: Path) -> Exported:
    """A platform's pack of stickers that are drawn already."""
    began = time.process_time()
    pack = make_pack([Sticker(path) for path in paths], platform, folder, finish=PLAIN, made="drawn")
    seconds = time.process_time() - began
    return Exported(platform, len(paths), seconds, len(pack.problems), pack.path is not None)


def style_names() -> list[str]:
    """Every style of the artist."""
    return [style.id for style in styles()]


def kilobytes(paths: list[Path]) -> float:
    """The middle size of the files."""
    return statistics.median(path.stat().st_size for path in paths) / 1024


def _recipe(n: int, style: str, subject: str) -> Recipe:
    face = expressions()[n % len(expressions())]
    character = {"subject": subject, "palette": {}, "accessories": [], "style": style, "seed": 7}
    scene = {"expression": face.id, "pose": "", "props": [], "caption": face.captions[0]}
    return Recipe(prompt="shiba", seed=7, sheet={"character": character, "scene": scene})
