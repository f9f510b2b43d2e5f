"""The history of runs in SQLite: inputs, events, each step's answer, the result. Shared by all processes of this machine."""

from __future__ import annotations

import json
import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from agents.errors import UnknownRun
from agents.events import Event, event_from_json
from agents.step import Answer
from tools.storage import Database

__all__ = ["Find", "Papers", "RunRecord", "RunStore"]

_LOG = logging.getLogger("finale.run")

_MIGRATIONS = (
    """
    CREATE TABLE runs (
        id TEXT PRIMARY KEY, agent TEXT NOT NULL, title TEXT NOT NULL, inputs TEXT NOT NULL, settings TEXT NOT NULL,
        status TEXT NOT NULL, generation INTEGER NOT NULL DEFAULT 0, stop INTEGER NOT NULL DEFAULT 0,
        created REAL NOT NULL, updated REAL NOT NULL, envelope TEXT
    );
    CREATE INDEX runs_created ON runs (created);
    CREATE TABLE events (
        run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, seq INTEGER NOT NULL, data TEXT NOT NULL,
        PRIMARY KEY (run, seq)
    ) WITHOUT ROWID;
    CREATE TABLE answers (
        run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, step TEXT NOT NULL, slot TEXT NOT NULL,
        by TEXT NOT NULL, data TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (run, step, slot)
    ) WITHOUT ROWID
    """,
    # What a run had sent before it was taken up anew: its promise counts from there.
    "ALTER TABLE runs ADD COLUMN sent_before INTEGER NOT NULL DEFAULT 0",
    # What a run gathered from outside: an upgrade works on the same, whatever the world has become.
    "CREATE TABLE materials (run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, name TEXT NOT NULL, "
    "data TEXT NOT NULL, PRIMARY KEY (run, name)) WITHOUT ROWID",
)


@dataclass(frozen=True)
class RunRecord:
    """One run as stored. `status` is running, done, partial, failed or stopped; times are Unix seconds."""

    id: str
    agent: str
    title: str
    inputs: dict[str, Any]
    settings: dict[str, Any]
    status: str
    generation: int
    sent_before: int
    created: float
    updated: float
    envelope: dict[str, Any] | None


Find = Callable[[str], RunRecord | None]


class Papers(Protocol):
    """What documents are made from besides the run itself: other runs, and what was kept with a run."""

    def find(self, run: str) -> RunRecord | None: ...
    def material(self, run: str, name: str) -> Any: ...


class RunStore:
    """All runs under one FINALE_HOME."""

    def __init__(self, home: Path) -> None:
        self.database = Database(home / "runs.db", _MIGRATIONS)
        self._news = threading.Condition()

    def create(self, agent: str, title: str, inputs: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
        """A new run, marked as running; returns its id, which sorts by date."""
        run = f"{time.strftime('%Y%m%d')}-{secrets.token_hex(4)}"
        now = time.time()
        with self.database.transaction() as db:
            db.execute(
                "INSERT INTO runs (id, agent, title, inputs, settings, status, created, updated)"
                " VALUES (?,?,?,?,?,'running',?,?)",
                (run, agent, title[:80], _dump(inputs), _dump(settings), now, now),
            )
        return run

    def get(self, run: str) -> RunRecord:
        """The run of that id; a unique beginning of the id is enough.

        Raises:
            UnknownRun: there is none.
        """
        rows = self.database.rows("SELECT * FROM runs WHERE id=?", run)
        if not rows and len(run) >= 6:
            pattern = run.replace("%", "").replace("_", "") + "%"
            rows = self.database.rows("SELECT * FROM runs WHERE id LIKE ? LIMIT 2", pattern)
        record = _sound(rows[0]) if len(rows) == 1 else None
        if record is None:
            raise UnknownRun(id=run)
        return record

    def find(self, run: str) -> RunRecord | None:
        """The run of that id, None if there is none (any more)."""
        try:
            return self.get(run)
        except UnknownRun:
            return None

    def recent(self, limit: int = 50, agent: str = "") -> list[RunRecord]:
        """Runs, newest first."""
        where, params = ("WHERE agent=?", (agent,)) if agent else ("", ())
        sql = f"SELECT * FROM runs {where} ORDER BY created DESC LIMIT ?"
        return list(filter(None, map(_sound, self.database.rows(sql, *params, limit))))

    def mark(self, run: str, status: str, envelope: Mapping[str, Any] | None = None) -> None:
        """Set a run's status, and its result where it has one."""
        with self.database.transaction() as db:
            db.execute("UPDATE runs SET status=?, stop=0, updated=? WHERE id=?", (status, time.time(), run))
            if envelope is not None:
                db.execute("UPDATE runs SET envelope=? WHERE id=?", (_dump(envelope), run))

    def next_generation(self, run: str, sent: int) -> None:
        """Forget what was answered offline and start the graph over; what models answered stays and is used again.

        `sent` is how many requests the run has sent so far.
        """
        with self.database.transaction() as db:
            db.execute("DELETE FROM answers WHERE run=? AND by<>'model'", (run,))
            db.execute("UPDATE runs SET generation=generation+1, sent_before=? WHERE id=?", (sent, run))

    def ask_stop(self, run: str) -> None:
        with self.database.transaction() as db:
            db.execute("UPDATE runs SET stop=1 WHERE id=?", (run,))

    def stop_asked(self, run: str) -> bool:
        row = self.database.row("SELECT stop FROM runs WHERE id=?", run)
        return bool(row and row["stop"])

    def delete(self, run: str) -> None:
        with self.database.transaction() as db:
            db.execute("DELETE FROM runs WHERE id=?", (run,))

    def append(self, run: str, event: Event) -> Event:
        """Store `event` with its number and time, and wake those who wait for it."""
        with self.database.transaction() as db:
            last = db.execute("SELECT coalesce(max(seq), 0) FROM events WHERE run=?", (run,)).fetchone()[0]
            event = event.model_copy(update={"seq": last + 1, "at": time.time()})
            db.execute("INSERT INTO events (run, seq, data) VALUES (?,?,?)", (run, event.seq, event.model_dump_json()))
        self.wake()
        return event

    def events(self, run: str, after: int = 0) -> list[Event]:
        """Events with a number above `after`, in order."""
        rows = self.database.rows("SELECT data FROM events WHERE run=? AND seq>? ORDER BY seq", run, after)
        return [event_from_json(row["data"]) for row in rows]

    def last_seq(self, run: str) -> int:
        row = self.database.row("SELECT coalesce(max(seq), 0) AS n FROM events WHERE run=?", run)
        return int(row["n"]) if row else 0

    def wake(self) -> None:
        """Let those who wait look again."""
        with self._news:
            self._news.notify_all()

    def wait(self, seconds: float) -> None:
        """Sleep until an event of this process arrives, `seconds` at most (other processes' events are found by looking)."""
        with self._news:
            self._news.wait(seconds)

    def keep_material(self, run: str, name: str, value: Any) -> None:
        """Keep what a run gathered, as plain data, for all its generations."""
        with self.database.transaction() as db:
            db.execute("INSERT OR REPLACE INTO materials (run, name, data) VALUES (?,?,?)", (run, name, _dump(value)))

    def material(self, run: str, name: str) -> Any:
        """What was kept under this name, None if nothing was."""
        row = self.database.row("SELECT data FROM materials WHERE run=? AND name=?", run, name)
        return json.loads(row["data"]) if row else None

    def answer(self, run: str, step: str, slot: str) -> Answer | None:
        row = self.database.row("SELECT data FROM answers WHERE run=? AND step=? AND slot=?", run, step, slot)
        return Answer(**json.loads(row["data"])) if row else None

    def answers(self, run: str) -> list[tuple[str, Answer]]:
        """(step, answer) of every question this run has an answer to, in the order in which they came."""
        rows = self.database.rows("SELECT step, data FROM answers WHERE run=? ORDER BY at", run)
        return [(row["step"], Answer(**json.loads(row["data"]))) for row in rows]

    def keep_answer(self, run: str, step: str, slot: str, answer: Answer) -> None:
        with self.database.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO answers (run, step, slot, by, data, at) VALUES (?,?,?,?,?,?)",
                (run, step, slot, answer.by, _dump(answer.__dict__), time.time()),
            )


def _sound(row: Any) -> RunRecord | None:
    """The row's run; None, with a line in the log, where something outside has damaged it: it must not hide the others."""
    try:
        record = _record(row)
    except ValueError as error:
        _LOG.warning("run %s is damaged and left out: %s", row["id"], error)
        return None
    if not (isinstance(record.inputs, dict) and isinstance(record.settings, dict)):
        _LOG.warning("run %s is damaged and left out: its inputs are no mapping", record.id)
        return None
    return record


def _record(row: Any) -> RunRecord:
    return RunRecord(
        id=row["id"],
        agent=row["agent"],
        title=row["title"],
        inputs=json.loads(row["inputs"]),
        settings=json.loads(row["settings"]),
        status=row["status"],
        generation=row["generation"],
        sent_before=row["sent_before"],
        created=row["created"],
        updated=row["updated"],
        envelope=json.loads(row["envelope"]) if row["envelope"] else None,
    )


def _dump(value: Any) -> str:
    return json.dumps(value if not isinstance(value, Mapping) else dict(value), ensure_ascii=False)
