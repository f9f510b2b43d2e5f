"""Finishes of press and workshop: halftone comic, risograph, retro screen print, woodcut, stained glass, enamel, cel."""

from __future__ import annotations

import numpy as np

from tools.images.artist.finish.layers import Layers
from tools.images.artist.finish.texture import (
    Array,
    blur,
    distance,
    lit,
    noise,
    over,
    pillow,
    shifted,
    smooth,
    speckle,
    warped,
)

__all__ = ["anime", "comic", "enamel", "gloss", "retro", "risograph", "stained_glass", "woodcut"]


def _rgb(colour: str) -> Array:
    return np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)], dtype=np.float32)


def _inked(ground: Array, lines: Array, colour: Array) -> Array:
    top = np.empty_like(ground)
    top[..., :3], top[..., 3] = colour, lines
    return over(top, ground)


def _bright(art: Layers, round_: float) -> Array:
    """The light on the whole figure as on a cushion, 1 where it faces the viewer."""
    height = pillow(distance(art.alpha > 0.5), round_ * art.px)
    return lit(blur(height, 3 * art.px), 1, 48)[0]


def _grid(art: Layers, turn: float) -> tuple[Array, Array]:
    y, x = np.mgrid[: art.size, : art.size].astype(np.float32) / art.px
    cos, sin = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    return x * cos + y * sin, y * cos - x * sin


def comic(art: Layers) -> Array:
    """Flat inks, a heavy black line, and dots where the shadow falls."""
    shade = np.clip(1.02 - _bright(art, 80), 0, 0.7)
    u, v = _grid(art, 0.6)
    dot = np.cos(u * 2 * np.pi / 7.5) * np.cos(v * 2 * np.pi / 7.5)
    ink = smooth(dot + 2.1 * shade, 0.86, 1.06) * smooth(shade, 0.06, 0.16)
    fills = art.fills
    colour = fills[..., :3] * (1 - 0.36 * ink[..., None] * np.array([0.75, 1, 0.72], dtype=np.float32))
    return _inked(np.dstack([colour, fills[..., 3]]), art.lines, _rgb(art.ink))


def _plate(art: Layers, amount: Array, grain: float, number: int) -> Array:
    """One ink of a printing drum: patchy where it should be even, grainy where it should be pale."""
    px, seed = art.px, art.seed + number * 10
    rough = speckle(art.size, 0.8 * px, seed) * grain + 0.12 * (noise(art.size, 60 * px, seed) - 0.5)
    return np.clip(amount * (0.96 + rough * (1.25 - amount)), 0, 1)


def risograph(art: Layers) -> Array:
    """Three spot inks, each printed a little off its place, with the grain of the drum."""
    px = art.px
    fills = art.fills
    inks = (_rgb("#2a6fb8"), _rgb("#ff4f7b"), _rgb("#ffd02e"))
    places = ((0, 0), (3, -2), (-3, 2))
    paper = np.ones((art.size, art.size, 3), dtype=np.float32) * _rgb("#fffaf0")
    seen = np.zeros((art.size, art.size), dtype=np.float32)
    for k, (ink, (right, down)) in enumerate(zip(inks, places, strict=True)):
        moved = shifted(fills, round(right * px), round(down * px))
        deep = (1 - moved[..., :3]).min(axis=2)  # what is dark in all three is printed in blue, not in brown
        wanted = np.clip(1 - moved[..., k] - deep * (-0.35 if k == 0 else 0.55), 0, 1)
        amount = _plate(art, wanted * moved[..., 3], 0.20, k)[..., None]
        paper = paper * (1 - amount * (1 - ink))
        seen = np.maximum(seen, moved[..., 3])
    lines = shifted(art.lines, round(-2 * px), round(-1 * px))
    paper = paper * (1 - _plate(art, lines, 0.1, 7)[..., None] * (1 - _rgb(art.ink)))
    return np.dstack([paper, np.maximum(art.alpha, seen)])


def retro(art: Layers) -> Array:
    """A poster screened in few inks: colour beside its line, worn where the ink was thin."""
    px, seed = art.px, art.seed
    fills = shifted(art.fills, round(5 * px), round(4 * px))
    levels = np.clip((fills[..., :3] - 0.5) * 1.12 + 0.5, 0, 1) * np.array([1.0, 0.965, 0.87], dtype=np.float32)
    worn = smooth(speckle(art.size, 1.1 * px, seed) + 2.2 * noise(art.size, 80 * px, seed), 2.0, 3.2)[..., None] * 0.7
    cream = _rgb("#fff3d6")
    ground = np.dstack([levels + (cream - levels) * worn, fills[..., 3]])
    page = np.empty_like(ground)
    page[..., :3], page[..., 3] = cream, art.alpha
    lines = art.lines * (1 - 0.5 * worn[..., 0])
    return _inked(over(ground, page), lines, _rgb(art.ink))


def woodcut(art: Layers) -> Array:
    """Carved and pulled by hand: black line, shadow cut in rows that follow the form, one thin tint of colour."""
    px, seed = art.px, art.seed
    fills = art.fills
    height = pillow(distance(art.alpha > 0.5), 90 * px) / px
    bright = lit(blur(height, 4 * px) * px, 1, 46)[0]
    grey = fills[..., :3] @ np.array([0.3, 0.59, 0.11], dtype=np.float32)
    _, rows = _grid(art, 0.32)
    wave = np.sin((rows + height * 0.42 + 5 * noise(art.size, 40 * px, seed)) * 2 * np.pi / 8.2)
    tone = np.clip((1.0 - bright) * 1.1 + (0.60 - grey) * 0.8, 0, 0.5)
    near = (
        1 - smooth(blur(art.lines, 4 * px), 0.10, 0.3) * 0.9
    )  # the wood is left white along the lines, eyes above all
    cut = smooth(wave + 2.3 * tone * near, 1.02, 1.3) * smooth(tone, 0.05, 0.2)
    dark = smooth(-grey, -0.34, -0.2) * fills[..., 3]
    small = np.clip(
        dark * 1.6 - blur(dark, 20 * px) * 2.4, 0, 1
    )  # pupils and noses are black; a black cat is cut in rows
    cream = _rgb("#f8eeda")
    tint = cream * (0.50 + 0.50 * fills[..., :3]) * np.array([1, 0.985, 0.96], dtype=np.float32)
    missed = smooth(speckle(art.size, 1 * px, seed + 1), 1.9, 2.5)
    lines = warped(
        _inked(np.zeros_like(fills), np.maximum(np.maximum(art.lines, small), cut * fills[..., 3]), _rgb(art.ink)),
        1.2 * px,
        9 * px,
        seed,
    )
    return _inked(np.dstack([tint, fills[..., 3]]), lines[..., 3] * (1 - missed), _rgb(art.ink))


def stained_glass(art: Layers) -> Array:
    """Panes of rippled glass with light behind them, held by lead."""
    px, seed = art.px, art.seed
    fills = art.fills
    pane, gap = _panes(art)
    ripple = noise(art.size, 34 * px, seed, 1.6) + 0.2 * noise(art.size, 13 * px, seed + 1)
    bright, glint = lit(ripple * 5 * px, 1, 56)
    y, x = np.mgrid[: art.size, : art.size].astype(np.float32) / art.size
    middle = np.hypot(x - np.float32(0.46), y - np.float32(0.42))
    colour = np.clip(fills[..., :3], 0.10, 0.99) ** np.float32(1.25)
    colour = colour * (pane * (0.72 + 0.28 * bright) * (1.26 - 0.6 * middle))[..., None]
    colour = colour + (1 - colour) * (0.30 * glint**18)[..., None]
    facet = smooth(-gap, -2.4, -0.6)[..., None]
    colour = colour + (1 - colour) * 0.22 * facet
    lead = art.lines
    round_, gleam = lit(blur(lead, 1.6 * px) * 5 * px, 1, 50)
    metal = _rgb(art.ink) * round_[..., None] + 0.42 * (gleam**22)[..., None]
    return over(np.dstack([metal, lead]), np.dstack([colour, fills[..., 3]]))


def _panes(art: Layers) -> tuple[Array, Array]:
    """(how much light the pane at each place lets through, how far its seam is in units): 26 panes, each nearest to its middle."""
    from PIL import Image

    coarse = max(32, art.size // 2)  # seams are soft: half the pixels show them as well
    points = np.random.default_rng([art.seed, 3]).random((26, 2), dtype=np.float32) * coarse
    y, x = np.mgrid[:coarse, :coarse].astype(np.float32)
    apart = np.stack([np.hypot(x - right, y - down) for right, down in points])
    nearest, two = apart.argmin(axis=0), np.partition(apart, 1, axis=0)[:2]
    light = np.array([0.93, 1.05, 0.98, 1.09, 0.90], dtype=np.float32)[nearest % 5]
    full = (art.size, art.size)
    gap = np.asarray(Image.fromarray(two[1] - two[0]).resize(full, Image.Resampling.BILINEAR)) * (512 / coarse)
    return np.asarray(Image.fromarray(light).resize(full, Image.Resampling.NEAREST)), gap


def enamel(art: Layers) -> Array:
    """A pin: polished metal lines stand above pools of glossy enamel."""
    px = art.px
    fills = art.fills
    lines = art.lines
    depth = distance((lines < 0.5) & (fills[..., 3] > 0.5))
    bright, glint = lit(-blur(np.clip(6 * px - depth, 0, None), 1.4 * px) * 0.55, 1, 52)
    colour = fills[..., :3] * (1 + 0.55 * (bright - 1))[..., None]
    y, x = np.mgrid[: art.size, : art.size].astype(np.float32) / art.size
    sweep = smooth(np.sin((x * 1.0 + y * 0.8) * 7.4 - 1.1), 0.93, 0.975) * smooth(depth / px, 1.5, 4) * 0.20
    colour = (
        colour + (1 - colour) * np.clip(sweep + 0.22 * smooth(glint, 0.985, 1) * (depth < 7 * px), 0, 0.5)[..., None]
    )
    return over(_metal(art, lines), np.dstack([colour, fills[..., 3]]))


def _metal(art: Layers, where: Array) -> Array:
    """Polished metal in the colour of the style's ink, round in section, with the sky and the table mirrored in it."""
    px = art.px
    bright, glint = lit(blur(where, 1.5 * px) * 7 * px, 1, 46)
    y, x = np.mgrid[: art.size, : art.size].astype(np.float32) / art.size
    mirror = 0.90 + 0.16 * np.sin((x * 1.4 + y * 2.2) * 6.5)
    colour = _rgb(art.ink) * (bright * mirror)[..., None] + (0.55 * glint**12)[..., None] * np.array(
        [1, 0.95, 0.8], dtype=np.float32
    )
    return np.dstack([colour, where])


def anime(art: Layers) -> Array:
    """Cel painting: the style's hard-edged shadow, a coloured line, light that rims the figure from behind."""
    px, fills, lines = art.px, art.fills, art.lines
    inner = distance(art.alpha > 0.5) / px
    side = np.clip(shifted(inner, round(-7 * px), round(6 * px)), 0, 99)
    rim = smooth(-side, -2.2, -0.6) * smooth(inner, 2.5, 5) * smooth(-inner, -15, -11)
    down = np.linspace(0, 1, art.size, dtype=np.float32)[:, None, None]
    warm, cool = _rgb("#fff6ee") * 1.03, _rgb("#ccc4ea")
    colour = fills[..., :3] * (warm + (cool - warm) * smooth(down, 0.3, 0.95))  # the sky of the scene on the colours
    colour = colour + (1 - colour) * (0.62 * rim)[..., None]
    return _inked(np.dstack([colour, fills[..., 3]]), lines, _rgb(art.ink))


def gloss(art: Layers) -> Array:
    """A printed vinyl sticker: soft shading inside the line and one shine over the upper left."""
    px = art.px
    fills = art.fills
    depth = distance((art.lines < 0.5) & (fills[..., 3] > 0.5)) / px
    bright = _bright(art, 70)
    colour = fills[..., :3] * (1 - 0.16 * smooth(-bright, -0.95, -0.4))[..., None]
    high = smooth(bright, 1.13, 1.16) * smooth(depth, 4, 6.5)
    colour = colour + (1 - colour) * (0.36 * high)[..., None]
    return _inked(np.dstack([colour, fills[..., 3]]), art.lines, _rgb(art.ink))
