"""The command line: `finale …`, one sub-command per agent.

Nothing heavy is imported at the top: `finale --help` must come at once. With `--json` standard output holds exactly one JSON
object; progress and warnings go to standard error. Exit status: 0 done or partial, 1 failed, 2 wrong usage.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from apps.compare_cli import compare
from apps.copy_cli import copy
from apps.image_cli import expand, pack, sticker
from apps.images_cli import images_app
from apps.news_cli import digest, news_app
from apps.options import LANG, CollectionName, Fresh, Json, LangOption, Offline, PlanOnly, RunId, say

__all__ = ["LANG", "app", "main", "say"]

app = typer.Typer(
    name="finale", help=say("about"), no_args_is_help=True, add_completion=False, rich_markup_mode=None,
    pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip
runs_app = typer.Typer(help=say("runs_about"), invoke_without_command=True)
app.add_typer(runs_app, name="runs")
library_app = typer.Typer(help=say("library_about"), invoke_without_command=True)
app.add_typer(library_app, name="library")
app.add_typer(news_app, name="news")
app.add_typer(images_app, name="images")


@app.command(help=say("post_about"))
def post(
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help=say("arg_topic"))],
    planner: Annotated[str, typer.Option(help=say("opt_planner"))] = "",
    writer: Annotated[str, typer.Option(help=say("opt_writer"))] = "",
    offline: Offline = False,
    fresh: Fresh = False,
    lang: LangOption = "",
    plan: PlanOnly = False,
    as_json: Json = False,
) -> None:
    """A plan and a post about a topic."""
    from apps.commands import run_command

    models = {"plan": planner, "write": writer}
    run_command("post", {"topic": _text(topic)}, models, offline, fresh, lang, plan, as_json)


@app.command(help=say("counsel_about"))
def counsel(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help=say("arg_question"))],
    mbti: Annotated[str, typer.Option("--type", help=say("opt_type"))] = "",
    tone: Annotated[str, typer.Option(help=say("opt_tone"))] = "溫暖",
    after: Annotated[str, typer.Option(metavar="ID", help=say("opt_after"))] = "",
    texts: Annotated[list[str] | None, typer.Option("--from", metavar="NAME", help=say("opt_from"))] = None,
    remember: Annotated[bool, typer.Option("--remember", help=say("opt_remember"))] = False,
    model: Annotated[str, typer.Option(help=say("opt_model"))] = "",
    offline: Offline = False,
    fresh: Fresh = False,
    lang: LangOption = "",
    plan: PlanOnly = False,
    as_json: Json = False,
) -> None:
    """An answer from the notes of a type."""
    from apps.commands import counsel_inputs, run_command

    inputs = counsel_inputs(_text(question), mbti, tone, after, texts, remember, as_json)
    run_command("counselor", inputs, {"answer": model}, offline, fresh, lang, plan, as_json)


app.command(help=say("digest_about"))(digest)
app.command(help=say("compare_about"))(compare)
app.command(help=say("expand_about"))(expand)
app.command(help=say("sticker_about"))(sticker)
app.command(help=say("copy_about"))(copy)
app.command(help=say("pack_about"))(pack)


@app.command(help=say("models_about"))
def models(
    all_models: Annotated[bool, typer.Option("--all", help=say("opt_all"))] = False,
    refresh: Annotated[bool, typer.Option("--refresh", help=say("opt_refresh"))] = False,
    as_json: Json = False,
) -> None:
    """The free models there are now."""
    from apps.commands import models_command

    models_command(all_models, refresh, as_json)


@app.command(help=say("quota_about"))
def quota(as_json: Json = False) -> None:
    """What is left today."""
    from apps.commands import quota_command

    quota_command(as_json)


@runs_app.callback()
def runs(context: typer.Context) -> None:
    """Without a sub-command: the list."""
    if context.invoked_subcommand is None:
        from apps.commands import runs_list_command

        runs_list_command(20, False)


@runs_app.command("list", help=say("runs_list_about"))
def runs_list(
    limit: Annotated[int, typer.Option(min=1, max=1_000, help=say("opt_limit"))] = 20, as_json: Json = False
) -> None:
    """Recent runs."""
    from apps.commands import runs_list_command

    runs_list_command(limit, as_json)


@runs_app.command("show", help=say("runs_show_about"))
def runs_show(run: RunId, as_json: Json = False) -> None:
    """One run."""
    from apps.commands import runs_show_command

    runs_show_command(run, as_json)


@runs_app.command("resume", help=say("runs_resume_about"))
def runs_resume(run: RunId, as_json: Json = False) -> None:
    """Go on with a run."""
    from apps.commands import runs_again_command

    runs_again_command("resume", run, as_json)


@runs_app.command("upgrade", help=say("runs_upgrade_about"))
def runs_upgrade(run: RunId, as_json: Json = False) -> None:
    """Ask models for what was answered offline."""
    from apps.commands import runs_again_command

    runs_again_command("upgrade", run, as_json)


@runs_app.command("export", help=say("runs_export_about"))
def runs_export(
    run: RunId,
    out: Annotated[str, typer.Option(metavar="FILE", help=say("opt_out"))] = "",
    form: Annotated[str, typer.Option("--as", metavar="FORM", help=say("opt_form"))] = "",
    lang: LangOption = "",
) -> None:
    """A run as a document."""
    from apps.commands import runs_export_command

    runs_export_command(run, out, form, lang)


@runs_app.command("delete", help=say("runs_delete_about"))
def runs_delete(run: RunId) -> None:
    """Delete a run and all that is stored of it."""
    from apps.commands import runs_delete_command

    runs_delete_command(run)


@library_app.callback()
def library(context: typer.Context) -> None:
    """Without a sub-command: the list."""
    if context.invoked_subcommand is None:
        from apps.library_commands import library_list_command

        library_list_command(False)


@library_app.command("list", help=say("library_list_about"))
def library_list(as_json: Json = False) -> None:
    """Every collection."""
    from apps.library_commands import library_list_command

    library_list_command(as_json)


@library_app.command("add", help=say("library_add_about"))
def library_add(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help=say("arg_files"))],
    name: Annotated[str, typer.Option(metavar="NAME", help=say("opt_collection"))] = "我的筆記",
    as_json: Json = False,
) -> None:
    """Read files into a collection."""
    from apps.library_commands import library_add_command

    library_add_command(files, name, as_json)


@library_app.command("show", help=say("library_show_about"))
def library_show(name: CollectionName, as_json: Json = False) -> None:
    """One collection."""
    from apps.library_commands import library_show_command

    library_show_command(name, as_json)


@library_app.command("delete", help=say("library_delete_about"))
def library_delete(
    name: CollectionName, file: Annotated[str, typer.Option(metavar="FILE", help=say("opt_document"))] = ""
) -> None:
    """Delete a collection, or one document of it."""
    from apps.library_commands import library_delete_command

    library_delete_command(name, file)


@library_app.command("rename", help=say("library_rename_about"))
def library_rename(
    name: CollectionName, new: Annotated[str, typer.Argument(metavar="NEW", help=say("arg_new_name"))]
) -> None:
    """Give a collection another name."""
    from apps.library_commands import library_rename_command

    library_rename_command(name, new)


@library_app.command("prefer", help=say("library_prefer_about"))
def library_prefer(
    name: CollectionName, off: Annotated[bool, typer.Option("--off", help=say("opt_prefer_off"))] = False
) -> None:
    """Search a collection unasked, or no longer."""
    from apps.library_commands import library_prefer_command

    library_prefer_command(name, off)


@app.command(help=say("apps_about"))
def apps(
    port: Annotated[int, typer.Option(min=1, max=65_535, help=say("opt_port"))] = 8501,
    no_browser: Annotated[bool, typer.Option("--no-browser", help=say("opt_no_browser"))] = False,
    only_list: Annotated[bool, typer.Option("--list", help=say("opt_list"))] = False,
    as_json: Json = False,
) -> None:
    """Open the pages."""
    from apps.commands import apps_command

    apps_command(port, no_browser, only_list, as_json)


def _text(given: str) -> str:
    if given != "-":
        return given
    # What is no UTF-8 stays recognisable, so that the command can say so in its own way (with --json: on standard output).
    return sys.stdin.buffer.read().decode("utf-8", "surrogateescape")


def main() -> None:
    """The entry point: every error a person can act on becomes one line on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")  # a Windows console may be set to cp950
    if not os.environ.get("FINALE_DEBUG"):
        import logging

        # What a person should know comes as an event; a library's log lines would only look like errors.
        logging.getLogger().addHandler(logging.NullHandler())
    try:
        app()
    except Exception as error:
        if os.environ.get("FINALE_DEBUG"):
            raise
        from tools.llm import redact

        typer.echo(say("failed", what=say("crash", why=redact(f"{type(error).__name__}: {error}"[:200]))), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
