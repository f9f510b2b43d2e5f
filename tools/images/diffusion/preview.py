"""What a picture looks like so far: latents turned into colours by one small matrix, fast enough for every step.

A latent pixel of SDXL's VAE is close to a linear mix of the colours it stands for, so that 4 x 3 numbers and a bias show the picture
at an eighth of its size. For SDXL's own VAE they are known; for any other they are fitted to that VAE.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy
    from torch import Tensor

__all__ = ["Colours", "Seen", "colours_of", "fitted", "preview", "watched"]

LARGEST = 256  # pixels of the longer side
_QUALITY = 78


@dataclass(frozen=True)
class Colours:
    """How latents look: red, green and blue in 0..255 = `mix` (3 x channels) times the latent + `bias` (3)."""

    mix: numpy.ndarray[Any, Any]
    bias: numpy.ndarray[Any, Any]


class Seen:
    """The latest estimate of the finished latents, (pictures, channels, height, width); None before the first step."""

    latents: Tensor | None = None


def colours_of(vae: Any) -> Colours:
    """The colours of this VAE's latents, as the UNet sees them (scaled): known for SDXL's, fitted for others."""
    config = vae.config
    if config.latent_channels == 4 and abs(config.scaling_factor - 0.13025) < 1e-6 and not config.get("latents_mean"):
        return _sdxl()
    return fitted(vae)


def preview(latents: Tensor, colours: Colours) -> bytes:
    """A JPEG of one picture's latents, (channels, height, width) or (1, channels, height, width).

    A pixel for each latent pixel (128 for SDXL's 1024), at most 256 a side: whoever shows it makes it larger, there is no more in it.

    Latents with noise left in them spread wider than clean ones; they are brought back to the spread of a picture, so that the
    first previews are pale and not glaring. Numbers that are none (a VAE or UNet gone wrong) show as grey.
    """
    import numpy
    from PIL import Image

    values = latents.detach().reshape(latents.shape[-3:]).float().cpu().numpy()
    values = numpy.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0).clip(-1000, 1000)
    values = values / max(1.0, float(values.std()))
    pixels = numpy.einsum("rc,chw->hwr", colours.mix, values) + colours.bias
    picture = Image.fromarray(pixels.clip(0, 255).round().astype(numpy.uint8))
    picture.thumbnail((LARGEST, LARGEST))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()


@contextmanager
def watched(scheduler: Any) -> Iterator[Seen]:
    """While a pipeline runs: what its scheduler takes the finished picture to be, step by step.

    A step's own result is still full of noise; the estimate of the end that most samplers compute on the way is not. Where one
    computes none, its own result is what is seen.
    """
    seen = Seen()
    step = scheduler.step

    # Pipelines read the signature of `step` to know whether it takes a generator: without one its noise is not the seed's.
    @wraps(step)
    def noted(*args: Any, **options: Any) -> Any:
        output = step(*args, **options)
        seen.latents = _estimate(scheduler, output)
        return output

    scheduler.step = noted
    try:
        yield seen
    finally:
        del scheduler.step


def fitted(vae: Any, side: int = 32) -> Colours:
    """The mix that comes nearest, in least squares, to what `vae` makes of smooth colours, `side` latent pixels square.

    The colours are drawn from fixed waves; the VAE encodes them once. A VAE that gives no numbers (SDXL's in fp16 may) shows
    its first channel as grey.
    """
    import numpy
    import torch
    from diffusers.utils.torch_utils import get_module_execution_device

    config = vae.config
    shrink = 2 ** (len(config.block_out_channels) - 1)
    ground = _waves(side)
    pixels = torch.from_numpy(ground / 127.5 - 1).permute(2, 0, 1)[None]
    large = torch.nn.functional.interpolate(pixels, scale_factor=shrink, mode="bicubic").clamp(-1, 1)
    with torch.no_grad():
        given = vae.encode(large.to(get_module_execution_device(vae), vae.dtype)).latent_dist.mode()
    latents = given[0].float().cpu().numpy().reshape(given.shape[1], -1).T
    mean, spread = config.get("latents_mean"), config.get("latents_std")
    latents = (latents - numpy.array(mean or 0.0)) * config.scaling_factor / numpy.array(spread or 1.0)
    if not numpy.isfinite(latents).all():
        return Colours(numpy.eye(1, latents.shape[1]).repeat(3, axis=0) * 60, numpy.full(3, 128.0))
    known = numpy.column_stack([latents, numpy.ones(len(latents))])
    solved, *_ = numpy.linalg.lstsq(known, ground.reshape(-1, 3), rcond=1e-4)
    return Colours(solved[:-1].T, solved[-1])


def _estimate(scheduler: Any, output: Any) -> Tensor:
    """The estimate of the end in a step's output, or among what multi-step samplers keep; else the step's own result."""
    result = output[0]
    kept = getattr(scheduler, "model_outputs", None) or ()
    ends = scheduler.config.get("algorithm_type", "dpmsolver++") in ("dpmsolver++", "sde-dpmsolver++") and (
        scheduler.config.get("predict_x0", True)  # else they keep estimates of the noise
    )
    for found in (output[1] if len(output) > 1 else None, kept[-1] if kept and ends else None):
        if getattr(found, "shape", None) == result.shape:
            return found
    return result


def _sdxl() -> Colours:
    """Timothy Alexis Vass 2023, "Explaining the SDXL latent space": 0 is light, 1 cyan to red, 2 lime to purple, 3 structure."""
    import numpy

    mix = [[60, -60, 25, -70], [60, -5, 15, -50], [60, 10, -5, -35]]
    return Colours(numpy.array(mix, dtype=float), numpy.array([150.0, 140.0, 130.0]))


def _waves(side: int) -> numpy.ndarray[Any, Any]:
    """(side, side, 3) colours from 0 to 255: for each of the three another wave over the plane, so that all mixes occur."""
    import numpy

    down, across = numpy.mgrid[0:side, 0:side] / side * 2 * numpy.pi
    waves = [numpy.sin(across + down), numpy.sin(2 * across - down + 1), numpy.sin(across - 3 * down + 2)]
    return (127.5 + 127.5 * numpy.stack(waves, axis=-1)).astype(numpy.float32)
