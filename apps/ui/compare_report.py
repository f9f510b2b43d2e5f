"""A comparison to take away: HTML, CSV and JSON, and what has changed since an earlier one."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from agents.compare.outcome import comparison, given_votes
from agents.compare.state import CompareOutput
from agents.run import Runs
from agents.store import RunRecord
from apps.ui.cards import plain
from apps.ui.frame import clock
from apps.ui.words import lang, words_for
from tools.compare import Comparison
from tools.compare.report import as_csv, as_html, as_json, changes, read_comparison
from tools.errors import FinaleError

__all__ = ["made_of", "report_part"]

say = words_for("compare")
_EARLIER = 30  # runs that are offered to compare with


def made_of(runs: Runs, record: RunRecord) -> Comparison:
    """All of a finished run, with the votes that people have given since."""
    output = CompareOutput.model_validate((record.envelope or {})["output"])
    return comparison(record.id, record.title, output, given_votes(runs.store, record.id))


def report_part(runs: Runs, record: RunRecord, made: Comparison, name: Callable[[str], str]) -> None:
    """The files to download, and the changes since an earlier report where one is chosen."""
    st.markdown(say("report_about"))
    place = st.container(horizontal=True)
    earlier = _earlier(runs, record)
    forms: dict[str, tuple[str, str, Callable[[], str]]] = {
        "html": (say("report_html"), "text/html", lambda: as_html(made, lang(), earlier)),
        "csv": ("CSV", "text/csv", lambda: as_csv(made)),
        "json": ("JSON", "application/json", lambda: as_json(made)),
    }
    for form, (label, media, text) in forms.items():
        place.download_button(
            label, lambda text=text: text().encode("utf-8", "replace"), f"finale-compare-{record.id}.{form}", media,
            icon=":material/download:", type="primary" if form == "html" else "secondary",
            key=f"report-{form}", on_click="ignore",
        )  # fmt: skip
    if earlier:
        _changed(earlier, made, name)


def _earlier(runs: Runs, record: RunRecord) -> Comparison | None:
    """The comparison that the person wants this one to be held against."""
    left, right = st.columns(2, vertical_alignment="top")
    others = {
        one.id: one
        for one in runs.history(_EARLIER, "compare")
        if one.envelope is not None and one.id != record.id and one.created < record.created
    }
    chosen = left.selectbox(
        say("since"), ["", *others], key=f"since-{record.id}",
        format_func=lambda id: f"{clock(others[id].created)}　{others[id].title}" if id else say("since_none"),
    )  # fmt: skip
    file = right.file_uploader(say("since_file"), ["json"], key=f"since-file-{record.id}")
    if file is None:
        return made_of(runs, others[chosen]) if chosen in others else None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.json"
        path.write_bytes(file.getvalue())
        try:
            return read_comparison(path)
        except FinaleError as error:
            st.error(plain(error.message(lang())))
            return None


def _changed(earlier: Comparison, made: Comparison, name: Callable[[str], str]) -> None:
    found = changes(earlier, made)
    st.markdown(f"**{say('since_head')}**")
    lines = []
    for change in found:
        whose = f"**{plain(name(change.model))}**　" if change.model else ""
        lines.append(f"- {whose}{plain(change.said[lang()])}")
    st.markdown("\n".join(lines) or say("since_nothing"))
    st.caption(say("since_about"))
