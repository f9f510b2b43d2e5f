"""The counselor's inputs, state and output."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Literal, TypedDict

from pydantic import BaseModel, ConfigDict, field_validator

from agents.counselor.asking import TYPES
from agents.counselor.voice import tone_names
from agents.errors import BadInput
from agents.inputs import text_input

__all__ = ["QUESTION_LIMIT", "TYPES", "BadQuestion", "CounselInputs", "CounselOutput", "CounselSource", "CounselState"]

QUESTION_LIMIT = 2_000
COLLECTIONS_LIMIT = 50
_ID_LIMIT = 64


class BadQuestion(BadInput):
    """Raised when what only the counselor takes is not usable: a question without a word, too many collections."""

    words_file: ClassVar[Path] = Path(__file__).with_name("messages.yaml")


class CounselInputs(BaseModel):
    """What a person gives: a question, the type they reported ("" if none or as before), a tone.

    `after` is the run this turn goes on from. `collections` are the ids of the person's own collections to search beside the
    house's notes (None: those they prefer). `remember` lets the counselor read and keep notes about the person.
    """

    model_config = ConfigDict(extra="forbid")

    question: str
    mbti: str = ""
    tone: str = "溫暖"
    after: str = ""
    collections: list[str] | None = None
    remember: bool = False

    @field_validator("question", mode="before")
    @classmethod
    def _question(cls, value: Any) -> str:
        text = text_input("question", value, QUESTION_LIMIT)
        if not any(character.isalnum() for character in text):
            raise BadQuestion("no_words")
        return text

    @field_validator("after", mode="before")
    @classmethod
    def _after(cls, value: Any) -> str:
        text = str(value or "").strip()
        if len(text) > _ID_LIMIT:
            raise BadQuestion("bad_after", value=text[:20])
        return text

    @field_validator("collections", mode="before")
    @classmethod
    def _collections(cls, value: Any) -> list[str] | None:
        if value is None:
            return None
        if isinstance(value, str) or not all(isinstance(id_, str) for id_ in value):
            raise BadQuestion("bad_collections")
        chosen = list(dict.fromkeys(value))
        if len(chosen) > COLLECTIONS_LIMIT:
            raise BadQuestion("too_many_collections", count=len(chosen), limit=COLLECTIONS_LIMIT)
        return chosen

    @field_validator("mbti", mode="before")
    @classmethod
    def _mbti(cls, value: Any) -> str:
        # Full-width letters and an assertive/turbulent suffix (INFP-T) are common ways to write a type.
        import unicodedata

        text = unicodedata.normalize("NFKC", str(value or "")).strip().upper()
        if text.endswith(("-A", "-T")):
            text = text[:-2]
        if text and text not in TYPES:
            raise BadInput("unknown_type", value=str(value)[:40])
        return text

    @field_validator("tone", mode="before")
    @classmethod
    def _tone(cls, value: Any) -> str:
        names = tone_names()
        text = str(value or "").strip()
        for zh, en in names.items():
            if text.lower() in (zh, en):
                return zh
        if not text:
            return next(iter(names))
        raise BadInput("unknown_tone", value=text[:40], known="、".join(names))


class CounselSource(BaseModel):
    """A passage the answer rests on; `text` is exactly what stands in the knowledge base, `score` is 0..1.

    `id` is the passage's own, `title` names the text it is from where that is not the house's.
    """

    n: int
    type: str
    topic: str
    text: str
    score: float
    id: str = ""
    title: str = ""


class CounselOutput(BaseModel):
    """The result. `match` says how well the passages fit the question; `unsupported` lists sentences that do not match
    the passages they cite; `dropped` counts citations of passages that were never given; `mbti` is the type that was
    answered for, as given now, said in the question or known from earlier turns; `about` is what the turn was about (the
    question, or the one it points back to); `noted` is what was kept in memory."""

    answer: str
    sources: list[CounselSource] = []
    follow_ups: list[str] = []
    crisis: bool = False
    match: Literal["good", "weak", "none"] = "good"
    unsupported: list[str] = []
    dropped: int = 0
    mbti: str = ""
    about: str = ""
    noted: list[str] = []


class CounselState(TypedDict, total=False):
    """What flows through the graph; plain data, so that checkpoints stay readable."""

    inputs: dict[str, Any]
    mbti: str
    turns: list[dict[str, Any]]
    notes: list[str]
    passages: list[dict[str, Any]]
    match: str
    about: str
    follows: bool
    gentle: str
    raw: str
    by: str
    output: dict[str, Any]
