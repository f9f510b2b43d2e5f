"""A1111's `parameters` text: prompt, "Negative prompt:", and one line of settings. Read and written."""

from __future__ import annotations

import json
import re

from tools.images.recipe.model import Recipe, clean, extras, loras_of, name_of, number, side, whole

__all__ = ["looks_like_a1111", "read_a1111", "write_a1111"]

_NEGATIVE = "Negative prompt:"
_SETTINGS = re.compile(r"^\s*Steps: ?\d", re.IGNORECASE)
# One setting: a short name, then a quoted text or everything up to the next comma. Bounded: hostile text stays linear.
_SETTING = re.compile(r'\s*([A-Za-z][\w .\-/]{0,60}):\s*("(?:[^"\\]|\\.){0,4000}"|[^,]{0,1000})(?:,|$)')
_LORA = re.compile(r"<lora:([^:<>]{1,200})(?::(-?[\d.]{1,10}))?[^<>]{0,40}>")
_OWN = frozenset(("steps", "sampler", "schedule type", "cfg scale", "seed", "size", "model", "model hash", "styles"))


def looks_like_a1111(text: str) -> bool:
    """Whether a line of settings stands in `text`."""
    return any(_SETTINGS.match(line) for line in text.splitlines()[-3:])


def read_a1111(text: str) -> Recipe:
    """The recipe in a `parameters` text. What the text does not say is left open; it never fails."""
    lines = clean(text, 200_000).splitlines()
    at = next((n for n in range(len(lines) - 1, -1, -1) if _SETTINGS.match(lines[n])), len(lines))
    body, settings = lines[:at], _settings(" ".join(lines[at:]))
    cut = next((n for n, line in enumerate(body) if line.lstrip().startswith(_NEGATIVE)), len(body))
    prompt = "\n".join(body[:cut])
    negative = "\n".join(body[cut:]).lstrip()[len(_NEGATIVE) :] if cut < len(body) else ""
    width, _, height = settings.get("size", "").partition("x")
    styles = tuple(name for each in settings.get("styles", "").split(",") if (name := name_of(each)))
    return Recipe(
        prompt=clean(prompt),
        negative=clean(negative),
        seed=whole(settings.get("seed")),
        steps=whole(settings.get("steps")),
        cfg=number(settings.get("cfg scale")),
        sampler=name_of(settings.get("sampler")),
        scheduler=name_of(settings.get("schedule type")),
        width=side(width),
        height=side(height),
        model=name_of(settings.get("model")),
        model_hash=name_of(settings.get("model hash")),
        loras=loras_of((found[1], found[2]) for found in _LORA.finditer(prompt[:20_000])),
        styles=styles,
        extra=extras({name: value for name, value in settings.items() if name not in _OWN}),
        program="a1111",
    )


def write_a1111(recipe: Recipe) -> str:
    """`recipe` as A1111 writes it. LoRAs that the prompt does not name are appended to it as tags."""
    prompt = recipe.prompt
    for lora in recipe.loras:
        if f"<lora:{lora.name}:" not in prompt and f"<lora:{lora.name}>" not in prompt:
            prompt += f" <lora:{lora.name}:{lora.weight:g}>"
    told = {
        "Steps": recipe.steps,
        "Sampler": recipe.sampler,
        "Schedule type": recipe.scheduler,
        "CFG scale": None if recipe.cfg is None else f"{recipe.cfg:g}",
        "Seed": recipe.seed,
        "Size": f"{recipe.width}x{recipe.height}" if recipe.width and recipe.height else None,
        "Model hash": recipe.model_hash,
        "Model": recipe.model,
        "Styles": ", ".join(recipe.styles),
        "Version": "Finale",
    }
    lines = [prompt] if prompt else []
    if recipe.negative:
        lines.append(f"{_NEGATIVE} {recipe.negative}")
    # Readers find this line by "Steps:"; a drawing has none, and none is made up.
    lines.append(", ".join(f"{name}: {_quoted(str(value))}" for name, value in told.items() if value not in (None, "")))
    return "\n".join(lines)


def _settings(line: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in _SETTING.findall(line[:100_000]):
        found.setdefault(name.strip().lower(), _unquoted(value.strip()))
    return found


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False) if any(mark in value for mark in ',:"\n') else value


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    try:
        return str(json.loads(value))
    except ValueError:
        return value.strip('"')
