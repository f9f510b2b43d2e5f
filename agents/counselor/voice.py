"""The counselor's wording, from rag_data/counselor/voice.yaml: tones, connecting sentences, follow-up questions."""

from __future__ import annotations

import zlib
from functools import cache

from pydantic import BaseModel, ConfigDict

from tools.settings import data_dir
from tools.words import Lang

__all__ = ["Tone", "Voice", "pick", "tone_names", "voice"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Tone(_Strict):
    """One tone: an instruction for a model, and sentences for an answer without one."""

    id: str
    en: str
    instruction: str
    opening: list[str]
    going_on: list[str]
    actions: str
    closing: str


class _Offline(_Strict):
    about: str
    about_more: str
    weak: str
    none: str
    heading: str
    limits: str
    untyped: str
    untyped_actions: str
    side_i: str
    side_e: str
    ask_type: str


class _Notes(_Strict):
    uncited: str
    unsupported: str
    mark: str


class Voice(_Strict):
    """The whole file."""

    tones: list[Tone]
    offline: dict[Lang, _Offline]
    notes: dict[Lang, _Notes]
    follow_ups: dict[str, list[str]]
    follow_ups_en: dict[str, list[str]]

    def tone(self, name: str) -> Tone:
        return next(tone for tone in self.tones if tone.id == name)


@cache
def voice() -> Voice:
    """The file, read and checked once a process."""
    import yaml

    path = data_dir() / "counselor" / "voice.yaml"
    return Voice.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def tone_names() -> dict[str, str]:
    """Tone names, Chinese to English, the default one first."""
    return {tone.id: tone.en for tone in voice().tones}


def pick(choices: list[str], seed: str) -> str:
    """One of `choices`, always the same for the same seed."""
    return choices[zlib.crc32(seed.encode()) % len(choices)]
