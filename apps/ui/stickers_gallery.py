"""Pictures on a page: as they come, the finished ones to choose from, and the pair of the same seed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from agents.run import Runs
from agents.sticker import Picture, StickerOutput
from agents.view import RunView
from apps.ui.cards import plain
from apps.ui.words import words_for
from tools.images.backend import HOUSE
from tools.images.queue import ImageQueue

__all__ = ["PLACES", "choose", "comparison", "drawn_line", "growing", "pictures_of", "put_on_page", "strip"]

say = words_for("sticker")
state = st.session_state
# Where the sticker page shows the runs of an agent; also the name in its address.
PLACES = {"sticker": "run", "expand": "run", "pack": "pack", "redraw": "again"}
_CARD = 150  # pixels: five beside each other on a laptop, two on a phone


def growing(runs: Runs, run: str, view: RunView) -> None:
    """The pictures there are so far, those in work as they look right now, and how far it is."""
    if view.progress and view.progress.of and not view.failed:
        st.progress(min(view.progress.done / view.progress.of, 1.0), text=plain(view.doing))
    jobs = _queue(str(runs.home)).jobs(run)
    coming = [job.preview for job in jobs if job.state == "running" and job.preview]
    with st.container(horizontal=True, key=f"growing-{run}"):
        for picture in pictures_of(view):
            _ground(picture, Path(picture).name, f"grown-{run}-{Path(picture).stem}")
        for n, preview in enumerate(coming):
            with st.container(width=_CARD, key=f"coming-{run}-{n}"):
                st.image(preview, width="stretch", alt=say("in_work"))
                st.caption(say("in_work"))


def pictures_of(view: RunView) -> list[str]:
    """The picture files a run has made, pack and all, that are still there."""
    output = view.envelope["output"] if view.envelope else {}
    packed = (output.get("pack") or {}).get("files", [])
    found = [one.path for one in view.artifacts if one.media_type == "image/png"]
    return [path for path in found or packed if Path(path).is_file()]


def put_on_page(agent: str, run: str) -> None:
    """Let the sticker page show this run when it is opened next, and nothing of what it showed before."""
    for place in PLACES.values():
        state.pop(f"sticker_{place}", None)
    for name in ("pair", "theme", "style", "seed"):
        state.pop(f"sticker_{name}", None)
    state[f"sticker_{PLACES[agent]}"] = run


def strip(pictures: Sequence[str], key: str) -> None:
    """Pictures in a row, to look at and to download."""
    with st.container(horizontal=True, key=f"strip-{key}"):
        for n, picture in enumerate(pictures):
            with st.container(width=_CARD, key=f"card-{key}-{n}", gap="xsmall"):
                st.image(picture, width="stretch", alt=Path(picture).name)
                _download(Path(picture), f"{key}-{n}")


def drawn_line(pictures: Sequence[Picture], drawn_by: str) -> None:
    """Who drew these pictures, and what they share: seed and size."""
    by = say("by_house") if drawn_by == HOUSE else say("by_model_drawn", model=drawn_by)
    parts = [by, say("pictures", n=len(pictures))]
    if len({one.seed for one in pictures}) == 1:
        parts.append(say("seed_n", seed=pictures[0].seed))
    if len({(one.width, one.height) for one in pictures}) == 1:
        parts.append(f"{pictures[0].width} × {pictures[0].height} px")
    st.caption(" · ".join(plain(part) for part in parts))


def choose(run: str, output: StickerOutput) -> list[Picture]:
    """The pictures as cards to tick; the ticked ones. All are at first."""
    there = [picture for picture in output.images if Path(picture.path).is_file()]
    if len(there) < len(output.images):
        st.warning(say("files_gone", n=len(output.images) - len(there)))
    if not there:
        return []
    same = len({picture.seed for picture in there}) == 1
    with st.container(horizontal=True, key=f"gallery-{run}"):
        for picture in there:
            name = Path(picture.path).stem
            with st.container(width=_CARD, key=f"card-{run}-{name}", gap="xsmall"):
                st.image(picture.path, width="stretch", alt=f"{name} {picture.caption}")
                state.setdefault(f"pick-{run}-{name}", True)
                st.checkbox(plain(picture.caption) or name, key=f"pick-{run}-{name}", persist_state="session")
                if not same:
                    st.caption(say("seed_n", seed=picture.seed))
                _download(Path(picture.path), f"{run}-{name}")
    with st.container(horizontal=True):
        st.button(say("choose_all"), key=f"all-{run}", type="tertiary", on_click=_tick, args=(run, there, True))
        st.button(say("choose_none"), key=f"none-{run}", type="tertiary", on_click=_tick, args=(run, there, False))
    return [picture for picture in there if state.get(f"pick-{run}-{Path(picture.path).stem}", True)]


def comparison(output: StickerOutput) -> None:
    """The picture of the theme as it was given beside that of the expanded prompt."""
    for column, one in zip(st.columns(2), sorted(output.compared, key=lambda one: one.which != "short"), strict=False):
        with column:
            st.markdown(f"**{say(f'pair_{one.which}')}**")
            if Path(one.path).is_file():
                _ground(one.path, say(f"pair_{one.which}"), f"pair-{one.which}", 260)
            st.markdown(plain(one.prompt))
    if output.drawn_by == HOUSE:
        st.caption(say("pair_house"))


def _tick(run: str, pictures: Sequence[Picture], chosen: bool) -> None:
    for picture in pictures:
        state[f"pick-{run}-{Path(picture.path).stem}"] = chosen


def _download(path: Path, key: str) -> None:
    st.download_button(
        say("download_one"), path.read_bytes, path.name, f"image/{path.suffix[1:]}", type="tertiary",
        icon=":material/download:", key=f"get-{key}", on_click="ignore",
    )  # fmt: skip


def _ground(picture: str, alt: str, key: str, width: int = _CARD) -> None:
    """A picture on the checked ground that shows what is transparent."""
    with st.container(width=width, key=f"card-{key}"):
        st.image(picture, width="stretch", alt=alt)


@st.cache_resource
def _queue(home: str) -> ImageQueue:
    return ImageQueue(Path(home))
