"""The digest's inputs, state and output."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from agents.digest.mutes import MuteRule, mute_rules
from agents.digest.rubric import load_rubric
from agents.errors import BadInput
from agents.inputs import optional_text

__all__ = [
    "DEFAULT_POINTS",
    "JUDGED",
    "DigestArticle",
    "DigestInputs",
    "DigestOutput",
    "DigestState",
    "Dropped",
    "Reason",
]

DEFAULT_RUBRIC = "應用優先"
DEFAULT_POINTS = ("誰", "做了什麼", "什麼時候", "所以呢")
# The newest so many stories are judged: five batches. A reader who wants more narrows the sources or the hours.
JUDGED = 100
_SOURCES, _PASTES, _MUTES = 60, 40, 200
_PASTE_LIMIT = 200_000

Why = Literal["topic", "mute", "date", "duplicate", "score", "fetch", "limit"]


class DigestInputs(BaseModel):
    """What a person wants to read.

    `sources` are ids of the list or addresses (none: those switched on). `rubric` names a shipped rubric or a file, or holds
    one; `weights` changes its weights. `hours` is how old news may be; `length` is a summary's in characters.
    """

    model_config = ConfigDict(extra="forbid")

    sources: list[str] = Field(default_factory=list, max_length=_SOURCES)
    topic: str = ""
    mute: list[MuteRule] = Field(default_factory=list, max_length=_MUTES)
    rubric: dict[str, Any] = Field(default_factory=dict, validate_default=True)
    weights: dict[str, float] = Field(default_factory=dict)
    paste: list[str] = Field(default_factory=list, max_length=_PASTES)
    limit: int = Field(20, ge=1, le=50)
    hours: int = Field(36, ge=1, le=24 * 60)
    length: int = Field(120, ge=40, le=400)
    points: list[str] = Field(default_factory=lambda: list(DEFAULT_POINTS), max_length=8)

    @field_validator("rubric", mode="before")
    @classmethod
    def _rubric(cls, value: Any) -> dict[str, Any]:
        # A run keeps the rubric itself: the file may be another one tomorrow.
        return load_rubric(value or DEFAULT_RUBRIC).model_dump(mode="json")

    @field_validator("sources", mode="after")
    @classmethod
    def _sources(cls, value: list[str]) -> list[str]:
        from tools.news.web import safe_link

        for one in value:
            if ":" in one and safe_link(one) is None:
                raise BadInput("bad_source", value=one[:60])
        return value

    @model_validator(mode="after")
    def _known_weights(self) -> DigestInputs:
        known = [criterion["id"] for criterion in self.rubric["criteria"]]
        for name in self.weights:
            if name not in known:
                raise BadInput("unknown_weight", name=name[:40], known="、".join(known))
        return self

    @field_validator("topic", mode="before")
    @classmethod
    def _topic(cls, value: Any) -> str:
        return optional_text("topic", value or "", 300)

    @field_validator("mute", mode="before")
    @classmethod
    def _mute(cls, value: Any) -> list[MuteRule]:
        return mute_rules(value or [])

    @field_validator("points", mode="after")
    @classmethod
    def _words(cls, value: list[str]) -> list[str]:
        return list(dict.fromkeys(word for word in (optional_text("word", word, 100) for word in value) if word))

    @field_validator("paste", mode="after")
    @classmethod
    def _paste(cls, value: list[str]) -> list[str]:
        texts = [text for text in (optional_text("paste", text, _PASTE_LIMIT) for text in value) if text]
        if value and not texts:
            raise BadInput("nothing_pasted")
        return texts

    @field_validator("weights", mode="after")
    @classmethod
    def _weights(cls, value: dict[str, float]) -> dict[str, float]:
        for name, weight in value.items():
            if not 0 <= weight <= 10:
                raise BadInput("bad_weight", name=name[:40], weight=weight)
        return value


class Reason(BaseModel):
    """One criterion's score, 0..10, and why: words of the story itself. `by` says who scored it."""

    score: float
    why: str = ""
    by: Literal["model", "offline"] = "offline"


class DigestArticle(BaseModel):
    """One story that is shown. `published` is ISO 8601 or "" where it is not known (`date_from` "none"); `text` is what was read
    of it, "" where its site does not allow that or it could not be had (`trouble` says why). `copies` are the same story elsewhere, `same_event` ids of others here."""

    id: str
    title: str
    url: str
    source: str
    published: str = ""
    date_from: str = "none"
    author: str = ""
    score: float
    topic: Reason | None = None
    reasons: dict[str, Reason] = {}
    brief: str = ""
    summary: str = ""
    points: dict[str, str] = {}
    missing: list[str] = []
    summary_by: Literal["model", "offline"] = "offline"
    text: str = ""
    agreement: float = 1.0
    extractor: str = ""
    teaser: str = ""
    trouble: str = ""
    copies: list[dict[str, str]] = []
    same_event: list[str] = []


class Dropped(BaseModel):
    """A story that was seen and is not shown, and why; `detail` says it in words.

    `matched` are the muted words with what stands around them, `rule` the pattern that found them. A story that was scored
    has its score and reasons, so that other weights may bring it up.
    """

    id: str
    title: str
    url: str
    source: str
    why: Why
    detail: str
    matched: list[str] = []
    rule: str = ""
    published: str = ""
    teaser: str = ""
    score: float | None = None
    topic: Reason | None = None
    reasons: dict[str, Reason] = {}


class DigestOutput(BaseModel):
    """The result. `sources` says of each what it gave; `rubric` is the one used, with the weights that were applied.

    `made` is when it was begun, ISO 8601; `limit` how many stories were to be shown.
    """

    articles: list[DigestArticle] = []
    dropped: list[Dropped] = []
    sources: list[dict[str, Any]] = []
    rubric: dict[str, Any] = {}
    topic: str = ""
    made: str = ""
    limit: int = 20


class DigestState(TypedDict, total=False):
    """What flows through the graph; plain data, so that checkpoints stay readable."""

    inputs: dict[str, Any]
    now: str
    stories: list[dict[str, Any]]
    sources: list[dict[str, Any]]
    dropped: list[dict[str, Any]]
    judged: list[dict[str, Any]]
    chosen: list[dict[str, Any]]
    output: dict[str, Any]
