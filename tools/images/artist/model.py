"""The words of the house artist: what a character sheet, a scene, and the data files may say."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from tools.errors import FinaleError
from tools.words import Lang, Words

__all__ = [
    "MOST_TOGETHER",
    "ArtistError",
    "CaptionTooLong",
    "Character",
    "Expression",
    "FontMissing",
    "Part",
    "Pose",
    "Prop",
    "Scene",
    "SizeRefused",
    "Style",
    "Subject",
    "UnknownWord",
]

MOST_CAPTION = 60
MOST_TOGETHER = 3
CaptionPlace = Literal["below", "above", "arch"]


class ArtistError(FinaleError):
    """The root of what the house artist refuses, with a reason."""

    words_file: ClassVar[Path] = Path(__file__).with_name("messages.yaml")


class UnknownWord(ArtistError):
    """Raised when a subject, expression, pose, style, prop or palette is asked for that no data file holds."""

    code = "unknown_word"

    def message(self, lang: Lang = "zh") -> str:
        words = Words.load(self.words_file)
        kind = words.say(f"kind_{self.params['kind']}", lang)
        return words.say(self.key, lang, **{**self.params, "kind": kind})


class CaptionTooLong(ArtistError):
    """Raised when a caption has more characters than can be read on a sticker."""

    code = "caption_too_long"


class FontMissing(ArtistError):
    """Raised when a caption is asked for and no font with Chinese letters can be found."""

    code = "font_missing"


class SizeRefused(ArtistError):
    """Raised when a picture is asked for that is too small to see or too large to draw."""

    code = "size_refused"


@dataclass(frozen=True)
class Character:
    """One character: the same in every picture of a pack. Palette entries are colour names of the subject -> #rrggbb; the id of a
    prop dyes that prop.

    `subject` may join up to three ("cat+shiba"), who are drawn side by side; what the first of them wears and holds are the
    `accessories`, and `2.main` in the palette is the second one's.
    """

    subject: str
    palette: dict[str, str] = field(default_factory=dict)
    features: dict[str, str] = field(default_factory=dict)
    accessories: tuple[str, ...] = ()
    style: str = "kawaii"
    seed: int = 0


@dataclass(frozen=True)
class Scene:
    """One picture of a character. An empty `pose` takes the one that goes with the expression."""

    expression: str = "happy"
    pose: str = ""
    props: tuple[str, ...] = ()
    caption: str = ""
    caption_place: CaptionPlace = "below"


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


_Points = list[tuple[float, float]]


class Part(_Data):
    """A shape of a thing or prop: exactly one of the shape words, and how it is coloured (a palette name or #rrggbb)."""

    path: str | None = None
    ellipse: tuple[float, float, float, float] | None = None
    rect: tuple[float, float, float, float, float] | None = None
    blob: _Points | None = None
    sym: _Points | None = None
    poly: _Points | None = None
    star: tuple[float, float, float] | None = None
    heart: tuple[float, float, float] | None = None
    line: str | None = None
    curve: _Points | None = None
    tube: _Points | None = None
    fill: str = "main"
    width: float = 6
    round: float = 8
    turn: float = 0
    mirror: bool = False
    outline: bool = True
    keep: bool = False
    opacity: float = Field(default=1, gt=0, le=1)
    within: bool = False  # only inside the last shape with `base`
    base: bool = False
    shade: bool = False

    def model_post_init(self, _: Any) -> None:
        words = ("path", "ellipse", "rect", "blob", "sym", "poly", "star", "heart", "line", "curve", "tube")
        if sum(getattr(self, word) is not None for word in words) != 1:
            raise ValueError(f"a part says exactly one of {', '.join(words)}")


class _Named(_Data):
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.zh, self.en, *self.aliases)


class Subject(_Named):
    """An animal, food, thing or person: which rig draws it, in which colours, with which features."""

    id: str = ""
    kind: Literal["animal", "food", "thing", "person"]
    rig: Literal["chibi", "thing"]
    palette: dict[str, str]
    features: dict[str, Any] = {}
    variants: dict[str, dict[str, str]] = {}  # names of other colourings: palette entries that differ
    parts: tuple[Part, ...] = ()  # thing: the body, from back to front
    back: tuple[Part, ...] = ()  # animal: behind the body, in figure units (wings, a shell)
    behind: tuple[Part, ...] = ()  # animal: behind the head (mane, horns, spikes)
    marks: tuple[Part, ...] = ()  # animal: within the head (masks, stripes)
    belly: tuple[Part, ...] = ()  # animal: within the body
    front: tuple[Part, ...] = ()  # over the head, under the face


class Expression(_Named):
    """A face: eyes, brows, mouth, what hangs around it, and the pose and captions that go with it."""

    id: str = ""
    eyes: str
    mouth: str
    brows: str = "none"
    blush: float = 0.8
    marks: tuple[str, ...] = ()
    pose: str = "rest"
    tilt: float = 0
    captions: tuple[str, ...] = Field(min_length=1)


class Pose(_Named):
    """Where the hands go (names of places on the body), how the body stands."""

    id: str = ""
    left: str = "rest"
    right: str = "rest"
    front: bool = False  # arms are drawn over the head
    legs: Literal["sit", "stand", "jump", "run"] = "sit"
    body: Literal["up", "lie", "peek"] = "up"
    turn: float = 0
    head: tuple[float, float, float] = (0, 0, 0)
    lift: float = 0
    prop: str = ""
    marks: tuple[str, ...] = ()


class Prop(_Named):
    """A thing held or worn, drawn from parts around its own origin."""

    id: str = ""
    where: Literal["head", "neck", "eyes", "hand", "both", "side", "over"]
    parts: tuple[Part, ...]


class Style(_Named):
    """How everything is coloured and outlined."""

    id: str = ""
    outline: Literal["ink", "tinted", "none"]
    width: float = Field(ge=1, le=20)
    ink: str = "#4a3228"
    face: str = ""  # eyes and mouth, where they are not of the line's colour
    fill: Literal["full", "pale", "white", "vivid"]
    shade: float = Field(default=0, ge=0, lt=1)
    border: float = Field(default=0, ge=0, le=30)
    blush: float = 1
    caption: tuple[str, str] = ("#e8562a", "#4a3228")  # letters, their rim
    pixels: int = Field(default=0, ge=0, le=160)
    finish: str = ""  # a name of finish/finished.py; the figure is worked over when it becomes a PNG
    rim: str = "white"  # a name of finish/rims.py, for styles with a finish
