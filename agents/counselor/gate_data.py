"""The shape of the crisis gate's data: hotlines, fixed replies and how texts are read, as `rag_data/hotlines/*.yaml` hold them."""

from __future__ import annotations

import functools
from datetime import date
from enum import StrEnum
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, RootModel

from tools.settings import data_dir

__all__ = ["CrisisKind", "Hotline", "HotlineFile", "Lines", "ReadingFile", "ReplyFile", "load", "reading"]


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
    """The same thing for both languages: lines of a reply, or words."""

    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()


class ReplyFile(RootModel[dict[CrisisKind, Lines]]):
    """replies.yaml: the fixed texts. A line names a hotline as {number} or {number:for}."""


class ReadingFile(_Data):
    """reading.yaml. Its comments say what each part means."""

    variants: dict[str, str]
    spelling: dict[str, str]
    lone_words: str
    alert: Lines
    spaced: str


def load(name: str) -> Any:
    """A file of `rag_data/hotlines/`, as YAML reads it."""
    return yaml.safe_load((data_dir() / "hotlines" / name).read_text(encoding="utf-8"))


@functools.cache
def reading() -> ReadingFile:
    return ReadingFile.model_validate(load("reading.yaml"))
