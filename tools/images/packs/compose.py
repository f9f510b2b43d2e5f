"""One sticker: the subject with its caption, a die-cut border and a soft shadow, in the size a platform wants."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tools.images.packs.caption import draw_caption
from tools.images.packs.edges import die
from tools.images.packs.errors import NothingToPack
from tools.images.packs.platforms import PictureRule

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["PLAIN", "Finish", "compose"]


@dataclass(frozen=True, slots=True)
class Finish:
    """How stickers are finished. Lengths are pixels in a picture of 512; smaller pictures get less.

    Attributes:
        border: Width of the die-cut border; 0 for none. shadow: its strength, 0..1; 0 for none.
        caption_share: How much of the height a caption may take.
    """

    border: float = 10
    colour: tuple[int, int, int] = (255, 255, 255)
    shadow: float = 0.25
    blur: float = 5
    drop: float = 3
    caption_share: float = 0.24


# For pictures that are finished already.
PLAIN = Finish(border=0, shadow=0)


def compose(
    picture: Image, rule: PictureRule, *, caption: str = "", finish: Finish | None = None, font: Path | None = None
) -> Image:
    """The sticker of an RGBA picture that is cut out, as `rule` wants it: size, even sides, transparent margin.

    Raises:
        NothingToPack: nothing in the picture can be seen. FontMissing: a caption is wanted and no font is there.
    """
    from PIL import Image as Pillow

    finish = finish or Finish()
    box = picture.getchannel("A").point(lambda value: 255 if value >= 8 else 0).getbbox()
    if box is None:
        raise NothingToPack("empty_sticker")
    scale = min(rule.width, rule.height) / 512
    reach = ceil((finish.blur * 2 + finish.drop) * scale) if finish.shadow else 0
    pad = rule.margin + ceil(_width(finish, scale)) + reach + 1
    wide, high = max(8, rule.width - 2 * pad), max(8, rule.height - 2 * pad)
    words = draw_caption(caption, wide, round(high * finish.caption_share), font) if caption else None
    gap = round(4 * scale) if words else 0
    content = _stack(_scaled(picture.crop(box), wide, high - gap - (words.height if words else 0)), words, gap)
    size = _canvas(content.size, pad, rule)
    canvas = Pillow.new("RGBA", size)
    canvas.alpha_composite(content, ((size[0] - content.width) // 2, (size[1] - content.height) // 2))
    return _clear_rim(_finished(canvas, finish, scale), rule.margin)


def _width(finish: Finish, scale: float) -> float:
    """The border's width in pixels; a thinner one than two would be a grey fringe and no border."""
    return max(2.0, finish.border * scale) if finish.border > 0 else 0.0


def _scaled(subject: Image, wide: int, high: int) -> Image:
    """The subject as large as `wide` x `high` allows, in its own proportions."""
    from PIL import Image as Pillow

    factor = min(wide / subject.width, high / subject.height)
    size = max(1, round(subject.width * factor)), max(1, round(subject.height * factor))
    size = min(size[0], wide), min(size[1], max(1, high))
    # Pillow weighs colours by alpha while it resizes RGBA, so transparent pixels bleed no colour into the edge.
    return subject if size == subject.size else subject.resize(size, Pillow.Resampling.LANCZOS)


def _stack(subject: Image, words: Image | None, gap: int) -> Image:
    from PIL import Image as Pillow

    if words is None:
        return subject
    content = Pillow.new("RGBA", (max(subject.width, words.width), subject.height + gap + words.height))
    content.alpha_composite(subject, ((content.width - subject.width) // 2, 0))
    content.alpha_composite(words, ((content.width - words.width) // 2, subject.height + gap))
    return content


def _canvas(content: tuple[int, int], pad: int, rule: PictureRule) -> tuple[int, int]:
    """The size of the whole picture by the rule's way to fill."""
    if rule.fill == "exact":
        return rule.width, rule.height
    width, height = min(rule.width, content[0] + 2 * pad), min(rule.height, content[1] + 2 * pad)
    if rule.fill == "long_side":
        width, height = (rule.width, height) if width >= height else (width, rule.height)
    if rule.even:  # the rule's own sizes are even, so rounding up stays within them
        width, height = width + width % 2, height + height % 2
    return width, height


def _finished(canvas: Image, finish: Finish, scale: float) -> Image:
    """Shadow, border and the picture on top of each other."""
    from PIL import Image as Pillow
    from PIL import ImageChops, ImageFilter

    shape = canvas.getchannel("A")
    out = Pillow.new("RGBA", canvas.size)
    if finish.border > 0:
        shape = Pillow.fromarray(np.round(die(np.asarray(shape), _width(finish, scale), scale) * 255).astype(np.uint8))
    if finish.shadow > 0:
        soft = shape.filter(ImageFilter.GaussianBlur(finish.blur * scale)).point(
            lambda value: round(value * finish.shadow)
        )
        dropped = ImageChops.offset(soft, 0, round(finish.drop * scale))
        shade = Pillow.new("RGBA", canvas.size)
        shade.putalpha(dropped)
        out.alpha_composite(shade)
    if finish.border > 0:
        ring = Pillow.new("RGBA", canvas.size, (*finish.colour, 0))
        ring.putalpha(shape)
        out.alpha_composite(ring)
    out.alpha_composite(canvas)
    return out


def _clear_rim(picture: Image, margin: int) -> Image:
    """The picture with nothing within `margin` of its edge: a shadow fades out without an end."""
    from PIL import Image as Pillow

    pixels = np.asarray(picture).copy()
    if margin:
        for rim in (pixels[:margin], pixels[-margin:], pixels[:, :margin], pixels[:, -margin:]):
            rim[...] = 0
    pixels[pixels[..., 3] == 0] = 0  # what cannot be seen takes no bytes
    return Pillow.fromarray(pixels)
