"""The house artist as a backend: draws the character and the scene of a recipe's sheet; needs no model and no network."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from tools.images.backend.errors import PaintCancelled, PaintError
from tools.images.backend.model import Painting, Stage
from tools.images.recipe import Recipe

__all__ = ["HOUSE", "SIDE", "HouseBackend"]

HOUSE = "house artist"
SIDE = 512  # pixels, where the recipe names no size
_MOST = 2048


class HouseBackend:
    """Draws square RGBA pictures from `recipe.sheet`: "character" and "scene"."""

    name = HOUSE
    device = "house"

    def paint(self, recipe: Recipe, *, on_stage: Callable[[Stage], None], cancelled: Callable[[], bool]) -> Painting:
        """The sticker of the recipe's sheet, `recipe.width` pixels square where that is told, else 512.

        Raises:
            PaintCancelled: `cancelled` says so before it is drawn.
            PaintError: the sheet has no character, or holds what no sheet holds.
            ArtistError: the scene cannot be drawn (an unknown subject, a caption without a font).
        """
        from PIL import Image

        from tools.images.artist import draw, render

        if cancelled():
            raise PaintCancelled
        on_stage(Stage(0, 1))
        character, scene = _sheet(recipe)
        side = min(recipe.width or SIDE, recipe.height or SIDE, _MOST)
        with Image.open(io.BytesIO(render(draw(character, scene), side))) as picture:
            done = picture.convert("RGBA")
        on_stage(Stage(1, 1))
        asked = (recipe.width or side, recipe.height or side)
        size = {"asked": f"{asked[0]} × {asked[1]}", "used": f"{side} × {side}"}
        notes = (("note_square", size),) if asked != (side, side) else ()
        return Painting(done, replace(recipe, model=HOUSE, made="drawn", width=side, height=side), notes)


def _sheet(recipe: Recipe) -> tuple[Any, Any]:
    """The artist's Character and Scene of a sheet, which may have come in a stranger's picture.

    Raises:
        PaintError
    """
    from tools.images.artist import Character, Scene

    who, told = recipe.sheet.get("character"), recipe.sheet.get("scene")
    if not isinstance(who, Mapping):
        raise PaintError("no_character")
    what = told if isinstance(told, Mapping) else {}
    palette, seed = who.get("palette", {}), who.get("seed", recipe.seed or 0)
    if not isinstance(palette, Mapping) or isinstance(seed, bool) or not isinstance(seed, int):
        raise PaintError("bad_sheet", where="palette" if not isinstance(palette, Mapping) else "seed")
    character = Character(
        _text(who, "subject"),
        {str(name): _text(palette, name) for name in palette},
        accessories=_texts(who, "accessories"),
        style=_text(who, "style", Character.style),
        seed=seed,
    )
    scene = Scene(
        _text(what, "expression", Scene.expression),
        _text(what, "pose"),
        _texts(what, "props"),
        _text(what, "caption"),
    )
    return character, scene


def _text(data: Mapping[str, Any], name: str, default: str = "") -> str:
    value = data.get(name, default)
    if not isinstance(value, str):
        raise PaintError("bad_sheet", where=name)
    return value


def _texts(data: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = data.get(name, ())
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise PaintError("bad_sheet", where=name)
    return tuple(value)
