"""The counselor's graph: find passages, answer from them, check what the answer claims."""

from __future__ import annotations

from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from agents.context import RunContext
from agents.counselor.citations import FOLLOW_UPS, check_citations, split_follow_ups
from agents.counselor.gate import CrisisKind, reply, screen
from agents.counselor.offline import usual_follow_ups
from agents.counselor.state import CounselOutput, CounselSource, CounselState
from agents.counselor.steps import ANSWER
from agents.counselor.voice import voice
from agents.events import Progress, Source, Warned
from tools.words import Words

__all__ = ["build"]

_PASSAGES = 4


def find(state: CounselState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Find the passages of the reported type that speak about the question."""
    from tools.retrieval import shared_knowledge

    context, inputs = runtime.context, state["inputs"]
    context.check_stop()
    context.emit(Progress(step="find", what=_say(context, "finding")))
    hits = shared_knowledge(context.home).search(inputs["question"], k=_PASSAGES, type=inputs["mbti"])
    passages = [
        {
            "n": n,
            "type": hit.chunk.meta.get("type", ""),
            "topic": hit.chunk.meta.get("topic", ""),
            "heading": hit.chunk.meta.get("heading", ""),
            "text": hit.chunk.text,
            "score": round(hit.score, 3),
            "weak": hit.weak,
        }
        for n, hit in enumerate(hits, start=1)
    ]
    for passage in passages:
        meta = {name: passage[name] for name in ("type", "topic", "heading")}
        title = f"{passage['type']} {passage['heading']}".strip()
        context.emit(Source(n=passage["n"], title=title, text=passage["text"], score=passage["score"], meta=meta))
    match = "none" if not hits else "weak" if hits[0].weak else "good"
    if match != "good":
        context.emit(Warned(code=f"match_{match}", message=_say(context, f"match_{match}")))
    if context.lang == "zh" and _mostly_latin(inputs["question"]):
        context.emit(Warned(code="english_question", message=_say(context, "english_question")))
    gentle = reply(CrisisKind.CHECK, context.lang) if screen(inputs["question"]).kind == CrisisKind.CHECK else ""
    return {"passages": passages, "match": match, "gentle": gentle}


def answer(state: CounselState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Answer from the passages."""
    context, inputs = runtime.context, state["inputs"]
    context.check_stop()
    asked = {
        **inputs,
        "passages": state["passages"],
        "match": state["match"],
        "lang": context.lang,
        "instruction": voice().tone(inputs["tone"]).instruction,
        "marker": FOLLOW_UPS,
    }
    given = ANSWER.ask(asked, context)
    return {"raw": given.value, "by": given.by}


def check(state: CounselState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Hold the answer against the passages: drop invented ids, say which sentences do not hold, renumber."""
    context = runtime.context
    body, follow_ups = split_follow_ups(state["raw"])
    passages = {passage["n"]: passage for passage in state["passages"]}
    texts = {n: passage["text"] for n, passage in passages.items()}
    done = check_citations(body, texts, compare=context.lang == "zh")
    text, notes = done.text, voice().notes[context.lang]
    if done.dropped:
        context.emit(Warned(code="citations_dropped", message=_say(context, "citations_dropped", count=done.dropped)))
    if passages and not done.order:
        text += f"\n\n{notes.uncited}"
        context.emit(Warned(code="uncited", message=_say(context, "uncited")))
    elif done.unsupported:
        text += f"\n\n{notes.unsupported.format(count=len(done.unsupported))}"
        context.emit(Warned(code="unsupported", message=_say(context, "unsupported", count=len(done.unsupported))))
    shown = done.order or {n: n for n in passages}
    output = CounselOutput(
        answer=f"{state['gentle']}\n\n{text}" if state["gentle"] else text,
        sources=[_source(n, passages[old]) for n, old in shown.items()],
        follow_ups=follow_ups or usual_follow_ups(state["passages"], context.lang),
        match=state["match"],
        unsupported=list(done.unsupported),
        dropped=done.dropped,
    )
    return {"output": output.model_dump(mode="json")}


def build(checkpointer: Any) -> Any:
    """The compiled graph."""
    graph = StateGraph(CounselState, context_schema=RunContext)
    graph.add_node("find", find)
    graph.add_node("answer", answer)
    graph.add_node("check", check)
    graph.add_edge(START, "find")
    graph.add_edge("find", "answer")
    graph.add_edge("answer", "check")
    graph.add_edge("check", END)
    return graph.compile(checkpointer=checkpointer)


def _source(n: int, passage: dict[str, Any]) -> CounselSource:
    return CounselSource(
        n=n, type=passage["type"], topic=passage["heading"], text=passage["text"], score=passage["score"]
    )


def _mostly_latin(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return bool(letters) and sum(c.isascii() for c in letters) > 0.8 * len(letters)


def _say(context: RunContext, key: str, **params: object) -> str:
    from pathlib import Path

    return Words.load(Path(__file__).with_name("messages.yaml")).say(key, context.lang, **params)
