"""What a reader of the digest page may change: sources, muted words, length and time, pasted articles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import streamlit as st

from agents.digest.gather import find_sources, text_of
from agents.digest.mutes import MuteRule
from agents.digest.reader import Reader, Wishes
from agents.run import Runs
from apps.ui.cards import plain
from apps.ui.words import lang, words_for
from tools.errors import FinaleError
from tools.news.sources import TAIPEI, Listed, Sources
from tools.settings import Settings

__all__ = ["length_panel", "listed_sources", "mutes_panel", "paste_dialog", "sources_dialog"]

say = words_for("digest")
state = st.session_state
_DAYS = (0, 1, 3, 7, 30)


def listed_sources(runs: Runs) -> Sources:
    """The list of sources, one object for a page's run."""
    return Sources(runs.home, allow_origins=Settings().allow_origins)


def length_panel(wishes: Wishes) -> None:
    """How many, how old, how long, which points."""
    st.slider(say("limit"), 1, 50, wishes.limit, key="digest_limit")
    st.select_slider(say("hours"), [6, 12, 24, 36, 48, 72, 168, 720], _near(wishes.hours), key="digest_hours")
    st.slider(say("length"), 40, 400, wishes.length, step=20, key="digest_length")
    st.multiselect(
        say("points"), wishes.points, wishes.points, key="digest_points", accept_new_options=True, max_selections=8,
        placeholder=say("points_hint"),
    )  # fmt: skip
    st.checkbox(say("fresh"), key="digest_fresh")


def _near(hours: int) -> int:
    return min((6, 12, 24, 36, 48, 72, 168, 720), key=lambda one: abs(one - hours))


def mutes_panel(reader: Reader) -> None:
    """Muted words: add, look, change, give up."""
    with st.form("mute_form", border=False, clear_on_submit=True):
        word = st.text_input(say("mute_new"), max_chars=200)
        days = st.segmented_control(
            say("mute_days"), _DAYS, default=0, required=True,
            format_func=lambda n: say("mute_for", n=n) if n else say("mute_always"),
        )  # fmt: skip
        if st.form_submit_button(say("mute_add"), type="primary") and word.strip():
            until = datetime.now(TAIPEI).date() + timedelta(days=days - 1) if days else None
            _told(lambda: reader.mute(MuteRule(pattern=word.strip(), until=until)))
    rules = reader.wishes().mute
    if not rules:
        st.caption(say("mute_none"))
    for rule in rules:
        with st.container(horizontal=True, vertical_alignment="center"):
            until = f"　:gray[{say('mute_until', date=rule.until)}]" if rule.until else ""
            st.markdown(f"**{plain(rule.pattern)}**{until}")
            st.button(
                say("mute_off"), key=f"mute-off-{rule.pattern}", icon=":material/close:", type="tertiary",
                on_click=reader.unmute, args=(rule.pattern,),
            )  # fmt: skip
        key = f"mute-but-{rule.pattern}"
        st.text_input(
            say("mute_except"), "，".join(rule.exceptions), key=key, on_change=_excepted, args=(reader, rule, key)
        )


def _excepted(reader: Reader, rule: MuteRule, key: str) -> None:
    phrases = [part.strip() for part in str(state[key]).replace(",", "，").replace("、", "，").split("，")]
    reader.mute(rule.model_copy(update={"exceptions": [phrase for phrase in phrases if phrase]}))


def paste_dialog() -> None:
    """Open the place for articles of one's own; what is brought stands in `digest_pasted` when it is to be read."""
    st.dialog(say("paste_button"), width="large")(_paste_dialog)()


def _paste_dialog() -> None:
    typed = st.text_area(say("paste_label"), key="digest_paste", height=260)
    files = st.file_uploader(
        say("paste_files"), type=["txt", "md", "html", "htm"], accept_multiple_files=True, max_upload_size=4,
    )  # fmt: skip
    too = st.checkbox(say("paste_too"))
    if st.button(say("paste_go"), type="primary"):
        try:
            texts = [text for text in [typed, *(text_of(file.getvalue()) for file in files)] if text.strip()]
        except FinaleError as error:
            st.error(plain(error.message(lang())))
            return
        if not texts:
            st.error(say("paste_none"))
            return
        state["digest_pasted"] = texts, too
        st.rerun()


def sources_dialog(runs: Runs) -> None:
    """Open the list of sources, with its title in the language of the moment."""
    st.dialog(say("sources_title"), width="medium", on_dismiss="rerun")(_sources_dialog)(runs)


def _sources_dialog(runs: Runs) -> None:
    """The list of sources: what is read, what may go to a model, one's own, OPML."""
    sources = listed_sources(runs)
    st.caption(say("sources_about"))
    for kind, line in state.pop("digest_sources_told", []):
        {"error": st.error, "success": st.success}[kind](plain(line))
    with st.form("source_form", border=False):
        left, right = st.columns([4, 1], vertical_alignment="bottom")
        url = left.text_input(say("source_add"), placeholder="https://…", max_chars=2_000)
        if right.form_submit_button(say("source_add_button"), type="primary") and url.strip():
            with st.spinner(say("source_looking")):
                _add(runs, sources, url.strip())
            st.rerun(scope="fragment")
    names = {key: spoken.say(lang()) for key, spoken in sources.defaults.topics.items()}
    groups: dict[str, list[Listed]] = {}
    for one in sources.list():
        groups.setdefault("" if one.own else one.topics[0], []).append(one)
    for topic in sorted(groups, key=lambda name: (name != "", list(names).index(name) if name in names else 99)):
        st.markdown(f"**{plain(names.get(topic, topic) if topic else say('topic_other'))}**")
        for one in groups[topic]:
            _source_line(sources, one)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        file = st.file_uploader(say("opml_in"), type=["opml", "xml"], max_upload_size=2, key="digest_opml")
        if file is not None and state.get("digest_opml_read") != file.file_id:
            state["digest_opml_read"] = file.file_id
            _told_in_dialog(lambda: _imported(sources, file.getvalue()))
            st.rerun(scope="fragment")
        st.download_button(
            say("opml_out"), sources.export_opml(say("sources_title"), datetime.now(UTC)), "finale.opml", "text/x-opml",
            icon=":material/download:",
        )  # fmt: skip


def _source_line(sources: Sources, one: Listed) -> None:
    source = one.source
    with st.container(horizontal=True, vertical_alignment="center"):
        st.checkbox(
            plain(source.name), source.enabled, key=f"src-on-{source.id}",
            help=plain(f"{source.url} — {one.message(lang())}"), width="stretch",
            on_change=_told_in_dialog, args=(lambda: sources.enable(source.id, not source.enabled),),
        )  # fmt: skip
        key = f"src-may-{source.id}-{source.permission}"
        st.selectbox(
            say("source_permission"), ["llm", "headline"], ["llm", "headline"].index(source.permission), key=key,
            format_func=lambda name: say(f"permission_{name}"), label_visibility="collapsed", width=130,
            on_change=_told_in_dialog, args=(lambda: sources.permit(source.id, state[key]),),
        )  # fmt: skip
        st.button(
            say("source_remove"), key=f"src-off-{source.id}", icon=":material/delete:", type="tertiary",
            on_click=_told_in_dialog, args=(lambda: _removed(sources, one),),
        )  # fmt: skip


def _removed(sources: Sources, one: Listed) -> str:
    sources.delete(one.source.id)
    return say("source_removed", name=one.source.name, url=one.source.url)


def _add(runs: Runs, sources: Sources, url: str) -> None:
    def act() -> str:
        found = find_sources(runs.home, url, Settings())
        best = found[0] if found else None
        added = sources.add(best.url if best else url, name=best.title if best else "")
        return say("source_added", name=added.source.name)

    _told_in_dialog(act)


def _imported(sources: Sources, data: bytes) -> str:
    done = sources.import_opml(data)
    return say("opml_done", added=len(done.added), known=len(done.known), refused=done.refused)


def _told_in_dialog(act: object) -> None:
    """Do what a person asked; what went wrong, or what was done, stands at the top of the dialog."""
    try:
        done = act()  # type: ignore[operator]
    except FinaleError as error:
        state["digest_sources_told"] = [("error", error.message(lang()))]
        return
    if isinstance(done, str):
        state["digest_sources_told"] = [("success", done)]


def _told(act: object) -> None:
    """Do what a form asks and draw the page anew, or say why not."""
    try:
        act()  # type: ignore[operator]
    except FinaleError as error:
        st.error(plain(error.message(lang())))
    else:
        st.rerun()
