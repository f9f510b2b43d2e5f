"""The expanded theme: what was kept, what was added, and the sheet of scenes, all of it to be changed before it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from agents.sticker import ExpandOutput
from agents.sticker.inputs import MOST_STICKERS
from apps.ui.cards import plain
from apps.ui.words import lang, words_for

__all__ = ["prompt_part", "scenes_part"]

say = words_for("sticker")
state = st.session_state
_CAPTION = 16  # characters that stay legible on a sticker
_OWN = "own"  # no pose but that of the face; the table shows an empty cell as missing


def prompt_part(output: ExpandOutput, key: str) -> tuple[str, str]:
    """The prompt with what was added marked, what carries each part of the wish, and both texts to change; (prompt, negative)."""
    from tools.images.prompt import LIMIT, clauses, clip_counter

    st.markdown(", ".join(_marked(clause, output.added) for clause in clauses(output.prompt)))
    st.caption(say("added_legend"))
    if output.left_out:
        st.warning(say("left_out", parts=plain("、".join(output.left_out))))
    with st.expander(say("prompt_more", tokens=output.tokens, most=LIMIT), icon=":material/edit_note:"):
        if output.kept:
            rows = [f"| {_cell(part)} | {_cell(words)} |" for part, words in output.kept.items()]
            st.markdown("\n".join([f"| {say('kept_part')} | {say('kept_words')} |", "|---|---|", *rows]))
        prompt = _text("prompt", output.prompt, key)
        st.caption(say("tokens", n=clip_counter()(prompt), most=LIMIT))
        negative = _text("negative", output.negative, key)
    return prompt, negative


def scenes_part(output: ExpandOutput, key: str) -> list[dict[str, Any]]:
    """The scenes as a table to change, shorten and lengthen; the rows that have a face."""
    from tools.images.artist import expressions, poses, props

    faces, stances, things = (_names(words()) for words in (expressions, poses, props))
    base, now = f"sheet-base-{key}", f"sheet-now-{key}"
    # A visit begins: the table starts from what stood in it when the page was left.
    if f"sheet-rows-{key}" not in state:
        state[base] = state.get(now) or [_row(scene.model_dump()) for scene in output.sheet.stickers]
    st.caption(say("scenes_about", most=MOST_STICKERS))
    rows = st.data_editor(
        state[base], num_rows="dynamic", key=f"sheet-rows-{key}", hide_index=True, width="stretch",
        alt=say("scenes"), height=min(38 + 35 * (len(state[base]) + 1), 640),
        column_config={
            "caption": st.column_config.TextColumn(say("caption"), max_chars=_CAPTION, width="medium"),
            "expression": st.column_config.SelectboxColumn(
                say("expression"), options=list(faces), format_func=_name_in(faces), required=True, default="happy"
            ),
            "pose": st.column_config.SelectboxColumn(
                say("pose"), options=[_OWN, *stances], format_func=_name_in({_OWN: say("pose_own"), **stances}), default=_OWN
            ),
            "props": st.column_config.MultiselectColumn(
                say("props"), options=list(things), format_func=_name_in(things), default=[], color="gray"
            ),
        },
    )  # fmt: skip
    state[now] = [dict(row) for row in rows]
    scenes = [_scene(row) for row in state[now] if row.get("expression")]
    if len(scenes) > MOST_STICKERS:
        st.warning(say("too_many", most=MOST_STICKERS))
    return scenes[:MOST_STICKERS]


def _marked(clause: str, added: Sequence[str]) -> str:
    return f":orange-background[{plain(clause)}]" if clause in added else f"**{plain(clause)}**"


def _cell(text: str) -> str:
    return plain(" ".join(text.split()).lstrip("-*•・ "))


def _text(name: str, value: str, key: str) -> str:
    kept = f"sheet-{name}-{key}"
    if kept not in state:
        state[kept] = value
    return st.text_area(say(name), key=kept, height=92, max_chars=2_000, persist_state="session")


def _row(scene: dict[str, Any]) -> dict[str, Any]:
    return {
        "caption": scene["caption"],
        "expression": scene["expression"],
        "pose": scene["pose"] or _OWN,
        "props": list(scene["props"]),
    }


def _scene(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "expression": row["expression"],
        "pose": "" if row.get("pose") in (None, _OWN) else row["pose"],
        "props": list(row.get("props") or []),
        "caption": " ".join(str(row.get("caption") or "").split()),
    }


def _names(words: Sequence[Any]) -> dict[str, str]:
    return {one.id: one.en if lang() == "en" else one.zh for one in words}


def _name_in(names: dict[str, str]) -> Any:
    return lambda id: names.get(id, id)
