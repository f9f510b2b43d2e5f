"""The stage: a character in a scene becomes an SVG, an SVG becomes a PNG."""

from __future__ import annotations

import re
from html import escape

from tools.images.artist import data
from tools.images.artist.canvas import Canvas
from tools.images.artist.caption import Set, set_caption
from tools.images.artist.figure import figure, turns
from tools.images.artist.group import members, scene_of, side_by_side
from tools.images.artist.model import Character, Scene, SizeRefused
from tools.images.artist.paths import Matrix

__all__ = ["SIDE", "draw", "render"]

SIDE = 512
_LEAST, _MOST = 16, 4096
_MARK = re.compile(r'<svg [^>]*data-style="([a-z0-9_]+)" data-seed="-?(\d+)"')


def draw(character: Character, scene: Scene) -> str:
    """One sticker as a self-contained SVG of 512 x 512 with a transparent ground.

    Raises:
        UnknownWord: a subject, style, expression, pose, prop or colour that no data file holds.
        CaptionTooLong, FontMissing: the caption cannot be set.
    """
    style = data.style(character.style)
    border = style.border
    caption = (
        set_caption(scene.caption, scene.caption_place, SIDE, border, str(character.seed))
        if scene.caption.strip()
        else None
    )
    figures = [figure(one, scene_of(scene, n), style) for n, one in enumerate(members(character))]
    canvas, largest = (
        side_by_side([canvas for canvas, _ in figures], turn=turns(scene)),
        max(largest for _, largest in figures),
    )
    matrix = _fit(canvas, caption, border, largest)
    if caption is not None and caption.place == "below":
        # A wide picture (several in a row, somebody lying) leaves room above: figure and caption go up together.
        room = matrix[3] * canvas.bounds()[1] + matrix[5] - border - 8
        up = max(0.0, room / 2 - 6)
        matrix, caption = (*matrix[:5], matrix[5] - up), caption.raised(up)
    art = canvas.svg(matrix, border)
    if style.pixels:
        from tools.images.artist.pixel import pixelled

        art = pixelled(canvas.svg(matrix, 0), style.pixels, SIDE, border)
    words = escape(
        f"{'、'.join(data.subject(one.subject).zh for one in members(character))} · {data.expression(scene.expression).zh}"
        + (f" · {scene.caption.strip()}" if scene.caption.strip() else "")
    )
    letters = caption.svg(*style.caption, border) if caption else ""
    mark = f' data-style="{style.id}" data-seed="{character.seed}"' if style.finish else ""
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" width="{SIDE}" height="{SIDE}"{mark}><title>{_xml(words)}</title>{art}{letters}</svg>'


def render(svg: str, size: int = SIDE) -> bytes:
    """The PNG of an SVG, `size` pixels square; one that `draw` made in a style with a finish gets that finish here.

    Raises:
        SizeRefused: `size` is below 16 or above 4096.
    """
    import resvg_py

    if not _LEAST <= size <= _MOST:
        raise SizeRefused(size=size, least=_LEAST, most=_MOST)
    marked = _MARK.match(svg)
    if marked and (style := data.style(marked[1])).finish:
        from tools.images.artist.finish import finished

        return finished(svg, size, style, int(marked[2]))
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, width=size, height=size, skip_system_fonts=True))


def _xml(words: str) -> str:
    """Without the control characters that XML 1.0 does not know."""
    return "".join(letter for letter in words if letter.isprintable())


def _fit(cv: Canvas, caption: Set | None, border: float, largest: float) -> Matrix:
    """Where the figure goes: beside its caption, as large as fits but never larger than is good for a pack."""
    left, top, right, bottom = cv.bounds()
    pad = border + 8
    high, low = pad, SIDE - pad
    if caption is not None:
        if caption.place == "below":
            low = min(low, caption.box[1] + caption.size * 0.15)
        else:
            high = max(high, caption.box[3] - caption.size * (0.12 if caption.place == "above" else -0.02))
            if caption.place == "arch":
                high = max(pad, caption.box[1] + caption.size * 1.25)
    scale = min((SIDE - 2 * pad) / (right - left), (low - high) / (bottom - top), largest)
    middle = (left + right) / 2
    x = SIDE / 2 - scale * middle * 0.5  # the body rather than the tail stands in the middle
    x = min(max(x, pad - scale * left), SIDE - pad - scale * right)
    y = low - scale * bottom if caption is None or caption.place == "below" else high - scale * top
    if caption is None:
        y = (high + low) / 2 - scale * (top + bottom) / 2
    return (scale, 0, 0, scale, x, y)
