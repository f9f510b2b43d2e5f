"""Several characters in one picture, and things dyed in a colour that is asked for."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import label

from tools.images.artist import Character, Scene, UnknownWord, data, draw, render
from tools.images.artist.figure import turns
from tools.images.artist.group import dyed, members


def picture(character: Character, scene: Scene, size: int = 192) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(render(draw(character, scene), size))).convert("RGBA")).astype(int)


def like(seen: np.ndarray, colour: str) -> np.ndarray:
    wanted = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
    return (np.abs(seen[..., :3] - wanted).max(axis=2) <= 10) & (seen[..., 3] == 255)


@pytest.mark.parametrize("who", ["cat+cat", "shiba+cat", "cat+shiba+rabbit", "bubble_tea+girl+penguin"])
@pytest.mark.parametrize(
    ("expression", "caption"), [("happy", "早安"), ("asleep", ""), ("peeking", "在嗎"), ("love", "")]
)
def test_a_group_stands_whole_inside_its_picture(who: str, expression: str, caption: str) -> None:
    seen = picture(Character(who, seed=2), Scene(expression, caption=caption))
    assert (seen[..., 3] > 200).mean() > 0.12
    for edge in (seen[0], seen[-1], seen[:, 0], seen[:, -1]):
        assert edge[..., 3].max() == 0


def test_each_has_its_own_colour_and_the_first_stands_at_the_left() -> None:
    seen = picture(Character("cat+shiba", palette={"main": "#3060ff", "2.main": "#30c040"}), Scene("neutral"))
    blue, green = like(seen, "#3060ff"), like(seen, "#30c040")
    assert blue.sum() > 1500 and green.sum() > 1500
    assert np.nonzero(blue)[1].mean() + 40 < np.nonzero(green)[1].mean()


def test_of_three_the_first_is_in_the_middle() -> None:
    palette = {"main": "#3060ff", "2.main": "#30c040", "3.main": "#e03030"}
    seen = picture(Character("cat+cat+cat", palette=palette), Scene("neutral"))
    first, second, third = (np.nonzero(like(seen, colour))[1].mean() for colour in palette.values())
    assert second + 20 < first < third - 20


def test_only_the_first_wears_and_holds() -> None:
    assert [one.accessories for one in members(Character("cat+cat", accessories=("scarf",)))] == [("scarf",), ()]
    seen = picture(Character("cloud+cloud", palette={"balloon": "#7030ff"}), Scene("neutral", props=("balloon",)))
    _, count = label(like(seen, "#7030ff"))
    assert count == 1


def test_the_same_sheet_gives_the_same_group_and_a_mirror_shows_no_letters() -> None:
    one = draw(Character("cat+cat", seed=4), Scene("happy"))
    assert one == draw(Character("cat+cat", seed=4), Scene("happy"))
    assert turns(Scene("happy")) and not turns(Scene("asleep")) and not turns(Scene("excited", "run"))


def test_four_and_strangers_are_refused_by_name() -> None:
    with pytest.raises(UnknownWord, match="3"):
        draw(Character("cat+cat+cat+cat"), Scene())
    with pytest.raises(UnknownWord, match="griffin"):
        draw(Character("cat+griffin"), Scene())


@pytest.mark.parametrize("prop", ["scarf", "hat", "bow_tie", "umbrella", "balloon", "cap"])
def test_a_dye_reaches_the_thing_and_not_its_wearer(prop: str) -> None:
    thing = data.prop(prop)
    assert dyed(thing, "") is thing
    fills = [part.fill for part in dyed(thing, "#7030ff").parts]
    assert "#7030ff" in fills and len(fills) == len(thing.parts)
    worn = thing.where in ("head", "neck", "eyes")
    character = Character("polar_bear", palette={prop: "#7030ff"}, accessories=(prop,) if worn else ())
    seen = picture(character, Scene("neutral", props=() if worn else (prop,)))
    assert 40 < like(seen, "#7030ff").sum() < 0.3 * (seen[..., 3] > 0).sum()


def test_a_wide_picture_stands_in_the_middle_with_its_caption() -> None:
    rows = np.nonzero(picture(Character("cat+cat+cat"), Scene("neutral", caption="早安"))[..., 3].any(axis=1))[0]
    assert abs(rows[0] - (191 - rows[-1])) < 30
