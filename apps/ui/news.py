"""What the digest page draws: story cards, the reading pane, why not, what each source gave, the archive.

All of it is text from the web: shown escaped, with http(s) links only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from agents.digest import DigestArticle, DigestOutput, Dropped, MuteRule
from apps.ui.cards import plain
from apps.ui.words import lang, words_for
from tools.news.web import safe_link

__all__ = ["cards_list", "link_of", "reading", "sources_read", "when", "why_not"]

say = words_for("digest")
_BRIEF = 70
_SHOWN_DROPPED = 60
_TEXT_SHOWN = 12_000


def when(published: str) -> str:
    """A story's time, local; "" where it is not known."""
    return datetime.fromisoformat(published).astimezone().strftime("%m/%d %H:%M") if published else ""


def link_of(url: str, label: str) -> str:
    """A link as Markdown where the address is one a browser may open; else only its label."""
    safe = safe_link(url)
    return f"[{plain(label)}](<{safe.replace('<', '%3C').replace('>', '%3E')}>)" if safe else plain(label)


def facts(article: DigestArticle) -> str:
    """Source and time, and how many reports there are."""
    parts = [article.source, when(article.published) or say("undated")]
    if article.copies:
        parts.append(say("copies", n=len(article.copies) + 1))
    if article.same_event:
        parts.append(say("same_event"))
    return " · ".join(filter(None, parts))


def why_line(article: DigestArticle, names: Mapping[str, str]) -> str:
    """The reasons of a score as a tooltip's Markdown."""
    lines = []
    for name, reason in article.reasons.items():
        quoted = f"：「{plain(reason.why)}」" if reason.why else ""
        lines.append(f"- **{plain(names.get(name, name))}** {reason.score:g}{quoted}")
    return "\n".join(lines) or say("reasons_none")


def cards_list(articles: Sequence[DigestArticle], names: Mapping[str, str], opened: str) -> None:
    """The stories as cards. A press on a title makes it the one that is read; on a phone it unfolds in its place."""
    for n, article in enumerate(articles, start=1):
        with st.container(border=True, gap="small", key=f"story-{'open-' if article.id == opened else ''}{article.id}"):
            if st.button(f"**{n}. {plain(article.title)}**", key=f"chip-story-{article.id}", type="tertiary"):
                st.session_state["digest_open"] = article.id
                st.rerun(scope="fragment")
            score = say("score", score=f"{article.score:.1f}")
            st.caption(f"{plain(facts(article))} · **{plain(score)}**", help=why_line(article, names))
            st.progress(min(max(article.score, 0.0), 10.0) / 10)
            brief = " ".join((article.brief or article.teaser).split())
            st.markdown(plain(brief if len(brief) <= _BRIEF else brief[: _BRIEF - 1] + "…"))
            if article.id == opened:
                with st.container(key="reading-inline"):
                    _story(article, names, articles)


def reading(articles: Sequence[DigestArticle], names: Mapping[str, str], opened: str) -> None:
    """The story that is read, beside the list."""
    place = next((n for n, article in enumerate(articles) if article.id == opened), 0)
    article = articles[place]
    # Its name changes with the story, so that the next one begins at its top.
    with st.container(key=f"beside-{article.id}"), st.container(border=True):
        st.subheader(plain(article.title), anchor=False)
        _story(article, names, articles)
        with st.container(horizontal=True):
            for label, at in (("previous", place - 1), ("next", place + 1)):
                if st.button(say(label), key=f"go-{label}", disabled=not 0 <= at < len(articles)):
                    st.session_state["digest_open"] = articles[at].id
                    st.rerun(scope="fragment")


def _story(article: DigestArticle, names: Mapping[str, str], shown: Sequence[DigestArticle]) -> None:
    by = say(f"summary_{article.summary_by}") if article.summary else say("summary_none")
    link = link_of(article.url, say("original")) if article.url else ""
    st.caption(f"{plain(facts(article))} · {plain(by)}　{link}")
    st.markdown(plain(article.summary or article.teaser))
    if article.points:
        lines = [f"- **{plain(name)}**　{plain(text)}" for name, text in article.points.items()]
        st.markdown("\n".join(lines))
    if article.trouble:
        st.caption(plain(say("trouble", why=article.trouble)))
    _same(article, shown)
    with st.expander(say("reasons"), icon=":material/balance:"):
        _reasons(article, names)
    with st.expander(say("full_text"), icon=":material/subject:"):
        if article.text:
            st.markdown(plain(article.text[:_TEXT_SHOWN]).replace("  \n", "\n\n"))
            if article.extractor not in ("paste", "feed"):
                by = say("by_vote") if article.extractor == "vote" else article.extractor
                st.caption(plain(say("extracted", extractor=by, agreement=round(article.agreement * 100))))
        else:
            st.markdown(plain(article.teaser))
            st.caption(say("full_text_none"))


def _same(article: DigestArticle, shown: Sequence[DigestArticle]) -> None:
    if article.copies:
        st.caption(say("copies_title"))
        st.markdown(
            "\n".join(f"- {link_of(one['url'], one['source'] + '　' + one['title'])}" for one in article.copies)
        )
    others = [one.title for one in shown if one.id in article.same_event]
    if others:
        st.caption(say("same_event"))
        st.markdown("\n".join(f"- {plain(title)}" for title in others))


def _reasons(article: DigestArticle, names: Mapping[str, str]) -> None:
    told = list(article.reasons.items())
    if article.topic and article.topic.why:
        st.markdown(f"**{say('topic_score')}** {article.topic.score:g}　{plain(article.topic.why)}")
    for name, reason in told:
        st.progress(min(max(reason.score, 0), 10) / 10, text=f"{plain(names.get(name, name))} {reason.score:g}")
        st.caption(f"「{plain(reason.why)}」" if reason.why else say("reasons_none"))
    if told and all(reason.by == "offline" for _, reason in told):
        st.caption(say("reasons_by_offline"))


def why_not(dropped: Sequence[Dropped], rules: Sequence[MuteRule]) -> tuple[str, Dropped] | None:
    """Every story that was seen and is not shown, with its reason; what a person pressed: (allow or unmute, story)."""
    counts = Counter(story.why for story in dropped)
    if not counts:
        st.caption(say("why_none"))
        return None
    kinds = ["", *(why for why, _ in counts.most_common())]
    chosen = st.segmented_control(
        say("why_all"), kinds, default="", required=True, key="digest_why", label_visibility="collapsed",
        format_func=lambda why: f"{say(f'why_{why}')} {counts[why]}" if why else f"{say('why_all')} {len(dropped)}",
    )  # fmt: skip
    wanted = [story for story in dropped if not chosen or story.why == chosen]
    pressed = None
    for n, story in enumerate(wanted[:_SHOWN_DROPPED]):
        with st.container(gap="small", key=f"dropped-{n}"):
            st.markdown(link_of(story.url, story.title))
            parts = [story.source, when(story.published), story.detail]
            st.caption(plain(" · ".join(filter(None, parts))))
            if story.why != "mute":
                continue
            for context in story.matched:
                st.markdown(f"> {plain(context)}")
            rule = next((one for one in rules if one.pattern == story.rule), None)
            if rule is None or story.id in rule.allowed:
                st.caption(say("unmuted_now", word=plain(story.rule)) if rule is None else say("allowed"))
                continue
            with st.container(horizontal=True):
                if st.button(say("allow"), key=f"allow-{n}-{story.id}", icon=":material/visibility:"):
                    pressed = ("allow", story)
                if st.button(say("unmute", word=story.rule), key=f"unmute-{n}-{story.id}", type="tertiary"):
                    pressed = ("unmute", story)
    if len(wanted) > _SHOWN_DROPPED:
        st.caption(say("why_more", n=len(wanted) - _SHOWN_DROPPED))
    return pressed


def sources_read(output: DigestOutput) -> None:
    """What each source gave, or why nothing came."""
    for line in output.sources:
        given = say("source_ok", n=line["entries"]) if not line["why"] else line["why"]
        mark = ":material/check_circle:" if not line["why"] else ":material/error:"
        st.markdown(f"{mark} **{plain(line['name'])}**　{plain(given)}")
        st.caption(plain(line["url"]))


def criteria_of(rubric: Mapping[str, Any]) -> list[tuple[str, str, float]]:
    """(id, name, weight) of a rubric's criteria."""
    return [(one["id"], one["name"][lang()], float(one["weight"])) for one in rubric.get("criteria", [])]
