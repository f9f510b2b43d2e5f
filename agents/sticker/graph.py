"""The sticker agents' graphs: expand alone, or expand, draw, then pack where a platform is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from agents.context import RunContext
from agents.events import Artifact, Progress, Warned
from agents.sticker.draw import SIDE, make_platform_pack, make_sticker, sketches
from agents.sticker.house import cast
from agents.sticker.sheet import checked
from agents.sticker.state import StickerState
from agents.sticker.steps import EXPAND, question_of
from tools.images.artist import FontMissing
from tools.images.packs import PackError
from tools.images.prompt import wish
from tools.words import Words

__all__ = ["build", "build_expander"]

_WORDS = Path(__file__).with_name("messages.yaml")


def expand(state: StickerState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Ask for the sheet, and put right in it what does not hold."""
    context, inputs = runtime.context, state["inputs"]
    context.check_stop()
    answer = EXPAND.ask(question_of(inputs, context.lang), context)
    expanded = checked(answer.value, inputs["theme"], inputs["style"], inputs["count"], context.lang)
    if answer.by == "model" and expanded["mended"]:
        _warn(context, "mended", count=str(expanded["mended"]))
    if expanded["left_out"]:
        _warn(context, "left_out", parts="、".join(expanded["left_out"]))
    strange = [text for text in wish(inputs["theme"]).unknown if expanded["kept"].get(text) == text]
    if strange:
        _warn(context, "not_translated", parts="、".join(strange))
    return {"expanded": {name: value for name, value in expanded.items() if name != "mended"}}


def draw(state: StickerState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Draw every sticker of the sheet that is not there yet."""
    context, inputs, expanded = runtime.context, state["inputs"], state["expanded"]
    who = cast(wish(inputs["theme"]), inputs["style"], expanded["sheet"]["subject"], expanded["prompt"])
    for key, params in who.notes:
        _warn(context, key, **{**params, "who": params.get(context.lang, "")})
    folder = _folder(context, inputs)
    letters = bool(inputs["captions"])
    try:
        made = _draw_all(context, sketches(inputs, expanded, folder, letters=letters))
    except FontMissing:
        _warn(context, "no_font")
        made = _draw_all(context, sketches(inputs, expanded, folder, letters=False))
    return {"images": made}


def pack(state: StickerState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Pack the stickers for the platform that was named; what is wrong with the pack is told, never raised."""
    context, inputs = runtime.context, state["inputs"]
    if not inputs["pack"]:
        return {"pack": None}
    words = Words.load(_WORDS)
    folder = _folder(context, inputs)
    letters = any(image["caption"] for image in state["images"])
    stickers = sketches(inputs, state["expanded"], folder, letters=letters)

    def tell(done: int, of: int) -> None:
        context.check_stop()
        what = words.say("packing", context.lang, pack=inputs["pack"].upper())
        context.emit(Progress(step="pack", what=what, done=done, of=of))

    try:
        done = make_platform_pack(stickers, inputs["pack"], folder, inputs["theme"], tell)
    except PackError as error:
        _warn(context, "no_pack", why=error.message(context.lang))
        return {"pack": {"path": "", "files": [], "problems": []}}
    for problem in done.problems:
        if not problem.fixed:
            context.emit(Warned(code=f"pack_{problem.code}", message=problem.message(context.lang)))
    if done.path:
        context.emit(Artifact(path=str(done.path), media_type="application/zip", title=inputs["theme"][:40]))
    problems = [problem.to_json() for problem in done.problems]
    files = [str(path) for path in done.files]
    return {"pack": {"path": str(done.path or ""), "files": files, "problems": problems}}


def _draw_all(context: RunContext, stickers: list[Any]) -> list[dict[str, Any]]:
    words = Words.load(_WORDS)
    made = []
    for n, sketch in enumerate(stickers, 1):
        context.check_stop()
        what = words.say("drawing", context.lang, n=n, count=len(stickers), caption=sketch.caption)
        context.emit(Progress(step="draw", what=what, done=n - 1, of=len(stickers)))
        make_sticker(sketch)
        context.emit(Artifact(path=str(sketch.path), media_type="image/png", title=sketch.caption))
        seed = sketch.recipe.seed
        made.append({"path": str(sketch.path), "seed": seed, "width": SIDE, "height": SIDE, "caption": sketch.caption})
    return made


def _folder(context: RunContext, inputs: dict[str, Any]) -> Path:
    return Path(inputs["out"]) if inputs["out"] else context.home / "stickers" / context.run


def _warn(context: RunContext, key: str, **params: Any) -> None:
    context.emit(Warned(code=key, message=Words.load(_WORDS).say(key, context.lang, **params)))


def build(checkpointer: Any) -> Any:
    """The sticker agent's compiled graph."""
    graph = StateGraph(StickerState, context_schema=RunContext)
    graph.add_node("expand", expand)
    graph.add_node("draw", draw)
    graph.add_node("pack", pack)
    graph.add_edge(START, "expand")
    graph.add_edge("expand", "draw")
    graph.add_edge("draw", "pack")
    graph.add_edge("pack", END)
    return graph.compile(checkpointer=checkpointer)


def build_expander(checkpointer: Any) -> Any:
    """The expander's compiled graph."""
    graph = StateGraph(StickerState, context_schema=RunContext)
    graph.add_node("expand", expand)
    graph.add_edge(START, "expand")
    graph.add_edge("expand", END)
    return graph.compile(checkpointer=checkpointer)
