"""Grain, light and soft edges as arrays: what the finishes are made of. Every array is float32, square, and the same for the same seed."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "blur", "distance", "lit", "noise", "over", "pillow", "shifted", "smooth", "speckle", "warped"]

Array: TypeAlias = NDArray[np.float32]
_MOST_MESH = 26  # each field of the mesh costs about as much as a thousand pixels


@lru_cache(maxsize=24)  # a pack of one style uses the same few again and again
def noise(size: int, cell: float, seed: int, stretch: float = 1) -> Array:
    """Soft noise from 0 to 1, (size, size): blots `cell` pixels wide, `stretch` times as wide as high."""
    from PIL import Image

    wide, high = (max(2, round(size / max(cell, 1) / part) + 2) for part in (stretch, 1 / stretch))
    grid = np.random.default_rng([seed, 7]).random((high, wide), dtype=np.float32)
    made = np.array(Image.fromarray(grid).resize((size, size), Image.Resampling.BICUBIC))
    made.flags.writeable = False  # shared by all that ask for it
    return made


@lru_cache(maxsize=8)
def speckle(size: int, grain: float, seed: int) -> Array:
    """Fine grain around 0, (size, size), with a deviation of 1: paper tooth where `grain` is 1 to 3 pixels."""
    made = blur(np.random.default_rng([seed, 11]).standard_normal((size, size), dtype=np.float32), grain)
    made = (made - made.mean()) / (made.std() + 1e-6)
    made.flags.writeable = False
    return made


def blur(values: Array, radius: float) -> Array:
    """`values` softened as by a Gaussian of `radius` pixels, colours (a third axis) one by one."""
    from scipy.ndimage import gaussian_filter, uniform_filter

    flat = (0,) * (values.ndim - 2)
    if radius < 2.5:
        return gaussian_filter(values, (radius, radius, *flat), truncate=2.5)
    box = int(radius * 1.7) | 1  # two boxes are near enough to a Gaussian and cost the same at any width
    size = (box, box, *(1 for _ in flat))
    return uniform_filter(uniform_filter(values, size), size)


def distance(inside: NDArray[np.bool_]) -> Array:
    """How many pixels each point of `inside` is from its edge; 0 outside."""
    from scipy.ndimage import distance_transform_edt

    return np.asarray(distance_transform_edt(inside), dtype=np.float32)


def smooth(values: Array, low: float, high: float) -> Array:
    """0 below `low`, 1 above `high`, with soft shoulders."""
    step = np.clip((values - low) / (high - low), 0, 1)
    return step * step * (3 - 2 * step)


def pillow(depth: Array, round_: float) -> Array:
    """A height from the distance to the edge: a quarter circle `round_` pixels wide, then level."""
    part = np.clip(1 - depth / round_, 0, 1)
    return np.sqrt(1 - part * part) * round_


def lit(height: Array, steep: float = 1, elevation: float = 50) -> tuple[Array, Array]:
    """(how bright a light from the upper left makes a surface of `height`, 1 where it is level; its gloss, 0 to 1)."""
    down, right = np.gradient(height * np.float32(steep))
    up = np.float32(np.sin(np.radians(elevation)))
    side = np.float32(np.cos(np.radians(elevation)) * np.sqrt(0.5))
    length = np.sqrt(down * down + right * right + 1)
    bright = np.clip((right * side + down * side + up) / length, 0, None)
    half = np.float32(np.sqrt((1 + up) / 2))
    glint = np.clip((right * side + down * side + 1 + up) / (length * 2 * half), 0, 1)
    return bright / up, glint


def shifted(values: NDArray, right: int, down: int) -> NDArray:
    """`values` moved by whole pixels; what comes in at the edge is 0."""
    moved = np.zeros_like(values)
    high, wide = values.shape[:2]
    to = (slice(max(down, 0), high + min(down, 0)), slice(max(right, 0), wide + min(right, 0)))
    of = (slice(max(-down, 0), high + min(-down, 0)), slice(max(-right, 0), wide + min(-right, 0)))
    moved[to] = values[of]
    return moved


def warped(picture: Array, reach: float, cell: float, seed: int) -> Array:
    """`picture` (size, size, 4) as drawn by an unsteady hand: bent by up to `reach` pixels over waves `cell` pixels long."""
    from PIL import Image

    size = picture.shape[0]
    many = min(max(2, round(size / max(cell / 2, 4))), _MOST_MESH)
    at = np.linspace(0, size, many + 1).round().astype(int)
    bend = (np.random.default_rng([seed, 13]).random((many + 1, many + 1, 2)) - 0.5) * 2 * reach
    bend[[0, -1]] = bend[:, [0, -1]] = 0
    mesh = []
    for row in range(many):
        for column in range(many):
            corners = ((row, column), (row + 1, column), (row + 1, column + 1), (row, column + 1))
            quad = tuple(v for r, c in corners for v in (at[c] + bend[r, c, 0], at[r] + bend[r, c, 1]))
            mesh.append(((at[column], at[row], at[column + 1], at[row + 1]), quad))
    soft = Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype("uint8"), "RGBA")
    bent = soft.transform(soft.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)
    return np.asarray(bent, dtype=np.float32) / 255


def over(top: Array, ground: Array) -> Array:
    """`top` laid over `ground`, both (size, size, 4) with plain (not premultiplied) colours."""
    share, rest = top[..., 3:], ground[..., 3:] * (1 - top[..., 3:])
    made = np.empty_like(ground)
    made[..., 3:] = share + rest
    made[..., :3] = top[..., :3] * share
    made[..., :3] += ground[..., :3] * rest
    made[..., :3] /= np.maximum(made[..., 3:], 1e-6)
    return made
