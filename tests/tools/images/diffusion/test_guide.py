"""Guide drawings: the character alone on a plain ground in the size that is painted, and clean edges of it."""

from __future__ import annotations

import numpy
import pytest
from PIL import Image, ImageDraw

from tools.images.artist import ArtistError
from tools.images.backend import PaintError
from tools.images.diffusion.guide import drawing, edges
from tools.images.recipe import Recipe

SHIBA = {"subject": "shiba", "palette": {"main": "#3366cc"}, "accessories": ["scarf"], "style": "flat", "seed": 3}


def order(caption: str = "", **character: object) -> Recipe:
    scene = {"expression": "happy", "pose": "wave", "props": [], "caption": caption}
    return Recipe(sheet={"character": {**SHIBA, **character}, "scene": scene})


def inked(picture: Image.Image) -> numpy.ndarray:
    return (numpy.asarray(picture) < 245).any(axis=2)


@pytest.mark.parametrize("size", [(64, 64), (512, 384), (200, 320)])
def test_the_drawing_has_the_size_and_stands_in_the_middle_of_a_plain_ground(size: tuple[int, int]) -> None:
    picture = drawing(order(), size)
    ink = inked(picture)
    assert picture.mode == "RGB" and picture.size == size
    assert 0.1 < ink.mean() < 0.8
    assert not ink[0].any() and not ink[-1].any() and not ink[:, 0].any() and not ink[:, -1].any()
    rows, columns = numpy.nonzero(ink)
    assert abs(columns.mean() - size[0] / 2) < 0.1 * size[0] and abs(rows.mean() - size[1] / 2) < 0.15 * size[1]


def test_the_caption_is_left_out() -> None:
    assert drawing(order("早安"), (128, 128)).tobytes() == drawing(order(), (128, 128)).tobytes()


def test_the_character_decides_the_drawing() -> None:
    plain = drawing(order(), (128, 128))
    assert plain.tobytes() == drawing(order(), (128, 128)).tobytes()
    blue = numpy.asarray(plain, dtype=int)
    assert (blue[..., 2] - blue[..., 0] > 60).mean() > 0.1
    for other in ({"palette": {}}, {"subject": "cat"}, {"accessories": []}):
        assert drawing(order(**other), (128, 128)).tobytes() != plain.tobytes()


def test_sizes_beyond_the_artist_are_filled_all_the_same() -> None:
    picture = drawing(order(), (2304, 2304))
    assert picture.size == (2304, 2304) and inked(picture)[:, 1152].any()


@pytest.mark.parametrize(
    "sheet",
    [
        {},
        {"character": "a dog"},
        {"character": {"subject": ["shiba"]}},
        {"character": {"subject": "shiba", "palette": 3}},
        {"character": {"subject": "no such animal"}},
    ],
)
def test_a_sheet_without_a_character_is_refused_in_words(sheet: dict[str, object]) -> None:
    with pytest.raises((PaintError, ArtistError)) as caught:
        drawing(Recipe(sheet=sheet), (64, 64))
    assert caught.value.message("zh") != caught.value.message("en")


def test_edges_lie_on_the_border_of_a_shape_one_pixel_thin() -> None:
    picture = Image.new("RGB", (128, 96), "white")
    ImageDraw.Draw(picture).rectangle((30, 20, 89, 69), fill="#4060c0")
    found = edges(picture)
    ink = numpy.asarray(found)[..., 0] > 0
    assert found.mode == "RGB" and found.size == (128, 96) and set(numpy.unique(found)) == {0, 255}
    rows, columns = numpy.nonzero(ink)
    assert {rows.min(), rows.max()} <= {19, 20, 69, 70} and {columns.min(), columns.max()} <= {29, 30, 89, 90}
    assert not ink[25:65, 35:85].any()
    assert all(ink[row].sum() == 2 for row in range(26, 64)) and all(ink[:, col].sum() == 2 for col in range(36, 84))


def test_colours_of_one_brightness_part_and_faint_shading_does_not() -> None:
    picture = Image.new("RGB", (96, 96), (200, 60, 60))
    ImageDraw.Draw(picture).rectangle((48, 0, 95, 95), fill=(60, 131, 60))  # the same luma
    assert (numpy.asarray(edges(picture))[..., 0] > 0).sum() >= 90
    ramp = numpy.linspace(0, 255, 256, dtype=numpy.uint8)[None, :, None].repeat(64, 0).repeat(3, 2)
    assert not numpy.asarray(edges(Image.fromarray(ramp))).any()
    assert not numpy.asarray(edges(Image.new("RGB", (40, 40), "orange"))).any()


def test_weak_edges_count_only_where_they_go_on_from_strong_ones() -> None:
    picture = Image.new("RGB", (128, 64), "white")
    pen = ImageDraw.Draw(picture)
    fade = [255 - round(180 * (1 - x / 60) ** 2) - 24 for x in range(60)]
    for x in range(60):
        pen.line((x, 32, x, 63), fill=(fade[x],) * 3)  # a border that fades but does not end
    pen.rectangle((80, 32, 127, 63), fill=(231, 231, 231))  # as faint as its end, and alone
    ink = numpy.asarray(edges(picture))[..., 0] > 0
    assert ink[28:36, 45:58].any(axis=0).all() and not ink[:, 84:124].any()


def test_a_drawing_gives_edges_all_around_the_figure() -> None:
    picture = drawing(order(style="kawaii"), (256, 256))
    ink, lines = inked(picture), numpy.asarray(edges(picture))[..., 0] > 0
    assert 0.01 < lines.mean() < 0.15
    for row in range(60, 200, 10):  # the first ink from the left has an edge beside it
        first = numpy.nonzero(ink[row])[0][0]
        assert lines[row - 1 : row + 2, max(0, first - 3) : first + 4].any()
