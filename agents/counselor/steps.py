"""The counselor's one question to a model: an answer that rests on the passages found."""

from __future__ import annotations

from pathlib import Path

from agents.counselor.citations import FOLLOW_UPS
from agents.counselor.offline import compose
from agents.prompts import Prompt
from agents.step import Step

__all__ = ["ANSWER"]

ANSWER = Step(
    name="answer",
    prompt=Prompt(Path(__file__).parent / "prompts" / "answer.md"),
    offline=compose,
    what={"zh": "整理回答", "en": "Writing the answer"},
    temperature=0.5,
    hidden_after=FOLLOW_UPS,
)
