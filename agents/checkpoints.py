"""LangGraph's checkpoints, in SQLite beside the runs."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.storage import writing

__all__ = ["open_checkpoints"]


@contextlib.contextmanager
def open_checkpoints(home: Path) -> Iterator[Any]:
    """A SqliteSaver on FINALE_HOME/checkpoints.db.

    A damaged file is set aside and a new one begun: a resumed graph then starts over, and its steps find the answers that
    models gave in the run's history, so that nothing is asked twice.
    """
    from langgraph.checkpoint.sqlite import SqliteSaver

    path = home / "checkpoints.db"
    with writing(path):
        connection = _open(path)
        try:
            yield SqliteSaver(connection)
        finally:
            connection.close()


def _open(path: Path) -> sqlite3.Connection:
    try:
        return _checked(path)
    except sqlite3.DatabaseError as error:
        if not (getattr(error, "sqlite_errorname", "") or "").startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
            raise
        path.replace(path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}"))
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        return _checked(path)


def _checked(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=15, check_same_thread=False)
    try:
        connection.execute("PRAGMA busy_timeout=15000")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA quick_check(1)")
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection
