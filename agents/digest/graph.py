"""The digest's graph: gather what is announced, judge it in batches, read what is chosen, summarise, check, say why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from agents.context import RunContext
from agents.digest import gather as news
from agents.digest.checks import bounds, unsaid
from agents.digest.memo import Remembering, open_memo, what_was_asked
from agents.digest.order import TOPIC_LEAST, close_calls, merged, scored, shuffled, together
from agents.digest.state import JUDGED, DigestArticle, DigestOutput, DigestState, Dropped
from agents.digest.steps import JUDGE, JUDGE_AGAIN, SUMMARISE
from agents.digest.stories import as_article, as_named, as_story, muted, mutes_of, once, pasted_stories, sift
from agents.digest.topic import likenesses
from agents.events import Progress, Warned
from agents.step import Answer
from tools.news.archive import Archive
from tools.settings import Settings
from tools.words import Words

__all__ = ["build"]

_CLOSE = 20  # stories judged a second time: one batch
_NEAREST = 5
_SPARE = 5  # stories read beyond the limit, for those whose text turns out muted or a copy
_READ = ("text", "extractor", "agreement", "author", "published", "date_from", "permission", "trouble")
_TEXT_TOLD = 1_500  # characters of a story that a model summarises from


def gather(state: DigestState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Ask every source what it announces; keep what is young enough, each story once, nothing muted."""
    context, inputs = runtime.context, state["inputs"]
    context.check_stop()
    gathered = context.kept("gathered")
    if gathered:
        return gathered
    settings, now = Settings(), datetime.now(UTC)
    stories, lines = pasted_stories(inputs["paste"], _say(context, "pasted")), []
    if inputs["sources"] or not inputs["paste"]:
        sources = news.chosen_sources(context.home, inputs["sources"], settings)
        entries, lines = news.announced(
            context.home, sources, settings, now, _teller(context, "gather", "fetching"), context.cancelled
        )
        context.check_stop()
        stories += [as_story(source, entry) for source, entry in entries]
        for line in lines:
            if line["why"]:
                message = _say(context, "source_failed", name=line["name"], why=line["why"])
                context.emit(Warned(code="source_failed", message=message))
    kept, left = sift(stories, inputs["hours"], now)
    # What is muted is muted first: a story that is too old, too, must not show its words in a list.
    hidden_late, others = _hidden(context, [story for story, _ in left], inputs["mute"])
    open_ids = {id(story) for story in others}
    dropped = hidden_late + [
        _dropped(context, story, why, hours=inputs["hours"], of="")
        for story, why in left
        if id(story) in open_ids and story["title"]
    ]
    hidden, kept = _hidden(context, kept, inputs["mute"])
    kept, copies = once(kept)
    dropped += [*hidden, *(_dropped(context, story, "duplicate", of=of) for story, of in copies)]
    dropped += [_dropped(context, story, "limit", limit=JUDGED) for story in kept[JUDGED:]]
    lines = _without_muted_names(context, lines, inputs["mute"])
    gathered = {"stories": kept[:JUDGED], "dropped": dropped, "sources": lines, "now": now.isoformat()}
    if kept:  # where nothing came, an upgrade had better look again
        context.keep("gathered", gathered)
    return gathered


def judge(state: DigestState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Score every story in batches, and those near the cut a second time."""
    context, inputs = runtime.context, state["inputs"]
    context.check_stop()
    rubric, stories = inputs["rubric"], {story["id"]: story for story in state["stories"]}
    if not stories:
        return {"judged": []}
    asked = {"topic": inputs["topic"], "criteria": rubric["criteria"]}
    rows = _rows(stories.values(), inputs["topic"])
    meant = [(criterion["id"], criterion["description"]) for criterion in rubric["criteria"]]

    def ask(step: Any, some: Sequence[Mapping[str, Any]], turn: str) -> dict[str, dict[str, Any]]:
        keys = {
            row["id"]: what_was_asked(turn, context.lang, asked["topic"], meant, row["title"], row["teaser"])
            for row in some
        }
        around = Remembering(context, open_memo(context.home), keys, bool(context.version))
        answers = step.ask(shuffled(some, turn), asked, around)
        return {
            id_: scored(
                stories[id_], answer.value, "offline" if answer.by == "offline" else "model", rubric["criteria"]
            )
            for id_, answer in answers.items()
        }

    judged = ask(JUDGE, rows, "first")
    weights = _weights(inputs)

    mutes = mutes_of(inputs["mute"])
    for one in judged.values():
        if mutes.check(as_named(one["topic"]["why"])):
            one["topic"]["why"] = ""  # a model's own words may bring in what a person muted

    def order() -> list[dict[str, Any]]:
        found = [
            {**stories[id_], **one, "score": together(one, weights, bool(inputs["topic"]))}
            for id_, one in judged.items()
        ]
        return sorted(found, key=lambda story: (-story["score"], story["id"]))

    by_model = {id_ for id_, one in judged.items() if one["topic"]["by"] == "model"}
    on_topic = [story for story in order() if not inputs["topic"] or story["topic"]["score"] >= TOPIC_LEAST]
    close = [story["id"] for story in close_calls(on_topic, inputs["limit"], _CLOSE) if story["id"] in by_model]
    if close and not context.offline and _affordable(context, inputs["limit"]):
        for id_, second in ask(JUDGE_AGAIN, [row for row in rows if row["id"] in close], "second").items():
            if second["topic"]["by"] == "model":
                judged[id_] = merged(judged[id_], second)
    return {"judged": order()}


def read(state: DigestState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Read the text of the best stories; what turns out muted, a copy, or not to be had makes room for the next."""
    context, inputs = runtime.context, state["inputs"]
    context.check_stop()
    dropped, fitting = list(state["dropped"]), _on_topic(context, state["judged"], inputs["topic"])
    chosen = {story["id"] for story in fitting}
    for story in state["judged"]:
        if story["id"] not in chosen:
            score = round(story["topic"]["score"], 1)
            dropped.append(_dropped(context, story, "topic", score=score, said=story["topic"]["why"]))
    ready = _with_texts(context, [dict(story) for story in fitting[: inputs["limit"] + _SPARE]])
    hidden, ready = _hidden(context, ready, inputs["mute"])
    empty = [story for story in ready if not story["text"] and not story["teaser"] and story["trouble"]]
    dropped += [*hidden, *(_dropped(context, story, "fetch", said=story["trouble"]) for story in empty)]
    ready, copies = once([story for story in ready if story not in empty])
    dropped += [_dropped(context, story, "duplicate", of=of) for story, of in copies]
    open_archive(context.home).put(as_article(story) for story in ready if story["text"])
    rest = [*ready[inputs["limit"] :], *fitting[inputs["limit"] + _SPARE :]]
    dropped += [_dropped(context, story, "score", score=round(story["score"], 1)) for story in rest]
    return {"chosen": ready[: inputs["limit"]], "dropped": dropped}


def summarise(state: DigestState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Summarise what is shown, in batches, and put everything together."""
    context, inputs = runtime.context, state["inputs"]
    context.check_stop()
    low, high = bounds(inputs["length"])
    asked = {"low": low, "high": high, "points": inputs["points"]}
    rows = [
        {
            "id": s["id"],
            "title": _line(s["title"]),
            "source": _line(s["source"]),
            "text": (s["text"] or s["teaser"] or s["title"])[:_TEXT_TOLD].strip(),
        }
        for s in state["chosen"]
    ]
    keys = {row["id"]: what_was_asked("sum", context.lang, asked, row["title"], row["text"]) for row in rows}
    around = Remembering(context, open_memo(context.home), keys, bool(context.version))
    told = SUMMARISE.ask(rows, asked, around) if rows else {}
    shown = [(story, _article(story, told[story["id"]], inputs["points"])) for story in state["chosen"]]
    # A model may bring a muted word in: a foreign name translated, say.
    written = [{**story, "title": one.title, "text": _written(one)} for story, one in shown]
    hidden, left = _hidden(context, written, inputs["mute"])
    visible = {story["id"] for story in left}
    articles = [one for story, one in shown if story["id"] in visible]
    _mark_events(articles, state["chosen"])
    rubric = {
        **inputs["rubric"],
        "criteria": [
            {**criterion, "weight": _weights(inputs)[criterion["id"]]} for criterion in inputs["rubric"]["criteria"]
        ],
    }
    output = DigestOutput(
        articles=articles,
        dropped=[Dropped.model_validate(item) for item in [*state["dropped"], *hidden]],
        sources=state["sources"],
        rubric=rubric,
        topic=inputs["topic"],
        made=state["now"],
        limit=inputs["limit"],
    )
    if not articles:
        context.emit(Warned(code="nothing_left", message=_say(context, "nothing_left")))
    return {"output": output.model_dump(mode="json")}


def build(checkpointer: Any) -> Any:
    """The compiled graph."""
    graph = StateGraph(DigestState, context_schema=RunContext)
    graph.add_sequence([("gather", gather), ("judge", judge), ("read", read), ("summarise", summarise)])
    graph.add_edge(START, "gather")
    graph.add_edge("summarise", END)
    return graph.compile(checkpointer=checkpointer)


def _on_topic(context: RunContext, judged: list[dict[str, Any]], topic: str) -> list[dict[str, Any]]:
    """The stories on the topic. Without a model that is guessed by words: where none seems to fit, the nearest are shown, and
    said to be that."""
    fitting = [story for story in judged if not topic or story["topic"]["score"] >= TOPIC_LEAST]
    if fitting or not judged or any(story["topic"]["by"] == "model" for story in judged):
        return fitting
    near = sorted((story for story in judged if story["topic"]["score"] > 0), key=lambda one: -one["topic"]["score"])
    if near:
        context.emit(Warned(code="nearest_shown", message=_say(context, "nearest_shown")))
    return near[:_NEAREST]


def _with_texts(context: RunContext, stories: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The stories with what could be read of them; what an earlier attempt of this run read is not fetched again."""
    read = context.kept("read") or {}
    for story in stories:
        story |= read.get(story["id"], {})
    left = [story for story in stories if story["id"] not in read]
    problems = news.read_texts(context.home, left, Settings(), _teller(context, "read", "reading"), context.cancelled)
    context.check_stop()
    for story in left:
        story["trouble"] = problems.get(story["id"], "")
        read[story["id"]] = {name: story[name] for name in _READ}
    context.keep("read", read)
    return stories


def _without_muted_names(
    context: RunContext, lines: list[dict[str, Any]], rules: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The lines about sources; of one whose very name is muted only what came of it."""
    mutes = mutes_of(rules)
    hidden = {line["id"] for line in lines if mutes.check(as_named(line["name"]))}
    muted_name = _say(context, "muted_name")
    return [{**line, "name": muted_name, "url": "", "why": ""} if line["id"] in hidden else line for line in lines]


def _article(story: Mapping[str, Any], answer: Answer, wanted: Sequence[str]) -> DigestArticle:
    told, by = answer.value, "offline" if answer.by == "offline" else "model"
    points = {point["name"]: point["text"] for point in told["points"] if point["name"] in wanted}
    copied = ("id", "url", "source", "published", "date_from", "author", "topic", "reasons", "text", "teaser")
    return DigestArticle(
        **{name: story[name] for name in (*copied, "agreement", "extractor", "trouble")},
        title=(told["title"].strip() if by == "model" else "") or story["title"],
        score=round(story["score"], 2),
        brief=told["brief"],
        summary=told["summary"],
        points=points,
        missing=unsaid(points),
        summary_by=by,
        copies=story.get("copies", []),
    )


def _written(article: DigestArticle) -> str:
    topic = article.topic.why if article.topic else ""
    return "\n".join([article.brief, article.summary, *article.points.values(), topic, article.text])


def _mark_events(articles: Sequence[DigestArticle], stories: Sequence[Mapping[str, Any]]) -> None:
    """Stories about one event point at each other, as far as a model said so while it judged them."""
    shown = {article.id: article for article in articles}
    for story in stories:
        one, other = shown.get(story["id"]), shown.get(story.get("same_event", ""))
        if one and other and one is not other:
            one.same_event = sorted({*one.same_event, other.id})
            other.same_event = sorted({*other.same_event, one.id})


def _affordable(context: RunContext, limit: int) -> bool:
    """Whether a second look leaves enough of the promised requests for the summaries, which a reader wants more."""
    if context.ceiling is None:
        return True
    sent = context.gateway.ledger.requests_of(context.run)
    return sent + JUDGE_AGAIN.requests(_CLOSE) + SUMMARISE.requests(limit) <= context.ceiling


def _weights(inputs: Mapping[str, Any]) -> dict[str, float]:
    return {
        criterion["id"]: inputs["weights"].get(criterion["id"], criterion["weight"])
        for criterion in inputs["rubric"]["criteria"]
    }


def _rows(stories: Any, topic: str) -> list[dict[str, Any]]:
    """The rows that are judged; `likeness` to the topic is what an answer without a model goes by."""
    rows = [
        {"id": s["id"], "title": _line(s["title"]), "source": _line(s["source"]), "teaser": s["teaser"][:400]}
        for s in stories
    ]
    if topic:
        texts = [f"{row['title']}\n{row['teaser']}" for row in rows]
        rows = [{**row, "likeness": like} for row, like in zip(rows, likenesses(topic, texts), strict=True)]
    return rows


def _hidden(
    context: RunContext, stories: Sequence[dict[str, Any]], rules: Sequence[Mapping[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The stories that a muted word hides, as dropped ones with what was found; and the others."""
    kept, found = muted(stories, rules)
    hidden = []
    for story, why in found:
        words = "、".join(dict.fromkeys(hit.words for hit in why.hits))
        matched = [hit.context for hit in why.hits]
        hidden.append({**_dropped(context, story, "mute", words=words), "matched": matched, "rule": why.rule.pattern})
    return hidden, kept


def _dropped(context: RunContext, story: Mapping[str, Any], why: str, **params: Any) -> dict[str, Any]:
    copied = ("id", "title", "url", "source", "published", "teaser")
    detail = _say(context, f"why_{why}", **params)
    judged = {name: story.get(name) for name in ("score", "topic")} | {"reasons": story.get("reasons") or {}}
    return {**{name: story[name] for name in copied}, **judged, "why": why, "detail": detail}


@cache
def open_archive(home: Path) -> Archive:
    """The archive of `home`, one object a process."""
    return Archive(home)


def _teller(context: RunContext, step: str, key: str) -> news.Progress:
    def tell(done: int, of: int, name: str) -> None:
        context.emit(Progress(step=step, what=_say(context, key, name=name[:40]), done=done, of=of))

    return tell


def _line(text: str) -> str:
    """One line of at most 200 characters: nothing in a title may look like a row of its own."""
    return " ".join(text.split())[:200]


def _say(context: RunContext, key: str, **params: object) -> str:
    return Words.load(Path(__file__).with_name("messages.yaml")).say(key, context.lang, **params)
