"""The archive part of the digest page, and what newly muted words hide from what is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import streamlit as st

from agents.digest import DigestArticle
from apps.ui.cards import plain
from apps.ui.frame import clock
from apps.ui.news import link_of, when
from apps.ui.words import words_for
from tools.news.archive import Archive
from tools.news.model import Article

__all__ = ["archive_part", "hidden_by"]

say = words_for("digest")


class Mutes(Protocol):
    """The tool's rules, as far as a page needs them."""

    def check(self, article: Article) -> object | None: ...


def hidden_by(mutes: Mutes, article: DigestArticle) -> bool:
    """Whether a word that was muted after the digest was made hides this story."""
    text = "\n".join([article.brief, article.summary, *article.points.values(), article.text])
    return bool(
        mutes.check(
            Article(
                id=article.id,
                url=article.url,
                title=article.title,
                source=article.source,
                text=text,
                author=article.author,
                teaser=article.teaser,
            )
        )
    )


def archive_part(home: Path, mutes: Mutes) -> None:
    """Search what was read, look at it, delete it."""
    archive = Archive(home)
    count = len(archive)
    st.caption(say("archive_about", n=count))
    words = st.text_input(say("archive_search"), key="digest_archive", icon=":material/search:")
    found = [one for one in archive.search(words) if not mutes.check(one.article)]
    if not found:
        st.caption(say("archive_none"))
    for one in found:
        article = one.article
        label = f"{plain(article.title)}　:gray[{plain(article.source)} {when(article.published.isoformat()) if article.published else clock(one.seen_at)}]"
        with st.expander(label):
            st.markdown(link_of(article.url, say("original")))
            st.markdown(plain(article.text[:12_000]).replace("  \n", "\n\n"))
            st.button(
                say("archive_delete"), key=f"archive-{article.id}", icon=":material/delete:",
                on_click=archive.delete, args=(article.id,),
            )  # fmt: skip
    if count:
        with st.popover(say("archive_clear"), icon=":material/delete_sweep:"):
            st.markdown(say("archive_sure", n=count))
            st.button(say("archive_clear"), key="archive-clear", on_click=archive.clear)
