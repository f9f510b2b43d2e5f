"""A shop's profile: how it speaks, to whom, what it says gladly and what never."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from agents.copywriter import data
from agents.copywriter.errors import BadShop
from agents.copywriter.files_in import line_of, read_yaml
from agents.copywriter.products import Fact, facts_of
from agents.inputs import optional_text

__all__ = ["Shop", "Voice", "load_shop"]

_COLOUR = re.compile(r"^#[0-9a-fA-F]{6}$")
# What a person may write for a choice.
_SAME = {
    "we": "我們", "i": "我", "you": "你", "casual": "口語", "plain": "一般", "formal": "正式", "zh": "中文",
    "symbols": "符號", "symbol": "符號", "要": True, "有": True, "可以": True, "不要": False, "沒有": False, "不用": False,
}  # fmt: skip


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


def _meant(value: Any) -> Any:
    return _SAME.get(value.strip().casefold(), value) if isinstance(value, str) else value


def _texts(value: Any) -> Any:
    """One text stands for a list of one."""
    return [value] if isinstance(value, str) else value


class Voice(_Strict):
    """How the shop speaks. `sentence` is the most characters of a sentence."""

    adjectives: list[str] = Field(default_factory=list, max_length=8)
    person: Literal["我們", "我"] = "我們"
    reader: Literal["你", "您"] = "你"
    sentence: int = Field(40, ge=10, le=120)
    emoji: bool = False
    formality: Literal["口語", "一般", "正式"] = "一般"

    _choices = field_validator("person", "reader", "emoji", "formality", mode="before")(_meant)
    _lists = field_validator("adjectives", mode="before")(_texts)


class Words(_Strict):
    """Words the shop likes to use, and words it never uses."""

    wanted: list[str] = Field(default_factory=list, max_length=20)
    banned: list[str] = Field(default_factory=list, max_length=60)

    _lists = field_validator("wanted", "banned", mode="before")(_texts)

    @field_validator("wanted", "banned")
    @classmethod
    def _whole(cls, value: list[str]) -> list[str]:
        return list(dict.fromkeys(word for word in (optional_text("word", one, 20) for one in value) if word))


class Shop(_Strict):
    """The whole file. `facts` hold for every product; `style` is a house style's id."""

    name: str = Field(min_length=1, max_length=40)
    voice: Voice = Voice()
    audience: str = Field("", max_length=300)
    words: Words = Words()
    palette: list[str] = Field(default_factory=list, max_length=6)
    examples: list[str] = Field(default_factory=list, max_length=5)
    style: str = ""
    region: Literal["zh-TW"] = "zh-TW"
    closing: str = Field("", max_length=60)
    hashtags: list[str] = Field(default_factory=list, max_length=6)
    units: Literal["中文", "符號"] = "中文"
    facts: list[Fact] = Field(default_factory=list, max_length=20)

    _choices = field_validator("units", mode="before")(_meant)
    _lists = field_validator("palette", "examples", "hashtags", mode="before")(_texts)

    @field_validator("facts", mode="before")
    @classmethod
    def _facts(cls, value: Any) -> Any:
        return facts_of(value) if isinstance(value, Mapping) else value

    @field_validator("palette")
    @classmethod
    def _colours(cls, value: list[str]) -> list[str]:
        for one in value:
            if not _COLOUR.match(one):
                raise ValueError(f"{one[:20]!r}: #rrggbb")
        return [one.lower() for one in value]

    @field_validator("examples")
    @classmethod
    def _short(cls, value: list[str]) -> list[str]:
        for one in value:
            if len(one) > 1_000:
                raise ValueError(f"{len(one):,} > 1,000")
        return [one for one in value if one]

    @field_validator("hashtags")
    @classmethod
    def _tags(cls, value: list[str]) -> list[str]:
        return [tag for tag in ("".join(one.split()).lstrip("#＃") for one in value) if tag]

    @field_validator("name", "closing")
    @classmethod
    def _one_line(cls, value: str) -> str:
        return " ".join(value.split())

    @field_validator("style", mode="before")
    @classmethod
    def _style(cls, value: Any) -> str:
        from tools.images.styles import NoSuchStyle, known_styles

        name = str(value or "").strip()
        try:
            return known_styles().get(name).id if name else ""
        except NoSuchStyle as error:
            raise ValueError(error.message("zh")) from error

    @model_validator(mode="after")
    def _not_both(self) -> Shop:
        said = " ".join([*self.words.wanted, self.closing, *self.hashtags])
        for word in self.words.banned:
            if word in said:
                raise ValueError(f"{word!r} is wanted and banned at once")
        return self


def load_shop(which: str | Path | Mapping[str, Any]) -> Shop:
    """A shop's profile from a file's path or from plain data.

    Raises:
        NoSuchFile: there is no such file.
        BadShop: it has a mistake; says the line and the field.
    """
    node, shown = None, "shop"
    if isinstance(which, Mapping):
        value: Any = which
    elif not isinstance(which, str | Path):
        raise BadShop(file=shown, field="YAML", kind="no_mapping")
    else:
        path = Path(which).expanduser()
        value, node = read_yaml(path)
        shown = path.name
    if not isinstance(value, Mapping):
        raise BadShop(file=shown, field="YAML", kind="no_mapping")
    try:
        return Shop.model_validate(_named(value))
    except ValidationError as error:
        first = error.errors()[0]
        where = tuple(first["loc"])
        line = line_of(node, where, _names()) if node is not None else 0
        field = ".".join(_shown(value, where)) or shown
        context = first.get("ctx", {})
        allowed = str(context.get("expected") or context.get("max_length") or context.get("error") or "").replace(
            " or ", "、"
        )
        kind = first["type"]
        if kind == "missing" and where == ("name",):
            field = "店名 (name)"
        if kind == "value_error" and "at once" in first["msg"]:
            kind = "both"
        raise BadShop(file=shown, field=field, kind=kind, said=first["msg"], line=line, allowed=allowed) from error


def _names() -> dict[str, Mapping[str, str]]:
    known = data.fields()
    return {"": known.shop, "voice": known.voice, "words": known.words}


def _named(value: Mapping[str, Any]) -> dict[str, Any]:
    """The file's data under the fields' own names."""
    names = _names()
    found = {names[""].get(str(key), str(key)): one for key, one in value.items()}
    for part in ("voice", "words"):
        inner = found.get(part)
        if isinstance(inner, Mapping):
            found[part] = {names[part].get(str(key), str(key)): one for key, one in inner.items()}
    return {key: one for key, one in found.items() if one is not None}


def _shown(value: Mapping[str, Any], where: tuple[str | int, ...]) -> list[str]:
    """`where` in the names that the person wrote."""
    names, told, here, around = _names(), [], value, ""
    for step in where:
        known = names.get(around, {}) if isinstance(step, str) else {}
        own = next((str(key) for key in here if known.get(str(key)) == step), "") if isinstance(here, Mapping) else ""
        told.append(own or str(step))
        here = here.get(own or step) if isinstance(here, Mapping) else None
        around = str(step)
    return told
