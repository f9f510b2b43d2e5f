"""A Run: start, follow, stop, resume, upgrade, history. The only place where graphs meet storage.

A run works in a thread of its own, so that whoever started it (a page, a command, a script) may go away. Everything it
says goes through the store, and everyone who listens reads it there; a page that reloads misses nothing. A run holds a file
lock while it works: the system frees it even after kill -9, which is how a dead run is told from a busy one.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from agents import load_agent
from agents.agent import Agent, RunResult
from agents.context import RunContext, RunOptions
from agents.errors import NothingLeft, NothingToExport, RunBusy, RunFailed
from agents.events import Event, Failed, Result, Started, Warned, is_last
from agents.store import RunRecord, RunStore
from tools.errors import FinaleError
from tools.llm import Cancelled, open_gateway, redact
from tools.settings import Settings
from tools.storage import writable_home
from tools.words import Lang, Words

__all__ = ["Runs", "open_runs"]

_LOG = logging.getLogger("finale.run")
_WORDS = Path(__file__).with_name("messages.yaml")
_ENDING_S = 2.0


class Runs:
    """The runs of one FINALE_HOME.

    Raises:
        StorageError: FINALE_HOME cannot be written.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.home = writable_home(settings.home)
        self.store = RunStore(self.home)
        self.gateway = open_gateway(settings)
        self._working: dict[str, RunContext] = {}
        self._post_mortem: dict[str, Failed] = {}
        self._guard = threading.Lock()

    def start(self, agent: Agent, inputs: Mapping[str, Any], options: RunOptions | None = None) -> str:
        """Begin a run and return its id at once; `inputs` are validated first.

        Raises:
            BadInput: an input is not usable; nothing was stored.
        """
        options = options or RunOptions()
        clean = _redacted(agent.checked(inputs).model_dump(mode="json"), self._secret())
        settings = {
            "models": {**self.settings.preferred_models, **{k: v for k, v in options.models.items() if v}},
            "offline": options.offline,
            "fresh": options.fresh,
            "lang": options.lang or self.settings.lang,
            "purpose": options.purpose,
        }
        run = self.store.create(agent.name, agent.title(agent.inputs(**clean)), clean, settings)
        self._work_in_background(run, "start")
        return run

    def resume(self, run: str) -> str:
        """Go on with a run that was killed, stopped, failed, or cut short by the quota; returns its id.

        A run that is finished is left as it is. What a model answered before is not asked again.

        Raises:
            UnknownRun, RunBusy
        """
        record = self.store.get(run)
        if record.status == "partial":
            return self.upgrade(record.id)
        if record.status != "done":
            self._work_in_background(record.id, "resume")
        return record.id

    def upgrade(self, run: str) -> str:
        """Ask again only the steps of a finished run that no model answered; returns its id.

        Raises:
            UnknownRun, RunBusy
            NothingLeft: a model has answered every step.
        """
        record = self.store.get(run)
        if record.status in ("running", "failed", "stopped"):
            return self.resume(record.id)
        answers = self.store.answers(record.id)
        if all(answer.by == "model" for _, answer in answers):
            raise NothingLeft("nothing_to_upgrade", id=record.id)
        self._work_in_background(record.id, "upgrade")
        return record.id

    def stop(self, run: str) -> None:
        """Ask a run to stop; it ends within about a second and can be resumed."""
        record = self.store.get(run)
        self.store.ask_stop(record.id)
        context = self._working.get(record.id)
        if context:
            context.stop()

    def alive(self, run: str) -> bool:
        """Whether somebody is working on the run right now, in whatever process."""
        if run in self._working:
            return True
        lock = self._lock(run)
        try:
            lock.acquire(timeout=0)
        except TimeoutError:
            return True
        lock.release()
        return False

    def follow(self, run: str, after: int = 0) -> Iterator[Event]:
        """Events of a run from number `after` on, as they come, until it ends.

        A run that died without a word ends with a Failed event of code `interrupted`.
        """
        run = self.store.get(run).id
        ended = False
        while True:
            living = self.alive(run)  # asked before reading, so that what is read then is all there is
            news = self.store.events(run, after)
            for event in news:
                after, ended = event.seq, is_last(event)
                yield event
            if not living and not news:
                if not ended and self.store.get(run).status == "running":
                    yield self._post_mortem.get(run) or self._interrupted(run)
                return
            if not news:
                self.store.wait(0.1)

    def last_event(self, run: str) -> int:
        """The number of the run's newest event: follow from there to see only what is new."""
        return self.store.last_seq(self.store.get(run).id)

    def result(self, run: str) -> RunResult:
        """The result of a run that has ended.

        Raises:
            UnknownRun
            RunFailed: it ended without a result, or has not ended.
        """
        record = self.store.get(run)
        if record.envelope is None or record.status not in ("done", "partial"):
            last = [event for event in self.store.events(record.id) if isinstance(event, Failed)]
            what = last[-1].message if last else self._interrupted(record.id).message
            raise RunFailed(what=what)
        envelope = dict(record.envelope)
        output = load_agent(record.agent).output.model_validate(envelope.pop("output"))
        return RunResult(**envelope, output=output)

    def export(self, run: str, lang: Lang | None = None, form: str = "md") -> str:
        """A finished run as a document; `form` is a file ending: md, json, or another one its agent has.

        Raises:
            UnknownRun
            NothingToExport: it has no result, or its agent makes no such document.
        """
        record = self.store.get(run)
        agent = load_agent(record.agent)
        if record.envelope is None:
            raise NothingToExport(id=record.id, form=form)
        if form in agent.exports:
            return agent.exports[form](record, self.store, lang or self.settings.lang)
        if form == "json":
            return json.dumps(record.envelope, ensure_ascii=False, indent=2) + "\n"
        raise NothingToExport(id=record.id, form=form)

    def delete(self, run: str) -> None:
        """Delete a run and all that is stored of it.

        Raises:
            UnknownRun
            RunBusy: it is being worked on.
        """
        record = self.store.get(run)
        # A run that has just told its result still puts its papers away for a moment.
        end = time.monotonic() + (0.0 if record.status == "running" else _ENDING_S)
        while self.alive(record.id):
            if time.monotonic() >= end:
                raise RunBusy(id=record.id)
            time.sleep(0.02)
        forget = load_agent(record.agent).forget
        if forget is not None:
            forget(self.home, record.id)
        self.store.delete(record.id)
        (self.home / "locks" / f"{record.id}.lock").unlink(missing_ok=True)

    def history(self, limit: int = 50, agent: str = "") -> list[RunRecord]:
        """Runs, newest first; those whose worker died show the status `interrupted`."""
        return [self.described(record) for record in self.store.recent(limit, agent)]

    def described(self, record: RunRecord) -> RunRecord:
        if record.status == "running" and not self.alive(record.id):
            return RunRecord(**{**record.__dict__, "status": "interrupted"})
        return record

    def _interrupted(self, run: str) -> Failed:
        message = Words.load(_WORDS).say("interrupted", self.settings.lang, id=run)
        return Failed(code="interrupted", message=message)

    def _secret(self) -> str | None:
        return self.settings.api_key.get_secret_value() if self.settings.api_key else None

    def _lock(self, run: str):  # noqa: ANN202 (filelock's class, imported where it is used)
        from filelock import FileLock

        folder = self.home / "locks"
        folder.mkdir(exist_ok=True)
        return FileLock(folder / f"{run}.lock", thread_local=False)

    def _work_in_background(self, run: str, kind: str) -> None:
        lock = self._lock(run)
        try:
            lock.acquire(timeout=0.3)  # somebody may just be looking whether the run is alive
        except TimeoutError:
            raise RunBusy(id=run) from None
        try:
            if kind == "upgrade":
                self.store.next_generation(run, self.gateway.ledger.requests_of(run))
            self.store.mark(run, "running")
            record = self.store.get(run)
            context = RunContext(
                self.gateway, self.home, self.store, record, self.settings, _ceiling(record), asks=kind == "upgrade"
            )
            with self._guard:
                self._working[run] = context
            name = f"finale-run-{run}"
            threading.Thread(target=self._work, args=(record, context, kind, lock), name=name, daemon=True).start()
        except BaseException:
            self._working.pop(run, None)
            lock.release()
            raise

    def _work(self, record: RunRecord, context: RunContext, kind: str, lock: Any) -> None:
        try:
            self._attempt(record, context, kind)
        except Cancelled:
            self._end(record.id, "stopped", Failed(code="stopped", message=self._say(context, "stopped"), stopped=True))
        except FinaleError as error:
            self._end(record.id, "failed", Failed(code=error.key, message=error.message(context.lang)))
        except Exception as error:  # noqa: BLE001 - boundary of the worker: logged, and told to whoever follows
            why = redact(f"{type(error).__name__}: {error}"[:200], self._secret())
            _LOG.error("run %s crashed: %s", record.id, why)
            self._end(record.id, "failed", Failed(code="crashed", message=self._say(context, "crashed", why=why)))
        finally:
            with self._guard:
                self._working.pop(record.id, None)
            lock.release()
            self.store.wake()

    def _say(self, context: RunContext, key: str, **params: str) -> str:
        return Words.load(_WORDS).say(key, context.lang, id=context.run, **params)

    def _end(self, run: str, status: str, failed: Failed) -> None:
        """Tell that a run ended without a result, in memory too: the disk may be the very thing that failed."""
        self._post_mortem[run] = failed
        try:
            self.store.mark(run, status)
            self.store.append(run, failed)
        except FinaleError as error:
            _LOG.error("run %s: its end could not be stored: %s", run, error)

    def _attempt(self, record: RunRecord, context: RunContext, kind: str) -> None:
        agent = load_agent(record.agent)
        inputs = agent.inputs(**record.inputs)
        low, high = agent.requests(inputs) if self.gateway.usable and not context.offline else (0, 0)
        context.emit(Started(agent=agent.name, requests_min=low, requests_max=high, kind=kind))
        for path in (self.store.database.set_aside, self.gateway.ledger.database.set_aside):
            if path:
                context.emit(
                    Warned(code="file_set_aside", message=self._say(context, "file_set_aside", path=str(path)))
                )
        state = self._run_graph(agent, inputs, record, context)
        output = agent.finish(state)
        envelope = self._envelope(record, context, output.model_dump(mode="json"))
        self.store.mark(record.id, envelope["status"], envelope)
        context.emit(Result(envelope=envelope))

    def _run_graph(self, agent: Agent, inputs: Any, record: RunRecord, context: RunContext) -> Mapping[str, Any]:
        from agents.checkpoints import open_checkpoints

        with open_checkpoints(self.home) as saver:
            graph = agent.build(saver)
            thread = f"{record.id}:{record.generation}"
            config = {"configurable": {"thread_id": thread}}
            snapshot = graph.get_state(config)
            if snapshot.values and not snapshot.next:
                state = snapshot.values  # it had finished; only its result was not stored yet
            else:
                begin = None if snapshot.next else {"inputs": inputs.model_dump(mode="json")}
                state = graph.invoke(begin, config, context=context, durability="sync")
            # The step answers are in the run's own history; the graph's checkpoints have served.
            saver.delete_thread(thread)
            return state

    def _envelope(self, record: RunRecord, context: RunContext, output: Mapping[str, Any]) -> dict[str, Any]:
        answers = self.store.answers(record.id)
        offline = list(dict.fromkeys(step for step, answer in answers if answer.by == "offline"))
        short = any(answer.cut or answer.why in ("quota_spent", "run_limit") for _, answer in answers)
        warnings: list[str] = []
        for event in self.store.events(record.id):
            if isinstance(event, Started) and event.kind != "resume":
                warnings.clear()
            elif isinstance(event, Warned):
                warnings.append(event.message)
        return {
            "run": record.id,
            "agent": record.agent,
            "status": "partial" if short else "done",
            "requests": self.gateway.ledger.requests_of(record.id),
            "offline_steps": offline,
            # A step that was asked about many rows may have both kinds; the model that answered some is named.
            "models": {
                **{step: "offline" for step in offline},
                **{step: answer.model for step, answer in answers if answer.by == "model"},
            },
            "warnings": list(dict.fromkeys(warnings)),
            "output": dict(output),
        }


def _ceiling(record: RunRecord) -> int | None:
    """The most requests the run may have sent in all, where its agent promises a most."""
    agent = load_agent(record.agent)
    if agent.cost is None:
        return None
    return record.sent_before + agent.cost(agent.inputs(**record.inputs))[1]


def _redacted(value: Any, secret: str | None) -> Any:
    """`value` without keys: a person may paste one into a question, and runs are stored."""
    if isinstance(value, str):
        return redact(value, secret)
    if isinstance(value, list):
        return [_redacted(item, secret) for item in value]
    if isinstance(value, dict):
        return {name: _redacted(item, secret) for name, item in value.items()}
    return value


_OPEN: dict[str, Runs] = {}
_OPEN_GUARD = threading.Lock()


def open_runs(settings: Settings | None = None) -> Runs:
    """The runs of this process for `settings`: one object for equal settings, so that all threads share it.

    Raises:
        StorageError: FINALE_HOME cannot be written.
    """
    settings = settings or Settings()
    secret = settings.api_key.get_secret_value() if settings.api_key else ""
    identity = f"{settings.model_dump_json(exclude={'openrouter_api_key'})}\n{secret}"
    with _OPEN_GUARD:
        if identity not in _OPEN:
            _OPEN[identity] = Runs(settings)
        return _OPEN[identity]
