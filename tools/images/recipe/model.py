"""A picture's recipe: everything that is needed to make it again, in one shape whatever program wrote it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

__all__ = ["SOURCE_TYPES", "Lora", "Made", "Program", "Recipe"]

Made = Literal["trained", "drawn", "edited"]
Program = Literal["finale", "a1111", "fooocus", "comfyui", "invokeai"]

# IPTC NewsCodes, digital source type: a model made it; an algorithm that learned from no pictures; a model changed part.
_IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
SOURCE_TYPES: dict[Made, str] = {
    "trained": _IPTC + "trainedAlgorithmicMedia",
    "drawn": _IPTC + "algorithmicMedia",
    "edited": _IPTC + "compositeWithTrainedAlgorithmicMedia",
}

# Longer text than this is no prompt; it is cut, so that a hostile file cannot fill a page or a database.
MAX_TEXT = 20_000
_MAX_NAME = 300
_MAX_ITEMS = 100
# Characters that change the direction of the text around them: a prompt could look like something else than it is.
_HIDDEN = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0xFEFF}
_DROPPED = dict.fromkeys({*range(32), *range(0x7F, 0xA0), *range(0xD800, 0xE000), *_HIDDEN} - {9, 10})


@dataclass(frozen=True, slots=True)
class Lora:
    """A LoRA by name, with its weight."""

    name: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """What made a picture. Numbers that the source did not tell are None.

    Attributes:
        cfg: Guidance scale. sampler, scheduler: named as the program that wrote them names them.
        styles: Names of styles, in the order they were applied.
        made: Decides the IPTC digital source type.
        sheet: Our own data (character sheet, scene, pack); only JSON values.
        extra: What else the program said, as text; shown, never acted on.
        program: Which program's format it was read from.
    """

    prompt: str = ""
    negative: str = ""
    seed: int | None = None
    steps: int | None = None
    cfg: float | None = None
    sampler: str = ""
    scheduler: str = ""
    width: int | None = None
    height: int | None = None
    model: str = ""
    model_hash: str = ""
    loras: tuple[Lora, ...] = ()
    styles: tuple[str, ...] = ()
    made: Made = "trained"
    sheet: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)
    program: Program = "finale"

    def shared(self) -> Recipe:
        """The copy to hand out: it says how the picture was made (`made`, model), and nothing a person wrote."""
        return Recipe(model=self.model, model_hash=self.model_hash, made=self.made, program=self.program)

    def to_json(self) -> dict[str, Any]:
        """A JSON object; `from_json` gives the same recipe back."""
        data: dict[str, Any] = {"finale_recipe": 1}
        for name in ("prompt", "negative", "seed", "steps", "cfg", "sampler", "scheduler", "width", "height"):
            data[name] = getattr(self, name)
        data |= {"model": self.model, "model_hash": self.model_hash, "made": self.made, "program": self.program}
        data |= {"loras": [{"name": lora.name, "weight": lora.weight} for lora in self.loras]}
        data |= {"styles": list(self.styles), "sheet": dict(self.sheet), "extra": dict(self.extra)}
        return {name: value for name, value in data.items() if value not in (None, "", [], {})}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Recipe:
        """The recipe in `data`. A value of the wrong kind counts as not told."""
        made, program = data.get("made"), data.get("program")
        sheet, extra = data.get("sheet"), data.get("extra")
        return cls(
            prompt=clean(data.get("prompt")),
            negative=clean(data.get("negative")),
            seed=whole(data.get("seed")),
            steps=whole(data.get("steps")),
            cfg=number(data.get("cfg")),
            sampler=name_of(data.get("sampler")),
            scheduler=name_of(data.get("scheduler")),
            width=side(data.get("width")),
            height=side(data.get("height")),
            model=name_of(data.get("model")),
            model_hash=name_of(data.get("model_hash")),
            loras=loras_of(
                (each.get("name"), each.get("weight")) for each in listed(data.get("loras")) if _is_map(each)
            ),
            styles=names_of(data.get("styles")),
            made=made if made in tuple(SOURCE_TYPES) else "trained",
            sheet=dict(sheet) if _is_map(sheet) else {},
            extra=extras(extra) if _is_map(extra) else {},
            program=program if program in ("a1111", "fooocus", "comfyui", "invokeai") else "finale",
        )

    def sized(self, width: int, height: int) -> Recipe:
        """The same recipe with the size filled in where it was not told."""
        return self if self.width else replace(self, width=width, height=height)


def clean(value: object, most: int = MAX_TEXT) -> str:
    """`value` as text to show: no control or direction characters, not longer than `most`; "" for what is no text."""
    return value[:most].translate(_DROPPED).strip() if isinstance(value, str) else ""


def name_of(value: object) -> str:
    """`value` as one line of a name."""
    return " ".join(clean(value, _MAX_NAME).split())


def whole(value: object) -> int | None:
    """A whole number of at most 64 bits, also from text; None for anything else."""
    found = number(value) if not isinstance(value, int) else value
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value) < 21:
        found = int(value)  # a seed has more digits than a float holds
    if found is None or isinstance(value, bool) or found != int(found) or abs(found) >= 2**64:
        return None
    return int(found)


def side(value: object) -> int | None:
    """A picture's width or height in pixels; None for what is none."""
    found = whole(value)
    return found if found is not None and 0 < found < 2**16 else None


def number(value: object) -> float | None:
    """A finite number, also from text; None for anything else."""
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float | str)
        or (isinstance(value, str) and len(value) > 40)
    ):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def listed(value: object) -> list[Any]:
    """The first items of a list; [] for anything else."""
    return value[:_MAX_ITEMS] if isinstance(value, list) else []


def names_of(value: object) -> tuple[str, ...]:
    return tuple(name for each in listed(value) if (name := name_of(each)))


def loras_of(pairs: Any) -> tuple[Lora, ...]:
    """LoRAs from (name, weight) pairs; an odd weight counts as 1, a nameless one is left out."""
    found: dict[str, Lora] = {}
    for name, weight in pairs:
        if (named := name_of(name)) and len(found) < _MAX_ITEMS:
            amount = number(weight)
            found.setdefault(named, Lora(named, 1.0 if amount is None else amount))
    return tuple(found.values())


def extras(data: Mapping[Any, Any]) -> dict[str, str]:
    """Other things a program said, as text."""
    plain = {name_of(key): str(value) for key, value in data.items() if isinstance(value, str | int | float)}
    return {key: clean(value, 2_000) for key, value in list(plain.items())[:_MAX_ITEMS] if key and value}


def _is_map(value: object) -> bool:
    return isinstance(value, Mapping)
