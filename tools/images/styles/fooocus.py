"""Files of Fooocus, read as they are: style lists and presets (JSON). Their values are data; nothing in them is run."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.images.styles.errors import BadStyleFile
from tools.images.styles.model import Style

__all__ = ["Preset", "PresetLora", "load_preset", "load_styles"]

_MOST_BYTES = 4_000_000
_UPPER = {"3d": "3D", "2d": "2D", "sai": "SAI", "mre": "MRE"}
_KINDS: dict[str, type | tuple[type, ...]] = {
    "default_model": str,
    "default_refiner": str,
    "default_refiner_switch": (int, float),
    "default_loras": list,
    "default_cfg_scale": (int, float),
    "default_sample_sharpness": (int, float),
    "default_cfg_tsnr": (int, float),
    "default_clip_skip": int,
    "default_sampler": str,
    "default_scheduler": str,
    "default_overwrite_step": int,
    "default_overwrite_switch": (int, float),
    "default_performance": str,
    "default_image_number": int,
    "default_prompt": str,
    "default_prompt_negative": str,
    "default_styles": list,
    "default_aspect_ratio": str,
    "default_save_metadata_to_images": bool,
    "default_vae": str,
    "default_inpaint_engine_version": str,
    "previous_default_models": list,
    "checkpoint_downloads": dict,
    "lora_downloads": dict,
    "embeddings_downloads": dict,
    "vae_downloads": dict,
    "default_loras_min_weight": (int, float),
    "default_loras_max_weight": (int, float),
}


@dataclass(frozen=True)
class PresetLora:
    """One LoRA slot of a preset; `name` is a file name as the preset has it ("None" slots are left out)."""

    name: str
    weight: float
    enabled: bool = True


@dataclass(frozen=True)
class Preset:
    """A preset. What we name is typed; `values` keeps every known key as it was, `unknown` the keys we do not know."""

    name: str
    model: str | None = None
    size: tuple[int, int] | None = None  # width, height in pixels
    styles: tuple[str, ...] = ()
    loras: tuple[PresetLora, ...] = ()
    cfg_scale: float | None = None
    sampler: str | None = None
    scheduler: str | None = None
    performance: str | None = None
    prompt: str = ""
    negative: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


def load_styles(path: Path) -> list[Style]:
    """A Fooocus style file: a JSON list of {name, prompt?, negative_prompt?}; other keys are let be.

    Raises:
        BadStyleFile: no JSON, no list, or an entry without a name or with a value that is no text.
    """
    data = _read(path)
    if not isinstance(data, list):
        raise BadStyleFile(file=path.name, where="-", detail="a list of styles is needed")
    styles = []
    for n, entry in enumerate(data):
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str) or not entry["name"].strip():
            raise BadStyleFile(file=path.name, where=f"[{n}]", detail="a style needs a name")
        words = {key: entry.get(key) or "" for key in ("prompt", "negative_prompt")}
        for key, value in words.items():
            if not isinstance(value, str):
                raise BadStyleFile(file=path.name, where=f"[{n}].{key}", detail="a text is needed here")
        shown = shown_name(entry["name"])
        styles.append(Style(entry["name"], shown, shown, words["prompt"], words["negative_prompt"], source=path.name))
    return styles


def shown_name(name: str) -> str:
    """The name as Fooocus shows it: hyphens as spaces, words capitalised, 3D, SAI and MRE in capitals."""
    return " ".join(_UPPER.get(word.lower(), word.capitalize()) for word in name.replace("-", " ").split())


def load_preset(path: Path) -> Preset:
    """A Fooocus preset: a JSON object of its 28 keys, each optional.

    Raises:
        BadStyleFile: no JSON, no object, or a known key with a value of the wrong kind.
    """
    data = _read(path)
    if not isinstance(data, dict):
        raise BadStyleFile(file=path.name, where="-", detail="an object of settings is needed")
    known = {key: value for key, value in data.items() if key in _KINDS and value is not None}
    for key, value in known.items():
        kind = _KINDS[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise BadStyleFile(file=path.name, where=key, detail=f"a value of another kind: {value!r:.60}")
    return Preset(
        name=path.stem,
        model=known.get("default_model"),
        size=_size(known.get("default_aspect_ratio"), path),
        styles=tuple(_texts(known.get("default_styles", []), "default_styles", path)),
        loras=tuple(_loras(known.get("default_loras", []), path)),
        cfg_scale=known.get("default_cfg_scale"),
        sampler=known.get("default_sampler"),
        scheduler=known.get("default_scheduler"),
        performance=known.get("default_performance"),
        prompt=known.get("default_prompt", ""),
        negative=known.get("default_prompt_negative", ""),
        values=known,
        unknown=tuple(key for key in data if key not in _KINDS),
    )


def _read(path: Path) -> Any:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise BadStyleFile(file=path.name, where="-", detail=f"larger than {_MOST_BYTES // 1_000_000} MB")
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, RecursionError) as error:
        raise BadStyleFile(file=path.name, where="-", detail=str(error)) from error
    except json.JSONDecodeError as error:
        raise BadStyleFile(file=path.name, where=f"line {error.lineno}", detail=error.msg) from error


def _size(text: str | None, path: Path) -> tuple[int, int] | None:
    if text is None:
        return None
    found = re.fullmatch(r"\s*(\d{2,5})\s*[*x×]\s*(\d{2,5})\s*", text)
    if not found:
        raise BadStyleFile(file=path.name, where="default_aspect_ratio", detail=f"width*height is needed: {text!r:.40}")
    return int(found[1]), int(found[2])


def _texts(values: list[Any], key: str, path: Path) -> list[str]:
    if not all(isinstance(value, str) for value in values):
        raise BadStyleFile(file=path.name, where=key, detail="names are needed here")
    return values


def _loras(values: list[Any], path: Path) -> list[PresetLora]:
    """Slots as [name, weight] (older presets) or [enabled, name, weight]."""
    slots = []
    for n, value in enumerate(values):
        slot = [True, *value] if isinstance(value, list) and len(value) == 2 else value
        if (
            not isinstance(slot, list)
            or len(slot) != 3
            or not isinstance(slot[0], bool)
            or not isinstance(slot[1], str)
            or isinstance(slot[2], bool)
            or not isinstance(slot[2], int | float)
        ):
            raise BadStyleFile(file=path.name, where=f"default_loras[{n}]", detail="[on, name, weight] is needed")
        if slot[1] != "None":
            slots.append(PresetLora(slot[1], float(slot[2]), slot[0]))
    return slots
