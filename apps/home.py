"""The Streamlit entry: navigation, and what stands beside every page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from apps.ui.frame import sidebar
from apps.ui.words import words_for

say = words_for("ui")
st.set_page_config(page_title=say("house"), page_icon=str(Path(__file__).parent / "ui" / "icon.png"), layout="wide")
page = st.navigation(
    [
        st.Page("pages/overview.py", title=say("page_home"), icon=":material/home:", default=True),
        st.Page("pages/counselor.py", title=say("page_counselor"), icon=":material/forum:"),
        st.Page("pages/digest.py", title=say("page_digest"), icon=":material/newspaper:"),
        st.Page("pages/sticker.py", title=say("page_sticker"), icon=":material/mood:"),
        st.Page("pages/shop.py", title=say("page_shop"), icon=":material/storefront:"),
        st.Page("pages/compare.py", title=say("page_compare"), icon=":material/compare_arrows:"),
        st.Page("pages/post.py", title=say("page_post"), icon=":material/edit_note:"),
        st.Page("pages/library.py", title=say("page_library"), icon=":material/menu_book:"),
        st.Page("pages/history.py", title=say("page_history"), icon=":material/history:"),
        st.Page("pages/settings.py", title=say("page_settings"), icon=":material/tune:"),
    ]
)
sidebar()
page.run()
