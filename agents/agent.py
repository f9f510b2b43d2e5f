"""What an agent is to the rest of the house: its inputs, its output, its graph, and what a run of it may cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from agents.errors import BadInput
from agents.step import Step
from agents.store import Papers, RunRecord
from tools.words import Lang

__all__ = ["Agent", "Export", "RunResult", "Status"]

Export = Callable[[RunRecord, Papers, Lang], str]
Status = Literal["done", "partial", "failed"]


class RunResult(BaseModel):
    """What a run gives back; `model_dump()` is the envelope of the command line's `--json`.

    `requests` counts remote requests this run has sent; `models` maps each step to the model that really answered it, or
    "offline". `output` is the agent's own result.
    """

    model_config = ConfigDict(extra="forbid")

    run: str
    agent: str
    status: Status
    requests: int = 0
    offline_steps: list[str] = []
    models: dict[str, str] = {}
    warnings: list[str] = []
    output: Any = None


@dataclass(frozen=True)
class Agent:
    """One agent.

    `inputs` validates what a person gives and raises BadInput; `output` is the type of the result. `build` compiles the
    LangGraph graph with a checkpointer; `finish` turns its final state into the output. `guard` may answer at once from
    the inputs alone: such an answer is stored nowhere and sent nowhere. `title` names a run in the history.
    `exports` makes a document of a finished run, by the form's file ending (from the run and the papers around it).
    `steps` gives the questions a run asks, each once (loaded late: a list of agents needs no prompts). `cost` is for agents
    that ask in batches: the least and the most requests that a run of these inputs sends; the most is kept as a promise.
    `forget` removes what a run (by its id) has left under FINALE_HOME outside of the history, when the run is deleted.
    """

    name: str
    inputs: type[BaseModel]
    output: type[BaseModel]
    steps: Callable[[], tuple[Step, ...]]
    build: Callable[[Any], Any]
    finish: Callable[[Mapping[str, Any]], BaseModel]
    title: Callable[[Any], str]
    guard: Callable[[Any, Lang], BaseModel | None] | None = None
    exports: Mapping[str, Export] = field(default_factory=dict)
    cost: Callable[[Any], tuple[int, int]] | None = None
    forget: Callable[[Path, str], None] | None = None

    def checked(self, given: Mapping[str, Any]) -> BaseModel:
        """What a person gave as this agent's inputs.

        Raises:
            BadInput: a value is not usable; says which and why.
        """
        try:
            return self.inputs(**given)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or self.name
            raise BadInput("bad_value", field=where, why=first["msg"]) from None

    def requests(self, inputs: Any = None) -> tuple[int, int]:
        """Requests a run of these (validated) inputs needs at least and at most."""
        if self.cost is not None:
            return self.cost(inputs)
        ranges = [step.requests for step in self.steps()]
        return sum(low for low, _ in ranges), sum(high for _, high in ranges)
