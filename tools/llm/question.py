"""What can be asked of the gateway, and what it says while it works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

__all__ = ["Notice", "Question"]


@dataclass(frozen=True)
class Question:
    """What to ask. `answer` is the wanted pydantic type, None for prose. `model` is the preferred model, "" for any.

    `version` is part of the question's identity: another value asks anew although the rest is the same.
    """

    messages: tuple[Mapping[str, str], ...]
    answer: type[BaseModel] | None = None
    model: str = ""
    max_tokens: int = 3_000
    temperature: float = 0.7
    purpose: str = "interactive"
    run: str = ""
    step: str = ""
    version: str = ""


@dataclass(frozen=True)
class Notice:
    """Something a person should know while waiting: a key of messages.yaml and its parameters."""

    key: str
    params: Mapping[str, Any]
