"""What the sticker agents make, as data."""

from __future__ import annotations

from typing import Any, TypedDict

from pydantic import BaseModel, Field

__all__ = [
    "Compared",
    "ExpandOutput",
    "PackMade",
    "PackOutput",
    "Picture",
    "Planned",
    "RedrawOutput",
    "Sheet",
    "StickerOutput",
    "StickerState",
]


class Planned(BaseModel):
    """One sticker of the sheet: a face, a stance, what is held or worn, and the caption."""

    expression: str = Field(max_length=80)
    pose: str = Field(default="", max_length=80)
    props: list[str] = Field(default=[], max_length=8)
    caption: str = Field(default="", max_length=120)


class Sheet(BaseModel):
    """The character and scene sheet. `kept`: each part of the wish -> the words of the prompt that carry it."""

    subject: str = Field(min_length=1, max_length=120)
    look: str = Field(default="", max_length=400)
    colours: list[str] = Field(default=[], max_length=12)
    prompt: str = Field(min_length=1, max_length=2_000)
    negative: str = Field(default="", max_length=2_000)
    kept: dict[str, str] = {}
    stickers: list[Planned] = Field(min_length=1, max_length=60)


class ExpandOutput(BaseModel):
    """The prompt, with the proof of what it kept. `added`: what stands in it beyond the wish; `tokens`: of 75 that CLIP reads."""

    prompt: str
    negative: str
    kept: dict[str, str]
    tokens: int
    left_out: list[str] = []
    added: list[str] = []
    style: str = ""
    sheet: Sheet


class Picture(BaseModel):
    """One picture on the disk. `prompt` is what a diffusion model was given for it, "" where none drew."""

    path: str
    seed: int
    width: int
    height: int
    caption: str = ""
    prompt: str = ""


class Compared(BaseModel):
    """One of two pictures of the same seed: of the theme as it was given, or of the expanded prompt."""

    which: str
    prompt: str
    path: str


class PackMade(BaseModel):
    """A pack. `path` is "" where the platform would turn it away; `problems` then says why."""

    path: str
    files: list[str]
    problems: list[dict[str, Any]]


class PackOutput(BaseModel):
    """What `pack` made."""

    pack: PackMade


class RedrawOutput(BaseModel):
    """What `redraw` made."""

    images: list[Picture]
    drawn_by: str


class StickerOutput(ExpandOutput):
    """The expanded prompt, the stickers, who drew them, and the pack where one was wanted. Stickers that failed are left out."""

    images: list[Picture]
    pack: PackMade | None = None
    drawn_by: str = "house artist"
    compared: list[Compared] = []


class StickerState(TypedDict, total=False):
    """What flows through the graphs; plain data, so that checkpoints stay readable."""

    inputs: dict[str, Any]
    expanded: dict[str, Any]
    images: list[dict[str, Any]]
    drawn_by: str
    compared: list[dict[str, Any]]
    pack: dict[str, Any] | None
