"""What changed from an earlier comparison to a later one. Only what is more than chance is called a change."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tools.compare.intervals import Spread
from tools.compare.model import Comparison, Interval, Reply, Said
from tools.compare.strength import rank
from tools.compare.summary import ModelSummary, summarise
from tools.words import Words

__all__ = ["Change", "changes"]

_WORDS = Path(__file__).with_name("messages.yaml")
_FASTER = 0.2  # a median that moved by less than a fifth is none to speak of


@dataclass(frozen=True)
class Change:
    """One thing that is not as it was. `model` is "" for the comparison as a whole; `kind` one of prompts, settings, joined, left,
    back, down, served, ttft, passed, leak, rank."""

    kind: str
    said: Said
    model: str = ""


def changes(old: Comparison, new: Comparison) -> list[Change]:
    """What changed, the comparison itself first, then model by model in the new one's order.

    Models are compared on the prompts that both have, word for word. A time has changed when its middle halves lie apart and the
    median by a fifth; a share when neither's interval holds the other's value; a rank when both carry one.
    """
    found = _whole(old, new)
    common = set(old.texts().values()) & set(new.texts().values())
    before, after = (
        {summary.model: summary for summary in summarise(_on(each, common), each.models, seed=each.seed)}
        for each in (old, new)
    )
    ranks = [rank([vote for vote in each.votes if vote.by == "person"], seed=each.seed) for each in (old, new)]
    for model in [*after, *(name for name in before if name not in after)]:
        if model not in before:
            found.append(_change("joined", model))
        elif model not in after:
            found.append(_change("left", model))
        else:
            found += _of_model(before[model], after[model])
            rows = [ranking.of(model) for ranking in ranks]
            was, now = (row.rank if row else None for row in rows)
            if was and now and was != now:
                found.append(_change("rank", model, before=was, after=now))
    return found


def _whole(old: Comparison, new: Comparison) -> list[Change]:
    texts = [set(each.texts().values()) for each in (old, new)]
    found = []
    added, removed = len(texts[1] - texts[0]), len(texts[0] - texts[1])
    if added or removed:
        found.append(_change("prompts", added=added, removed=removed, same=len(texts[0] & texts[1])))
    for name in sorted(old.settings.keys() | new.settings.keys()):
        was, now = old.settings.get(name), new.settings.get(name)
        if was != now:
            found.append(_change("settings", name=name, before=_short(was), after=_short(now)))
    return found


def _on(comparison: Comparison, common: set[tuple[str, str]]) -> list[Reply]:
    ids = {id for id, asked in comparison.texts().items() if asked in common}
    return [reply for reply in comparison.replies if reply.prompt_id in ids]


def _of_model(before: ModelSummary, after: ModelSummary) -> list[Change]:
    model, found = after.model, []
    if not before.asked or not after.asked:
        return []
    if bool(before.answered) != bool(after.answered):
        kind = "back" if after.answered else "down"
        return [_change(kind, model, why="、".join(after.errors) or "—")]
    names = [sorted(served) for served in (before.served, after.served)]
    if names[0] and names[1] and names[0] != names[1]:
        found.append(_change("served", model, before="、".join(names[0]), after="、".join(names[1])))
    if before.ttft and after.ttft and _apart(before.ttft, after.ttft):
        numbers = {"before": f"{before.ttft.median:.1f}", "after": f"{after.ttft.median:.1f}"}
        found.append(_change("ttft", model, **numbers))
    for kind, was, now in (("passed", before.passed, after.passed), ("leak", before.leak, after.leak)):
        if was and now and _surely(was, now):
            found.append(_change(kind, model, before=f"{was.value:.0%}", after=f"{now.value:.0%}"))
    return found


def _apart(was: Spread, now: Spread) -> bool:
    far = abs(now.median - was.median) >= _FASTER * max(was.median, 1e-9)
    return far and (now.low > was.high or now.high < was.low)


def _surely(was: Interval, now: Interval) -> bool:
    return not (was.low <= now.value <= was.high or now.low <= was.value <= now.high)


def _change(kind: str, model: str = "", **params: object) -> Change:
    words = Words.load(_WORDS)
    return Change(
        kind,
        {"zh": words.say(f"change_{kind}", "zh", **params), "en": words.say(f"change_{kind}", "en", **params)},
        model,
    )


def _short(value: object) -> str:
    text = "—" if value is None or value == "" else str(value)
    return text if len(text) <= 60 else text[:59] + "…"
