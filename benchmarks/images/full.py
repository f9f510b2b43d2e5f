"""SDXL at its real size with random weights: what it takes on this machine's GPU. Speed does not depend on what weights say."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.doubles import tiny_sdxl
from tools.images.backend import PaintCancelled
from tools.images.diffusion.find import Found
from tools.images.diffusion.load import Loaded
from tools.images.diffusion.paint import SdxlBackend
from tools.images.recipe import Recipe

__all__ = ["PARAMETERS", "Speed", "built", "gpu", "measure"]

# Of stable-diffusion-xl-base-1.0's modules, as its files have them: a build with other numbers is no SDXL.
PARAMETERS = {
    "unet": 2_567_463_684,
    "text_encoder": 123_060_480,
    "text_encoder_2": 694_659_840,
    "vae": 83_653_863,
}


@dataclass
class Speed:
    """Seconds at 1024 px; `peak` in GiB. `preview` is what previews add to a picture, as a share of it."""

    thirty: float = 0.0
    four: float = 0.0
    batch: float = 0.0  # seconds a picture, four at once, 20 steps
    preview: float = 0.0
    cancel: float = 0.0  # from the wish to stop to the stop
    step: float = 0.0
    peak: float = 0.0


def gpu() -> str:
    """The name of the CUDA device; "" where there is none."""
    import torch

    return torch.cuda.get_device_name(0) if torch.cuda.is_available() else ""


def built(device: str, words: Path) -> Any:
    """A pipeline of SDXL's sizes with random weights, in half precision on a GPU; `device` "meta" makes it without any."""
    import torch
    from diffusers import AutoencoderKL, EulerDiscreteScheduler, StableDiffusionXLPipeline, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    tokenizer = tiny_sdxl.tokenizer(words)
    ends = {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id}
    with torch.device(device), _precision(torch.float16):
        first = CLIPTextModel(
            CLIPTextConfig(
                hidden_size=768,
                intermediate_size=3072,
                num_hidden_layers=12,
                num_attention_heads=12,
                hidden_act="quick_gelu",
                projection_dim=768,
                **ends,
            )
        )
        second = CLIPTextModelWithProjection(
            CLIPTextConfig(
                hidden_size=1280,
                intermediate_size=5120,
                num_hidden_layers=32,
                num_attention_heads=20,
                hidden_act="gelu",
                projection_dim=1280,
                **ends,
            )
        )
        unet = UNet2DConditionModel(
            sample_size=128,
            block_out_channels=(320, 640, 1280),
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
            transformer_layers_per_block=(1, 2, 10),
            attention_head_dim=(5, 10, 20),
            cross_attention_dim=2048,
            use_linear_projection=True,
            addition_embed_type="text_time",
            addition_time_embed_dim=256,
            projection_class_embeddings_input_dim=2816,
        )
        vae = AutoencoderKL(
            block_out_channels=(128, 256, 512, 512),
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            layers_per_block=2,
            latent_channels=4,
            sample_size=1024,
            scaling_factor=0.13025,
            force_upcast=False,  # as the VAE that was repaired for half precision
        )
    scheduler = EulerDiscreteScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", timestep_spacing="leading", steps_offset=1
    )
    parts = {"text_encoder": first.eval(), "text_encoder_2": second.eval(), "unet": unet.eval(), "vae": vae.eval()}
    pipe = StableDiffusionXLPipeline(
        **parts, tokenizer=tokenizer, tokenizer_2=tokenizer, scheduler=scheduler, add_watermarker=False
    )
    pipe.set_progress_bar_config(disable=True)
    return pipe


def measure(folder: Path, repeat: int) -> Speed:
    """Every figure by our own backend, warm, on the first CUDA device."""
    import torch

    device = "cuda:0"
    backend = SdxlBackend(Found("folder", "sdxl-size"), device, folder)
    backend._loaded = Loaded(built(device, folder / "words"), "sdxl-size", "0" * 10)
    speed = Speed()

    def seconds(count: int = 1, **order: Any) -> float:
        recipe = Recipe(prompt="a shiba dog sticker", negative="blurry", width=1024, height=1024, **order)
        times = []
        for n in range(repeat + 1):
            torch.cuda.synchronize()
            began = time.perf_counter()
            backend.paint_batch(recipe, range(n, n + count), on_stage=lambda _: None, cancelled=lambda: False)
            torch.cuda.synchronize()
            times.append(time.perf_counter() - began)
        return statistics.median(times[1:])

    speed.thirty = seconds(steps=30, cfg=5.0)
    speed.four = seconds(steps=4, cfg=1.0, sampler="Lightning")
    speed.batch = seconds(4, steps=20, cfg=5.0) / 4
    speed.step = (speed.thirty - seconds(steps=10, cfg=5.0)) / 20
    speed.cancel = _cancelled(backend)
    with _without_previews():
        speed.preview = speed.thirty / seconds(steps=30, cfg=5.0) - 1
    speed.peak = torch.cuda.max_memory_allocated() / 2**30
    return speed


def _cancelled(backend: Any) -> float:
    """Seconds from the wish to stop, in the middle of step 5, to the stop."""
    asked: list[float] = []

    def stage(told: Any) -> None:
        if told.done == 5:
            asked.append(time.perf_counter())

    recipe = Recipe(prompt="a shiba dog sticker", seed=1, steps=30, width=1024, height=1024)
    with contextlib.suppress(PaintCancelled):
        backend.paint(recipe, on_stage=stage, cancelled=lambda: bool(asked))
    return time.perf_counter() - asked[0]


@contextlib.contextmanager
def _without_previews() -> Iterator[None]:
    from tools.images.diffusion import paint

    kept: Callable[..., bytes] = paint.preview
    paint.preview = lambda *_: b""  # type: ignore[assignment]
    try:
        yield
    finally:
        paint.preview = kept  # type: ignore[assignment]


@contextlib.contextmanager
def _precision(wanted: Any) -> Iterator[None]:
    import torch

    before = torch.get_default_dtype()
    torch.set_default_dtype(wanted)
    try:
        yield
    finally:
        torch.set_default_dtype(before)
