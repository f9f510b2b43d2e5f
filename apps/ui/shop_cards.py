"""Finished copy: a card for each product with what to paste, what it rests on, what was taken out, and its pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from agents.copywriter import CopyOutput, ProductCopy, Rule, Shop
from agents.copywriter.export import as_csv, files_of
from agents.copywriter.products import Product
from apps.ui.cards import plain
from apps.ui.shop_edits import FIELDS, changed, edits_of, keep_edit, untraced
from apps.ui.words import lang, words_for
from tools.errors import FinaleError

__all__ = ["result"]

say = words_for("shop")
state = st.session_state
_PAGE = 10  # cards at a time: five hundred would make every press slow


@st.fragment
def result(output: CopyOutput, products: dict[str, Product], run: str, drawn: bool) -> None:
    """Everything a run made; changes and pages draw only this part anew. `drawn`: pictures were wanted."""
    folder, shop = Path(output.files[0]).parent, Shop.model_validate(output.shop)
    edits = edits_of(folder)
    copies = [_there(copy) for copy in changed(output.products, edits, shop, lang())]
    _downloads(copies, shop, run)
    if f"shop-error-{run}" in state:
        st.error(plain(state.pop(f"shop-error-{run}")))
    for row in output.skipped:
        st.warning(plain(say("line_lost", n=row["line"], why=row["why"])))
    first = 0
    if len(copies) > _PAGE:
        pages = (len(copies) + _PAGE - 1) // _PAGE
        first = (st.number_input(say("page", n=pages), 1, pages, key=f"shop-page-{run}", width=160) - 1) * _PAGE
    for copy in copies[first : first + _PAGE]:
        with st.container(border=True, key=f"shop-card-{copy.id}"):
            _card(copy, shop, products[copy.id], folder, run, copy.id in edits, drawn)


def _card(copy: ProductCopy, shop: Shop, product: Product, folder: Path, run: str, edited: bool, drawn: bool) -> None:
    editing = f"shop-editing-{run}-{copy.id}"
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(plain(copy.name), anchor=False, width="content")
        label = say("edit_stop") if state.get(editing) else say("edit")
        st.button(
            label,
            key=f"edit-{run}-{copy.id}",
            icon=":material/edit:",
            type="tertiary",
            on_click=_switch,
            args=(editing,),
        )
    by = say("by_model", model=copy.model) if copy.by == "model" else say("by_template")
    st.caption(plain(" · ".join([by, *([say("edited")] if edited else [])])))
    left, right = st.columns([5, 3], gap="large")
    with left:
        if state.get(editing):
            _edit(copy, folder, run, edited)
        else:
            _texts(copy)
    with right:
        _pictures(copy, run)
        if drawn and not copy.pictures:
            st.caption(say("no_picture"))
        if edited:
            claims = untraced(copy, shop, product)
            if claims:
                st.warning(plain(say("untraced", claims="、".join(claims))))
        _checks(copy)


def _texts(copy: ProductCopy) -> None:
    """Each part with a button that copies it."""
    for name in FIELDS:
        value = getattr(copy, name)
        text = "\n".join(f"・{one}" for one in value) if name == "bullets" else value
        mark = f"　:gray[{say('from_template')}]" if name in copy.template and copy.by == "model" else ""
        with st.container(key=f"shop-text-{copy.id}-{name}", gap="xxsmall"):
            st.markdown(f"**{say(f'field_{name}')}**　:small[:gray[{say('characters', n=len(text))}]]{mark}")
            st.code(text, language=None, wrap_lines=True)


def _edit(copy: ProductCopy, folder: Path, run: str, edited: bool) -> None:
    key = f"{run}-{copy.id}"
    with st.form(f"shop-form-{key}", border=False):
        st.text_input(say("field_title"), copy.title, key=f"title-{key}", max_chars=200)
        st.text_area(say("field_bullets_lines"), "\n".join(copy.bullets), key=f"bullets-{key}", height=150)
        st.text_area(say("field_description"), copy.description, key=f"description-{key}", height=150)
        st.text_area(say("field_social"), copy.social, key=f"social-{key}", height=170)
        st.text_input(say("field_alt"), copy.alt, key=f"alt-{key}", max_chars=400)
        st.form_submit_button(
            say("edit_keep"), type="primary", key=f"keep-{key}", on_click=_keep_form, args=(folder, copy.id, run)
        )
    if edited:
        st.button(
            say("edit_undo"), key=f"undo-{key}", type="tertiary", on_click=_keep, args=(folder, copy.id, None, run)
        )


def _pictures(copy: ProductCopy, run: str) -> None:
    if not copy.pictures:
        return
    with st.container(horizontal=True, key=f"shop-pictures-{copy.id}"):
        for picture in map(Path, copy.pictures):
            with st.container(
                width=150 if len(copy.pictures) > 1 else 220, key=f"card-shop-{picture.stem}", gap="xsmall"
            ):
                st.image(str(picture), width="stretch", alt=copy.alt)
                st.download_button(
                    say("picture_get"), picture.read_bytes, picture.name, "image/png", type="tertiary",
                    icon=":material/download:", key=f"get-{run}-{picture.stem}", on_click="ignore",
                )  # fmt: skip


def _checks(copy: ProductCopy) -> None:
    """What the copy rests on, what was taken out, and the shop's rules."""
    if copy.removed:
        st.markdown(f"**{say('removed', n=len(copy.removed))}**")
        for one in copy.removed:
            st.markdown(f":gray[~~{plain(one.text)}~~]  \n{plain(one.why)}")
    else:
        st.caption(say("removed_none"))
    failed = [one for one in copy.voice if not one.ok]
    label = say("voice_some", n=len(failed)) if failed else say("voice_all", n=len(copy.voice))
    with st.expander(label, icon=":material/rule:" if failed else ":material/check:"):
        st.markdown("  \n".join(_ruled(rule) for rule in copy.voice))
    if copy.kept:
        with st.expander(say("kept", n=len(copy.kept)), icon=":material/link:"):
            st.caption(say("kept_about"))
            lines = [f"**{_cell(one.claim)}**　:gray[{_cell(one.fact)}]" for one in copy.kept]
            st.markdown("  \n".join(lines))


def _ruled(rule: Rule) -> str:
    mark = ":material/check:" if rule.ok else ":material/priority_high:"
    return f"{mark} {plain(rule.rule)}" + (f"　:gray[{plain(rule.note)}]" if rule.note else "")


def _downloads(copies: Sequence[ProductCopy], shop: Shop, run: str) -> None:
    """All products as a table and as one package, with the changes in them; made when asked for."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            say("get_csv"), lambda: ("\ufeff" + as_csv(copies, lang())).encode("utf-8"), f"{shop.name}.csv", "text/csv",
            icon=":material/table:", key=f"csv-{run}", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            say("get_zip"), lambda: files_of(copies, lang())[-1].data, f"{shop.name}.zip", "application/zip",
            icon=":material/folder_zip:", key=f"zip-{run}", on_click="ignore",
        )  # fmt: skip


def _there(copy: ProductCopy) -> ProductCopy:
    """Without pictures that somebody has deleted since."""
    return copy.model_copy(update={"pictures": [path for path in copy.pictures if Path(path).is_file()]})


def _switch(editing: str) -> None:
    state[editing] = not state.get(editing)


def _keep_form(folder: Path, id: str, run: str) -> None:
    fields: dict[str, object] = {name: str(state[f"{name}-{run}-{id}"]).strip() for name in FIELDS}
    lines = str(fields["bullets"]).splitlines()
    fields["bullets"] = [line.strip().lstrip("・• ") for line in lines if line.strip()]
    _keep(folder, id, fields, run)


def _keep(folder: Path, id: str, fields: dict[str, object] | None, run: str) -> None:
    try:
        keep_edit(folder, id, fields)
    except FinaleError as error:
        state[f"shop-error-{run}"] = error.message(lang())
        return
    state[f"shop-editing-{run}-{id}"] = False


def _cell(text: str) -> str:
    return plain(" ".join(text.split()).lstrip("-*•・ "))
