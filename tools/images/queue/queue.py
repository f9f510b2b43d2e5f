"""The image queue: which pictures are wanted and what became of each, in SQLite under FINALE_HOME.

A job is begun only by who holds its device's lock. The system frees that lock even after kill -9, which is how an
interrupted job is told from a running one; the next holder takes interrupted jobs up again (`recover`).
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tools.images.backend import Stage
from tools.images.queue import rows, states
from tools.images.queue.errors import NoSuchJob, QueueError, WrongState
from tools.images.queue.files import holds, plain, put_away
from tools.images.queue.model import Job, Order, Told, digest_of
from tools.images.recipe import Recipe
from tools.storage import Database

__all__ = ["ATTEMPTS", "ImageQueue"]

ATTEMPTS = 3  # a picture whose worker died this often is left out, so that it cannot keep the others from being painted


class ImageQueue:
    """The queue of one FINALE_HOME; safe for threads and for other processes.

    Raises:
        StorageError: FINALE_HOME cannot be written; every method may raise it.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self._database = Database(home / "images.db", rows.MIGRATIONS)
        self._changed = threading.Condition()

    @property
    def set_aside(self) -> Path | None:
        """The queue's file under its new name, where it was found damaged and a new one was begun."""
        return self._database.set_aside

    # What people and agents do

    def add(self, batch: str, orders: Sequence[Order]) -> list[int]:
        """Queue what is wanted of a batch, and return the jobs' ids in the orders' order.

        The same batch, path and recipe again is the same job: one that is done stays done while its file is whole, one
        that failed or was stopped with its batch waits again, one that a person cancelled stays cancelled. A changed
        recipe takes the old job's place; an old one that is running is stopped first. A recipe without a seed gets one here,
        so that every attempt paints the same picture.
        """
        with self._changing() as db:
            return [self._add(db, batch, order) for order in orders]

    def jobs(self, batch: str = "") -> list[Job]:
        """The jobs of a batch, or all, in the order in which they are worked."""
        where, params = ("WHERE batch=?", (batch,)) if batch else ("", ())
        return [rows.job(row) for row in self._database.rows(f"SELECT * FROM jobs {where} ORDER BY place, id", *params)]

    def job(self, id: int) -> Job:
        """One job.

        Raises:
            NoSuchJob
        """
        row = self._database.row("SELECT * FROM jobs WHERE id=?", id)
        if row is None:
            raise NoSuchJob(id=id)
        return rows.job(row)

    def cancel(self, id: int) -> None:
        """Cancel a job: at once where it waits, within one step where it runs; one that is over stays as it is.

        Raises:
            NoSuchJob
        """
        with self._changing() as db:
            states.known(db, id)
            states.cancel(db, "id=?", (id,), None)

    def stop(self, batch: str) -> None:
        """Cancel what is not over of a batch, so that adding it again goes on with it."""
        with self._changing() as db:
            states.cancel(db, "batch=?", (batch,), Told.of_words(QueueError.words_file, "stopped", {}))

    def retry(self, id: int) -> None:
        """Let a job that failed or was cancelled wait again, with all its attempts.

        Raises:
            NoSuchJob
            WrongState: it waits, runs, or is done.
        """
        with self._changing() as db:
            if states.known(db, id)["state"] not in ("failed", "cancelled"):
                raise WrongState("not_over", id=id)
            states.wait_again(db, id)

    def move(self, id: int, before: int | None) -> None:
        """Work a waiting job right before another waiting one; None: after all others.

        Raises:
            NoSuchJob
            WrongState: one of the two is not waiting.
        """
        with self._changing() as db:
            for each in (id, before):
                if each is not None and states.known(db, each)["state"] != "waiting":
                    raise WrongState(id=each)
            found = db.execute("SELECT id, place FROM jobs WHERE state='waiting' ORDER BY place, id").fetchall()
            places = [row["place"] for row in found]
            order = [row["id"] for row in found if row["id"] != id]
            if before != id:
                order.insert(len(order) if before is None else order.index(before), id)
                for place, each in zip(places, order, strict=True):
                    db.execute("UPDATE jobs SET place=?, updated=? WHERE id=?", (place, time.time(), each))

    def forget(self, batch: str) -> None:
        """Take a batch off the queue; files stay. What runs is stopped first and then forgotten."""
        with self._changing() as db:
            states.drop(db, "batch=?", (batch,))

    def open_jobs(self, device: str) -> int:
        """How many jobs of this device wait or run."""
        row = self._database.row(
            "SELECT count(*) AS n FROM jobs WHERE device=? AND state IN ('waiting','running')", device
        )
        return int(row["n"]) if row else 0

    def alive(self, device: str) -> bool:
        """Whether somebody works the jobs of this device right now, in whatever process."""
        lock = self.lock(device)
        try:
            lock.acquire(timeout=0)
        except TimeoutError:
            return True
        lock.release()
        return False

    def wait(self, seconds: float) -> None:
        """Until something changes in this process, at most so many seconds."""
        with self._changed:
            self._changed.wait(seconds)

    def pulse(self, batch: str = "") -> tuple[tuple[Any, ...], ...]:
        """Something that differs when a job of the batch (or any) changed; cheaper than reading the jobs."""
        where, params = ("WHERE batch=?", (batch,)) if batch else ("", ())
        sql = f"SELECT id, place, state, attempts, done, of, stop, updated FROM jobs {where} ORDER BY place, id"
        return tuple(map(tuple, self._database.rows(sql, *params)))

    def close(self) -> None:
        """Let go of the file. Nobody may be working with this queue any more."""
        self._database.close()

    def __enter__(self) -> ImageQueue:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # What only the holder of a device's lock does

    def lock(self, device: str) -> Any:
        """The file lock of a device, not taken yet."""
        from filelock import FileLock

        from tools.storage import writing

        folder = self.home / "locks"
        with writing(folder):
            folder.mkdir(exist_ok=True)
        return FileLock(folder / f"images-{plain(device)}.lock", thread_local=False)

    def recover(self, device: str) -> None:
        """Take up what a worker of this device left behind when it died.

        A job whose file was written in full is done; the others wait again with their seed, or fail as lost.
        """
        for row in self._database.rows("SELECT * FROM jobs WHERE device=? AND state='running'", device):
            job = rows.job(row)
            written = bool(job.sha256) and holds(job.path, job.sha256)
            put_away(job)
            with self._changing() as db:
                if job.stopping and not (written and job.batch):
                    states.cancelled(db, job.id)
                elif written:
                    states.done(db, job.id)
                elif job.attempts >= ATTEMPTS:
                    told = Told.of_words(QueueError.words_file, "lost", {"attempts": job.attempts})
                    states.failed(db, job.id, told)
                else:
                    states.back(db, job.id)

    def take(self, device: str) -> Job | None:
        """The next waiting job of this device, which is running from now on; None where none waits."""
        if not self.open_jobs(device):
            return None  # asked many times a second: reading takes no lock from those who write
        with self._changing() as db:
            found = db.execute(
                "SELECT id FROM jobs WHERE device=? AND state='waiting' ORDER BY place, id LIMIT 1", (device,)
            ).fetchone()
            if found is None:
                return None
            db.execute(
                "UPDATE jobs SET state='running', attempts=attempts+1, sha256='', done=0, of=0, updated=? WHERE id=?",
                (time.time(), found["id"]),
            )
            return rows.job(db.execute("SELECT * FROM jobs WHERE id=?", (found["id"],)).fetchone())

    def at_stage(self, id: int, stage: Stage) -> None:
        """Tell how far a running job is."""
        with self._changing() as db:
            db.execute(
                "UPDATE jobs SET done=?, of=?, preview=coalesce(?, preview), updated=? WHERE id=? AND state='running'",
                (stage.done, stage.of, stage.preview, time.time(), id),
            )

    def stopping(self, id: int) -> bool:
        """Whether somebody asked for this running job to be cancelled."""
        row = self._database.row("SELECT stop FROM jobs WHERE id=?", id)
        return row is None or bool(row["stop"])

    def seal(self, id: int, sha256: str, made: Recipe, notes: Iterable[Told]) -> None:
        """Tell what the finished file will be, before it is put into its place: a file that is there is then known."""
        with self._changing() as db:
            db.execute(
                "UPDATE jobs SET sha256=?, made=?, notes=?, updated=? WHERE id=?",
                (sha256, rows.dump(made.to_json()), rows.dump_told(notes), time.time(), id),
            )

    @contextlib.contextmanager
    def finishing(self, id: int) -> Iterator[bool]:
        """Inside, the file is put into its place; the job is done when that went well. False: it was cancelled before."""
        with self._changing() as db:
            wanted = not db.execute("SELECT stop FROM jobs WHERE id=?", (id,)).fetchone()["stop"]
            yield wanted
            if wanted:
                states.done(db, id)

    def put_back(self, id: int) -> None:
        """End a running job without a picture: cancelled where that was asked, else it waits as if never begun."""
        with self._changing() as db:
            if states.known(db, id)["stop"]:
                states.cancelled(db, id)
            else:
                states.back(db, id)
                db.execute("UPDATE jobs SET attempts=max(0, attempts-1) WHERE id=?", (id,))

    def fail(self, id: int, problem: Told) -> None:
        """End a job without a picture, for a reason."""
        with self._changing() as db:
            states.failed(db, id, problem)

    # Inside

    @contextlib.contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        with self._database.transaction() as db:
            yield db
        with self._changed:
            self._changed.notify_all()

    def _add(self, db: sqlite3.Connection, batch: str, order: Order) -> int:
        offer, path = order.backend, order.path.expanduser().absolute()
        digest = digest_of(order.recipe, offer.name, offer.model)
        old = db.execute(
            "SELECT * FROM jobs WHERE batch=? AND path=? ORDER BY id DESC LIMIT 1", (batch, rows.dump(str(path)))
        ).fetchone()
        if old is not None and old["digest"] == digest:
            known = rows.job(old)
            if known.state == "running":
                db.execute("UPDATE jobs SET stop=0, problem='' WHERE id=?", (known.id,))  # stopped, and wanted again
            elif (
                known.state == "failed"
                or (known.state == "cancelled" and known.problem is not None)
                or (known.state == "done" and not holds(known.path, known.sha256))
            ):
                states.wait_again(db, known.id)
            return known.id
        place = db.execute("SELECT coalesce(max(place), 0) + 1 FROM jobs").fetchone()[0]
        if old is not None:
            place = old["place"]
            states.drop(db, "id=?", (old["id"],))
        return rows.insert(db, batch, place, order, path, digest)
