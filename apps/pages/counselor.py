"""The counselor page: a conversation on the left, the passages it rests on beside it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from agents.context import RunOptions
from agents.counselor import AGENT, QUESTION_LIMIT
from agents.counselor.conversation import chain
from agents.counselor.export import as_markdown
from agents.face import guarded
from agents.view import RunView
from apps.ui import cards, counsel
from apps.ui.cards import plain
from apps.ui.counsel import own_sources_title as titled
from apps.ui.follow import again_buttons, follow, look
from apps.ui.frame import frame, need_line, the_runs
from apps.ui.words import lang, words_for
from tools.errors import FinaleError

say = words_for("counselor")
state = st.session_state


def turns() -> list[dict[str, Any]]:
    """The conversation of this session: what was asked, and the run that answers (or the fixed text, or an error)."""
    if "counsel_turns" not in state:
        open_talk(st.query_params.get("chat", ""))
    return state["counsel_turns"]


def open_talk(last: str) -> None:
    """Bring a conversation back from the history; its last run's id is its name."""
    records = chain(last, runs.store.find) if last else []
    state["counsel_turns"] = [{"question": record.inputs.get("question", ""), "run": record.id} for record in records]
    st.query_params.clear()


def last_run() -> str:
    """The newest turn that is a run: the one a new question goes on from."""
    return next((turn["run"] for turn in reversed(turns()) if "run" in turn), "")


def ask(question: str) -> None:
    """Take a question: the crisis gate first, then a run."""
    inputs = {
        "question": question,
        "mbti": state.get("counsel_type") or "",
        "tone": state.get("counsel_tone") or "溫暖",
        "after": last_run(),
        "collections": state.get("counsel_texts"),
        "remember": bool(state.get("counsel_remember")),
    }
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


def hear_type() -> None:
    """A type somebody said in a message becomes the chosen one, once."""
    newest = last_run()
    envelope = look(runs, newest)[0].envelope if newest else None
    if envelope and state.get("counsel_heard") != newest:
        state["counsel_heard"] = newest
        heard = envelope["output"].get("mbti", "")
        if heard and heard != state["counsel_type"]:
            state["counsel_type"] = heard
            counsel.remember_choices()


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
        if output.get("noted"):
            st.caption(f":material/bookmark: {say('noted', what=plain('、'.join(output['noted'])))}")
        cards.warnings(view.warnings)


def draw_turn(number: int, turn: dict[str, Any]) -> None:
    """One question and its answer."""
    newest = number == len(turns()) - 1
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
            view, _ = look(runs, turn["run"])
            if newest:
                again_buttons(runs, turn["run"], view, f"counsel-{number}")
            else:
                own_sources(view)


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


def talk_tools() -> None:
    """What can be done with the conversation as a whole, and what answers may draw on."""
    if turns() and st.button(say("new"), icon=":material/add_comment:"):
        open_talk("")
        st.rerun()
    with st.popover(say("history"), icon=":material/history:"):
        if last_run():
            document = as_markdown(chain(last_run(), runs.store.find), lang())
            st.download_button(say("export"), document, "counselor.md", "text/markdown", icon=":material/download:")
            if counsel.delete_panel(runs, last_run()):
                open_talk("")
                st.rerun()
        wanted = counsel.history_panel(runs, last_run())
        if wanted:
            open_talk(wanted)
            st.rerun()
    with st.popover(say("texts_and_memory"), icon=":material/menu_book:"):
        counsel.collections_panel(runs)
        counsel.memory_panel(runs)


def show_newest() -> None:
    """Bring the question that was just asked to the top of the window, so that its answer is read from the beginning."""
    number = state.pop("counsel_scroll", None)
    if number is not None:
        # Fixed code of ours; only a whole number is put into it.
        where = f"document.querySelector('.st-key-asked-{int(number)}')?.scrollIntoView({{block: 'start'}})"
        st.html(f"<script>for (const ms of [50, 400, 1200]) setTimeout(() => {where}, ms)</script>",
                unsafe_allow_javascript=True)  # fmt: skip


runs = the_runs()
frame(say("title"), say("purpose"))
counsel.keep_choices(runs)
turns()
hear_type()
with st.container(horizontal=True, vertical_alignment="bottom"):
    counsel.type_and_tone()
    talk_tools()

talk, beside = st.columns([5, 3], gap="large")
with talk:
    told = st.container()
    # Not the page's own bottom bar: that would scroll a long answer to its end before anybody has read its beginning.
    with st.container(key="ask"):
        question = st.chat_input(say("ask"), max_chars=QUESTION_LIMIT)
    if question or state.get("counsel_next"):
        ask(question or state.pop("counsel_next"))
        state["counsel_scroll"] = len(turns()) - 1
if last_run():
    # Kept in the address on every pass, so that a reload finds the conversation also after a visit to another page.
    st.query_params["chat"] = last_run()

with told:
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
show_newest()
