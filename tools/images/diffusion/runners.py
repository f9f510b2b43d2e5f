"""The pipelines of one loaded model: from noise, over a drawing, along the edges of one. All share its weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tools.images.diffusion.control import controlnet_at, find_controlnet

__all__ = ["runner_for"]


def runner_for(pipe: Any, guide: str, folder: Path, dtype: Any) -> Any:
    """A pipeline for a guide of this kind ("", "img2img", "edges"). Its scheduler may be changed; that of `pipe` stays.

    Raises:
        MissingWeights: the ControlNet in `folder` is broken.
    """
    import diffusers

    parts = {**pipe.components, "add_watermarker": False}
    if guide == "img2img":
        made = diffusers.StableDiffusionXLImg2ImgPipeline(**parts)
    elif guide == "edges":
        path = find_controlnet(folder, pipe.unet.config.cross_attention_dim)
        assert path is not None  # else the plan says img2img
        made = diffusers.StableDiffusionXLControlNetPipeline(**parts, controlnet=controlnet_at(path, dtype))
    else:
        made = diffusers.StableDiffusionXLPipeline(**parts)
    made.set_progress_bar_config(disable=True)
    return made
