"""Settings: the key, the server, preferred models, and where everything is kept."""

from __future__ import annotations

import os

import streamlit as st

from apps.ui import cards
from apps.ui.cards import plain
from apps.ui.frame import frame, the_runs
from apps.ui.words import lang, words_for
from tools.errors import FinaleError
from tools.llm import open_gateway
from tools.settings import DEFAULT_BASE_URL, Settings, save_settings, set_elsewhere

say = words_for("settings")
runs = the_runs()
settings = Settings()
frame(say("title"), say("purpose"))


def keep(**changes: object) -> bool:
    """Save, or say why not."""
    try:
        save_settings(**changes)
    except FinaleError as error:
        st.error(error.message(lang()))
        return False
    return True


def key_part() -> None:
    """The key: shown by its last four characters only."""
    st.subheader(say("key_title"), anchor=False)
    key = settings.api_key.get_secret_value() if settings.api_key else ""
    if key:
        st.badge(say("key_set", tail=key[-4:]), icon=":material/check:", color="green")
    if set_elsewhere("openrouter_api_key"):
        st.caption(say("key_env"))
        return
    with st.form("key_form", border=False, clear_on_submit=True):
        given = st.text_input(say("key"), type="password", placeholder="sk-or-…", autocomplete="off")
        saved = st.form_submit_button(say("key_save"), type="primary")
    if saved and given.strip():
        given = given.strip()
        if not given.isascii() or not given.isprintable() or " " in given:
            st.error(say("key_bad"))
        elif keep(openrouter_api_key=given):
            st.session_state["key_note"] = "key_saved" if given.startswith("sk-or-") else "key_odd"
            st.rerun()
    note = st.session_state.pop("key_note", None)
    if note:
        (st.success if note == "key_saved" else st.warning)(say(note))
    if key and st.button(say("key_remove")) and keep(openrouter_api_key=None):
        st.rerun()


def server_part() -> None:
    """The server's address."""
    st.subheader(say("server_title"), anchor=False)
    if set_elsewhere("openrouter_base_url"):
        st.code(settings.base_url, language=None)
        st.caption(say("server_env"))
    else:
        with st.form("server_form", border=False):
            given = st.text_input(say("server"), value=settings.base_url, help=say("server_help"))
            saved = st.form_submit_button(say("server_save"))
        if saved:
            address = given.strip() or DEFAULT_BASE_URL
            if not address.startswith(("http://", "https://")):
                st.error(say("server_bad"))
            elif keep(openrouter_base_url=None if address == DEFAULT_BASE_URL else address):
                st.rerun()
    if st.button(say("test"), icon=":material/network_check:"):
        test_connection()


def test_connection() -> None:
    """Ask for the model list and the key's count: neither is a counted request."""
    gateway = open_gateway(settings)
    with st.spinner(say("test")):
        listing = gateway.catalogue.listing(refresh=True)
        if listing.state != "live":
            st.error(say("test_bad", why=plain(listing.error)))
            return
        quota = gateway.quota(refresh=True)
        if gateway.refusal:
            st.error(gateway.refusal.message(lang()))
            return
        st.success(say("test_ok", n=len(listing.free)))
        if gateway.usable and quota.limited:
            known = quota.confirmed_at is not None
            st.info(say("test_key_ok", used=quota.used, limit=quota.limit) if known else say("test_key_unknown"))


def models_part() -> None:
    """Models that menus begin with."""
    st.subheader(say("models_title"), anchor=False)
    st.caption(say("models_text"))
    listing, health = runs.gateway.catalogue.listing(offline=True), runs.gateway.health.all()
    chosen = cards.model_menu(
        say("any_step"), "settings_model", listing, health, settings.preferred_models.get("*", "")
    )
    if chosen != settings.preferred_models.get("*", "") and keep(finale_models={"*": chosen} if chosen else None):
        st.toast(say("saved"))


main, beside = st.columns([3, 2], gap="large")
with main:
    key_part()
    server_part()
    models_part()
    st.subheader(say("folder_title"), anchor=False)
    st.markdown(say("folder", path=os.fspath(settings.home)))
with beside, st.container(border=True):
    st.subheader(say("how_title"), anchor=False)
    st.markdown(say("how"))
