"""The products: a table to fill, or a file or a pasted text that fills it; every row that cannot be used is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from agents.copywriter import BadProducts, load_products
from agents.copywriter.data import fields
from agents.copywriter.errors import WORDS
from agents.copywriter.products import MOST_PRODUCTS, Products, Skipped
from apps.ui.cards import plain
from apps.ui.shop_files import ending_of, from_bytes
from apps.ui.words import lang, words_for
from tools.errors import FinaleError
from tools.words import Words

__all__ = ["fill", "rows_of", "table"]

say = words_for("shop")
state = st.session_state
_NAME = "品名"
_USUAL = (_NAME, "價格", "成分", "材質", "尺寸", "重量", "製作", "特色", "使用方式")
_TYPES = ["csv", "tsv", "txt", "json", "jsonl", "yaml", "yml"]
_HIGHEST = 420  # pixels; more rows scroll inside the table


def fill(products: Products | None) -> None:
    """Put products into the table, none for an empty one; what their file lost is told under it."""
    state["shop_rows"] = rows_of(products.model_dump()["products"]) if products else []
    state["shop_lost"] = [_why(one) for one in products.skipped] if products else []
    state["shop_table"] = state.get("shop_table", 0) + 1


def rows_of(products: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Products (as plain data) as rows of a table: a column for every kind of fact there is."""
    rows = []
    for product in products:
        row = {_NAME: product["name"]}
        for fact in product["facts"]:
            told = row.get(fact["label"])
            row[fact["label"]] = f"{told}、{fact['value']}" if told else fact["value"]
        rows.append(row)
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return [{name: row.get(name, "") for name in columns} for row in rows]


def table() -> Products | None:
    """The table with what fills it; the products that stand in it, None where there are none."""
    # A visit begins: the table starts from what stood in it when the page was left.
    if _key() not in state or "shop_base" not in state:
        state["shop_base"] = state["shop_rows"] or [dict.fromkeys(_USUAL, "")]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{say('products')}**", width="content")
        with st.popover(say("bring"), icon=":material/upload_file:"):
            _bring()
        with st.popover(say("column_add"), icon=":material/add:"):
            _new_column()
        st.button(say("table_clear"), key="shop-clear", type="tertiary", on_click=fill, args=(None,))
    rows = _editor()
    for line in state.get("shop_lost", []):
        st.warning(plain(say("line_lost", n=line[0], why=line[1])))
    filled = [(n, row) for n, row in enumerate(rows, 1) if any(str(cell or "").strip() for cell in row.values())]
    if not filled:
        st.caption(say("table_empty"))
        return None
    try:
        products = load_products([row for _, row in filled])
    except BadProducts as error:
        first = error.params["detail"]
        why = Words.load(WORDS).say(first[0], lang(), **first[1]) if isinstance(first, tuple) else str(first)
        st.warning(plain(say("row_lost", n=filled[0][0], why=why)))
        return None
    for one in products.skipped:
        st.warning(plain(say("row_lost", n=filled[one.line - 1][0], why=_why(one)[1])))
    return products


def _editor() -> list[dict[str, Any]]:
    base = state["shop_base"]
    shown = _shown_names()
    rows = st.data_editor(
        base, num_rows="dynamic", key=_key(), hide_index=True, width="stretch", alt=say("products"),
        height=min(38 + 35 * (len(base) + 1), _HIGHEST),
        column_config={
            name: st.column_config.TextColumn(shown.get(name, name), width="small" if name == "價格" else "medium")
            for name in base[0]
        },
    )  # fmt: skip
    state["shop_rows"] = [dict(row) for row in rows]
    return state["shop_rows"]


def _key() -> str:
    return f"shop-rows-{state['shop_table']}"


def _bring() -> None:
    """A file or a pasted text takes the place of what stands in the table."""
    st.caption(say("bring_about", most=MOST_PRODUCTS))
    file = st.file_uploader(say("bring_file"), _TYPES, key="shop_products_file", max_upload_size=4)
    pasted = st.text_area(say("bring_paste"), key="shop_products_text", height=140, placeholder=say("bring_hint"))
    if st.button(say("bring_use"), key="shop-bring", type="primary", disabled=not (file or pasted.strip())):
        name = file.name if file else say("pasted_name") + ending_of(pasted)
        try:
            fill(from_bytes(file.getvalue() if file else pasted.encode("utf-8"), name, load_products))
        except FinaleError as error:
            st.error(plain(error.message(lang())))
            return
        st.rerun()


def _new_column() -> None:
    known = [one.zh for one in fields().facts if one.kind != "internal" and one.zh not in state["shop_base"][0]]
    shown = _shown_names()
    name = st.selectbox(
        say("column_name"),
        known,
        None,
        key="shop_column",
        accept_new_options=True,
        format_func=lambda one: shown.get(one, one),
    )
    if st.button(say("column_use"), key="shop-column", disabled=not name):
        rows = state["shop_rows"] or [dict.fromkeys(_USUAL, "")]
        state["shop_rows"] = [{**row, str(name).strip()[:60]: row.get(name) or ""} for row in rows]
        state["shop_table"] += 1
        st.rerun()


def _shown_names() -> dict[str, str]:
    """What the columns are called in the language of the page."""
    if lang() != "en":
        return {}
    return {one.zh: next((name for name in one.names if name.isascii()), one.zh) for one in fields().facts}


def _why(one: Skipped) -> tuple[int, str]:
    return one.line, Words.load(WORDS).say(one.key, lang(), **one.params)
