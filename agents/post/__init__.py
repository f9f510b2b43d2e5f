"""The post agent: a topic, a plan by one model, a social post by another.

from agents import post
result = post.run(topic="雨天的校園")
print(result.output.post)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from agents.agent import Agent, RunResult
from agents.context import RunOptions
from agents.events import Event
from agents.face import run_agent, stream_agent
from agents.post.state import Plan, PostInputs, PostOutput
from agents.step import Step
from tools.settings import Settings
from tools.words import Lang

__all__ = ["AGENT", "Plan", "PostOutput", "run", "stream"]


def _build(checkpointer: Any) -> Any:
    from agents.post.graph import build  # LangGraph is heavy: only a run pays for it

    return build(checkpointer)


def _steps() -> tuple[Step, ...]:
    from agents.post.steps import PLAN, WRITE

    return PLAN, WRITE


def _finish(state: Mapping[str, Any]) -> PostOutput:
    return PostOutput(plan=Plan.model_validate(state["plan"]), post=state["post"])


AGENT = Agent(
    name="post",
    inputs=PostInputs,
    output=PostOutput,
    steps=_steps,
    build=_build,
    finish=_finish,
    title=lambda inputs: inputs.topic,
)


def run(
    topic: str,
    *,
    planner: str = "",
    writer: str = "",
    offline: bool = False,
    fresh: bool = False,
    lang: Lang | None = None,
    settings: Settings | None = None,
) -> RunResult:
    """A plan and a post about `topic`. `planner` and `writer` name free models; empty lets Finale choose.

    `output` is a PostOutput.

    Raises:
        BadInput: the topic is empty or too long.
        RunFailed, StorageError
    """
    options = RunOptions({"plan": planner, "write": writer}, offline, fresh, lang)
    return run_agent(AGENT, {"topic": topic}, options, settings)


def stream(
    topic: str,
    *,
    planner: str = "",
    writer: str = "",
    offline: bool = False,
    fresh: bool = False,
    lang: Lang | None = None,
    settings: Settings | None = None,
) -> Iterator[Event]:
    """The events of the same run as they come; the last one is a Result or a Failed."""
    options = RunOptions({"plan": planner, "write": writer}, offline, fresh, lang)
    return stream_agent(AGENT, {"topic": topic}, options, settings)
