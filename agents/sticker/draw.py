"""Stickers on the disk: drawn by the house artist, each with its recipe inside, and packed for a platform.

A file that is there and whole, and was made by the same recipe, is not drawn again: so a killed run goes on where it was.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from agents.errors import AgentError
from agents.sticker.house import cast
from tools.images.prompt import wish
from tools.images.recipe import PictureError, Recipe, decode_picture, encode, read_recipe
from tools.storage import writing

__all__ = ["ARTIST", "SIDE", "FolderTaken", "Sketch", "make_platform_pack", "make_sticker", "sketches"]

ARTIST = "house artist"
SIDE = 512


class FolderTaken(AgentError):
    """Raised when a sticker's place is held by a file that Finale did not draw."""

    code = "folder_taken"
    words_file: ClassVar[Path] = Path(__file__).with_name("messages.yaml")


@dataclass(frozen=True)
class Sketch:
    """One sticker to draw: where to, and the recipe, whose `sheet` says all that the artist needs."""

    path: Path
    recipe: Recipe

    @property
    def caption(self) -> str:
        return str(self.recipe.sheet["scene"]["caption"])


def sketches(inputs: Mapping[str, Any], expanded: Mapping[str, Any], folder: Path, *, letters: bool) -> list[Sketch]:
    """What is to be drawn for a sheet, in its order; `letters`: with captions."""
    who = cast(wish(inputs["theme"]), inputs["style"], expanded["sheet"]["subject"], expanded["prompt"])
    character = {
        "subject": who.subject,
        "palette": who.palette,
        "accessories": list(who.accessories),
        "style": who.style,
        "seed": inputs["seed"],
    }
    found = []
    for n, scene in enumerate(expanded["sheet"]["stickers"], 1):
        told = {**scene, "caption": scene["caption"] if letters else ""}
        recipe = Recipe(
            prompt=expanded["prompt"],
            negative=expanded["negative"],
            seed=inputs["seed"],
            width=SIDE,
            height=SIDE,
            model=ARTIST,
            styles=(inputs["style"],),
            made="drawn",
            sheet={"character": character, "scene": told},
        )
        found.append(Sketch(folder / f"{n:02d}.png", recipe))
    return found


def make_sticker(sketch: Sketch) -> bool:
    """Draw one sticker into its place; False where it was there already.

    Raises:
        FolderTaken: a file of somebody else's is there.
        ArtistError: the scene cannot be drawn (a caption without a font).
        StorageError: the folder cannot be written.
    """
    if sketch.path.exists():
        known = _recipe_at(sketch.path)
        if known is None or known.model != ARTIST:
            raise FolderTaken(path=sketch.path)
        if known == sketch.recipe and _whole(sketch.path):
            return False
    data = _drawn(sketch.recipe)
    part = sketch.path.with_suffix(".part")
    with writing(sketch.path):
        sketch.path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data)
        part.replace(sketch.path)
    return True


def make_platform_pack(
    made: Sequence[Sketch], platform: str, folder: Path, title: str, progress: Callable[[int, int], None]
) -> Any:
    """The pack of stickers that are drawn: they have their border and their caption already.

    Raises:
        PackError, StorageError
    """
    from tools.images.packs import PLAIN, Sticker, make_pack

    pictures = [Sticker(each.path, description=each.caption, recipe=each.recipe, name=each.path.name) for each in made]
    return make_pack(pictures, platform, folder, title=title, finish=PLAIN, made="drawn", progress=progress)


def _drawn(recipe: Recipe) -> bytes:
    from PIL import Image

    from tools.images.artist import Character, Scene, draw, render

    who, scene = recipe.sheet["character"], recipe.sheet["scene"]
    character = Character(
        who["subject"], who["palette"], accessories=tuple(who["accessories"]), style=who["style"], seed=who["seed"]
    )
    svg = draw(character, Scene(scene["expression"], scene["pose"], tuple(scene["props"]), scene["caption"]))
    with Image.open(io.BytesIO(render(svg, SIDE))) as picture:
        return encode(picture.convert("RGBA"), "PNG", made="drawn", recipe=recipe)


def _recipe_at(path: Path) -> Recipe | None:
    try:
        return read_recipe(path)
    except (PictureError, OSError):
        return None


def _whole(path: Path) -> bool:
    try:
        return decode_picture(path).size == (SIDE, SIDE)
    except (PictureError, OSError):
        return False
