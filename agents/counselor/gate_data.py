"""The shape of the crisis gate's data: hotlines, fixed replies and signals, as `rag_data/hotlines/*.yaml` hold them."""

from __future__ import annotations

import functools
from datetime import date
from enum import StrEnum
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, RootModel

from tools.settings import data_dir

__all__ = [
    "CrisisKind",
    "Group",
    "Hotline",
    "HotlineFile",
    "Level",
    "Lines",
    "ReplyFile",
    "SignalFile",
    "Together",
    "load",
    "signals",
]

Level = Literal["plain", "topic", "mourning", "violence", "soft", "aside"]


class CrisisKind(StrEnum):
    """What a text asks of the counselor. CHECK adds one gentle line; SELF, OTHER and VIOLENCE replace the answer."""

    NONE = "none"
    CHECK = "check"
    SELF = "self"
    OTHER = "other"
    VIOLENCE = "violence"


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Hotline(_Data):
    number: str
    name_zh: str
    name_en: str
    for_zh: str
    for_en: str


class HotlineFile(_Data):
    """taiwan.yaml: the numbers, and when they were last checked."""

    checked_on: date
    note: str
    entries: tuple[Hotline, ...]


class Lines(_Data):
    """The same thing for both languages: lines of a reply, or patterns that stand for alternatives."""

    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()


class ReplyFile(RootModel[dict[CrisisKind, Lines]]):
    """replies.yaml: the fixed texts. A line names a hotline as {number} or {number:for}."""


class Together(_Data):
    """Concepts that mean something only side by side, in any order.

    `within`: how many Chinese characters or Latin words may lie between them. `unless`: concepts that undo it when they
    stand nearby. `across`: whether a sentence end may lie between them.
    """

    all: tuple[str, ...]
    within: int = 8
    unless: tuple[str, ...] = ()
    across: bool = False


class Group(Lines):
    id: str
    level: Level
    together: tuple[Together, ...] = ()


class SignalFile(_Data):
    """signals.yaml. Its comments say what each part means and how to write a pattern."""

    variants: dict[str, str]
    spelling: dict[str, str]
    lone_words: str
    macros: dict[str, str]
    alert: Lines
    spaced: str
    concepts: dict[str, Lines]
    risk: tuple[str, ...]
    groups: tuple[Group, ...]
    idioms: dict[Literal["neutral", "check", "feeling", "mood"], Lines]
    subjects: dict[Literal["object", "fiction", "second", "third", "first"], Lines]
    grammar: dict[str, Lines]


def load(name: str) -> object:
    """A file of `rag_data/hotlines/`, as YAML reads it."""
    return yaml.safe_load((data_dir() / "hotlines" / name).read_text(encoding="utf-8"))


@functools.cache
def signals() -> SignalFile:
    """signals.yaml, checked."""
    return SignalFile.model_validate(load("signals.yaml"))
