"""Files within a limit in bytes: lossless where it fits, else the best quality that does, found by bisection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tools.images.packs.errors import CannotFit
from tools.images.recipe import Made, Recipe, encode

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Fitted", "fit_png", "fit_webp"]


# Below these a sticker is spoilt, and it is better to say so.
_LEAST_COLOURS, _LEAST_QUALITY = 8, 4
# From here on a WebP is good enough to keep its outline exact.
_GOOD_QUALITY = 30


@dataclass(frozen=True, slots=True)
class Fitted:
    """A file's bytes. `quality` is None where nothing was lost, else colours left (PNG) or quality 0-100 (WebP)."""

    data: bytes
    quality: int | None


def fit_png(
    picture: Image, most: int, *, dpi: int = 0, made: Made = "trained", recipe: Recipe | None = None, name: str = ""
) -> Fitted:
    """A PNG of at most `most` bytes: true colour, or a palette with as many colours as fit.

    Raises:
        CannotFit: even a few colours are too much.
    """
    options: dict[str, Any] = {"dpi": (dpi, dpi)} if dpi else {}
    data = encode(picture, "PNG", made=made, recipe=recipe, **options)
    if len(data) > most:  # the slow way to pack, only where it matters
        options["optimize"] = True
        data = encode(picture, "PNG", made=made, recipe=recipe, **options)
    if len(data) <= most:
        return Fitted(data, None)
    return _bisect(
        lambda colours: encode(_paletted(picture, colours), "PNG", made=made, recipe=recipe, **options),
        _LEAST_COLOURS,
        256,
        most,
        name,
    )


def fit_webp(
    picture: Image, most: int, *, made: Made = "trained", recipe: Recipe | None = None, name: str = ""
) -> Fitted:
    """A WebP of at most `most` bytes: lossless, or the highest quality that fits; the outline suffers last.

    Raises:
        CannotFit: the lowest quality of picture and outline is too much.
    """
    data = encode(picture, "WEBP", made=made, recipe=recipe, lossless=True, quality=50, method=2)
    if len(data) <= most:
        return Fitted(data, None)

    def lossy(quality: int, alpha: int) -> bytes:
        return encode(picture, "WEBP", made=made, recipe=recipe, quality=quality, alpha_quality=alpha, method=4)

    try:
        return _bisect(lambda quality: lossy(quality, 100), _GOOD_QUALITY, 96, most, name)
    except CannotFit:  # the outline alone takes too much: it has to give as well
        return _bisect(lambda quality: lossy(quality, quality), _LEAST_QUALITY, 96, most, name)


def _bisect(write: Callable[[int], bytes], low: int, high: int, most: int, name: str) -> Fitted:
    """The largest number in [low, high] whose bytes fit; sizes are taken to rise with it, nearly.

    Raises:
        CannotFit: not even `low` fits.
    """
    best: Fitted | None = None
    first = low
    while low <= high:
        middle = (low + high) // 2
        data = write(middle)
        if len(data) <= most:
            best, low = Fitted(data, middle), middle + 1
        else:
            high = middle - 1
    if best is None:
        raise CannotFit(name=name, size=len(write(first)) // 1000, most=most // 1000)
    return best


def _paletted(picture: Image, colours: int) -> Image:
    """A palette picture; what was nearly transparent becomes wholly so, or averaging would leave a veil."""
    from PIL import Image as Pillow

    reduced = picture.convert("RGBA").quantize(colours, method=Pillow.Quantize.FASTOCTREE)
    entries = bytearray(reduced.getpalette("RGBA") or [])
    for at in range(3, len(entries), 4):
        if entries[at] < 12:
            entries[at - 3 : at + 1] = bytes(4)
        elif entries[at] > 243:
            entries[at] = 255
    reduced.putpalette(bytes(entries), "RGBA")
    return reduced
