"""A small picture of every house style: one shared character drawn in each, kept in rag_data/styles/previews.

python -m tools.images.artist.previews            # draw them all again, after a style or the character has changed
"""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

from tools.images.artist.draw import draw, render
from tools.images.artist.model import Character, Scene
from tools.settings import data_dir

__all__ = ["MOST_BYTES", "PREVIEW_SIDE", "drawn_preview", "preview_path", "write_previews"]

PREVIEW_SIDE = 160
MOST_BYTES = 12_000
_SHARED = ("shiba", ("scarf",), "happy", 3)  # whom every preview shows: subject, accessories, expression, seed
_COLOURS = (256, 160, 112, 80, 56, 40, 28)


@cache
def _styles() -> dict[str, str]:
    """House style -> the artist's style, for those it draws."""
    import yaml

    rows = yaml.safe_load((data_dir() / "styles" / "artist.yaml").read_text(encoding="utf-8"))
    return dict(rows["styles"])


def preview_path(style: str) -> Path | None:
    """The picture of a house style (by id), or None for one the artist does not draw: a page then shows the name alone."""
    path = data_dir() / "styles" / "previews" / f"{style}.png"
    return path if style in _styles() and path.is_file() else None


def drawn_preview(style: str) -> bytes:
    """The preview of a house style drawn now: a PNG with few colours, 160 pixels square, at most 12,000 bytes.

    Raises:
        KeyError: the artist does not draw this style.
    """
    from PIL import Image

    subject, worn, expression, seed = _SHARED
    svg = draw(Character(subject, accessories=worn, style=_styles()[style], seed=seed), Scene(expression))
    with Image.open(io.BytesIO(render(svg, PREVIEW_SIDE * 3))) as large:
        small = large.convert("RGBA").resize((PREVIEW_SIDE, PREVIEW_SIDE), Image.Resampling.LANCZOS)
    made = b""
    for colours in _COLOURS:
        out = io.BytesIO()
        small.quantize(colours, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        made = out.getvalue()
        if len(made) <= MOST_BYTES:
            break
    return made


def write_previews(folder: Path | None = None) -> list[Path]:
    """Draw every preview into `folder` (the house's own by default); gives the files written."""
    folder = folder or data_dir() / "styles" / "previews"
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for style in _styles():
        path = folder / f"{style}.png"
        path.write_bytes(drawn_preview(style))
        written.append(path)
    return written


if __name__ == "__main__":
    write_previews()
