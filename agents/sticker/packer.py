"""The agent `pack`: pictures that a person chose, cut out, bordered and packed for a platform. It asks no model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.agent import Agent
from agents.sticker.inputs import PackInputs
from agents.sticker.state import PackOutput

__all__ = ["AGENT"]


def _build(checkpointer: Any) -> Any:
    from agents.sticker.graph import build_packer  # LangGraph is heavy: only a run pays for it

    return build_packer(checkpointer)


def _finish(state: Mapping[str, Any]) -> PackOutput:
    return PackOutput(pack=state["pack"])


AGENT = Agent(
    name="pack",
    inputs=PackInputs,
    output=PackOutput,
    steps=lambda: (),
    build=_build,
    finish=_finish,
    title=lambda inputs: inputs.title or f"{inputs.pack} × {len(inputs.pictures)}",
)
