"""`finale images …`: what the sub-commands take. What they do is in images_commands.py."""

from __future__ import annotations

from typing import Annotated

import typer

from apps.options import Json, LangOption, say

__all__ = ["images_app"]

images_app = typer.Typer(help=say("images_about"), invoke_without_command=True)

JobId = Annotated[int, typer.Argument(metavar="ID", help=say("arg_job"))]
JobIds = Annotated[list[int], typer.Argument(metavar="ID...", help=say("arg_job"))]


@images_app.callback()
def images(context: typer.Context) -> None:
    """Without a sub-command: the list."""
    if context.invoked_subcommand is None:
        from apps.images_commands import images_list_command

        images_list_command(False, False)


@images_app.command("list", help=say("images_list_about"))
def images_list(
    every: Annotated[bool, typer.Option("--all", help=say("opt_all_jobs"))] = False, as_json: Json = False
) -> None:
    """The pictures that are wanted."""
    from apps.images_commands import images_list_command

    images_list_command(every, as_json)


@images_app.command("cancel", help=say("images_cancel_about"))
def images_cancel(jobs: JobIds, as_json: Json = False) -> None:
    """Paint a picture no more."""
    from apps.images_commands import images_change_command

    images_change_command("cancel", jobs, as_json)


@images_app.command("retry", help=say("images_retry_about"))
def images_retry(jobs: JobIds, as_json: Json = False) -> None:
    """Let a picture wait again."""
    from apps.images_commands import images_change_command

    images_change_command("retry", jobs, as_json)


@images_app.command("move", help=say("images_move_about"))
def images_move(
    job: JobId,
    before: Annotated[int | None, typer.Option("--before", metavar="ID", help=say("opt_before"))] = None,
    as_json: Json = False,
) -> None:
    """Another place in the queue."""
    from apps.images_commands import images_move_command

    images_move_command(job, before, as_json)


@images_app.command("work", help=say("images_work_about"))
def images_work(as_json: Json = False) -> None:
    """Paint what waits, here and now."""
    from apps.images_commands import images_work_command

    images_work_command(as_json)


@images_app.command("again", help=say("images_again_about"))
def images_again(
    picture: Annotated[str, typer.Argument(metavar="PICTURE", help=say("arg_picture"))],
    artist: Annotated[str, typer.Option("--artist", metavar="auto|house|sdxl", help=say("opt_again_artist"))] = "auto",
    copies: Annotated[int, typer.Option(help=say("opt_copies"))] = 1,
    out: Annotated[str, typer.Option(metavar="DIR", help=say("opt_sticker_out"))] = "",
    show: Annotated[bool, typer.Option("--print", help=say("opt_print"))] = False,
    lang: LangOption = "",
    as_json: Json = False,
) -> None:
    """The same picture once more."""
    from apps.images_commands import images_again_command

    images_again_command(picture, {"artist": artist, "copies": copies, "out": out}, show, lang, as_json)
