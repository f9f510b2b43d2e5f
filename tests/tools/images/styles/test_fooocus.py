"""Files in Fooocus' format and the two ways to merge styles."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.images.styles import BadStyleFile, PresetLora, Style, load_preset, load_styles, merge, merge_nested


def written(folder: Path, data: object, name: str = "mine.json") -> Path:
    path = folder / name
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return path


WRAP = Style("w", "甲", "W", "soft {prompt}, wool\nwarm", "hard\ncold")
ADD = Style("a", "乙", "A", "glitter", "")
ONLY_NEGATIVE = Style("n", "丙", "N", "", "ugly")


def test_style_files_load_as_they_are(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        [
            {"name": "sai-3d-model", "prompt": "model of {prompt}", "negative_prompt": "flat"},
            {"name": "my-negative", "negative_prompt": "ugly", "extra": 1},
            {"name": "empty", "prompt": None},
        ],
    )
    first, second, third = load_styles(path)
    assert (first.id, first.name_en, first.prompt) == ("sai-3d-model", "SAI 3D Model", "model of {prompt}")
    assert (second.prompt, second.negative, second.has_place) == ("", "ugly", False)
    assert third.prompt == ""


@pytest.mark.parametrize(
    "data",
    ["{", "{}", [1], [{"prompt": "x"}], [{"name": "x", "prompt": 3}], "[" * 100_000, b"\xff\xfe".decode("latin-1")],
)
def test_broken_style_files_are_told(tmp_path: Path, data: object) -> None:
    with pytest.raises(BadStyleFile) as caught:
        load_styles(written(tmp_path, data))
    assert "mine.json" in caught.value.message("en")


def test_fooocus_rule_keeps_every_style_an_entry_of_its_own() -> None:
    merged = merge("a cat\non a mat", "blur\nnoise", [WRAP, ADD, ONLY_NEGATIVE], expansion="sharp")
    assert merged.positive == ("soft a cat, wool", "warm", "glitter", "on a mat", "sharp")
    assert merged.negative == ("hard", "cold", "ugly", "blur", "noise")


def test_without_a_place_the_bare_prompt_goes_first_and_nothing_empty_stays() -> None:
    merged = merge("a cat", "", [ADD, ONLY_NEGATIVE])
    assert merged.positive == ("a cat", "glitter")
    assert merged.negative == ("ugly",)
    assert merge("").positive == ()


def test_a_prompt_that_holds_the_place_mark_is_only_text() -> None:
    assert merge("{prompt} {x}", "", [WRAP]).positive[0] == "soft {prompt} {x}, wool"


def test_nested_rule_wraps_what_the_style_before_made() -> None:
    second = Style("s", "丁", "S", "[{prompt}]", "{prompt}!")
    assert merge_nested("cat", "blur", [Style("f", "戊", "F", "a {prompt}", "hard"), second, ADD]) == (
        "[a cat], glitter",
        "blur, hard!",
    )
    assert merge_nested("", "", [ADD]) == ("glitter", "")


PRESET = {
    "default_model": "juggernaut.safetensors",
    "default_refiner": "None",
    "default_loras": [[True, "None", 1.0], [False, "sticker.safetensors", 0.7], ["old.safetensors", 1]],
    "default_cfg_scale": 4.0,
    "default_sampler": "dpmpp_2m_sde_gpu",
    "default_scheduler": "karras",
    "default_performance": "Speed",
    "default_styles": ["Fooocus V2", "SAI 3D Model"],
    "default_aspect_ratio": "1152*896",
    "default_overwrite_step": -1,
    "checkpoint_downloads": {"juggernaut.safetensors": "https://example.org/j.safetensors"},
    "my_key": 1,
}


def test_presets_load_as_they_are(tmp_path: Path) -> None:
    preset = load_preset(written(tmp_path, PRESET, "anime.json"))
    assert (preset.name, preset.size, preset.cfg_scale) == ("anime", (1152, 896), 4.0)
    assert preset.loras == (PresetLora("sticker.safetensors", 0.7, False), PresetLora("old.safetensors", 1.0, True))
    assert preset.styles == ("Fooocus V2", "SAI 3D Model")
    assert preset.values["checkpoint_downloads"] == PRESET["checkpoint_downloads"]
    assert preset.unknown == ("my_key",)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("default_styles", "__import__('os').system('x')"),
        ("default_styles", [1]),
        ("default_aspect_ratio", "(1152, 896)"),
        ("default_loras", [["a"]]),
        ("default_loras", [[True, "a", "1.0"]]),
        ("default_cfg_scale", "4"),
        ("default_cfg_scale", True),
        ("default_overwrite_step", 1.5),
    ],
)
def test_wrong_values_are_told_with_their_key(tmp_path: Path, key: str, value: object) -> None:
    with pytest.raises(BadStyleFile) as caught:
        load_preset(written(tmp_path, PRESET | {key: value}))
    assert caught.value.params["where"].startswith(key)
