"""History: every run on this machine, to look at, go on with, upgrade or delete."""

from __future__ import annotations

import json

import streamlit as st

from agents import AGENTS
from agents.errors import UnknownRun
from agents.store import RunRecord
from agents.view import RunView
from apps.ui import cards, stickers_gallery
from apps.ui.cards import plain
from apps.ui.follow import again_buttons, follow, look
from apps.ui.frame import clock, frame, the_runs
from apps.ui.words import lang, words_for
from tools.errors import FinaleError

say = words_for("history")
runs = the_runs()
_PAGES = {"digest": "digest", "compare": "compare", "copywriter": "shop"}
frame(say("title"), say("purpose"))


def one(run: str) -> None:
    """One run in full."""
    if st.button(say("back"), icon=":material/arrow_back:", type="tertiary"):
        st.session_state.pop("history_run", None)
        st.query_params.clear()
        st.rerun()
    try:
        record = runs.described(runs.store.get(run))
    except UnknownRun:
        st.info(say("gone"))
        return
    if record.agent in _PAGES:  # they have pages that show them better
        st.session_state.pop("history_run", None)
        st.session_state[f"{record.agent}_run"] = record.id
        st.switch_page(f"pages/{_PAGES[record.agent]}.py")
    st.subheader(plain(record.title), anchor=False)
    st.caption(plain(line(record)))
    follow(runs, record.id, draw)
    view, living = look(runs, record.id)
    with st.container(horizontal=True):
        if record.agent in stickers_gallery.PLACES and st.button(say("open_stickers"), icon=":material/mood:"):
            stickers_gallery.put_on_page(record.agent, record.id)
            st.switch_page("pages/sticker.py")
        if not living:
            again_buttons(runs, record.id, view, "history")
            delete_button(record)
        if view.envelope:
            text = json.dumps(view.envelope, ensure_ascii=False, indent=2)
            st.download_button("JSON", text, f"{record.id}.json", "application/json", icon=":material/download:")
    with st.expander(say("inputs")):
        for name, value in record.inputs.items():
            st.markdown(f"**{plain(name)}**　{plain(str(value))}")


def draw(view: RunView) -> None:
    """Whatever an agent made, step by step."""
    if view.failed:
        cards.failure(view.failed)
    output = view.envelope["output"] if view.envelope else {}
    for step, answer in view.answers.items():
        with st.container(border=True):
            st.markdown(f"**{say(f'step_{step}')}**")
            value = output.get("answer", answer.value) if step == "answer" else answer.value
            if isinstance(value, str):
                st.markdown(plain(value))
            elif "prompt" in value:
                st.markdown(plain(output.get("prompt", value["prompt"])))
            else:
                st.markdown("\n".join(f"{n}. {plain(point)}" for n, point in enumerate(value.get("points", []), 1)))
            cards.answered_line([answer], 0)
    pictures = stickers_gallery.pictures_of(view)
    if pictures:
        stickers_gallery.strip(pictures, "history")
    for source in output.get("sources", []):
        cards.source_card(source["n"], f"{source['type']} {source['topic']}".strip(), source["text"], source["score"])
    cards.warnings(view.warnings)


def delete_button(record: RunRecord) -> None:
    """Delete, after a second press."""
    with st.popover(say("delete"), icon=":material/delete:"):
        st.markdown(say("delete_sure"))
        if st.button(say("delete_yes"), key="delete-yes"):
            try:
                runs.delete(record.id)
            except FinaleError as error:
                st.error(error.message(lang()))
                return
            st.session_state.pop("history_run", None)
            st.query_params.clear()
            st.rerun()


def line(record: RunRecord) -> str:
    """Kind, state and time of a run."""
    return f"{say(f'agent_{record.agent}')} · {say(f'status_{record.status}')} · {clock(record.created)} · {record.id}"


run = st.query_params.get("run") or st.session_state.get("history_run")
if run:
    st.query_params["run"] = run
    one(run)
else:
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    wanted = left.text_input(say("search"), key="history_search")
    kind = right.segmented_control(
        say("agent"), ["", *AGENTS], default="", required=True, key="history_agent",
        format_func=lambda name: say(f"agent_{name}") if name else say("all"),
    )  # fmt: skip
    records = runs.history(200, kind or "")
    found = [record for record in records if wanted.strip().lower() in record.title.lower()]
    if not found:
        st.info(say("none_found") if records else say("none"))
    for record in found[:100]:
        with st.container(border=True):
            if st.button(record.title or record.id, key=f"chip-{record.id}", type="tertiary"):
                st.session_state["history_run"] = record.id
                st.rerun()
            st.caption(plain(line(record)))
