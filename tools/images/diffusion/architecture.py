"""SDXL's architecture as configs, written out for a single-file checkpoint, which holds weights and nothing else.

diffusers would fetch these from the hub. The figures are those of the published base model (Podell et al. 2023, "SDXL", table 1).
Only the words of CLIP's tokenizer cannot be written from figures; they are taken from files on this machine or from the hub.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools.images.backend.errors import MissingWeights
from tools.images.diffusion.header import Header

__all__ = ["clip_words", "is_ordinary", "write_configs"]

_WORDS = ("vocab.json", "merges.txt")
_HUB = ("stabilityai/stable-diffusion-xl-base-1.0", "tokenizer/")
_CLIP = ("openai/clip-vit-large-patch14", "")
_START, _END = 49406, 49407

_PARTS: dict[str, tuple[str, str]] = {
    "scheduler": ("diffusers", "EulerDiscreteScheduler"),
    "text_encoder": ("transformers", "CLIPTextModel"),
    "text_encoder_2": ("transformers", "CLIPTextModelWithProjection"),
    "tokenizer": ("transformers", "CLIPTokenizer"),
    "tokenizer_2": ("transformers", "CLIPTokenizer"),
    "unet": ("diffusers", "UNet2DConditionModel"),
    "vae": ("diffusers", "AutoencoderKL"),
}
_UNET = {
    "sample_size": 128,
    "in_channels": 4,
    "out_channels": 4,
    "layers_per_block": 2,
    "block_out_channels": [320, 640, 1280],
    "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
    "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
    "transformer_layers_per_block": [1, 2, 10],
    "attention_head_dim": [5, 10, 20],
    "cross_attention_dim": 2048,
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
}
_VAE = {
    "sample_size": 1024,
    "latent_channels": 4,
    "layers_per_block": 2,
    "block_out_channels": [128, 256, 512, 512],
    "down_block_types": ["DownEncoderBlock2D"] * 4,
    "up_block_types": ["UpDecoderBlock2D"] * 4,
    "scaling_factor": 0.13025,
    "force_upcast": True,  # it overflows in fp16 and gives black pictures
}
_TEXT = {
    "vocab_size": 49408,
    "max_position_embeddings": 77,
    "bos_token_id": _START,
    "eos_token_id": _END,
    "pad_token_id": _END,
}
_TEXT_1 = {
    "hidden_size": 768,
    "intermediate_size": 3072,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "projection_dim": 768,
    "hidden_act": "quick_gelu",
}
_TEXT_2 = {
    "hidden_size": 1280,
    "intermediate_size": 5120,
    "num_hidden_layers": 32,
    "num_attention_heads": 20,
    "projection_dim": 1280,
    "hidden_act": "gelu",
}
_SCHEDULER = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "num_train_timesteps": 1000,
    "prediction_type": "epsilon",
    "timestep_spacing": "leading",
    "steps_offset": 1,
}


def is_ordinary(header: Header) -> bool:
    """Whether a checkpoint has SDXL's own size. A pruned one (SSD-1B and its like) lacks layers, and needs its own configs."""
    ends = ("input_blocks.8.1.transformer_blocks.9", "middle_block.1.transformer_blocks.9")
    wide = header.shapes.get("model.diffusion_model.middle_block.1.transformer_blocks.0.attn2.to_k.weight", (0, 0))
    return wide[-1] == 2048 and all(header.starts(f"model.diffusion_model.{end}.") for end in ends)


def write_configs(target: Path, header: Header, words: Path) -> Path:
    """A diffusers folder without weights, for a checkpoint of SDXL's own size. `words`: a folder with CLIP's tokenizer.

    A checkpoint that predicts v says so by a key `v_pred`, and `ztsnr` where its noise ends at zero signal (as trainers mark it).
    """
    scheduler: dict[str, Any] = dict(_SCHEDULER)
    if "v_pred" in header.shapes:
        scheduler["prediction_type"] = "v_prediction"
    if "ztsnr" in header.shapes:
        scheduler |= {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing"}
    index: dict[str, Any] = {"_class_name": "StableDiffusionXLPipeline", "force_zeros_for_empty_prompt": True}
    _write(target / "model_index.json", index | {part: list(made) for part, made in _PARTS.items()})
    _write(target / "unet" / "config.json", {"_class_name": "UNet2DConditionModel", **_UNET})
    _write(target / "vae" / "config.json", {"_class_name": "AutoencoderKL", **_VAE})
    _write(target / "scheduler" / "scheduler_config.json", {"_class_name": "EulerDiscreteScheduler", **scheduler})
    for part, config in (("text_encoder", _TEXT_1), ("text_encoder_2", _TEXT_2)):
        architectures = [_PARTS[part][1]]
        _write(
            target / part / "config.json",
            {"model_type": "clip_text_model", "architectures": architectures, **_TEXT, **config},
        )
    # The second encoder was trained with "!", the first entry, as its padding.
    for part, padding in (("tokenizer", "<|endoftext|>"), ("tokenizer_2", "!")):
        said = {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77, "pad_token": padding}
        marks = {"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>"}
        _write(target / part / "tokenizer_config.json", said | marks)
        for name in _WORDS:
            shutil.copyfile(words / name, target / part / name)
    return target


def clip_words(model: str, folder: Path, fetch: Callable[[str, str], Path]) -> Path:
    """A folder with CLIP's vocabulary: `folder`/tokenizer, the hub's cache, or fetched (1.5 MB) by `fetch(repo, file)`.

    Raises:
        MissingWeights: it is nowhere, and the hub cannot be asked.
    """
    own = folder / "tokenizer"
    if all((own / name).is_file() for name in _WORDS):
        return own
    import huggingface_hub

    for repo, inside in (_HUB, _CLIP):
        cached = [huggingface_hub.try_to_load_from_cache(repo, inside + name) for name in _WORDS]
        if all(isinstance(path, str) for path in cached):
            return Path(str(cached[0])).parent
    try:
        fetched = [fetch(_HUB[0], _HUB[1] + name) for name in _WORDS]
    except MissingWeights as error:
        raise MissingWeights("words_missing", model=model, folder=own) from error
    return fetched[0].parent


def _write(path: Path, data: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data), encoding="utf-8")
