"""Pictures of products in the shop's style and colours: orders for the image queue, and what came of them told in events.

The house artist draws what it has learned; a diffusion model, where one is ready, is told the product in words. What neither
can draw is told, and that product has no picture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from agents.context import RunContext
from agents.copywriter.products import Product
from agents.copywriter.shop import Shop
from agents.events import Artifact, Progress, Warned
from tools.images.backend import AUTO, HOUSE, SIDE, Offer, chosen
from tools.images.queue import ImageQueue, Job, Order, drain
from tools.images.recipe import Recipe
from tools.images.styles import StyleLock, known_styles

__all__ = ["artist_of", "orders_of", "paint"]

DEFAULT_STYLE = "kawaii"
Note = Callable[..., None]
# How a product is shown: a face and a stance, the calmest first.
_SCENES = (
    ("happy", ""), ("relaxed", ""), ("love", ""), ("wink", "wave"), ("shy", ""), ("laugh", ""), ("proud", ""), ("excited", "jump"),
)  # fmt: skip


def artist_of(context: RunContext) -> Offer:
    """Who draws this run. It is settled once: a run that is taken up again keeps its artist."""
    kept = context.kept("artist")
    if kept is None:
        offer = chosen(AUTO, context.settings)
        kept = {"name": offer.name, "device": offer.device, "model": offer.model}
        context.keep("artist", kept)
    return Offer(**kept)


def orders_of(
    shop: Shop, product: Product, style: str, count: int, folder: Path, artist: Offer, note: Note
) -> list[Order]:
    """`count` pictures of `product` for `artist`; none, with a note, of what cannot be drawn.

    `style` is a house style's id, "" for the shop's. The whole shop shares style, colours and seeds: its pictures are a set.
    `note` is called with a key of messages.yaml and its parameters.
    """
    lock = known_styles().get(style or shop.style or DEFAULT_STYLE).lock()
    make = _drawn if artist.name == HOUSE else _diffused
    recipes = make(shop, product, lock, count, artist, note)
    return [Order(recipe, folder / f"{product.id}-{n:02d}.png", artist) for n, recipe in enumerate(recipes, 1)]


def paint(context: RunContext, orders: Sequence[Order], what: str) -> set[str]:
    """Have the orders painted; the paths of those that are. What failed is told, and is not done.

    Raises:
        Cancelled: the person stopped the run; what is painted stays.
        StorageError: the queue cannot be written.
    """
    queue, told = ImageQueue(context.home), set[str]()
    queue.add(context.run, orders)

    def tell(jobs: Sequence[Job]) -> None:
        done = [job for job in jobs if job.state == "done"]
        for job in done:
            if str(job.path) not in told:
                told.add(str(job.path))
                context.emit(Artifact(path=str(job.path), media_type="image/png", title=job.path.stem))
        context.emit(Progress(step="draw", what=what, done=len(done), of=len(jobs)))

    jobs = drain(queue, context.run, context.settings, on_change=tell, cancelled=context.cancelled)
    context.check_stop()
    for job in jobs:
        lines = [*job.notes, *([job.problem] if job.problem and job.state != "done" else [])]
        for line in lines:
            context.emit(Warned(code=line.code, message=line.message(context.lang)))
    return {str(job.path) for job in jobs if job.state == "done"}


def _drawn(shop: Shop, product: Product, lock: StyleLock, count: int, artist: Offer, note: Note) -> list[Recipe]:
    """Recipes for the house artist."""
    from tools.images.artist import match_subject
    from tools.images.styles import merge

    subject = match_subject(product.name)
    if subject is None:
        note("no_subject", product=product.name)
        return []
    if not product.name.casefold().endswith(tuple(name.casefold() for name in subject.names)):
        note("nearest_subject", product=product.name, who=subject.zh)
    style = _artists_style(lock.style.id)
    if style is None:
        note("style_near", style=lock.style.name_zh)
    words = merge(subject.en, styles=[lock.style])
    character: dict[str, Any] = {
        "subject": subject.id,
        "palette": {"main": shop.palette[0]} if shop.palette and "main" in subject.palette else {},
        "accessories": [],
        "style": style or DEFAULT_STYLE,
        "seed": 0,
    }
    return [
        Recipe(
            prompt=", ".join(words.positive), negative=", ".join(words.negative), seed=0, width=SIDE, height=SIDE,
            model=HOUSE, styles=(lock.style.id,), made="drawn",
            sheet={"character": character, "scene": {"expression": face, "pose": pose, "props": [], "caption": ""}},
        )
        for face, pose in _SCENES[:count]
    ]  # fmt: skip


def _diffused(shop: Shop, product: Product, lock: StyleLock, count: int, artist: Offer, note: Note) -> list[Recipe]:
    """Recipes for a diffusion model: the product's name in English, in the locked style; seeds 0, 1, 2 … for every product."""
    from tools.images.prompt import PromptError, to_prompt, wish

    try:
        said = wish(product.name)
    except PromptError:
        note("no_subject", product=product.name)
        return []
    if said.unknown:
        note("not_translated", product=product.name, parts="、".join(said.unknown))
    words = to_prompt(said, lock.style)
    return [
        Recipe(
            prompt=words.prompt, negative=words.negative, seed=seed, model=artist.model, styles=(lock.style.id,),
            made="trained",
        )
        for seed in range(count)
    ]  # fmt: skip


def _artists_style(style: str) -> str | None:
    """What the house artist calls a house style, None where it has none like it."""
    import yaml

    from tools.settings import data_dir

    told = yaml.safe_load((data_dir() / "styles" / "artist.yaml").read_text(encoding="utf-8"))
    return told["styles"].get(style)
