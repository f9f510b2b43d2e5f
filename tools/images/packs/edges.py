"""Masks and distances on small pictures, in numpy alone: growing a shape with round corners, filling holes, the outside."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["die", "distance", "mean_near", "outside"]

Mask = NDArray[np.bool_]
Plane = NDArray[np.float32]


def distance(mask: Mask, most: int) -> Plane:
    """Euclidean distance of every pixel to the nearest one in `mask` (h, w), in pixels; `most` + 1 for all farther ones.

    Exact within `most`: distances along rows first, then the lower envelope over rows (Felzenszwalb and Huttenlocher's
    separable form), which needs only the 2 * most + 1 neighbouring rows.
    """
    height, width = mask.shape
    far = most + 1
    column = np.arange(width)
    left = np.maximum.accumulate(np.where(mask, column, -far - width), axis=1)
    right = np.minimum.accumulate(np.where(mask, column, 2 * width + far)[:, ::-1], axis=1)[:, ::-1]
    row = np.minimum(np.minimum(column - left, right - column), far).astype(np.float32) ** 2
    padded = np.full((height + 2 * most, width), float(far) ** 2, dtype=np.float32)
    padded[most : most + height] = row
    best = row.copy()
    for dy in range(-most, most + 1):
        np.minimum(best, padded[most + dy : most + dy + height] + dy * dy, out=best)
    return np.sqrt(np.minimum(best, float(far) ** 2))


def die(alpha: NDArray[np.uint8], radius: float, scale: float = 1.0) -> Plane:
    """Coverage (0..1) of the die for the shape in `alpha`: grown by `radius` pixels, notches closed, no holes, smooth.

    Growing further and shrinking back (a closing) rounds the notches between letters; a blur made steep again takes the
    steps of the pixel grid out of the contour. Lengths of both follow `scale`, which is 1 for a picture of 512.
    """
    from PIL import Image, ImageFilter

    closing = max(1, round(7 * scale))
    edge = closing + 2  # room beyond the picture: it is free, however near to it the shape comes
    away = distance(np.pad(alpha, edge) >= 128, ceil(radius) + closing)
    free = outside(away > radius + closing)
    cover = np.clip(distance(free, closing + 2) - closing, 0, 1)[edge:-edge, edge:-edge]
    sigma = max(0.5, 1.6 * scale)
    soft = Image.fromarray(np.round(cover * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(sigma))
    # The slope of a blurred edge is 1 / (sigma * sqrt(2 pi)): this much makes it one pixel wide again.
    steep = sigma * np.sqrt(2 * np.pi)
    return np.clip((np.asarray(soft, dtype=np.float32) / 255 - 0.5) * steep + 0.5, 0, 1).astype(np.float32)


def outside(free: Mask) -> Mask:
    """The part of `free` (h, w) that is connected, side by side, with the picture's edge."""
    reached = np.zeros_like(free)
    reached[0], reached[-1], reached[:, 0], reached[:, -1] = free[0], free[-1], free[:, 0], free[:, -1]
    count = -1
    while (now := int(reached.sum())) != count:  # a shape without mazes takes a handful of rounds
        count = now
        reached = _spread(_spread(reached, free).T, free.T).T
    return reached


def _spread(reached: Mask, free: Mask) -> Mask:
    """Every horizontal run of `free` that holds a reached pixel becomes reached."""
    starts = np.ones(free.shape, dtype=bool)
    starts[:, 1:] = free[:, 1:] != free[:, :-1]
    runs = np.cumsum(starts.ravel()) - 1
    touched = np.zeros(runs[-1] + 1, dtype=bool)
    touched[runs[reached.ravel()]] = True
    return touched[runs].reshape(free.shape) & free


def mean_near(values: NDArray[Any], where: NDArray[Any], reach: int = 3) -> NDArray[Any]:
    """The mean of `values` (h, w, n) over the pixels of `where` within `reach`; 0 where there is none."""
    total = _box(values * where[..., None], reach)
    count = _box(where[..., None].astype(np.float32), reach)
    return total / np.maximum(count, 1)


def _box(values: NDArray[Any], reach: int) -> NDArray[Any]:
    """Sums over squares of 2 * reach + 1 pixels, by running totals."""
    for axis in (0, 1):
        pad = [(0, 0)] * 3
        pad[axis] = (reach + 1, reach)
        total = np.cumsum(np.pad(values, pad), axis=axis, dtype=np.float64)
        size = values.shape[axis]
        upper = np.take(total, range(2 * reach + 1, 2 * reach + 1 + size), axis=axis)
        values = upper - np.take(total, range(size), axis=axis)
    return values
