"""What a person wants drawn: theme, style by its picture, count, seed, and by whom."""

from __future__ import annotations

import secrets
from typing import Any

import streamlit as st

from agents.sticker.inputs import DEFAULT_COUNT, DEFAULT_STYLE, GUIDES, MOST_STICKERS, THEME_LIMIT
from apps.ui.cards import plain
from apps.ui.styles import named, style_name, style_row
from apps.ui.words import lang, words_for
from tools.images.backend import AUTO, HOUSE, SDXL, Offer, offers
from tools.images.styles import house_styles, known_styles, own_styles
from tools.settings import Settings

__all__ = ["form", "wanted"]

say = words_for("sticker")
state = st.session_state
_SIZES = (0, 512, 640, 768, 896, 1024, 1152, 1280)  # pixels; 0: as the model was trained
_SEEDS = 2**32


def form(settings: Settings, cost: str) -> str:
    """The whole form; which button was pressed: `draw`, `expand`, or "" for none. `cost`: the line that says what one costs."""
    with st.form("sticker_form", border=False):
        left, middle, right = st.columns([5, 1.5, 1.5], vertical_alignment="bottom")
        left.text_input(
            say("theme"), key="sticker_theme", placeholder=say("theme_hint"), max_chars=THEME_LIMIT,
            persist_state="session",
        )  # fmt: skip
        draw = middle.form_submit_button(say("go_draw"), type="primary", width="stretch")
        expand = right.form_submit_button(say("go_expand"), help=say("go_expand_help"), width="stretch")
    _styles()
    state.setdefault("sticker_count", DEFAULT_COUNT)
    state.setdefault("sticker_seed", 0)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(say("count"), 1, MOST_STICKERS, key="sticker_count", width=130, persist_state="session")
        st.number_input(
            say("seed"), 0, _SEEDS - 1, key="sticker_seed", width=170, help=say("seed_help"), persist_state="session"
        )
        st.button(say("dice"), icon=":material/casino:", key="sticker_dice", on_click=_throw)
    with st.container(horizontal=True, vertical_alignment="center", key="sticker-artist"):
        st.caption(cost, width="content")
        _artist(offers(settings))
    return "draw" if draw else "expand" if expand else ""


def wanted() -> dict[str, Any]:
    """What stands in the form, as inputs of the sticker agent."""
    return {
        "theme": state.get("sticker_theme") or "",
        "style": state.get("sticker_style") or DEFAULT_STYLE,
        "count": state.get("sticker_count") or DEFAULT_COUNT,
        "seed": state.get("sticker_seed") or 0,
        "artist": state.get("sticker_artist") or AUTO,
        "size": state.get("sticker_size") or 0,
        "steps": state.get("sticker_steps"),
        "cfg": state.get("sticker_cfg"),
        "sampler": state.get("sticker_sampler") or "",
        "guide": state.get("sticker_guide") or "",
        "strength": state.get("sticker_strength") or 0.6,
    }


def _styles() -> None:
    """All styles in one row to look through; the chosen one stands first in words, so that nobody has to search for it."""
    chosen = state.setdefault("sticker_style", DEFAULT_STYLE)
    st.markdown(say("style_chosen", name=plain(style_name(chosen))))
    style_row("sticker", chosen, _choose)
    _own()


def _own() -> None:
    """Styles of the person's own files, where there are any: names alone, since nobody has drawn them yet."""
    house = {style.id for style in house_styles()}
    own = {style.id: style for style in known_styles() if style.id not in house}
    if own:
        chosen = state["sticker_style"] if state["sticker_style"] in own else None
        st.selectbox(
            say("style_own"), list(own), index=list(own).index(chosen) if chosen else None, key="sticker_own_style",
            format_func=lambda id: named(own[id]) if id in own else id, on_change=_choose_own, width=320,
            placeholder=say("style_own_none"),
        )  # fmt: skip
    for error in own_styles()[1]:
        st.caption(plain(error.message(lang())))


def _choose_own() -> None:
    if state["sticker_own_style"]:
        state["sticker_style"] = state["sticker_own_style"]


def _choose(style: str) -> None:
    state["sticker_style"] = style
    state["sticker_own_style"] = None


def _throw() -> None:
    state["sticker_seed"] = secrets.randbelow(_SEEDS)


def _artist(there: tuple[Offer, ...]) -> None:
    """Who will draw: a quiet line where only the house artist can, a choice where a model is set."""
    sdxl = next(offer for offer in there if offer.name == SDXL)
    names = {offer.name: offer.label[lang()] for offer in there}
    if sdxl.model:
        st.selectbox(
            say("artist"), [AUTO, HOUSE, SDXL], key="sticker_artist", width=260, persist_state="session",
            format_func=lambda name: names.get(name) or say("artist_auto"),
        )  # fmt: skip
    if sdxl.ready:
        with st.popover(say("sdxl_controls"), icon=":material/tune:"):
            _controls()
        return
    if not sdxl.model:
        st.caption(plain(names[HOUSE]), width="content")
    with st.popover(say("sdxl_not_ready"), icon=":material/info:", type="tertiary"):
        st.markdown(plain(sdxl.why[lang()]))


def _controls() -> None:
    """What a diffusion model takes besides; what is left empty is the model's own."""
    from tools.images.diffusion import SAMPLERS

    st.caption(say("sdxl_about"))
    left, right = st.columns(2)
    left.selectbox(
        say("size"), _SIZES, key="sticker_size", persist_state="session",
        format_func=lambda side: f"{side} px" if side else say("own_choice"),
    )  # fmt: skip
    right.selectbox(
        say("sampler"), ["", *SAMPLERS], key="sticker_sampler", persist_state="session",
        format_func=lambda name: name or say("own_choice"),
    )  # fmt: skip
    left.number_input(
        say("steps"), 1, 200, None, key="sticker_steps", placeholder=say("own_choice"), persist_state="session"
    )
    right.number_input(
        say("cfg"), 0.0, 30.0, None, 0.5, key="sticker_cfg", placeholder=say("own_choice"), persist_state="session"
    )
    st.segmented_control(
        say("guide"), GUIDES, default="", required=True, key="sticker_guide", persist_state="session",
        format_func=lambda name: say(f"guide_{name or 'none'}"), help=say("guide_help"),
    )  # fmt: skip
    if state.get("sticker_guide"):
        st.slider(say("strength"), 0.05, 1.0, 0.6, 0.05, key="sticker_strength", persist_state="session")
