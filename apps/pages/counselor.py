"""The counselor page: a conversation on the left, the passages it rests on beside it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from agents.context import RunOptions
from agents.counselor import AGENT, QUESTION_LIMIT
from agents.counselor.aftercare import after_reply, crisis_kind, hotline_line, something_else
from agents.counselor.conversation import chain, has_gap
from agents.counselor.export import as_markdown
from agents.face import guarded
from agents.quoting import unquoted
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
# A short page cannot bring its end to the top, so this holds on while the answer grows, until the reader moves. What was
# pressed to ask is gone by then: where there is a keyboard, its next key goes to the question box.
_TO_TOP = """
(() => {
const name = '.st-key-asked-%d', turn = %d, end = Date.now() + 60000;
window.finaleTurn = turn;
let moved = false;
for (const what of ['wheel', 'touchstart', 'mousedown', 'keydown'])
  addEventListener(what, () => { moved = true; }, {once: true, passive: true, capture: true});
const hold = () => {
  if (moved || window.finaleTurn !== turn || Date.now() > end) return;
  const asked = document.querySelector(name);
  const off = asked ? asked.getBoundingClientRect().top - parseFloat(getComputedStyle(asked).scrollMarginTop) : 0;
  if (Math.abs(off) > 4) asked.scrollIntoView({block: 'start'});
  if (matchMedia('(pointer: fine)').matches && document.activeElement === document.body)
    document.querySelector('.st-key-ask textarea')?.focus({preventScroll: true});
  setTimeout(hold, 250);
};
setTimeout(hold, 50);
})();
"""


def turns() -> list[dict[str, Any]]:
    """The conversation of this session: what was asked, and the run that answers (or the fixed text, or an error)."""
    if "counsel_turns" not in state:
        open_talk(st.query_params.get("chat", ""))
    return state["counsel_turns"]


def open_talk(last: str) -> None:
    """Bring a conversation back from the history; its last run's id is its name. "" begins a new one."""
    records = chain(last, runs.store.find) if last else []
    state["counsel_turns"] = [{"question": record.inputs.get("question", ""), "run": record.id} for record in records]
    state["counsel_gap"] = has_gap(records)
    # Another key is another panel: the one from which a conversation was opened or deleted closes.
    state["counsel_talk"] = state.get("counsel_talk", 0) + 1
    state.pop("counsel_crisis", None)
    if records:
        state["counsel_scroll"] = len(records) - 1  # its newest turn is what the sources beside it belong to
    st.query_params.clear()


def last_run() -> str:
    """The newest turn that is a run: the one a new question goes on from."""
    return next((turn["run"] for turn in reversed(turns()) if "run" in turn), "")


def ask(question: str) -> None:
    """Take a question: the crisis gate first, then a run."""
    inputs = {"question": question}
    answered = guarded(AGENT, inputs, lang())
    if answered:
        # Known only here, for as long as this page is open; neither the message nor that there was one is stored.
        state["counsel_crisis"], state["counsel_hotlines"] = crisis_kind(question), True
        turns().append({"question": question, "fixed": answered.output.answer})
        return
    if state.get("counsel_crisis") and not something_else(question):
        turns().append({"question": question, "fixed": after_reply(state["counsel_crisis"], lang())})
        return
    state.pop("counsel_crisis", None)
    counsel.hear_type(question)
    inputs = {
        "question": question,
        "mbti": state.get("counsel_type") or "",
        "tone": state.get("counsel_tone") or "溫暖",
        "after": last_run(),
        "collections": state.get("counsel_texts"),
        "remember": bool(state.get("counsel_remember")),
    }
    try:
        run = runs.start(AGENT, inputs, RunOptions(lang=lang()))
    except FinaleError as error:
        turns().append({"question": question, "error": error.message(lang())})
        return
    state.pop("stopping", None)
    turns().append({"question": question, "run": run})


def draw(view: RunView) -> None:
    """One answer as far as it is."""
    if view.failed:
        cards.failure(view.failed)
    output = view.envelope["output"] if view.envelope else None
    text = output["answer"] if output else unquoted(view.texts.get("answer", ""))
    if text:
        st.markdown(plain(text))
    if output:
        if any(answer.cut for answer in view.answers.values()):
            st.caption(say("cut"))
        cards.answered_line(view.answers.values(), view.envelope["requests"])
        if output.get("noted"):
            st.caption(f":material/bookmark: {say('noted', what=plain('、'.join(output['noted'])))}")
        # How well the notes fit stands in the answer itself.
        cards.warnings(warned for warned in view.warnings if not warned.code.startswith("match_"))


def draw_turn(number: int, turn: dict[str, Any]) -> None:
    """One question and its answer."""
    newest = number == len(turns()) - 1
    with st.container(key=f"asked-{number}"), st.chat_message("user", avatar=":material/person:"):
        st.markdown(plain(turn["question"]))
    with st.chat_message("assistant", avatar=":material/local_florist:"):
        if "fixed" in turn:
            with st.container(border=True):
                st.markdown(f"**{say('crisis')}**")
                st.markdown(counsel.with_numbers(turn["fixed"]))
            st.caption(say("kept_private"))
            if newest and state.get("counsel_crisis"):
                st.button(say("crisis_else"), key=f"else-{number}", on_click=lambda: state.pop("counsel_crisis", None))
        elif "error" in turn:
            st.error(plain(turn["error"]))
        elif runs.store.find(turn["run"]) is None:
            st.caption(say("turn_gone"))
        else:
            follow(runs, turn["run"], draw)
            view, _ = look(runs, turn["run"])
            if newest:
                again_buttons(runs, turn["run"], view, f"counsel-{number}")
            # On a wide page the newest answer's stand beside it instead (style.css).
            with st.container(key=f"under-{'newest' if newest else number}"):
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
    """An answer's passages, folded under it: its numbers mean these and not another answer's."""
    sources = view.envelope["output"]["sources"] if view.envelope else []
    if sources:
        with st.expander(say("sources")):
            for source in sources:
                st.markdown(f"**\\[{source['n']}\\] {plain(titled(source))}**")
                st.caption(say("source_score", score=f"{source['score']:.2f}"))
                st.markdown(plain(source["text"]))


def chips() -> list[str]:
    """Follow-up questions of the newest answer."""
    last = turns()[-1] if turns() else {}
    view = look(runs, last["run"])[0] if "run" in last else RunView()
    asked = {turn["question"] for turn in turns()}
    return [chip for chip in view.envelope["output"]["follow_ups"] if chip not in asked] if view.envelope else []


def talk_tools() -> None:
    """What can be done with the conversation as a whole, and what answers may draw on."""
    # Drawn also when there is nothing to leave yet: what stands after it must not change places.
    if st.button(say("new"), icon=":material/add_comment:", disabled=not turns(), key="counsel-new"):
        open_talk("")
        st.rerun()
    with st.popover(say("history"), icon=":material/history:", key=f"counsel-history-{state.get('counsel_talk', 0)}"):
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
    with st.popover(say("texts_and_memory"), icon=":material/menu_book:", key="counsel-texts"):
        counsel.collections_panel(runs)
        counsel.memory_panel(runs)


def show_newest() -> None:
    """Bring the question that was just asked to the top of the window, so that its answer is read from the beginning."""
    number = state.pop("counsel_scroll", None)
    if number is not None:
        # Fixed code of ours; only whole numbers are put into it. The second one makes equal scripts differ: each must run.
        state["counsel_moves"] = state.get("counsel_moves", 0) + 1
        script = _TO_TOP % (int(number), int(state["counsel_moves"]))
        st.html(f"<script>{script}</script>", unsafe_allow_javascript=True)


def in_crisis() -> bool:
    """Whether the newest thing on the page is fixed text with hotlines: nothing else should ask for attention then."""
    return bool(turns()) and "fixed" in turns()[-1]


def tell() -> None:
    """The conversation, from its beginning."""
    if state.get("counsel_hotlines") and not in_crisis():
        st.caption(counsel.with_numbers(hotline_line(lang())))
    if not turns():
        st.caption(say("limits"))
        st.markdown(say("examples"))
        for n in (1, 2, 3):
            if st.button(say(f"example_{n}"), key=f"chip-example-{n}"):
                state["counsel_next"] = say(f"example_{n}")
                st.rerun()
    if state.get("counsel_gap"):
        st.caption(say("gap"))
    for number, turn in enumerate(turns()):
        draw_turn(number, turn)
    if chips():
        st.caption(say("follow_ups"))
        for n, chip in enumerate(chips()):
            if st.button(chip, key=f"chip-{len(turns())}-{n}"):
                state["counsel_next"] = chip
                st.rerun()
    if not in_crisis():
        st.caption(need_line(runs, AGENT.requests()))


runs = the_runs()
frame(say("title"), say("purpose"))
counsel.keep_choices()
turns()
bar = st.container(horizontal=True, vertical_alignment="bottom")
talk, beside = st.columns([5, 3], gap="large")
with talk:
    told = st.container()
    # Not the page's own bottom bar: that would scroll a long answer to its end before anybody has read its beginning.
    with st.container(key="ask"):
        question = st.chat_input(say("ask"), max_chars=QUESTION_LIMIT)
# A question is taken before anything is drawn that depends on it: the type it says, the way to a new conversation.
if question or state.get("counsel_next"):
    ask(question or state.pop("counsel_next"))
    state["counsel_scroll"] = len(turns()) - 1
if last_run():
    # Kept in the address on every pass, so that a reload finds the conversation also after a visit to another page.
    st.query_params["chat"] = last_run()
with bar:
    counsel.type_and_tone()
    talk_tools()
with told:
    tell()
with beside, st.container(key="beside"):
    if not in_crisis():
        st.subheader(say("sources"), anchor=False)
    shown_sources()
show_newest()
