"""What the top of the report shows: who leads and whether that is more than chance, the table of models, the charts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from markupsafe import Markup

from tools.compare.intervals import Spread
from tools.compare.model import OFFLINE, Comparison, Interval, Ranking, Reply, Standing
from tools.compare.reasons import why
from tools.compare.report.charts import Row, bars, linear, logarithmic, strengths, strips
from tools.compare.report.say import Sayer
from tools.compare.strength import VOTES_PER_PAIR, rank
from tools.compare.summary import ModelSummary, in_order, summarise

__all__ = ["overview"]

_MOST_CHECKS = 30


def overview(comparison: Comparison, say: Sayer) -> dict[str, Any]:
    """Plain data and charts for the page's template."""
    people = [vote for vote in comparison.votes if vote.by == "person"]
    judged = [vote for vote in comparison.votes if vote.by == "judge"]
    ranking = rank(people, seed=comparison.seed)
    summaries = in_order(summarise(comparison.replies, comparison.models, seed=comparison.seed), ranking)
    answered = sum(summary.answered for summary in summaries)
    return {
        "about": say(
            "about",
            prompts=len(comparison.texts()),
            models=len(summaries),
            repeats=max((reply.repeat for reply in comparison.replies), default=1),
            asked=sum(summary.asked for summary in summaries),
            answered=answered,
        ),
        "answered": answered,
        "highlights": _highlights(summaries, ranking, say),
        "table": [_line(summary, ranking, say) for summary in summaries],
        "speed": _speed(summaries, comparison.replies, say),
        "passed": _shares(summaries, "passed", "good", say),
        "checks": _checks(comparison, summaries, say),
        "votes": _votes(ranking, say) if ranking.rows else None,
        "judge": _votes(rank(judged, seed=comparison.seed), say) if judged else None,
        "leak": _shares(summaries, "leak", "bad", say),
        "script": [_script(summary, say) for summary in summaries if summary.leak],
        "errors": _errors(comparison.replies, say),
        "served": [
            (say.model(summary.model), [f"{name} ×{n}" for name, n in summary.served.items()])
            for summary in summaries
            if summary.served
        ],
    }


def _highlights(summaries: Sequence[ModelSummary], ranking: Ranking, say: Sayer) -> list[dict[str, str]]:
    """The best in each respect, and whether it is more than chance: intervals (for times the middle halves) that lie apart."""
    models = [summary for summary in summaries if summary.model != OFFLINE]
    found = []
    kinds: list[tuple[str, list[tuple[str, Spread | Interval | None]], bool, Callable[[float], str]]] = [
        ("ttft", [(s.model, s.ttft) for s in models], False, say.seconds),
        ("passed", [(s.model, s.passed) for s in models], True, lambda n: f"{n:.0%}"),
        ("leak", [(s.model, s.leak) for s in models], False, lambda n: f"{n:.0%}"),
        ("strength", [(row.model, row.strength) for row in _one_group(ranking)], True, _signed),
    ]
    for kind, given, most, written in kinds:
        there = [(model, each) for model, each in given if each is not None]
        if len(there) < 2:
            continue
        there.sort(key=lambda pair: _middle(pair[1]), reverse=most)
        (first, best), (second, next_best) = there[:2]
        clear = best.low > next_best.high if most else best.high < next_best.low
        found.append(
            {
                "what": say(f"high_{kind}"),
                "model": say.model(first),
                "value": written(_middle(best)),
                "sure": say("high_clear" if clear else "high_close", second=say.model(second)),
            }
        )
    return found


def _one_group(ranking: Ranking) -> list[Standing]:
    return ranking.rows if len(ranking.groups) == 1 else []


def _place(row: Standing, ranking: Ranking, say: Sayer) -> str:
    """The rank in words; "" where there is none."""
    equals = [other for other in ranking.rows if (other.group, other.rank) == (row.group, row.rank)]
    return "" if row.rank is None else say("rank_shared", n=row.rank) if len(equals) > 1 else str(row.rank)


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "\N{MINUS SIGN}")


def _middle(each: Spread | Interval) -> float:
    return each.median if isinstance(each, Spread) else each.value


def _line(summary: ModelSummary, ranking: Ranking, say: Sayer) -> dict[str, str]:
    standing = ranking.of(summary.model)
    return {
        "model": say.model(summary.model),
        "col_answered": say("of_n", hits=summary.answered, n=summary.asked),
        "col_ttft": say.seconds(summary.ttft.median) if summary.ttft else "",
        "col_speed": f"{summary.tokens_s.median:.0f}" if summary.tokens_s else "",
        "col_seconds": say.seconds(summary.seconds.median) if summary.seconds else "",
        "col_passed": f"{summary.passed.value:.0%}" if summary.passed else "",
        "col_leak": f"{summary.leak.value:.0%}" if summary.leak else "",
        "col_rank": _place(standing, ranking, say) if standing else "",
    }


def _speed(summaries: Sequence[ModelSummary], replies: Sequence[Reply], say: Sayer) -> list[dict[str, Any]]:
    """First text, whole time and tokens a second. What answers on this machine is no measure of a server and is left out."""
    charts = []
    for kind, note in (("ttft", "note_ttft"), ("seconds", "note_seconds"), ("tokens_s", "note_speed")):
        dots: dict[str, list[float]] = {}
        for reply in replies:
            value = getattr(reply, kind if kind == "tokens_s" or kind == "seconds" else "ttft_s")
            if reply.answered and value is not None and reply.model != OFFLINE:
                dots.setdefault(reply.model, []).append(value)
        every = [value for values in dots.values() for value in values]
        timed = kind != "tokens_s"
        axis = logarithmic(every, say("unit_seconds")) if timed else linear(0, max(every)) if every else None
        if axis is None:
            continue
        rows = [
            _strip_row(summary, getattr(summary, kind), dots.get(summary.model, []), kind, say)
            for summary in summaries
            if summary.model != OFFLINE
        ]
        name = say({"ttft": "col_ttft", "seconds": "col_seconds", "tokens_s": "col_speed"}[kind])
        charts.append({"name": name, "note": say(note), "chart": strips(rows, axis)})
    return charts


def _strip_row(summary: ModelSummary, found: Spread | None, dots: list[float], kind: str, say: Sayer) -> Row:
    name = say.model(summary.model)
    if found is None:
        return Row(name, say("no_data"))
    said = f"{found.median:.0f}" if kind == "tokens_s" else say.seconds(found.median)
    thought = say("note_thought", n=f"{summary.thought.median:.1f}") if kind == "ttft" and summary.thought else ""
    return Row(name, said, found.median, found.low, found.high, dots, thought)


def _shares(summaries: Sequence[ModelSummary], kind: str, tone: str, say: Sayer) -> Markup | None:
    found = [(summary, getattr(summary, kind)) for summary in summaries]
    if not any(interval for _, interval in found):
        return None
    rows = [
        Row(say.model(summary.model), say("no_data"))
        if interval is None
        else Row(
            say.model(summary.model),
            f"{interval.value:.0%}",
            interval.value,
            interval.low,
            interval.high,
            note=say("of_n", hits=round(interval.value * interval.n), n=interval.n),
        )
        for summary, interval in found
    ]
    return bars(rows, linear(0, 1, percent=True), tone=tone)


def _checks(comparison: Comparison, summaries: Sequence[ModelSummary], say: Sayer) -> dict[str, Any] | None:
    """Which check which model passes how often, where there is more than one check."""
    told: Counter[tuple[str, str]] = Counter()
    passed: Counter[tuple[str, str]] = Counter()
    for reply in comparison.replies:
        for result in reply.checks if reply.answered else ():
            if result.ok is not None:
                told[result.name, reply.model] += 1
                passed[result.name, reply.model] += result.ok
    names = list(dict.fromkeys(name for name, _ in told))[:_MOST_CHECKS]
    if len(names) < 2:
        return None
    models = [summary.model for summary in summaries]
    return {
        "models": [say.model(model) for model in models],
        "rows": [
            (
                say.check(name),
                [
                    say("of_n", hits=passed[name, model], n=told[name, model]) if told[name, model] else "—"
                    for model in models
                ],
            )
            for name in names
        ],
    }


def _votes(ranking: Ranking, say: Sayer) -> dict[str, Any]:
    ends = [end for row in ranking.rows for end in (row.strength.low, row.strength.high)]
    axis = linear(min([*ends, -1.0]), max([*ends, 1.0]), signed=True)
    rows = [
        Row(say.model(row.model), _signed(row.strength.value), row.strength.value, row.strength.low, row.strength.high)
        for row in ranking.rows
    ]
    ranked = [
        (
            say.model(row.model),
            _place(row, ranking, say) or "—",
            f"{row.wins}／{row.ties}／{row.losses}",
        )
        for row in ranking.rows
    ]
    notes = [say("note_votes", votes=ranking.votes)]
    if not ranking.enough:
        notes.append(say("note_few", n=VOTES_PER_PAIR))
    if len(ranking.groups) > 1:
        notes.append(say("note_groups", n=len(ranking.groups)))
    return {"chart": strengths(rows, axis), "ranked": ranked, "notes": notes}


def _script(summary: ModelSummary, say: Sayer) -> dict[str, str]:
    def rate(interval: Interval | None) -> str:
        if interval is None:
            return "—"
        numbers = {"share": interval.value, "low": interval.low, "high": interval.high}
        return say("share_said", **{name: f"{value:.1f}" for name, value in numbers.items()})

    return {
        "model": say.model(summary.model),
        "col_simplified": rate(summary.simplified),
        "col_terms": rate(summary.terms),
        "col_languages": "、".join(f"{name} {n}" for name, n in summary.languages.items()),
    }


def _errors(replies: Sequence[Reply], say: Sayer) -> list[dict[str, str]]:
    """Each reason of each model once, with how often, in the words of whoever said it last."""
    found: dict[tuple[str, str], list[Reply]] = {}
    for reply in replies:
        if not reply.answered:
            found.setdefault((reply.model, reply.error), []).append(reply)
    return [
        {
            "model": say.model(model),
            "col_error": why(error, say.lang) if error else say("error_empty"),
            "col_said": next((reply.error_text for reply in reversed(rows) if reply.error_text), "—"),
            "col_times": str(len(rows)),
        }
        for (model, error), rows in found.items()
    ]
