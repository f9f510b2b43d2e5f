"""One's own rubric, made on the page: a name and a table of criteria."""

from __future__ import annotations

from typing import Any

import streamlit as st

from agents.digest.rubric import Rubric, delete_rubric, load_rubric, rubric_names, save_rubric, shipped_rubrics
from apps.ui.cards import plain
from apps.ui.words import lang, words_for
from tools.errors import FinaleError

__all__ = ["rubric_dialog"]

say = words_for("digest")
state = st.session_state
_MOST = 8


def rubric_dialog(chosen: str) -> None:
    """Open the dialog with the rubric that is chosen; its title is in the language of the moment."""
    st.dialog(say("rubric_title"), width="large")(_dialog)(chosen)


def _dialog(chosen: str) -> None:
    st.caption(say("rubric_about"))
    names = rubric_names()
    at = names.index(chosen) if chosen in names else 0
    begin = st.selectbox(
        say("rubric_from"),
        names,
        at,
        key=f"rubric_from_{chosen}",
        format_func=lambda name: load_rubric(name).name.say(lang()),
    )
    base = load_rubric(begin)
    own = begin not in shipped_rubrics()
    name = st.text_input(
        say("rubric_name"), base.name.say(lang()) if own else "", max_chars=40, key=f"rubric-name-{begin}"
    )
    rows = st.data_editor(
        [_row(one) for one in base.criteria], num_rows="dynamic", key=f"rubric-rows-{begin}", hide_index=True,
        column_config={
            "name": st.column_config.TextColumn(say("rubric_criterion"), max_chars=40, required=True),
            "description": st.column_config.TextColumn(say("rubric_description"), max_chars=400, required=True, width="large"),
            "weight": st.column_config.NumberColumn(say("rubric_weight"), min_value=0, max_value=10, step=0.5, default=1),
            "cues": st.column_config.TextColumn(say("rubric_cues"), help=say("rubric_cues_help")),
        },
    )  # fmt: skip
    with st.container(horizontal=True):
        if st.button(say("rubric_save"), type="primary"):
            _save(name, rows)
        if own and st.button(say("rubric_delete"), icon=":material/delete:"):
            delete_rubric(begin)
            st.rerun()


def _row(criterion: Any) -> dict[str, Any]:
    return {
        "name": criterion.name.say(lang()),
        "description": criterion.description,
        "weight": criterion.weight,
        "cues": "，".join(criterion.cues),
    }


def _save(name: str, rows: list[dict[str, Any]]) -> None:
    """Keep what stands in the table, or say what is wrong with it."""
    criteria = [
        {
            "id": f"c{n}",
            "name": str(row.get("name") or "").strip(),
            "description": str(row.get("description") or "").strip(),
            "weight": row.get("weight") if row.get("weight") is not None else 1,
            "cues": [
                cue.strip()
                for cue in str(row.get("cues") or "").replace("、", "，").replace(",", "，").split("，")
                if cue.strip()
            ],
        }
        for n, row in enumerate(rows, start=1)
        if str(row.get("name") or "").strip()
    ]
    try:
        rubric = load_rubric({"name": name.strip(), "criteria": criteria[:_MOST]})
        save_rubric(Rubric.model_validate(rubric))
    except FinaleError as error:
        st.error(plain(error.message(lang())))
        return
    state["digest_rubric_next"] = rubric.name.zh
    st.rerun()
