"""The agent `expand`: the first half of `sticker`, for who wants only the prompt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.agent import Agent
from agents.step import Step
from agents.sticker.inputs import ExpandInputs
from agents.sticker.state import ExpandOutput

__all__ = ["AGENT"]


def _build(checkpointer: Any) -> Any:
    from agents.sticker.graph import build_expander  # LangGraph is heavy: only a run pays for it

    return build_expander(checkpointer)


def _steps() -> tuple[Step, ...]:
    from agents.sticker.steps import EXPAND

    return (EXPAND,)


def _finish(state: Mapping[str, Any]) -> ExpandOutput:
    return ExpandOutput.model_validate(state["expanded"])


AGENT = Agent(
    name="expand",
    inputs=ExpandInputs,
    output=ExpandOutput,
    steps=_steps,
    build=_build,
    finish=_finish,
    title=lambda inputs: inputs.theme,
)
