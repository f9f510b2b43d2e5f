"""Finishes of brush and chalk: watercolour, gouache, crayon, ink wash, soft pastel, doodle."""

from __future__ import annotations

import numpy as np

from tools.images.artist.finish.layers import Layers
from tools.images.artist.finish.texture import Array, blur, noise, over, shifted, smooth, speckle, warped

__all__ = ["crayon", "doodle", "gouache", "ink_wash", "pastel", "watercolor"]


def _inked(ground: Array, lines: Array, colour: tuple[float, float, float]) -> Array:
    top = np.empty_like(ground)
    top[..., :3], top[..., 3] = colour, lines
    return over(top, ground)


def _rgb(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
    return red, green, blue


def watercolor(art: Layers) -> Array:
    """Washes that pool at their edges and thin out in the middle, on grained paper, under a fine pencil line."""
    px, seed = art.px, art.seed
    wash = warped(art.fills, 3.5 * px, 42 * px, seed)
    colour, alpha = wash[..., :3], wash[..., 3]
    pool = np.abs(colour - blur(colour, 5 * px)).sum(axis=2) + 1.2 * np.clip(alpha - blur(alpha, 6 * px), 0, 1)
    cloud = noise(art.size, 90 * px, seed) + 0.5 * noise(art.size, 34 * px, seed + 1)
    density = 0.62 + 0.62 * cloud + 1.5 * np.clip(pool, 0, 0.6) + 0.05 * speckle(art.size, 1.1 * px, seed)
    colour = np.clip(colour, 0.02, 1) ** np.clip(density, 0.25, 2.6)[..., None]
    bloom = smooth(noise(art.size, 60 * px, seed + 5), 0.66, 0.9)[..., None] * 0.35
    wash = np.dstack([colour + (1 - colour) * bloom, alpha])
    pencil = art.lines * (0.74 + 0.14 * speckle(art.size, 1.2 * px, seed + 2)).clip(0.3, 0.95)
    return _inked(wash, pencil, _rgb(art.ink))


def gouache(art: Layers) -> Array:
    """Thick flat paint in visible strokes, its edges dry, each colour laid over the last."""
    px, seed = art.px, art.seed
    streak = noise(art.size, 9 * px, seed, 3.2) - 0.5 + 0.5 * (noise(art.size, 26 * px, seed + 3, 1.6) - 0.5)
    made = warped(art.full, 1.8 * px, 12 * px, seed)
    ridge = streak - shifted(streak, 1, 2)
    colour = made[..., :3] * (1 + 0.13 * streak + 0.16 * ridge)[..., None] + 0.015
    dry = smooth(blur(made[..., 3], 1.3 * px) + 0.20 * speckle(art.size, 1.4 * px, seed), 0.36, 0.6)
    dry = np.maximum(dry, smooth(blur(made[..., 3], 5 * px), 0.7, 0.9))  # only the edges run dry
    return np.dstack([colour, np.minimum(dry, made[..., 3])])


def crayon(art: Layers) -> Array:
    """Wax on rough paper: the tooth of the paper shows through, strokes run slanting, lines are thick and broken."""
    px, seed = art.px, art.seed
    tooth = speckle(art.size, 1.5 * px, seed)
    y, x = np.mgrid[: art.size, : art.size].astype(np.float32)
    sway = noise(art.size, 70 * px, seed + 4) * 34 * px
    stroke = np.sin((x * 0.55 + y + sway) / (3.1 * px))
    made = warped(art.fills, 3 * px, 30 * px, seed)
    wax = smooth(1.05 + 0.34 * tooth + 0.34 * stroke + 0.9 * (noise(art.size, 40 * px, seed) - 0.5), -0.1, 0.7)
    colour = made[..., :3] * (0.97 + 0.05 * stroke[..., None])
    paper = np.array([1, 0.985, 0.95], dtype=np.float32)
    colour = paper + (colour - paper) * (0.36 + 0.64 * wax)[..., None]
    lines = warped(_inked(np.zeros_like(made), art.lines, (0, 0, 0)), 2.6 * px, 26 * px, seed + 8)[..., 3]
    lines = lines * (0.3 + 0.7 * smooth(1.1 + 0.5 * tooth + 0.2 * stroke, 0.1, 0.8))
    return _inked(np.dstack([colour, made[..., 3]]), lines, _rgb(art.ink))


def ink_wash(art: Layers) -> Array:
    """Ink in many strengths: brush lines that swell and run dry, pale wet washes, a breath of colour on cheeks and fruit."""
    px, seed = art.px, art.seed
    wet = warped(art.fills, 6 * px, 46 * px, seed)
    alpha = wet[..., 3]
    grey = wet[..., :3] @ np.array([0.3, 0.59, 0.11], dtype=np.float32)
    cloud = noise(art.size, 110 * px, seed) * 0.7 + noise(art.size, 38 * px, seed + 1) * 0.4
    ink = (1 - grey) * (0.35 + 0.95 * cloud) + 0.02
    rim = np.clip(blur(alpha, 3 * px) - blur(alpha, 9 * px), 0, 1)
    ink = np.clip(ink + 0.35 * rim * cloud, 0, 0.84)
    ground = (1 - ink)[..., None] * np.array([1, 0.99, 0.965], dtype=np.float32)
    breath = np.clip(wet[..., :3] - grey[..., None], -0.25, 0.4)
    warm = smooth(wet[..., 0] - wet[..., 1], 0.2, 0.5)[..., None]
    ground = np.clip(ground + breath * (0.14 + 0.5 * warm), 0, 1)
    swell = blur(art.lines, 2.4 * px)
    press = 0.14 + 0.5 * smooth(noise(art.size, 52 * px, seed + 2), 0.2, 0.9)
    brush = smooth(swell, press - 0.1, press + 0.14)
    dry = smooth(noise(art.size, 5 * px, seed + 6, 3) + 0.9 * noise(art.size, 60 * px, seed + 7), 0.38, 0.7)
    core = smooth(art.lines, 0.3, 0.9) * 0.55
    return _inked(
        np.dstack([ground, alpha]),
        np.maximum(brush * (0.5 + 0.45 * dry), core) * np.maximum(art.alpha, alpha),
        _rgb(art.ink),
    )


def pastel(art: Layers) -> Array:
    """Chalk rubbed soft: a grain of paper, lighter where the hand was lighter."""
    px, seed = art.px, art.seed
    tooth = speckle(art.size, 1.3 * px, seed)
    light = (0.10 * tooth + 0.30 * (noise(art.size, 46 * px, seed) - 0.5)).clip(-0.2, 0.4)[..., None]
    colour = art.full[..., :3]
    colour = np.where(light > 0, colour + (1 - colour) * light, colour * (1 + 0.35 * light))
    edge = smooth(blur(art.alpha, 1.2 * px) + 0.07 * tooth, 0.3, 0.7)
    return np.dstack([colour, np.minimum(edge, art.alpha)])


def doodle(art: Layers) -> Array:
    """A marker in a notebook: the line drawn twice by a quick hand, the colour scribbled in beside it."""
    px, seed = art.px, art.seed
    y, x = np.mgrid[: art.size, : art.size].astype(np.float32)
    sway = noise(art.size, 90 * px, seed) * 30 * px
    strokes = np.sin((x - y * 0.8 + sway) / (4.6 * px))
    fills = shifted(warped(art.fills, 4 * px, 60 * px, seed), round(5 * px), round(4 * px))
    colour = fills[..., :3] * (0.98 + 0.045 * smooth(strokes, -0.2, 0.5))[..., None]
    gaps = smooth(strokes + 3.2 * noise(art.size, 60 * px, seed + 9), -0.4, 0.2)[..., None]
    colour = 1 + (colour - 1) * (0.45 + 0.55 * gaps)
    inside = smooth(blur(art.alpha, 1.5 * px), 0.2, 0.8)
    page = np.ones_like(fills)
    page[..., 3] = art.alpha
    ground = over(np.dstack([colour, fills[..., 3] * inside]), page)
    stack = np.zeros_like(fills)
    stack[..., 3] = art.lines
    one, two = (warped(stack, 3.2 * px, 44 * px, seed + k)[..., 3] for k in (3, 4))
    return _inked(ground, np.maximum(one, two * 0.85), _rgb(art.ink))
