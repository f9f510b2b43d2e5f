"""The shop: choose one, bring one as a file, or say in a form how it speaks and what its pictures look like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from agents.copywriter import Shop, load_shop
from apps.ui.cards import plain
from apps.ui.shop_files import from_bytes, save_shop, shop_files
from apps.ui.shop_styles import locked_name, pick_lock
from apps.ui.words import lang, words_for
from tools.errors import FinaleError

__all__ = ["NEW", "choose", "open_shop", "profile"]

say = words_for("shop")
state = st.session_state
NEW = ""  # in the menu of shops: one that has no file yet
_MOST_COLOURS = 6
_FIRST_COLOUR = "#c8653a"
_BETWEEN = re.compile(r"[、,，;；\n]+")


def open_shop(shop: Mapping[str, Any]) -> None:
    """Put a shop into the form."""
    state["shop_profile"] = dict(shop)
    state["shop_version"] = state.get("shop_version", 0) + 1


def choose(home: Path) -> str | None:
    """The menu of shops and the upload; the path of the one that was just chosen (NEW for an empty form), None for none."""
    files = shop_files(home)
    options = [*files, NEW]
    if "shop_saved" in state or "shop_opened" in state:
        state["shop_file"] = state.get("shop_saved", NEW)
    if state.get("shop_file") not in options:
        state["shop_file"] = next((path for path, name in files.items() if name == _name_now()), NEW)
    left, right = st.columns([4, 1.6], vertical_alignment="bottom")
    left.selectbox(
        say("shop"), options, key="shop_file", persist_state="session",
        format_func=lambda path: _shown(path, files.get(path, ""), home), on_change=_changed,
    )  # fmt: skip
    with right.popover(say("shop_upload"), icon=":material/upload_file:", width="stretch"):
        _upload()
    return state["shop_file"] if state.pop("shop_changed", False) else None


def profile(home: Path) -> Shop | None:
    """The form; the shop as it stands there, None (and why, in a line) where it cannot be used."""
    given, version = state["shop_profile"], state["shop_version"]
    with st.expander(say("profile", name=plain(given.get("name") or say("new_shop"))), icon=":material/storefront:"):
        told = _form(given, version)
        style = pick_lock(f"shop-style-{version}", given.get("style", ""))
        try:
            shop = load_shop({**told, "style": style})
        except FinaleError as error:
            st.error(plain(error.message(lang())))
            shop = None
        if st.button(say("save"), key="shop-save", icon=":material/save:", disabled=shop is None) and shop:
            _save(home, shop)
    if shop is None:
        st.warning(say("profile_wrong"))
        return None
    voice = "、".join([*shop.voice.adjectives, shop.voice.formality])
    st.caption(plain(say("in_short", voice=voice, person=shop.voice.person, style=locked_name(style))))
    return shop


def _form(given: Mapping[str, Any], version: int) -> dict[str, Any]:
    """Everything but the style, as the data of a shop's file."""
    voice, words = given.get("voice", {}), given.get("words", {})
    left, right = st.columns(2, gap="medium")
    with left:
        name = _line("name", given.get("name", ""), version, 40)
        audience = _line("audience", given.get("audience", ""), version, 300)
        adjectives = _line("adjectives", _joined(voice.get("adjectives")), version, 120)
        wanted = _line("wanted", _joined(words.get("wanted")), version, 400)
        banned = _line("banned", _joined(words.get("banned")), version, 1_000)
    with right:
        one, two = st.columns(2)
        with one:
            person = _pick("person", ("我們", "我"), voice.get("person", "我們"), version)
        with two:
            reader = _pick("reader", ("你", "您"), voice.get("reader", "你"), version)
        formality = _pick("formality", ("口語", "一般", "正式"), voice.get("formality", "一般"), version)
        emoji = st.toggle(say("emoji"), voice.get("emoji", False), key=f"shop-emoji-{version}", persist_state="session")
        sentence = st.slider(
            say("sentence"),
            10,
            120,
            voice.get("sentence", 40),
            5,
            key=f"shop-sentence-{version}",
            persist_state="session",
        )
        closing = _line("closing", given.get("closing", ""), version, 60)
        hashtags = _line("hashtags", _joined(given.get("hashtags")), version, 200)
    examples = _area("examples", "\n\n".join(given.get("examples", [])), version)
    facts = _area("facts", "\n".join(f"{one['label']}：{one['value']}" for one in given.get("facts", [])), version)
    return {
        "name": name, "audience": audience, "closing": closing, "hashtags": _split(hashtags),
        "units": given.get("units", "中文"),
        "voice": {
            "adjectives": _split(adjectives), "person": person, "reader": reader, "sentence": sentence, "emoji": emoji,
            "formality": formality,
        },
        "words": {"wanted": _split(wanted), "banned": _split(banned)},
        "examples": [one.strip() for one in re.split(r"\n\s*\n", examples) if one.strip()],
        "facts": _facts(facts),
        "palette": _palette(given.get("palette", []), version),
    }  # fmt: skip


def _palette(given: list[str], version: int) -> list[str]:
    """As many colour pickers as the shop has colours."""
    count = f"shop-colours-{version}"
    state.setdefault(count, len(given))
    st.markdown(say("palette"))
    with st.container(horizontal=True, vertical_alignment="center"):
        colours = [
            st.color_picker(
                say("colour", n=n + 1), given[n] if n < len(given) else _FIRST_COLOUR, key=f"shop-colour-{n}-{version}",
                label_visibility="collapsed", persist_state="session", width="content",
            )
            for n in range(state[count])
        ]  # fmt: skip
        st.button(
            say("colour_more"), key="shop-colour-more", type="tertiary", on_click=_count, args=(count, 1),
            disabled=state[count] >= _MOST_COLOURS,
        )  # fmt: skip
        st.button(
            say("colour_less"), key="shop-colour-less", type="tertiary", on_click=_count, args=(count, -1),
            disabled=not state[count],
        )  # fmt: skip
    return colours


def _upload() -> None:
    st.caption(say("shop_upload_about"))
    file = st.file_uploader(say("shop_upload"), ["yaml", "yml"], key="shop_upload", max_upload_size=4)
    if st.button(say("use_file"), key="shop-use", disabled=file is None) and file:
        try:
            shop = from_bytes(file.getvalue(), file.name, load_shop)
        except FinaleError as error:
            st.error(plain(error.message(lang())))
            return
        open_shop(shop.model_dump(mode="json"))
        state["shop_opened"] = shop.name
        st.rerun()


def _save(home: Path, shop: Shop) -> None:
    try:
        path = save_shop(home, shop)
    except FinaleError as error:
        st.error(plain(error.message(lang())))
        return
    state["shop_profile"] = shop.model_dump(mode="json")
    state["shop_saved"] = str(path)
    st.rerun()


def _facts(text: str) -> dict[str, str]:
    """`label：value` lines; what is no such line is told."""
    found = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        label, mark, value = line.replace(":", "：", 1).partition("：")
        if not (mark and label.strip() and value.strip()):
            st.warning(say("fact_line", line=plain(line[:40])))
            continue
        found[label.strip()] = value.strip()
    return found


def _changed() -> None:
    state["shop_changed"] = True


def _count(key: str, by: int) -> None:
    state[key] += by


def _name_now() -> str:
    return state.get("shop_profile", {}).get("name", "")


def _shown(path: str, name: str, home: Path) -> str:
    if path == NEW:
        return say("new_shop")
    return name if Path(path).is_relative_to(home) else say("example_shop", name=name)


def _line(name: str, value: str, version: int, most: int) -> str:
    return st.text_input(
        say(name), value, key=f"shop-{name}-{version}", max_chars=most, help=_help(name), persist_state="session"
    )


def _area(name: str, value: str, version: int) -> str:
    return st.text_area(
        say(name),
        value,
        key=f"shop-{name}-{version}",
        height=92,
        max_chars=5_000,
        help=_help(name),
        persist_state="session",
    )


def _pick(name: str, options: tuple[str, ...], value: str, version: int) -> str:
    return st.segmented_control(
        say(name), options, default=value, required=True, key=f"shop-{name}-{version}", persist_state="session"
    )


def _help(name: str) -> str | None:
    helped = {
        "adjectives": say("help_list"), "wanted": say("help_list"), "banned": say("help_banned"),
        "hashtags": say("help_list"), "examples": say("help_examples"), "facts": say("help_facts"),
        "closing": say("help_closing"),
    }  # fmt: skip
    return helped.get(name)


def _joined(words: list[str] | None) -> str:
    return "、".join(words or [])


def _split(text: str) -> list[str]:
    return [word.strip() for word in _BETWEEN.split(text) if word.strip()]
