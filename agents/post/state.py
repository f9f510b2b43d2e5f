"""The post agent's inputs, state and output."""

from __future__ import annotations

from typing import Any, TypedDict

from pydantic import BaseModel, ConfigDict, Field, field_validator

from agents.inputs import text_input

__all__ = ["Plan", "PostInputs", "PostOutput", "PostState"]

TOPIC_LIMIT = 500


class PostInputs(BaseModel):
    """What a person gives: a topic, up to 500 characters."""

    model_config = ConfigDict(extra="forbid")

    topic: str

    @field_validator("topic", mode="before")
    @classmethod
    def _topic(cls, value: Any) -> str:
        return text_input("topic", value, TOPIC_LIMIT)


class Plan(BaseModel):
    """The planner's answer: points in order, tone, and the length to aim at, in characters (words in English)."""

    points: list[str] = Field(min_length=2, max_length=8)
    tone: str = Field(min_length=1, max_length=60)
    length: int = Field(ge=30, le=1_200)

    @field_validator("points")
    @classmethod
    def _no_blank_points(cls, value: list[str]) -> list[str]:
        points = [point.strip() for point in value if point.strip()]
        if len(points) < 2:
            raise ValueError("at least two points that are not blank")
        return points


class PostOutput(BaseModel):
    """The result: the plan and the post."""

    plan: Plan
    post: str


class PostState(TypedDict, total=False):
    """What flows through the graph; plain data, so that checkpoints stay readable."""

    inputs: dict[str, Any]
    plan: dict[str, Any]
    replanned: bool
    post: str
