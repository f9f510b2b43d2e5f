"""Fringes that show on a chat's background: found by comparing the edge with the colour just inside, and cleaned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tools.images.packs.edges import mean_near

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Halo", "clean_edge", "find_halo"]

Halo = tuple[float, float]
# A difference in brightness (of 255, weighted by alpha) that the eye catches in a line one pixel wide.
_LIGHT, _DARK = 24.0, 70.0
# Fainter pixels than these are anti-aliasing or a soft shadow; a shadow darkens the edge, so dark fringes need more.
_LIGHT_ALPHA, _DARK_ALPHA = 96, 160


def find_halo(picture: Image) -> Halo:
    """(share of the edge with a light fringe, seen on dark; share with a dark fringe, seen on light), both 0..1.

    Only half-transparent pixels are looked at: a white ring that is wholly opaque may be meant.
    """
    pixels = np.asarray(picture.convert("RGBA")).astype(np.float32)
    alpha = pixels[..., 3]
    edge = (alpha >= _LIGHT_ALPHA) & (alpha < 250)
    solid = alpha >= 250
    if not edge.any() or not solid.any():
        return 0.0, 0.0
    bright = pixels[..., :3] @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    # Beside a ring or an outline that is meant, the edge is no brighter than its brightest and no darker than its darkest.
    most, least = _most_near(np.where(solid, bright, 0)), 255 - _most_near(np.where(solid, 255 - bright, 0))
    beside = edge & (_most_near(np.where(solid, 255, 0)) > 0)
    if not beside.any():
        return 0.0, 0.0
    share = alpha / 255
    strong = beside & (alpha >= _DARK_ALPHA)
    dark = float((((least - bright) * share)[strong] > _DARK).mean()) if strong.any() else 0.0
    return float((((bright - most) * share)[beside] > _LIGHT).mean()), dark


def _most_near(plane: np.ndarray) -> np.ndarray:
    """The largest value (0..255) within two pixels: five shifts along each side are quicker than a rank filter."""
    found = plane.astype(np.uint8)
    for _ in range(2):
        padded = np.pad(found, ((2, 2), (0, 0)))
        found = np.maximum.reduce([padded[at : at + found.shape[0]] for at in range(5)]).T
    return found.astype(np.float32)


def clean_edge(picture: Image) -> Image:
    """The picture with its half-transparent edge in the colour just inside; alpha stays as it is."""
    from PIL import Image as Pillow

    pixels = np.asarray(picture.convert("RGBA")).copy()
    alpha = pixels[..., 3]
    solid = alpha >= 250
    inside = mean_near(np.dstack([pixels[..., :3], np.ones_like(alpha)]).astype(np.float32), solid)
    edge = (alpha > 0) & (alpha < 250) & (inside[..., 3] > 0)
    pixels[edge, :3] = np.round(inside[edge, :3]).astype(np.uint8)
    return Pillow.fromarray(pixels)
