"""How a job passes from one state to another: the queue's statements, each within the caller's transaction."""

from __future__ import annotations

import sqlite3
import time

from tools.images.queue import rows
from tools.images.queue.errors import NoSuchJob
from tools.images.queue.model import Told

__all__ = ["QUIET", "back", "cancel", "cancelled", "done", "drop", "failed", "known", "wait_again"]

QUIET = "stop=0, preview=NULL, problem='', updated=?"


def known(db: sqlite3.Connection, id: int) -> sqlite3.Row:
    """The row of a job.

    Raises:
        NoSuchJob
    """
    row = db.execute("SELECT * FROM jobs WHERE id=?", (id,)).fetchone()
    if row is None:
        raise NoSuchJob(id=id)
    return row


def cancel(db: sqlite3.Connection, where: str, params: tuple[object, ...], problem: Told | None) -> None:
    """Cancel what waits, and ask what runs to stop; `problem` says why where it was not a person's wish."""
    told = rows.dump_told([problem]) if problem else ""
    db.execute(
        f"UPDATE jobs SET state='cancelled', problem=?, updated=? WHERE state='waiting' AND {where}",
        (told, time.time(), *params),
    )
    db.execute(
        f"UPDATE jobs SET stop=1, problem=?, updated=? WHERE state='running' AND {where}", (told, time.time(), *params)
    )


def drop(db: sqlite3.Connection, where: str, params: tuple[object, ...]) -> None:
    """Forget jobs. One that runs is of no batch any more, is stopped, and goes when it has ended."""
    db.execute(f"DELETE FROM jobs WHERE state!='running' AND {where}", params)
    db.execute(f"UPDATE jobs SET batch='', stop=1 WHERE {where}", params)


def done(db: sqlite3.Connection, id: int) -> None:
    """End a job whose file is in its place."""
    db.execute(f"UPDATE jobs SET state='done', {QUIET} WHERE id=?", (time.time(), id))


def cancelled(db: sqlite3.Connection, id: int) -> None:
    """End what was asked to stop; its reason, if there is one, was noted with the wish. What is forgotten goes."""
    db.execute(
        "UPDATE jobs SET state='cancelled', stop=0, preview=NULL, sha256='', updated=? WHERE id=?", (time.time(), id)
    )
    db.execute("DELETE FROM jobs WHERE id=? AND batch=''", (id,))


def back(db: sqlite3.Connection, id: int) -> None:
    """Let a job wait; what was begun of it is given up."""
    db.execute(f"UPDATE jobs SET state='waiting', sha256='', done=0, of=0, {QUIET} WHERE id=?", (time.time(), id))


def wait_again(db: sqlite3.Connection, id: int) -> None:
    """Let a job that was over wait, with all its attempts."""
    back(db, id)
    db.execute("UPDATE jobs SET attempts=0 WHERE id=?", (id,))


def failed(db: sqlite3.Connection, id: int, problem: Told) -> None:
    """End a job without a picture, for a reason. What is forgotten goes."""
    db.execute(
        "UPDATE jobs SET state='failed', stop=0, preview=NULL, sha256='', problem=?, updated=? WHERE id=?",
        (rows.dump_told([problem]), time.time(), id),
    )
    db.execute("DELETE FROM jobs WHERE id=? AND batch=''", (id,))
