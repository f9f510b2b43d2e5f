"""A comparison's replies side by side: as they stream, and when they are all there."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from agents.compare.columns import columns_of
from agents.compare.state import CompareInputs, Round, rounds
from agents.events import Progress, Started
from agents.run import Runs
from agents.store import RunRecord
from agents.view import RunView
from apps.ui.cards import plain
from apps.ui.compare_card import Cell, draw_cell, state_of
from apps.ui.words import words_for
from tools.compare import OFFLINE

__all__ = ["Board", "Seen", "follow", "grid", "look"]

say = words_for("compare")
state = st.session_state
_EVERY_S = 0.15
_LETTERS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥玄黃"  # as many as there may be columns
_LINE = 46  # characters of a prompt in a menu
_PROMPT = 1_500


@dataclass
class Seen:
    """What is known of a run: its view, and the cells in which a model has begun to think."""

    view: RunView = field(default_factory=RunView)
    thinking: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Board:
    """What a run compares: its rounds and its columns, as they are called on the page."""

    run: str
    rounds: tuple[Round, ...]
    columns: tuple[str, ...]
    blind: bool = False

    @classmethod
    def of(cls, record: RunRecord, blind: bool) -> Board:
        """The board of a run; blind ones have their columns in an order of their own, the same on every reload."""
        inputs = CompareInputs(**record.inputs)
        names = [column.name for column in columns_of(inputs)]
        if blind:
            random.Random(record.id).shuffle(names)
        return cls(record.id, tuple(rounds(inputs)), tuple(names), blind)

    def name(self, column: str) -> str:
        if self.blind:
            return say("column_name", letter=_LETTERS[self.columns.index(column)])
        return say("model_offline") if column == OFFLINE else column

    def title(self, one: Round) -> str:
        """A round in a menu."""
        text = " ".join((one.item.text or "、".join(str(value) for value in one.item.inputs.values())).split())
        text = text if len(text) <= _LINE else text[: _LINE - 1] + "…"
        return say("round_repeat" if one.repeat > 1 else "round_n", n=one.n, text=text, repeat=one.repeat)


def look(runs: Runs, run: str) -> tuple[Seen, bool]:
    """The run as it is now, and whether somebody works on it. Only events that are new since the last look are read."""
    seen = state.get("compare_seen", {}).get(run) or Seen()
    living = runs.alive(run)  # asked before reading, so that what is read then is all there is
    for event in runs.store.events(run, seen.view.last):
        if isinstance(event, Progress) and "|" in event.step:
            seen.thinking.add(event.step)
        else:
            seen.view.apply(event)
        if isinstance(event, Started):
            seen.thinking.clear()
        seen.view.last = event.seq
    state["compare_seen"] = {run: seen}  # one is enough: a page shows one comparison
    return seen, living


def follow(runs: Runs, board: Board, draw: Callable[[Seen], None]) -> None:
    """Draw the run again and again while it works, with a way to stop it; once where it has ended."""
    seen, living = look(runs, board.run)
    if not living:
        draw(seen)
        return

    @st.fragment(run_every=_EVERY_S)
    def live() -> None:
        now, working = look(runs, board.run)
        if not working:
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="center"):
            stopping = state.get("stopping") == board.run
            if st.button(say("stop"), key=f"stop-{board.run}", disabled=stopping, icon=":material/stop_circle:"):
                state["stopping"] = board.run
                runs.stop(board.run)
            st.caption(plain(say("stopping") if stopping else _doing(now.view, board)))
        grid(board, now, living=True)

    live()


def grid(board: Board, seen: Seen, *, living: bool = False, rows: dict[str, dict[str, Any]] | None = None) -> None:
    """The replies to one prompt beside each other; while a run works, the newest of each column unless one is chosen.

    `rows` are the finished replies by cell; without them what the events told is shown.
    """
    chosen = _chosen(board, living)
    newest = _newest(board, seen.view)
    cells = []
    for column in board.columns:
        one = chosen or newest.get(column) or board.rounds[0]
        cells.append(_cell(board, seen, one, column, living, rows, labelled=chosen is None))
    if chosen:
        _asked(chosen)
    longest = max((float(cell.row.get("seconds") or 0) for cell in cells), default=0.0)
    with st.container(horizontal=True, wrap=False, key="compare-grid"):
        for n, cell in enumerate(cells):
            with st.container(key=f"compare-column-{n}"):
                draw_cell(cell, longest, f"{n}-{cell.key.partition('|')[0]}")  # another reply begins at its top
    if longest:
        st.caption(say("strip_legend"))


def _chosen(board: Board, living: bool) -> Round | None:
    if len(board.rounds) == 1:
        return board.rounds[0]
    by_n = {one.n: one for one in board.rounds}
    options = [0, *by_n] if living else list(by_n)
    at = st.selectbox(
        say("round"), options, key=f"compare-round-{'live' if living else 'done'}-{board.run}",
        format_func=lambda n: board.title(by_n[n]) if n else say("round_live"),
    )  # fmt: skip
    return by_n.get(at)


def _asked(one: Round) -> None:
    text = one.item.text
    if len(text) > _LINE or "\n" in text:
        with st.expander(say("asked")):
            st.markdown(plain(text[:_PROMPT] + ("…" if len(text) > _PROMPT else "")))


def _newest(board: Board, view: RunView) -> dict[str, Round]:
    """The round that each column has come to."""
    by_n = {one.slot: one for one in board.rounds}
    found: dict[str, Round] = {}
    for cell in (*view.answers, *view.texts):
        n, _, column = cell.partition("|")
        if n in by_n and (column not in found or by_n[n].n > found[column].n):
            found[column] = by_n[n]
    return found


def _cell(
    board: Board, seen: Seen, one: Round, column: str, living: bool, rows: dict[str, dict[str, Any]] | None,
    labelled: bool,
) -> Cell:  # fmt: skip
    key = one.cell(column)
    answer = seen.view.answers.get(key)
    row = rows.get(key) if rows is not None else answer.value if answer else None
    text = row["text"] if rows is not None and row else seen.view.texts.get(key, "")
    return Cell(
        key=key,
        name=board.name(column),
        state=state_of(row, text, key in seen.thinking, living),
        text=text,
        row=row or {},
        label=say("reply_n", n=one.n) if labelled else "",
        blind=board.blind,
    )


def _doing(view: RunView, board: Board) -> str:
    progress = view.progress
    if not (progress and progress.of):
        return view.doing or say("waiting")
    far = say("progress", done=progress.done, of=progress.of)
    # What is being done names a column, which a blind comparison does not.
    return far if board.blind else f"{far}　{view.doing}"
