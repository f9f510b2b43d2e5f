"""Finishes: each changes the figure and nothing else, keeps its edges and its caption, and is the same again for the same seed."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from tools.images.artist import Character, Scene, draw, render, styles
from tools.images.artist.finish import FINISHES
from tools.images.artist.finish.layers import Layers
from tools.images.artist.finish.rims import RIMS
from tools.images.artist.finish.texture import distance, lit, noise, over, pillow, shifted, speckle, warped

FINISHED = [style for style in styles() if style.finish]


def seen(svg: str, size: int = 256) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(render(svg, size))).convert("RGBA")).astype(int)


def drawn(style: str, caption: str = "", seed: int = 5, subject: str = "shiba") -> np.ndarray:
    return seen(draw(Character(subject, style=style, seed=seed), Scene("happy", caption=caption)))


def test_the_data_names_only_finishes_and_rims_that_are_there() -> None:
    assert len(FINISHED) >= 18
    assert {style.finish for style in FINISHED} == set(FINISHES)
    assert all(style.rim in RIMS and not style.pixels for style in FINISHED)


@pytest.mark.parametrize("style", FINISHED, ids=lambda style: style.id)
def test_a_finish_works_over_the_figure_and_keeps_its_shape(style) -> None:
    svg = draw(Character("shiba", style=style.id, seed=5), Scene("happy"))
    plain = seen(svg.replace(" data-style", " data-plain"))
    done = seen(svg)
    inside = (plain[..., 3] == 255) & (done[..., 3] == 255)
    changed = np.abs(done[..., :3] - plain[..., :3])[inside].sum(axis=1)
    assert (changed > 12).mean() > 0.08  # it is no mere copy
    assert changed.mean() < 260  # and still the same character
    both = ((plain[..., 3] > 127) & (done[..., 3] > 127)).sum()
    assert both / ((plain[..., 3] > 127) | (done[..., 3] > 127)).sum() > 0.93
    assert ((done[..., 3] > 20) & (done[..., 3] < 235)).mean() < 0.06  # the edge is an edge, not a haze
    for edge in (done[0], done[-1], done[:, 0], done[:, -1]):
        assert edge[..., 3].max() == 0


@pytest.mark.parametrize("style", FINISHED, ids=lambda style: style.id)
def test_same_seed_same_bytes_and_eyes_stay_dark(style) -> None:
    svg = draw(Character("chick", style=style.id, seed=5), Scene("neutral"))
    first = render(svg, 128)
    assert first == render(svg, 128)
    picture = seen(svg)
    ground = np.median(picture[picture[..., 3] == 255][:, :3].sum(axis=1))
    assert (picture[picture[..., 3] == 255][:, :3].sum(axis=1) < ground - 180).mean() > 0.004


@pytest.mark.parametrize("style", FINISHED, ids=lambda style: style.id)
def test_letters_are_drawn_above_the_finish_in_their_own_colour(style) -> None:
    picture = drawn(style.id, caption="早安")
    wanted = np.array([int(style.caption[0][k : k + 2], 16) for k in (1, 3, 5)])
    low = picture[150:]
    assert (np.abs(low[..., :3] - wanted).max(axis=2) <= 3).sum() > 250


def test_every_style_looks_its_own() -> None:
    pictures = {style.id: drawn(style.id) for style in styles()}
    names = list(pictures)
    for k, one in enumerate(names):
        for other in names[k + 1 :]:
            assert np.abs(pictures[one] - pictures[other]).mean() > 1.0, (one, other)


def test_seeds_change_the_hand_and_sizes_agree() -> None:
    assert np.abs(drawn("watercolor", seed=5) - drawn("watercolor", seed=6)).mean() > 0.5
    svg = draw(Character("penguin", style="clay", seed=4), Scene("happy"))
    large = Image.open(io.BytesIO(render(svg, 512))).resize((128, 128), Image.Resampling.BOX)
    assert np.abs(np.asarray(large).astype(int) - seen(svg, 128)).mean() < 9


def test_layers_take_a_drawing_apart() -> None:
    svg = draw(Character("shiba", style="comic"), Scene("happy", caption="早安"))
    art = Layers(svg, 128, "#1d1a24", 0)
    assert art.lines.max() > 0.9 and 0.02 < (art.lines > 0.5).mean() < 0.3
    assert art.fills[..., 3].sum() < art.full[..., 3].sum()
    assert len(np.unique(art.shapes)) > 12 and art.shapes.min() == 0
    assert art.letters[100:].max() == 1 and art.full[..., 3][:, 0].max() == 0
    assert not Layers(draw(Character("shiba", style="comic"), Scene("happy")), 64, "#1d1a24", 0).letters.any()


def test_a_mark_in_a_caption_starts_no_finish() -> None:
    svg = draw(Character("cat"), Scene("happy", caption='<svg data-style="clay" data-seed="1">'))
    assert render(svg, 64) == render(svg.replace("<title>", "<title> "), 64)
    marked = svg.replace("<svg ", '<svg data-style="kawaii" data-seed="1" ', 1)
    assert render(marked, 64) == render(svg, 64)  # a style without a finish has none


def test_textures() -> None:
    assert noise(64, 9, 1).shape == (64, 64) and (noise(64, 9, 1) == noise(64, 9, 1)).all()
    assert not np.array_equal(noise(64, 9, 1), noise(64, 9, 2))
    assert abs(float(speckle(64, 1.5, 3).std()) - 1) < 0.01
    disc = np.hypot(*(np.mgrid[:64, :64] - 32)) < 20
    height = pillow(distance(disc), 12)
    bright, glint = lit(height)
    assert bright[20, 20] > 1.05 > 0.8 > bright[44, 44]  # light falls from the upper left
    assert glint.min() >= 0 and glint.max() <= 1
    assert (shifted(np.eye(4), 1, 0)[0] == [0, 1, 0, 0]).all() and not shifted(np.eye(4), 0, 2)[:2].any()
    picture = np.zeros((64, 64, 4), np.float32)
    picture[disc] = (1, 0, 0, 1)
    bent = warped(picture, 4, 20, 1)
    assert 0.75 < bent[..., 3].sum() / picture[..., 3].sum() < 1.25 and not np.array_equal(bent, picture)
    assert (over(picture, np.ones_like(picture))[0, 0] == 1).all()
    assert over(picture, np.ones_like(picture))[32, 32].tolist() == [1, 0, 0, 1]
