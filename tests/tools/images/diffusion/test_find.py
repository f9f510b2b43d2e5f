"""Which model a setting names, by headers and configs alone: what is no SDXL is told before anything is loaded."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.doubles.tiny_sdxl import header_only
from tools.images.backend.errors import MissingWeights, NotSdxl, PaintError, UnsafeWeights
from tools.images.diffusion import look

UNET = "model.diffusion_model."
TEXT = UNET + "middle_block.1.transformer_blocks.0.attn2.to_k.weight"
IN = UNET + "input_blocks.0.0.weight"


def test_a_folder_and_a_file_are_found_by_path_and_by_name(models: Path) -> None:
    assert look("", models).kind == "nothing"
    for name in ("tiny", str(models / "tiny")):
        assert (look(name, models).kind, look(name, models).path) == ("folder", models / "tiny")
    found = look("single.safetensors", models)
    assert found.kind == "file" and found.ready and found.path == models / "single.safetensors"


def test_looking_imports_no_torch(models: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tools.images.diffusion import look;"
        f"look('tiny', Path({str(models)!r})); look('owner/name', Path('.'));"
        "sys.exit(bool({'torch', 'diffusers', 'transformers'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("shapes", "kind"),
    [
        ({IN: (320, 4, 3, 3), TEXT: (1280, 768), "cond_stage_model.x": (1,)}, "Stable Diffusion 1.x"),
        ({IN: (320, 4, 3, 3), TEXT: (1280, 1024)}, "Stable Diffusion 2.x"),
        ({IN: (384, 4, 3, 3), "conditioner.embedders.0.model.ln_final.bias": (1280,)}, "SDXL Refiner"),
        ({UNET + "joint_blocks.0.x_block.attn.qkv.weight": (4, 4)}, "Stable Diffusion 3"),
        ({"double_blocks.0.img_attn.qkv.weight": (4, 4)}, "FLUX"),
        ({"lora_unet_down_blocks_1.lora_up.weight": (4, 4)}, "LoRA"),
        ({"unet.down_blocks.1.attn2.to_k.lora_A.weight": (4, 2048)}, "LoRA"),
        ({"controlnet_cond_embedding.conv_in.weight": (16, 3, 3, 3)}, "ControlNet"),
        ({"decoder.conv_in.weight": (512, 4, 3, 3)}, "VAE"),
        ({IN: (320, 4, 3, 3), TEXT: (1280, 2048)}, "SDXL UNet (text encoders missing)"),
    ],
)
def test_other_kinds_are_named(tmp_path: Path, shapes: dict[str, tuple[int, ...]], kind: str) -> None:
    header_only(tmp_path / "model.safetensors", shapes)
    with pytest.raises(NotSdxl) as told:
        look("model.safetensors", tmp_path)
    assert told.value.params["kind"] == kind and kind in told.value.message("en")


def test_a_file_of_anything_is_no_model(tmp_path: Path) -> None:
    header_only(tmp_path / "model.safetensors", {"weight": (2, 2)})
    with pytest.raises(NotSdxl) as told:
        look("model.safetensors", tmp_path)
    assert told.value.key == "not_a_model"


@pytest.mark.parametrize("cut", [0, 5, 100, -1])
def test_a_file_cut_short_is_told_with_its_size(models: Path, tmp_path: Path, cut: int) -> None:
    data = (models / "single.safetensors").read_bytes()
    (tmp_path / "short.safetensors").write_bytes(data[:cut])
    with pytest.raises(MissingWeights) as told:
        look("short.safetensors", tmp_path)
    assert told.value.key == "weights_broken" and "short.safetensors" in told.value.message()


@pytest.mark.parametrize("header", [b"[]", b"{", b'{"a": 3}', b'{"a": {"shape": [2]}}', b"[" * 5000])
def test_a_hostile_header_is_a_broken_file(tmp_path: Path, header: bytes) -> None:
    (tmp_path / "odd.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(MissingWeights):
        look("odd.safetensors", tmp_path)


def test_a_header_longer_than_the_file_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "bomb.safetensors").write_bytes((2**63).to_bytes(8, "little") + b"{}")
    with pytest.raises(MissingWeights):
        look("bomb.safetensors", tmp_path)


@pytest.mark.parametrize("name", ["model.ckpt", "model.PT", "diffusion.bin", "/somewhere/x.pth"])
def test_pickles_are_refused_by_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnsafeWeights) as told:
        look(name, tmp_path)
    assert "/somewhere" not in told.value.message()


def folder_of(path: Path, index: dict[str, object], weights: str = "diffusion_pytorch_model.safetensors") -> Path:
    for part in ("unet", "vae", "text_encoder", "text_encoder_2"):
        (path / part).mkdir(parents=True)
        header_only(path / part / weights, {"weight": (2,)})
    parts = {part: ["diffusers", "X"] for part in ("unet", "vae", "text_encoder", "text_encoder_2")}
    (path / "model_index.json").write_text(json.dumps({**parts, **index}), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("index", "key"),
    [
        ({"_class_name": "StableDiffusionPipeline"}, "not_sdxl"),
        ({"_class_name": "FluxPipeline"}, "not_sdxl"),
        ({"_class_name": "StableDiffusionXLImg2ImgPipeline", "text_encoder": [None, None]}, "not_sdxl"),
        ({"_class_name": "StableDiffusionXLPipeline", "unet": ["my_module", "Unet"]}, "not_a_model"),
        ({}, "not_a_model"),
    ],
)
def test_the_index_of_a_folder_decides(tmp_path: Path, index: dict[str, object], key: str) -> None:
    folder_of(tmp_path / "m", index)
    with pytest.raises(NotSdxl) as told:
        look("m", tmp_path)
    assert told.value.key == key


def test_a_folder_of_pickles_is_unsafe_and_one_without_weights_is_broken(tmp_path: Path) -> None:
    sdxl = {"_class_name": "StableDiffusionXLPipeline"}
    pickles = folder_of(tmp_path / "a", sdxl)
    (pickles / "unet" / "diffusion_pytorch_model.safetensors").rename(pickles / "unet" / "diffusion_pytorch_model.bin")
    with pytest.raises(UnsafeWeights):
        look("a", tmp_path)
    empty = folder_of(tmp_path / "b", sdxl)
    (empty / "vae" / "diffusion_pytorch_model.safetensors").unlink()
    with pytest.raises(MissingWeights) as told:
        look("b", tmp_path)
    assert "vae" in told.value.message()


def test_a_shard_that_is_missing_is_named(tmp_path: Path) -> None:
    path = folder_of(tmp_path / "m", {"_class_name": "StableDiffusionXLPipeline"}, "model-00001-of-00002.safetensors")
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
    (path / "unet" / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    with pytest.raises(MissingWeights) as told:
        look("m", tmp_path)
    assert "model-00002-of-00002" in told.value.message("en")


def test_a_hub_name_is_no_path(tmp_path: Path) -> None:
    found = look("owner/some-sdxl@v1", tmp_path)
    assert (found.kind, found.repo, found.revision, found.ready) == ("hub not fetched", "owner/some-sdxl", "v1", False)
    assert look("owner/name/file.safetensors", tmp_path).file == "file.safetensors"
    for name in ("missing-folder", "a/b/c", "../x"):
        with pytest.raises(MissingWeights):
            look(name, tmp_path)


def test_every_error_has_its_words() -> None:
    for key in ("words_missing", "sdxl_other_size", "weights_refused", "weights_not_fetched", "no_such_device"):
        error = PaintError(key, model="m", folder="f", why="w", repo="r", name="n", known="k")
        assert error.message("zh") != error.message("en")
