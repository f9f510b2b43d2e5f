"""Which models a comparison asks, and how: the menu with what is known of each, repeats, temperature, the judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from agents.run import Runs
from apps.ui.cards import model_label
from apps.ui.words import words_for
from tools.compare import OFFLINE
from tools.llm import Listing
from tools.llm.health import ModelHealth

__all__ = ["fill", "models_part", "settings_part"]

say = words_for("compare")
state = st.session_state
_BEST = ("best:2", "best:4", "best:6")
_SPECIAL = (OFFLINE, *_BEST, "all")


def models_part(runs: Runs) -> list[str]:
    """The columns that are wanted: ids, `all`, `best:N`, `offline`."""
    listing, health = runs.gateway.catalogue.listing(offline=True), runs.gateway.health.all()
    state.setdefault("compare_models", [_BEST[0], OFFLINE] if runs.gateway.usable else [OFFLINE])
    chosen = [name for name in state["compare_models"] if name not in _SPECIAL]
    options = list(dict.fromkeys([*_SPECIAL, *(model.id for model in listing.free), *chosen]))
    picked = st.multiselect(
        say("models"), options, key="compare_models", placeholder=say("models_hint"), help=say("models_help"),
        format_func=lambda name: _model_name(name, listing, health), accept_new_options=True, persist_state="session",
    )  # fmt: skip
    if listing.state == "seed":
        st.caption(say("seed_models", date=listing.date))
    return picked


def settings_part(runs: Runs) -> dict[str, Any]:
    """How the models are asked, as inputs of a comparison."""
    listing = runs.gateway.catalogue.listing(offline=True)
    with st.expander(say("settings"), icon=":material/tune:", key="compare-settings"):
        one, two, three, four = st.columns(4, vertical_alignment="bottom")
        repeats = one.number_input(say("repeats"), 1, 10, key="compare_repeats", persist_state="session")
        temperature = two.number_input(
            say("temperature"),
            0.0,
            2.0,
            None,
            0.1,
            key="compare_temperature",
            placeholder=say("own"),
            persist_state="session",
        )
        most = three.number_input(
            say("max_tokens"),
            1,
            64_000,
            None,
            100,
            key="compare_max_tokens",
            placeholder=say("own"),
            persist_state="session",
        )
        budget = four.number_input(
            say("budget"), 1, 100_000, None, key="compare_budget", placeholder=say("own"), persist_state="session"
        )
        system = st.text_area(say("system"), key="compare_system", height=68, max_chars=20_000, persist_state="session")
        judge = st.selectbox(
            say("judge"), ["", *(model.id for model in listing.free)], key="compare_judge", help=say("judge_help"),
            format_func=lambda name: name or say("judge_none"), persist_state="session",
        )  # fmt: skip
        st.checkbox(say("fresh"), key="compare_fresh", persist_state="session")
    return {
        "repeats": repeats, "temperature": temperature, "max_tokens": most, "budget": budget or 0,
        "system": system or "", "judge": judge or "",
    }  # fmt: skip


def fill(inputs: Mapping[str, Any]) -> None:
    """Let the form show what a run was about, when it is opened again."""
    items = inputs.get("prompts", [])
    texts = [str(item.get("text", "")) for item in items]
    plainly = not inputs.get("step") and not any(item.get("checks") or item.get("system") for item in items)
    if plainly and (len(texts) == 1 or not any("\n" in text for text in texts)):
        state["compare_text"], state["compare_by_line"] = "\n".join(texts), len(texts) > 1
    state["compare_models"] = list(inputs.get("models", []))
    for name in ("repeats", "temperature", "max_tokens", "system"):
        if inputs.get(name) is not None:
            state[f"compare_{name}"] = inputs[name]


def _model_name(name: str, listing: Listing, health: Mapping[str, ModelHealth]) -> str:
    if name == OFFLINE:
        return say("model_offline")
    if name == "all":
        return say("model_all")
    if name in _BEST:
        return say("model_best", n=name.removeprefix("best:"))
    return model_label(name, listing.find(name), health.get(name))
