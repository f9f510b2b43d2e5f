"""Up to three characters in one picture: who each of them is, and where they stand beside one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tools.images.artist import data
from tools.images.artist.canvas import Canvas
from tools.images.artist.colour import luminance, mix, nearness
from tools.images.artist.model import MOST_TOGETHER, Character, Part, Prop, Scene, UnknownWord
from tools.images.artist.parts import part_path
from tools.images.artist.paths import bounds

__all__ = ["dyed", "members", "scene_of", "side_by_side"]

_OVERLAP = 40.0  # how far neighbours lean over each other, in units of the picture


def members(character: Character) -> list[Character]:
    """The characters that `character.subject` joins by "+", each with its own palette; one that stands alone is itself.

    Raises:
        UnknownWord: more than three, or a subject that no data file holds.
    """
    names = character.subject.split("+")
    if len(names) > MOST_TOGETHER:
        raise UnknownWord(kind="subject", word=character.subject, known=f"1-{MOST_TOGETHER} × …")
    if len(names) == 1:
        return [character]
    found = []
    for n, name in enumerate(names, 1):
        mark = f"{n}."
        palette = {key.removeprefix(mark): colour for key, colour in character.palette.items() if key.startswith(mark)}
        if n == 1:
            palette = {key: colour for key, colour in character.palette.items() if "." not in key}
        found.append(
            replace(
                character,
                subject=data.subject(name.strip()).id,
                palette=palette,
                features=character.features if n == 1 else {},
                accessories=character.accessories if n == 1 else (),
                seed=character.seed + n - 1 if character.seed else 0,
            )
        )
    return found


def scene_of(scene: Scene, n: int) -> Scene:
    """What the `n`-th of a group does (from 0): the first holds what is held, the others feel the same."""
    return scene if n == 0 else replace(scene, props=())


def side_by_side(canvases: Sequence[Canvas], *, turn: bool) -> Canvas:
    """One canvas of all, feet on one line; of three the first is in the middle, in front. `turn`: those at the right face left."""
    if len(canvases) == 1:
        return canvases[0]
    whole = Canvas(canvases[0].style, canvases[0].ink)
    order = [1, 0, 2] if len(canvases) == 3 else [0, 1]
    placed: dict[int, tuple[float, float, float, float, float, float]] = {}
    x = 0.0
    for n, which in enumerate(order):
        left, _, right, low = canvases[which].bounds()
        turned = turn and n > 0 and which > 0
        if turned:
            left, right = -right, -left
        placed[which] = (-1.0 if turned else 1.0, 0, 0, 1, x - left, -low)
        x += right - left - _OVERLAP
    for which in [*(n for n in order if n), 0] if len(canvases) == 3 else order:
        whole.absorb(canvases[which], placed[which])
    return whole


def dyed(prop: Prop, colour: str) -> Prop:
    """`prop` in another colour: the colour of its largest piece becomes `colour`, lighter and darker shades of it stay as much lighter and darker."""
    if not colour:
        return prop
    plain = [part for part in prop.parts if part.fill.startswith("#") and luminance(part.fill) < 0.93]
    main = max(plain, key=_area).fill if plain else ""
    parts = []
    for part in prop.parts:
        fill = part.fill
        if main and fill.startswith("#") and nearness(fill, main) > 0.86:
            change = luminance(fill) - luminance(main)
            fill = mix(colour, "#ffffff" if change > 0 else "#2a1a18", min(0.6, abs(change) * 1.4))
        parts.append(part.model_copy(update={"fill": fill}))
    return prop.model_copy(update={"parts": tuple(parts)})


def _area(part: Part) -> float:
    left, top, right, bottom = bounds([part_path(part)])
    return (right - left) * (bottom - top) * part.outline
