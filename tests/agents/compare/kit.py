"""How these tests compare: three models that the double lists, and what they said as rows by cell."""

from __future__ import annotations

from typing import Any

from agents import compare
from agents.agent import RunResult

__all__ = ["GEMMA", "GLM", "SUPER", "THREE", "cells", "compared"]

SUPER = "nvidia/nemotron-3-super-120b-a12b:free"
GEMMA = "google/gemma-4-31b-it:free"
GLM = "z-ai/glm-5.2:free"
THREE = [SUPER, GEMMA, GLM]


def compared(prompts: Any, models: Any = THREE, **more: Any) -> RunResult:
    """A comparison that takes all the account allows, as a person would who watches it."""
    return compare.run(prompts, models, **{"purpose": "interactive", **more})


def cells(result: RunResult) -> dict[tuple[str, str, int], dict[str, Any]]:
    """The rows of a result by (prompt id, column, repeat)."""
    return {(row["prompt_id"], row["model"], row["repeat"]): row for row in result.output.replies}
