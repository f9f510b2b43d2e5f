"""The one vocabulary of events. CLI, pages, service and scripts render the same stream; none has a private channel.

Every event is small, typed and JSON-ready. `seq` and `at` (Unix seconds) are given by the store.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

__all__ = [
    "Answered",
    "Artifact",
    "Cost",
    "Event",
    "Failed",
    "Progress",
    "Result",
    "Source",
    "Started",
    "Text",
    "Warned",
    "event_from_json",
    "is_last",
]


class _Event(BaseModel):
    model_config = ConfigDict(extra="forbid")

    seq: int = 0
    at: float = 0.0


class Started(_Event):
    """Work on a run begins (again): by which agent, and how many requests it may need at least and at most."""

    type: Literal["started"] = "started"
    agent: str
    requests_min: int = 0
    requests_max: int = 0
    kind: Literal["start", "resume", "upgrade"] = "start"


class Progress(_Event):
    """How far it is: `done` of `of` (None: unknown), and what is being done, in words."""

    type: Literal["progress"] = "progress"
    step: str
    what: str
    done: int = 0
    of: int | None = None


class Text(_Event):
    """Text as it streams. A higher `attempt` starts the step's text over; what an earlier one said stays in the history."""

    type: Literal["text"] = "text"
    step: str
    text: str
    attempt: int = 1


class Answered(_Event):
    """A step has its answer: by a model or offline, and by which. `why` says why it was answered offline."""

    type: Literal["answered"] = "answered"
    step: str
    by: Literal["model", "offline"]
    value: Any = None
    model: str = ""
    provider: str = ""
    why: str = ""
    cut: bool = False
    stored: bool = False


class Source(_Event):
    """A text that the answer rests on. `n` is its number in the answer; `score` is 0..1."""

    type: Literal["source"] = "source"
    n: int
    title: str
    text: str
    score: float = 0.0
    meta: dict[str, str] = Field(default_factory=dict)


class Artifact(_Event):
    """A file that was made."""

    type: Literal["artifact"] = "artifact"
    path: str
    media_type: str
    title: str = ""


class Warned(_Event):
    """Something a person should know, in one sentence with its next step."""

    type: Literal["warned"] = "warned"
    code: str
    message: str


class Cost(_Event):
    """Requests this run has sent so far, and what the account has left today (None: not limited or not known)."""

    type: Literal["cost"] = "cost"
    requests: int
    remaining: int | None = None


class Result(_Event):
    """The run has ended with a result: the envelope of the contract, as plain data."""

    type: Literal["result"] = "result"
    envelope: dict[str, Any]


class Failed(_Event):
    """The run has ended without a result: what happened and what to do next. `stopped`: a person wanted that."""

    type: Literal["failed"] = "failed"
    code: str
    message: str
    stopped: bool = False


Event = Annotated[
    Started | Progress | Text | Answered | Source | Artifact | Warned | Cost | Result | Failed,
    Field(discriminator="type"),
]
_ADAPTER: TypeAdapter[Event] = TypeAdapter(Event)


def event_from_json(data: str | bytes) -> Event:
    """The event that `model_dump_json()` wrote."""
    return _ADAPTER.validate_json(data)


def is_last(event: Event) -> bool:
    """Whether nothing follows this event until the run is taken up again."""
    return isinstance(event, Result | Failed)
