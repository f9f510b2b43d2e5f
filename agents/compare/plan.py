"""What a comparison will take, told before it starts: requests, what is left today, and when the rest can follow."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel

from agents.compare.columns import columns_of, unknown
from agents.compare.judge import judged_pairs
from agents.compare.say import words
from agents.compare.state import COLUMNS, Column, CompareInputs, Round, rounds
from agents.compare.targets import FreePrompt, Seat, Target, inputs_of, shaped, targets_of
from tools.llm import Gateway, Purpose, Question
from tools.words import Lang

__all__ = ["Plan", "plan", "request_range"]

_SPARE = 1  # a column may need one more, where a server takes a parameter of ours ill


class Plan(BaseModel):
    """The cost of a comparison, before it starts.

    `cells` are replies wanted, `stored` those that cost nothing because they were asked before, `judging` the judge's requests,
    `requests` all that have to be sent. `remaining` is what the account has left today (None: no limit known), `kept` what of it
    is not for this run, `today` how many can be sent today, `later` the days on which the rest can be (day, requests; UTC days).
    `resets_at` is in Unix seconds; `minutes` is the least time by the account's pace. `unknown` names columns, and a
    judge, that cannot run.
    """

    columns: list[str]
    unknown: list[str] = []
    prompts: int
    repeats: int
    cells: int
    stored: int = 0
    judging: int = 0
    requests: int = 0
    budget: int = 0
    key: bool = True
    remaining: int | None = None
    kept: int = 0
    today: int = 0
    later: list[tuple[str, int]] = []
    resets_at: float = 0.0
    minutes: float = 0.0

    @property
    def fits(self) -> bool:
        """Whether all of it can be done today."""
        return self.today >= self.requests

    def line(self, lang: Lang) -> str:
        """The plan in words: 84 requests; 31 left today; the other 53 after 08:00."""
        say = words()
        when = time.strftime("%m/%d %H:%M", time.localtime(self.resets_at))
        if not self.requests:
            said = say.say("plan_offline", lang, cells=self.cells)
        elif self.remaining is None:
            said = say.say("plan_own", lang, requests=self.requests)
        elif self.fits:
            said = say.say("plan_fits", lang, requests=self.requests, remaining=self.remaining)
        elif self.budget and self.today == self.budget:
            rest = self.requests - self.today  # its own limit ends it, not the day: nobody need wait for tomorrow
            said = say.say(
                "plan_later", lang, requests=self.requests, remaining=self.remaining, today=self.today, rest=rest
            )
        else:
            rest, days = self.requests - self.today, max(1, len(self.later))
            said = say.say(
                "plan_days", lang, requests=self.requests, remaining=self.remaining, today=self.today, rest=rest,
                when=when, days=days,
            )  # fmt: skip
            if self.kept and self.remaining:
                said += say.say("plan_kept", lang, kept=min(self.kept, self.remaining))
        if self.budget and self.budget < self.requests:
            said += say.say("plan_budget", lang, budget=self.budget)
        if self.stored:
            said += say.say("plan_stored", lang, stored=self.stored)
        if not self.key and self.cells > len(self.unknown):
            said += say.say("plan_no_key", lang)
        if self.unknown:
            said += say.say("plan_unknown", lang, models="、".join(self.unknown))
        return said


@dataclass(frozen=True)
class _Asking:
    """As much of a run as it takes to put a question into words."""

    lang: Lang
    version: str
    run: str = ""
    purpose: Purpose = "background"
    ceiling: int | None = None


def plan(
    inputs: CompareInputs, gateway: Gateway, *, purpose: Purpose = "background", lang: Lang = "zh", fresh: bool = False
) -> Plan:
    """What a comparison of these (settled) inputs takes now. Sends no request, but asks the server for its count."""
    columns = columns_of(inputs)
    listing = gateway.catalogue.listing()
    missing = unknown(columns, listing)
    asked = [one for one in columns if not one.offline and one.name not in missing]
    every = rounds(inputs)
    stored = 0 if fresh else _stored(inputs, asked, every, gateway, lang)
    targets = len(targets_of(inputs))
    judges = [Column(model=inputs.judge)] if inputs.judge else []
    no_judge = [one.name for one in judges if one.offline] or unknown(judges, listing)
    pairs = judged_pairs(inputs, [one.name for one in columns]) if judges and not no_judge else []
    judging = 2 * sum(not {one, other} & {*missing} for _, one, other in pairs)
    requests = (len(asked) * len(every) - stored) * targets + judging if gateway.usable else 0
    told = Plan(
        columns=[one.name for one in columns],
        unknown=list(dict.fromkeys([*missing, *no_judge])),
        prompts=len(inputs.prompts),
        repeats=inputs.repeats,
        cells=len(columns) * len(every),
        stored=stored,
        judging=judging if gateway.usable else 0,
        requests=requests,
        budget=inputs.budget,
        key=gateway.usable,
    )
    return _over_days(told, gateway, purpose)


def _over_days(told: Plan, gateway: Gateway, purpose: Purpose) -> Plan:
    """`told` laid over the days that the account allows."""
    quota = gateway.quota(refresh=bool(told.requests))
    most = min(told.requests, told.budget or told.requests)
    if not quota.limited:
        return told.model_copy(update={"today": most})
    kept = quota.kept_from(purpose)
    today = min(most, quota.left_for(purpose))
    a_day = max(1, min(quota.limit - kept, told.budget or quota.limit))
    later: list[tuple[str, int]] = []
    left, day = told.requests - today, datetime.fromtimestamp(quota.resets_at, UTC)
    while left > 0 and len(later) < 400:
        later.append((day.strftime("%Y-%m-%d"), min(a_day, left)))
        left, day = left - a_day, day + timedelta(days=1)
    return told.model_copy(
        update={
            "remaining": quota.remaining,
            "kept": kept,
            "today": today,
            "later": later,
            "resets_at": quota.resets_at,
            "minutes": round(today / max(1, quota.minute_limit), 1),
        }
    )


def request_range(inputs: CompareInputs) -> tuple[int, int]:
    """The least and the most requests of a run, known from its inputs alone; the most is kept as a promise."""
    columns = [one for one in columns_of(inputs) if not one.offline]
    count = len(columns) if inputs.settled else COLUMNS
    most = count * len(rounds(inputs)) * len(targets_of(inputs)) + count * _SPARE
    if inputs.judge:
        most += 2 * len(judged_pairs(inputs, [str(n) for n in range(count + 1)]))
    return 0, min(most, inputs.budget or most) if count else 0


def _stored(inputs: CompareInputs, columns: list[Column], every: list[Round], gateway: Gateway, lang: Lang) -> int:
    """Cells whose every question is known and stored: what a second question asks depends on the first one's answer."""
    targets = targets_of(inputs)
    if len(targets) > 1:
        return 0
    context: Any = _Asking(lang, "")
    return sum(
        gateway.has_trial(_first(targets[0], one, column, inputs, context)) for column in columns for one in every
    )


def _first(target: Target, one: Round, column: Column, inputs: CompareInputs, context: Any) -> Question:
    question = target.question(inputs_of(one.item, inputs, context.lang), Seat(context, column, one.repeat))
    return shaped(question, column, inputs, plain=isinstance(target, FreePrompt))
