"""Recipes as Fooocus and InvokeAI write them: flat JSON under their own names.

Fooocus stores lists and pairs as the text Python prints for them. They are taken apart by patterns here and never
evaluated: a picture is something a stranger may have sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tools.images.recipe.model import Recipe, clean, extras, listed, loras_of, name_of, number, side, whole

__all__ = ["read_fooocus", "read_invokeai"]

_SIZE = re.compile(r"\(?\s*(\d{1,5})\s*[,x×*]\s*(\d{1,5})\s*\)?")
_TEXT = re.compile(r"'((?:[^'\\]|\\.){1,300})'|\"((?:[^\"\\]|\\.){1,300})\"")
# What has a field of its own; the rest is kept as `extra`.
_FOOOCUS = frozenset(
    (
        "prompt",
        "negative_prompt",
        "seed",
        "steps",
        "guidance_scale",
        "sampler",
        "scheduler",
        "resolution",
        "base_model",
        "base_model_hash",
        "loras",
        "styles",
    )
)
_INVOKE = frozenset(
    (
        "positive_prompt",
        "negative_prompt",
        "seed",
        "steps",
        "cfg_scale",
        "scheduler",
        "width",
        "height",
        "model",
        "loras",
    )
)


def read_fooocus(data: Mapping[str, Any]) -> Recipe:
    """The recipe in Fooocus' own JSON (scheme `fooocus`)."""
    size = _SIZE.fullmatch(clean(data.get("resolution"), 100))
    pairs = [(each[0], each[1]) for each in listed(data.get("loras")) if isinstance(each, list) and len(each) >= 2]
    for key, value in data.items():  # the older way: "lora_combined_1": "name : weight"
        if isinstance(key, str) and key.startswith("lora_combined") and isinstance(value, str):
            name, _, weight = clean(value, 400).rpartition(" : ")
            pairs.append((name, weight))
    raw = data.get("styles")
    styles = [a or b for a, b in _TEXT.findall(raw[:20_000])] if isinstance(raw, str) else listed(raw)
    return Recipe(
        prompt=clean(data.get("prompt")),
        negative=clean(data.get("negative_prompt")),
        seed=whole(data.get("seed")),
        steps=whole(data.get("steps")),
        cfg=number(data.get("guidance_scale")),
        sampler=name_of(data.get("sampler")),
        scheduler=name_of(data.get("scheduler")),
        width=side(size[1]) if size else None,
        height=side(size[2]) if size else None,
        model=name_of(data.get("base_model")),
        model_hash=name_of(data.get("base_model_hash")),
        loras=loras_of(pairs),
        styles=tuple(name for each in styles if (name := name_of(each))),
        extra=extras({key: value for key, value in data.items() if key not in _FOOOCUS}),
        program="fooocus",
    )


def read_invokeai(data: Mapping[str, Any]) -> Recipe:
    """The recipe in `invokeai_metadata`; models and LoRAs are named as its version 3 or as its later versions do."""
    model = _named(data.get("model"))
    pairs = []
    for each in listed(data.get("loras")):
        if isinstance(each, Mapping):
            pairs.append((_named(each.get("model") or each.get("lora")).get("name"), each.get("weight")))
    return Recipe(
        prompt=clean(data.get("positive_prompt")),
        negative=clean(data.get("negative_prompt")),
        seed=whole(data.get("seed")),
        steps=whole(data.get("steps")),
        cfg=number(data.get("cfg_scale")),
        scheduler=name_of(data.get("scheduler")),
        width=side(data.get("width")),
        height=side(data.get("height")),
        model=model.get("name", ""),
        model_hash=model.get("hash", ""),
        loras=loras_of(pairs),
        extra=extras({key: value for key, value in data.items() if key not in _INVOKE}),
        program="invokeai",
    )


def _named(value: object) -> dict[str, str]:
    if isinstance(value, str):
        return {"name": name_of(value)}
    if not isinstance(value, Mapping):
        return {}
    return {"name": name_of(value.get("name") or value.get("model_name")), "hash": name_of(value.get("hash"))}
