"""Again with a picture's settings: a file is read, its recipe shown, and drawn once more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from agents.sticker.inputs import MOST_COPIES
from apps.ui.cards import plain
from apps.ui.styles import style_name
from apps.ui.words import lang, words_for
from tools.errors import FinaleError
from tools.images.backend import HOUSE, SDXL, offers
from tools.settings import Settings

__all__ = ["again_form"]

say = words_for("sticker")
state = st.session_state
_MEGABYTES = 25
_NUMBERS = ("seed", "steps", "cfg")
_PROGRAMS = {
    "finale": "Finale",
    "a1111": "AUTOMATIC1111",
    "fooocus": "Fooocus",
    "comfyui": "ComfyUI",
    "invokeai": "InvokeAI",
}


def again_form(settings: Settings) -> dict[str, Any] | None:
    """The uploader and what the file says; the redraw agent's inputs once the button is pressed."""
    st.caption(say("again_about"))
    file = st.file_uploader(
        say("again_file"), type=["png", "webp", "jpg", "jpeg"], max_upload_size=_MEGABYTES, key="again_file"
    )
    if file is None:
        state.pop("again_read", None)
        return None
    if state.get("again_read", ("",))[0] != file.file_id:
        state["again_read"] = (file.file_id, *_read(file.getvalue(), file.name))
    _, recipe, told = state["again_read"]
    if told:
        st.error(plain(told[lang()]))
        return None
    if recipe is None or not (recipe.get("prompt") or recipe.get("sheet")):
        st.info(say("again_nothing"))
        return None
    _table(recipe)
    why = _cannot(recipe, settings)
    if why:
        st.warning(plain(f"{say('again_needs_sdxl')} {why}"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        copies = st.segmented_control(
            say("copies"), [1, 2, 4, MOST_COPIES], default=1, required=True, key="again_copies", help=say("copies_help")
        )
        pressed = st.button(say("again_go"), type="primary", disabled=bool(why), key="again-go")
    return {"recipe": recipe, "copies": copies or 1} if pressed else None


def _read(data: bytes, name: str) -> tuple[dict[str, Any] | None, Mapping[str, str] | None]:
    """(the recipe as JSON, or None where there is none; what is wrong with the file, by language)."""
    from tools.images.recipe import read_recipe

    try:
        recipe = read_recipe(data, name)
    except FinaleError as error:
        return None, {"zh": error.message("zh"), "en": error.message("en")}
    return (recipe.to_json() if recipe else None), None


def _table(recipe: Mapping[str, Any]) -> None:
    """The recipe as a person reads it; only text, whatever the file says."""
    size = f"{recipe['width']} × {recipe['height']} px" if recipe.get("width") and recipe.get("height") else ""
    loras = "、".join(f"{one['name']} × {one['weight']:g}" for one in recipe.get("loras", []))
    rows = [
        ("program", _PROGRAMS.get(recipe.get("program", ""), "")),
        ("prompt", recipe.get("prompt", "")),
        ("negative", recipe.get("negative", "")),
        *((name, f"{recipe[name]:g}" if name == "cfg" else str(recipe[name])) for name in _NUMBERS if name in recipe),
        ("size", size),
        ("sampler", " ".join(filter(None, (recipe.get("sampler", ""), recipe.get("scheduler", ""))))),
        ("model", say("house_artist") if recipe.get("model") == HOUSE else recipe.get("model", "")),
        ("loras", loras),
        ("styles", "、".join(style_name(one) for one in recipe.get("styles", []))),
    ]
    lines = [f"| {say(f'recipe_{name}')} | {plain(' '.join(value.split())[:600])} |" for name, value in rows if value]
    st.markdown("\n".join([f"| {say('recipe')} | |", "|---|---|", *lines]))


def _cannot(recipe: Mapping[str, Any], settings: Settings) -> str:
    """Why this recipe cannot be drawn on this machine; "" where it can, or where the model can still be fetched."""
    sheet = recipe.get("sheet")
    if recipe.get("made") == "drawn" and isinstance(sheet, Mapping) and "character" in sheet:
        return ""  # the house artist drew it
    sdxl = next(offer for offer in offers(settings) if offer.name == SDXL)
    return "" if sdxl.ready or sdxl.model else sdxl.why[lang()]
