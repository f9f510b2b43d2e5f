"""A contact sheet: every sticker of a pack on the light and on the dark background of a chat."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["contact_sheet"]

# The two kinds of background stickers are seen on; neither is pure, as in chats.
_GROUNDS = ((238, 241, 244), (24, 27, 31))
_CELL, _GAP = 160, 12


def contact_sheet(pictures: Sequence[Image], columns: int = 8) -> Image:
    """An RGB picture: all stickers in rows on light, and below the same on dark. No picture gives an empty sheet."""
    from PIL import Image as Pillow

    columns = max(1, min(columns, len(pictures)))
    rows = max(1, ceil(len(pictures) / columns))
    step = _CELL + _GAP
    width, height = columns * step + _GAP, rows * step + _GAP
    sheet = Pillow.new("RGB", (width, height * 2))
    for half, ground in enumerate(_GROUNDS):
        sheet.paste(ground, (0, half * height, width, (half + 1) * height))
        for place, picture in enumerate(pictures):
            small = picture.convert("RGBA")
            small.thumbnail((_CELL, _CELL), Pillow.Resampling.LANCZOS)
            left = _GAP + place % columns * step + (_CELL - small.width) // 2
            top = half * height + _GAP + place // columns * step + (_CELL - small.height) // 2
            sheet.paste(small, (left, top), small)
    return sheet
