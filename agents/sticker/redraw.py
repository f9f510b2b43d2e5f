"""The agent `redraw`: "again with these settings", from the recipe of any picture. It asks no language model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agents.agent import Agent
from agents.sticker.inputs import RedrawInputs
from agents.sticker.state import RedrawOutput

__all__ = ["AGENT"]


def _build(checkpointer: Any) -> Any:
    from agents.sticker.graph import build_redraw  # LangGraph is heavy: only a run pays for it

    return build_redraw(checkpointer)


def _forget(home: Path, run: str) -> None:
    from agents.sticker.painting import forget

    forget(home, run)


def _finish(state: Mapping[str, Any]) -> RedrawOutput:
    return RedrawOutput(images=state["images"], drawn_by=state["drawn_by"])


AGENT = Agent(
    name="redraw",
    inputs=RedrawInputs,
    output=RedrawOutput,
    steps=lambda: (),
    build=_build,
    finish=_finish,
    title=lambda inputs: str(inputs.recipe.get("prompt") or "—"),
    forget=_forget,
)
