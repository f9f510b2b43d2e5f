"""The post agent's graph: plan, then write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from agents.context import RunContext
from agents.events import Warned
from agents.post.state import PostState
from agents.post.steps import PLAN, WRITE
from tools.words import Words

__all__ = ["build"]


def plan(state: PostState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Ask the planner what the post should say, how, and at what length."""
    context = runtime.context
    context.check_stop()
    replanned = context.recall(PLAN.name, "") is None
    answer = PLAN.ask({"topic": state["inputs"]["topic"], "lang": context.lang}, context)
    return {"plan": answer.value, "replanned": replanned}


def write(state: PostState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Ask the writer for the post that the plan describes."""
    context = runtime.context
    context.check_stop()
    if state["replanned"] and context.recall(WRITE.name, "") is not None:
        # An upgrade asks only what no model answered: the post stays, though its plan is a new one now.
        words = Words.load(Path(__file__).with_name("messages.yaml"))
        context.emit(Warned(code="kept_draft", message=words.say("kept_draft", context.lang)))
    inputs = {"topic": state["inputs"]["topic"], "lang": context.lang, **state["plan"]}
    return {"post": WRITE.ask(inputs, context).value}


def build(checkpointer: Any) -> Any:
    """The compiled graph."""
    graph = StateGraph(PostState, context_schema=RunContext)
    graph.add_node("plan", plan)
    graph.add_node("write", write)
    graph.add_edge(START, "plan")
    graph.add_edge("plan", "write")
    graph.add_edge("write", END)
    return graph.compile(checkpointer=checkpointer)
