"""A comparison as one HTML file that needs nothing else, loads nothing and runs nothing. What models wrote is shown as text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from tools.compare.model import CheckResult, Comparison, PromptItem, Reply
from tools.compare.reasons import why
from tools.compare.report.changes import changes
from tools.compare.report.overview import overview
from tools.compare.report.say import Sayer, day
from tools.words import Lang

__all__ = ["as_html"]

_OPEN = 3  # prompts whose replies are unfolded
_MOST_CATALOGUE = 60_000  # characters of the catalogue that the page shows; the JSON has all


def as_html(comparison: Comparison, lang: Lang = "zh", earlier: Comparison | None = None) -> str:
    """The page. With `earlier` it says what changed since then."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    pages = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined)
    say = Sayer(lang)
    title = comparison.title or say("title")
    return pages.get_template("report.html").render(
        lang="zh-Hant-TW" if lang == "zh" else "en",
        say=say,
        title=title,
        when=say("made", when=day(comparison.made)) if comparison.made else "",
        over=overview(comparison, say),
        prompts=[_prompt(prompt, replies, at, say) for at, (prompt, replies) in enumerate(_by_prompt(comparison))],
        changes=_changes(earlier, comparison, say) if earlier else None,
        earlier=day(earlier.made) if earlier else "",
        recipe=_recipe(comparison, say),
    )


def _by_prompt(comparison: Comparison) -> list[tuple[PromptItem, list[Reply]]]:
    """Prompts in their order with their replies, those of a model together in the models' order."""
    known = {prompt.id: prompt for prompt in comparison.prompts}
    found: dict[str, tuple[PromptItem, list[Reply]]] = {}
    for id, (text, system) in comparison.texts().items():
        prompt = known.get(id) or PromptItem(id=id, text=text, system=system)
        found[id] = (prompt.model_copy(update={"text": text}), [])
    for reply in comparison.replies:
        found[reply.prompt_id][1].append(reply)
    place = {model: at for at, model in enumerate(comparison.models)}
    for _, replies in found.values():
        replies.sort(key=lambda reply: (place.get(reply.model, len(place)), reply.repeat))
    return list(found.values())


def _prompt(prompt: PromptItem, replies: Sequence[Reply], at: int, say: Sayer) -> dict[str, Any]:
    repeated = any(reply.repeat > 1 for reply in replies)
    return {
        "id": prompt.id,
        "text": prompt.text,
        "system": prompt.system,
        "variables": prompt.variables,
        "checks": [say.check(check.label) for check in prompt.checks],
        "open": at < _OPEN,
        "models": [
            {"name": say.model(model), "replies": [_reply(reply, repeated, say) for reply in group]}
            for model, group in ((model, list(group)) for model, group in groupby(replies, key=lambda row: row.model))
        ],
    }


def _reply(reply: Reply, repeated: bool, say: Sayer) -> dict[str, Any]:
    facts = [
        say("repeat_n", n=reply.repeat) if repeated else "",
        say("fact_thought", time=say.seconds(reply.thought_s)) if reply.thought_s is not None else "",
        say("fact_ttft", time=say.seconds(reply.ttft_s)) if reply.ttft_s is not None else "",
        say("fact_speed", n=f"{reply.tokens_s:.0f}") if reply.tokens_s is not None else "",
        say("fact_seconds", time=say.seconds(reply.seconds)) if reply.seconds is not None else "",
        say("fact_tokens", n=reply.tokens) if reply.tokens is not None else "",
        say("fact_length", n=reply.length) if reply.length is not None and reply.text else "",
        reply.language,
        say("fact_finish", name=reply.finish) if reply.finish not in ("", "stop") else "",
        say("fact_served", name=_server(reply)) if _server(reply) else "",
    ]
    warnings = [
        say("chip_cut") if reply.cut else "",
        say("chip_leak", simplified=reply.simplified_chars or 0, terms=reply.terms or 0) if reply.leak else "",
    ]
    error = ""
    if not reply.answered:
        error = say("error_kind", kind=why(reply.error, say.lang)) if reply.error else say("error_empty")
    return {
        "facts": [fact for fact in facts if fact],
        "warnings": [warning for warning in warnings if warning],
        "stored": say("chip_stored") if reply.stored else "",
        "checks": [_result(result, say) for result in reply.checks],
        "error": error,
        "error_text": reply.error_text,
        "text": reply.text,
    }


def _server(reply: Reply) -> str:
    """Who answered, where that is more than the model that was asked."""
    named = reply.served_by if reply.served_by not in ("", reply.model) else ""
    return " · ".join(part for part in (named, reply.provider) if part)


def _result(result: CheckResult, say: Sayer) -> dict[str, Any]:
    return {
        "name": say.check(result.name),
        "why": result.why.get(say.lang, ""),
        "state": {True: "ok", False: "bad", None: "open"}[result.ok],
        "sign": {True: "✓", False: "✗", None: "?"}[result.ok],
    }


def _changes(old: Comparison, new: Comparison, say: Sayer) -> list[dict[str, str]]:
    return [
        {"model": say.model(change.model) if change.model else say("change_whole"), "said": change.said[say.lang]}
        for change in changes(old, new)
    ]


def _recipe(comparison: Comparison, say: Sayer) -> dict[str, Any]:
    catalogue = json.dumps(comparison.catalogue, ensure_ascii=False, indent=1) if comparison.catalogue else ""
    if len(catalogue) > _MOST_CATALOGUE:
        catalogue = catalogue[:_MOST_CATALOGUE] + "\n…"
    return {
        "facts": [
            (name, value)
            for name, value in (
                (say("recipe_run"), comparison.run),
                (say("recipe_made"), comparison.made),
                (say("recipe_seed"), str(comparison.seed)),
            )
            if value
        ],
        "settings": [(name, _shown(value)) for name, value in comparison.settings.items()],
        "plan": [(name, _shown(value)) for name, value in comparison.plan.items()],
        "catalogue": catalogue,
        "notes": comparison.notes,
    }


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
