"""My texts: upload what one trusts, and say what answers may draw on."""

from __future__ import annotations

import math

import streamlit as st

from apps.ui.cards import plain
from apps.ui.frame import clock, frame, the_runs
from apps.ui.words import lang, words_for
from tools.errors import FinaleError
from tools.retrieval.library import (
    DEFAULT_COLLECTION,
    MAX_FILE_BYTES,
    MAX_NAME,
    Collection,
    Document,
    LibraryLost,
    open_library,
)

say = words_for("library")
state = st.session_state
_KINDS = ["md", "markdown", "txt", "html", "htm", "pdf", "docx"]
_PASSAGES_SHOWN = 30
_LIMIT_MB = MAX_FILE_BYTES // 2**20
# Streamlit's own refusal of a large file is a red mark with an English hint. Where English is not spoken the page lets
# larger files come this far and refuses them itself.
_TAKEN_MB = 200


def add(files: list, name: str) -> None:
    """Read the uploaded files into the collection, then index them, showing how far it is."""
    bar = st.progress(0.0, text=say("reading", name=""))
    told: list[tuple[str, str]] = []
    for n, file in enumerate(files):
        shown = plain(file.name)

        def pages(done: int, of: int, what: str, n: int = n, shown: str = shown) -> None:
            if what == "read":
                bar.progress((n + done / max(of, 1)) / len(files) * 0.6, text=say("reading", name=shown))

        try:
            added = library.add(file.getvalue(), file.name, collection=name, on_progress=pages)
        except FinaleError as error:
            told.append(("error", error.message(lang())))
            continue
        told.append(
            ("success", say(f"done_{added.status}", name=added.document.name, passages=passages(added.passages)))
        )
        told += [("info", note.message(lang())) for note in added.notes]
    if any(kind == "success" for kind, _ in told):
        # The first search would do it as well; here the person sees why it takes a moment.
        from tools.retrieval import shared_knowledge

        bar.progress(0.6, text=say("indexing"))
        try:
            shared_knowledge(runs.home).index_library(
                lambda done, of: bar.progress(0.6 + 0.4 * done / max(of, 1), text=say("indexing"))
            )
        except FinaleError as error:
            told.append(("error", error.message(lang())))
    bar.empty()
    state["library_told"] = told
    state["library_round"] = state.get("library_round", 0) + 1
    st.rerun()


def act(call: object, *arguments: object) -> None:
    """Do what a button asks; what goes wrong is told at the top of the page."""
    try:
        call(*arguments)
    except FinaleError as error:
        state["library_told"] = [("error", error.message(lang()))]


def rename(collection: Collection, field: str) -> None:
    """Give a collection the name that was typed; where new files go follows it."""
    act(library.rename, collection.id, state[field])
    if state.get("library_into") == collection.name:
        state["library_into"] = next(c.name for c in library.collections() if c.id == collection.id)


def delete(collection: Collection) -> None:
    """Delete a collection; new files go elsewhere then."""
    act(library.delete, collection.id)
    if state.get("library_into") == collection.name:
        state.pop("library_into")


def upload_part(found: list[Collection]) -> None:
    """Choose files and where they go."""
    # Another key empties the uploader once its files are read.
    turn = state.get("library_round", 0)
    chosen = st.file_uploader(
        say("files"), type=_KINDS, accept_multiple_files=True, key=f"library_files_{turn}",
        max_upload_size=_LIMIT_MB if lang() == "en" else _TAKEN_MB,
    )  # fmt: skip
    st.caption(say("limits", mb=_LIMIT_MB))
    files = [file for file in chosen if file.size <= MAX_FILE_BYTES]
    for file in chosen:
        if file.size > MAX_FILE_BYTES:
            size = f"{math.ceil(file.size / 2**20 * 10) / 10:.1f}"  # rounded up: never "20.0 MB is more than 20 MB"
            st.error(say("too_large", name=plain(file.name), size=size, mb=_LIMIT_MB))
    names = [collection.name for collection in found] or [DEFAULT_COLLECTION]
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    name = left.selectbox(say("into"), names, accept_new_options=True, key="library_into", help=say("into_help"))
    if right.button(say("add"), type="primary", disabled=not files, icon=":material/upload_file:"):
        add(files, (name or DEFAULT_COLLECTION)[:MAX_NAME])


def passages(n: int) -> str:
    """So many passages, in words."""
    return say("passages_one") if n == 1 else say("passages", n=n)


def document_line(collection: Collection, document: Document) -> None:
    """One document: what it is, and a way to take it out."""
    with st.container(horizontal=True, vertical_alignment="center"):
        parts = [say(f"kind_{document.kind}"), passages(document.passages), clock(document.added)]
        if document.pages:
            parts.insert(1, say("pages_one") if document.pages == 1 else say("pages", n=document.pages))
        st.markdown(f"{plain(document.name)}　:gray[{plain(' · '.join(parts))}]")
        st.button(
            say("remove"), key=f"remove-{document.id}", icon=":material/close:", type="tertiary",
            on_click=act, args=(library.delete_document, collection.id, document.id),
        )  # fmt: skip


def collection_card(collection: Collection) -> None:
    """One collection: its documents, and what can be done with it."""
    with st.container(border=True):
        st.markdown(f"**{plain(collection.name)}**　:gray[{passages(collection.passages)}]")
        for document in collection.documents:
            document_line(collection, document)
        with st.container(horizontal=True, vertical_alignment="center"):
            key = f"prefer-{collection.id}-{collection.preferred}"
            st.toggle(
                say("prefer"), collection.preferred, key=key, help=say("prefer_help"),
                on_change=act, args=(library.prefer, collection.id, not collection.preferred),
            )  # fmt: skip
            with st.popover(say("rename"), icon=":material/edit:"):
                field = f"rename-{collection.id}-{collection.name}"
                st.text_input(say("new_name"), collection.name, max_chars=MAX_NAME, key=field)
                st.button(say("save"), key=f"save-{collection.id}", on_click=rename, args=(collection, field))
            with st.popover(say("delete"), icon=":material/delete:"):
                st.markdown(say("delete_sure", n=len(collection.documents)))
                st.button(say("delete_yes"), key=f"delete-{collection.id}", on_click=delete, args=(collection,))
        with st.expander(say("look")):
            if st.toggle(say("look_on"), key=f"look-{collection.id}"):  # read only when somebody wants to see them
                chunks = library.chunks(collection.id)
                for chunk in chunks[:_PASSAGES_SHOWN]:
                    where = " · ".join(filter(None, (chunk.meta["file"], chunk.heading, chunk.type)))
                    st.caption(plain(where))
                    st.markdown(plain(chunk.text))
                if len(chunks) > _PASSAGES_SHOWN:
                    st.caption(say("look_more", n=len(chunks) - _PASSAGES_SHOWN))


runs = the_runs()
frame(say("title"), say("purpose"))
library = open_library(runs.home)
for kind, line in state.pop("library_told", []):
    {"error": st.error, "success": st.success, "info": st.info}[kind](plain(line))
lost = library.lost()
if lost:
    st.warning(plain(LibraryLost(path=lost).message(lang())))
collections = library.collections()
main, beside = st.columns([3, 2], gap="large")
with main:
    upload_part(collections)
    for collection in collections:
        collection_card(collection)
with beside, st.container(border=True):
    st.subheader(say("how_title"), anchor=False)
    st.markdown(say("how"))
    st.page_link("pages/counselor.py", label=say("ask"), icon=":material/forum:")
