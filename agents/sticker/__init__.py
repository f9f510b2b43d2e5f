"""Stickers: a theme of a word or two, expanded into a prompt and a sheet, drawn by the house artist, packed for a platform.

from agents import sticker
result = sticker.run(theme="柴犬", count=8, pack="line", out="柴犬貼圖")
print(result.output.prompt, result.output.images[0].path, result.output.pack.path)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.agent import Agent, RunResult
from agents.context import RunOptions
from agents.events import Event
from agents.face import run_agent, stream_agent
from agents.step import Step
from agents.sticker.expander import AGENT as EXPANDER
from agents.sticker.inputs import DEFAULT_COUNT, DEFAULT_STYLE, StickerInputs
from agents.sticker.packer import AGENT as PACKER
from agents.sticker.redraw import AGENT as REDRAW
from agents.sticker.state import (
    Compared,
    ExpandOutput,
    PackMade,
    PackOutput,
    Picture,
    RedrawOutput,
    Sheet,
    StickerOutput,
)
from tools.settings import Settings
from tools.words import Lang

__all__ = [
    "AGENT",
    "EXPANDER",
    "PACKER",
    "REDRAW",
    "Compared",
    "ExpandOutput",
    "PackMade",
    "PackOutput",
    "Picture",
    "RedrawOutput",
    "Sheet",
    "StickerOutput",
    "expand",
    "pack",
    "redraw",
    "run",
    "stream",
]


def _build(checkpointer: Any) -> Any:
    from agents.sticker.graph import build  # LangGraph is heavy: only a run pays for it

    return build(checkpointer)


def _steps() -> tuple[Step, ...]:
    from agents.sticker.steps import EXPAND

    return (EXPAND,)


def _forget(home: Path, run: str) -> None:
    from agents.sticker.painting import forget

    forget(home, run)


def _finish(state: Mapping[str, Any]) -> StickerOutput:
    drawn = {name: state[name] for name in ("images", "pack", "drawn_by", "compared")}
    return StickerOutput.model_validate({**state["expanded"], **drawn})


AGENT = Agent(
    name="sticker",
    inputs=StickerInputs,
    output=StickerOutput,
    steps=_steps,
    build=_build,
    finish=_finish,
    title=lambda inputs: inputs.theme,
    forget=_forget,
)


def expand(
    theme: str,
    *,
    style: str = DEFAULT_STYLE,
    count: int = DEFAULT_COUNT,
    model: str = "",
    offline: bool = False,
    fresh: bool = False,
    lang: Lang | None = None,
    settings: Settings | None = None,
) -> RunResult:
    """Only the prompt and the sheet of `theme`; nothing is drawn. `output` is an ExpandOutput.

    Raises:
        BadInput: the theme says nothing to draw or is too long; there is no such style.
        RunFailed, StorageError
    """
    inputs = {"theme": theme, "style": style, "count": count}
    return run_agent(EXPANDER, inputs, RunOptions({"*": model}, offline, fresh, lang), settings)


def run(
    theme: str,
    *,
    style: str = DEFAULT_STYLE,
    seed: int = 0,
    count: int = DEFAULT_COUNT,
    pack: str = "",
    out: str | Path = "",
    captions: bool = True,
    sheet: Mapping[str, Any] | None = None,
    compare: bool = False,
    artist: str = "auto",
    size: int = 0,
    steps: int | None = None,
    cfg: float | None = None,
    sampler: str = "",
    guide: str = "",
    strength: float = 0.6,
    model: str = "",
    offline: bool = False,
    fresh: bool = False,
    lang: Lang | None = None,
    settings: Settings | None = None,
) -> RunResult:
    """`count` stickers (1..40) of `theme`, as PNGs in `out` (none: under FINALE_HOME/stickers).

    `artist` is house, sdxl, or auto (sdxl where its weights are on this machine). `pack` is line, telegram, whatsapp or
    nothing. `sheet`, from `expand` and edited, is drawn as it is. `size` (pixels), `steps`, `cfg`, `sampler`, and the house
    drawing as `guide` (img2img or edges; `strength` 0..1) are for sdxl. The same sheet and seed give the same files.
    `output` is a StickerOutput.

    Raises:
        BadInput: an input is not usable.
        RunFailed, StorageError
    """
    inputs = {
        "theme": theme, "style": style, "seed": seed, "count": count, "pack": pack, "out": str(out), "captions": captions,
        "sheet": _plain(sheet), "compare": compare, "artist": artist, "size": size, "steps": steps, "cfg": cfg,
        "sampler": sampler, "guide": guide, "strength": strength,
    }  # fmt: skip
    return run_agent(AGENT, inputs, RunOptions({"*": model}, offline, fresh, lang), settings)


def stream(
    theme: str,
    *,
    model: str = "",
    offline: bool = False,
    fresh: bool = False,
    lang: Lang | None = None,
    settings: Settings | None = None,
    **given: Any,
) -> Iterator[Event]:
    """The events of the same run as they come; the last one is a Result or a Failed. `given` is as `run` takes it."""
    inputs = {**given, "theme": theme, "out": str(given.get("out", "")), "sheet": _plain(given.get("sheet"))}
    return stream_agent(AGENT, inputs, RunOptions({"*": model}, offline, fresh, lang), settings)


def pack(
    pictures: Sequence[str | Path],
    platform: str = "line",
    *,
    title: str = "",
    captions: Sequence[str] = (),
    border: bool = True,
    cover: int = 0,
    out: str | Path = "",
    lang: Lang | None = None,
    settings: Settings | None = None,
) -> RunResult:
    """Pictures of whatever origin as a pack for `platform`: cut out, bordered, captioned. `output` is a PackOutput.

    Raises:
        BadInput: a picture is not there, or there is no such platform.
        RunFailed, StorageError
    """
    inputs = {
        "pictures": [str(one) for one in pictures], "pack": platform, "title": title, "captions": list(captions),
        "border": border, "cover": cover, "out": str(out),
    }  # fmt: skip
    return run_agent(PACKER, inputs, RunOptions(lang=lang), settings)


def redraw(
    recipe: Mapping[str, Any],
    *,
    artist: str = "auto",
    copies: int = 1,
    out: str | Path = "",
    lang: Lang | None = None,
    settings: Settings | None = None,
) -> RunResult:
    """A picture's recipe (`Recipe.to_json()`) drawn again, and `copies` (1..8) of it from as many seeds in a row.

    Raises:
        BadInput: an input is not usable.
        RunFailed: it cannot be drawn on this machine; says why.
        StorageError
    """
    inputs = {"recipe": dict(recipe), "artist": artist, "copies": copies, "out": str(out)}
    return run_agent(REDRAW, inputs, RunOptions(lang=lang), settings)


def _plain(sheet: Any) -> Any:
    return sheet.model_dump() if isinstance(sheet, Sheet) else sheet
