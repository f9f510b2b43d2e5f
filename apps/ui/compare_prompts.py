"""Where a comparison's prompts come from: written here, a file, or what an agent was given before."""

from __future__ import annotations

from typing import Any

import streamlit as st

from agents import compare
from agents.compare.targets import known_steps
from agents.run import Runs
from apps.ui.cards import plain
from apps.ui.words import lang, words_for
from tools.compare import Prompts, parse_prompts
from tools.errors import FinaleError

__all__ = ["prompts_part"]

say = words_for("compare")
history_words = words_for("history")
state = st.session_state
_SOURCES = ("text", "file", "history")
_KINDS = ["txt", "md", "csv", "tsv", "jsonl", "json", "yaml", "yml"]
_PROBLEMS_SHOWN = 5
_LOOKED_AT = 50  # runs of an agent among which those with a result are found


def prompts_part(runs: Runs) -> dict[str, Any]:
    """What is asked, as inputs of a comparison: `prompts`, and `step` where they belong to one. Empty while there is nothing."""
    state.setdefault("compare_source", _SOURCES[0])
    source = st.segmented_control(
        say("source"), _SOURCES, required=True, key="compare_source",
        format_func=lambda name: say(f"source_{name}"), label_visibility="collapsed", persist_state="session",
    )  # fmt: skip
    return {"file": _from_file, "history": lambda: _from_history(runs)}.get(source or "", _written)()


def _written() -> dict[str, Any]:
    text = st.text_area(
        say("prompts"), key="compare_text", placeholder=say("prompts_hint"), height=104, persist_state="session"
    )
    lines = [line.strip() for line in (text or "").splitlines() if line.strip()]
    state.setdefault("compare_by_line", True)
    if len(lines) > 1 and st.checkbox(say("by_line"), key="compare_by_line", persist_state="session"):
        return {"prompts": lines}
    return {"prompts": [text.strip()]} if lines and text else {}


def _from_file() -> dict[str, Any]:
    file = st.file_uploader(say("file"), _KINDS, key="compare_file", help=say("file_help"))
    if file is None:
        return {}
    try:
        found = parse_prompts(file.getvalue(), file.name)
    except FinaleError as error:
        st.error(plain(error.message(lang())))
        return {}
    if found.problems and not _without_broken(found):
        return {}
    st.caption(say("file_read", n=len(found.items)))
    return {"prompts": [item.model_dump(mode="json") for item in found.items]}


def _without_broken(found: Prompts) -> bool:
    """Tell which rows are broken; whether the person wants the others alone."""
    lines = [say("file_broken", n=len(found.problems))]
    for problem in found.problems[:_PROBLEMS_SHOWN]:
        lines.append("- " + plain(say("file_line", line=problem.line, why=problem.message[lang()])))
    if len(found.problems) > _PROBLEMS_SHOWN:
        lines.append("- …")
    st.warning("\n".join(lines))
    return bool(found.items) and st.checkbox(say("skip_broken"), key="compare_skip_broken")


def _from_history(runs: Runs) -> dict[str, Any]:
    steps = known_steps()
    agents = list(dict.fromkeys(name.partition(".")[0] for name in steps))
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    step = left.selectbox(say("step"), [*steps, *agents], key="compare_step", format_func=_step_name)
    count = right.number_input(say("last_n"), 1, _LOOKED_AT, 3, key="compare_last")
    records = [one for one in runs.history(_LOOKED_AT, step.partition(".")[0]) if one.envelope is not None]
    if not records:
        st.info(say("history_none"))
        return {}
    prompts = compare.from_history(records[:count], step)
    st.caption(say("history_read", n=len(prompts)))
    return {"prompts": prompts, "step": step}


def _step_name(step: str) -> str:
    agent, _, name = step.partition(".")
    shown = history_words(f"agent_{agent}")
    return say("step_one", agent=shown, step=history_words(f"step_{name}")) if name else say("step_all", agent=shown)
