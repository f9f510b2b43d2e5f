"""The words of the queue: what is ordered, what a job is, and what is told about it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from tools.errors import FinaleError
from tools.images.backend import Offer
from tools.images.recipe import Recipe
from tools.words import Lang, Words

__all__ = ["MARK", "OPEN", "Job", "Order", "State", "Told", "digest_of"]

State = Literal["waiting", "running", "done", "failed", "cancelled"]
OPEN: tuple[State, ...] = ("waiting", "running")
MARK = "order"  # the entry of a recipe's sheet that names the order it was made for


@dataclass(frozen=True, slots=True)
class Order:
    """One picture wanted: its recipe, the file it goes to, and the offer of a backend that is to paint it."""

    recipe: Recipe
    path: Path
    backend: Offer


@dataclass(frozen=True, slots=True)
class Told:
    """A line for a person, in both languages; `code` is its key for programs."""

    code: str
    zh: str
    en: str

    @classmethod
    def of_error(cls, error: FinaleError) -> Told:
        return cls(error.key, error.message("zh"), error.message("en"))

    @classmethod
    def of_words(cls, words_file: Path, key: str, params: Mapping[str, Any]) -> Told:
        words = Words.load(words_file)
        return cls(key, words.say(key, "zh", **params), words.say(key, "en", **params))

    def message(self, lang: Lang = "zh") -> str:
        return self.en if lang == "en" else self.zh


@dataclass(frozen=True, slots=True)
class Job:
    """One picture of the queue, as it stood when it was read.

    Attributes:
        batch: Who ordered it, a run's id for example. place: jobs are worked in this order.
        recipe: As it was ordered. made: as it was really made, once it is done.
        attempts: How often it was begun, without those that were put back in good order.
        done, of: Steps of the picture. preview: a small JPEG of it so far, while it runs.
        stopping: Somebody asked for it to be cancelled; it ends within a step.
        problem: Why it failed or was stopped. notes: what was done otherwise than asked.
        sha256: Of the finished file. created, updated: Unix seconds.
    """

    id: int
    batch: str
    place: int
    backend: str
    device: str
    model: str
    recipe: Recipe
    path: Path
    state: State
    attempts: int
    done: int
    of: int
    preview: bytes | None
    stopping: bool
    problem: Told | None
    notes: tuple[Told, ...]
    made: Recipe | None
    digest: str
    sha256: str
    created: float
    updated: float

    @property
    def over(self) -> bool:
        """Done, failed or cancelled: nothing more happens to it unasked."""
        return self.state not in OPEN


def digest_of(recipe: Recipe, backend: str, model: str) -> str:
    """A name for what an order asks for: equal orders have equal digests, whatever file they go to."""
    sheet = {name: value for name, value in recipe.sheet.items() if name != MARK}
    told = [backend, model, replace(recipe, sheet=sheet).to_json()]
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=True).encode()).hexdigest()[:32]
