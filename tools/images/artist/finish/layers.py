"""A drawing taken apart for its finish: all of it, its fills without lines, its lines alone, its shapes by number."""

from __future__ import annotations

import io
import re
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tools.images.artist.finish.texture import Array

__all__ = ["Layers"]

_RIM = re.compile(r'<g fill="#fff" stroke="#fff".*?</g>', re.DOTALL)
_LETTERS = re.compile(r'<g stroke-linejoin="round"><path.*?</g>\s*(?=</svg>)', re.DOTALL)
_COLOUR = re.compile(r'(fill|stroke)="(#[0-9a-f]{6})"')
_PATH = re.compile(r'<path [^>]*fill="[^"]+"[^>]*/>')
_CLIPS = re.compile(r"<clipPath.*?</clipPath>", re.DOTALL)


class Layers:
    """The layers of one SVG of the artist's, as float32 arrays of (size, size, 4) from 0 to 1; each is rendered when first asked for.

    `px` is how many pixels one unit of the drawing (512 wide) takes; `ink` the colour of the style's lines.
    """

    def __init__(self, svg: str, size: int, ink: str, seed: int) -> None:
        found = _LETTERS.search(svg)
        self._letters = found[0] if found else ""
        self._art = _RIM.sub("", _LETTERS.sub("", svg).partition("</title>")[2].removesuffix("</svg>"), count=1)
        self.size, self.ink, self.seed = size, ink, seed
        self.px = size / 512

    @cached_property
    def full(self) -> Array:
        return self._rendered(self._art)

    @property
    def alpha(self) -> Array:
        """(size, size): the figure with its lines."""
        return self._lined[..., 3] if "_lined" in self.__dict__ else self.full[..., 3]

    @cached_property
    def fills(self) -> Array:
        """Without anything in the colour of the lines (outlines, eyes, mouths)."""
        return self._rendered(
            _COLOUR.sub(lambda found: f'{found[1]}="none"' if found[2] == self.ink else found[0], self._art)
        )

    @cached_property
    def lines(self) -> Array:
        """(size, size): how much line there is, 0 to 1."""
        return (1 - self._lined[..., 0]) * self._lined[..., 3]

    @cached_property
    def _lined(self) -> Array:
        white = _COLOUR.sub(lambda found: f'{found[1]}="{"#000000" if found[2] == self.ink else "#ffffff"}"', self._art)
        return self._rendered(re.sub(r' fill-opacity="[^"]*"', ' fill-opacity="0"', white))

    @cached_property
    def letters(self) -> Array:
        return self._rendered(self._letters) if self._letters else np.zeros_like(self.full)

    @cached_property
    def shapes(self) -> NDArray[np.int32]:
        """(size, size): the number of the shape that is seen there, the hindmost 1, later ones nearer; 0 where nothing is."""
        count = 0

        def numbered(found: re.Match[str]) -> str:
            nonlocal count
            if "fill-opacity" in found[0]:
                return ""  # shadows belong to what they fall on
            count += 1
            colour = f"#{count:04x}ff"
            path = _COLOUR.sub(lambda each: f'{each[1]}="{colour}"', found[0])
            return path

        clips = "".join(_CLIPS.findall(self._art))
        art = _PATH.sub(numbered, _CLIPS.sub("", self._art))
        made = self._rendered(f'{clips}<g shape-rendering="crispEdges">{art}</g>')
        seen = (made * 255 + 0.5).astype(np.int32)
        return np.where(made[..., 3] > 0.5, seen[..., 0] * 256 + seen[..., 1], 0)

    def _rendered(self, art: str) -> Array:
        import resvg_py
        from PIL import Image

        svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512">{art}</svg>'
        png = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=self.size, height=self.size, skip_system_fonts=True))
        with Image.open(io.BytesIO(png)) as picture:
            return np.asarray(picture.convert("RGBA"), dtype=np.float32) / 255
