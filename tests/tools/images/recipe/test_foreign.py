"""Recipes of other programs, as their files hold them, and files that mean harm."""

from __future__ import annotations

import io
import json
import random
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from tools.images.recipe import Lora, NotAPicture, PictureTooLarge, Recipe, decode_picture, read_made, read_recipe
from tools.images.recipe.comfyui import read_comfyui
from tools.images.recipe.others import read_fooocus, read_invokeai

A1111 = """masterpiece, 1girl, <lora:pastel:0.6>,
red umbrella: in the rain
Negative prompt: lowres, (bad hands:1.3),
text
Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 6.5, Seed: 3203341, Size: 832x1216, Model hash: 67ab2fd8ec, \
Model: pony_v6, Denoising strength: 0.35, Lora hashes: "pastel: 1c2d, other: 99", Version: v1.10.1"""

FOOOCUS = {
    "adm_guidance": "(1.5, 0.8, 0.3)",
    "base_model": "juggernautXL_v8Rundiffusion",
    "base_model_hash": "aeb7e9e689",
    "guidance_scale": 4,
    "loras": [["sd_xl_offset_example-lora_1.0", 0.1, "4852686128"]],
    "metadata_scheme": "fooocus",
    "negative_prompt": "ugly",
    "performance": "Speed",
    "prompt": "a fox",
    "resolution": "(1152, 896)",
    "sampler": "dpmpp_2m_sde_gpu",
    "scheduler": "karras",
    "seed": "4613562342",
    "sharpness": 2,
    "steps": 30,
    "styles": "['Fooocus V2', \"It's Sharp\", 'Fooocus Enhance']",
    "version": "Fooocus v2.5.5",
}

COMFY: dict[str, Any] = {
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 156680208700286,
            "steps": 20,
            "cfg": 8,
            "sampler_name": "euler",
            "scheduler": "normal",
            "denoise": 1,
            "model": ["10", 0],
            "positive": ["6", 0],
            "negative": ["7", 0],
            "latent_image": ["5", 0],
        },
    },
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd_xl_base_1.0.safetensors"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 1024, "height": 512, "batch_size": 1}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": ["20", 0], "clip": ["4", 1]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "watermark", "clip": ["4", 1]}},
    "10": {
        "class_type": "LoraLoader",
        "inputs": {"lora_name": "pixel.safetensors", "strength_model": 0.8, "model": ["4", 0]},
    },
    "20": {"class_type": "PrimitiveString", "inputs": {"value": "a glass bottle"}},
}

INVOKE = {
    "app_version": "6.0.0",
    "generation_mode": "sdxl_txt2img",
    "positive_prompt": "an owl",
    "negative_prompt": "dark",
    "width": 1024,
    "height": 1024,
    "seed": 42,
    "cfg_scale": 7.5,
    "steps": 25,
    "scheduler": "euler_a",
    "model": {"key": "k", "hash": "blake3:ff", "name": "Dreamshaper XL", "base": "sdxl"},
    "loras": [{"model": {"name": "Detail"}, "weight": 0.5}, {"lora": {"model_name": "Old"}, "weight": 1}],
}


def png(**texts: str) -> bytes:
    info = PngImagePlugin.PngInfo()
    for key, value in texts.items():
        info.add_text(key, value)
    buffer = io.BytesIO()
    Image.new("RGB", (64, 32)).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def with_exif(kind: str, *, comment: bytes = b"", make: str = "", model: str = "") -> bytes:
    exif = Image.Exif()
    if comment:
        exif.get_ifd(0x8769)[0x9286] = comment
    if make:
        exif[0x010F] = make
    if model:
        exif[0x0110] = model
    buffer = io.BytesIO()
    Image.new("RGB", (64, 32)).save(buffer, kind, exif=exif)
    return buffer.getvalue()


def recipe_of(data: bytes) -> Recipe:
    found = read_recipe(data)
    assert found is not None
    return found


def test_a1111() -> None:
    found = recipe_of(png(parameters=A1111))
    assert found.prompt == "masterpiece, 1girl, <lora:pastel:0.6>,\nred umbrella: in the rain"
    assert found.negative == "lowres, (bad hands:1.3),\ntext"
    assert (found.seed, found.steps, found.cfg, found.sampler, found.scheduler) == (
        3203341,
        28,
        6.5,
        "DPM++ 2M",
        "Karras",
    )
    assert (found.width, found.height, found.model, found.model_hash) == (832, 1216, "pony_v6", "67ab2fd8ec")
    assert found.loras == (Lora("pastel", 0.6),)
    assert found.extra["denoising strength"] == "0.35" and found.extra["lora hashes"] == "pastel: 1c2d, other: 99"
    assert found.program == "a1111"


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
@pytest.mark.parametrize("encoding", ["utf-16-be", "utf-16-le"])
def test_a1111_in_exif(kind: str, encoding: str) -> None:
    found = recipe_of(with_exif(kind, comment=b"UNICODE\0" + A1111.encode(encoding)))
    assert (found.seed, found.model, found.program) == (3203341, "pony_v6", "a1111")


def test_fooocus() -> None:
    for data in (
        png(parameters=json.dumps(FOOOCUS), fooocus_scheme="fooocus"),
        with_exif("JPEG", comment=b"ASCII\0\0\0" + json.dumps(FOOOCUS).encode()),
    ):
        found = recipe_of(data)
        assert (found.prompt, found.negative, found.seed, found.steps, found.cfg) == (
            "a fox",
            "ugly",
            4613562342,
            30,
            4,
        )
        assert (found.width, found.height) == (1152, 896)
        assert found.styles == ("Fooocus V2", "It's Sharp", "Fooocus Enhance")
        assert found.loras == (Lora("sd_xl_offset_example-lora_1.0", 0.1),)
        assert found.extra["performance"] == "Speed" and found.program == "fooocus"
    older = read_fooocus({"prompt": "x", "lora_combined_1": "pastel : v2 : 0.3"})
    assert older.loras == (Lora("pastel : v2", 0.3),)
    assert recipe_of(png(parameters=A1111, fooocus_scheme="a1111")).seed == 3203341


def test_comfyui() -> None:
    for data in (png(prompt=json.dumps(COMFY), workflow="{}"), with_exif("WEBP", model="prompt:" + json.dumps(COMFY))):
        found = recipe_of(data)
        assert (found.prompt, found.negative) == ("a glass bottle", "watermark")
        assert (found.seed, found.steps, found.cfg, found.sampler, found.scheduler) == (
            156680208700286,
            20,
            8,
            "euler",
            "normal",
        )
        assert (found.width, found.height, found.model) == (1024, 512, "sd_xl_base_1.0.safetensors")
        assert found.loras == (Lora("pixel.safetensors", 0.8),) and found.program == "comfyui"


def test_comfyui_with_the_sampler_in_parts() -> None:
    graph = {
        "1": {"class_type": "SamplerCustomAdvanced", "inputs": {"noise": ["2", 0], "guider": ["3", 0], "sampler": ["4", 0], "sigmas": ["5", 0], "latent_image": ["6", 0]}},
        "2": {"class_type": "RandomNoise", "inputs": {"noise_seed": 9}},
        "3": {"class_type": "BasicGuider", "inputs": {"model": ["7", 0], "conditioning": ["8", 0]}},
        "4": {"class_type": "KSamplerSelect", "inputs": {"sampler_name": "euler"}},
        "5": {"class_type": "BasicScheduler", "inputs": {"scheduler": "simple", "steps": 4}},
        "6": {"class_type": "EmptySD3LatentImage", "inputs": {"width": 512, "height": 512}},
        "7": {"class_type": "UNETLoader", "inputs": {"unet_name": "flux.safetensors"}},
        "8": {"class_type": "CLIPTextEncode", "inputs": {"text": "a cup"}},
    }  # fmt: skip
    found = read_comfyui(graph)
    assert (found.prompt, found.seed, found.steps, found.sampler, found.scheduler) == ("a cup", 9, 4, "euler", "simple")
    assert (found.width, found.model) == (512, "flux.safetensors")


def test_comfyui_links_in_a_circle_come_to_an_end() -> None:
    graph = {
        "1": {"class_type": "KSampler", "inputs": {"positive": ["2", 0], "latent_image": ["1", 0], "seed": ["3", 0]}},
        "2": {"class_type": "ConditioningCombine", "inputs": {"a": ["3", 0], "b": ["2", 0]}},
        "3": {"class_type": "Reroute", "inputs": {"x": ["2", 0]}},
    }
    assert (read_comfyui(graph).prompt, read_comfyui(graph).seed) == ("", None)


def test_invokeai() -> None:
    found = recipe_of(png(invokeai_metadata=json.dumps(INVOKE)))
    assert (found.prompt, found.negative, found.seed, found.steps, found.cfg) == ("an owl", "dark", 42, 25, 7.5)
    assert (found.scheduler, found.model, found.model_hash) == ("euler_a", "Dreamshaper XL", "blake3:ff")
    assert found.loras == (Lora("Detail", 0.5), Lora("Old", 1.0)) and found.program == "invokeai"
    assert read_invokeai({"model": {"model_name": "old"}}).model == "old"


def test_code_in_a_picture_is_text(tmp_path: Path) -> None:
    """Stops: the hole of a program that evaluated styles and sizes from pictures."""
    trap = tmp_path / "owned"
    code = f"__import__('pathlib').Path({str(trap)!r}).touch()"
    for data in (
        FOOOCUS | {"styles": code, "resolution": code, "adm_guidance": code},
        {"prompt": code, "styles": f"[{code}]"},
    ):
        found = recipe_of(png(parameters=json.dumps(data)))
        assert not trap.exists()
        assert found.program == "fooocus" and (found.width, found.height) == (64, 32)
    assert read_fooocus({"prompt": code}).prompt == code


def test_hostile_text_is_cleaned_and_cut() -> None:
    found = read_fooocus(
        {"prompt": "a\0b\x1b[31m\u202ered\u2066\ud800\n" + "x" * 100_000, "sampler": "e\n\neuler" * 1000}
    )
    assert found.prompt.startswith("ab[31mred\nxxx") and len(found.prompt) <= 20_000
    assert "\n" not in found.sampler and len(found.sampler) <= 300


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        '{"a":' * 100_000,
        '{"prompt": "x", "seed": ' + "9" * 5000 + "}",
        '{"prompt": NaN, "steps": Infinity, "seed": 1e400, "loras": {"a": 1}}',
        '{"prompt": ["x"], "loras": [[[]], [null, null]], "styles": 7, "resolution": [1]}',
        "Steps: " + "9" * 5000 + ", Seed: x, Size: axb, CFG scale: nan",
        "Steps: 1, " + 'a: "' * 20_000,
        "Steps: 1, " + "a" * 80_000,
        "<lora:" * 5_000 + "\nSteps: 1, Seed: 2",
        "{}",
        "",
    ],
)
def test_odd_texts_are_no_accident(text: str) -> None:
    for key in ("parameters", "prompt", "invokeai_metadata"):
        found = read_recipe(png(**{key: text}))
        assert found is None or (found.seed is None or abs(found.seed) < 2**64)


def test_random_values_in_every_field_never_break_the_readers() -> None:
    dice = random.Random(7)
    values: list[Any] = [
        None,
        True,
        -1,
        2**80,
        1.5,
        float("nan"),
        "",
        "x",
        "9" * 30,
        [],
        ["1", 0],
        [["a", "b"]],
        {},
        {"name": 3},
    ]
    for _ in range(2000):
        fooocus = {key: dice.choice(values) for key in FOOOCUS}
        invoke = {key: dice.choice(values) for key in INVOKE}
        comfy = {
            key: {
                "class_type": dice.choice([node["class_type"], 3]),
                "inputs": {name: dice.choice(values) for name in node["inputs"]},
            }
            for key, node in COMFY.items()
        }
        own = {name: dice.choice(values) for name in Recipe.__dataclass_fields__}
        for found in (read_fooocus(fooocus), read_invokeai(invoke), read_comfyui(comfy), Recipe.from_json(own)):
            assert isinstance(found.prompt, str) and (found.steps is None or isinstance(found.steps, int))
            assert Recipe.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_entities_in_a_mark_are_not_resolved(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden words")
    evil = (
        f'<!DOCTYPE x [<!ENTITY s SYSTEM "{secret.as_uri()}">]><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:f="https://finale.invalid/ns/'
        'recipe/1/"><f:Recipe>{"prompt": "&s;"}</f:Recipe></rdf:Description></rdf:RDF></x:xmpmeta>'
    )
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", evil)
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "PNG", pnginfo=info)
    assert read_recipe(buffer.getvalue()) is None and read_made(buffer.getvalue()) is None


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def huge_png(width: int, height: int) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(20_000, 20_000), (8_000, 6_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_huge_pictures_are_refused_by_their_header(size: tuple[int, int]) -> None:
    for use in (decode_picture, read_recipe):
        with pytest.raises(PictureTooLarge) as caught:
            use(huge_png(*size), "big.png")
        assert str(size[0]) in str(caught.value) and "big.png" in caught.value.message("en")


def test_text_that_unpacks_without_end_is_refused() -> None:
    bomb = chunk(b"zTXt", b"parameters\0\0" + zlib.compress(b"a" * 50_000_000, 9))
    data = png()
    data = data[:33] + bomb + data[33:]
    with pytest.raises(NotAPicture):
        read_recipe(data, "bomb.png")


def test_what_is_no_picture_is_told(tmp_path: Path) -> None:
    good = png(parameters=A1111)
    cases = {
        "not_a_picture": [b"", b"GIF89a" + b"0" * 50, b"%PDF-1.7", b"<svg/>"],
        "broken_picture": [good[:20], b"RIFFxxxxWEBP", b"\xff\xd8\xff\xe0"],
    }
    for key, each in cases.items():
        for data in each:
            with pytest.raises(NotAPicture) as caught:
                decode_picture(data, "a.png")
            assert caught.value.key == key, data
    with pytest.raises(NotAPicture) as caught:
        decode_picture(tmp_path / "gone.png")
    assert caught.value.key == "picture_missing" and "gone.png" in str(caught.value)
    with pytest.raises(NotAPicture):
        decode_picture(good[:-30], "cut.png")


def test_flipped_bits_give_a_recipe_or_a_clear_error() -> None:
    dice = random.Random(3)
    good = png(parameters=A1111, prompt=json.dumps(COMFY))
    for _ in range(300):
        data = bytearray(good)
        for _ in range(dice.randint(1, 8)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        try:
            read_recipe(bytes(data))
            decode_picture(bytes(data))
        except (NotAPicture, PictureTooLarge) as error:
            assert error.message("zh") and error.message("en")
