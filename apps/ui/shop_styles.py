"""The style lock of a shop: one style for all its pictures, or none."""

from __future__ import annotations

import streamlit as st

from apps.ui import styles
from apps.ui.cards import plain
from apps.ui.words import words_for

__all__ = ["locked_name", "pick_lock"]

say = words_for("shop")
state = st.session_state


def pick_lock(key: str, given: str) -> str:
    """The chosen style's id, "" where none is; pressing the chosen one lets it go."""
    chosen = state.setdefault(key, given)
    st.markdown(say("style", name=plain(locked_name(chosen))))
    styles.style_row("shop", chosen, _choose, (key,))
    return chosen


def locked_name(id: str) -> str:
    """A style's name in the language of the page; for "", what stands in for one."""
    return styles.style_name(id) if id else say("style_none")


def _choose(key: str, style: str) -> None:
    state[key] = "" if state.get(key) == style else style
