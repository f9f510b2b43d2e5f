"""A model's replies in numbers: how often it answered, how fast, what its checks say, how clean its Chinese is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tools.compare.intervals import Spread, bootstrap_rate, spread, wilson
from tools.compare.model import NOT_ASKED, Interval, Ranking, Reply

__all__ = ["ModelSummary", "in_order", "summarise"]


@dataclass(frozen=True)
class ModelSummary:
    """One model over all its replies. What rests on no reply is None: a model that was down has no data, not bad data.

    `asked` counts what was asked (not what still waits), `answered` those with a reply; all else is over the answered ones. `errors` and `served` count by kind
    and by who really answered. `passed` is the share of checks that could be told; `leak` the share of replies with Chinese in them
    that hold any Simplified character or mainland term, `simplified` and `terms` those per 1,000 Chinese characters. Times are in
    seconds.
    """

    model: str
    asked: int
    answered: int
    errors: Mapping[str, int] = field(default_factory=dict)
    served: Mapping[str, int] = field(default_factory=dict)
    languages: Mapping[str, int] = field(default_factory=dict)
    thought: Spread | None = None
    ttft: Spread | None = None
    seconds: Spread | None = None
    tokens_s: Spread | None = None
    length: Spread | None = None
    passed: Interval | None = None
    leak: Interval | None = None
    simplified: Interval | None = None
    terms: Interval | None = None
    cut: int = 0
    stored: int = 0


def summarise(replies: Sequence[Reply], models: Sequence[str] = (), *, seed: int = 0) -> list[ModelSummary]:
    """One summary per model: those in `models` first and in that order, then whatever else replied."""
    of_model: dict[str, list[Reply]] = {model: [] for model in models}
    for reply in replies:
        of_model.setdefault(reply.model, []).append(reply)
    return [_summary(model, rows, seed) for model, rows in of_model.items()]


def in_order(summaries: Sequence[ModelSummary], ranking: Ranking | None = None) -> list[ModelSummary]:
    """Summaries as a reader wants them: by strength where there are votes, else by checks passed, then by clean Chinese, then by
    speed; models without any reply last. An order is no rank: it says nothing of how sure it is."""

    def key(summary: ModelSummary) -> tuple[float, ...]:
        standing = ranking.of(summary.model) if ranking else None
        return (
            not summary.answered,
            standing is None,
            standing.group if standing else 0,
            -standing.strength.value if standing else 0.0,
            -summary.passed.value if summary.passed else 0.0,
            summary.leak.value if summary.leak else 0.0,
            summary.ttft.median if summary.ttft else float("inf"),
        )

    return sorted(summaries, key=key)


def _summary(model: str, rows: Sequence[Reply], seed: int) -> ModelSummary:
    good = [row for row in rows if row.answered]
    chinese = [row for row in good if row.leak is not None and (row.characters is None or row.characters > 0)]
    told = [result.ok for row in good for result in row.checks if result.ok is not None]
    counted = [row for row in chinese if row.characters]
    sizes, prompts = [row.characters or 0 for row in counted], [row.prompt_id for row in counted]
    return ModelSummary(
        model=model,
        asked=sum(row.error != NOT_ASKED for row in rows),
        answered=len(good),
        errors=dict(Counter(row.error or "empty" for row in rows if not row.answered).most_common()),
        served=dict(Counter(row.served_by for row in good if row.served_by).most_common()),
        languages=dict(Counter(row.language for row in good if row.language).most_common()),
        thought=spread([row.thought_s for row in good]),
        ttft=spread([row.ttft_s for row in good]),
        seconds=spread([row.seconds for row in good]),
        tokens_s=spread([row.tokens_s for row in good]),
        length=spread([row.length for row in good]),
        passed=wilson(sum(told), len(told)),
        leak=wilson(sum(bool(row.leak) for row in chinese), len(chinese)),
        simplified=bootstrap_rate([row.simplified_chars or 0 for row in counted], sizes, prompts, per=1000, seed=seed),
        terms=bootstrap_rate([row.terms or 0 for row in counted], sizes, prompts, per=1000, seed=seed),
        cut=sum(row.cut for row in good),
        stored=sum(row.stored for row in good),
    )
