"""A tiny SDXL: the real pipeline classes with random, seeded weights, 64 px, made in a moment and saved as people get them.

Two UNet stages, two small CLIP encoders, a byte-level tokenizer made from nothing. What it paints is noise, the same noise for
the same seed; everything around it (steps, samplers, LoRAs, files, memory) is as with the real one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

__all__ = ["CONTEXT", "build", "controlnet", "header_only", "lora", "save"]

CONTEXT = 64  # the width of both encoders together: cross_attention_dim
_FIRST, _SECOND = 24, 40  # of each; of two widths as SDXL's are: single files are told apart by them
_EOS = 512 + 1


def tokenizer(folder: Path) -> Any:
    """A CLIP tokenizer whose words are single bytes: 256 bytes, each also as the end of a word, a start and an end mark."""
    from transformers import CLIPTokenizer

    letters = [chr(code) for code in _byte_letters()]
    words = letters + [letter + "</w>" for letter in letters] + ["<|startoftext|>", "<|endoftext|>"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps({word: n for n, word in enumerate(words)}), encoding="utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n", encoding="utf-8")
    return CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=77)


def build(folder: Path, seed: int = 0) -> Any:
    """The pipeline, on the CPU in float32; `folder` takes the tokenizer's files."""
    import torch
    from diffusers import AutoencoderKL, EulerDiscreteScheduler, StableDiffusionXLPipeline, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    words = tokenizer(folder)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        said = {
            "vocab_size": len(words),
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "max_position_embeddings": 77,
            "bos_token_id": _EOS - 1,
            "eos_token_id": _EOS,  # its default, 49407, would take the pooled embedding from a wrong place
            "pad_token_id": _EOS,
        }
        small, large = (CLIPTextConfig(hidden_size=wide, projection_dim=wide, **said) for wide in (_FIRST, _SECOND))
        first, second = CLIPTextModel(small), CLIPTextModelWithProjection(large)
        unet = UNet2DConditionModel(
            sample_size=16,
            layers_per_block=1,
            block_out_channels=(32, 64),
            norm_num_groups=16,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            attention_head_dim=(2, 4),
            transformer_layers_per_block=(1, 2),
            cross_attention_dim=CONTEXT,
            use_linear_projection=True,
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            projection_class_embeddings_input_dim=6 * 8 + _SECOND,
        )
        vae = AutoencoderKL(
            block_out_channels=(16, 16, 32),
            down_block_types=("DownEncoderBlock2D",) * 3,
            up_block_types=("UpDecoderBlock2D",) * 3,
            layers_per_block=1,
            norm_num_groups=16,
            sample_size=64,
            scaling_factor=0.13025,
        )
    scheduler = EulerDiscreteScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", timestep_spacing="leading", steps_offset=1
    )
    parts = {"text_encoder": first.eval(), "text_encoder_2": second.eval(), "unet": unet.eval(), "vae": vae.eval()}
    pipe = StableDiffusionXLPipeline(
        **parts, tokenizer=words, tokenizer_2=words, scheduler=scheduler, add_watermarker=False
    )
    pipe.set_progress_bar_config(disable=True)
    return pipe


def save(folder: Path, seed: int = 0) -> Path:
    """The pipeline as a diffusers folder; returns the folder."""
    build(folder.with_name(folder.name + "-words"), seed).save_pretrained(folder, safe_serialization=True)
    return folder


def lora(folder: Path, layout: str = "diffusers", context: int = CONTEXT, seed: int = 1) -> Path:
    """A LoRA trained by one step, saved in the layout of `diffusers` or of `kohya`; returns its file.

    A `context` other than the tiny model's stands for a LoRA of another architecture (768 is Stable Diffusion 1.5).
    """
    import torch
    from diffusers.utils import convert_state_dict_to_kohya
    from peft import LoraConfig
    from peft.utils import get_peft_model_state_dict
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    pipe = build(folder / "words")
    unet = pipe.unet
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        unet.add_adapter(LoraConfig(r=4, lora_alpha=4, target_modules=["to_q", "to_k", "to_v", "to_out.0"]))
        trained = [each for each in unet.parameters() if each.requires_grad]
        optimizer = torch.optim.SGD(trained, lr=1.0)
        for _ in range(2):  # the first step moves only B, which starts at zero
            added = {"text_embeds": torch.randn(1, _SECOND), "time_ids": torch.zeros(1, 6)}
            said = unet(torch.randn(1, 4, 16, 16), 500, torch.randn(1, 77, CONTEXT), added_cond_kwargs=added).sample
            (50 * (said - torch.randn_like(said)).pow(2).mean()).backward()
            optimizer.step()
            optimizer.zero_grad()
    state = {f"unet.{key}": value.contiguous() for key, value in get_peft_model_state_dict(unet).items()}
    if context != CONTEXT:
        state = {key: _widened(key, value, context) for key, value in state.items()}
    path = folder / f"{layout}.safetensors"
    if layout == "kohya":
        kohya = convert_state_dict_to_kohya(state)
        state = {key.replace("unet.", "lora_unet_", 1): value.contiguous() for key, value in kohya.items()}
    save_file(state, path)
    return path


def controlnet(folder: Path) -> Path:
    """A ControlNet for the tiny model, as a diffusers folder; returns the folder."""
    import torch
    from diffusers import ControlNetModel

    pipe = build(folder.with_name(folder.name + "-words"))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(2)
        net = ControlNetModel.from_unet(pipe.unet, conditioning_embedding_out_channels=(8, 16, 32))
        for name, value in net.named_parameters():  # as trained: its outputs start at zero
            if "controlnet_" in name:
                torch.nn.init.normal_(value, std=0.2)
    net.save_pretrained(folder, safe_serialization=True)
    return folder


def header_only(path: Path, shapes: dict[str, tuple[int, ...]]) -> Path:
    """A whole .safetensors file with these keys and shapes, all zeros (float16); sparse on the disk."""
    header, at = {}, 0
    for key, shape in shapes.items():
        size = 2
        for side in shape:
            size *= side
        header[key] = {"dtype": "F16", "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    said = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(len(said).to_bytes(8, "little") + said)
        file.truncate(8 + len(said) + at)
    return path


def _widened(key: str, value: Any, context: int) -> Any:
    import torch

    reads_text = "attn2.to_k.lora_A" in key or "attn2.to_v.lora_A" in key
    return torch.zeros(value.shape[0], context) if reads_text else value


def _byte_letters() -> list[int]:
    """The code points that byte-level BPE writes for the 256 bytes (Radford et al. 2019): printable ones, then from 256 on."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    spare = iter(range(256, 512))
    return [byte if byte in plain else next(spare) for byte in range(256)]
