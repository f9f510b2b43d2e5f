"""What each platform takes, read from `platforms.yaml`: sizes, bytes, counts, words. No limit stands anywhere else."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from tools.images.packs.errors import BadPlatforms, UnknownPlatform

__all__ = ["Emojis", "Fill", "PictureRule", "Platform", "load_platforms", "platform", "platforms"]

Fill = Literal["tight", "exact", "long_side"]
_FILE = Path(__file__).with_name("platforms.yaml")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PictureRule(_Strict):
    """What one kind of picture must be.

    Attributes:
        fill: `exact` is width x height; `long_side` has its longer side exactly that long; `tight` is at most that.
        margin: Pixels at every edge that must be transparent.
    """

    formats: list[Literal["PNG", "WEBP"]] = Field(min_length=1)
    fill: Fill
    width: int = Field(gt=0, le=2048)
    height: int = Field(gt=0, le=2048)
    even: bool = False
    margin: int = Field(default=0, ge=0, le=64)
    max_bytes: int = Field(gt=1000)
    transparent: bool = True
    min_dpi: int = 0
    rgb: bool = False


class Emojis(_Strict):
    least: int = Field(ge=0)
    most: int = Field(ge=1)


class Platform(_Strict):
    """One platform. Either `counts` names the numbers of stickers a pack may have, or `min_count` and `max_count` do."""

    name: str = ""
    title: dict[Literal["zh", "en"], str]
    counts: list[int] = []
    min_count: int = 1
    max_count: int = 120
    sticker: PictureRule
    extras: dict[str, PictureRule] = {}
    suffix: str
    manifest: Literal["", "telegram", "whatsapp"] = ""
    max_archive: int
    texts: dict[str, int] = {}
    wide_counts_double: bool = False
    emojis: Emojis | None = None

    @model_validator(mode="after")
    def _counts_rise(self) -> Platform:
        if self.counts != sorted(set(self.counts)) or self.min_count > self.max_count:
            raise ValueError("counts must rise")
        return self

    def takes(self, count: int) -> bool:
        """Whether a pack may have this many stickers."""
        return count in self.counts if self.counts else self.min_count <= count <= self.max_count

    def nearest(self, count: int) -> int:
        """The largest number of stickers a pack may have that is not above `count`; 0 where `count` is too few."""
        if self.counts:
            return max((each for each in self.counts if each <= count), default=0)
        return 0 if count < self.min_count else min(count, self.max_count)

    def counts_told(self) -> str:
        """The numbers that are allowed, for a person."""
        return "/".join(map(str, self.counts)) if self.counts else f"{self.min_count}–{self.max_count}"

    def length(self, text: str) -> int:
        """How long `text` is as this platform counts it."""
        return sum(2 if self.wide_counts_double and ord(char) > 0x2E7F else 1 for char in text)

    def cut(self, text: str, field: str) -> str:
        """`text` shortened to what `field` may hold."""
        most = self.texts.get(field, len(text))
        while self.length(text) > most:
            text = text[:-1]
        return text


def load_platforms(path: Path = _FILE) -> dict[str, Platform]:
    """Every platform by its name.

    Raises:
        BadPlatforms: the file does not fit the schema.
    """
    import yaml

    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        found = TypeAdapter(dict[str, Platform]).validate_python(data)
    except (yaml.YAMLError, ValidationError) as error:
        raise BadPlatforms(file=path.name, why=" ".join(str(error).split())[:300]) from None
    return {name: each.model_copy(update={"name": name}) for name, each in found.items()}


@cache
def platforms() -> dict[str, Platform]:
    """The platforms of the house."""
    return load_platforms()


def platform(name: str) -> Platform:
    """The platform called `name`.

    Raises:
        UnknownPlatform.
    """
    found = platforms().get(name)
    if found is None:
        raise UnknownPlatform(name=name, known="、".join(platforms()))
    return found
