"""What stands around a finished figure: plain white, watercolour paper, the thread of a patch, the metal of a pin."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tools.images.artist.finish.layers import Layers
from tools.images.artist.finish.texture import Array, blur, distance, lit, noise, smooth, speckle

__all__ = ["RIMS"]


def _around(figure: Array, wide: float) -> tuple[Array, Array]:
    """(alpha of the figure grown by `wide` pixels, how far each pixel is from the figure)."""
    away = distance(figure[..., 3] < 0.5)
    return np.clip(wide + 0.5 - away, 0, 1).astype(np.float32), away


def _filled(colour: tuple[float, float, float], alpha: Array, tone: Array | float = 1) -> Array:
    made = np.empty((*alpha.shape, 4), dtype=np.float32)
    made[..., :3] = np.array(colour, dtype=np.float32) * (tone[..., None] if isinstance(tone, np.ndarray) else tone)
    made[..., 3] = alpha
    return made


def white(art: Layers, figure: Array, wide: float) -> Array:
    return _filled((1, 1, 1), _around(figure, wide)[0])


def none(art: Layers, figure: Array, wide: float) -> Array:
    return np.zeros_like(figure)


def paper(art: Layers, figure: Array, wide: float) -> Array:
    """Rough paper, torn rather than cut."""
    alpha, away = _around(figure, wide + 2 * art.px)
    torn = wide + (noise(art.size, 9 * art.px, art.seed + 21) - 0.5) * 4 * art.px
    tone = 0.985 + 0.012 * speckle(art.size, 1.2 * art.px, art.seed + 22)
    return _filled((1, 0.992, 0.965), np.minimum(alpha, np.clip(torn + 0.5 - away, 0, 1)), tone.astype(np.float32))


def card(art: Layers, figure: Array, wide: float) -> Array:
    """The lowest sheet of card, with the figure's shadow on it."""
    alpha = _around(figure, wide)[0]
    shadow = blur(np.roll(figure[..., 3], (round(4 * art.px), round(2 * art.px)), (0, 1)), 3 * art.px)
    tone = 1 - 0.30 * shadow + 0.006 * speckle(art.size, 1.3 * art.px, art.seed + 23)
    return _filled((1, 0.99, 0.97), alpha, tone.astype(np.float32))


def thread(art: Layers, figure: Array, wide: float) -> Array:
    """A merrowed edge: thread wound over the border of a patch, side by side."""
    alpha, away = _around(figure, wide)
    soft = blur(away, 3 * art.px)
    down, right = np.gradient(soft)
    turn = np.round(np.arctan2(down, right) * 8 / np.pi) * np.pi / 8  # wound in straight runs, as a machine does
    y, x = np.mgrid[: art.size, : art.size].astype(np.float32) / art.px
    across = y * np.cos(turn) - x * np.sin(turn) + 0.35 * (away / art.px)
    part = (across / 4.2) % 1
    lift = np.sqrt(np.clip(1 - (2 * part - 1) ** 2, 0, 1))
    tube = np.sqrt(np.clip(1 - (2 * np.clip(away / max(wide, 1), 0, 1) - 1) ** 2, 0, 1))
    tone = 0.62 + 0.22 * lift + 0.24 * tube
    return _filled((0.99, 0.95, 0.86), alpha, tone.astype(np.float32))


def metal(art: Layers, figure: Array, wide: float) -> Array:
    """A raised border of the pin's metal, then a thin white one, so that it stands off any ground."""
    outer, away = _around(figure, wide)
    band = np.clip(wide * 0.62 + 0.5 - away, 0, 1)
    bright, glint = lit(blur(band, 1.6 * art.px) * 7 * art.px, 1, 46)
    red, green, blue = (int(art.ink[k : k + 2], 16) / 255 for k in (1, 3, 5))
    y, x = np.mgrid[: art.size, : art.size].astype(np.float32) / art.size
    tone = bright * (0.95 + 0.16 * np.sin((x * 1.4 + y * 2.2) * 6.5)) + 0.6 * glint**12
    made = _filled((red, green, blue), outer, tone.astype(np.float32))
    share = smooth(band, 0.2, 0.8)[..., None]
    made[..., :3] = made[..., :3] * share + (1 - share)
    return made


RIMS: dict[str, Callable[[Layers, Array, float], Array]] = {
    made.__name__: made for made in (white, none, paper, card, thread, metal)
}
