"""The comparison's graph: settle what is compared, ask side by side, let a judge compare, put it in order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from agents.compare.columns import columns_of, settled, unknown
from agents.compare.files import readable, writable, written
from agents.compare.judge import judge as judged
from agents.compare.outcome import comparison, gathered, prompts_told, ranked, settings_of, title_of
from agents.compare.plan import plan
from agents.compare.say import words
from agents.compare.state import Column, CompareInputs, CompareOutput, CompareState, rounds
from agents.compare.targets import targets_of
from agents.compare.trials import TrialStep
from agents.context import RunContext
from agents.events import Progress, Warned
from tools.compare import Vote

__all__ = ["build"]


def settle(state: CompareState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Name every column and tell what it will take. A run that is taken up again compares what it began with."""
    context = runtime.context
    context.check_stop()
    kept = context.kept("settled")
    if kept:
        return kept
    inputs = settled(CompareInputs(**state["inputs"]), context.gateway)
    if inputs.out:
        writable(Path(inputs.out))  # told before a request is spent
    listing = context.gateway.catalogue.listing()
    columns = columns_of(inputs)
    if inputs.since:
        readable(Path(inputs.since))
    for name in unknown(columns, listing):
        message = words().say("unknown_model", context.lang, model=name)
        context.emit(Warned(code="unknown_model", message=message))
    told = plan(inputs, context.gateway, purpose=context.purpose, lang=context.lang, fresh=bool(context.version))
    context.emit(Progress(step="plan", what=told.line(context.lang)))
    settled_state = {
        "inputs": inputs.model_dump(mode="json"),
        "columns": [column.model_dump(mode="json") for column in columns],
        "plan": told.model_dump(mode="json"),
        "catalogue": {"state": listing.state, "date": listing.date, "models": _known(columns, context)},
        "made": datetime.now().astimezone().isoformat(timespec="seconds"),
    }
    context.keep("settled", settled_state)
    return settled_state


def ask(state: CompareState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Put every prompt to every column."""
    context, inputs, columns = runtime.context, CompareInputs(**state["inputs"]), _columns(state)
    context.check_stop()
    aside = TrialStep(inputs, targets_of(inputs)).ask(rounds(inputs), columns, context)
    return {"aside": [row.model_dump(mode="json") for row in aside.rows]}


def judge(state: CompareState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Let a model compare the replies in pairs, where one was named."""
    context, inputs = runtime.context, CompareInputs(**state["inputs"])
    context.check_stop()
    if not inputs.judge:
        return {"votes": []}
    first = [one for one in rounds(inputs) if one.repeat == 1]
    replies = gathered(first, _columns(state), state["aside"], context)
    votes = judged(inputs, {(row.prompt_id, row.model): row for row in replies}, context)
    return {"votes": [vote.model_dump(mode="json") for vote in votes]}


def order(state: CompareState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Gather every reply and put the columns in order."""
    context, inputs, columns = runtime.context, CompareInputs(**state["inputs"]), _columns(state)
    replies = gathered(rounds(inputs), columns, state["aside"], context)
    names = [column.name for column in columns]
    votes = [Vote.model_validate(one) for one in state["votes"]]
    output = CompareOutput(
        replies=[row.model_dump(mode="json") for row in replies],
        ranking=ranked(replies, names, votes, inputs.seed),
        models=names,
        prompts=prompts_told(inputs),
        votes=list(state["votes"]),
        settings=settings_of(inputs, context.lang),
        plan=state["plan"],
        catalogue=state["catalogue"],
        made=state["made"],
    )
    if inputs.out:
        made = comparison(context.run, title_of(inputs), output)
        output.report = written(made, Path(inputs.out), inputs.since, context)
    return {"output": output.model_dump(mode="json")}


def build(checkpointer: Any) -> Any:
    """The compiled graph."""
    graph = StateGraph(CompareState, context_schema=RunContext)
    nodes = (("settle", settle), ("ask", ask), ("judge", judge), ("order", order))
    for name, node in nodes:
        graph.add_node(name, node)
    for one, other in zip((START, *(name for name, _ in nodes)), (*(name for name, _ in nodes), END), strict=True):
        graph.add_edge(one, other)
    return graph.compile(checkpointer=checkpointer)


def _columns(state: Mapping[str, Any]) -> list[Column]:
    return [Column.model_validate(one) for one in state["columns"]]


def _known(columns: list[Column], context: RunContext) -> dict[str, Any]:
    """What was known of each model when the run began."""
    health, listing = context.gateway.health.all(), context.gateway.catalogue.listing()
    told: dict[str, Any] = {}
    for name in dict.fromkeys(model for one in columns for model in (one.model, *one.models.values()) if model):
        model, record = listing.find(name), health.get(name)
        told[name] = {
            "context": model.context if model else None,
            "expires": model.expires if model else "",
            "answered": f"{record.wins}/{record.wins + record.losses}" if record else "",
            "traits": record.traits.phrase(context.lang) if record else "",
        }
    return told
