"""Small pictures that the pack tests are made of."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from tools.images.recipe import encode

__all__ = ["blob", "noise", "photo", "png", "webp"]


def blob(size: int = 160, colour: tuple[int, int, int] = (200, 120, 50), hole: bool = False) -> Image.Image:
    """A round body with a dark outline and two ears, cut out already."""
    picture = Image.new("RGBA", (size * 4, size * 4))
    draw = ImageDraw.Draw(picture)
    s = size * 4
    for left in (0.2, 0.6):
        draw.polygon(
            [(s * left, s * 0.4), (s * (left + 0.05), s * 0.08), (s * (left + 0.2), s * 0.3)], fill=(*colour, 255)
        )
    draw.ellipse((s * 0.15, s * 0.2, s * 0.85, s * 0.9), fill=(*colour, 255), outline=(50, 35, 30, 255), width=s // 40)
    if hole:
        draw.ellipse((s * 0.4, s * 0.45, s * 0.6, s * 0.65), fill=(0, 0, 0, 0))
    return picture.resize((size, size), Image.Resampling.LANCZOS)


def photo(size: int = 160, ground: tuple[int, int, int] = (255, 255, 255)) -> Image.Image:
    """The same on a flat background, without alpha."""
    picture = Image.new("RGBA", (size, size), (*ground, 255))
    picture.alpha_composite(blob(size))
    return picture


def noise(size: int = 512, seed: int = 0) -> Image.Image:
    """Pixels no format makes small, in colour and alpha, with a transparent rim."""
    pixels = np.random.default_rng(seed).integers(0, 256, (size, size, 4), dtype=np.uint8)
    pixels[:20] = pixels[-20:] = 0
    pixels[:, :20] = pixels[:, -20:] = 0
    return Image.fromarray(pixels)


def png(picture: Image.Image, **options: Any) -> bytes:
    return encode(picture, "PNG", **options)


def webp(picture: Image.Image, **options: Any) -> bytes:
    return encode(picture, "WEBP", **options)


def plain(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """A file without any mark."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()
