"""Packs for a platform, as a run makes them: progress and problems told in events, never raised."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agents.context import RunContext
from agents.events import Artifact, Progress, Warned
from tools.images.packs import BestRemover, Finish, PackError, Sticker, make_pack
from tools.images.recipe import PictureError, signer
from tools.words import Words

__all__ = ["pack_pictures"]

_WORDS = Path(__file__).with_name("messages.yaml")


def pack_pictures(
    context: RunContext,
    stickers: Sequence[Sticker],
    platform: str,
    folder: Path,
    title: str,
    finish: Finish,
    cover: int = 0,
) -> dict[str, Any]:
    """Make the pack in `folder`; PackMade's data. A pack that the platform would turn away has no path, and problems.

    Raises:
        Cancelled: the person stopped it; nothing was written then.
        StorageError: the folder cannot be written.
    """
    words = Words.load(_WORDS)

    def tell(done: int, of: int) -> None:
        context.check_stop()
        what = words.say("packing", context.lang, pack=platform.upper())
        context.emit(Progress(step="pack", what=what, done=done, of=of))

    try:
        done = make_pack(
            stickers,
            platform,
            folder,
            title=title,
            finish=finish,
            cover=cover,
            remover=BestRemover(),
            sign=signer(context.settings),
            progress=tell,
        )
    except (PackError, PictureError) as error:
        why = words.say("no_pack", context.lang, why=error.message(context.lang))
        context.emit(Warned(code="no_pack", message=why))
        return {"path": "", "files": [], "problems": []}
    for problem in done.problems:
        if not problem.fixed:
            context.emit(Warned(code=f"pack_{problem.code}", message=problem.message(context.lang)))
    if done.path:
        context.emit(Artifact(path=str(done.path), media_type="application/zip", title=title[:40]))
    return {
        "path": str(done.path or ""),
        "files": [str(path) for path in done.files],
        "problems": [problem.to_json() for problem in done.problems],
    }
