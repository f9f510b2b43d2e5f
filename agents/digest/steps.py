"""The digest's questions to a model, each about a batch of stories."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from agents.digest.checks import BELONGS, belongs
from agents.digest.offline import compose, judge
from agents.prompts import Prompt
from agents.rows import RowStep

__all__ = ["JUDGE", "JUDGE_AGAIN", "SUMMARISE", "Judged", "Summarised"]

_PROMPTS = Path(__file__).parent / "prompts"


class Scored(BaseModel):
    """One criterion of one story."""

    criterion: str
    score: float = Field(ge=0, le=10)
    quote: str = ""


class Judged(BaseModel):
    """What is thought of one story."""

    id: str
    topic: float = Field(ge=0, le=10)
    topic_why: str = ""
    scores: list[Scored]
    same_event: str = ""


class Point(BaseModel):
    """One required point of a summary."""

    name: str
    text: str


class Summarised(BaseModel):
    """One story told shortly."""

    id: str
    title: str = Field(min_length=2)
    brief: str = Field(min_length=4)
    summary: str = Field(min_length=10)
    points: list[Point]


def _own_words(row: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    """A summary that shares too little with its story is another story's, put under this id."""
    return belongs(answer["summary"], f"{row['title']}\n{row['text']}") >= BELONGS


JUDGE = RowStep(
    name="judge",
    prompt=Prompt(_PROMPTS / "judge.md"),
    row=Judged,
    offline=judge,
    what={"zh": "依評分表評分", "en": "Scoring by the rubric"},
    size=20,
    max_tokens=8_000,
    temperature=0.2,
)
# Stories near the cut are judged a second time in another order: a model's first impression depends on its neighbours.
JUDGE_AGAIN = RowStep(
    name="judge_again",
    prompt=Prompt(_PROMPTS / "judge.md"),
    row=Judged,
    offline=judge,
    what={"zh": "重看名次接近的", "en": "A second look at close calls"},
    size=20,
    max_tokens=8_000,
    temperature=0.2,
)
SUMMARISE = RowStep(
    name="summarise",
    prompt=Prompt(_PROMPTS / "summarise.md"),
    row=Summarised,
    offline=compose,
    what={"zh": "寫摘要", "en": "Writing summaries"},
    size=5,
    max_tokens=6_000,
    temperature=0.3,
    fits=_own_words,
)
