"""What can be asked of the gateway, and what it says while it works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from tools.llm.ledger import Purpose

__all__ = ["Notice", "Question"]


@dataclass(frozen=True)
class Question:
    """What to ask. `answer` is the wanted pydantic type, None for prose. `model` is the preferred model, "" for any.

    Prose shorter than `min_chars` characters counts as no answer: some models reply with a word or a bracket.
    `version` is part of the question's identity: another value asks anew although the rest is the same.
    `ceiling` is the most requests that `run` may have sent in all, None for no such promise.
    """

    messages: tuple[Mapping[str, str], ...]
    answer: type[BaseModel] | None = None
    model: str = ""
    min_chars: int = 1
    max_tokens: int = 3_000
    temperature: float = 0.7
    purpose: Purpose = "interactive"
    run: str = ""
    step: str = ""
    version: str = ""
    ceiling: int | None = None


@dataclass(frozen=True)
class Notice:
    """Something a person should know: a key of messages.yaml and its parameters.

    `passing` is true for what matters only while waiting (how long it takes), not afterwards.
    """

    key: str
    params: Mapping[str, Any]
    passing: bool = False
