"""What SDXL draws over: the house artist's picture of a recipe's character, and the edges of it for a ControlNet.

So a character stays the same through all the stickers of a pack, though each is diffused by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tools.images.backend import HouseBackend
from tools.images.recipe import Recipe

if TYPE_CHECKING:
    import numpy
    from PIL.Image import Image

__all__ = ["drawing", "edges"]

# A plain light ground, as stickers are painted on: easy to cut away, and the white rim around the drawing is not seen on it.
_GROUND = (255, 255, 255)
# Canny's two thresholds as parts of a full step from black to white, and the width of his smoothing in pixels at 512.
_WEAK, _STRONG, _SMOOTH = 0.04, 0.12, 1.2


def drawing(recipe: Recipe, size: tuple[int, int]) -> Image:
    """The character and scene of `recipe.sheet` as the house artist draws them, without the caption.

    Args:
        size: (width, height) in pixels; the drawing stands in the middle, as large as the shorter side.

    Returns:
        An RGB picture of that size.

    Raises:
        PaintError: the sheet has no character, or holds what no sheet holds.
        ArtistError: the scene cannot be drawn (an unknown subject, a size too small to see).
    """
    from PIL import Image

    side = min(size)
    scene = recipe.sheet.get("scene")
    wordless = {**(scene if isinstance(scene, Mapping) else {}), "caption": ""}
    order = replace(recipe, width=side, height=side, sheet={**recipe.sheet, "scene": wordless})
    figure = HouseBackend().paint(order, on_stage=lambda _: None, cancelled=lambda: False).picture
    if figure.width != side:  # beyond what the artist draws
        figure = figure.resize((side, side), Image.Resampling.LANCZOS)
    picture = Image.new("RGB", size, _GROUND)
    picture.paste(figure, ((size[0] - side) // 2, (size[1] - side) // 2), figure)
    return picture


def edges(picture: Image) -> Image:
    """The edges of `picture`, white on black, as ControlNets for Canny edges were trained on: an RGB picture of the same size.

    Canny 1986, "A computational approach to edge detection": smooth, take the gradient, keep its ridges, and follow strong
    edges along weak ones. The gradient is that of the channel where it is steepest, so that equally bright colours part too.
    """
    import numpy
    from PIL import Image
    from scipy import ndimage

    pixels = numpy.asarray(picture.convert("RGB"), dtype=numpy.float32) / 255
    sigma = max(0.6, _SMOOTH * min(picture.size) / 512)
    soft = ndimage.gaussian_filter(pixels, (sigma, sigma, 0))
    # A step from 0 to 1 smoothed by sigma is 1 / (sigma sqrt(2 pi)) steep where it is steepest: thresholds in units of that.
    down, across = numpy.gradient(soft, axis=(0, 1))
    steep = numpy.hypot(down, across) * sigma * numpy.sqrt(2 * numpy.pi)
    best = steep.argmax(axis=2)[..., None]
    steep, down, across = (numpy.take_along_axis(each, best, axis=2)[..., 0] for each in (steep, down, across))
    ridge = _ridges(steep, down, across)
    labels, _ = ndimage.label(ridge & (steep > _WEAK), structure=numpy.ones((3, 3)))
    strong = numpy.unique(labels[ridge & (steep > _STRONG)])
    found = numpy.isin(labels, strong[strong > 0])
    return Image.fromarray((found * numpy.uint8(255))[..., None].repeat(3, axis=2))


def _ridges(
    steep: numpy.ndarray[Any, Any], down: numpy.ndarray[Any, Any], across: numpy.ndarray[Any, Any]
) -> numpy.ndarray[Any, Any]:
    """Where the gradient is not smaller than at both neighbours along its own direction (of four: -, /, |, \\)."""
    import numpy

    sector = numpy.round(numpy.arctan2(down, across) / (numpy.pi / 4)).astype(int) % 4
    high, wide = steep.shape
    framed = numpy.pad(steep, 1)
    kept = numpy.zeros(steep.shape, dtype=bool)
    for direction, (dy, dx) in enumerate(((0, 1), (1, 1), (1, 0), (1, -1))):
        ahead = framed[1 + dy : 1 + dy + high, 1 + dx : 1 + dx + wide]
        behind = framed[1 - dy : 1 - dy + high, 1 - dx : 1 - dx + wide]
        kept |= (sector == direction) & (steep >= ahead) & (steep > behind)
    return kept
