"""The house's styles by their pictures, in one row to look through; stickers and shops pick from the same row."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from apps.ui.words import lang
from tools.images.styles import Style, house_styles, known_styles
from tools.settings import data_dir

__all__ = ["named", "style_name", "style_row"]


def style_row(prefix: str, chosen: str, choose: Callable[..., None], args: tuple[str, ...] = ()) -> None:
    """One button with its picture for every style; pressing one calls `choose(*args, style's id)`. `prefix` names the widgets."""
    with st.container(horizontal=True, wrap=False, key=f"{prefix}-styles", gap="small"):
        for style in house_styles():
            picture = data_dir() / "styles" / "previews" / f"{style.id}.png"
            with st.container(key=f"{prefix}-card-{style.id}", width=96, gap=None):
                if picture.is_file():
                    st.image(picture, width="stretch", alt="")  # the button below says its name
                st.button(
                    named(style), key=f"{prefix}-style-{style.id}", width="stretch", on_click=choose,
                    args=(*args, style.id), type="primary" if style.id == chosen else "secondary",
                )  # fmt: skip


def style_name(id: str) -> str:
    """A style's name in the language of the page; the id itself where no style has it any more."""
    found = next((style for style in known_styles() if style.id == id), None)
    return named(found) if found else id


def named(style: Style) -> str:
    return style.name_en if lang() == "en" else style.name_zh
