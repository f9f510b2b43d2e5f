"""The pages' words in the language the person chose. One YAML file per page, and `ui` for what pages share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from tools.settings import Settings
from tools.words import Lang, Words

__all__ = ["lang", "words_for"]

_FOLDER = Path(__file__).parent.parent / "words"


def lang() -> Lang:
    """The language of this session: what was chosen here, else the setting."""
    if "lang" not in st.session_state:
        st.session_state["lang"] = Settings().lang
    return "en" if st.session_state["lang"] == "en" else "zh"


def words_for(page: str) -> Callable[..., str]:
    """A function that gives the page's line for a key, or the shared one."""
    own, shared = Words.load(_FOLDER / f"{page}.yaml"), Words.load(_FOLDER / "ui.yaml")

    def say(key: str, **params: object) -> str:
        return (own if own.has(key) else shared).say(key, lang(), **params)

    return say
