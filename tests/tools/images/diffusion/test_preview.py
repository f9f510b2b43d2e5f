"""Previews: the colours of SDXL's VAE as they are known, of any other as they are fitted; small, whatever the latents are."""

from __future__ import annotations

import io
from typing import Any

import numpy
import pytest
import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    HeunDiscreteScheduler,
    LCMScheduler,
    TCDScheduler,
    UniPCMultistepScheduler,
)
from PIL import Image

from tests.doubles import tiny_sdxl
from tools.images.diffusion.preview import Colours, colours_of, fitted, preview, watched

SAMPLERS = [
    EulerDiscreteScheduler,
    EulerAncestralDiscreteScheduler,
    DPMSolverMultistepScheduler,
    UniPCMultistepScheduler,
    DDIMScheduler,
    HeunDiscreteScheduler,
    LCMScheduler,
    TCDScheduler,
]


@pytest.fixture(scope="module")
def pipe(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return tiny_sdxl.build(tmp_path_factory.mktemp("words"))


class Mixer(torch.nn.Module):
    """A VAE whose latents are a mix of the colours by construction: what is fitted to it is known."""

    device, dtype = torch.device("cpu"), torch.float32

    def __init__(self, matrix: torch.Tensor, shift: torch.Tensor, **config: Any) -> None:
        super().__init__()
        self.matrix, self.shift = matrix, shift
        settings = {"scaling_factor": 0.5, **config}
        self.config = AutoencoderKL(latent_channels=len(matrix), block_out_channels=(32,), **settings).config

    def encode(self, pixels: torch.Tensor) -> Any:
        latents = torch.einsum("lr,brhw->blhw", self.matrix, pixels) + self.shift[:, None, None]
        return type("Encoded", (), {"latent_dist": type("Sure", (), {"mode": staticmethod(lambda: latents)})})


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    assert picture.format == "JPEG" and picture.mode == "RGB"
    return picture


def test_the_known_colours_are_those_of_sdxls_vae(pipe: Any) -> None:
    """Channel 0 is light; little of channel 1 is red, much is cyan."""
    colours = colours_of(pipe.vae)
    assert colours.mix.shape == (3, 4) and (colours.mix[:, 0] > 0).all()
    for channel, value, brighter, darker in ((1, -1.0, 0, 2), (1, 1.0, 2, 0)):
        latents = torch.zeros(1, 4, 8, 8)
        latents[:, channel] = value
        pixel = opened(preview(latents, colours)).getpixel((4, 4))
        assert pixel[brighter] > pixel[darker] + 40
    assert opened(preview(torch.ones(4, 8, 8) * torch.tensor([1.0, 0, 0, 0])[:, None, None], colours)).getpixel(
        (2, 2)
    ) > opened(preview(torch.zeros(4, 8, 8), colours)).getpixel((2, 2))


@pytest.mark.parametrize("channels", [3, 4, 16])
def test_a_linear_vae_is_fitted_exactly(channels: int) -> None:
    torch.manual_seed(channels)
    vae = Mixer(torch.randn(channels, 3), torch.randn(channels))
    colours = colours_of(vae)
    wanted = torch.rand(3, 6, 6) * 1.6 - 0.8
    latents = vae.encode(wanted[None]).latent_dist.mode()[0] * 0.5
    shown = numpy.einsum("rc,chw->rhw", colours.mix, latents.numpy()) + colours.bias[:, None, None]
    assert numpy.abs(shown / 127.5 - 1 - wanted.numpy()).max() < 1e-3


def test_latents_are_read_as_the_unet_sees_them() -> None:
    """Playground v2.5 shifts its latents by channel; SDXL's factor alone would show them in wrong colours."""
    mean, std = [-1.6, 1.9, -1.4, 2.5], [8.5, 5.9, 6.5, 5.2]
    torch.manual_seed(5)
    vae = Mixer(torch.randn(4, 3) * 6, torch.randn(4), scaling_factor=0.13025, latents_mean=mean, latents_std=std)
    colours = colours_of(vae)
    wanted = torch.rand(3, 6, 6) * 1.6 - 0.8
    latents = vae.encode(wanted[None]).latent_dist.mode()[0]
    latents = (latents - torch.tensor(mean)[:, None, None]) * 0.13025 / torch.tensor(std)[:, None, None]
    shown = numpy.einsum("rc,chw->rhw", colours.mix, latents.numpy()) + colours.bias[:, None, None]
    assert numpy.abs(shown / 127.5 - 1 - wanted.numpy()).max() < 1e-3


def test_a_vae_of_its_own_kind_is_fitted_and_not_taken_for_sdxls(pipe: Any) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        vae = AutoencoderKL(
            block_out_channels=(16, 16),
            down_block_types=("DownEncoderBlock2D",) * 2,
            up_block_types=("UpDecoderBlock2D",) * 2,
            latent_channels=8,
            norm_num_groups=16,
            scaling_factor=1.0,
        )
    colours = colours_of(vae)
    assert colours.mix.shape == (3, 8) and numpy.isfinite(colours.mix).all()
    opened(preview(torch.randn(8, 16, 16), colours))


def test_a_vae_that_gives_no_numbers_shows_grey() -> None:
    vae = Mixer(torch.full((4, 3), float("nan")), torch.zeros(4))
    colours = fitted(vae)
    pixel = opened(preview(torch.randn(4, 8, 8), colours)).getpixel((4, 4))
    assert max(pixel) - min(pixel) <= 6


@pytest.mark.parametrize(
    ("shape", "size"),
    [((4, 128, 128), (128, 128)), ((1, 4, 96, 128), (128, 96)), ((4, 300, 600), (256, 128)), ((4, 2, 40), (40, 2))],
)
def test_previews_are_small_jpegs_of_the_right_form(shape: tuple[int, ...], size: tuple[int, int], pipe: Any) -> None:
    data = preview(torch.randn(shape), colours_of(pipe.vae))
    assert opened(data).size == size and len(data) < 40_000


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1e30, 1e4])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_no_latents_break_a_preview(value: float, dtype: torch.dtype, pipe: Any) -> None:
    latents = torch.randn(4, 8, 8).to(dtype)
    latents[0, 0, 0] = value
    opened(preview(latents, colours_of(pipe.vae)))


def test_noise_is_brought_back_to_the_spread_of_a_picture() -> None:
    colours = Colours(numpy.full((3, 4), 40.0), numpy.full(3, 128.0))
    noise = torch.randn(4, 32, 32, generator=torch.Generator().manual_seed(0))
    loud = numpy.asarray(opened(preview(noise * 14.6, colours)), dtype=float)
    plain = numpy.asarray(opened(preview(noise, colours)), dtype=float)
    assert abs(loud.std() - plain.std()) < 3


@pytest.mark.parametrize("sampler", SAMPLERS, ids=lambda each: each.__name__)
def test_what_is_seen_of_a_step_is_nearer_to_the_end_than_its_result(sampler: Any, pipe: Any) -> None:
    """Stops: previews of noise while the sampler knows the picture."""
    schedule = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
    scheduler = sampler(**schedule, **({"clip_sample": False} if sampler is DDIMScheduler else {}))
    before = scheduler.step
    scheduler.set_timesteps(8)
    clean = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1)) * 0.8
    noise = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(2))
    # A model that always knows the clean picture: the noise it finds is what stands between.
    latents = noise * scheduler.init_noise_sigma
    spare = (
        {}
        if sampler in (DDIMScheduler, DPMSolverMultistepScheduler, UniPCMultistepScheduler, HeunDiscreteScheduler)
        else {"generator": torch.Generator().manual_seed(3)}
    )
    with watched(scheduler) as seen:
        assert seen.latents is None
        for t in scheduler.timesteps[:3]:
            amount = scheduler.scale_model_input(latents, t)
            alpha = scheduler.alphas_cumprod[int(t)] ** 0.5
            said = (amount - alpha * clean) / (1 - alpha**2) ** 0.5
            latents = scheduler.step(said, t, latents, **spare, return_dict=False)[0]
        assert (seen.latents - clean).abs().mean() <= (latents - clean).abs().mean() + 1e-5
        if sampler is not TCDScheduler:  # it tells no estimate of the end
            assert (seen.latents - clean).abs().mean() < 0.05
    assert scheduler.step == before


def test_the_pipeline_runs_as_before_while_it_is_watched(pipe: Any) -> None:
    def made() -> torch.Tensor:
        options = {"num_inference_steps": 3, "output_type": "latent"}
        return pipe("dog", generator=torch.Generator().manual_seed(1), **options)[0]

    plain = made()
    with watched(pipe.scheduler) as seen:
        assert torch.equal(made(), plain)
    assert torch.equal(seen.latents, plain)  # the last estimate of the end is the end


def test_the_watch_ends_with_an_error_too(pipe: Any) -> None:
    before = pipe.scheduler.step
    with pytest.raises(ValueError, match="stop"), watched(pipe.scheduler):
        raise ValueError("stop")
    assert pipe.scheduler.step == before
