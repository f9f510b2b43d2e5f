"""The rules of shop copy, as data people can edit: fields, units, claims and phrases in rag_data/shops."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from tools.settings import data_dir
from tools.words import Lang

__all__ = ["Claims", "Field_", "Fields", "Group", "Level", "Phrases", "Unit", "claims", "fields", "phrases", "units"]

Formality = Literal["口語", "一般", "正式"]


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Field_(_Data):
    """A fact that the house knows by name. `unit` is what a bare number is counted in; `internal` facts are never in copy."""

    id: str
    zh: str
    names: list[str]
    unit: str = ""
    kind: Literal["", "internal"] = ""


class Fields(_Data):
    """_fields.yaml: what the keys of a shop's files mean."""

    shop: dict[str, str]
    voice: dict[str, str]
    words: dict[str, str]
    facts: list[Field_]

    def fact(self, name: str) -> Field_ | None:
        """The known fact of that name in either language, None for one of the shop's own."""
        wanted = name.strip().casefold().replace("_", " ")
        return next((one for one in self.facts if wanted in {known.casefold() for known in one.names}), None)


class Unit(_Data):
    """A unit: `factor` of the family's base; `zh` and `symbol` are how the house writes it, "" as it stands."""

    family: str
    factor: float
    names: list[str]
    zh: str = ""
    symbol: str = ""
    one: bool = False


class Group(_Data):
    """One kind of claim: its words, and patterns for what no list holds (a part named x has to stand in the facts)."""

    id: str
    why: dict[Lang, str]
    words: list[str] = []
    patterns: list[str] = []
    but: list[str] = []
    never: bool = False


class Claims(_Data):
    """_claims.yaml."""

    free: list[str]
    free_not: list[str]
    disclaims: list[str]
    harmless: list[str]
    groups: list[Group]
    latin: list[str]
    orders: list[str]

    def group(self, id: str) -> Group:
        return next(one for one in self.groups if one.id == id)


class Level(_Data):
    """The phrases of one degree of formality."""

    opening: list[str] = Field(min_length=3)
    hook: list[str] = Field(min_length=3)
    ending: list[str] = Field(min_length=1)
    clauses: dict[str, list[str]]


class Phrases(_Data):
    """_phrases.yaml."""

    title: list[str]
    bullet: str
    spare: list[str]
    alt: list[str]
    alt_more: str
    levels: dict[Formality, Level]


def _yaml(name: str) -> Any:
    import yaml

    return yaml.safe_load((data_dir() / "shops" / name).read_text(encoding="utf-8"))


@cache
def fields() -> Fields:
    return Fields.model_validate(_yaml("_fields.yaml"))


@cache
def units() -> tuple[Unit, ...]:
    return tuple(TypeAdapter(list[Unit]).validate_python(_yaml("_units.yaml")))


@cache
def claims() -> Claims:
    return Claims.model_validate(_yaml("_claims.yaml"))


@cache
def phrases() -> Phrases:
    return Phrases.model_validate(_yaml("_phrases.yaml"))


@cache
def patterns(group: str) -> tuple[re.Pattern[str], ...]:
    """The compiled patterns of a group of claims."""
    return tuple(re.compile(one) for one in claims().group(group).patterns)


@cache
def orders() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(one, re.I) for one in claims().orders)
