"""The counselor's graph: take in what was said before, find passages, answer from them, check what the answer claims."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from agents.context import RunContext
from agents.counselor.asking import only_types, own_type, types_named
from agents.counselor.citations import FOLLOW_UPS, MEMORY, check_citations, taken_apart
from agents.counselor.conversation import earlier_turns
from agents.counselor.find import find_passages
from agents.counselor.gate import CrisisKind, reply, screen
from agents.counselor.memory import noticed, open_memory
from agents.counselor.offline import usual_follow_ups
from agents.counselor.state import CounselOutput, CounselSource, CounselState
from agents.counselor.steps import ANSWER
from agents.counselor.untyped import both_sides
from agents.counselor.voice import voice
from agents.events import Progress, Source, Warned
from agents.quoting import one_line, quoted, unquoted
from tools.words import Words

__all__ = ["build"]

# What a model is shown of the turns before: enough to go on from, little enough to leave room for the passages.
_TURNS_TOLD = 3
_ANSWER_TOLD = 400
# Under this score a passage has nothing to do with the question: 7 in 10 off-topic questions of tests/data stay under it,
# and 2 of the 282 blind ones about the notes. What is between this and `weak` is shown, and said to fit badly.
_NOTHING = 0.03
_TELL_S = 0.3  # between two lines about how far the indexing is


def listen(state: CounselState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Take in the turns before, the type that is meant, and the notes that may be used."""
    context, inputs = runtime.context, state["inputs"]
    context.check_stop()
    turns = earlier_turns(inputs["after"], context.find_run)
    if inputs["after"] and not turns:
        # A run that is there but no turn was not deleted: somebody named another agent's.
        why = "earlier_other" if context.find_run(inputs["after"]) else "earlier_missing"
        context.emit(Warned(code=why, message=_say(context, why, id=inputs["after"])))
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
    _open_notes(context)
    context.emit(Progress(step="find", what=_say(context, "finding")))
    question, mbti = inputs["question"], state["mbti"]
    before = _subject(state["turns"], question)
    # Nobody's own type, but a type that is asked about: its notes are meant.
    found = find_passages(
        context.home, question, mbti or next(iter(types_named(question)), ""), before, inputs["collections"]
    )
    passages = [passage for passage in found.passages if passage["score"] >= _NOTHING]
    if found.missing:
        context.emit(Warned(code="collection_missing", message=_say(context, "collection_missing")))
    match = "none" if not passages else "weak" if all(passage["weak"] for passage in passages) else "good"
    if not mbti and not types_named(question):
        # Of a weak match the closest two will do: more would be more of arbitrary types.
        passages = both_sides(context.home, found.about, passages) if match == "good" else passages[:2]
    if before and only_types(question):
        # "那跟 ESTJ 呢？": what is wanted is that type's part, beside one's own.
        passages = sorted(passages, key=lambda passage: passage["type"] in ("", mbti))
    passages = [{**passage, "n": n} for n, passage in enumerate(passages, start=1)]
    for passage in passages:
        meta = {name: passage[name] for name in ("id", "type", "topic", "heading", "title")}
        title = " ".join(filter(None, (passage["title"], passage["type"], passage["heading"])))
        context.emit(Source(n=passage["n"], title=title, text=passage["text"], score=passage["score"], meta=meta))
    if match != "good":
        context.emit(Warned(code=f"match_{match}", message=_say(context, f"match_{match}")))
    follows = bool(before) and match == "good"
    return {"passages": passages, "match": match, "about": found.about, "follows": follows}


def answer(state: CounselState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Answer from the passages."""
    context, inputs = runtime.context, state["inputs"]
    context.check_stop()
    told = state["turns"][-_TURNS_TOLD:]
    asked = {
        "question": inputs["question"],
        "mbti": state["mbti"],
        "tone": inputs["tone"],
        "passages": [_as_quoted(passage) for passage in state["passages"]],
        "turns": [{"question": quoted(turn["question"]), "answer": quoted(_short(turn["answer"]))} for turn in told],
        "quoted_question": quoted(inputs["question"]),
        "follows": state["follows"],
        "named": types_named(inputs["question"]),
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
    parts = taken_apart(unquoted(state["raw"]) if state["by"] == "model" else state["raw"])
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
    if state["by"] == "model" and state["match"] != "good":
        # Said here and not left to a model; an answer without one says it by itself.
        text = f"{_say(context, 'closest' if passages else 'general')}\n\n{text}"
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


def _subject(turns: list[dict[str, Any]], question: str) -> str:
    """What the question, if it points back, points back to: the turn before; where it only names a type, the last turn that
    the notes had something to say about."""
    if only_types(question):
        turns = [turn for turn in turns if turn["match"] != "none"]
    return turns[-1]["about"] if turns else ""


def _as_quoted(passage: dict[str, Any]) -> dict[str, Any]:
    """A passage with what a prompt shows of it: its text quoted, its names on one line."""
    label = "・".join(
        filter(None, (passage["type"] or "共通", one_line(passage["heading"]), one_line(passage["title"])))
    )
    return {**passage, "label": label, "quoted": quoted(passage["text"])}


def _open_notes(context: RunContext) -> None:
    """Open the notes; where they must be indexed first, which takes seconds, say how far that is."""
    from tools.retrieval import shared_knowledge

    told = 0.0

    def indexed(done: int, of: int) -> None:
        nonlocal told
        context.check_stop()
        if done == of or time.monotonic() - told > _TELL_S:
            told = time.monotonic()
            what = _say(context, "indexing", done=done, of=of)
            context.emit(Progress(step="index", what=what, done=done, of=of))

    context.emit(Progress(step="index", what=_say(context, "opening")))
    shared_knowledge(context.home, indexed)


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
