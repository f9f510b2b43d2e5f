"""The counselor page: a conversation on the left, the passages it rests on beside it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from agents.context import RunOptions
from agents.counselor import AGENT, QUESTION_LIMIT, TYPES, tone_names
from agents.errors import UnknownRun
from agents.face import guarded
from agents.view import RunView
from apps.ui import cards
from apps.ui.cards import plain
from apps.ui.follow import again_buttons, follow, look
from apps.ui.frame import frame, need_line, the_runs
from apps.ui.words import lang, words_for
from tools.errors import FinaleError
from tools.settings import save_settings

say = words_for("counselor")
state = st.session_state
KEPT_IN_ADDRESS = 12  # turns that a reload brings back; older ones stay in the history


def turns() -> list[dict[str, Any]]:
    """The conversation of this session: what was asked, and the run that answers (or the fixed text)."""
    if "counsel_turns" not in state:
        state["counsel_turns"] = []
        for run in filter(None, st.query_params.get("chat", "").split("~")):
            try:
                record = runs.store.get(run)
            except UnknownRun:
                continue
            state["counsel_turns"].append({"question": record.inputs.get("question", ""), "run": record.id})
    return state["counsel_turns"]


def ask(question: str) -> None:
    """Take a question: the crisis gate first, then a run."""
    mbti, tone = state.get("counsel_type") or "", state.get("counsel_tone") or "溫暖"
    inputs = {"question": question, "mbti": mbti, "tone": tone}
    answered = guarded(AGENT, inputs, lang())
    if answered:
        turns().append({"question": question, "fixed": answered.output.answer})
        return
    try:
        run = runs.start(AGENT, inputs, RunOptions(lang=lang()))
    except FinaleError as error:
        turns().append({"question": question, "error": error.message(lang())})
        return
    state.pop("stopping", None)
    turns().append({"question": question, "run": run})


def remember() -> None:
    """Keep type and tone for the next visit."""
    try:
        save_settings(finale_ui={"mbti": state.get("counsel_type") or "", "tone": state.get("counsel_tone") or ""})
    except FinaleError:
        return  # the page itself says what is wrong with the folder


def draw(view: RunView) -> None:
    """One answer as far as it is."""
    if view.failed:
        cards.failure(view.failed)
    output = view.envelope["output"] if view.envelope else None
    text = output["answer"] if output else view.texts.get("answer", "")
    if output and output["match"] != "good":
        st.caption(say(f"match_{output['match']}"))
    if text:
        st.markdown(plain(text))
    if output:
        if any(answer.cut for answer in view.answers.values()):
            st.caption(say("cut"))
        cards.answered_line(view.answers.values(), view.envelope["requests"])
        if output["unsupported"]:
            with st.expander(say("unverified"), icon=":material/help:"):
                for sentence in output["unsupported"]:
                    st.markdown(plain(sentence))
        cards.warnings(view.warnings)


def draw_turn(number: int, turn: dict[str, Any]) -> None:
    """One question and its answer."""
    with st.container(key=f"asked-{number}"), st.chat_message("user", avatar=":material/person:"):
        st.markdown(plain(turn["question"]))
    with st.chat_message("assistant", avatar=":material/local_florist:"):
        if "fixed" in turn:
            with st.container(border=True):
                st.markdown(f"**{say('crisis')}**")
                st.markdown(plain(turn["fixed"]))
            st.caption(say("kept_private"))
        elif "error" in turn:
            st.error(plain(turn["error"]))
        else:
            follow(runs, turn["run"], draw)
            if number < len(turns()) - 1:
                own_sources(look(runs, turn["run"])[0])
            if number == len(turns()) - 1:
                again_buttons(runs, turn["run"], look(runs, turn["run"])[0], f"counsel-{number}")


def shown_sources() -> None:
    """The passages of the newest answer: while it is being written those it was given, then those it cites."""
    newest = turns()[-1] if turns() else {}
    if "run" not in newest:
        if "fixed" not in newest:
            st.caption(say("sources_none"))
        return
    view, _ = look(runs, newest["run"])
    if view.envelope:
        for source in view.envelope["output"]["sources"]:
            cards.source_card(source["n"], titled(source), source["text"], source["score"])
    else:
        for given in view.sources.values():
            cards.source_card(given.n, given.title, given.text, given.score)


def titled(source: dict[str, Any]) -> str:
    """A source's type and topic."""
    return f"{source['type']} {source['topic']}".strip()


def own_sources(view: RunView) -> None:
    """An earlier answer's passages, folded under it: its numbers mean these and not the newest answer's."""
    sources = view.envelope["output"]["sources"] if view.envelope else []
    if sources:
        with st.expander(say("sources")):
            for source in sources:
                st.markdown(f"**\\[{source['n']}\\] {plain(titled(source))}**")
                st.markdown(plain(source["text"]))


def chips() -> list[str]:
    """Follow-up questions of the newest answer."""
    last = turns()[-1] if turns() else {}
    view = look(runs, last["run"])[0] if "run" in last else RunView()
    asked = {turn["question"] for turn in turns()}
    return [chip for chip in view.envelope["output"]["follow_ups"] if chip not in asked] if view.envelope else []


def as_markdown() -> str:
    """The conversation as a Markdown document."""
    parts = [f"# {say('export_title')}", say("limits")]
    for turn in turns():
        parts.append(f"## {turn['question']}")
        output = look(runs, turn["run"])[0].envelope if "run" in turn else None
        parts.append(output["output"]["answer"] if output else turn.get("fixed") or turn.get("error") or "")
        for source in output["output"]["sources"] if output else []:
            parts.append(f"> [{source['n']}] {source['type']} {source['topic']}：{source['text']}".replace("\n", " "))
    return "\n\n".join(parts) + "\n"


runs = the_runs()
frame(say("title"), say("purpose"))
kept = runs.settings.finale_ui
if "counsel_type" not in state:
    state["counsel_type"] = kept.get("mbti") if kept.get("mbti") in TYPES else ""
if "counsel_tone" not in state:
    state["counsel_tone"] = kept.get("tone") if kept.get("tone") in tone_names() else next(iter(tone_names()))

with st.container(horizontal=True, vertical_alignment="bottom"):
    st.selectbox(
        say("type"), ["", *TYPES], key="counsel_type", format_func=lambda t: t or say("type_none"),
        on_change=remember, width=170,
    )  # fmt: skip
    st.segmented_control(
        say("tone"), list(tone_names()), key="counsel_tone", required=True, on_change=remember,
        format_func=lambda t: t if lang() == "zh" else tone_names()[t],
    )  # fmt: skip
    if turns():
        if st.button(say("new"), icon=":material/add_comment:"):
            state["counsel_turns"] = []
            st.query_params.clear()
            st.rerun()
        st.download_button(say("export"), as_markdown(), "counselor.md", "text/markdown", icon=":material/download:")

question = st.chat_input(say("ask"), max_chars=QUESTION_LIMIT)
if question or state.get("counsel_next"):
    ask(question or state.pop("counsel_next"))
if turns():
    # Kept in the address on every pass, so that a reload finds the conversation also after a visit to another page.
    st.query_params["chat"] = "~".join([turn["run"] for turn in turns() if "run" in turn][-KEPT_IN_ADDRESS:])

talk, beside = st.columns([5, 3], gap="large")
with talk:
    if not turns():
        st.caption(say("limits"))
        st.markdown(say("examples"))
        for n in (1, 2, 3):
            if st.button(say(f"example_{n}"), key=f"chip-example-{n}"):
                state["counsel_next"] = say(f"example_{n}")
                st.rerun()
    for number, turn in enumerate(turns()):
        draw_turn(number, turn)
    if chips():
        st.caption(say("follow_ups"))
        for n, chip in enumerate(chips()):
            if st.button(chip, key=f"chip-{len(turns())}-{n}"):
                state["counsel_next"] = chip
                st.rerun()
    if not turns() or "fixed" not in turns()[-1]:
        st.caption(need_line(runs, AGENT.requests()))
with beside, st.container(key="beside"):
    if not turns() or "fixed" not in turns()[-1]:
        st.subheader(say("sources"), anchor=False)
    shown_sources()
