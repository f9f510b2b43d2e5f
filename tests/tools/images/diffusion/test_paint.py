"""SDXL as a backend: the same seed the same bytes, progress, stopping, what is told; on the real pipeline, made tiny."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest
from PIL import Image

from tests.doubles import tiny_sdxl
from tools.images.backend.errors import PaintCancelled, PaintError
from tools.images.backend.model import Painting, Stage
from tools.images.diffusion import SAMPLERS, open_sdxl
from tools.images.diffusion.paint import SdxlBackend
from tools.images.recipe import Recipe

Paint = Callable[..., Painting]
SHEET = {
    "character": {"subject": "shiba", "palette": {}, "accessories": [], "style": "flat", "seed": 3},
    "scene": {"expression": "happy", "pose": "", "props": [], "caption": ""},
}


def pixels(painting: Painting) -> Any:
    return numpy.asarray(painting.picture, dtype=int)


def test_the_same_seed_gives_the_same_bytes_also_in_another_backend(
    shared: SdxlBackend, models: Path, paint: Paint
) -> None:
    first = paint(shared)
    other = open_sdxl(str(models / "tiny"), device="cpu", folder=models)
    assert paint(other).picture.tobytes() == first.picture.tobytes()
    assert paint(shared, seed=2).picture.tobytes() != first.picture.tobytes()
    assert first.picture.mode == "RGB" and first.picture.size == (64, 64)


def test_the_recipe_says_how_it_was_made_and_makes_it_again(shared: SdxlBackend, paint: Paint) -> None:
    made = paint(shared, seed=None, steps=None, cfg=None).recipe
    assert made.seed is not None and (made.steps, made.cfg, made.sampler) == (30, 5.0, "Euler")
    assert (made.model, made.width, made.height, made.made) == ("tiny", 64, 64, "trained")
    assert len(made.model_hash) == 10 and made.extra["memory"] == "whole"
    again = [shared.paint(made, on_stage=lambda _: None, cancelled=lambda: False) for _ in range(2)]
    assert again[0].picture.tobytes() == again[1].picture.tobytes()
    assert again[0].recipe == made and not again[0].notes


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_sampler_paints_and_its_noise_is_that_of_the_seed(
    shared: SdxlBackend, paint: Paint, sampler: str
) -> None:
    first, again = (paint(shared, sampler=sampler, steps=4) for _ in range(2))
    assert first.picture.tobytes() == again.picture.tobytes()
    assert first.recipe.sampler == sampler and not first.notes
    # A sampler gone wrong (clipped latents) ends on flat or burnt colours.
    assert pixels(first).std() > 5


def test_the_deterministic_samplers_agree(shared: SdxlBackend, paint: Paint) -> None:
    euler = pixels(paint(shared, steps=16, sampler="Euler"))
    for sampler in ("DDIM", "Heun", "DPM++ 2M", "UniPC"):
        assert abs(pixels(paint(shared, steps=16, sampler=sampler)) - euler).mean() < 4, sampler
    assert abs(pixels(paint(shared, steps=16, sampler="Euler a")) - euler).mean() > 8


def test_the_negative_and_the_weights_change_the_picture(shared: SdxlBackend, paint: Paint) -> None:
    plain = pixels(paint(shared))
    for order in ({"negative": "blurry"}, {"prompt": "shiba dog, (red scarf:1.4)"}, {"cfg": 9.0}):
        assert (pixels(paint(shared, **order)) != plain).any(), order


def test_the_end_of_a_long_prompt_still_counts(shared: SdxlBackend, paint: Paint) -> None:
    long = "shiba dog, " * 40
    assert pixels(paint(shared, prompt=long + "red")).tolist() != pixels(paint(shared, prompt=long + "blue")).tolist()


def test_progress_is_told_at_every_step_with_a_small_picture(shared: SdxlBackend, paint: Paint) -> None:
    stages: list[Stage] = []
    paint(shared, stages.append, steps=5)
    assert [(stage.done, stage.of) for stage in stages] == [(n, 5) for n in range(1, 6)]
    for stage in stages:
        with Image.open(io.BytesIO(stage.preview or b"")) as small:
            assert small.format == "JPEG" and max(small.size) <= 256


@pytest.mark.parametrize("last", [1, 3])
def test_stopping_takes_no_further_step_and_decodes_nothing(
    shared: SdxlBackend, paint: Paint, monkeypatch: pytest.MonkeyPatch, last: int
) -> None:
    pipe = shared._ready(lambda _: None, lambda: False)
    runs, decoded = [], []
    hook = pipe.unet.register_forward_hook(lambda *_: runs.append(1))
    monkeypatch.setattr(pipe.vae, "decode", lambda *_, **__: decoded.append(1))
    stages: list[Stage] = []
    try:
        with pytest.raises(PaintCancelled):
            shared.paint(
                Recipe(prompt="dog", seed=1, steps=8), on_stage=stages.append, cancelled=lambda: len(runs) >= last
            )
    finally:
        hook.remove()
    assert len(runs) == last and not decoded and len(stages) == last - 1
    monkeypatch.undo()
    assert paint(shared).picture.size == (64, 64)


def test_one_who_stopped_before_it_began_gets_no_step(shared: SdxlBackend) -> None:
    stages: list[Stage] = []
    with pytest.raises(PaintCancelled):
        shared.paint(Recipe(prompt="dog"), on_stage=stages.append, cancelled=lambda: True)
    assert not stages


def test_a_batch_gives_the_pictures_that_come_one_by_one(shared: SdxlBackend, paint: Paint) -> None:
    alone = [paint(shared, seed=seed, sampler="Euler a") for seed in (5, 6, 7)]
    order = Recipe(prompt="shiba dog, red scarf", steps=3, sampler="Euler a")
    together = shared.paint_batch(order, [5, 6, 7], on_stage=lambda _: None, cancelled=lambda: False)
    assert [each.recipe.seed for each in together] == [5, 6, 7]
    for one, other in zip(alone, together, strict=True):
        # Sums of a batch may be rounded otherwise; no eye sees a step of one.
        assert abs(pixels(one) - pixels(other)).max() <= 1


def test_odd_sizes_are_rounded_and_told(shared: SdxlBackend, paint: Paint) -> None:
    painting = paint(shared, width=99, height=66)
    assert painting.picture.size == (96, 64) == (painting.recipe.width, painting.recipe.height)
    assert painting.notes[0][0] == "note_size_rounded"
    assert "99 × 66" in PaintError(*[painting.notes[0][0]], **painting.notes[0][1]).message("en")


def test_an_unknown_sampler_and_another_model_are_told(shared: SdxlBackend, paint: Paint) -> None:
    notes = dict(paint(shared, sampler="Restart", model="juggernautXL").notes)
    assert notes["note_sampler_unknown"]["used"] == "Euler"
    assert notes["note_model_other"] == {"asked": "juggernautXL", "used": "tiny"}
    for key, params in notes.items():
        for lang in ("zh", "en"):
            assert "{" not in PaintError(key, **params).message(lang)


def test_numbers_that_are_none_are_an_error_and_no_black_picture(models: Path, paint: Paint) -> None:
    import torch

    broken = open_sdxl("tiny", device="cpu", folder=models)
    paint(broken)
    with torch.no_grad():
        broken._loaded.pipe.unet.conv_out.bias.fill_(float("nan"))  # type: ignore[union-attr]
    with pytest.raises(PaintError) as told:
        paint(broken)
    assert told.value.key == "paint_not_numbers"


def test_a_drawing_as_first_picture_keeps_its_colours_more_the_lower_the_strength(
    shared: SdxlBackend, paint: Paint
) -> None:
    def guided(strength: float) -> Any:
        sheet = {**SHEET, "guide": {"kind": "img2img", "strength": strength}}
        return pixels(paint(shared, sheet=sheet, steps=8, width=128, height=128))

    low, again, high = guided(0.2), guided(0.2), guided(0.9)
    assert (low == again).all()
    free = pixels(paint(shared, sheet=SHEET, steps=8, width=128, height=128))
    assert abs(high - free).mean() < abs(low - free).mean()


def test_without_a_controlnet_edges_fall_back_and_tell(shared: SdxlBackend, paint: Paint) -> None:
    painting = paint(shared, sheet={**SHEET, "guide": {"kind": "edges", "strength": 0.5}}, width=128, height=128)
    assert [key for key, _ in painting.notes] == ["note_guide_img2img"]
    assert painting.picture.size == (128, 128)


def test_a_controlnet_follows_the_drawing_by_its_strength(tmp_path: Path, paint: Paint) -> None:
    tiny_sdxl.save(tmp_path / "tiny")
    tiny_sdxl.controlnet(tmp_path / "controlnet" / "canny-tiny")
    backend = open_sdxl("tiny", device="cpu", folder=tmp_path)

    def guided(strength: float) -> Any:
        painting = paint(
            backend, sheet={**SHEET, "guide": {"kind": "edges", "strength": strength}}, width=128, height=128
        )
        assert not painting.notes
        return pixels(painting)

    free = pixels(paint(backend, sheet=SHEET, width=128, height=128))
    assert 0 < abs(guided(0.1) - free).mean() < abs(guided(1.0) - free).mean()
