"""The counselor's inputs, state and output."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from pydantic import BaseModel, ConfigDict, field_validator

from agents.counselor.voice import tone_names
from agents.errors import BadInput
from agents.inputs import text_input

__all__ = ["QUESTION_LIMIT", "TYPES", "CounselInputs", "CounselOutput", "CounselSource", "CounselState"]

QUESTION_LIMIT = 2_000
TYPES = tuple(a + b + c + d for a in "IE" for b in "NS" for c in "FT" for d in "JP")


class CounselInputs(BaseModel):
    """What a person gives: a question, the type they reported ("" if none), a tone."""

    model_config = ConfigDict(extra="forbid")

    question: str
    mbti: str = ""
    tone: str = "溫暖"

    @field_validator("question", mode="before")
    @classmethod
    def _question(cls, value: Any) -> str:
        return text_input("question", value, QUESTION_LIMIT)

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
    """A passage the answer rests on; `text` is exactly what stands in the knowledge base, `score` is 0..1."""

    n: int
    type: str
    topic: str
    text: str
    score: float


class CounselOutput(BaseModel):
    """The result. `match` says how well the passages fit the question; `unsupported` lists sentences that do not match
    the passages they cite; `dropped` counts citations of passages that were never given."""

    answer: str
    sources: list[CounselSource] = []
    follow_ups: list[str] = []
    crisis: bool = False
    match: Literal["good", "weak", "none"] = "good"
    unsupported: list[str] = []
    dropped: int = 0


class CounselState(TypedDict, total=False):
    """What flows through the graph; plain data, so that checkpoints stay readable."""

    inputs: dict[str, Any]
    passages: list[dict[str, Any]]
    match: str
    gentle: str
    raw: str
    by: str
    output: dict[str, Any]
