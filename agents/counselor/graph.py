"""The counselor's graph: take in what was said before, find passages, answer from them, check what the answer claims."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from agents.context import RunContext
from agents.counselor.asking import own_type
from agents.counselor.citations import FOLLOW_UPS, MEMORY, check_citations, taken_apart
from agents.counselor.conversation import earlier_turns
from agents.counselor.find import find_passages
from agents.counselor.gate import CrisisKind, reply, screen
from agents.counselor.memory import noticed, open_memory
from agents.counselor.offline import usual_follow_ups
from agents.counselor.state import CounselOutput, CounselSource, CounselState
from agents.counselor.steps import ANSWER
from agents.counselor.voice import voice
from agents.events import Progress, Source, Warned
from tools.words import Words

__all__ = ["build"]

# What a model is shown of the turns before: enough to go on from, little enough to leave room for the passages.
_TURNS_TOLD = 3
_ANSWER_TOLD = 400


def listen(state: CounselState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Take in the turns before, the type that is meant, and the notes that may be used."""
    context, inputs = runtime.context, state["inputs"]
    context.check_stop()
    turns = earlier_turns(inputs["after"], context.find_run)
    if inputs["after"] and not turns:
        context.emit(Warned(code="earlier_missing", message=_say(context, "earlier_missing")))
    heard = own_type(inputs["question"])
    known = next((turn["mbti"] for turn in reversed(turns) if turn["mbti"]), "")
    mbti = heard or inputs["mbti"] or known
    if heard and heard != inputs["mbti"]:
        context.emit(Warned(code="type_heard", message=_say(context, "type_heard", mbti=heard)))
    if context.lang == "zh" and _mostly_latin(inputs["question"]):
        context.emit(Warned(code="english_question", message=_say(context, "english_question")))
    gentle = reply(CrisisKind.CHECK, context.lang) if screen(inputs["question"]).kind == CrisisKind.CHECK else ""
    notes = [note.text for note in open_memory(context.home).all()] if inputs["remember"] else []
    return {"turns": turns, "mbti": mbti, "notes": notes, "gentle": gentle}


def find(state: CounselState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Find the passages that speak about the question."""
    context, inputs = runtime.context, state["inputs"]
    context.check_stop()
    context.emit(Progress(step="find", what=_say(context, "finding")))
    before = state["turns"][-1]["about"] if state["turns"] else ""
    found = find_passages(context.home, inputs["question"], state["mbti"], before, inputs["collections"])
    passages = found.passages
    if found.missing:
        context.emit(Warned(code="collection_missing", message=_say(context, "collection_missing")))
    for passage in passages:
        meta = {name: passage[name] for name in ("id", "type", "topic", "heading", "title")}
        title = " ".join(filter(None, (passage["title"], passage["type"], passage["heading"])))
        context.emit(Source(n=passage["n"], title=title, text=passage["text"], score=passage["score"], meta=meta))
    match = "none" if not passages else "weak" if all(passage["weak"] for passage in passages) else "good"
    if match != "good":
        context.emit(Warned(code=f"match_{match}", message=_say(context, f"match_{match}")))
    return {"passages": passages, "match": match, "about": found.about}


def answer(state: CounselState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Answer from the passages."""
    context, inputs = runtime.context, state["inputs"]
    context.check_stop()
    told = state["turns"][-_TURNS_TOLD:]
    asked = {
        "question": inputs["question"],
        "mbti": state["mbti"],
        "tone": inputs["tone"],
        "passages": state["passages"],
        "turns": [{"question": turn["question"], "answer": _short(turn["answer"])} for turn in told],
        "said": "\n".join(_unmarked(turn["answer"]) for turn in state["turns"]),
        "notes": state["notes"],
        "remember": inputs["remember"],
        "match": state["match"],
        "lang": context.lang,
        "instruction": voice().tone(inputs["tone"]).instruction,
        "marker": FOLLOW_UPS,
        "memory_marker": MEMORY,
    }
    given = ANSWER.ask(asked, context)
    return {"raw": given.value, "by": given.by}


def check(state: CounselState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Hold the answer against the passages: drop invented ids, mark sentences that do not hold, renumber; keep notes."""
    context, inputs = runtime.context, state["inputs"]
    parts = taken_apart(state["raw"])
    passages = {passage["n"]: passage for passage in state["passages"]}
    texts = {n: passage["text"] for n, passage in passages.items()}
    notes = voice().notes[context.lang]
    done = check_citations(parts.body, texts, _supported, mark=notes.mark)
    text = done.text
    if done.dropped:
        context.emit(Warned(code="citations_dropped", message=_say(context, "citations_dropped", count=done.dropped)))
    if passages and not done.order:
        text += f"\n\n{notes.uncited}"
        context.emit(Warned(code="uncited", message=_say(context, "uncited")))
    elif done.unsupported:
        text += f"\n\n{notes.unsupported.format(count=len(done.unsupported))}"
        context.emit(Warned(code="unsupported", message=_say(context, "unsupported", count=len(done.unsupported))))
    shown = done.order or {n: n for n in passages}
    noted: list[str] = []
    if inputs["remember"]:
        found = parts.notes if state["by"] == "model" else noticed(inputs["question"])
        noted = open_memory(context.home).keep(found, context.run)
    output = CounselOutput(
        answer=f"{state['gentle']}\n\n{text}" if state["gentle"] else text,
        sources=[_source(n, passages[old]) for n, old in shown.items()],
        follow_ups=parts.follow_ups or usual_follow_ups(state["passages"], context.lang),
        match=state["match"],
        unsupported=list(done.unsupported),
        dropped=done.dropped,
        mbti=state["mbti"],
        about=state["about"],
        noted=noted,
    )
    return {"output": output.model_dump(mode="json")}


def build(checkpointer: Any) -> Any:
    """The compiled graph."""
    graph = StateGraph(CounselState, context_schema=RunContext)
    graph.add_sequence([("listen", listen), ("find", find), ("answer", answer), ("check", check)])
    graph.add_edge(START, "listen")
    graph.add_edge("check", END)
    return graph.compile(checkpointer=checkpointer)


def _source(n: int, passage: dict[str, Any]) -> CounselSource:
    return CounselSource(
        n=n,
        type=passage["type"],
        topic=passage["heading"],
        text=passage["text"],
        score=passage["score"],
        id=passage["id"],
        title=passage["title"],
    )


def _supported(claim: str, texts: Sequence[str]) -> bool:
    from tools.retrieval import SUPPORTED, support

    return max((support(claim, text) for text in texts), default=1.0) >= SUPPORTED


def _unmarked(text: str) -> str:
    """An earlier answer without its marks: their numbers mean nothing beside the new ones."""
    return re.sub(r"\[\d{1,3}\]", "", text)


def _short(text: str) -> str:
    text = _unmarked(text)
    return text if len(text) <= _ANSWER_TOLD else text[:_ANSWER_TOLD] + "…"


def _mostly_latin(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return bool(letters) and sum(c.isascii() for c in letters) > 0.8 * len(letters)


def _say(context: RunContext, key: str, **params: object) -> str:
    return Words.load(Path(__file__).with_name("messages.yaml")).say(key, context.lang, **params)
