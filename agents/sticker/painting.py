"""Pictures painted for a run: its orders go into the image queue, and what the queue says is told in events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.context import RunContext
from agents.errors import AgentError
from agents.events import Artifact, Progress, Warned
from tools.images.backend import HOUSE, Offer, chosen
from tools.images.queue import ImageQueue, Job, Order, drain
from tools.words import Words

__all__ = ["NothingDrawn", "artist_of", "drawn_by", "forget", "paint", "pictures", "warn"]

_WORDS = Path(__file__).with_name("messages.yaml")


class NothingDrawn(AgentError):
    """Raised when not one picture of a run could be drawn; says why the first one failed."""

    code = "nothing_drawn"
    words_file = _WORDS


def artist_of(context: RunContext, wanted: str) -> Offer:
    """Who draws this run. "auto" is settled once: a run that is taken up again keeps its artist."""
    kept = context.kept("artist")
    if kept is None:
        offer = chosen({"house": HOUSE}.get(wanted, wanted), context.settings)
        kept = {"name": offer.name, "device": offer.device, "model": offer.model}
        context.keep("artist", kept)
    return Offer(**kept)


def paint(context: RunContext, orders: Sequence[Order], what: str = "drawing") -> list[Job]:
    """Have every order painted; jobs in the order of `orders`. What failed is told, and is not done.

    Raises:
        Cancelled: the person stopped the run; what is painted stays.
        NothingDrawn: not one could be painted.
        StorageError: the folder cannot be written.
    """
    words, told = Words.load(_WORDS), set[str]()

    def tell(jobs: Sequence[Job]) -> None:
        done = [job for job in jobs if job.state == "done"]
        for job in done:
            if str(job.path) not in told:
                told.add(str(job.path))
                context.emit(Artifact(path=str(job.path), media_type="image/png", title=_caption(job)))
        now = next((job for job in jobs if job.state == "running"), None)
        said = words.say(what, context.lang, n=min(len(done) + 1, len(jobs)), count=len(jobs))
        if now and now.of > 1:
            said = words.say("steps", context.lang, what=said, done=now.done, of=now.of)
        context.emit(Progress(step="draw", what=said, done=len(done), of=len(jobs)))

    with ImageQueue(context.home) as queue:
        ids = queue.add(context.run, orders)
        jobs = drain(queue, context.run, context.settings, on_change=tell, cancelled=context.cancelled)
    context.check_stop()
    by_id = {job.id: job for job in jobs}
    found = [by_id[id] for id in ids if id in by_id]  # somebody may have taken one off the queue
    for job in found:
        for note in job.notes:
            context.emit(Warned(code=note.code, message=note.message(context.lang)))
    failed = [job for job in found if job.state != "done"]
    lines = [job.problem.message(context.lang) for job in failed if job.problem]
    if len(failed) == len(found):
        raise NothingDrawn(why=lines[0] if lines else words.say("cancelled", context.lang))
    for why in dict.fromkeys(lines):
        warn(context, "not_drawn", count=str(lines.count(why)), why=why)
    return found


def pictures(jobs: Sequence[Job]) -> list[dict[str, Any]]:
    """The pictures that were painted, as Picture's data."""
    found = []
    for job in jobs:
        if job.state == "done":
            recipe = job.made or job.recipe
            found.append({
                "path": str(job.path),
                "seed": recipe.seed or 0,
                "width": recipe.width or 0,
                "height": recipe.height or 0,
                "caption": _caption(job),
                "prompt": recipe.prompt if recipe.made == "trained" else "",
            })  # fmt: skip
    return found


def drawn_by(jobs: Sequence[Job]) -> str:
    """Who made the pictures: the model's name, or the house artist's."""
    recipes = [job.made or job.recipe for job in jobs if job.state == "done"]
    return recipes[0].model if recipes else ""


def forget(home: Path, run: str) -> None:
    """Take a run's pictures off the image queue; the files stay."""
    with ImageQueue(home) as queue:
        queue.forget(run)


def warn(context: RunContext, key: str, **params: Any) -> None:
    """Tell something a person should know, by its key in messages.yaml."""
    context.emit(Warned(code=key, message=Words.load(_WORDS).say(key, context.lang, **params)))


def _caption(job: Job) -> str:
    scene = job.recipe.sheet.get("scene")
    return str(scene.get("caption", "")) if isinstance(scene, Mapping) else ""
