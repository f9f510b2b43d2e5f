"""A comparison's inputs, columns, state and output."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypedDict

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from agents.compare.say import Said, Unusable
from tools.compare import MAX_PROMPT, MAX_ROWS, OFFLINE, PromptItem, parse_checks
from tools.errors import FinaleError

__all__ = [
    "COLUMNS",
    "Column",
    "CompareInputs",
    "CompareOutput",
    "CompareState",
    "Prompted",
    "Round",
    "rounds",
]

COLUMNS = 24  # the most that are compared at once
_CELLS = 20_000
_SPECIAL = re.compile(r"all|best:[1-9]\d?")


class Column(BaseModel):
    """One thing that is compared: a model, or a way of asking it.

    `models` names another model for single steps of an agent (a planner and a writer). What is None or empty is as in the
    inputs. `offline` as the model is the answer that needs none.
    """

    model_config = ConfigDict(extra="forbid")

    name: str = ""
    model: str = ""
    models: dict[str, str] = {}
    system: str = ""
    temperature: float | None = Field(None, ge=0, le=2)
    max_tokens: int | None = Field(None, ge=1, le=64_000)

    @model_validator(mode="after")
    def _named(self) -> Column:
        self.name = self.name.strip() or "+".join(self.models.values()) or self.model
        if not self.name or len(self.name) > 120 or not (self.model or self.models):
            raise Said("bad_column")
        return self

    def model_of(self, step: str) -> str:
        """The model that this column asks for `step`."""
        return self.models.get(step) or self.model

    @property
    def offline(self) -> bool:
        return self.model == OFFLINE and not self.models


class Prompted(PromptItem):
    """One prompt. `inputs` is what a step of an agent is given instead of a text: its variables, of whatever type they are."""

    inputs: dict[str, Any] = Field(default_factory=dict)


class CompareInputs(BaseModel):
    """What is compared on what.

    `prompts` are lines, or mappings with text, id, variables, checks and system. `models` are ids, "all" (free now), "best:N"
    (by health) or "offline"; `variants` are further columns. `step` is "" for the prompts as they stand, else a step of an
    agent ("post.plan") or an agent whose steps follow each other ("post"): the prompts' variables are its inputs then.
    `budget` is the most requests each time the run is taken up (0: as many as needed); `judge` a model that compares replies.
    `out` is a folder for the report, `since` the JSON of an earlier one, with which it then says what has changed.
    """

    model_config = ConfigDict(extra="forbid")

    prompts: list[Prompted]
    models: list[str] = []
    variants: list[Column] = []
    repeats: int = Field(1, ge=1, le=10)
    system: str = Field("", max_length=20_000)
    temperature: float | None = Field(None, ge=0, le=2)
    max_tokens: int | None = Field(None, ge=1, le=64_000)
    step: str = Field("", max_length=80)
    budget: int = Field(0, ge=0, le=100_000)
    judge: str = Field("", max_length=200)
    seed: int = Field(0, ge=0)
    out: str = Field("", max_length=1_000)
    since: str = Field("", max_length=1_000)

    @field_validator("prompts", mode="before")
    @classmethod
    def _prompts(cls, value: Any) -> list[Prompted]:
        given = [value] if isinstance(value, str | Mapping | PromptItem) else list(value or [])
        if not given:
            raise Said("no_prompts")
        if len(given) > MAX_ROWS:
            raise Said("many_prompts", found=len(given), most=MAX_ROWS)
        items = [_item(each, n) for n, each in enumerate(given, start=1)]
        if len({item.id for item in items}) < len(items):
            raise Said("same_id")
        return items

    @field_validator("models", mode="before")
    @classmethod
    def _models(cls, value: Any) -> list[str]:
        listed = value.split(",") if isinstance(value, str) else list(value or [])
        return list(dict.fromkeys(name for name in (str(each).strip() for each in listed) if name))

    @model_validator(mode="after")
    def _possible(self) -> CompareInputs:
        if not (self.models or self.variants):
            raise Said("no_models")
        if self.since and not self.out:
            raise Said("since_alone")
        if len(self.models) + len(self.variants) > COLUMNS:
            raise Said("many_columns", most=COLUMNS)
        if len(self.prompts) * self.repeats > _CELLS // len(self.models + self.variants):
            raise Said("many_cells", most=_CELLS)
        names = [*(name for name in self.models if not _SPECIAL.fullmatch(name)), *(one.name for one in self.variants)]
        if len(set(names)) < len(names):
            raise Said("same_column")
        from agents.compare.targets import targets_of

        targets_of(self)  # a step that does not exist, or lacks an input, is told before anything is begun
        return self

    @property
    def settled(self) -> bool:
        """Whether every column is named: nothing depends on which models there are now."""
        return not any(_SPECIAL.fullmatch(name) for name in self.models)


class Round(BaseModel):
    """One prompt at one repeat; `n` counts the rounds of a run from 1. Every column answers every round."""

    n: int
    repeat: int
    item: Prompted

    @property
    def slot(self) -> str:
        return str(self.n)

    def cell(self, column: str) -> str:
        """The name of this round's reply by `column`, in events and reports."""
        return f"{self.n}|{column}"


def rounds(inputs: CompareInputs) -> list[Round]:
    """The rounds in the order in which they are asked: every prompt once before any a second time."""
    prompts = inputs.prompts
    return [
        Round(n=repeat * len(prompts) + at + 1, repeat=repeat + 1, item=item)
        for repeat in range(inputs.repeats)
        for at, item in enumerate(prompts)
    ]


class CompareOutput(BaseModel):
    """The result. `replies` has one flat row for each prompt, column and repeat, also where there is no reply; `ranking` one
    for each column, best first; `report` the path of the report where one was written. The rest says how it came about."""

    replies: list[dict[str, Any]] = []
    ranking: list[dict[str, Any]] = []
    report: str = ""
    models: list[str] = []
    prompts: list[dict[str, Any]] = []
    votes: list[dict[str, Any]] = []
    settings: dict[str, Any] = {}
    plan: dict[str, Any] = {}
    catalogue: dict[str, Any] = {}
    made: str = ""


class CompareState(TypedDict, total=False):
    """What flows through the graph. Replies of models are not in it: they stand in the run's history."""

    inputs: dict[str, Any]
    columns: list[dict[str, Any]]
    plan: dict[str, Any]
    catalogue: dict[str, Any]
    made: str
    aside: list[dict[str, Any]]
    votes: list[dict[str, Any]]
    output: dict[str, Any]


def _item(value: Any, n: int) -> Prompted:
    """One prompt from what a person gave.

    Raises:
        BadInput: it is empty, too long, or has a check that cannot work.
    """
    if isinstance(value, PromptItem):
        value = value.model_dump()
    given = dict(value) if isinstance(value, Mapping) else {"text": value}
    text = given.get("text", given.get("prompt", ""))
    variables = given.get("variables") or {}
    inputs = given.get("inputs") or variables
    if not (isinstance(text, str) and isinstance(variables, Mapping) and isinstance(inputs, Mapping)):
        raise Said("bad_prompt", n=n)
    if not text.strip() and not inputs:
        raise Said("bad_prompt", n=n)
    size = sum(len(str(each).encode("utf-8", "replace")) for each in (text, *inputs.values()))
    if size > MAX_PROMPT:
        raise Said("long_prompt", n=n, size=f"{size / 1000:,.0f}", most=MAX_PROMPT // 1000)
    try:
        checks = parse_checks(given.get("checks"))
    except FinaleError as error:
        raise Unusable(error) from error
    return Prompted(
        id=str(given.get("id") or f"p{n}")[:60],
        text=text,
        variables={str(name): str(value) for name, value in variables.items()},
        inputs=dict(inputs),
        checks=checks,
        system=str(given.get("system") or ""),
    )
