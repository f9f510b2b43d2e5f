"""Home: what there is to do, what is left today, what was done last."""

from __future__ import annotations

import streamlit as st

from apps.ui.cards import plain
from apps.ui.frame import clock, frame, the_runs
from apps.ui.words import words_for

say = words_for("home")
history_words = words_for("history")
APPS = ("counselor", "digest", "sticker", "shop", "compare", "post")
ACROSS = 2  # cards beside each other
runs = the_runs()
gateway = runs.gateway
frame(say("title"), say("purpose"))

for first in range(0, len(APPS), ACROSS):
    for column, app in zip(st.columns(ACROSS, gap="medium"), APPS[first : first + ACROSS], strict=False):
        with column, st.container(border=True, height="stretch"):
            st.subheader(say(app), anchor=False)
            st.markdown(say(f"{app}_text"))
            if st.button(say(f"{app}_open"), key=f"open-{app}", type="primary"):
                st.switch_page(f"pages/{app}.py")

st.subheader(say("today"), anchor=False)
if not gateway.usable:
    st.markdown(say("quota_offline"))
    st.page_link("pages/settings.py", label=say("get_key"), icon=":material/key:")
else:
    quota = gateway.quota()
    if quota.limited:
        st.markdown(say("quota_text", remaining=quota.remaining, limit=quota.limit, resets=clock(quota.resets_at)))
        st.progress(min(quota.used / quota.limit, 1.0) if quota.limit else 0.0)
    else:
        st.markdown(say("quota_own", used=quota.used))

st.subheader(say("recent"), anchor=False)
records = runs.history(5)
if not records:
    st.markdown(say("recent_none"))
    if st.button(say("example"), key="chip-example"):
        st.session_state["post_topic"] = say("example_topic")
        st.session_state["post_go"] = True
        st.switch_page("pages/post.py")
for record in records:
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(record.title or record.id, key=f"chip-{record.id}", type="tertiary"):
            st.session_state["history_run"] = record.id
            st.switch_page("pages/history.py")
        kind = history_words(f"agent_{record.agent}")
        st.caption(plain(f"{kind} · {history_words(f'status_{record.status}')} · {clock(record.created)}"))
if records:
    st.page_link("pages/history.py", label=say("all_runs"), icon=":material/history:")
