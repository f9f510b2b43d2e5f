"""Following a run on a page. The run works by itself; a page only looks, so a reload or a closed tab harms nothing."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from agents.errors import UnknownRun
from agents.run import Runs
from agents.view import RunView, view_of
from apps.ui.cards import plain
from apps.ui.words import lang, words_for
from tools.errors import FinaleError

__all__ = ["again_buttons", "follow", "look"]

_say = words_for("ui")
_EVERY_S = 0.3


def look(runs: Runs, run: str) -> tuple[RunView, bool]:
    """The run's view, and whether somebody is working on it now. An unknown id (a stale link) is an empty view."""
    try:
        runs.store.get(run)
    except UnknownRun:
        return RunView(), False
    living = runs.alive(run)
    return view_of(runs.store.events(run)), living


def follow(runs: Runs, run: str, draw: Callable[[RunView], None]) -> None:
    """Draw a run: once when it has ended, else again and again until it has, with a way to stop it."""
    view, living = look(runs, run)
    if not living:
        draw(view)
        return

    @st.fragment(run_every=_EVERY_S)
    def live() -> None:
        now, working = look(runs, run)
        if not working:
            st.rerun()
        draw(now)
        with st.container(horizontal=True, vertical_alignment="center"):
            stopping = st.session_state.get("stopping") == run
            if st.button(_say("stop"), key=f"stop-{run}", disabled=stopping, icon=":material/stop_circle:"):
                st.session_state["stopping"] = run
                runs.stop(run)
            waiting = _say("stopping") if stopping else now.doing or _say("waiting")
            st.caption(f":material/hourglass_top: {plain(waiting)}")

    live()


def again_buttons(runs: Runs, run: str, view: RunView, key: str) -> None:
    """Under a run that ended short of its best: go on with it, or let a model answer what was answered offline."""
    if runs.alive(run):
        return
    offline = [answer for answer in view.answers.values() if answer.by == "offline"]
    if view.failed or not view.ended:
        _again(runs.resume, run, _say("resume"), f"resume-{key}", None)
    elif offline and runs.gateway.usable:
        _again(runs.upgrade, run, _say("upgrade"), f"upgrade-{key}", _say("upgrade_help"))


def _again(act: Callable[[str], str], run: str, label: str, key: str, hint: str | None) -> None:
    if st.button(label, key=key, help=hint, icon=":material/refresh:"):
        try:
            act(run)
        except FinaleError as error:
            st.error(error.message(lang()))
            return
        st.session_state.pop("stopping", None)
        st.rerun()
