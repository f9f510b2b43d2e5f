"""The sticker agents' graphs: expand alone; expand, draw, then pack where a platform is named; pack alone; draw again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from agents.context import RunContext
from agents.sticker.house import cast
from agents.sticker.orders import comparison, orders
from agents.sticker.packing import pack_pictures
from agents.sticker.painting import artist_of, drawn_by, paint, pictures, warn
from agents.sticker.sheet import checked, edited
from agents.sticker.state import StickerState
from agents.sticker.steps import EXPAND, question_of
from tools.images.artist import FontMissing, find_font
from tools.images.backend import HOUSE, SDXL
from tools.images.packs import PLAIN, Finish, Sticker
from tools.images.prompt import wish
from tools.images.queue import Order
from tools.images.recipe import Recipe

__all__ = ["build", "build_expander", "build_packer", "build_redraw"]


def expand(state: StickerState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Ask for the sheet, and put right in it what does not hold; a sheet of the person's own is taken as it is."""
    context, inputs = runtime.context, state["inputs"]
    context.check_stop()
    if inputs.get("sheet"):
        expanded = edited(inputs["sheet"], inputs["theme"], inputs["style"], context.lang)
        by_model = True
    else:
        answer = EXPAND.ask(question_of(inputs, context.lang), context)
        expanded = checked(answer.value, inputs["theme"], inputs["style"], inputs["count"], context.lang)
        by_model = answer.by == "model"
    if by_model and expanded["mended"]:
        warn(context, "mended", count=str(expanded["mended"]))
    if expanded["left_out"]:
        warn(context, "left_out", parts="、".join(expanded["left_out"]))
    strange = [text for text in wish(inputs["theme"]).unknown if expanded["kept"].get(text) == text]
    if strange:
        warn(context, "not_translated", parts="、".join(strange))
    return {"expanded": {name: value for name, value in expanded.items() if name != "mended"}}


def draw(state: StickerState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Have every sticker of the sheet drawn that is not there yet."""
    context, inputs, expanded = runtime.context, state["inputs"], state["expanded"]
    artist = artist_of(context, inputs["artist"])
    who = cast(wish(inputs["theme"]), inputs["style"], expanded["sheet"]["subject"], expanded["prompt"])
    for key, params in who.notes if artist.name == HOUSE else ():
        warn(context, key, **{**params, "who": params.get(context.lang, "")})
    letters = bool(inputs["captions"])
    if letters and artist.name == HOUSE and not _font_ready():
        warn(context, "no_font")
        letters = False
    folder = _folder(context, inputs)
    made = paint(context, orders(inputs, expanded, artist, folder, letters=letters))
    compared = []
    if inputs["compare"]:
        pair = comparison(inputs, expanded, artist, folder)
        done = {job.path.name: job for job in paint(context, list(pair.values()), "comparing") if job.state == "done"}
        for which, order in pair.items():
            if order.path.name in done:
                compared.append({"which": which, "prompt": order.recipe.prompt, "path": str(order.path)})
    return {"images": pictures(made), "drawn_by": drawn_by(made), "compared": compared}


def pack(state: StickerState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Pack the stickers for the platform that was named; what is wrong with the pack is told, never raised."""
    context, inputs = runtime.context, state["inputs"]
    if not inputs["pack"]:
        return {"pack": None}
    drawn = artist_of(context, inputs["artist"]).name == HOUSE
    letters = bool(inputs["captions"]) and not drawn  # the house artist has set them already
    finish = PLAIN if drawn else Finish()
    scenes = {f"{n:02d}.png": scene["caption"] for n, scene in enumerate(state["expanded"]["sheet"]["stickers"], 1)}
    stickers = []
    for image in state["images"]:
        path = Path(image["path"])
        caption = scenes.get(path.name, "")
        stickers.append(Sticker(path, caption if letters else "", description=caption, name=path.name))
    made = pack_pictures(context, stickers, inputs["pack"], _folder(context, inputs), inputs["theme"], finish)
    return {"pack": made}


def pack_chosen(state: StickerState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Pack pictures that a person chose, of whatever origin."""
    context, inputs = runtime.context, state["inputs"]
    captions = [*inputs["captions"], *[""] * len(inputs["pictures"])]
    stickers = [
        Sticker(Path(path), caption, description=caption, name=Path(path).name)
        for path, caption in zip(inputs["pictures"], captions, strict=False)
    ]
    folder = Path(inputs["out"]) if inputs["out"] else context.home / "packs" / context.run
    title = inputs["title"] or Path(inputs["pictures"][0]).parent.name
    finish = Finish() if inputs["border"] else PLAIN
    return {"pack": pack_pictures(context, stickers, inputs["pack"], folder, title, finish, inputs["cover"])}


def draw_again(state: StickerState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Draw a recipe again, from its own seed and the seeds behind it."""
    context, inputs = runtime.context, state["inputs"]
    recipe = Recipe.from_json(inputs["recipe"])
    artist = artist_of(context, inputs["artist"] if inputs["artist"] != "auto" else _first_artist(recipe))
    folder = _folder(context, inputs)
    first = recipe.seed or 0
    again = []
    for n in range(inputs["copies"]):
        one = replace(recipe, seed=(first + n) % 2**32, program="finale")
        if artist.name == HOUSE:
            one = replace(one, made="drawn", sheet=_with_seed(one.sheet, first + n))
        else:
            one = replace(one, made="trained", model=artist.model or one.model, model_hash="")
        again.append(Order(one, folder / f"{n + 1:02d}.png", artist))
    made = paint(context, again, "again")
    return {"images": pictures(made), "drawn_by": drawn_by(made)}


def _font_ready() -> bool:
    try:
        find_font()
    except FontMissing:
        return False
    return True


def _first_artist(recipe: Recipe) -> str:
    """Who drew a recipe first."""
    return HOUSE if recipe.made == "drawn" and "character" in recipe.sheet else SDXL


def _with_seed(sheet: Mapping[str, Any], seed: int) -> dict[str, Any]:
    character = sheet.get("character")
    return {**sheet, "character": {**character, "seed": seed}} if isinstance(character, Mapping) else dict(sheet)


def _folder(context: RunContext, inputs: Mapping[str, Any]) -> Path:
    return Path(inputs["out"]) if inputs["out"] else context.home / "stickers" / context.run


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
    return _one_node("expand", expand, checkpointer)


def build_packer(checkpointer: Any) -> Any:
    """The compiled graph that packs chosen pictures."""
    return _one_node("pack", pack_chosen, checkpointer)


def build_redraw(checkpointer: Any) -> Any:
    """The compiled graph that draws a recipe again."""
    return _one_node("draw", draw_again, checkpointer)


def _one_node(name: str, node: Any, checkpointer: Any) -> Any:
    graph = StateGraph(StickerState, context_schema=RunContext)
    graph.add_node(name, node)
    graph.add_edge(START, name)
    graph.add_edge(name, END)
    return graph.compile(checkpointer=checkpointer)
