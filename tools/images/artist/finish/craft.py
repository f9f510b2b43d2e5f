"""Finishes made by hand: clay, vinyl, plush, needle felt, embroidery, layered paper. Light falls from the upper left."""

from __future__ import annotations

import numpy as np

from tools.images.artist.finish.layers import Layers
from tools.images.artist.finish.texture import (
    Array,
    blur,
    distance,
    lit,
    noise,
    pillow,
    shifted,
    smooth,
    speckle,
    warped,
)

__all__ = ["clay", "embroidery", "felt", "figure", "papercut", "plush"]


def _edges(art: Layers) -> np.ndarray:
    """Where one shape meets another or the air, (size, size) of bool."""
    shapes = art.shapes
    return (shapes != shifted(shapes, 1, 0)) | (shapes != shifted(shapes, 0, 1))


def _relief(art: Layers, own: float, whole: float) -> tuple[Array, Array]:
    """(height, depth): every shape rounded off `own` units from its edge, the figure `whole` units from its own."""
    px = art.px
    depth = distance(~_edges(art) & (art.shapes > 0))
    body = distance(art.shapes > 0)
    height = pillow(depth, own * px) * 0.55 + pillow(body, whole * px) * 0.6
    return height / px, depth / px


def _shaded(colour: Array, bright: Array, strength: float, warm: float = 0.25) -> Array:
    """`colour` under light: shadows turn warm and deep rather than grey."""
    change = (bright - 1)[..., None] * strength
    shadow = np.array([1 - warm * 0.5, 1, 1 - warm * 0.25], dtype=np.float32)
    dark = np.clip(1 + change * shadow, 0.2, None)
    return np.where(change < 0, colour * dark, colour + (1 - colour) * np.clip(change, 0, 0.6))


def _contact(art: Layers, reach: float) -> Array:
    """The shadow that a nearer shape throws on what lies behind it, 0 to 1."""
    shapes, px = art.shapes, art.px
    fall = np.zeros(shapes.shape, dtype=np.float32)
    for k in (1, 2, 3, 4):
        step = max(1, round(reach * px * k / 4))
        fall += (shifted(shapes, round(step * 0.55), step) > shapes) & (shapes > 0)
    return blur(fall / 4, 1.6 * px)


def _gloss(glint: Array, sharp: float, strength: float) -> Array:
    return (glint**sharp * strength)[..., None]


def figure(art: Layers) -> Array:
    """A vinyl toy in a studio: round forms, a soft key light, a highlight, a cool rim at the right."""
    height, _ = _relief(art, 15, 62)
    height = blur(height, 2.6 * art.px)
    bright, glint = lit(height * art.px, 1.0, 52)
    colour = _shaded(art.full[..., :3], bright, 0.72)
    colour = colour * (1 - 0.30 * _contact(art, 9))[..., None]
    colour = colour + (1 - colour) * _gloss(glint, 46, 0.55)
    body = distance(art.shapes > 0) / art.px
    _, back = lit((height * art.px)[:, ::-1], 1.0, 30)
    rim = smooth(back[:, ::-1], 0.82, 1.0) * smooth(-body, -12, -2) * 0.42
    colour = colour + (np.array([0.86, 0.94, 1], dtype=np.float32) - colour) * rim[..., None]
    return np.dstack([colour, art.alpha])


def clay(art: Layers) -> Array:
    """Modelling clay: matte, a little uneven, with the marks of the fingers that shaped it."""
    px, seed = art.px, art.seed
    height, depth = _relief(art, 11, 46)
    dents = noise(art.size, 30 * px, seed) * 5 + noise(art.size, 13 * px, seed + 1) * 1.6
    y, x = np.mgrid[: art.size, : art.size].astype(np.float32) / px
    swirl = np.sin(np.hypot(x - 180 - 60 * noise(art.size, 120 * px, seed + 2), y * 1.3 - 300) * 1.25)
    prints = smooth(noise(art.size, 66 * px, seed + 3), 0.60, 0.78) * smooth(depth, 3, 12)
    height = blur(height, 1.8 * px) + dents + 0.34 * swirl * prints
    bright, glint = lit(height * px, 0.9, 54)
    colour = _shaded(art.full[..., :3], bright, 0.85)
    colour = colour * (1 - 0.34 * _contact(art, 7))[..., None] + _gloss(glint, 14, 0.07)
    made = np.dstack([colour * (1 + 0.014 * speckle(art.size, 1 * px, seed))[..., None], art.alpha])
    return warped(made, 1.6 * px, 22 * px, seed)


def _pile(art: Layers, length: float, seed: int) -> Array:
    """Short fibres in every direction, around 0."""
    px = art.px
    across = noise(art.size, 1.7 * px, seed, length) + noise(art.size, 1.7 * px, seed + 1, 1 / length)
    return across - 1 + 0.5 * (noise(art.size, 2.2 * px, seed + 2) - 0.5)


def _frayed(picture: Array, reach: float, seed: int) -> Array:
    """Every pixel taken from up to `reach` pixels away: edges dissolve into single hairs."""
    size = picture.shape[0]
    dice = np.random.default_rng([seed, 17]).normal(0, reach, (2, size, size))
    y, x = np.mgrid[:size, :size]
    rows, columns = (
        np.clip(np.rint(at + by), 0, size - 1).astype(np.intp) for at, by in zip((y, x), dice, strict=True)
    )
    return picture[rows, columns]


def felt(art: Layers) -> Array:
    """Needle-felted wool: soft balls of fibre, blurred where two colours meet, stray hairs at the edge."""
    px, seed = art.px, art.seed
    height, _ = _relief(art, 13, 50)
    pile = _pile(art, 4, seed)
    bright, _ = lit(blur(height, 3.5 * px) * px + pile * 2.0 * px, 0.8, 54)
    colour = _shaded(art.full[..., :3], np.maximum(bright, 0.55), 0.8) * (1 - 0.26 * _contact(art, 6))[..., None]
    solid = np.dstack([colour * art.full[..., 3:], art.full[..., 3]])
    made = blur(
        _frayed(solid, 1.5 * px, seed), 0.6 * px
    )  # shaded first: a stray hair keeps the light of where it grows
    colour = made[..., :3] / np.maximum(made[..., 3:], 0.05)
    colour = _faced(art, colour + 0.09 * pile[..., None], 0.85)
    return np.dstack([colour, smooth(made[..., 3], 0.18, 0.75)])


def _faced(art: Layers, colour: Array, strength: float) -> Array:
    """Eyes, brows and mouth as they were drawn, so that they stay clear in the pile."""
    near = smooth(blur(art.lines, 2.2 * art.px), 0.12, 0.4)[..., None] * strength
    return colour + (art.full[..., :3] - colour) * near


def plush(art: Layers) -> Array:
    """A stuffed toy: short nap, deep round seams, a row of stitches along the larger pieces."""
    px, seed = art.px, art.seed
    height, depth = _relief(art, 17, 66)
    nap = _pile(art, 2.4, seed)
    bright, _ = lit(blur(height, 2.2 * px) * px + nap * 1.1 * px, 0.95, 50)
    made = warped(art.full, 0.8 * px, 5 * px, seed)
    colour = _shaded(made[..., :3], bright, 0.8)
    colour = colour * (1 - 0.32 * _contact(art, 7))[..., None] + 0.045 * nap[..., None]
    y, x = np.mgrid[: art.size, : art.size].astype(np.float32) / px
    dash = (np.sin(x * 0.62) * np.sin(y * 0.62 + 0.8)) > 0
    body = distance(art.shapes > 0) / px
    seam = smooth(-np.abs(body - 8.5), -1.7, -0.7) * dash * (depth > 3.2)
    thread = np.clip(made[..., :3] * 0.55 + 0.06, 0, 1)
    colour = colour + (thread - colour) * (0.75 * seam)[..., None]
    return np.dstack([_faced(art, colour, 0.6), made[..., 3]])


def embroidery(art: Layers) -> Array:
    """Satin stitch: every shape filled with shining thread that runs in a direction of its own."""
    px = art.px
    shapes = art.shapes
    y, x = np.mgrid[: art.size, : art.size].astype(np.float32) / px
    turns = np.array([0.5, 1.1, 2.2, 1.7, 0.9, 2.6, 0.2], dtype=np.float32)[shapes * 5 % 7]
    along, across = x * np.cos(turns) + y * np.sin(turns), y * np.cos(turns) - x * np.sin(turns)
    wobble = 0.9 * noise(art.size, 26 * px, art.seed)
    thread = (across + wobble) / 3.3
    row = np.floor(thread)
    part = thread - row
    lift = np.sqrt(np.clip(1 - (2 * part - 1) ** 2, 0, 1))
    reach = along / 27 + (row * 0.382) % 1 + 0.12 * noise(art.size, 12 * px, art.seed + 1)
    seat = np.abs((reach % 1) - 0.5) * 2  # 1 where one stitch goes down and the next comes up
    height = lift * (1 - 0.75 * smooth(seat, 0.86, 1))
    depth = distance(~_edges(art) & (shapes > 0)) / px
    facing = np.abs(np.cos(turns - 0.8))
    tone = 0.70 + 0.36 * height + 0.13 * facing + 0.05 * np.sin(row * 2.4)
    tone = tone * (0.78 + 0.22 * smooth(depth, 0.2, 2.6))
    colour = art.full[..., :3] * tone[..., None]
    sheen = smooth(height, 0.7, 1) * (0.10 + 0.10 * facing) * smooth(-seat, -0.8, -0.1)
    colour = colour + (1 - colour) * sheen[..., None]
    return np.dstack([colour * (1 - 0.25 * _contact(art, 4))[..., None], art.alpha])


def papercut(art: Layers) -> Array:
    """Sheets of card one above the other, each with a shadow under it and a bright cut edge."""
    px, shapes = art.px, art.shapes
    near, far = _contact(art, 5), _contact(art, 13)
    fibre = speckle(art.size, 1.3 * px, art.seed) * 0.018 + (noise(art.size, 7 * px, art.seed, 2.4) - 0.5) * 0.05
    colour = art.full[..., :3] * (1 + fibre)[..., None]
    colour = colour * (1 - 0.30 * near - 0.26 * far)[..., None]
    step = max(1, round(1.4 * px))
    cut = (shapes > shifted(shapes, step, step)) & (shapes > 0)
    bright = blur(cut.astype(np.float32), 0.6 * px)[..., None] * 0.42
    return np.dstack([colour + (1 - colour) * bright, art.alpha])
