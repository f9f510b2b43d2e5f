"""The frame around every page: title, one line of purpose, the quiet line for cost and state, the language switch."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from agents.run import Runs, open_runs
from apps.ui.words import lang, words_for
from tools.errors import FinaleError
from tools.llm import Gateway
from tools.settings import Settings, save_settings

__all__ = ["clock", "frame", "need_line", "sidebar", "the_runs"]

_REFRESH_S = 60.0
_say = words_for("ui")


def frame(title: str, purpose: str) -> None:
    """The head of a page."""
    st.title(title, anchor=False)
    st.caption(purpose)


def sidebar() -> None:
    """What stands beside every page: the state of today's quota, and the language."""
    st.html(Path(__file__).with_name("style.css"))
    if lang() == "zh":
        st.html(Path(__file__).with_name("style.zh.css"))
    with st.sidebar:
        st.logo(str(Path(__file__).with_name("icon.png")), size="large")
        _state_line()
        st.segmented_control(
            _say("language"),
            ["zh", "en"],
            default=lang(),
            required=True,
            format_func={"zh": "繁體中文", "en": "English"}.get,
            key="lang_choice",
            on_change=_choose_language,
            label_visibility="collapsed",
        )


def the_runs() -> Runs:
    """The runs of this process; a page that cannot have them says why and stops."""
    try:
        runs = open_runs(Settings())
    except FinaleError as error:
        st.error(f"**{_say('storage_error')}**　{error.message(lang())}")
        st.stop()
    _refresh_in_background(runs.gateway)
    return runs


def need_line(runs: Runs, requests: tuple[int, int]) -> str:
    """What pressing the button will cost, in one line."""
    gateway = runs.gateway
    if not gateway.usable or gateway.refusal:
        return _say("needs_none")
    quota = gateway.quota()
    if quota.limited and quota.remaining < requests[0]:
        return _say("needs_short", remaining=quota.remaining, resets=clock(quota.resets_at))
    return _say("needs", low=requests[0], high=requests[1])


def clock(at: float) -> str:
    """A moment as local month/day and time."""
    return time.strftime("%m/%d %H:%M", time.localtime(at))


def _state_line() -> None:
    gateway = the_runs().gateway
    if not gateway.usable:
        st.page_link("pages/settings.py", label=_say("state_offline"), icon=":material/cloud_off:")
        return
    quota = gateway.quota()
    if gateway.refusal:
        st.page_link("pages/settings.py", label=_say("state_key_rejected"), icon=":material/key_off:")
        st.caption(gateway.refusal.message(lang()))
    elif gateway.catalogue.unreachable:
        st.caption(f":material/cloud_off: {_say('state_unreachable')}")
    elif quota.limited:
        hint = _say("state_left_help", limit=quota.limit, resets=clock(quota.resets_at))
        st.caption(f":material/bolt: {_say('state_left', remaining=quota.remaining)}", help=hint)
    else:
        st.caption(f":material/dns: {_say('state_own')}")


def _choose_language() -> None:
    st.session_state["lang"] = st.session_state["lang_choice"]
    try:
        save_settings(finale_lang=st.session_state["lang"])
    except FinaleError:
        return  # the choice holds for this session; the page itself says what is wrong with the folder


@st.cache_resource
def _last_refresh() -> dict[str, float]:
    return {}


def _refresh_in_background(gateway: Gateway) -> None:
    """Bring the model list and the server's count up to date without making the page wait for the network."""
    if not gateway.usable:
        return
    seen = _last_refresh()
    if time.monotonic() - seen.get(gateway.base_url, -_REFRESH_S) < _REFRESH_S:
        return
    seen[gateway.base_url] = time.monotonic()
    _in_thread(lambda: (gateway.catalogue.listing(), gateway.quota(refresh=True)))


def _in_thread(work: Callable[[], object]) -> None:
    threading.Thread(target=work, daemon=True, name="finale-refresh").start()
