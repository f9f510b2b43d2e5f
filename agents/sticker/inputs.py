"""What a person gives the sticker agents, checked before anything is asked or drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from agents.errors import BadInput
from agents.inputs import Refused, text_input
from agents.sticker.state import Sheet

__all__ = [
    "ARTISTS",
    "DEFAULT_COUNT",
    "DEFAULT_STYLE",
    "GUIDES",
    "MOST_STICKERS",
    "Artist",
    "Drawing",
    "ExpandInputs",
    "Guide",
    "PackInputs",
    "RedrawInputs",
    "StickerInputs",
    "find_style",
]

THEME_LIMIT = 500
MOST_STICKERS = 40
MOST_COPIES = 8
DEFAULT_COUNT = 8
DEFAULT_STYLE = "kawaii"
_MOST_SEED = 2**32 - 1

Artist = Literal["auto", "house", "sdxl"]
Guide = Literal["", "img2img", "edges"]
ARTISTS: tuple[Artist, ...] = ("auto", "house", "sdxl")
GUIDES: tuple[Guide, ...] = ("", "img2img", "edges")


def _drawable(*texts: str) -> None:
    """Let texts pass that may be drawn: what a person edits or brings in a file is looked at like a theme."""
    from tools.images.prompt import WishRefused, refuse

    for text in texts:
        try:
            refuse(text)
        except WishRefused as error:
            raise Refused(error) from error


def _whole(name: str, value: Any, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise BadInput("not_in_range", field=name, value=str(value)[:40], least=least, most=f"{most:,}")
    return value


def _number(name: str, value: Any, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise BadInput("not_in_span", field=name, value=str(value)[:40], least=least, most=most)
    return float(value)


def _one_of(name: str, value: Any, known: tuple[str, ...]) -> str:
    said = str(value).strip().lower()
    if said not in known:
        raise BadInput("not_one_of", field=name, value=said[:40], known="、".join(one for one in known if one))
    return said


def _platform(value: Any) -> str:
    from tools.images.packs import UnknownPlatform, platform

    name = str(value).strip().lower()
    if not name:
        return ""
    try:
        return platform(name).name
    except UnknownPlatform as error:
        raise Refused(error) from error


def _folder(value: Any) -> str:
    given = str(value)
    if not given.strip():
        return ""
    path = _path(given)
    if path.exists() and not path.is_dir():
        raise BadInput("cannot_write", path=path, why="not a folder")
    return str(path)


def _file(given: str) -> str:
    path = _path(given)
    if not path.is_file():
        raise BadInput("no_picture_file", path=path)
    return str(path)


def _path(given: str) -> Path:
    try:
        path = Path(given).expanduser().resolve()  # a run that is taken up elsewhere still finds it
        path.exists()
    except (OSError, ValueError, RuntimeError) as error:
        raise BadInput("cannot_write", path=given[:80].replace("\0", "?"), why=type(error).__name__) from error
    return path


FolderName = Annotated[str, BeforeValidator(_folder)]
PlatformName = Annotated[str, BeforeValidator(_platform)]
ArtistName = Annotated[Artist, BeforeValidator(lambda value: _one_of("artist", value, ARTISTS))]
GuideName = Annotated[Guide, BeforeValidator(lambda value: _one_of("guide", value, GUIDES))]
Seed = Annotated[int, BeforeValidator(lambda value: _whole("seed", value, 0, _MOST_SEED))]
Copies = Annotated[int, BeforeValidator(lambda value: _whole("copies", value, 1, MOST_COPIES))]
Count = Annotated[int, BeforeValidator(lambda value: _whole("count", value, 1, MOST_STICKERS))]
Strength = Annotated[float, BeforeValidator(lambda value: _number("strength", value, 0.05, 1))]


class ExpandInputs(BaseModel):
    """What a person gives: a theme of a word or more (up to 500 characters), a style by id or name, how many stickers to plan."""

    model_config = ConfigDict(extra="forbid")

    theme: str
    style: str = DEFAULT_STYLE
    count: Count = DEFAULT_COUNT

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


class Drawing(BaseModel):
    """How to draw: by whom, from which seed, and what a diffusion model takes besides (None and "" leave it to the model).

    `size` is the side in pixels, 0 for the artist's own. `guide` lets the house artist's drawing lead the diffusion, so that a
    character stays the same through a pack: `img2img` paints over it, `edges` follows its lines; `strength` (0..1) is how far
    the model may go from it.
    """

    model_config = ConfigDict(extra="forbid")

    artist: ArtistName = "auto"
    seed: Seed = 0
    size: int = 0
    steps: int | None = None
    cfg: float | None = None
    sampler: str = Field(default="", max_length=60)
    guide: GuideName = ""
    strength: Strength = 0.6

    @field_validator("size", mode="before")
    @classmethod
    def _size(cls, value: Any) -> int:
        return value if value == 0 and not isinstance(value, bool) else _whole("size", value, 64, 2048)

    @field_validator("steps", mode="before")
    @classmethod
    def _steps(cls, value: Any) -> int | None:
        return None if value is None else _whole("steps", value, 1, 200)

    @field_validator("cfg", mode="before")
    @classmethod
    def _cfg(cls, value: Any) -> float | None:
        return None if value is None else _number("cfg", value, 0, 30)


class StickerInputs(ExpandInputs, Drawing):
    """And where to, for which platform ("" for none), with captions or without.

    A `sheet` of one's own is drawn as it is: nothing is asked then. `compare` adds two pictures of the same seed: one of the
    theme as it was given, one of the expanded prompt.
    """

    pack: PlatformName = ""
    out: FolderName = ""
    captions: bool = True
    sheet: Sheet | None = None
    compare: bool = False

    @field_validator("sheet", mode="after")
    @classmethod
    def _sheet(cls, value: Sheet | None) -> Sheet | None:
        if value and len(value.stickers) > MOST_STICKERS:
            _whole("count", len(value.stickers), 1, MOST_STICKERS)
        if value:
            _drawable(value.prompt, value.look, *(one.caption for one in value.stickers))
        return value


class PackInputs(BaseModel):
    """Pictures to pack for a platform. `captions` go with the pictures in their order; `border` cuts a white rim around each."""

    model_config = ConfigDict(extra="forbid")

    pictures: list[str] = Field(max_length=200)
    pack: str
    title: str = ""
    captions: list[str] = Field(default=[], max_length=200)
    cover: int = 0
    border: bool = True
    out: FolderName = ""

    @field_validator("pictures", mode="before")
    @classmethod
    def _pictures(cls, value: Any) -> list[str]:
        given = [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]
        given = [one for one in given if one.strip()]
        if not given:
            raise BadInput("no_pictures")
        return [_file(one) for one in given]

    @field_validator("pack", mode="before")
    @classmethod
    def _pack(cls, value: Any) -> str:
        return _platform(value) or _platform("line")

    @field_validator("captions", mode="after")
    @classmethod
    def _captions(cls, value: list[str]) -> list[str]:
        _drawable(*value)
        return value

    @field_validator("title", mode="before")
    @classmethod
    def _title(cls, value: Any) -> str:
        return " ".join(str(value).split())[:80]


class RedrawInputs(BaseModel):
    """A picture's recipe as JSON, to draw again; `copies` of it from as many seeds in a row."""

    model_config = ConfigDict(extra="forbid")

    recipe: dict[str, Any]
    artist: ArtistName = "auto"
    copies: Copies = 1
    out: FolderName = ""

    @field_validator("recipe", mode="after")
    @classmethod
    def _recipe(cls, value: dict[str, Any]) -> dict[str, Any]:
        from tools.images.recipe import Recipe

        recipe = Recipe.from_json(value)
        scene = recipe.sheet.get("scene")
        _drawable(recipe.prompt, str(scene.get("caption", "")) if isinstance(scene, dict) else "")
        return recipe.to_json()


def find_style(name: str) -> str:
    """The id of a house style by its id or name, or by what the house artist calls it (可愛, 線稿).

    Raises:
        NoSuchStyle: nothing is called so.
    """
    from agents.sticker.house import artist_data
    from tools.images.artist import styles
    from tools.images.styles import NoSuchStyle, known_styles

    try:
        return known_styles().get(name).id
    except NoSuchStyle:
        wanted = name.casefold()
        drawn = next((one.id for one in styles() if wanted in {known.casefold() for known in one.names}), "")
        for ours, theirs in artist_data().styles.items():
            if drawn and theirs == drawn and ours != "sticker":
                return ours
        raise
