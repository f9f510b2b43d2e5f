"""The tiny SDXL as one .safetensors file in the layout of the original code (generative-models), as most people have theirs."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

__all__ = ["save_file"]

_RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
_ENDS = {
    "conv_in": "input_blocks.0.0",
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
    "mid_block.resnets.0": "middle_block.0",
    "mid_block.attentions.0": "middle_block.1",
    "mid_block.resnets.1": "middle_block.2",
}
_OPEN_CLIP = {
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
    "self_attn.out_proj": "attn.out_proj",
    "encoder.layers": "transformer.resblocks",
    "final_layer_norm": "ln_final",
    "embeddings.token_embedding": "token_embedding",
}


def save_file(pipe: Any, path: Path) -> Path:
    """Write `pipe` to `path`; its configs, which are not SDXL's own, go beside it as a folder of the same name."""
    from safetensors.torch import save_file as save

    state = {f"model.diffusion_model.{key}": value for key, value in _unet(pipe.unet).items()}
    state |= {f"first_stage_model.{key}": value for key, value in _vae(pipe.vae).items()}
    first = {key.removeprefix("text_model."): value for key, value in pipe.text_encoder.state_dict().items()}
    state |= {f"conditioner.embedders.0.transformer.text_model.{key}": value for key, value in first.items()}
    state |= {f"conditioner.embedders.1.model.{key}": value for key, value in _open_clip(pipe.text_encoder_2).items()}
    save({key: value.contiguous().clone() for key, value in state.items()}, path)
    configs = path.with_suffix("")
    pipe.save_pretrained(configs)
    for weights in configs.rglob("*.safetensors"):
        weights.unlink()
    shutil.rmtree(configs / "vae" / "cache", ignore_errors=True)
    return path


def _unet(unet: Any) -> dict[str, Any]:
    places = dict(_ENDS)
    count = 1
    for block, down in enumerate(unet.down_blocks):
        for layer in range(len(down.resnets)):
            places[f"down_blocks.{block}.resnets.{layer}"] = f"input_blocks.{count}.0"
            places[f"down_blocks.{block}.attentions.{layer}"] = f"input_blocks.{count}.1"
            count += 1
        if down.downsamplers:
            places[f"down_blocks.{block}.downsamplers.0.conv"] = f"input_blocks.{count}.0.op"
            count += 1
    count = 0
    for block, up in enumerate(unet.up_blocks):
        attends = hasattr(up, "attentions")
        for layer in range(len(up.resnets)):
            places[f"up_blocks.{block}.resnets.{layer}"] = f"output_blocks.{count}.0"
            places[f"up_blocks.{block}.attentions.{layer}"] = f"output_blocks.{count}.1"
            count += 1
        places[f"up_blocks.{block}.upsamplers.0.conv"] = f"output_blocks.{count - 1}.{2 if attends else 1}.conv"
    state = {}
    for key, value in unet.state_dict().items():
        start = max((place for place in places if key.startswith(place + ".")), key=len)
        rest = key.removeprefix(start)
        if ".resnets." in start:
            rest = re.sub(r"^\.(\w+)", lambda found: "." + _RESNET[found[1]], rest)
        state[places[start] + rest] = value
    return state


def _vae(vae: Any) -> dict[str, Any]:
    last = len(vae.decoder.up_blocks) - 1
    state = {}
    for key, value in vae.state_dict().items():
        name = key.replace("conv_shortcut", "nin_shortcut").replace("conv_norm_out", "norm_out")
        name = re.sub(r"down_blocks\.(\d)\.resnets\.(\d)", r"down.\1.block.\2", name)
        name = re.sub(r"down_blocks\.(\d)\.downsamplers\.0", r"down.\1.downsample", name)
        name = re.sub(r"up_blocks\.(\d)\.resnets\.(\d)", lambda m: f"up.{last - int(m[1])}.block.{m[2]}", name)
        name = re.sub(r"up_blocks\.(\d)\.upsamplers\.0", lambda m: f"up.{last - int(m[1])}.upsample", name)
        name = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", name)
        if "mid_block.attentions.0" in name:
            name = name.replace("mid_block.attentions.0", "mid.attn_1").replace("group_norm", "norm")
            name = name.replace("to_out.0", "proj_out").replace("to_q", "q").replace("to_k", "k").replace("to_v", "v")
            value = value[..., None, None] if value.ndim == 2 else value
        state[name] = value
    return state


def _open_clip(encoder: Any) -> dict[str, Any]:
    import torch

    source = encoder.state_dict()
    state = {}
    for key, value in source.items():
        name = key.removeprefix("text_model.")
        if ".self_attn.q_proj." in name:
            parts = [source[key.replace("q_proj", each)] for each in ("q_proj", "k_proj", "v_proj")]
            name = re.sub(r"self_attn\.q_proj\.(\w+)", r"attn.in_proj_\1", name)
            value = torch.cat(parts)
        elif ".self_attn.k_proj." in name or ".self_attn.v_proj." in name:
            continue
        for ours, theirs in _OPEN_CLIP.items():
            name = name.replace(ours, theirs)
        if name == "embeddings.position_embedding.weight":
            name = "positional_embedding"
        if name == "text_projection.weight":
            name, value = "text_projection", value.T
        state[name] = value
    return state
