"""SDXL by diffusers: any SDXL folder, single file or hub model; LoRAs, few-step families, long prompts, guides, small memories.

from tools.images.diffusion import look, open_sdxl
backend = open_sdxl("stabilityai/stable-diffusion-xl-base-1.0", device="", folder=Path("models"))
painting = backend.paint(Recipe(prompt="a shiba sticker", seed=7), on_stage=print, cancelled=lambda: False)
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tools.images.diffusion.find import Found, look
from tools.images.diffusion.samplers import SAMPLERS, family_of

if TYPE_CHECKING:
    from tools.images.diffusion.paint import SdxlBackend

__all__ = ["SAMPLERS", "Found", "family_of", "look", "open_sdxl"]


def open_sdxl(model: str, *, device: str, folder: Path) -> SdxlBackend:
    """A backend for the model that a setting names; nothing is loaded or fetched before its first picture.

    Args:
        model: A path, a name inside `folder`, or a hub id "owner/name[@revision]".
        device: "cpu", "cuda:0", "mps"; "" for the best there is.
        folder: Where checkpoints, `loras/`, `controlnet/` and `tokenizer/` of one's own lie.

    Raises:
        PackageMissing, NoSuchBackend (no such device), MissingWeights, NotSdxl, UnsafeWeights
    """
    from tools.images.backend.errors import MissingWeights

    found = look(model, folder)
    if found.kind == "nothing":
        raise MissingWeights("no_model")
    from tools.images.diffusion.load import device_named, require_packages

    require_packages()
    from tools.images.diffusion.paint import SdxlBackend

    return SdxlBackend(found, device_named(device), folder)
