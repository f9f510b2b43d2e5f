"""What a comparison will take, told before it starts, and the choice where today's requests do not reach."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Mapping
from typing import Any

import streamlit as st

from agents import compare
from agents.compare import Plan
from agents.compare.state import CompareInputs
from agents.run import Runs
from apps.ui.cards import plain
from apps.ui.frame import clock
from apps.ui.words import lang, words_for
from tools.compare import OFFLINE
from tools.errors import FinaleError
from tools.llm import Purpose

__all__ = ["Ready", "plan_part"]

say = words_for("compare")
state = st.session_state
_HOLDS_S = 20.0  # a plan asks the server for its count: not on every press of a key
_DAYS_SHOWN = 6

Ready = tuple[CompareInputs, Purpose]
_Planned = tuple[CompareInputs, Plan, CompareInputs | None]


def plan_part(runs: Runs, given: Mapping[str, Any]) -> Ready | None:
    """Show the plan of what is wanted, with the choices it leaves; the inputs to start with, None while it cannot start."""
    if not given.get("prompts"):
        st.caption(say("need_prompts"))
        return None
    if not given.get("models"):
        st.caption(say("need_models"))
        return None
    # As long as nobody says otherwise, a fifth of the day is left to people who wait for an answer.
    purpose: Purpose = "interactive" if state.get("compare_use_all") else "background"
    try:
        inputs, plan, part = _planned(runs, given, purpose)
    except FinaleError as error:
        st.error(plain(error.message(lang())))
        return None
    st.markdown(f"**{plain(plan.line(lang()))}**")
    if set(inputs.models) != set(given["models"]):
        names = (say("model_offline") if name == OFFLINE else name for name in plan.columns)
        st.caption(plain(say("columns_told", columns="、".join(names))))
    if plan.fits or not plan.requests:
        return inputs, purpose
    return _choice(inputs, plan, part), purpose


def _choice(inputs: CompareInputs, plan: Plan, part: CompareInputs | None) -> CompareInputs:
    """Only what fits today, or all of it over days."""
    if plan.later:
        days = [say("day", day=day[5:], n=n) for day, n in plan.later[:_DAYS_SHOWN]]
        more = " …" if len(plan.later) > _DAYS_SHOWN else ""
        st.caption(say("days", days="、".join(days)) + more)
    if plan.kept:
        st.checkbox(say("use_all", n=plan.kept), key="compare_use_all", persist_state="session")
    told = {
        "all": say("choice_all_told", today=plan.today, rest=plan.requests - plan.today, when=clock(plan.resets_at))
    }
    if part:
        told = {"part": say("choice_part_told", n=len(part.prompts), of=len(inputs.prompts)), **told}
    chosen = st.radio(
        say("choice"), list(told), format_func=lambda name: say(f"choice_{name}"), captions=list(told.values()),
        key=f"compare_choice_{len(told)}",
    )  # fmt: skip
    return part if part and chosen == "part" else inputs


def _fitting(runs: Runs, inputs: CompareInputs, plan: Plan, purpose: Purpose) -> CompareInputs | None:
    """The same comparison on as many prompts as today's requests reach for; None where not even one fits."""

    def part(count: int) -> CompareInputs:
        return inputs.model_copy(update={"prompts": inputs.prompts[:count]})

    count = len(inputs.prompts) * plan.today // plan.requests
    if plan.stored:  # prompts do not all take the same then: which of them are stored decides
        counts = range(1, len(inputs.prompts))
        count = bisect_left(counts, True, key=lambda n: not _plan(runs, part(n), purpose).fits)
    return part(count) if count else None


def _planned(runs: Runs, given: Mapping[str, Any], purpose: Purpose) -> _Planned:
    """The inputs with every column named, their plan, and the part of it that fits today.

    Raises:
        BadInput: a value is not usable.
        StorageError: FINALE_HOME cannot be written.
    """
    key = repr((given, purpose, _fresh(), lang(), runs.home, runs.gateway.quota().used))
    known = state.get("compare_planned")
    if known and known[0] == key and time.monotonic() - known[1] < _HOLDS_S:
        return known[2]
    inputs = compare.prepared(given, runs.settings)
    plan = _plan(runs, inputs, purpose)
    part = None if plan.fits or not plan.requests else _fitting(runs, inputs, plan, purpose)
    state["compare_planned"] = key, time.monotonic(), (inputs, plan, part)
    return inputs, plan, part


def _plan(runs: Runs, inputs: CompareInputs, purpose: Purpose) -> Plan:
    return compare.plan(inputs, runs.gateway, purpose=purpose, lang=lang(), fresh=_fresh())


def _fresh() -> bool:
    return bool(state.get("compare_fresh"))
