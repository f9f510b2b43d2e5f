"""LoRAs: in both layouts, by list and by tag, checked before loading, and gone again before the next picture."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest

from tests.doubles import tiny_sdxl
from tools.images.backend.errors import BadLora, UnsafeWeights
from tools.images.backend.model import Painting
from tools.images.diffusion.header import lora_kind, read_header
from tools.images.diffusion.loras import find_lora, wanted
from tools.images.diffusion.paint import SdxlBackend
from tools.images.recipe import Lora, Recipe

Paint = Callable[..., Painting]


def pixels(painting: Painting) -> Any:
    return numpy.asarray(painting.picture, dtype=int)


@pytest.mark.parametrize("layout", ["diffusers", "kohya"])
def test_a_lora_changes_its_picture_and_not_the_next_one(shared: SdxlBackend, paint: Paint, layout: str) -> None:
    before = paint(shared)
    changed = paint(shared, loras=(Lora(layout, 1.0),))
    assert changed.picture.tobytes() != before.picture.tobytes()
    assert paint(shared).picture.tobytes() == before.picture.tobytes()
    assert paint(shared, loras=(Lora(layout, 1.0),)).picture.tobytes() == changed.picture.tobytes()


def test_both_layouts_of_one_lora_are_the_same(shared: SdxlBackend, paint: Paint) -> None:
    one, other = (pixels(paint(shared, loras=(Lora(layout, 1.0),))) for layout in ("diffusers", "kohya"))
    assert abs(one - other).max() <= 1


def test_the_weight_counts_and_a_tag_in_the_prompt_means_the_same(shared: SdxlBackend, paint: Paint) -> None:
    plain = pixels(paint(shared))
    half, whole = (abs(pixels(paint(shared, loras=(Lora("kohya", w),))) - plain).mean() for w in (0.5, 1.0))
    assert 0 < half < whole
    listed = paint(shared, prompt="dog", loras=(Lora("kohya", 0.5),))
    tagged = paint(shared, prompt="dog<lora:kohya:0.5>")
    assert listed.picture.tobytes() == tagged.picture.tobytes()
    assert tagged.recipe.loras == listed.recipe.loras == (Lora("kohya", 0.5),)


def test_two_loras_at_once_are_neither_alone(shared: SdxlBackend, paint: Paint, models: Path, tmp_path: Path) -> None:
    other = tiny_sdxl.lora(tmp_path, seed=9)
    both = (Lora("kohya", 0.7), Lora(str(other), 0.7))
    seen = {paint(shared, loras=loras).picture.tobytes() for loras in (both, both[:1], both[1:], ())}
    assert len(seen) == 4


def test_lists_and_tags_are_joined_the_first_of_a_name_and_none_of_weight_zero() -> None:
    recipe = Recipe(prompt="a <lora:x:0.3> <lora:y:0.4><lora:z:0>", loras=(Lora("x", 0.9), Lora("w", 0)))
    assert wanted(recipe) == (Lora("x", 0.9), Lora("y", 0.4))


def test_a_lora_is_found_by_name_and_nowhere_else(models: Path, tmp_path: Path) -> None:
    for name in ("kohya", "kohya.safetensors", "sub\\kohya", "other/place/kohya"):
        assert find_lora(name, models) == models / "loras" / "kohya.safetensors"
    outside = tmp_path / "secret.safetensors"
    shutil.copyfile(models / "loras" / "kohya.safetensors", outside)
    own = tmp_path / "own"
    (own / "loras").mkdir(parents=True)
    for name in ("../secret", "../../secret.safetensors", "secret", "..", ""):
        with pytest.raises(BadLora):
            find_lora(name, own)
    assert find_lora(str(outside), own) == outside


def test_one_that_is_missing_says_where_to_put_it(shared: SdxlBackend, paint: Paint, models: Path) -> None:
    with pytest.raises(BadLora) as told:
        paint(shared, loras=(Lora("nowhere"),))
    assert told.value.key == "lora_missing" and str(models / "loras") in told.value.message()


def bad(models: Path, name: str, make: Callable[[Path], object]) -> str:
    path = models / "loras" / f"{name}.safetensors"
    make(path)
    return name


def test_a_lora_of_another_model_is_named_and_the_next_picture_is_clean(
    shared: SdxlBackend, paint: Paint, models: Path, tmp_path: Path
) -> None:
    before = paint(shared).picture.tobytes()
    old = tiny_sdxl.lora(tmp_path, "kohya", context=768)
    flux = {"transformer.single_transformer_blocks.0.attn.to_q.lora_A.weight": (4, 8)}
    cases = {
        bad(models, "old", lambda path: shutil.copyfile(old, path)): ("lora_other", "Stable Diffusion 1.x"),
        bad(models, "flux", lambda path: tiny_sdxl.header_only(path, flux)): ("lora_other", "FLUX"),
        bad(models, "none", lambda path: tiny_sdxl.header_only(path, {"a": (2,)})): ("lora_broken", ""),
        bad(models, "short", lambda path: path.write_bytes(old.read_bytes()[:-9])): ("lora_broken", "bytes"),
    }
    for name, (key, said) in cases.items():
        with pytest.raises(BadLora) as told:
            paint(shared, loras=(Lora("kohya"), Lora(name)))
        assert told.value.key == key and said in told.value.message("en"), name
    # Right width of the text, wrong shapes elsewhere: only the library finds that, with the first LoRA loaded already.
    shapes = {
        "unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.lora_A.weight": (4, tiny_sdxl.CONTEXT),
        "unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.lora_B.weight": (999, 4),
    }
    name = bad(models, "odd", lambda path: tiny_sdxl.header_only(path, shapes))
    with pytest.raises(BadLora) as told:
        paint(shared, loras=(Lora("kohya"), Lora(name)))
    assert told.value.key == "lora_broken"
    assert paint(shared).picture.tobytes() == before
    with pytest.raises(UnsafeWeights):
        paint(shared, loras=(Lora("style.pt"),))


@pytest.mark.parametrize(
    ("key", "width", "kind"),
    [
        ("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.lora_down.weight", 2048, "SDXL"),
        (
            "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_v.lora_down.weight",
            768,
            "Stable Diffusion 1.x",
        ),
        ("unet.mid_block.attentions.0.transformer_blocks.0.attn2.to_k.lora_A.weight", 1024, "Stable Diffusion 2.x"),
        (
            "unet.mid_block.attentions.0.transformer_blocks.0.attn2.processor.to_k_lora.down.weight",
            768,
            "Stable Diffusion 1.x",
        ),
        ("unet.mid_block.attentions.0.transformer_blocks.0.attn2.to_k.lora.down.weight", 768, "Stable Diffusion 1.x"),
        ("lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_down.weight", 1280, "SDXL"),
        ("some.weight", 2048, ""),
    ],
)
def test_the_kind_is_told_by_the_text_it_reads(tmp_path: Path, key: str, width: int, kind: str) -> None:
    path = tiny_sdxl.header_only(tmp_path / "x.safetensors", {key: (4, width)})
    assert lora_kind(read_header(path)) == kind
