"""Stickers: a theme of a word or two, expanded into a prompt and a sheet, drawn by the house artist, packed for a platform.

from agents import sticker
result = sticker.run(theme="柴犬", count=8, pack="line", out="柴犬貼圖")
print(result.output.prompt, result.output.images[0].path, result.output.pack.path)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from agents.agent import Agent, RunResult
from agents.context import RunOptions
from agents.events import Event
from agents.face import run_agent, stream_agent
from agents.step import Step
from agents.sticker.expander import AGENT as EXPANDER
from agents.sticker.state import (
    DEFAULT_COUNT,
    DEFAULT_STYLE,
    ExpandOutput,
    PackMade,
    Picture,
    Sheet,
    StickerInputs,
    StickerOutput,
)
from tools.settings import Settings
from tools.words import Lang

__all__ = [
    "AGENT",
    "EXPANDER",
    "ExpandOutput",
    "PackMade",
    "Picture",
    "Sheet",
    "StickerOutput",
    "expand",
    "run",
    "stream",
]


def _build(checkpointer: Any) -> Any:
    from agents.sticker.graph import build  # LangGraph is heavy: only a run pays for it

    return build(checkpointer)


def _steps() -> tuple[Step, ...]:
    from agents.sticker.steps import EXPAND

    return (EXPAND,)


def _finish(state: Mapping[str, Any]) -> StickerOutput:
    return StickerOutput.model_validate({**state["expanded"], "images": state["images"], "pack": state["pack"]})


AGENT = Agent(
    name="sticker",
    inputs=StickerInputs,
    output=StickerOutput,
    steps=_steps,
    build=_build,
    finish=_finish,
    title=lambda inputs: inputs.theme,
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
    model: str = "",
    offline: bool = False,
    fresh: bool = False,
    lang: Lang | None = None,
    settings: Settings | None = None,
) -> RunResult:
    """`count` stickers (1..40) of `theme`, PNGs of 512 x 512 in `out` (none: under FINALE_HOME/stickers).

    `pack` is line, telegram, whatsapp or nothing. The same sheet and seed give the same files. `output` is a StickerOutput.

    Raises:
        BadInput: an input is not usable.
        RunFailed, StorageError
    """
    inputs = _inputs(theme, style, seed, count, pack, out, captions)
    return run_agent(AGENT, inputs, RunOptions({"*": model}, offline, fresh, lang), settings)


def stream(
    theme: str,
    *,
    style: str = DEFAULT_STYLE,
    seed: int = 0,
    count: int = DEFAULT_COUNT,
    pack: str = "",
    out: str | Path = "",
    captions: bool = True,
    model: str = "",
    offline: bool = False,
    fresh: bool = False,
    lang: Lang | None = None,
    settings: Settings | None = None,
) -> Iterator[Event]:
    """The events of the same run as they come; the last one is a Result or a Failed."""
    inputs = _inputs(theme, style, seed, count, pack, out, captions)
    return stream_agent(AGENT, inputs, RunOptions({"*": model}, offline, fresh, lang), settings)


def _inputs(
    theme: str, style: str, seed: int, count: int, pack: str, out: str | Path, captions: bool
) -> dict[str, Any]:
    return {
        "theme": theme, "style": style, "seed": seed, "count": count, "pack": pack, "out": str(out), "captions": captions,
    }  # fmt: skip
