"""From chosen pictures to a pack: which platform, what it takes, and how the finished files look in a chat."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from agents.sticker import PackMade, Picture
from apps.ui.cards import plain
from apps.ui.words import lang, words_for
from tools.images.packs import Platform, platforms

__all__ = ["pack_form", "pack_preview"]

say = words_for("sticker")
state = st.session_state
_IN_TALK = 2  # stickers sent in each of the two chats; the others stand in the drawer below


def pack_form(run: str, chosen: Sequence[Picture], title: str, *, drawn: bool) -> dict[str, Any] | None:
    """Platform, title and border for the chosen pictures; the pack agent's inputs once the button is pressed.

    `drawn`: the house artist made them, with caption and rim already.
    """
    there = platforms()
    name = st.segmented_control(
        say("platform"), list(there), default="line", required=True, key="sticker_platform", persist_state="session",
        format_func=lambda one: there[one].title[lang()],
    )  # fmt: skip
    where = there[name or "line"]
    st.caption(plain(_fits(where, len(chosen))))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        named = st.text_input(
            say("pack_title"), title[:40], key=f"pack-title-{run}", max_chars=40, width=300, persist_state="session"
        )
        cover = st.selectbox(
            say("cover"), range(len(chosen)), key=f"pack-cover-{run}", width=150,
            format_func=lambda n: chosen[n].caption or Path(chosen[n].path).stem,
        )  # fmt: skip
    border = st.checkbox(
        say("border"), not drawn, key=f"pack-border-{run}", help=say("border_help"), persist_state="session"
    )
    pressed = st.button(
        say("pack_go", n=where.nearest(len(chosen)) or len(chosen)), type="primary", disabled=not chosen, key="pack-go"
    )
    if not pressed:
        return None
    return {
        "pictures": [one.path for one in chosen],
        "pack": where.name,
        "title": named or title,
        # A drawn sticker bears its caption; a diffused one gets it now, set in real letters.
        "captions": [one.caption if one.prompt else "" for one in chosen],
        "border": border,
        "cover": cover or 0,
    }


def pack_preview(made: PackMade, title: str, platform: str) -> None:
    """What is wrong, the files as a chat shows them, and the ZIP to upload."""
    problems = sorted(made.problems, key=lambda one: (one["fixed"], not one["serious"]))
    lines = [
        f"- **{say('problem_fixed' if one['fixed'] else 'problem_serious' if one['serious'] else 'problem_note')}**　"
        f"{plain(one[lang()])}"
        for one in problems
    ]
    path = Path(made.path) if made.path else None
    if path is None:
        st.error(say("pack_refused", platform=platforms()[platform].title[lang()]))
    elif path.is_file():
        st.download_button(
            say("pack_download", size=f"{path.stat().st_size / 1e6:.1f}"), path.read_bytes, f"{_file_name(title)}{path.suffix}",
            "application/zip", type="primary", icon=":material/download:", key="pack-download", on_click="ignore",
        )  # fmt: skip
        st.caption(say("pack_checked", platform=platforms()[platform].title[lang()], files=len(made.files)))
    else:
        st.warning(say("pack_gone"))
    if lines:
        st.markdown("\n".join(lines))
    files = [file for file in made.files if Path(file).is_file() and Path(file).stem.isdigit()]
    for column, ground in zip(st.columns(2), ("light", "dark"), strict=True):
        with column:
            _chat(files, ground)
    others = [file for file in made.files if Path(file).is_file() and Path(file).stem in ("main", "tab", "tray")]
    if others:
        st.caption(say("cover_files"))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            for file in others:
                with st.container(width=120, key=f"card-extra-{Path(file).stem}"):
                    st.image(file, width="stretch", alt=Path(file).name)
                    st.caption(plain(Path(file).name))


def _fits(where: Platform, count: int) -> str:
    """How the number that was chosen suits the platform."""
    name, takes = where.title[lang()], where.counts_told()
    fits = where.nearest(count)
    if fits == count and count:
        return say("fits", n=count, platform=name, takes=takes)
    if fits:
        return say("fits_first", n=count, first=fits, platform=name, takes=takes)
    return say("fits_not", n=count, platform=name, takes=takes)


def _chat(files: Sequence[str], ground: str) -> None:
    """A talk on a light or dark ground with the first stickers sent, and the drawer that holds all of them."""
    with st.container(key=f"chat-{ground}"):
        st.caption(say(f"chat_{ground}"))
        for n, file in enumerate(files[:_IN_TALK], 1):
            with st.container(key=f"bubble-{ground}-{n}", width="content"):
                st.markdown(say(f"bubble_{n}"))
            with st.container(key=f"sent-{ground}-{n}", horizontal=True, horizontal_alignment="right"):
                with st.container(width=132):
                    st.image(file, width="stretch", alt=Path(file).name)
        with st.container(key=f"drawer-{ground}", horizontal=True):
            for file in files:
                with st.container(width=68):
                    st.image(file, width="stretch", alt=Path(file).name)


def _file_name(title: str) -> str:
    kept = "".join(char for char in title if char.isalnum() or char in " -_").strip()
    return kept[:40] or "stickers"
