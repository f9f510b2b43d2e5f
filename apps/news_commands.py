"""What `finale digest` and `finale news …` do. Imported only when one of them really runs."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import typer

from agents.digest.mutes import MuteRule
from agents.digest.reader import Reader
from agents.errors import BadInput
from agents.run import open_runs
from apps.commands import dump, reporting, run_command, spoken_lang, write_document
from apps.options import LANG, say
from tools.news.archive import Archive
from tools.news.sources import TAIPEI, Sources
from tools.settings import Settings
from tools.storage import writable_home

__all__ = [
    "add_command",
    "archive_command",
    "change_command",
    "digest_command",
    "digest_inputs",
    "export_command",
    "import_command",
    "mute_command",
    "mutes_command",
    "schedule_command",
    "sources_command",
    "unmute_command",
]

_PASTE_BYTES = 4 * 1024 * 1024
_FIELDS = ("title", "body", "author", "source")


def digest_inputs(given: Mapping[str, Any], files: Sequence[str], mine: bool, as_json: bool) -> dict[str, Any]:
    """The digest's inputs from what was typed; `mine` begins with the wishes that are kept."""
    with reporting("digest", as_json):
        inputs = Reader(writable_home(Settings().home)).wishes().inputs() if mine else {}
        typed = {name: value for name, value in given.items() if value not in (None, "", [])}
        if "weights" in typed:
            typed["weights"] = {**inputs.get("weights", {}), **_weights(typed["weights"])}
        if "mute" in typed:
            typed["mute"] = [*inputs.get("mute", []), *typed["mute"]]
        if files:
            typed["paste"] = [_pasted_file(name) for name in files]
        return {**inputs, **typed}


def digest_command(
    inputs: Mapping[str, Any],
    models: Mapping[str, str],
    offline: bool,
    fresh: bool,
    lang: str,
    plan: bool,
    daily: bool,
    out: str,
    as_json: bool,
) -> None:
    """Make a digest, print it, and write it to `out` where one is named."""
    with reporting("digest", as_json):
        form = Path(out).suffix.lower().lstrip(".")
        if out and form not in ("md", "html", "json"):
            raise BadInput(what=say("digest_out_form", name=out))
    purpose = "background" if daily else "interactive"
    run = run_command("digest", inputs, models, offline, fresh, lang, plan, as_json, purpose)
    if run and out:
        with reporting("digest", False):
            write_document(out, open_runs().export(run, spoken_lang(lang), form))


def sources_command(enabled: bool, as_json: bool) -> None:
    """Print the list of sources."""
    with reporting("", as_json):
        listed = _sources().list(enabled=True if enabled else None)
        if as_json:
            rows = [
                {
                    "id": one.source.id,
                    "name": one.source.name,
                    "url": one.source.url,
                    "on": one.source.enabled,
                    "permission": one.source.permission,
                    "why": one.message(LANG),
                    "topics": list(one.topics),
                    "own": one.own,
                }
                for one in listed
            ]
            dump({"sources": rows})
            return
        from rich.console import Console
        from rich.table import Table

        table = Table(box=None, pad_edge=False)
        for name in ("col_on", "col_id", "col_name", "col_permission", "col_url"):
            table.add_column(say(name), overflow="fold")
        for one in listed:
            source = one.source
            permission = say(f"permission_{source.permission}")
            table.add_row("●" if source.enabled else "○", source.id, source.name, permission, source.url)
        Console().print(table)


def add_command(url: str, name: str, exactly: bool) -> None:
    """Add a source: the address itself, or what its site announces."""
    with reporting("", False):
        sources, settings = _sources(), Settings()
        address, found = url, []
        if not exactly:
            from agents.digest.gather import find_sources

            typer.echo(say("progress", what=say("news_looking", url=url)), err=True)
            found = find_sources(writable_home(settings.home), url, settings)
            if found:
                address, name = found[0].url, name or found[0].title
        added = sources.add(address, name=name)
        typer.echo(say("news_added", name=added.source.name, id=added.source.id, url=added.source.url))
        for other in found[1:5]:
            typer.echo(say("news_also", url=other.url, title=other.title), err=True)


def change_command(id: str, what: str) -> None:
    """Change one source: remove, on, off, llm or headline."""
    with reporting("", False):
        sources = _sources()
        name = sources.get(id).source.name
        if what == "remove":
            sources.delete(id)
        elif what in ("on", "off"):
            sources.enable(id, what == "on")
        else:
            sources.permit(id, what)  # type: ignore[arg-type]  # checked there, with a clear error
        typer.echo(say(f"news_changed_{what}" if what in ("remove", "on", "off") else "news_changed", name=name))


def import_command(file: str) -> None:
    """Add the sources of an OPML file."""
    with reporting("", False):
        done = _sources().import_opml(_bytes(file))
        typer.echo(say("news_imported", added=len(done.added), known=len(done.known), refused=done.refused))


def export_command(out: str) -> None:
    """Print the sources as OPML, or write them to a file."""
    with reporting("", False):
        document = _sources().export_opml(say("news_opml_title"), datetime.now(UTC))
        if out:
            write_document(out, document)
        else:
            typer.echo(document.decode("utf-8"), nl=False)


def mutes_command(as_json: bool) -> None:
    """Print the rules that are kept."""
    with reporting("", as_json):
        rules = _reader().wishes().mute
        if as_json:
            dump({"mutes": [rule.model_dump(mode="json") for rule in rules]})
            return
        if not rules:
            typer.echo(say("news_no_mutes"))
        for rule in rules:
            until = say("news_until", date=rule.until) if rule.until else ""
            but = say("news_but", phrases="、".join(rule.exceptions)) if rule.exceptions else ""
            typer.echo(" ".join(filter(None, (rule.pattern, until, but))))


def mute_command(word: str, days: int | None, but: Sequence[str], where: Sequence[str]) -> None:
    """Keep a rule."""
    with reporting("", False):
        unknown = [field for field in where if field not in _FIELDS]
        if unknown:
            raise BadInput(what=say("news_bad_field", name=unknown[0], known="、".join(_FIELDS)))
        until = datetime.now(TAIPEI).date() + timedelta(days=days - 1) if days else None
        rule = MuteRule(pattern=word.strip(), until=until, exceptions=list(but), fields=list(where or _FIELDS))
        _reader().mute(rule)
        typer.echo(say("news_muted", word=rule.pattern) + (say("news_until", date=until) if until else ""))


def unmute_command(word: str) -> None:
    """Give a rule up."""
    with reporting("", False):
        reader = _reader()
        if word.strip() not in {rule.pattern for rule in reader.wishes().mute}:
            raise BadInput(what=say("news_not_muted", word=word))
        reader.unmute(word.strip())
        typer.echo(say("news_unmuted", word=word.strip()))


def archive_command(words: str, delete: str, clear: bool, as_json: bool) -> None:
    """Search what was read, or delete of it."""
    with reporting("", as_json):
        archive = Archive(writable_home(Settings().home))
        if clear or delete:
            if delete and not archive.delete(delete):
                raise BadInput(what=say("news_archive_missing", id=delete))
            deleted = archive.clear() if clear else 1
            if as_json:
                dump({"deleted": deleted})
            else:
                typer.echo(say("news_archive_cleared", n=deleted))
            return
        found = archive.search(words)
        if as_json:
            rows = [
                {
                    "id": one.article.id,
                    "title": one.article.title,
                    "url": one.article.url,
                    "source": one.article.source,
                    "published": one.article.published.isoformat() if one.article.published else "",
                    "text": one.article.text,
                }
                for one in found
            ]
            dump({"articles": rows})
            return
        if not found:
            typer.echo(say("news_archive_none"))
        for one in found:
            typer.echo(f"{one.article.id}  {one.article.title}（{one.article.source}）{one.article.url}")


def schedule_command(at: str) -> None:
    """Print what to put into cron or the Task Scheduler."""
    with reporting("", False):
        match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", at.strip())
        if match is None:
            raise BadInput(what=say("news_bad_time", value=at))
        hour, minute = int(match[1]), int(match[2])
        python, home = Path(sys.executable), Settings().home
        command = f"FINALE_HOME={shlex.quote(str(home))} {shlex.quote(str(python))} -m apps.cli digest --daily"
        log = shlex.quote(str(home / "digest.log"))
        folder = shlex.quote(str(Path(__file__).resolve().parent.parent))
        typer.echo(say("news_cron"))
        line = f"cd {folder} && {command} >> {log} 2>&1".replace("%", "\\%")  # cron ends a command at a bare %
        typer.echo(f"{minute} {hour} * * * {line}\n")
        typer.echo(say("news_task"))
        action = f"cmd /c cd /d {Path(__file__).resolve().parent.parent} && {python} -m apps.cli digest --daily"
        typer.echo(f'schtasks /Create /TN "Finale digest" /SC DAILY /ST {hour:02}:{minute:02} /TR "{action}"\n')
        typer.echo(say("news_schedule_note"))


def _sources() -> Sources:
    settings = Settings()
    return Sources(writable_home(settings.home), allow_origins=settings.allow_origins)


def _reader() -> Reader:
    return Reader(writable_home(Settings().home))


def _weights(given: Sequence[str]) -> dict[str, float]:
    weights = {}
    for one in given:
        name, _, value = one.partition("=")
        try:
            weights[name.strip()] = float(value)
        except ValueError:
            raise BadInput(what=say("digest_bad_weight", value=one)) from None
    return weights


def _bytes(name: str) -> bytes:
    """A file's bytes; "-" is standard input.

    Raises:
        BadInput: it cannot be read, or is too large.
    """
    try:
        if name == "-":
            data = sys.stdin.buffer.read(_PASTE_BYTES + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(_PASTE_BYTES + 1)
    except OSError as error:
        raise BadInput(what=say("cannot_read", path=name, why=error.strerror or type(error).__name__)) from error
    if len(data) > _PASTE_BYTES:
        raise BadInput(what=say("file_too_large", path=name, most=_PASTE_BYTES // 1024 // 1024))
    return data


def _pasted_file(name: str) -> str:
    """A text or saved page, in whatever character set it is."""
    from agents.digest.gather import text_of

    return text_of(_bytes(name))
