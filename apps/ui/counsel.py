"""What stands around the counselor's conversation: the type, memory, one's own texts, earlier conversations."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import streamlit as st

from agents.counselor import TYPES, tone_names
from agents.counselor.aftercare import hotline_numbers
from agents.counselor.asking import own_type
from agents.counselor.conversation import chain, conversations
from agents.counselor.memory import NOTE_LIMIT, Memory, open_memory
from agents.run import Runs
from apps.ui.cards import plain
from apps.ui.frame import clock
from apps.ui.words import lang, words_for
from tools.errors import FinaleError
from tools.settings import Settings, save_settings

__all__ = [
    "collections_panel",
    "delete_panel",
    "hear_type",
    "history_panel",
    "keep_choices",
    "memory_panel",
    "own_sources_title",
    "remember_choices",
    "type_and_tone",
    "with_numbers",
]

say = words_for("counselor")
_SHOWN = 15
_LETTERS = ("EI", "SN", "TF", "JP")


def keep_choices() -> None:
    """Set the choices to what was last said: in this session, or before it, or in another window.

    The widgets forget their values whenever they are not drawn, so the truth is kept beside them and given to them on every
    pass; a change of theirs comes first, through `remember_choices`.
    """
    state = st.session_state
    if "counsel_kept" not in state or "counsel_type" not in state:  # a visit begins
        saved = Settings().finale_ui
        state["counsel_kept"] = {
            "mbti": saved.get("mbti") if saved.get("mbti") in TYPES else "",
            "tone": saved.get("tone") if saved.get("tone") in tone_names() else next(iter(tone_names())),
            "remember": "1" if saved.get("remember") else "",
        }
    kept = state["counsel_kept"]
    state["counsel_type"], state["counsel_tone"] = kept["mbti"], kept["tone"]
    state["counsel_remember"] = bool(kept["remember"])


def remember_choices() -> None:
    """Keep type, tone and the memory switch for the rest of the session and for the next visit."""
    state = st.session_state
    kept = {
        "mbti": state.get("counsel_type") or "",
        "tone": state.get("counsel_tone") or state["counsel_kept"]["tone"],
        "remember": "1" if state.get("counsel_remember") else "",
    }
    state["counsel_kept"] = kept
    try:
        save_settings(finale_ui={**Settings().finale_ui, **kept})
    except FinaleError:
        return  # the page itself says what is wrong with the folder


def hear_type(question: str) -> None:
    """A type that somebody says they have becomes the chosen one; to be called before the menu of types is drawn."""
    heard = own_type(question)
    if heard and heard != st.session_state["counsel_type"]:
        st.session_state["counsel_type"] = heard
        remember_choices()


def with_numbers(text: str) -> str:
    """Fixed text of the house as Markdown, its hotlines as numbers that a phone can call."""
    numbers = hotline_numbers()
    pattern = "|".join(re.escape(number) for number in numbers)
    marked = re.sub(
        rf"(?<![\d-])(?:{pattern})(?![\d-])", lambda found: f"\ue000{numbers.index(found.group())}\ue001", text
    )
    linked = {str(n): f"[{number}](tel:{number.replace('-', '')})" for n, number in enumerate(numbers)}
    return re.sub("\ue000(\\d+)\ue001", lambda found: linked[found.group(1)], plain(marked))


def type_and_tone() -> None:
    """The two choices that shape every answer; somebody unsure of the letters can put them together one by one."""
    st.selectbox(
        say("type"), ["", *TYPES], key="counsel_type", format_func=lambda t: t or say("type_none"),
        on_change=remember_choices, width=150,
    )  # fmt: skip
    if not st.session_state["counsel_type"]:
        with st.popover(say("letters"), icon=":material/spellcheck:"):
            st.caption(say("letters_about"))
            for pair in _LETTERS:
                st.segmented_control(
                    say(f"pair_{pair}"), list(pair), key=f"letter_{pair}", format_func=lambda x: say(f"letter_{x}")
                )
            chosen = "".join(st.session_state.get(f"letter_{pair}") or "" for pair in _LETTERS)
            st.button(
                say("letters_use", type=chosen) if len(chosen) == 4 else say("letters_more"),
                disabled=len(chosen) < 4, on_click=_use_letters, args=(chosen,), type="primary",
            )  # fmt: skip
    st.segmented_control(
        say("tone"), list(tone_names()), key="counsel_tone", required=True, on_change=remember_choices,
        format_func=lambda t: t if lang() == "zh" else tone_names()[t],
    )  # fmt: skip


def _use_letters(chosen: str) -> None:
    st.session_state["counsel_type"] = chosen
    remember_choices()


def memory_panel(runs: Runs) -> None:
    """What is kept about the person: off unless switched on, all of it to be seen, changed and deleted."""
    st.markdown(f"**{say('memory')}**")
    st.toggle(say("memory_on"), key="counsel_remember", on_change=remember_choices)
    st.caption(say("memory_about"))
    memory = open_memory(runs.home)
    notes = memory.all()
    for note in notes:
        key = f"note-{note.id}-{note.text}"  # other words are another widget: what was typed before does not stick
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text_input(
                say("memory_note"), note.text, key=key, max_chars=NOTE_LIMIT, label_visibility="collapsed",
                on_change=_edited, args=(memory, note.id, key),
            )  # fmt: skip
            st.button(
                say("memory_delete"), key=f"note-delete-{note.id}", icon=":material/delete:", on_click=memory.delete,
                args=(note.id,), type="tertiary",
            )  # fmt: skip
    with st.form("memory_form", border=False, clear_on_submit=True):
        text = st.text_input(say("memory_new"), max_chars=NOTE_LIMIT, placeholder=say("memory_example"))
        if st.form_submit_button(say("memory_add")):
            _told(lambda: memory.add(text))
    if notes:
        st.button(say("memory_clear"), on_click=memory.clear, icon=":material/delete_sweep:")
    problem = st.session_state.pop("memory_problem", "")
    if problem:
        st.error(plain(problem))


def _edited(memory: Memory, note: int, key: str) -> None:
    text = str(st.session_state[key])
    if not text.strip():
        memory.delete(note)
        return
    try:
        memory.edit(note, text)
    except FinaleError as error:
        st.session_state["memory_problem"] = error.message(lang())


def _told(act: Callable[[], object]) -> None:
    """Do what a button asks and draw the page anew, or say why not."""
    try:
        act()
    except FinaleError as error:
        st.error(plain(error.message(lang())))
    else:
        st.rerun()


def collections_panel(runs: Runs) -> None:
    """Which of the person's own texts are searched beside the house's notes."""
    from tools.retrieval.library import open_library

    found = open_library(runs.home).collections()
    st.markdown(f"**{say('texts')}**")
    st.caption(say("texts_about"))
    if found:
        names = {collection.id: collection.name for collection in found}
        # A collection deleted on another page must not stay chosen here.
        chosen = st.session_state.get("counsel_texts")
        st.session_state["counsel_texts"] = (
            [id_ for id_ in chosen if id_ in names]
            if chosen is not None
            else [collection.id for collection in found if collection.preferred]
        )
        st.pills(
            say("texts_use"), list(names), selection_mode="multi", key="counsel_texts", format_func=names.__getitem__
        )
    st.page_link("pages/library.py", label=say("texts_page" if found else "texts_first"), icon=":material/upload_file:")


def history_panel(runs: Runs, current: str) -> str:
    """Earlier conversations, newest first; the id of the one a person wants to see again, "" if none."""
    found = [talk for talk in conversations(runs.history(500, "counselor")) if talk.last != current]
    st.caption(say("history_earlier" if found else "history_none"))
    for talk in found[:_SHOWN]:
        about = " · ".join(filter(None, (talk.mbti, say("history_turns", n=talk.turns), clock(talk.updated))))
        if st.button(talk.title[:60], key=f"chip-talk-{talk.last}", help=about, type="tertiary"):
            return talk.last
        st.caption(about)
    return ""


def delete_panel(runs: Runs, last: str) -> bool:
    """Delete a whole conversation once a person is sure; True when it is gone."""
    sure = st.checkbox(say("delete_sure"), key=f"delete-sure-{last}")
    if not sure or not st.button(say("delete_yes"), key="delete-talk", icon=":material/delete:"):
        return False
    try:
        for record in reversed(chain(last, runs.store.find)):
            runs.delete(record.id)
    except FinaleError as error:
        st.error(plain(error.message(lang())))
        return False
    return True


def own_sources_title(source: dict[str, Any]) -> str:
    """A source's text, type and topic, as a card's heading."""
    return " ".join(filter(None, (source.get("title"), source["type"], source["topic"])))
