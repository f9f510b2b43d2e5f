"""What `finale images …` does: the picture queue from the command line. Imported only when such a command runs."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from agents.errors import BadInput
from apps.commands import reporting, run_command
from apps.options import LANG, say
from tools.errors import FinaleError
from tools.images.queue import ImageQueue, Job, drain
from tools.images.recipe import Recipe, read_recipe
from tools.settings import Settings

__all__ = [
    "images_again_command",
    "images_change_command",
    "images_list_command",
    "images_move_command",
    "images_work_command",
]


def images_list_command(every: bool, as_json: bool) -> None:
    """Print the jobs that are not over, and those that failed; `every`: all of them."""
    with _opened(as_json) as queue:
        jobs = [job for job in queue.jobs() if every or job.state not in ("done", "cancelled")]
        working = _working(queue, jobs)
        if as_json:
            _dump({"jobs": [_row(job, working) for job in jobs]})
        elif not jobs:
            typer.echo(say("images_none"))
        else:
            _table(jobs, working)


def images_change_command(what: str, ids: Sequence[int], as_json: bool) -> None:
    """Cancel jobs, or let them wait again."""
    with _opened(as_json) as queue:
        for id in ids:
            {"cancel": queue.cancel, "retry": queue.retry}[what](id)
        jobs = [queue.job(id) for id in ids]
        if as_json:
            _dump({"jobs": [_row(job, _working(queue, jobs)) for job in jobs]})
            return
        for job in jobs:
            typer.echo(say("images_now", id=job.id, state=_state(job, _working(queue, jobs)), name=job.path.name))


def images_move_command(id: int, before: int | None, as_json: bool) -> None:
    """Give a waiting job another place."""
    with _opened(as_json) as queue:
        queue.move(id, before)
        waiting = [job.id for job in queue.jobs() if job.state == "waiting"]
        if as_json:
            _dump({"waiting": waiting})
        else:
            typer.echo(say("images_order", ids=" ".join(map(str, waiting))))


def images_work_command(as_json: bool) -> None:
    """Paint what waits, until nothing does; Ctrl+C leaves the rest waiting."""
    with _opened(as_json) as queue:
        wanted = {job.id for job in queue.jobs() if not job.over}
        told: set[int] = set()

        def tell(jobs: Sequence[Job]) -> None:
            for job in jobs:
                if job.over and job.id in wanted and job.id not in told:
                    told.add(job.id)
                    typer.echo(say("images_now", id=job.id, state=_state(job, set()), name=job.path), err=True)

        settings = Settings()
        jobs = [job for job in drain(queue, "", settings, on_change=tell, cancelled=lambda: False) if job.id in wanted]
        counts = {state: sum(job.state == state for job in jobs) for state in ("done", "failed", "cancelled")}
        if as_json:
            _dump({"jobs": [_row(job, set()) for job in jobs], **counts})
        else:
            typer.echo(say("images_worked", **counts) if jobs else say("images_none"))
        for job in jobs:
            if job.state == "failed" and job.problem:
                typer.echo(say("failed", what=f"{job.id}: {job.problem.message(LANG)}"), err=True)
        if counts["failed"]:
            raise typer.Exit(1)


def images_again_command(picture: str, given: Mapping[str, Any], show: bool, lang: str, as_json: bool) -> None:
    """Draw the recipe of a picture again, or print it."""
    with reporting("redraw", as_json):
        path = Path(picture)
        recipe = read_recipe(path)
        if recipe is None or not (recipe.prompt or recipe.sheet):
            raise BadInput(what=say("images_no_recipe", name=path.name))
    if not show:
        run_command("redraw", {**given, "recipe": recipe.to_json()}, {}, False, False, lang, False, as_json)
    elif as_json:
        _dump(recipe.to_json())
    else:
        _print_recipe(recipe)


def _print_recipe(recipe: Recipe) -> None:
    for name, value in recipe.to_json().items():
        if name in ("loras", "styles"):
            value = ", ".join(each if isinstance(each, str) else f"{each['name']} ({each['weight']})" for each in value)
        elif isinstance(value, Mapping):
            value = json.dumps(value, ensure_ascii=False)
        if name != "finale_recipe":
            typer.echo(f"{name}: {value}")


def _working(queue: ImageQueue, jobs: Sequence[Job]) -> set[str]:
    """The devices of running jobs that somebody really works."""
    return {device for device in {job.device for job in jobs if job.state == "running"} if queue.alive(device)}


def _state(job: Job, working: set[str]) -> str:
    """A job's state in words; one that runs while nobody works its device was interrupted."""
    if job.state == "running" and job.device not in working:
        return say("state_interrupted")
    return say(f"state_{job.state}")


def _row(job: Job, working: set[str]) -> dict[str, Any]:
    interrupted = job.state == "running" and job.device not in working
    return {
        "id": job.id,
        "batch": job.batch,
        "state": "interrupted" if interrupted else job.state,
        "backend": job.backend,
        "device": job.device,
        "path": str(job.path),
        "seed": job.recipe.seed,
        "prompt": job.recipe.prompt,
        "done": job.done,
        "of": job.of,
        "attempts": job.attempts,
        "problem": {"code": job.problem.code, "message": job.problem.message(LANG)} if job.problem else None,
        "notes": [note.message(LANG) for note in job.notes],
        "sha256": job.sha256,
    }


def _table(jobs: Sequence[Job], working: set[str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for head, side in (("col_job", "right"), ("col_state", "left"), ("col_steps", "right"), ("col_device", "left")):
        table.add_column(say(head), justify=side)
    table.add_column(say("col_file"), overflow="fold")
    for job in jobs:
        steps = f"{job.done}/{job.of}" if job.state == "running" and job.of else ""
        what = str(job.path) if job.problem is None else f"{job.path}\n{job.problem.message(LANG)}"
        table.add_row(*map(Text, (str(job.id), _state(job, working), steps, job.device, what)))
    Console().print(table)


@contextlib.contextmanager
def _opened(as_json: bool) -> Iterator[ImageQueue]:
    """The queue; errors become one line on standard error and the exit status, with --json also an object."""
    try:
        with ImageQueue(Settings().home) as queue:
            if queue.set_aside:
                typer.echo(say("warning", what=say("images_set_aside", path=queue.set_aside)), err=True)
            yield queue
        return
    except FinaleError as error:
        message = error.message(LANG)
    except KeyboardInterrupt:  # what was being painted waits again
        message = say("images_left")
    if as_json:
        _dump({"status": "failed", "error": message})
    typer.echo(say("failed", what=message), err=True)
    raise typer.Exit(1)


def _dump(value: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
    sys.stdout.flush()
