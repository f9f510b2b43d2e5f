"""The house artist as a backend: the sheet drawn, what it cannot draw told, nothing of a stranger's picture trusted."""

from __future__ import annotations

from typing import Any

import pytest

from tools.images.artist import ArtistError
from tools.images.backend import HOUSE, HouseBackend, PaintCancelled, PaintError, Painting, Stage
from tools.images.recipe import Recipe

CHARACTER = {"subject": "柴犬", "palette": {}, "accessories": ["scarf"], "style": "kawaii", "seed": 7}
SCENE = {"expression": "happy", "pose": "", "props": [], "caption": ""}


def paint(recipe: Recipe, stages: list[Stage] | None = None, cancelled: bool = False) -> Painting:
    told = [] if stages is None else stages
    return HouseBackend().paint(recipe, on_stage=told.append, cancelled=lambda: cancelled)


def sheet(**changes: Any) -> dict[str, Any]:
    return {"character": {**CHARACTER, **changes}, "scene": SCENE}


def test_the_sheet_is_drawn_and_the_recipe_says_how() -> None:
    """Stops: another picture for the same recipe, and a recipe that says less than what was made."""
    recipe, stages = Recipe(prompt="shiba", seed=7, sheet=sheet()), []
    done = paint(recipe, stages)
    assert (done.picture.mode, done.picture.size, done.notes) == ("RGBA", (512, 512), ())
    assert done.picture.getextrema()[3] == (0, 255), "no alpha"
    assert (done.recipe.model, done.recipe.made, done.recipe.width, done.recipe.prompt) == (
        HOUSE,
        "drawn",
        512,
        "shiba",
    )
    assert stages == [Stage(0, 1), Stage(1, 1)]
    assert paint(done.recipe).picture.tobytes() == done.picture.tobytes()
    other = paint(Recipe(seed=7, sheet=sheet(palette={"main": "#102030"})))
    assert other.picture.tobytes() != done.picture.tobytes()


@pytest.mark.parametrize(
    ("size", "side", "told"),
    [((370, 370), 370, False), ((1024, 768), 768, True), ((9_000, 9_000), 2_048, True), ((None, 64), 64, False)],
)
def test_pictures_are_square(size: tuple[int | None, int], side: int, told: bool) -> None:
    """Stops: a size changed in silence, and a picture that fills the memory."""
    done = paint(Recipe(width=size[0], height=size[1], sheet=sheet()))
    assert done.picture.size == (side, side) == (done.recipe.width, done.recipe.height)
    assert [key for key, _ in done.notes] == (["note_square"] if told else [])


def test_a_scene_may_be_absent() -> None:
    """Stops: a crash on a sheet that names who, but not what it does."""
    assert paint(Recipe(sheet={"character": {"subject": "cat"}})).picture.size == (512, 512)


@pytest.mark.parametrize("given", [{}, {"character": "柴犬"}, {"scene": SCENE}])
def test_no_character(given: dict[str, Any]) -> None:
    """Stops: some animal drawn for the recipe of another program."""
    with pytest.raises(PaintError) as error:
        paint(Recipe(prompt="a castle", sheet=given))
    assert error.value.key == "no_character" and "SDXL" in error.value.message("zh")


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("subject", 5), ("subject", None), ("palette", ["#fff"]), ("palette", {"main": {"x": 1}}), ("seed", "7"),
        ("seed", True), ("accessories", "scarf"), ("accessories", [1]), ("style", ["kawaii"]),
    ],
)  # fmt: skip
def test_a_hostile_sheet(where: str, value: Any) -> None:
    """Stops: a stack trace, or worse, from a sheet that a stranger wrote into a picture."""
    with pytest.raises(PaintError) as error:
        paint(Recipe(sheet=sheet(**{where: value})))
    assert error.value.key == "bad_sheet"


def test_what_the_artist_does_not_know() -> None:
    """Stops: an unknown subject drawn as something else."""
    with pytest.raises(ArtistError, match="噴火恐龍坦克"):
        paint(Recipe(sheet=sheet(subject="噴火恐龍坦克")))
    with pytest.raises(ArtistError):
        paint(Recipe(sheet=sheet(palette={"main": "url(http://x)"})))


def test_cancelled_before_it_is_drawn() -> None:
    """Stops: a cancelled sticker that is drawn all the same."""
    stages: list[Stage] = []
    with pytest.raises(PaintCancelled):
        paint(Recipe(sheet=sheet()), stages, cancelled=True)
    assert stages == []
