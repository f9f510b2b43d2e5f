"""The comparison page: say what to ask and whom, see what it takes, watch the replies side by side, vote blind, take the report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from agents.compare import AGENT
from agents.context import RunOptions
from agents.run import Runs
from agents.store import RunRecord
from apps.ui import cards
from apps.ui.cards import plain
from apps.ui.compare_live import Board, Seen, follow, grid
from apps.ui.compare_plan import Ready, plan_part
from apps.ui.compare_prompts import prompts_part
from apps.ui.compare_report import made_of, report_part
from apps.ui.compare_table import errors_part, numbers_part
from apps.ui.compare_votes import votes_part
from apps.ui.compare_wishes import fill, models_part, settings_part
from apps.ui.frame import clock, frame, the_runs
from apps.ui.words import lang, words_for
from tools.compare import NOT_ASKED, OFFLINE, Comparison, in_order, rank, summarise
from tools.errors import FinaleError

say = words_for("compare")
state = st.session_state
runs: Runs = the_runs()
frame(say("title"), say("purpose"))
_EARLIER = 6
_TABS = ("replies", "numbers", "votes", "report")


def start(ready: Ready) -> None:
    """Begin a run of what was planned."""
    inputs, purpose = ready
    options = RunOptions(fresh=bool(state.get("compare_fresh")), lang=lang(), purpose=purpose)
    try:
        run = runs.start(AGENT, inputs.model_dump(mode="json"), options)
    except FinaleError as error:
        st.error(plain(error.message(lang())))
        return
    state.pop("stopping", None)
    st.query_params["run"] = run
    st.rerun()  # the form folds up and makes room


def form(beside: Callable[[], None] | None = None) -> None:
    """What is asked, of whom, and what it takes; `beside` draws what stands by the button."""
    given = prompts_part(runs)
    models = models_part(runs)
    given = {**given, "models": models, **settings_part(runs)}
    ready = plan_part(runs, given)
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(say("go"), type="primary", key="compare_start", disabled=ready is None)
        if beside:
            beside()
    if ready and (pressed or state.pop("compare_go", False)):
        start(ready)


def blind_toggle() -> None:
    """Beside the start, and then beside what it started: names may be hidden and shown at any time."""
    st.toggle(say("masked"), key="compare_masked", help=say("masked_help"), persist_state="session")


def show(record: RunRecord) -> None:
    """A run as far as it is."""
    try:
        board = Board.of(record, bool(state.get("compare_masked")))
    except FinaleError as error:  # it compared a step that this version does not have
        st.error(plain(error.message(lang())))
        return
    st.subheader(plain(record.title), anchor=False)
    parts = [
        say("made_line", when=clock(record.created)),
        say(
            "shape_line",
            prompts=len(record.inputs["prompts"]),
            columns=len(board.columns),
            repeats=record.inputs["repeats"],
        ),
    ]
    if record.envelope:
        parts.append(say("requests_line", n=record.envelope["requests"]))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(plain(" · ".join(parts)))
        blind_toggle()
    follow(runs, board, lambda seen: ended(record, board, seen))


def ended(record: RunRecord, board: Board, seen: Seen) -> None:
    """A run that nobody works on now: all of it, or what there is."""
    record = runs.store.get(record.id)  # it may have ended since the page began
    if seen.view.failed:
        cards.failure(seen.view.failed)
    again(record, seen)
    if not board.blind:  # they name models
        cards.warnings(seen.view.warnings)
    if record.envelope is None or seen.view.envelope is None:
        grid(board, seen)
        return
    result(record, board, seen)


def again(record: RunRecord, seen: Seen) -> None:
    """What can still be asked: the rest of a run that was cut short, or what gave no data."""
    output: dict[str, Any] = (record.envelope or {}).get("output") or {}
    rows = [row for row in output.get("replies", []) if row["error"]]
    rest = sum(row["error"] in (NOT_ASKED, "quota_spent", "run_limit") for row in rows)
    if seen.view.failed or not seen.view.ended:
        if not seen.view.failed:
            st.info(say("interrupted"))
        act, label = runs.resume, say("rest_go")
    elif record.status == "partial":
        st.info(say("rest", n=rest))
        act, label = runs.resume, say("rest_go")
    elif rows and runs.gateway.usable:
        act, label = runs.upgrade, say("misses", n=len(rows))
    else:
        return
    if st.button(label, key="compare-again", icon=":material/refresh:"):
        try:
            act(record.id)
        except FinaleError as error:
            st.error(plain(error.message(lang())))
            return
        state.pop("stopping", None)
        st.rerun()


@st.fragment
def result(record: RunRecord, board: Board, seen: Seen) -> None:
    """The finished comparison. Only the tab that is open is drawn: keys vote on no hidden pair."""
    made = made_of(runs, record)
    tabs = st.tabs([say(f"tab_{name}") for name in _TABS], key=f"compare-tab-{record.id}", on_change="rerun")
    opened = next((name for name, tab in zip(_TABS, tabs, strict=True) if tab.open), _TABS[0])
    with tabs[_TABS.index(opened)]:
        if opened == "replies":
            grid(board, seen, rows={reply.id: reply.model_dump(mode="json") for reply in made.replies})
        elif opened == "numbers":
            numbers(made, board)
        elif opened == "votes":
            judged = [vote for vote in made.votes if vote.by == "judge"]
            votes_part(runs, record.id, made.replies, made.prompts, judged, made.seed, board.name)
        else:
            report_part(runs, record, made, board.name)


def numbers(made: Comparison, board: Board) -> None:
    people = [vote for vote in made.votes if vote.by == "person"]
    ranking = rank(people, made.models, seed=made.seed) if people else None
    numbers_part(in_order(summarise(made.replies, made.models, seed=made.seed), ranking), made.replies, board.name)
    errors_part(made.replies, board.name)


def example(text: str) -> None:
    """An example was pressed: it runs offline, whatever was chosen before."""
    state["compare_source"], state["compare_text"], state["compare_by_line"] = "text", text, True
    state["compare_models"], state["compare_go"] = [OFFLINE], True


opened = st.query_params.get("run") or state.get("compare_run", "")
record = runs.store.find(opened) if opened else None
if record and record.agent == "compare":
    if "compare_text" not in state:
        fill(record.inputs)  # another tab, or a reload: the form shows what this run is about
    state["compare_run"] = st.query_params["run"] = record.id
    folded = st.expander(say("another"), icon=":material/edit:", key=f"compare-form-{record.id}", on_change="rerun")
    if folded.open:
        with folded:
            form()
    show(record)
else:
    form(beside=blind_toggle)
    st.markdown(say("empty"))
    with st.container(horizontal=True):
        for n in (1, 2, 3):
            st.button(say(f"example_{n}"), key=f"chip-compare-{n}", on_click=example, args=(say(f"example_{n}_text"),))
    earlier = runs.history(_EARLIER, "compare")
    if earlier:
        st.caption(say("earlier"))
        with st.container(horizontal=True):
            for one in earlier:
                if st.button(one.title or one.id, key=f"chip-earlier-{one.id}", type="tertiary"):
                    st.query_params["run"] = one.id
                    st.rerun()
