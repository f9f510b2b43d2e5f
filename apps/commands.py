"""What the sub-commands do: start runs, follow them, print results. Imported only when a command really runs."""

from __future__ import annotations

import _thread
import contextlib
import json
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

from agents import load_agent
from agents.agent import RunResult
from agents.context import RunOptions
from agents.errors import BadInput, RunFailed
from agents.events import Event, Failed, Progress, Result, Warned
from agents.face import guarded
from agents.run import Runs, open_runs
from agents.store import RunRecord
from apps import show
from apps.options import LANG, say
from tools.errors import FinaleError
from tools.llm import Purpose, Quota
from tools.settings import Settings

__all__ = [
    "apps_command",
    "counsel_inputs",
    "dump",
    "models_command",
    "quota_command",
    "reporting",
    "run_command",
    "runs_again_command",
    "runs_delete_command",
    "runs_export_command",
    "runs_list_command",
    "runs_show_command",
    "spoken_lang",
    "write_document",
]

_ENDING_S = 5.0


def run_command(
    agent_name: str,
    inputs: Mapping[str, Any],
    models: Mapping[str, str],
    offline: bool,
    fresh: bool,
    lang: str,
    plan: bool,
    as_json: bool,
    purpose: Purpose = "interactive",
) -> str:
    """Run an agent in the foreground and print its result; the run's id, "" where nothing was stored."""
    agent = load_agent(agent_name)
    with reporting(agent_name, as_json) as report:
        settings = Settings()
        # Whoever needs a hotline gets it whatever else is wrong with the command, and also where only a plan was wanted.
        answered = guarded(agent, inputs, lang if lang in ("zh", "en") else settings.lang)
        if answered:
            _print(answered, as_json)
            return ""
        spoken = spoken_lang(lang)
        _must_be_text(inputs)
        clean = agent.checked(inputs)  # wrong usage is told before anything is opened
        runs = open_runs(settings)
        if plan:
            _print_plan(runs, agent.requests(clean), offline, as_json)
            return ""
        run = runs.start(agent, inputs, RunOptions(models, offline, fresh, spoken, purpose))
        report["run"] = run
        _follow(runs, run, 0)
        _print(runs.result(run), as_json)
    return run


def counsel_inputs(
    question: str, mbti: str, tone: str, after: str, texts: list[str] | None, remember: bool, as_json: bool
) -> dict[str, Any]:
    """The counselor's inputs from what was typed: `after` "last" is the newest turn, `texts` are names of collections."""
    inputs: dict[str, Any] = {"question": question, "mbti": mbti, "tone": tone, "remember": remember}
    with reporting("counselor", as_json):
        # The crisis gate comes before everything else, so nothing is looked up for a message it will answer.
        if (after or texts) and not guarded(load_agent("counselor"), inputs, "zh"):
            if after:
                runs = open_runs()
                newest = runs.history(1, "counselor") if after == "last" else []
                inputs["after"] = newest[0].id if newest else runs.store.get(after).id
            if texts:
                from apps.library_commands import collection_ids

                inputs["collections"] = collection_ids(texts)
    return inputs


def runs_again_command(verb: str, run: str, as_json: bool) -> None:
    """Resume or upgrade a run in the foreground and print its result."""
    with reporting("", as_json) as report:
        runs = open_runs()
        record = runs.store.get(run)
        report.update(run=record.id, agent=record.agent)
        after = runs.last_event(record.id)
        if verb == "upgrade":
            runs.upgrade(record.id)
        else:
            runs.resume(record.id)
        _follow(runs, record.id, after)
        _print(runs.result(record.id), as_json)


def runs_list_command(limit: int, as_json: bool) -> None:
    """Print recent runs."""
    with reporting("", as_json):
        records = open_runs().history(limit)
        if as_json:
            dump({"runs": [_brief(record) for record in records]})
        elif not records:
            typer.echo(say("runs_none"))
        else:
            show.run_table(records)


def runs_show_command(run: str, as_json: bool) -> None:
    """Print what is stored of one run."""
    with reporting("", as_json) as report:
        runs = open_runs()
        record = runs.described(runs.store.get(run))
        report.update(run=record.id, agent=record.agent)
        result = runs.result(record.id) if record.envelope and record.status in ("done", "partial") else None
        if as_json:
            envelope = result.model_dump(mode="json") if result else {"run": record.id, "agent": record.agent}
            answers = [
                {"step": step, "by": answer.by, "model": answer.model, "value": answer.value}
                for step, answer in runs.store.answers(record.id)
            ]
            dump({**envelope, **_brief(record), "inputs": record.inputs, "answers": answers})
            return
        show.run_header(record)
        if result:
            _print(result, False)
        else:
            last = [event for event in runs.store.events(record.id) if isinstance(event, Failed)]
            typer.echo(last[-1].message if last else say(f"status_{record.status}"))


def runs_export_command(run: str, out: str, form: str, lang: str) -> None:
    """Print a run as a document, or write it to a file; without `form` the file's ending says which."""
    with reporting("", False):
        form = form.lower().lstrip(".") or Path(out).suffix.lower().lstrip(".") or "md"
        form = {"markdown": "md", "htm": "html", "txt": "md"}.get(form, form)
        document = open_runs().export(run, spoken_lang(lang), form)
        if not out:
            typer.echo(document, nl=False)
            return
        write_document(out, document)


def write_document(out: str, document: str | bytes) -> None:
    """Write a document and say where.

    Raises:
        BadInput: it cannot be written there.
    """
    path = Path(out)
    try:
        path.write_bytes(document if isinstance(document, bytes) else document.encode("utf-8"))
    except OSError as error:
        raise BadInput("cannot_write", path=path, why=error.strerror or type(error).__name__) from error
    typer.echo(say("exported", path=path), err=True)


def runs_delete_command(run: str) -> None:
    """Delete one run."""
    with reporting("", False):
        runs = open_runs()
        record = runs.store.get(run)
        runs.delete(record.id)
        typer.echo(say("deleted", id=record.id))


def models_command(all_models: bool, refresh: bool, as_json: bool) -> None:
    """Print the catalogue with what is known of each model."""
    with reporting("", as_json):
        gateway = open_runs().gateway
        listing = gateway.catalogue.listing(refresh=refresh)
        health = gateway.health.all()
        if as_json:
            rows = [show.model_row(model, health.get(model.id)) for model in listing.models if all_models or model.free]
            facts = {"state": listing.state, "fetched_at": listing.fetched_at, "server": gateway.base_url}
            dump({**facts, "models": rows})
            return
        typer.echo(say(f"models_state_{listing.state}", date=listing.date), err=True)
        show.model_table(listing, health, all_models)


def quota_command(as_json: bool) -> None:
    """Print what is left today, asking the server for its count (which costs no request)."""
    with reporting("", as_json):
        gateway = open_runs().gateway
        quota = gateway.quota(refresh=True)
        if as_json:
            facts = {"key": gateway.usable, "remaining": quota.remaining if quota.limited else None}
            dump({**facts, **quota.__dict__, "confirmed": quota.confirmed_at is not None})
        elif not gateway.usable:
            typer.echo(say("quota_no_key"))
        elif not quota.limited:
            typer.echo(say("quota_own", used=quota.used))
        else:
            typer.echo(_quota_line(quota))
            if quota.confirmed_at is None:
                typer.echo(say("quota_unconfirmed"))


def apps_command(port: int, no_browser: bool, only_list: bool, as_json: bool) -> None:
    """Serve the pages until Ctrl+C."""
    from apps.serve import PAGES, serve_pages

    if only_list or as_json:
        rows = [{"page": page, "title": say(f"app_{page}")} for page in PAGES]
        if as_json:
            dump({"apps": rows})
        else:
            for row in rows:
                typer.echo(f"{row['page']:<10} {row['title']}")
        return
    with reporting("", False):
        raise typer.Exit(serve_pages(port, open_browser=not no_browser))


@contextlib.contextmanager
def reporting(agent: str, as_json: bool) -> Iterator[dict[str, str]]:
    """Turn errors into one line on standard error and the exit status; with --json also into the failed envelope."""
    report = {"run": "", "agent": agent}
    try:
        yield report
        return
    except FinaleError as error:
        message, status = error.message(LANG), 2 if isinstance(error, BadInput) else 1
    except KeyboardInterrupt:
        message, status = say("status_stopped"), 1
    if as_json:
        spent = 0
        with contextlib.suppress(FinaleError):  # the ledger may be the very thing that failed
            spent = open_runs().gateway.ledger.requests_of(report["run"]) if report["run"] else 0
        failed = RunResult(
            run=report["run"], agent=report["agent"], status="failed", requests=spent, warnings=[message], output={}
        )
        dump(failed.model_dump(mode="json"))
    typer.echo(say("failed", what=message), err=True)
    raise typer.Exit(status)


def _follow(runs: Runs, run: str, after: int) -> None:
    """Show progress on standard error until the run ends. Ctrl+C stops the run, which keeps what it has."""
    shown = ""
    with _stopped_by_hand(runs, run):
        for event in runs.follow(run, after):
            line = _line(event)
            if line and line != shown:
                typer.echo(line, err=True)
                shown = line
            if isinstance(event, Failed):
                raise RunFailed(what=event.message)
            if isinstance(event, Result):
                return


@contextlib.contextmanager
def _stopped_by_hand(runs: Runs, run: str) -> Iterator[None]:
    """Ctrl+C asks the run to stop and lets it tell its end; a second one, or a run that does not end, gives up at once.

    An exception out of nowhere could leave a lock of the store held; so the asking is done by a thread of its own.
    """

    def ask() -> None:
        runs.stop(run)
        end = time.monotonic() + _ENDING_S
        while runs.alive(run) and time.monotonic() < end:
            time.sleep(0.05)
        if runs.alive(run):
            _thread.interrupt_main()

    def heard(*_: object) -> None:
        signal.signal(signal.SIGINT, before)
        threading.Thread(target=ask, daemon=True).start()

    before = signal.getsignal(signal.SIGINT)
    if before is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGINT, heard)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _line(event: Event) -> str:
    if isinstance(event, Progress):
        return say("progress", what=event.what)
    if isinstance(event, Warned):
        return say("warning", what=event.message)
    return ""


def _print(result: RunResult, as_json: bool) -> None:
    if as_json:
        dump(result.model_dump(mode="json"))
    else:
        show.result(result)


def _print_plan(runs: Runs, requests: tuple[int, int], offline: bool, as_json: bool) -> None:
    gateway = runs.gateway
    low, high = (0, 0) if offline or not gateway.usable else requests
    quota = gateway.quota(refresh=True)
    if as_json:
        remaining = quota.remaining if quota.limited and gateway.usable else None
        dump({"requests_min": low, "requests_max": high, "remaining": remaining, "resets_at": quota.resets_at})
        return
    resets = time.strftime("%m/%d %H:%M", time.localtime(quota.resets_at))
    if high == 0:
        typer.echo(say("plan_offline"))
    elif not quota.limited:
        typer.echo(say("plan_own", low=low, high=high))
    else:
        typer.echo(say("plan_line", low=low, high=high, remaining=quota.remaining, resets=resets))
        if quota.remaining < low:
            typer.echo(say("plan_short", resets=resets))


def _quota_line(quota: Quota) -> str:
    return say(
        "quota_line",
        used=quota.used,
        limit=quota.limit,
        remaining=quota.remaining,
        resets=time.strftime("%m/%d %H:%M", time.localtime(quota.resets_at)),
        minute=quota.minute_used,
        minute_limit=quota.minute_limit,
    )


def _brief(record: RunRecord) -> dict[str, Any]:
    return {
        "run": record.id,
        "agent": record.agent,
        "title": record.title,
        "state": record.status,
        "created": record.created,
        "updated": record.updated,
    }


def _must_be_text(inputs: Mapping[str, Any]) -> None:
    """Bytes that are no UTF-8 come from a pipe or a terminal as lone surrogates; dropped silently they would change a text."""
    for value in inputs.values():
        if isinstance(value, str) and any("\udc80" <= character <= "\udcff" for character in value):
            raise BadInput(what=say("not_utf8"))


def spoken_lang(value: str) -> Any:
    if value not in ("", "zh", "en"):
        raise BadInput(what=f"--lang {value!r}: zh / en")
    return value or None


def dump(value: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
    sys.stdout.flush()
