"""Pictures opened with care: what is too large is refused by its header, before a single pixel is decoded."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from tools.images.recipe.errors import NotAPicture, PictureTooLarge

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["MAX_BYTES", "MAX_PIXELS", "decode_picture", "header_of", "picture_bytes"]

# 40 million pixels take 160 MB as RGBA: four times a 3,200 x 3,200 drawing, which is more than any sticker needs.
MAX_PIXELS = 40_000_000
MAX_BYTES = 50 * 1024 * 1024
_FORMATS = ("PNG", "WEBP", "JPEG")
_MAGIC = (b"\x89PNG", b"RIFF", b"\xff\xd8\xff")
# What Pillow raises for files that lie about themselves, text chunks that unpack without end included.
BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    struct.error,
    zlib.error,
    OverflowError,
)


def picture_bytes(source: Path | bytes, name: str = "") -> tuple[bytes, str]:
    """The bytes of a file and the name to call it by.

    Raises:
        NotAPicture: there is no such file. PictureTooLarge: it has more than MAX_BYTES.
    """
    if isinstance(source, bytes):
        data, name = source, name or "圖片"
    else:
        name = name or source.name
        try:
            with source.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except OSError:
            raise NotAPicture("picture_missing", name=name) from None
    if len(data) > MAX_BYTES:
        raise PictureTooLarge("picture_too_heavy", name=name, size=len(data) // 2**20, most=MAX_BYTES // 2**20)
    return data, name


def header_of(data: bytes, name: str, max_pixels: int = MAX_PIXELS) -> Image:
    """The picture with its header read and its pixels not decoded yet.

    Raises:
        NotAPicture, PictureTooLarge.
    """
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # our own limit, below, is stricter than the one Pillow warns of
            picture = Image.open(io.BytesIO(data), formats=_FORMATS)
    except Image.UnidentifiedImageError:
        broken = data.startswith(_MAGIC)
        raise NotAPicture("broken_picture" if broken else "not_a_picture", name=name) from None
    except Image.DecompressionBombError:
        width, height = _png_size(data)
        raise PictureTooLarge(name=name, width=width, height=height, most=max_pixels // 10_000) from None
    except BROKEN:
        raise NotAPicture("broken_picture", name=name) from None
    width, height = picture.size
    if width * height * getattr(picture, "n_frames", 1) > max_pixels:
        raise PictureTooLarge(name=name, width=width, height=height, most=max_pixels // 10_000)
    return picture


def decode_picture(source: Path | bytes, name: str = "", max_pixels: int = MAX_PIXELS) -> Image:
    """An RGBA picture, its first frame, upright as EXIF says.

    Raises:
        NotAPicture, PictureTooLarge.
    """
    from PIL import ImageOps

    data, name = picture_bytes(source, name)
    picture = header_of(data, name, max_pixels)
    try:
        picture.load()
        return ImageOps.exif_transpose(picture).convert("RGBA")
    except BROKEN:
        raise NotAPicture("broken_picture", name=name) from None


def _png_size(data: bytes) -> tuple[str, str]:
    """Width and height as a PNG's header names them; question marks for other formats."""
    if data[:4] != b"\x89PNG" or len(data) < 24:
        return "?", "?"
    width, height = struct.unpack(">II", data[16:24])
    return str(width), str(height)
