"""A drawing with its finish on: the figure worked over, its rim around it, the caption untouched on top."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from tools.images.artist.finish import craft, paint, press
from tools.images.artist.finish.layers import Layers
from tools.images.artist.finish.rims import RIMS
from tools.images.artist.finish.texture import Array, over

if TYPE_CHECKING:
    from tools.images.artist.model import Style

__all__ = ["FINISHES", "finished"]

FINISHES: dict[str, Callable[[Layers], Array]] = {
    made.__name__: made
    for made in (
        *(paint.crayon, paint.doodle, paint.gouache, paint.ink_wash, paint.pastel, paint.watercolor),
        *(craft.clay, craft.embroidery, craft.felt, craft.figure, craft.papercut, craft.plush),
        *(press.anime, press.comic, press.enamel, press.gloss, press.retro, press.risograph),
        *(press.stained_glass, press.woodcut),
    )
}


def finished(svg: str, size: int, style: Style, seed: int) -> bytes:
    """The PNG (RGBA, `size` pixels square) of an SVG of the artist's in a style with a finish. The same input, the same bytes.

    `svg` is what `draw` returned; its white rim is drawn anew in the style's own, its caption stays as it is.
    """
    from PIL import Image

    art = Layers(svg, size, style.ink, seed)
    figure = np.clip(FINISHES[style.finish](art), 0, 1)
    picture = over(figure, RIMS[style.rim](art, figure, style.border * art.px))
    rows = np.nonzero(art.letters[..., 3].any(axis=1))[0]
    if rows.size:
        band = slice(rows[0], rows[-1] + 1)
        picture[band] = over(art.letters[band], picture[band])
    made = (np.clip(picture, 0, 1) * 255 + 0.5).astype("uint8")
    made[made[..., 3] == 0] = 0
    out = io.BytesIO()
    Image.fromarray(made, "RGBA").save(
        out, "PNG", compress_level=1
    )  # whoever keeps it encodes it again with its recipe
    return out.getvalue()
