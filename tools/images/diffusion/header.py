"""What a .safetensors file holds, read from its header alone: nothing is loaded, nothing in it is run.

The format is 8 bytes of length, a JSON object {key: {dtype, shape, data_offsets}}, then the data (safetensors, README).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Header", "NotWhole", "checkpoint_kind", "lora_kind", "read_header"]

_LARGEST = 100_000_000  # bytes of a header, as safetensors itself allows
_UNET = "model.diffusion_model."
_FLUX, _SD3, _SD1, _SD2 = "FLUX", "Stable Diffusion 3", "Stable Diffusion 1.x", "Stable Diffusion 2.x"
# The width of the text that cross attention reads tells the family of a UNet.
_BY_CONTEXT = {768: _SD1, 1024: _SD2, 1280: "SDXL Refiner", 2048: "SDXL"}
_READS_TEXT = re.compile(
    r"attn2[._](?:processor[._])?to_[kv](?:_lora)?[._](?:lora[._]|lora_)?(?:down|A)(?:\.default)?\.weight$"
)
_LORA_PART = re.compile(r"lora_(?:up|down|A|B)\b|lora\.(?:up|down)\b|\.hada_w|\.lokr_|^lora_(?:unet|te)")


class NotWhole(ValueError):
    """The file is cut short or no .safetensors file; `str()` says what was seen, in figures."""


@dataclass(frozen=True)
class Header:
    """Keys with their shapes, and the text that the file's maker wrote beside them."""

    shapes: dict[str, tuple[int, ...]]
    said: dict[str, str] = field(default_factory=dict)

    def starts(self, *prefixes: str) -> bool:
        """Whether any key starts with one of these."""
        return any(key.startswith(prefixes) for key in self.shapes)


def read_header(path: Path) -> Header:
    """The header of a .safetensors file.

    Raises:
        NotWhole: its length is not what its header says, or there is no header.
        OSError: it cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= min(_LARGEST, size - 8):
            raise NotWhole(f"header {length} / {size} bytes")
        try:
            told = json.loads(file.read(length))
        except (ValueError, RecursionError) as error:
            raise NotWhole("header: no JSON") from error
    if not isinstance(told, dict):
        raise NotWhole("header: no JSON object")
    said = told.pop("__metadata__", None)
    shapes, end = {}, 0
    for key, entry in told.items():
        try:
            shapes[key] = tuple(int(side) for side in entry["shape"])
            end = max(end, int(entry["data_offsets"][1]))
        except (TypeError, KeyError, IndexError, ValueError) as error:
            raise NotWhole("header: no safetensors") from error
    if size != 8 + length + end:
        raise NotWhole(f"{size:,} / {8 + length + end:,} bytes")
    return Header(shapes, {k: v for k, v in said.items() if isinstance(v, str)} if isinstance(said, dict) else {})


def checkpoint_kind(header: Header) -> str:
    """What a single-file checkpoint is: "SDXL", the name of another kind, or "" for nothing we know.

    SDXL's second text encoder stands at `conditioner.embedders.1` in the original layout (generative-models,
    configs/inference/sd_xl_base.yaml); the refiner has only one, of another make.
    """
    if any(_LORA_PART.search(key) for key in header.shapes):
        return "LoRA"
    if header.starts("control_model.", "controlnet_", "input_hint_block.", "controlnet_cond_embedding."):
        return "ControlNet"
    if header.starts("double_blocks.", _UNET + "double_blocks.", "single_transformer_blocks."):
        return _FLUX
    if header.starts("joint_blocks.", _UNET + "joint_blocks."):
        return _SD3
    if header.starts(_UNET + "input_blocks."):
        if header.starts("conditioner.embedders.1.model."):
            return "SDXL"
        if header.starts("conditioner.embedders.0.model."):
            return "SDXL Refiner"
        kind = _BY_CONTEXT.get(context_of(header), "")
        return "SDXL UNet (text encoders missing)" if kind == "SDXL" else kind
    if header.starts("down_blocks.", "input_blocks."):
        return "UNet"
    if header.starts("first_stage_model.", "decoder.", "encoder."):
        return "VAE"
    if header.starts("text_model.", "transformer."):
        return "text encoder"
    return ""


def context_of(header: Header) -> int:
    """How wide the text is that a checkpoint's cross attention reads; 0 where it has none."""
    return next((shape[1] for key, shape in header.shapes.items() if key.endswith("attn2.to_k.weight")), 0)


def lora_kind(header: Header, context: int = 2048) -> str:
    """What a LoRA is made for: "SDXL" where it fits a UNet that reads `context` wide text, another kind's name, or ""
    for a file that is no LoRA. Layouts: kohya (`lora_unet_…`), peft (`unet.….lora_A`), older diffusers (`….processor.…`).
    """
    if not any(_LORA_PART.search(key) for key in header.shapes):
        return ""
    if any("single_transformer_blocks" in key or "double_blocks" in key for key in header.shapes):
        return _FLUX
    if any("joint_blocks" in key or key.startswith("transformer.transformer_blocks") for key in header.shapes):
        return _SD3
    reads = next(
        (shape[1] for key, shape in header.shapes.items() if _READS_TEXT.search(key) and len(shape) > 1), context
    )
    return "SDXL" if reads == context else _BY_CONTEXT.get(reads, f"text of {reads} channels")
