"""The sticker page: a theme, its sheet to change, pictures as they come, the ones to keep, a pack to upload."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from agents.agent import Agent
from agents.context import RunOptions
from agents.sticker import AGENT, EXPANDER, PACKER, REDRAW, ExpandOutput, PackOutput, RedrawOutput, StickerOutput
from agents.store import RunRecord
from agents.view import RunView
from apps.ui import cards, stickers_again, stickers_gallery, stickers_pack, stickers_sheet, stickers_wishes
from apps.ui.cards import plain
from apps.ui.follow import again_buttons, follow, look
from apps.ui.frame import frame, need_line, the_runs
from apps.ui.styles import style_name
from apps.ui.words import lang, words_for
from tools.errors import FinaleError

say = words_for("sticker")
state = st.session_state
runs = the_runs()
frame(say("title"), say("purpose"))
# On a phone what was made stands far below the button that made it. Fixed code of ours; the number lets it run anew.
_TO_RESULT = """
(() => {
const number = %d, end = Date.now() + 1500;
const bring = () => {
  const made = document.querySelector('.st-key-sticker-result');
  if (made && made.getBoundingClientRect().top > innerHeight * 0.6) made.scrollIntoView({block: 'start', behavior: 'smooth'});
  else if (Date.now() < end) setTimeout(bring, 200);
};
bring();
})();
"""


def start(agent: Agent, inputs: Mapping[str, Any], place: str) -> bool:
    """Begin a run that the page shows at `place`; False, with its line kept for `place`, where an input is refused."""
    try:
        run = runs.start(agent, inputs, RunOptions(lang=lang()))
    except FinaleError as error:
        state[f"sticker_error_{place}"] = error.message(lang())
        return False
    state.pop(f"sticker_error_{place}", None)
    state.pop("stopping", None)
    state["sticker_started"] = state.get("sticker_started", 0) + 1
    show(place, run)
    return True


def show(place: str, run: str) -> None:
    """Put a run where it belongs; what belonged to the stickers shown before goes."""
    if place == "run":
        for gone in ("pack", "pair"):
            st.query_params.pop(gone, None)
            state.pop(f"sticker_{gone}", None)
    st.query_params[place] = state[f"sticker_{place}"] = run


def bring_result() -> None:
    """Bring into sight what a button has just begun, where it stands below the window."""
    number = state.get("sticker_started", 0)
    if state.get("sticker_brought", 0) < number and "run" in st.query_params:
        state["sticker_brought"] = number
        st.html(f"<script>{_TO_RESULT % int(number)}</script>", unsafe_allow_javascript=True)


def shown(place: str) -> RunRecord | None:
    """The run that stands at `place`, if there is one; its address is kept up."""
    run = st.query_params.get(place) or state.get(f"sticker_{place}")
    record = runs.store.find(run) if run else None
    if record is None:
        st.query_params.pop(place, None)
        return None
    st.query_params[place] = state[f"sticker_{place}"] = record.id
    return record


def refused(place: str) -> None:
    if f"sticker_error_{place}" in state:
        st.error(plain(state[f"sticker_error_{place}"]))


def sheet(record: RunRecord, output: ExpandOutput) -> None:
    """What the theme became, to be changed and drawn."""
    prompt, negative = stickers_sheet.prompt_part(output, record.id)
    st.markdown(f"**{say('scenes')}**")
    scenes = stickers_sheet.scenes_part(output, record.id)
    wishes = stickers_wishes.wanted()
    if wishes["style"] != output.style:
        names = {
            "now": style_name(wishes["style"]),
            "then": style_name(output.style),
        }
        st.caption(say("style_moved", **names))
    if st.button(say("draw_sheet", n=len(scenes)), type="primary", key="sheet-draw", disabled=not scenes):
        edited = {**output.sheet.model_dump(), "prompt": prompt, "negative": negative, "stickers": scenes}
        told = {"theme": record.inputs["theme"], "style": output.style, "count": len(scenes), "sheet": edited}
        if start(AGENT, {**wishes, **told}, "run"):
            st.rerun()
        refused("run")


def head(view: RunView) -> bool:
    """How a run stands; whether it has a result to show."""
    if view.failed:
        cards.failure(view.failed)
    if view.envelope is not None:
        cards.warnings(view.warnings)
    return view.envelope is not None


def draw_expanded(record: RunRecord, view: RunView) -> None:
    if head(view):
        st.subheader(say("expanded"), anchor=False)
        cards.answered_line(view.answers.values(), view.cost.requests if view.cost else 0)
        sheet(record, ExpandOutput.model_validate(view.envelope["output"]))


def draw_stickers(record: RunRecord, view: RunView) -> None:
    """Stickers while they are drawn, and then the gallery with what can be done with them."""
    if not head(view):
        stickers_gallery.growing(runs, record.id, view)
        return
    output = StickerOutput.model_validate(view.envelope["output"])
    st.subheader(plain(record.inputs["theme"]), anchor=False)
    stickers_gallery.drawn_line(output.images, output.drawn_by)
    choice(record, output)
    if output.pack and not shown("pack"):  # a pack that was ordered together with the stickers, from a shell
        stickers_pack.pack_preview(output.pack, record.inputs["theme"], record.inputs["pack"])


@st.fragment
def choice(record: RunRecord, output: StickerOutput) -> None:
    """Pictures to tick and where they are to go; ticking draws only this part anew."""
    chosen = stickers_gallery.choose(record.id, output)
    drawn = not any(picture.prompt for picture in output.images)
    st.subheader(say("pack"), anchor=False)
    inputs = stickers_pack.pack_form(record.id, chosen, record.inputs["theme"], drawn=drawn)
    if inputs and start(PACKER, inputs, "pack"):
        st.rerun()
    refused("pack")


def draw_pack(record: RunRecord, view: RunView) -> None:
    if head(view):
        output = PackOutput.model_validate(view.envelope["output"])
        stickers_pack.pack_preview(output.pack, record.inputs["title"] or record.title, record.inputs["pack"])


def draw_pair(view: RunView) -> None:
    if head(view):
        stickers_gallery.comparison(StickerOutput.model_validate(view.envelope["output"]))


def draw_again(record: RunRecord, view: RunView) -> None:
    if not head(view):
        stickers_gallery.growing(runs, record.id, view)
        return
    output = RedrawOutput.model_validate(view.envelope["output"])
    stickers_gallery.drawn_line(output.images, output.drawn_by)
    stickers_gallery.strip([one.path for one in output.images], "again")


def more(record: RunRecord, output: ExpandOutput) -> None:
    """What else can be done with finished stickers: change the sheet and draw anew, compare at the same seed."""
    with st.expander(say("sheet_again"), icon=":material/table_rows:"):
        sheet(record, output)
    pair = shown("pair")
    with st.expander(say("pair"), icon=":material/compare:", expanded=pair is not None):
        st.markdown(say("pair_about"))
        if pair is None:
            if st.button(say("pair_go"), key="pair-go"):
                one = {**output.sheet.model_dump(), "stickers": [output.sheet.stickers[0].model_dump()]}
                told = {**record.inputs, "sheet": one, "count": 1, "compare": True, "pack": "", "out": ""}
                if start(AGENT, told, "pair"):
                    st.rerun()
            refused("pair")
        else:
            follow(runs, pair.id, draw_pair)
            again_buttons(runs, pair.id, look(runs, pair.id)[0], "pair")


def stickers(record: RunRecord) -> None:
    """A run of `expand` or `sticker`, as far as it is."""
    drawer = draw_expanded if record.agent == "expand" else draw_stickers
    follow(runs, record.id, lambda view: drawer(record, view))
    view, living = look(runs, record.id)
    if not living:
        again_buttons(runs, record.id, view, "sticker")
    packing = shown("pack")
    if packing:
        follow(runs, packing.id, lambda view: draw_pack(packing, view))
        again_buttons(runs, packing.id, look(runs, packing.id)[0], "pack")
    if not living and view.envelope and record.agent == "sticker":
        more(record, StickerOutput.model_validate(view.envelope["output"]))


def again() -> None:
    """Again with a picture's settings, and what became of it."""
    record = shown("again")
    with st.expander(say("again"), icon=":material/replay:", expanded=record is not None):
        inputs = stickers_again.again_form(runs.settings)
        if inputs and start(REDRAW, inputs, "again"):
            st.rerun()
        refused("again")
        if record:
            follow(runs, record.id, lambda view: draw_again(record, view))
            again_buttons(runs, record.id, look(runs, record.id)[0], "again")


def example(theme: str) -> None:
    state["sticker_theme"], state["sticker_go"] = theme, True


opened = shown("run")
if opened and "sticker_theme" not in state:
    # Another tab, or a reload: the form shows what these stickers are about.
    state["sticker_theme"], state["sticker_style"] = opened.inputs.get("theme", ""), opened.inputs.get("style", "")
    for name in ("seed", "count"):
        if name in opened.inputs:
            state[f"sticker_{name}"] = opened.inputs[name]
pressed = stickers_wishes.form(runs.settings, need_line(runs, EXPANDER.requests()))
if pressed == "expand":
    wishes = stickers_wishes.wanted()
    start(EXPANDER, {name: wishes[name] for name in ("theme", "style", "count")}, "run")
elif pressed == "draw" or state.pop("sticker_go", False):
    start(AGENT, stickers_wishes.wanted(), "run")
refused("run")

record = shown("run")
if record:
    with st.container(key="sticker-result"):
        stickers(record)
elif shown("pack"):
    packing = shown("pack")
    st.subheader(plain(packing.title), anchor=False)
    follow(runs, packing.id, lambda view: draw_pack(packing, view))
    again_buttons(runs, packing.id, look(runs, packing.id)[0], "pack")
else:
    st.markdown(say("empty"))
    with st.container(horizontal=True):
        for n in (1, 2, 3):
            theme = say(f"example_{n}")
            st.button(theme, key=f"chip-sticker-{n}", on_click=example, args=(theme,))
again()
bring_result()
