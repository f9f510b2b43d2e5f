"""The digest's questions to a model, each about a batch of stories."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from agents.digest.checks import settled, shortcomings
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
    title: str
    brief: str
    summary: str
    points: list[Point]


def _wrong(inputs: Mapping[str, Any], row: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """What to tell the model about a summary that has to be written again."""
    found = shortcomings(answer, row, inputs)
    said = []
    if "cross_wired" in found:
        return "上次寫成了別則的內容，請只根據這一則的內文重寫"
    if not answer["title"].strip() or not answer["brief"].strip():
        said.append("上次少了標題或一句話摘要")
    if "language" in found:
        said.append("上次不是用中文寫的，請用台灣正體中文")
    if "length" in found:
        said.append(f"上次的摘要有 {len(answer['summary'])} 個字，請寫 {inputs['low']} 到 {inputs['high']} 個字")
    if left := [name for name in found if name in inputs["points"]]:
        said.append(f"上次少了要點：{'、'.join(left)}")
    return "；".join(said)


def _mended(inputs: Mapping[str, Any], row: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any] | None:
    return settled(answer, row, inputs, compose(inputs, row))


def _unscored(inputs: Mapping[str, Any], row: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """What to tell the model about a judgement that leaves criteria out."""
    given = {one["criterion"] for one in answer["scores"]}
    left = [one["id"] for one in inputs["criteria"] if one["id"] not in given]
    return f"上次少了評分項目：{'、'.join(left)}" if left else ""


def _partly_scored(
    inputs: Mapping[str, Any], row: Mapping[str, Any], answer: Mapping[str, Any]
) -> dict[str, Any] | None:
    """A judgement of some criteria counts for those; one of none is no judgement."""
    known = {one["id"] for one in inputs["criteria"]}
    return dict(answer) if any(one["criterion"] in known for one in answer["scores"]) else None


JUDGE = RowStep(
    name="judge",
    prompt=Prompt(_PROMPTS / "judge.md"),
    row=Judged,
    offline=judge,
    what={"zh": "依評分表評分", "en": "Scoring by the rubric"},
    size=20,
    max_tokens=12_000,
    temperature=0.2,
    problem=_unscored,
    settle=_partly_scored,
)
# Stories near the cut are judged a second time in another order: a model's first impression depends on its neighbours.
JUDGE_AGAIN = RowStep(
    name="judge_again",
    prompt=Prompt(_PROMPTS / "judge.md"),
    row=Judged,
    offline=judge,
    what={"zh": "重看名次接近的", "en": "A second look at close calls"},
    size=20,
    max_tokens=12_000,
    temperature=0.2,
    problem=_unscored,
    settle=_partly_scored,
)
SUMMARISE = RowStep(
    name="summarise",
    prompt=Prompt(_PROMPTS / "summarise.md"),
    row=Summarised,
    offline=compose,
    what={"zh": "寫摘要", "en": "Writing summaries"},
    size=7,
    max_tokens=8_000,
    temperature=0.3,
    problem=_wrong,
    settle=_mended,
)
