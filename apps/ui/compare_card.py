"""One reply on the page: whose it is, how it stands, its numbers and its latency strip, its text, what is wrong with it.

Numbers are small HTML of this module with every value escaped; the reply itself is Markdown in which nothing is markup.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from markupsafe import Markup

from apps.ui.cards import plain
from apps.ui.words import words_for
from tools.compare import NOT_ASKED, OFFLINE

__all__ = ["Cell", "breakable", "draw_cell", "state_of"]

say = words_for("compare")
_SHOWN = 6_000  # characters of a reply on the page; all of it is in the report
_TIMES = ("ttft", "thought", "seconds", "speed")  # what stands above a reply; the rest is below it
_LANGUAGES = ("zh-TW", "zh-CN", "en", "ja", "ko")


@dataclass(frozen=True)
class Cell:
    """One reply as far as it is. `row` are its measured fields (empty before the end), `blind` hides who answered."""

    key: str
    name: str
    state: str  # waiting, thinking, writing, done, none, broken or open
    text: str = ""
    row: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""
    blind: bool = False


def draw_cell(cell: Cell, longest: float, key: str) -> None:
    """The card of `cell`; `longest` is the time in seconds that fills a latency strip."""
    with st.container(border=True, gap="small", key=f"reply-{key}"):
        facts = _facts(cell)
        above = {name: value for name, value in facts.items() if name in _TIMES}
        st.html(_head(cell) + _strip(cell.row, longest) + _listed(above) + _chipped(cell.row))
        if cell.state == "none":
            st.markdown(plain(str(cell.row.get("error_text") or "") or say("state_none")))
        elif cell.text:
            with st.container(key=f"said-{'live-' if cell.state == 'writing' else ''}{key}"):
                cut = cell.text[:_SHOWN]
                st.markdown(plain(cut + ("…" if len(cell.text) > _SHOWN else "")))
        below = {name: value for name, value in facts.items() if name not in _TIMES}
        if below:
            st.html(_listed(below))


def _head(cell: Cell) -> Markup:
    told = " · ".join(filter(None, (cell.label, say(f"state_{cell.state}"))))
    return Markup('<div class="cmp-head"><b>{}</b><span class="cmp-{}">{}</span></div>').format(
        breakable(cell.name), cell.state, told
    )


def breakable(name: str) -> Markup:
    """A model's name that a narrow column may break where a reader would."""
    return Markup("/<wbr>").join(name.split("/"))


def _strip(row: Mapping[str, Any], longest: float) -> Markup:
    """Waiting, thinking and writing as one bar on the scale that all columns share."""
    end, first, thought = row.get("seconds"), row.get("ttft_s"), row.get("thought_s")
    if not end or not longest:
        return Markup("")
    first = end if first is None else first
    begun = first if thought is None else min(thought, first)
    parts = (("wait", begun), ("think", first - begun), ("write", end - first))
    bars = Markup("").join(
        Markup('<i class="cmp-{}" style="width:{}%"></i>').format(name, f"{100 * max(part, 0) / longest:.2f}")
        for name, part in parts
    )
    label = say("strip_label", wait=f"{first:.1f}", write=f"{end - first:.1f}")
    return Markup('<div class="cmp-strip" role="img" aria-label="{}">{}</div>').format(label, bars)


def _facts(cell: Cell) -> dict[str, str]:
    """What is measured of a reply, in words; while it is written, how long it is so far."""
    if cell.row and cell.state == "done":
        return {name: value for name, value in _values(cell).items() if value}
    return {"length": say("unit_length", n=len(cell.text))} if cell.text else {}


def _listed(facts: Mapping[str, str]) -> Markup:
    lines = Markup("").join(
        Markup('<dt>{}</dt><dd class="cmp-fact-{}">{}</dd>').format(say(f"fact_{name}"), name, value)
        for name, value in facts.items()
    )
    return Markup('<dl class="cmp-facts">{}</dl>').format(lines)


def _chipped(row: Mapping[str, Any]) -> Markup:
    chips = Markup("").join(
        Markup('<span class="cmp-chip cmp-chip-{}">{}</span>').format(kind, said) for kind, said in _chips(row)
    )
    return Markup('<div class="cmp-chips">{}</div>').format(chips)


def _values(cell: Cell) -> dict[str, str]:
    row = cell.row
    offline = row.get("model") == OFFLINE  # what answers on this machine is no measure of a server
    checks = [check["ok"] for check in row.get("checks", []) if check["ok"] is not None]
    spoken, finish = str(row.get("language") or ""), str(row.get("finish") or "")
    named = "" if row.get("served_by") == row.get("model") else str(row.get("served_by") or "")
    served = " · ".join(filter(None, (named, str(row.get("provider") or ""))))
    script = row.get("simplified_chars") is not None and row.get("characters")
    return {
        "ttft": "" if offline else _number("seconds", row.get("ttft_s")),
        "thought": _number("seconds", row.get("thought_s")),
        "seconds": "" if offline else _number("seconds", row.get("seconds")),
        "speed": _number("speed", row.get("tokens_s"), 0),
        "tokens": _number("tokens", row.get("tokens"), 0),
        "length": _number("length", row.get("length"), 0),
        "language": say(f"language_{spoken}") if spoken in _LANGUAGES else spoken,
        "script": say("script_counts", simplified=row["simplified_chars"], terms=row.get("terms") or 0)
        if script
        else "",
        "checks": f"{sum(checks)}/{len(checks)}" if checks else "",
        "finish": say(f"finish_{finish}") if finish in ("stop", "length") else finish,
        "served": "" if cell.blind or offline else served,
    }


def _number(unit: str, value: float | None, digits: int = 1) -> str:
    if value is None:
        return ""
    return say(f"unit_{unit}", n="<0.1" if digits and 0 < value < 0.05 else f"{value:,.{digits}f}")


def _chips(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = [("bad", say("chip_leak"))] if row.get("leak") else []
    found += [
        ("bad", say("chip_failed", name=check["name"])) for check in row.get("checks", []) if check["ok"] is False
    ]
    if row.get("cut"):
        found.append(("bad", say("chip_cut")))
    if row.get("stored"):
        found.append(("plain", say("chip_stored")))
    return found


def state_of(row: Mapping[str, Any] | None, text: str, thinking: bool, living: bool) -> str:
    """How a reply stands, as the end of a key of the words."""
    if row is not None:
        return "open" if row.get("error") == NOT_ASKED else "none" if row.get("error") else "done"
    if not living:
        return "broken" if text else "open"
    return "writing" if text else "thinking" if thinking else "waiting"
