"""The shop page: a shop's voice, its products, copy that says only what their facts say, and pictures in one style."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import streamlit as st

from agents.context import RunOptions
from agents.copywriter import AGENT, CopyOutput, load_products, load_shop
from agents.copywriter.products import Products
from agents.copywriter.state import MOST_PICTURES, CopyInputs
from agents.store import RunRecord
from agents.view import RunView
from apps.ui import cards, shop_cards, shop_products, shop_profile
from apps.ui.cards import plain
from apps.ui.follow import again_buttons, follow, look
from apps.ui.frame import frame, need_line, the_runs
from apps.ui.shop_files import products_beside, shop_files
from apps.ui.words import lang, words_for
from tools.errors import FinaleError

say = words_for("shop")
state = st.session_state
runs = the_runs()
frame(say("title"), say("purpose"))


def shown() -> RunRecord | None:
    """The run that the page shows, if there is one; its address is kept up."""
    run = state.pop("copywriter_run", "") or st.query_params.get("run") or state.get("shop_run")
    record = runs.store.find(run) if run else None
    if record is None or record.agent != AGENT.name:
        st.query_params.pop("run", None)
        return None
    st.query_params["run"] = state["shop_run"] = record.id
    return record


def begin(record: RunRecord | None) -> None:
    """A visit begins: the form holds what the run was about, else the first shop there is with its products."""
    if record:
        shop_profile.open_shop(record.inputs["shop"])
        shop_products.fill(Products.model_validate(record.inputs["product"]))
        state["shop_pictures"] = record.inputs["pictures"]
        return
    state.setdefault("shop_pictures", 1)
    take(next(iter(shop_files(runs.home)), shop_profile.NEW))


def take(path: str) -> None:
    """Open a shop, and the products that come with it; an empty form for NEW. What stands in the table of a person's own
    products stays where the shop brings none."""
    beside = None
    try:
        shop_profile.open_shop(load_shop(path).model_dump(mode="json") if path else {})
        beside = products_beside(path) if path else None
        if beside or not path or "shop_rows" not in state:
            shop_products.fill(load_products(beside) if beside else None)
    except FinaleError as error:
        st.error(plain(error.message(lang())))
        if "shop_profile" not in state:
            shop_profile.open_shop({})
        if "shop_rows" not in state:
            shop_products.fill(None)


def start(inputs: dict[str, Any], offline: bool = False) -> None:
    """Begin a run, or keep the line that says why not."""
    try:
        run = runs.start(AGENT, inputs, RunOptions(offline=offline, lang=lang()))
    except FinaleError as error:
        state["shop_error"] = error.message(lang())
        return
    for name in ("shop_error", "stopping"):
        state.pop(name, None)
    state["shop_run"] = st.query_params["run"] = run


def draw(record: RunRecord, view: RunView) -> None:
    """The run as far as it is."""
    if view.failed:
        cards.failure(view.failed)
    if view.envelope is None:
        if view.progress and view.progress.of and not view.failed:
            st.progress(min(view.progress.done / view.progress.of, 1.0), text=plain(view.doing))
        pictures = [one.path for one in view.artifacts if one.media_type == "image/png" and Path(one.path).is_file()]
        with st.container(horizontal=True):
            for n, picture in enumerate(pictures[-8:]):
                with st.container(width=110, key=f"card-coming-{n}"):
                    st.image(picture, width="stretch", alt=Path(picture).stem)
        cards.warnings(view.warnings)
        return
    output = CopyOutput.model_validate(view.envelope["output"])
    st.subheader(say("result", n=len(output.products)), anchor=False)
    cards.answered_line(view.answers.values(), view.cost.requests if view.cost else 0, [record.title])
    cards.warnings(view.warnings)
    given = Products.model_validate(record.inputs["product"])
    shop_cards.result(output, {one.id: one for one in given.products}, record.id, record.inputs["pictures"] > 0)


def example(path: str) -> None:
    """An example was pressed: its shop and products are taken up and written about without a model."""
    state["shop_example"] = path


record = shown()
if "shop_profile" not in state:
    begin(record)
if "shop_example" in state:
    state["shop_file"] = state["shop_example"]
    take(state["shop_example"])
picked = shop_profile.choose(runs.home)
if picked is not None:
    take(picked)
if "shop_opened" in state:
    st.success(say("opened", name=plain(state.pop("shop_opened"))))
if "shop_saved" in state:
    st.success(say("saved", path=plain(state.pop("shop_saved"))))
shop = shop_profile.profile(runs.home)
products = shop_products.table()

with st.container(horizontal=True, vertical_alignment="bottom"):
    pictures = st.number_input(
        say("pictures"),
        0,
        MOST_PICTURES,
        key="shop_pictures",
        width=170,
        help=say("pictures_help"),
        persist_state="session",
    )
    count = len(products.products) if products else 0
    ready = shop is not None and count > 0
    pressed = st.button(
        say("go", n=count) if ready else say("go_none"), type="primary", key="shop-go", disabled=not ready
    )
    if shop is not None and products is not None:
        inputs = {
            "shop": shop.model_dump(mode="json"),
            "product": products.model_dump(mode="json"),
            "pictures": pictures,
        }
        with contextlib.suppress(FinaleError):  # starting says what is wrong
            st.caption(need_line(runs, AGENT.requests(CopyInputs(**inputs))))
        if pressed or state.get("shop_example"):
            start(inputs, offline=bool(state.pop("shop_example", "")))
            record = shown()
if "shop_error" in state:
    st.error(plain(state["shop_error"]))

if record:
    with st.container(key="shop-result"):
        follow(runs, record.id, lambda view: draw(record, view))
        again_buttons(runs, record.id, look(runs, record.id)[0], "shop")
else:
    st.markdown(say("empty"))
    with st.container(horizontal=True):
        for n, (path, name) in enumerate(shop_files(runs.home).items()):
            if products_beside(path):
                st.button(say("example_go", name=name), key=f"chip-shop-{n}", on_click=example, args=(path,))
