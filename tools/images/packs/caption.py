"""Captions: text with an outline, as large as its place allows, on one line or two."""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tools.images.packs.errors import FontMissing

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

__all__ = ["MAX_CAPTION", "draw_caption", "find_font", "writable"]

# More than this is no caption any more: it could not be read at the size a chat shows.
MAX_CAPTION = 40
_INK, _OUTLINE = (46, 38, 34, 255), (255, 255, 255, 255)
_OUTLINE_SHARE = 0.13  # of the letters' size
_SMALLEST = 12
# By name, the best first: heavy faces read best in small pictures.
_FONTS = (
    *("NotoSansCJKtc-Black.otf", "NotoSansTC-Black.otf", "NotoSansCJK-Black.ttc", "NotoSansTC-Black.ttf"),
    *("NotoSansCJKtc-Bold.otf", "NotoSansTC-Bold.otf", "NotoSansCJK-Bold.ttc", "NotoSansTC-Bold.ttf", "msjhbd.ttc"),
    *("PingFang.ttc", "STHeiti Medium.ttc", "NotoSansCJK-Regular.ttc", "NotoSansTC-Regular.otf", "msjh.ttc"),
    *("SourceHanSansTC-Bold.otf", "wqy-microhei.ttc", "wqy-zenhei.ttc"),
)


def _folders() -> list[Path]:
    home = Path.home()
    if sys.platform == "win32":
        local = Path(os.environ.get("LOCALAPPDATA", home)) / "Microsoft/Windows/Fonts"
        return [Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts", local]
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    return [home / ".local/share/fonts", home / ".fonts", Path("/usr/local/share/fonts"), Path("/usr/share/fonts")]


@cache
def find_font() -> Path:
    """A font of this machine that writes Traditional Chinese.

    Raises:
        FontMissing: there is none.
    """
    found: dict[str, Path] = {}
    for folder in _folders():
        for path in sorted(folder.rglob("*.[ot]t[fc]")) if folder.is_dir() else ():
            found.setdefault(path.name, path)
    best = next((found[name] for name in _FONTS if name in found), None)
    if best is None:
        raise FontMissing()
    return best


@cache
def _face(path: Path, size: int) -> FreeTypeFont:
    """The font in this size; of a collection the Traditional Chinese face."""
    from PIL import ImageFont

    if path.suffix.lower() != ".ttc":
        return ImageFont.truetype(path, size)
    index = _traditional(path)
    return ImageFont.truetype(path, size, index=index)


@cache
def _traditional(path: Path) -> int:
    """The place of the Taiwanese face in a collection; 0 where none is named so."""
    from PIL import ImageFont

    for index in range(30):
        try:
            family = ImageFont.truetype(path, 20, index=index).getname()[0] or ""
        except OSError:
            return 0
        if any(mark in family for mark in (" TC", "JhengHei")) and "UI" not in family:
            return index
    return 0


def writable(text: str, font: Path | None = None) -> tuple[str, str]:
    """(what of `text` the font can write, what it cannot), both on one line."""
    face = _face(font or find_font(), 20)
    missing = bytes(face.getmask("\U0010fffe"))
    kept, lost = [], []
    for char in " ".join(text.split()):
        drawn = char == " " or bytes(face.getmask(char)) not in (missing, b"")
        (kept if drawn else lost).append(char)
    return " ".join("".join(kept).split()), "".join(lost)


def draw_caption(text: str, width: int, height: int, font: Path | None = None) -> Image | None:
    """`text` as a cropped RGBA picture of at most `width` x `height`; None where nothing can be written.

    Raises:
        FontMissing.
    """
    from PIL import Image as Pillow
    from PIL import ImageDraw

    text = text[:MAX_CAPTION]
    path = font or find_font()
    if not text.strip():
        return None
    for size in range(max(height, _SMALLEST), _SMALLEST - 1, -1):
        for lines in (text, _halved(text)):
            face, outline = _face(path, size), max(1, round(size * _OUTLINE_SHARE))
            draw = ImageDraw.Draw(Pillow.new("RGBA", (1, 1)))
            room = {"font": face, "stroke_width": outline, "align": "center", "spacing": round(size * 0.12)}
            left, top, right, bottom = draw.multiline_textbbox((0, 0), lines, **room)
            if right - left <= width - 2 and bottom - top <= height - 2:
                picture = Pillow.new("RGBA", (int(right - left) + 2, int(bottom - top) + 2))
                at = (1 - left, 1 - top)
                ImageDraw.Draw(picture).multiline_text(at, lines, fill=_INK, stroke_fill=_OUTLINE, **room)
                return picture.crop(picture.getbbox())
    return None


def _halved(text: str) -> str:
    """`text` on two lines of about one length, broken at a space or a mark where one is near the middle."""
    if len(text) < 4:
        return text
    middle = len(text) / 2
    places = [
        at for at in range(1, len(text)) if text[at - 1] in " ，、。！？,!?～…" and abs(at - middle) <= len(text) / 4
    ]
    spaced = " " in text and text.isascii()
    at = min(places, key=lambda each: abs(each - middle)) if places else (0 if spaced else round(middle))
    return f"{text[:at].rstrip()}\n{text[at:].lstrip()}" if at else text
