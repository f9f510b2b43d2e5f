"""What a comparison will take, told before it starts, and the choice where today's requests do not reach."""

from __future__ import annotations

import time
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


def plan_part(runs: Runs, given: Mapping[str, Any]) -> Ready | None:
    """Show the plan of what is wanted, with the choices it leaves; the inputs to start with, None while it cannot start."""
    if not given.get("prompts"):
        st.caption(say("need_prompts"))
        return None
    if not given.get("models"):
        st.caption(say("need_models"))
        return None
    # A comparison that a person waits for leaves nothing back, unless the day is short.
    purpose: Purpose = "interactive" if state.get("compare_use_all") else "background"
    try:
        inputs, plan = _planned(runs, given, purpose)
    except FinaleError as error:
        st.error(plain(error.message(lang())))
        return None
    st.markdown(f"**{plain(plan.line(lang()))}**")
    if set(inputs.models) != set(given["models"]):
        names = (say("model_offline") if name == OFFLINE else name for name in plan.columns)
        st.caption(plain(say("columns_told", columns="、".join(names))))
    if plan.fits or not plan.requests:
        return inputs, purpose
    return _choice(runs, inputs, plan, purpose), purpose


def _choice(runs: Runs, inputs: CompareInputs, plan: Plan, purpose: Purpose) -> CompareInputs:
    """Only what fits today, or all of it over days."""
    if plan.later:
        days = [say("day", day=day[5:], n=n) for day, n in plan.later[:_DAYS_SHOWN]]
        more = " …" if len(plan.later) > _DAYS_SHOWN else ""
        st.caption(say("days", days="、".join(days)) + more)
    if plan.kept:
        st.checkbox(say("use_all", n=plan.kept), key="compare_use_all", persist_state="session")
    part = _fitting(runs, inputs, plan, purpose)
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
    most = len(inputs.prompts) * plan.today // plan.requests
    for count in range(min(most, len(inputs.prompts) - 1), 0, -1):
        part = inputs.model_copy(update={"prompts": inputs.prompts[:count]})
        if compare.plan(part, runs.gateway, purpose=purpose, lang=lang(), fresh=_fresh()).fits:
            return part
    return None


def _planned(runs: Runs, given: Mapping[str, Any], purpose: Purpose) -> tuple[CompareInputs, Plan]:
    """The inputs with every column named, and their plan.

    Raises:
        BadInput: a value is not usable.
        StorageError: FINALE_HOME cannot be written.
    """
    key = repr((given, purpose, _fresh(), lang(), runs.home, runs.gateway.quota().used))
    known = state.get("compare_planned")
    if known and known[0] == key and time.monotonic() - known[1] < _HOLDS_S:
        return known[2]
    inputs = compare.prepared(given, runs.settings)
    plan = compare.plan(inputs, runs.gateway, purpose=purpose, lang=lang(), fresh=_fresh())
    state["compare_planned"] = key, time.monotonic(), (inputs, plan)
    return inputs, plan


def _fresh() -> bool:
    return bool(state.get("compare_fresh"))
