"""The digest page: say what is wanted, follow the work, read the result, see what is not shown and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from agents.context import RunOptions
from agents.digest import AGENT, DigestInputs, DigestOutput, Dropped
from agents.digest.export import as_html, as_json, as_markdown
from agents.digest.mutes import as_mutes
from agents.digest.reader import Reader, Wishes
from agents.digest.rubric import load_rubric, rubric_names
from agents.digest.shown import arranged, default_weights
from agents.view import RunView
from apps.ui import cards, news, news_wishes
from apps.ui.cards import plain
from apps.ui.follow import again_buttons, follow, look
from apps.ui.frame import clock, frame, need_line, the_runs
from apps.ui.news_archive import archive_part
from apps.ui.news_rubric import rubric_dialog
from apps.ui.words import lang, words_for
from tools.errors import FinaleError

say = words_for("digest")
state = st.session_state
runs = the_runs()
frame(say("title"), say("purpose"))
reader = Reader(runs.home)


def wanted(wishes: Wishes) -> dict[str, Any]:
    """The wishes as they stand on the page now."""
    rubric = state.get("digest_rubric") or wishes.rubric
    return {
        "topic": (state.get("digest_topic") or "").strip(),
        "rubric": rubric,
        "weights": wishes.weights if rubric == wishes.rubric else {},
        "limit": state.get("digest_limit") or wishes.limit,
        "hours": state.get("digest_hours") or wishes.hours,
        "length": state.get("digest_length") or wishes.length,
        "points": state.get("digest_points") or wishes.points,
    }


def start(paste: Sequence[str] = (), sources_too: bool = False) -> None:
    """Keep the wishes and begin a run for them."""
    try:
        wishes = reader.keep(**wanted(reader.wishes()))
        sources: list[str] = []
        if paste and sources_too:
            listed = news_wishes.listed_sources(runs)
            sources = [one.source.id for one in listed.list(enabled=True)]
        options = RunOptions(fresh=bool(state.get("digest_fresh")), lang=lang())
        run = runs.start(AGENT, wishes.inputs(paste=list(paste), sources=sources), options)
    except FinaleError as error:
        state["digest_error"] = error.message(lang())
        return
    for name in ("digest_error", "stopping", "digest_open"):
        state.pop(name, None)
    st.query_params["run"] = run


def form(wishes: Wishes) -> bool:
    """What is wanted; True when the button was pressed."""
    with st.form("digest_form", border=False):
        left, middle, right = st.columns([5, 2, 2], vertical_alignment="bottom")
        left.text_input(say("topic"), wishes.topic, key="digest_topic", placeholder=say("topic_hint"), max_chars=300)
        names = rubric_names()
        at = names.index(wishes.rubric) if wishes.rubric in names else 0
        middle.selectbox(say("rubric"), names, at, key="digest_rubric", format_func=_rubric_name)
        return right.form_submit_button(say("go"), type="primary", width="stretch")


def _rubric_name(name: str) -> str:
    try:
        return load_rubric(name).name.say(lang())
    except FinaleError:
        return name  # a file somebody edited; starting says what is wrong with it


def wishes_row(wishes: Wishes) -> None:
    """Sources, muted words, length and pasted articles, each behind a button."""
    enabled = len(news_wishes.listed_sources(runs).list(enabled=True))
    with st.container(horizontal=True):
        if st.button(say("sources_button", n=enabled), icon=":material/rss_feed:", key="digest_sources"):
            news_wishes.sources_dialog(runs)
        if st.button(say("rubric_button"), icon=":material/checklist:", key="digest_rubrics"):
            rubric_dialog(state.get("digest_rubric") or "")
        with st.popover(say("mutes_button", n=len(wishes.mute)), icon=":material/volume_off:"):
            news_wishes.mutes_panel(reader)
        with st.popover(say("more_button"), icon=":material/tune:"):
            news_wishes.length_panel(wishes)
        if st.button(say("paste_button"), icon=":material/content_paste:", key="digest_pasting"):
            news_wishes.paste_dialog()
        with st.popover(say("daily"), icon=":material/schedule:"):
            st.markdown(say("daily_about"))
            st.code("finale news schedule --at 07:30", language=None)


def draw(view: RunView) -> None:
    """The run as far as it is."""
    if view.failed:
        cards.failure(view.failed)
    if view.envelope is None:
        if view.progress and view.progress.of:
            st.progress(min(view.progress.done / view.progress.of, 1.0), text=plain(view.doing))
        cards.warnings(view.warnings)
        return
    output = DigestOutput.model_validate(view.envelope["output"])
    record = runs.store.find(view.envelope["run"])
    about = [record.title, say("last_made", when=clock(record.created))] if record else []
    cards.answered_line(view.answers.values(), view.cost.requests if view.cost else 0, about)
    cards.warnings(view.warnings)
    result(output, view.envelope["run"])


@st.fragment
def result(made: DigestOutput, run: str) -> None:
    """The finished digest; sliders, cards and tabs draw only this part anew."""
    names = {id: name for id, name, _ in news.criteria_of(made.rubric)}
    weights = sliders(made, run)
    rules = reader.wishes().mute
    output = arranged(made, weights, rules, lang())
    if weights != default_weights(made):
        st.caption(say("weights_moved"))
    newly = sum(one.why == "mute" for one in output.dropped) - sum(one.why == "mute" for one in made.dropped)
    if newly:
        st.caption(say("hidden_now", n=newly))
    tabs = st.tabs(
        [
            say("tab_news", n=len(output.articles)),
            say("tab_why", n=len(output.dropped)),
            say("tab_sources", n=len(output.sources)),
            say("tab_archive"),
        ]
    )
    with tabs[0]:
        ids = [article.id for article in output.articles]
        opened = state.get("digest_open")
        opened = opened if opened in ids else next(iter(ids), "")
        if ids:
            left, right = st.columns([4, 5], gap="large")
            with left:
                news.cards_list(output.articles, names, opened)
            with right:
                news.reading(output.articles, names, opened)
        else:
            st.info(say("nothing"))
        exports(output, run)
    with tabs[1]:
        pressed = news.why_not(output.dropped, rules)
        if pressed:
            undo(*pressed)
    with tabs[2]:
        news.sources_read(output)
    with tabs[3]:
        archive_part(runs.home, as_mutes([rule for rule in rules if rule.enabled]))


def undo(act: str, story: Dropped) -> None:
    """Let one story through a rule, or give the rule up."""
    if act == "allow":
        reader.allow(story.rule, story.id)
        st.toast(say("allowed"))
    else:
        reader.unmute(story.rule)
        st.toast(say("unmuted_now", word=story.rule))
    st.rerun()


def sliders(output: DigestOutput, run: str) -> dict[str, float]:
    """The weights, as they are set now; they are kept for the next digest."""
    weights = {}
    with st.expander(say("weights"), icon=":material/balance:"):
        st.caption(say("weights_about"))
        criteria = news.criteria_of(output.rubric)
        for column, (id, name, weight) in zip(st.columns(len(criteria)), criteria, strict=True):
            weights[id] = column.slider(name, 0.0, 5.0, min(weight, 5.0), 0.5, format="%.1f", key=f"weight-{run}-{id}")
    if any(weights[id] != min(weight, 5.0) for id, _, weight in criteria):
        reader.keep(weights=weights)
    else:
        weights = {id: weight for id, _, weight in criteria}
    return weights


def exports(output: DigestOutput, run: str) -> None:
    """The digest as a document, as it is seen now."""
    envelope = (runs.store.get(run).envelope or {}) if runs.store.find(run) else {}
    forms = {
        "md": ("Markdown", "text/markdown", lambda: as_markdown(output, lang())),
        "html": ("HTML", "text/html", lambda: as_html(output, lang())),
        "json": ("JSON", "application/json", lambda: as_json(envelope, output)),
    }
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(say("export"))
        for form, (label, media, made) in forms.items():
            st.download_button(
                label, made, f"finale-{run}.{form}", media,
                icon=":material/download:", type="tertiary", key=f"export-{form}", on_click="ignore",
            )  # fmt: skip


def example(topic: str, sample: str = "") -> None:
    """An example was pressed: a topic, or an article to try."""
    if sample:
        state["digest_sample"] = sample
    else:
        state["digest_go"], state["digest_next"] = True, topic


kept = reader.wishes()
if "digest_rubric_next" in state:
    state["digest_rubric"] = state.pop("digest_rubric_next")
if "digest_next" in state:
    state["digest_topic"] = state.pop("digest_next")
pressed = form(kept)
wishes_row(kept)
try:
    need = AGENT.requests(DigestInputs(**kept.inputs(limit=state.get("digest_limit") or kept.limit)))
    st.caption(need_line(runs, need))
except FinaleError as error:
    st.error(plain(error.message(lang())))
if pressed or state.pop("digest_go", False):
    start()
if "digest_sample" in state:
    start([state.pop("digest_sample")])
if "digest_pasted" in state:
    start(*state.pop("digest_pasted"))
if "digest_error" in state:
    st.error(plain(state["digest_error"]))

run = st.query_params.get("run") or state.pop("digest_run", "")
if not run:
    newest = runs.history(1, "digest")  # the one of this morning's schedule, say
    run = newest[0].id if newest else ""
if run:
    st.query_params["run"] = run
    follow(runs, run, draw)
    again_buttons(runs, run, look(runs, run)[0], "digest")
else:
    st.markdown(say("empty"))
    with st.container(horizontal=True):
        for n in (1, 2, 3):
            topic = say(f"example_{n}")
            st.button(topic, key=f"chip-digest-{n}", on_click=example, args=(topic,))
        st.button(
            say("example_paste"), key="chip-digest-sample", icon=":material/content_paste:",
            on_click=example, args=("", say("sample")),
        )  # fmt: skip
