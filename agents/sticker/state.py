"""The sticker agents' inputs, sheet, state and outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypedDict

from pydantic import BaseModel, ConfigDict, Field, field_validator

from agents.errors import BadInput
from agents.inputs import text_input
from tools.errors import FinaleError
from tools.words import Lang

__all__ = [
    "DEFAULT_COUNT",
    "DEFAULT_STYLE",
    "MOST_STICKERS",
    "ExpandInputs",
    "ExpandOutput",
    "PackMade",
    "Picture",
    "Planned",
    "Sheet",
    "StickerInputs",
    "StickerOutput",
    "StickerState",
]

THEME_LIMIT = 500
MOST_STICKERS = 40
DEFAULT_COUNT = 8
DEFAULT_STYLE = "kawaii"
_MOST_SEED = 2**32 - 1


class Refused(BadInput):
    """An input that a tool refuses; the tool's own line is the message, in whichever language it is read."""

    def __init__(self, why: FinaleError) -> None:
        super().__init__(what=why.message("zh"))
        self._why = why

    def message(self, lang: Lang = "zh") -> str:
        return self._why.message(lang)


class ExpandInputs(BaseModel):
    """What a person gives: a theme of a word or more (up to 500 characters), a style by id or name, how many stickers to plan."""

    model_config = ConfigDict(extra="forbid")

    theme: str
    style: str = DEFAULT_STYLE
    count: int = DEFAULT_COUNT

    @field_validator("theme", mode="before")
    @classmethod
    def _theme(cls, value: Any) -> str:
        from tools.images.prompt import PromptError, wish

        theme = " ".join(text_input("theme", value, THEME_LIMIT).split())
        try:
            wish(theme)
        except PromptError as error:
            raise Refused(error) from error
        return theme

    @field_validator("style", mode="before")
    @classmethod
    def _style(cls, value: Any) -> str:
        from tools.images.styles import NoSuchStyle

        try:
            return find_style(str(value).strip() or DEFAULT_STYLE)
        except NoSuchStyle as error:
            raise Refused(error) from error

    @field_validator("count", mode="before")
    @classmethod
    def _count(cls, value: Any) -> int:
        return _whole("count", value, 1, MOST_STICKERS)


class StickerInputs(ExpandInputs):
    """And what to draw: the character's seed, which platform to pack for ("" for none), where to, with captions or without."""

    seed: int = 0
    pack: str = ""
    out: str = ""
    captions: bool = True

    @field_validator("seed", mode="before")
    @classmethod
    def _seed(cls, value: Any) -> int:
        return _whole("seed", value, 0, _MOST_SEED)

    @field_validator("pack", mode="before")
    @classmethod
    def _pack(cls, value: Any) -> str:
        from tools.images.packs import UnknownPlatform, platform

        name = str(value).strip().lower()
        if not name:
            return ""
        try:
            return platform(name).name
        except UnknownPlatform as error:
            raise Refused(error) from error

    @field_validator("out", mode="before")
    @classmethod
    def _out(cls, value: Any) -> str:
        given = str(value)
        if not given.strip():
            return ""
        try:
            path = Path(given).expanduser().resolve()  # a run that is taken up elsewhere still finds its folder
            taken = path.exists() and not path.is_dir()
        except (OSError, ValueError, RuntimeError) as error:
            raise BadInput("cannot_write", path=given[:80].replace("\0", "?"), why=type(error).__name__) from error
        if taken:
            raise BadInput("cannot_write", path=path, why="not a folder")
        return str(path)


def find_style(name: str) -> str:
    """The id of a house style by its id or name, or by what the house artist calls it (可愛, 線稿).

    Raises:
        NoSuchStyle: nothing is called so.
    """
    from agents.sticker.house import artist_data
    from tools.images.artist import styles
    from tools.images.styles import NoSuchStyle, house_styles

    try:
        return house_styles().get(name).id
    except NoSuchStyle:
        wanted = name.casefold()
        drawn = next((one.id for one in styles() if wanted in {known.casefold() for known in one.names}), "")
        for ours, theirs in artist_data().styles.items():
            if drawn and theirs == drawn and ours != "sticker":
                return ours
        raise


def _whole(name: str, value: Any, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise BadInput("not_in_range", field=name, value=str(value)[:40], least=least, most=f"{most:,}")
    return value


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
    """One sticker on the disk."""

    path: str
    seed: int
    width: int
    height: int
    caption: str = ""


class PackMade(BaseModel):
    """A pack. `path` is "" where the platform would turn it away; `problems` then says why."""

    path: str
    files: list[str]
    problems: list[dict[str, Any]]


class StickerOutput(ExpandOutput):
    """The expanded prompt, the stickers, and the pack where one was wanted."""

    images: list[Picture]
    pack: PackMade | None = None
    drawn_by: str = "house artist"


class StickerState(TypedDict, total=False):
    """What flows through the graph; plain data, so that checkpoints stay readable."""

    inputs: dict[str, Any]
    expanded: dict[str, Any]
    images: list[dict[str, Any]]
    pack: dict[str, Any] | None
