"""Loading: a single file gives the pictures of its folder; SDXL's own configs are right; broken ones are told."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import huggingface_hub.constants
import numpy
import pytest
import torch

from tests.doubles import tiny_sdxl
from tools.images.backend.errors import MissingWeights, NoSuchBackend, NotSdxl, OutOfMemory
from tools.images.backend.model import Painting
from tools.images.diffusion import open_sdxl
from tools.images.diffusion.architecture import is_ordinary, write_configs
from tools.images.diffusion.header import Header
from tools.images.diffusion.load import device_named
from tools.images.diffusion.paint import SdxlBackend

Paint = Callable[..., Painting]


def test_a_single_file_paints_what_its_folder_paints(shared: SdxlBackend, models: Path, paint: Paint) -> None:
    single = open_sdxl("single.safetensors", device="cpu", folder=models)
    one, other = paint(shared), paint(single)
    assert abs(numpy.asarray(one.picture, int) - numpy.asarray(other.picture, int)).max() <= 1
    assert other.recipe.model == "single" and other.recipe.model_hash != one.recipe.model_hash


def test_the_file_of_unusual_size_needs_its_configs(models: Path, tmp_path: Path, paint: Paint) -> None:
    shutil.copyfile(models / "single.safetensors", tmp_path / "pruned.safetensors")
    with pytest.raises(NotSdxl) as told:
        paint(open_sdxl("pruned.safetensors", device="cpu", folder=tmp_path))
    assert told.value.key == "sdxl_other_size" and str(tmp_path / "pruned") in told.value.message()


def test_fp16_files_alone_are_loaded_too(shared: SdxlBackend, tmp_path: Path, paint: Paint) -> None:
    pipe = tiny_sdxl.build(tmp_path / "words").to(dtype=torch.float16)
    pipe.save_pretrained(tmp_path / "half", variant="fp16")
    assert not (tmp_path / "half" / "unet" / "diffusion_pytorch_model.safetensors").exists()
    painting = paint(open_sdxl("half", device="cpu", folder=tmp_path))
    difference = numpy.asarray(painting.picture, int) - numpy.asarray(paint(shared).picture, int)
    assert abs(difference).mean() < 3


def test_weights_that_do_not_fit_the_config_are_told(tmp_path: Path, paint: Paint) -> None:
    folder = tiny_sdxl.save(tmp_path / "tiny")
    config = folder / "unet" / "config.json"
    config.write_text(config.read_text().replace('"cross_attention_dim": 64', '"cross_attention_dim": 32'))
    with pytest.raises(MissingWeights) as told:
        paint(open_sdxl("tiny", device="cpu", folder=tmp_path))
    assert told.value.key == "weights_broken"


def test_a_device_that_is_not_there_is_told_with_those_that_are(models: Path) -> None:
    assert device_named("cpu") == "cpu" and device_named("") in ("cpu", "cuda:0", "mps")
    with pytest.raises(NoSuchBackend) as told:
        open_sdxl("tiny", device="cuda:99", folder=models)
    assert "cuda:99" in told.value.message() and "cpu" in told.value.message()


def ordinary(**more: tuple[int, ...]) -> Header:
    unet = "model.diffusion_model."
    wide = "middle_block.1.transformer_blocks.{}.attn2.to_k.weight"
    shapes = {unet + wide.format(n): (1280, 2048) for n in (0, 9)}
    shapes |= {unet + "input_blocks.8.1.transformer_blocks.9.attn2.to_k.weight": (1280, 2048)}
    return Header({**shapes, **more})


def test_the_written_configs_are_sdxl(models: Path, tmp_path: Path) -> None:
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

    assert is_ordinary(ordinary()) and not is_ordinary(Header({}))
    folder = write_configs(tmp_path / "configs", ordinary(), models / "words")
    with torch.device("meta"):
        unet = UNet2DConditionModel.from_config(UNet2DConditionModel.load_config(folder / "unet"))
        vae = AutoencoderKL.from_config(AutoencoderKL.load_config(folder / "vae"))
        first = CLIPTextModel(CLIPTextConfig.from_pretrained(folder / "text_encoder"))
        second = CLIPTextModelWithProjection(CLIPTextConfig.from_pretrained(folder / "text_encoder_2"))
    sizes = [sum(value.numel() for value in model.parameters()) for model in (unet, vae, first, second)]
    # As published for SDXL base 1.0: a wrong figure in a config changes one of these.
    assert sizes == [2_567_463_684, 83_653_863, 123_060_480, 694_659_840]
    assert (unet.dtype, vae.config.force_upcast) == (torch.float32, True)
    padding = [CLIPTokenizer.from_pretrained(folder / each).pad_token for each in ("tokenizer", "tokenizer_2")]
    assert padding == ["<|endoftext|>", "!"]


def test_a_checkpoint_that_predicts_v_says_so(models: Path, tmp_path: Path) -> None:
    def scheduler(name: str, header: Header) -> dict[str, object]:
        folder = write_configs(tmp_path / name, header, models / "words")
        return json.loads((folder / "scheduler" / "scheduler_config.json").read_text())

    assert scheduler("plain", ordinary())["prediction_type"] == "epsilon"
    marked = scheduler("v", ordinary(v_pred=(0,), ztsnr=(0,)))
    assert marked["prediction_type"] == "v_prediction" and marked["rescale_betas_zero_snr"] is True


def test_a_model_larger_than_main_memory_is_told(models: Path, paint: Paint, monkeypatch: pytest.MonkeyPatch) -> None:
    from diffusers import StableDiffusionXLPipeline

    def full(*_: object, **__: object) -> None:
        torch.empty(2**50)  # the allocator's own words

    monkeypatch.setattr(StableDiffusionXLPipeline, "from_pretrained", full)
    with pytest.raises(OutOfMemory) as told:
        paint(open_sdxl("tiny", device="cpu", folder=models))
    assert told.value.key == "out_of_memory_loading" and "tiny" in told.value.message()


def test_without_clips_vocabulary_a_single_file_says_where_to_put_it(
    tmp_path: Path, paint: Paint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    unet = "model.diffusion_model.input_blocks.0.0.weight"
    text = "conditioner.embedders.1.model.ln_final.bias"
    shapes = {**ordinary().shapes, unet: (320, 4, 3, 3), text: (1280,)}
    tiny_sdxl.header_only(tmp_path / "whole.safetensors", shapes)
    with pytest.raises(MissingWeights) as told:
        paint(open_sdxl("whole.safetensors", device="cpu", folder=tmp_path))
    assert told.value.key == "words_missing" and str(tmp_path / "tokenizer") in told.value.message()
