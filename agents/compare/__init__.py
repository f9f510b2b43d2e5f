"""Comparing models: the same prompts to several free models side by side, measured, judged, told as a table.

from agents import compare
result = compare.run(prompts=["用一句話介紹台南"], models=["best:3", "offline"])
table = pandas.DataFrame(result.output.replies)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.agent import Agent, RunResult
from agents.compare.columns import settled
from agents.compare.outcome import VOTES, comparison, given_votes, ranked, title_of
from agents.compare.plan import Plan, plan, request_range
from agents.compare.saved import from_file, from_history, skipped
from agents.compare.state import Column, CompareInputs, CompareOutput
from agents.context import RunOptions
from agents.events import Event
from agents.face import run_agent, stream_agent
from agents.step import Step
from agents.store import Papers, RunRecord
from tools.compare import Comparison, PromptItem, why
from tools.llm import Purpose
from tools.settings import Settings
from tools.words import Lang

__all__ = [
    "AGENT",
    "VOTES",
    "Column",
    "CompareOutput",
    "Plan",
    "comparison",
    "from_file",
    "from_history",
    "given_votes",
    "plan",
    "prepared",
    "ranked",
    "run",
    "skipped",
    "stream",
    "why",
]

Prompt = str | Mapping[str, Any] | PromptItem


def _build(checkpointer: Any) -> Any:
    from agents.compare.graph import build  # LangGraph is heavy: only a run pays for it

    return build(checkpointer)


def _steps() -> tuple[Step, ...]:
    return ()  # what it asks are other agents' steps, or prompts as they stand: see request_range


def _finish(state: Mapping[str, Any]) -> CompareOutput:
    return CompareOutput.model_validate(state["output"])


def _html(record: RunRecord, papers: Papers, lang: Lang) -> str:
    from tools.compare.report import as_html

    return as_html(_comparison(record, papers), lang)


def _csv(record: RunRecord, papers: Papers, lang: Lang) -> str:
    from tools.compare.report import as_csv

    return as_csv(_comparison(record, papers))


def _json(record: RunRecord, papers: Papers, lang: Lang) -> str:
    from tools.compare.report import as_json

    return as_json(_comparison(record, papers))


def _markdown(record: RunRecord, papers: Papers, lang: Lang) -> str:
    from agents.compare.export import as_markdown

    return as_markdown(_output(record), lang)


def _output(record: RunRecord) -> CompareOutput:
    return CompareOutput.model_validate((record.envelope or {})["output"])


def _comparison(record: RunRecord, papers: Papers) -> Comparison:
    return comparison(record.id, record.title, _output(record), given_votes(papers, record.id))


AGENT = Agent(
    name="compare",
    inputs=CompareInputs,
    output=CompareOutput,
    steps=_steps,
    build=_build,
    finish=_finish,
    title=title_of,
    exports={"md": _markdown, "html": _html, "csv": _csv, "json": _json},
    cost=request_range,
)


def prepared(given: Mapping[str, Any], settings: Settings | None = None) -> CompareInputs:
    """What a person gave as inputs with every model named, ready for `plan` and for a run.

    Raises:
        BadInput: a value is not usable, or no free model is left to be compared.
        StorageError: FINALE_HOME cannot be written.
    """
    from agents.run import open_runs

    checked = AGENT.checked(given)
    assert isinstance(checked, CompareInputs)
    return settled(checked, open_runs(settings).gateway)


def run(
    prompts: Prompt | Sequence[Prompt] | Path,
    models: str | Sequence[str] = ("best:3",),
    *,
    purpose: Purpose = "background",
    fresh: bool = False,
    lang: Lang | None = None,
    settings: Settings | None = None,
    **more: Any,
) -> RunResult:
    """Put `prompts` (lines, mappings with text, variables and checks, or a file's Path) to every one of `models`.

    `more`: variants, repeats, system, temperature, max_tokens, step, budget, judge, seed, out (a folder for the report), since
    (the JSON of an earlier one), see CompareInputs. As a background
    job it leaves a fifth of the day's requests to people who wait; `purpose="interactive"` takes all. `output` is a
    CompareOutput; its `replies` are flat rows.

    Raises:
        BadInput: an input is not usable; of a file, every row must be.
        RunFailed, StorageError
    """
    inputs = prepared(_inputs(prompts, models, more), settings).model_dump(mode="json")
    return run_agent(AGENT, inputs, RunOptions({}, False, fresh, lang, purpose), settings)


def stream(
    prompts: Prompt | Sequence[Prompt] | Path,
    models: str | Sequence[str] = ("best:3",),
    *,
    purpose: Purpose = "background",
    fresh: bool = False,
    lang: Lang | None = None,
    settings: Settings | None = None,
    **more: Any,
) -> Iterator[Event]:
    """The events of the same run as they come; the last one is a Result or a Failed."""
    inputs = prepared(_inputs(prompts, models, more), settings).model_dump(mode="json")
    return stream_agent(AGENT, inputs, RunOptions({}, False, fresh, lang, purpose), settings)


def _inputs(prompts: Any, models: Any, more: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(prompts, Path):
        prompts, _ = from_file(prompts)
    return {"prompts": prompts, "models": models, **more}
