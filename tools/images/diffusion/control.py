"""A ControlNet for edges from the person's folder, so that SDXL follows the lines of a drawing (Zhang et al. 2023)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tools.images.backend.errors import MissingWeights

__all__ = ["controlnet_at", "find_controlnet"]

FOLDER = "controlnet"


def find_controlnet(folder: Path, context: int) -> Path | None:
    """The diffusers folder of a ControlNet below `folder`/controlnet that fits a UNet reading `context` wide text.

    One whose name says canny comes first; None where there is none.
    """
    fitting = []
    for config in sorted((folder / FOLDER).glob("*/config.json")):
        try:
            told = json.loads(config.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            continue
        if not isinstance(told, dict) or told.get("_class_name") != "ControlNetModel":
            continue
        if told.get("cross_attention_dim") == context and any(config.parent.glob("*.safetensors")):
            fitting.append(config.parent)
    return min(fitting, key=lambda path: "canny" not in path.name.lower(), default=None)


def controlnet_at(path: Path, dtype: Any) -> Any:
    """The model in a ControlNet's folder, in main memory.

    Raises:
        MissingWeights: its file is broken.
    """
    from diffusers import ControlNetModel
    from safetensors import SafetensorError

    try:
        return ControlNetModel.from_pretrained(path, dtype=dtype, use_safetensors=True, local_files_only=True)
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise MissingWeights("weights_broken", file=path.name, why=" ".join(str(error).split())[:160]) from error
