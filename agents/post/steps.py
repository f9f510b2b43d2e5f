"""The post agent's two questions: a plan from one model, a post from another."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agents.post.offline import offline_plan, offline_post
from agents.post.state import Plan
from agents.prompts import Prompt
from agents.step import Step

__all__ = ["PLAN", "WRITE"]

_PROMPTS = Path(__file__).parent / "prompts"


def _plan_offline(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return offline_plan(inputs["topic"], lang=inputs["lang"])


def _post_offline(inputs: Mapping[str, Any]) -> str:
    return offline_post(inputs["topic"], {name: inputs[name] for name in ("points", "tone", "length")})


PLAN = Step(
    name="plan",
    prompt=Prompt(_PROMPTS / "plan.md"),
    offline=_plan_offline,
    what={"zh": "擬定大綱", "en": "Planning"},
    answer=Plan,
    temperature=0.6,
)
WRITE = Step(
    name="write",
    prompt=Prompt(_PROMPTS / "write.md"),
    offline=_post_offline,
    what={"zh": "撰寫貼文", "en": "Writing"},
    temperature=0.8,
)
