"""Prompts that were given before: rows of a file, or the inputs of an agent's earlier runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agents.compare.say import Said, Unusable, words
from agents.store import RunRecord
from tools.compare import CompareError, Problem, PromptItem, read_prompts
from tools.words import Lang

__all__ = ["from_file", "from_history", "skipped"]


def from_file(path: Path, *, skip_broken: bool = False) -> tuple[list[PromptItem], tuple[Problem, ...]]:
    """The prompts of a file, and its rows that are broken.

    Raises:
        BadInput: it cannot be read, or holds nothing usable; or a row is broken, and `skip_broken` does not say that the
            others are enough.
    """
    try:
        found = read_prompts(path)
    except CompareError as error:
        raise Unusable(error) from error
    if found.problems and not (skip_broken and found.items):
        first = found.problems[0]
        raise Said("broken_rows", name=path.name, n=len(found.problems), line=first.line, why=first.message)
    return list(found.items), found.problems


def skipped(path: Path, problem: Problem, lang: Lang = "zh") -> str:
    """That a row was left out, and why, in words."""
    return words().say("skipped_rows", lang, name=path.name, line=problem.line, why=problem.message[lang])


def from_history(records: Sequence[RunRecord], step: str) -> list[dict[str, Any]]:
    """What earlier runs of a step's agent were given and what came of it, as prompts for that step.

    A run's inputs and the parts of its result are one mapping: a step that writes from a plan finds the plan in it.

    Raises:
        BadInput: none of the runs has a result.
    """
    prompts = []
    for record in records:
        output = (record.envelope or {}).get("output") or {}
        parts = [value for value in output.values() if isinstance(value, dict)]
        inputs: dict[str, Any] = {}
        for part in (output, *parts, record.inputs):
            inputs.update(part)
        if record.envelope is not None:
            prompts.append({"id": record.id, "inputs": inputs})
    if not prompts:
        raise Said("no_history", agent=step.partition(".")[0])
    return prompts
