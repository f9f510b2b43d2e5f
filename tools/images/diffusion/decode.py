"""Between pictures and latents: SDXL's VAE, guarded against the numbers that overflow in half precision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.images.backend.errors import PaintError

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

__all__ = ["decode", "encode", "guard"]


def guard(pipe: Any) -> None:
    """Keep a VAE that says it overflows in half precision (SDXL's own: black pictures) in full; its weights are few."""
    import torch

    if pipe.vae.config.force_upcast:
        pipe.vae.to(torch.float32)


def decode(pipe: Any, latents: Tensor, model: str) -> list[Image]:
    """RGB pictures of (pictures, channels, height, width) latents, each decoded by itself: less memory, and its bits do not
    depend on its neighbours.

    Raises:
        PaintError: the model's numbers are none (key `paint_not_numbers`).
    """
    import torch

    pictures = []
    with torch.no_grad():
        for one in latents.split(1):
            pixels = _decoded(pipe, one)
            if not torch.isfinite(pixels).all() and pipe.vae.dtype == torch.float16 and torch.isfinite(one).all():
                pipe.vae.to(torch.float32)  # a VAE that overflows and does not say so
                pixels = _decoded(pipe, one)
            if not torch.isfinite(pixels).all():
                raise PaintError("paint_not_numbers", model=model)
            pictures += pipe.image_processor.postprocess(pixels.float(), output_type="pil")
    pipe.maybe_free_model_hooks()
    return pictures


def encode(pipe: Any, picture: Image) -> Tensor:
    """(1, channels, height, width) latents of an RGB picture, scaled as the UNet sees them. The middle of what the VAE finds,
    not a draw from it: the seed decides the noise alone.
    """
    import torch

    with torch.no_grad():
        pixels = pipe.image_processor.preprocess(picture).to(_device(pipe), pipe.vae.dtype)
        found = pipe.vae.encode(pixels).latent_dist.mode()
    mean, spread = _shift(pipe, found)
    return (found - mean) / spread


def _decoded(pipe: Any, latents: Tensor) -> Tensor:
    latents = latents.to(_device(pipe), pipe.vae.dtype)
    mean, spread = _shift(pipe, latents)
    return pipe.vae.decode(latents * spread + mean, return_dict=False)[0]


def _shift(pipe: Any, latents: Tensor) -> tuple[Any, Any]:
    """(mean, spread) of the VAE's latents: by channel where its config tells them (Playground v2.5), else one factor."""
    import torch

    config = pipe.vae.config
    mean, std = getattr(config, "latents_mean", None), getattr(config, "latents_std", None)
    if mean is None or std is None:
        return 0.0, 1 / config.scaling_factor
    shape = (1, len(mean), 1, 1)
    options = {"device": latents.device, "dtype": latents.dtype}
    return torch.tensor(mean, **options).view(shape), torch.tensor(std, **options).view(shape) / config.scaling_factor


def _device(pipe: Any) -> Any:
    from diffusers.utils.torch_utils import get_module_execution_device

    return get_module_execution_device(pipe.vae)
