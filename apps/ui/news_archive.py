"""The archive part of the digest page."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import streamlit as st

from apps.ui.cards import plain
from apps.ui.frame import clock
from apps.ui.news import link_of, when
from apps.ui.words import words_for
from tools.news.archive import Archive
from tools.news.model import Article

__all__ = ["archive_part"]

say = words_for("digest")


class Mutes(Protocol):
    """The tool's rules, as far as a page needs them."""

    def check(self, article: Article) -> object | None: ...


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
