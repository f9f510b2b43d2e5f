"""A comparison in numbers: one row for each column, with every reply's time as a dot, and what gave no reply."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st
from markupsafe import Markup

from agents.compare import why
from apps.ui.cards import plain
from apps.ui.compare_card import breakable
from apps.ui.words import lang, words_for
from tools.compare import OFFLINE, Interval, ModelSummary, Ranking, Reply, Spread

__all__ = ["errors_part", "numbers_part", "ranking_part"]

say = words_for("compare")
_MOST_DOTS = 120
_NONE = "—"


def numbers_part(summaries: Sequence[ModelSummary], replies: Sequence[Reply], name: Callable[[str], str]) -> None:
    """The table of columns, best first; `name` says how a column is called on the page."""
    most = max((reply.ttft_s or 0.0 for reply in replies if _timed(reply)), default=0.0)
    names = ["model", "answered", "ttft", *(["strip"] if most else []), "speed", "seconds", "length", "leak"]
    if any(summary.passed for summary in summaries):
        names.append("passed")
    head = Markup("").join(
        Markup("<th>{}</th>").format(say(f"col_{one}", most=f"{most:.1f}") if one == "strip" else say(f"col_{one}"))
        for one in names
    )
    body = Markup("")
    for summary in summaries:
        local = summary.model == OFFLINE
        cells = {
            "model": breakable(name(summary.model)),
            "answered": f"{summary.answered}/{summary.asked}",
            "ttft": _NONE if local else _middle(summary.ttft, 1),
            "strip": _dots(summary, replies, most),
            "speed": _middle(summary.tokens_s, 0),
            "seconds": _NONE if local else _middle(summary.seconds, 1),
            "length": _middle(summary.length, 0),
            "leak": _share(summary.leak),
            "passed": _share(summary.passed),
        }
        row = Markup("").join(Markup('<td class="cmp-col-{}">{}</td>').format(one, cells[one]) for one in names)
        body += Markup("<tr>{}</tr>").format(row)
    _table(head, body)
    st.caption(say("numbers_about"))


def errors_part(replies: Sequence[Reply], name: Callable[[str], str]) -> None:
    """Each reason of each column once, in the words of whoever said it."""
    found: dict[tuple[str, str], list[Reply]] = {}
    for reply in replies:
        if not reply.answered:
            found.setdefault((reply.model, reply.error), []).append(reply)
    if not found:
        return
    st.markdown(f"**{say('errors_head')}**")
    lines = []
    for (model, error), rows in found.items():
        words = next((reply.error_text for reply in rows if reply.error_text), "")
        reason = why(error or "empty", lang())
        said = f" {words}" if words and words != reason else ""
        lines.append("- " + plain(say("error_line", model=name(model), why=reason, n=len(rows), said=said)))
    st.markdown("\n".join(lines))


def ranking_part(ranking: Ranking, name: Callable[[str], str]) -> None:
    """Columns by strength, each with its interval drawn on one scale."""
    ends = [end for row in ranking.rows for end in (row.strength.low, row.strength.high)]
    reach = max([abs(end) for end in ends] + [1.0])
    head = Markup("").join(
        Markup("<th>{}</th>").format(say(f"col_{one}")) for one in ("model", "rank", "votes", "strength")
    )
    body = Markup("")
    for row in ranking.rows:
        low, high, at = (_place(value, reach) for value in (row.strength.low, row.strength.high, row.strength.value))
        drawn = Markup(
            '<div class="cmp-dots cmp-zero" role="img" aria-label="{}"><i class="cmp-line" style="left:{}%;width:{}%"></i>'
            '<i class="cmp-dot" style="left:{}%"></i></div>'
        ).format(_signed(row.strength), f"{low:.1f}", f"{high - low:.1f}", f"{at:.1f}")
        cells = (
            ("model", breakable(name(row.model))),
            ("rank", _NONE if row.rank is None else str(row.rank)),
            ("votes", f"{row.wins}／{row.ties}／{row.losses}"),
            ("strength", Markup("<span>{}</span>{}").format(_signed(row.strength), drawn)),
        )
        line = Markup("").join(Markup('<td class="cmp-col-{}">{}</td>').format(one, value) for one, value in cells)
        body += Markup("<tr>{}</tr>").format(line)
    _table(head, body)


def _table(head: Markup, body: Markup) -> None:
    st.html(
        Markup(
            '<div class="cmp-scroll"><table class="cmp-table"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
        ).format(head, body)
    )


def _dots(summary: ModelSummary, replies: Sequence[Reply], most: float) -> Markup | str:
    """The time to the first text of every reply on the scale that all rows share, and the middle half of them."""
    times = [reply.ttft_s for reply in replies if reply.model == summary.model and _timed(reply)]
    if not times or summary.ttft is None or not most:
        return ""
    shown = sorted(time for time in times if time is not None)[:: max(1, len(times) // _MOST_DOTS)]
    dots = Markup("").join(
        Markup('<i class="cmp-dot" style="left:{}%"></i>').format(f"{100 * time / most:.1f}") for time in shown
    )
    low, high = (100 * value / most for value in (summary.ttft.low, summary.ttft.high))
    return Markup(
        '<div class="cmp-dots"><i class="cmp-half" style="left:{}%;width:{}%"></i>{}</div>'
    ).format(f"{low:.1f}", f"{max(high - low, 0.6):.1f}", dots)  # fmt: skip


def _timed(reply: Reply) -> bool:
    # What answers on this machine is no measure of a server.
    return reply.answered and reply.ttft_s is not None and reply.model != OFFLINE


def _middle(found: Spread | None, digits: int) -> str:
    return _NONE if found is None else f"{found.median:,.{digits}f}"


def _share(found: Interval | None) -> str:
    return _NONE if found is None else f"{found.value:.0%} ({found.low:.0%}–{found.high:.0%})"


def _place(value: float, reach: float) -> float:
    return 50 + 50 * value / reach


def _signed(found: Interval) -> str:
    numbers: Mapping[str, float] = {"value": found.value, "low": found.low, "high": found.high}
    told = {name: f"{value:+.1f}".replace("-", "\N{MINUS SIGN}") for name, value in numbers.items()}
    return f"{told['value']} ({told['low']}～{told['high']})"
