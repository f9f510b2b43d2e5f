"""What is asked in each cell: the prompt as it stands, one step of an agent, or an agent's steps one after the other.

Agents are reached through the registry and never imported: their steps have one face. A prompt's variables are the inputs of
a step; what an answer adds (a plan's points) are inputs of the step after it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from agents import AGENTS, load_agent
from agents.compare.say import Said
from agents.step import Step, StepContext, asking
from tools.llm import Question

if TYPE_CHECKING:
    from agents.compare.state import Column, CompareInputs, Prompted

__all__ = ["FreePrompt", "Seat", "Target", "inputs_of", "known_steps", "offline_text", "shaped", "targets_of"]


class Target(Protocol):
    """One question of a cell. A Step is one."""

    @property
    def name(self) -> str: ...
    def question(self, inputs: Mapping[str, Any], context: StepContext) -> Question: ...


@dataclass(frozen=True)
class FreePrompt:
    """A prompt as it stands, with a system prompt where there is one."""

    name: str = "prompt"
    max_tokens: int = 3_000
    temperature: float = 0.7

    def question(self, inputs: Mapping[str, Any], context: StepContext) -> Question:
        """The question that `inputs` (text, system) make."""
        system = [{"role": "system", "content": inputs["system"]}] if inputs["system"] else []
        return asking(self, (*system, {"role": "user", "content": inputs["text"]}), None, context)


@dataclass(frozen=True)
class Seat:
    """What a target needs around it for one column and one repeat: that column's model; repeats are questions of their own."""

    context: StepContext
    column: Column
    repeat: int

    def __getattr__(self, name: str) -> Any:
        return getattr(self.context, name)

    @property
    def version(self) -> str:
        return f"{self.context.version}#{self.repeat}" if self.repeat > 1 else self.context.version

    def model_for(self, step: str) -> str:
        return self.column.model_of(step)


def targets_of(inputs: CompareInputs) -> tuple[Target, ...]:
    """The questions of one cell, in order.

    Raises:
        BadInput: there is no such step, or a prompt lacks an input that it needs.
    """
    if not inputs.step:
        return (FreePrompt(),)
    from jinja2 import TemplateError

    agent, _, name = inputs.step.partition(".")
    steps = _steps(agent)
    chosen = tuple(step for step in steps if name in ("", step.name))
    if not chosen:
        raise Said("unknown_step", step=inputs.step, known="、".join(known_steps()))
    for n, item in enumerate(inputs.prompts, start=1):
        have = {*inputs_of(item, inputs, "zh")}
        for step in chosen:
            missing = sorted(step.prompt.variables() - have)
            if missing:
                raise Said("missing_inputs", step=f"{agent}.{step.name}", names="、".join(missing), n=n)
            have |= set(step.answer.model_fields) if step.answer else set()
        try:
            chosen[0].prompt.messages(inputs_of(item, inputs, "zh"))
        except (TemplateError, TypeError, ValueError, AttributeError) as error:
            detail = f"{type(error).__name__}: {error}"[:160]
            raise Said("bad_inputs", step=inputs.step, n=n, detail=detail) from error
    return chosen


def known_steps() -> list[str]:
    """Every step that can be compared, as agent.step."""
    return [f"{agent}.{step.name}" for agent in AGENTS if agent != "compare" for step in _steps(agent)]


def _steps(agent: str) -> tuple[Step, ...]:
    if agent not in AGENTS or agent == "compare":
        return ()
    return tuple(step for step in load_agent(agent).steps() if isinstance(step, Step))


def inputs_of(item: Prompted, inputs: CompareInputs, lang: str) -> dict[str, Any]:
    """What a cell's first target gets: the prompt's variables for a step, its text for a prompt as it stands."""
    if not inputs.step:
        return {"text": item.text, "system": item.system or inputs.system}
    # A single line is enough where a step asks about one thing.
    return {
        "lang": lang,
        **({"topic": item.text, "question": item.text, "theme": item.text} if item.text else {}),
        **item.inputs,
    }


def shaped(question: Question, column: Column, inputs: CompareInputs, *, plain: bool) -> Question:
    """`question` as this column asks it: its own temperature, length and, before the rest, its own system prompt."""
    temperature = column.temperature if column.temperature is not None else inputs.temperature
    max_tokens = column.max_tokens or inputs.max_tokens
    messages: Sequence[Mapping[str, str]] = question.messages
    system = column.system or ("" if plain else inputs.system)
    if system and plain:
        messages = ({"role": "system", "content": system}, *(one for one in messages if one["role"] != "system"))
    elif system:
        first, *rest = messages
        messages = ({**first, "content": f"{system}\n\n{first['content']}"}, *rest)
    return replace(
        question,
        messages=tuple(messages),
        temperature=question.temperature if temperature is None else temperature,
        max_tokens=max_tokens or question.max_tokens,
    )


def offline_text(targets: Sequence[Target], given: Mapping[str, Any], lang: str) -> str:
    """The honest answer without a model: what the steps themselves say offline.

    A prompt as it stands belongs to no step. Then the house's one writer that takes any subject answers: the post agent's
    plan and post, by rule, with the prompt as the topic. It is a template and says so by its column.
    """
    steps = [target for target in targets if isinstance(target, Step)]
    values = dict(given)
    if not steps:
        topic = " ".join(str(given["text"]).split())[:500]
        steps, values = list(_steps("post")), {"topic": topic, "lang": lang}
    value: Any = ""
    for step in steps:
        value = step.offline(values)
        value = value.model_dump(mode="json") if hasattr(value, "model_dump") else value
        values.update(value if isinstance(value, dict) else {})
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
