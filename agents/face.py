"""What every agent's `run` and `stream` share: start a run, follow it, hand back its result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from agents.agent import Agent, RunResult
from agents.context import RunOptions
from agents.events import Event, Failed, Result
from agents.run import Runs, open_runs
from tools.settings import Settings
from tools.words import Lang

__all__ = ["guarded", "run_agent", "stream_agent"]


def guarded(agent: Agent, inputs: Mapping[str, Any], lang: Lang) -> RunResult | None:
    """The answer that needs no run, where the agent's guard has one. It is stored nowhere and sent nowhere."""
    if agent.guard is None:
        return None
    output = agent.guard(inputs, lang)
    if output is None:
        return None
    return RunResult(run="unsaved", agent=agent.name, status="done", output=output)


def run_agent(
    agent: Agent, inputs: Mapping[str, Any], options: RunOptions, settings: Settings | None = None
) -> RunResult:
    """Run `agent` to its end.

    Raises:
        BadInput: an input is not usable.
        RunFailed: the run ended without a result; what it had finished is kept.
        StorageError: FINALE_HOME cannot be written.
    """
    settings = settings or Settings()
    answered = guarded(agent, inputs, options.lang or settings.lang)
    if answered:
        return answered
    runs = open_runs(settings)
    run = runs.start(agent, inputs, options)
    for _ in _followed(runs, run):
        pass
    return runs.result(run)


def stream_agent(
    agent: Agent, inputs: Mapping[str, Any], options: RunOptions, settings: Settings | None = None
) -> Iterator[Event]:
    """Start `agent` at once and give its events as they come; the last one is a Result or a Failed.

    Raises: as `run_agent`, but for RunFailed, which arrives as an event.
    """
    settings = settings or Settings()
    answered = guarded(agent, inputs, options.lang or settings.lang)
    if answered:
        return iter([Result(envelope=answered.model_dump(mode="json"))])
    runs = open_runs(settings)
    return _followed(runs, runs.start(agent, inputs, options))


def _followed(runs: Runs, run: str) -> Iterator[Event]:
    for event in runs.follow(run):
        yield event
        if isinstance(event, Result | Failed):
            return
