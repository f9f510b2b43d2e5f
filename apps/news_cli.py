"""`finale digest` and `finale news …`: what they take. What they do is in news_commands.py."""

from __future__ import annotations

from typing import Annotated

import typer

from apps.options import Fresh, Json, LangOption, Offline, PlanOnly, say

__all__ = ["digest", "news_app"]

news_app = typer.Typer(help=say("news_about"), invoke_without_command=True)

SourceId = Annotated[str, typer.Argument(metavar="ID", help=say("arg_source"))]
Word = Annotated[str, typer.Argument(metavar="WORD", help=say("arg_word"))]


def digest(
    topic: Annotated[str, typer.Option(help=say("opt_topic"))] = "",
    source: Annotated[list[str] | None, typer.Option(metavar="URL", help=say("opt_source"))] = None,
    mute: Annotated[list[str] | None, typer.Option(metavar="WORD", help=say("opt_mute"))] = None,
    rubric: Annotated[str, typer.Option(metavar="FILE", help=say("opt_rubric"))] = "",
    weight: Annotated[list[str] | None, typer.Option(metavar="ID=N", help=say("opt_weight"))] = None,
    paste: Annotated[list[str] | None, typer.Option(metavar="FILE", help=say("opt_paste"))] = None,
    limit: Annotated[int | None, typer.Option(min=1, max=50, help=say("opt_stories"))] = None,
    hours: Annotated[int | None, typer.Option(min=1, max=1_440, help=say("opt_hours"))] = None,
    length: Annotated[int | None, typer.Option(min=40, max=400, help=say("opt_length"))] = None,
    point: Annotated[list[str] | None, typer.Option(metavar="NAME", help=say("opt_point"))] = None,
    mine: Annotated[bool, typer.Option("--mine", help=say("opt_mine"))] = False,
    daily: Annotated[bool, typer.Option("--daily", help=say("opt_daily"))] = False,
    out: Annotated[str, typer.Option(metavar="FILE", help=say("opt_digest_out"))] = "",
    model: Annotated[str, typer.Option(help=say("opt_model"))] = "",
    offline: Offline = False,
    fresh: Fresh = False,
    lang: LangOption = "",
    plan: PlanOnly = False,
    as_json: Json = False,
) -> None:
    """Today's news by one's own yardstick."""
    from apps.news_commands import digest_command, digest_inputs

    given = {
        "topic": topic, "sources": source, "mute": mute, "rubric": rubric, "weights": weight, "limit": limit,
        "hours": hours, "length": length, "points": point,
    }  # fmt: skip
    inputs = digest_inputs(given, paste or [], mine or daily, as_json)
    digest_command(inputs, {"*": model}, offline, fresh, lang, plan, daily, out, as_json)


@news_app.callback()
def news(context: typer.Context) -> None:
    """Without a sub-command: the sources."""
    if context.invoked_subcommand is None:
        from apps.news_commands import sources_command

        sources_command(False, False)


@news_app.command("sources", help=say("news_sources_about"))
def sources(
    enabled: Annotated[bool, typer.Option("--on", help=say("opt_enabled"))] = False, as_json: Json = False
) -> None:
    """The list of sources."""
    from apps.news_commands import sources_command

    sources_command(enabled, as_json)


@news_app.command("add", help=say("news_add_about"))
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help=say("arg_url"))],
    name: Annotated[str, typer.Option(help=say("opt_source_name"))] = "",
    exactly: Annotated[bool, typer.Option("--exactly", help=say("opt_exactly"))] = False,
) -> None:
    """A source of one's own."""
    from apps.news_commands import add_command

    add_command(url, name, exactly)


@news_app.command("remove", help=say("news_remove_about"))
def remove(id: SourceId) -> None:
    """Take a source off the list."""
    from apps.news_commands import change_command

    change_command(id, "remove")


@news_app.command("on", help=say("news_on_about"))
def on(id: SourceId) -> None:
    """Read a source unasked."""
    from apps.news_commands import change_command

    change_command(id, "on")


@news_app.command("off", help=say("news_off_about"))
def off(id: SourceId) -> None:
    """Read a source no longer."""
    from apps.news_commands import change_command

    change_command(id, "off")


@news_app.command("permit", help=say("news_permit_about"))
def permit(
    id: SourceId, permission: Annotated[str, typer.Argument(metavar="llm|headline", help=say("arg_permission"))]
) -> None:
    """Whether a source's text may go to a model."""
    from apps.news_commands import change_command

    change_command(id, permission)


@news_app.command("import", help=say("news_import_about"))
def import_opml(file: Annotated[str, typer.Argument(metavar="FILE", help=say("arg_opml"))]) -> None:
    """Sources from an OPML file."""
    from apps.news_commands import import_command

    import_command(file)


@news_app.command("export", help=say("news_export_about"))
def export_opml(out: Annotated[str, typer.Option(metavar="FILE", help=say("opt_out"))] = "") -> None:
    """The sources as OPML."""
    from apps.news_commands import export_command

    export_command(out)


@news_app.command("mutes", help=say("news_mutes_about"))
def mutes(as_json: Json = False) -> None:
    """The words that are muted."""
    from apps.news_commands import mutes_command

    mutes_command(as_json)


@news_app.command("mute", help=say("news_mute_about"))
def mute(
    word: Word,
    days: Annotated[int | None, typer.Option(min=1, max=3_650, help=say("opt_days"))] = None,
    but: Annotated[list[str] | None, typer.Option("--except", metavar="PHRASE", help=say("opt_except"))] = None,
    where: Annotated[list[str] | None, typer.Option("--in", metavar="FIELD", help=say("opt_in"))] = None,
) -> None:
    """Mute a word."""
    from apps.news_commands import mute_command

    mute_command(word, days, but or [], where or [])


@news_app.command("unmute", help=say("news_unmute_about"))
def unmute(word: Word) -> None:
    """Mute a word no longer."""
    from apps.news_commands import unmute_command

    unmute_command(word)


@news_app.command("archive", help=say("news_archive_about"))
def archive(
    words: Annotated[str, typer.Argument(metavar="WORDS", help=say("arg_words"))] = "",
    delete: Annotated[str, typer.Option(metavar="ID", help=say("opt_delete"))] = "",
    clear: Annotated[bool, typer.Option("--clear", help=say("opt_clear"))] = False,
    as_json: Json = False,
) -> None:
    """Articles that were read."""
    from apps.news_commands import archive_command

    archive_command(words, delete, clear, as_json)


@news_app.command("schedule", help=say("news_schedule_about"))
def schedule(at: Annotated[str, typer.Option(metavar="HH:MM", help=say("opt_at"))] = "07:30") -> None:
    """How to have it made every day."""
    from apps.news_commands import schedule_command

    schedule_command(at)
