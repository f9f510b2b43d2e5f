"""The post page: a topic, the plan as soon as there is one, the post as it is written."""

from __future__ import annotations

import contextlib

import streamlit as st

from agents.context import RunOptions
from agents.errors import UnknownRun
from agents.events import Answered
from agents.post import AGENT
from agents.view import RunView
from apps.ui import cards
from apps.ui.cards import plain
from apps.ui.follow import again_buttons, follow, look
from apps.ui.frame import frame, need_line, the_runs
from apps.ui.words import lang, words_for
from tools.errors import FinaleError

say = words_for("post")
runs = the_runs()
frame(say("title"), say("purpose"))


def start() -> None:
    """Begin a run for what stands in the form."""
    state = st.session_state
    models = {"plan": state.get("post_planner") or "", "write": state.get("post_writer") or ""}
    options = RunOptions(models, fresh=bool(state.get("post_fresh")), lang=lang())
    try:
        run = runs.start(AGENT, {"topic": state.get("post_topic") or ""}, options)
    except FinaleError as error:
        state["post_error"] = error.message(lang())
        return
    state.pop("post_error", None)
    state.pop("stopping", None)
    st.query_params["run"] = run


def draw_plan(answer: Answered) -> None:
    """The plan as a card."""
    plan = answer.value
    with st.container(border=True):
        st.subheader(say("plan"), anchor=False)
        st.markdown("\n".join(f"{n}. {plain(point)}" for n, point in enumerate(plan["points"], start=1)))
        st.caption(plain(say("plan_by", tone=plan["tone"], length=plan["length"])))
        cards.answered_line([answer], 0)


def draw(view: RunView) -> None:
    """The run as far as it is."""
    if view.failed:
        cards.failure(view.failed)
    plan, post = view.answers.get("plan"), view.answers.get("write")
    if plan:
        draw_plan(plan)
    text = post.value if post else view.texts.get("write", "")
    if text:
        with st.container(border=True):
            st.subheader(say("post"), anchor=False)
            st.markdown(plain(text))
            if post:
                if post.cut:
                    st.caption(say("cut"))
                st.caption(say("characters", n=len("".join(text.split()))))
                cards.answered_line([post], view.cost.requests if view.cost else 0)
                with st.expander(say("copy"), icon=":material/content_copy:"):
                    st.code(text, language=None, wrap_lines=True)
    cards.warnings(view.warnings)


opened = st.query_params.get("run")
if opened and "post_topic" not in st.session_state:
    # Another tab, or a reload: the form shows what this run is about.
    with contextlib.suppress(UnknownRun):
        st.session_state["post_topic"] = runs.store.get(opened).inputs.get("topic", "")
if "post_next" in st.session_state:
    st.session_state["post_topic"] = st.session_state.pop("post_next")
with st.form("post_form", border=False):
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    left.text_input(say("topic"), key="post_topic", placeholder=say("topic_hint"), max_chars=500)
    pressed = right.form_submit_button(say("go"), type="primary", width="stretch")
    with st.expander(say("models"), icon=":material/tune:"):
        listing = runs.gateway.catalogue.listing(offline=True)
        health = runs.gateway.health.all()
        preferred = runs.settings.preferred_models
        one, two = st.columns(2)
        with one:
            cards.model_menu(say("planner"), "post_planner", listing, health, preferred.get("plan", ""))
        with two:
            cards.model_menu(say("writer"), "post_writer", listing, health, preferred.get("write", ""))
        if listing.state == "seed":
            st.caption(say("seed_models", date=listing.date))
        st.checkbox(say("fresh"), key="post_fresh")
st.caption(need_line(runs, AGENT.requests()))

if pressed or st.session_state.pop("post_go", False):
    start()
if "post_error" in st.session_state:
    st.error(st.session_state["post_error"])

run = st.query_params.get("run") or st.session_state.get("post_run")
if run:
    st.session_state["post_run"] = run
    st.query_params["run"] = run  # so that a reload comes back to this run
    follow(runs, run, draw)
    again_buttons(runs, run, look(runs, run)[0], "post")
else:
    st.markdown(say("empty"))
    with st.container(horizontal=True):
        for n in (1, 2, 3):
            topic = say(f"example_{n}")
            if st.button(topic, key=f"chip-post-{n}"):
                st.session_state["post_go"] = True
                st.session_state["post_next"] = topic
                st.rerun()
