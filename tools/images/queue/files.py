"""Pictures on the disk: written whole or not at all, and never over a file that Finale did not make."""

from __future__ import annotations

import contextlib
import hashlib
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from tools.images.backend import Painting
from tools.images.queue.errors import FolderTaken
from tools.images.queue.model import MARK, Job
from tools.images.recipe import PictureError, Recipe, decode_picture, encode, read_recipe, signer
from tools.settings import Settings
from tools.storage import writing

__all__ = ["already_there", "holds", "part_of", "plain", "put_away", "put_down", "signed"]


def holds(path: Path, sha256: str) -> bool:
    """Whether the file at `path` is the one with this SHA-256."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


def already_there(job: Job) -> tuple[str, Recipe] | None:
    """(SHA-256, recipe) of the file in the job's place, where it was made by the same order and is whole; else None.

    Raises:
        FolderTaken: a file is there that Finale did not make, or a folder.
    """
    if not job.path.exists():
        return None
    known = _recipe_at(job.path)
    if known is None or known.program != "finale" or not known.model:
        raise FolderTaken(path=job.path)
    if known.sheet.get(MARK) != job.digest:
        return None
    try:
        data = job.path.read_bytes()
        decode_picture(data)
    except (OSError, PictureError):
        return None
    return hashlib.sha256(data).hexdigest(), known


def signed(recipe: Recipe, digest: str) -> Recipe:
    """The recipe with the name of the order it was made for, so that the file is known again."""
    return replace(recipe, sheet={**recipe.sheet, MARK: digest})


def put_down(job: Job, painting: Painting, recipe: Recipe, settings: Settings) -> str:
    """Write the finished picture beside its place, signed where a certificate is set, and return the SHA-256 of the file.

    Raises:
        StorageError: the folder cannot be written.
        PictureError: a certificate is set that cannot sign.
    """
    data = encode(painting.picture, "PNG", made=recipe.made, recipe=recipe)
    signs = signer(settings)
    data = signs(data) if signs else data
    with writing(job.path):
        job.path.parent.mkdir(parents=True, exist_ok=True)
        part_of(job).write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def part_of(job: Job) -> Path:
    """Where a job's file is while it is written; beside its place, so that one rename puts it there."""
    return job.path.with_name(f"{job.path.name[:200]}.{job.id}.part")


def put_away(job: Job) -> None:
    """Remove what was written beside a job's place."""
    with contextlib.suppress(OSError):  # the folder may be gone, or refuse: then there is nothing to do about it
        part_of(job).unlink(missing_ok=True)


def plain(name: str) -> str:
    """A device's name as part of a file's name, also on Windows."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", name)[:60]


def _recipe_at(path: Path) -> Any:
    try:
        return read_recipe(path)
    except (PictureError, OSError):
        return None
