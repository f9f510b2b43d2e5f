"""SQLite files under FINALE_HOME: opened the same way everywhere, shared by processes, and honest about what is wrong.

A file that SQLite cannot read is never deleted: it is renamed to `<name>.damaged-<time>` and a new one is started.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.errors import FinaleError

__all__ = ["Database", "DiskFull", "HomeNotWritable", "StorageDamaged", "StorageError", "writable_home", "writing"]

_BUSY_MS = 15_000


class StorageError(FinaleError):
    """Raised when state under FINALE_HOME cannot be read or written."""

    code = "storage_damaged"


class HomeNotWritable(StorageError):
    """Raised when FINALE_HOME does not exist and cannot be made, or refuses to be written."""

    code = "home_not_writable"


class DiskFull(StorageError):
    """Raised when the disk (or a quota on it) has no space left."""

    code = "disk_full"


class StorageDamaged(StorageError):
    """Raised when a file that was readable when it was opened turns out to be damaged."""

    code = "storage_damaged"


class StorageBusy(StorageError):
    """Raised when another program holds a file longer than anything of ours would."""

    code = "storage_busy"


def writable_home(home: Path) -> Path:
    """`home`, made if need be and proven writable.

    Raises:
        HomeNotWritable: it cannot be made or written.
        DiskFull: there is no space for a single byte.
    """
    with writing(home):
        home.mkdir(parents=True, exist_ok=True)
        probe = home / f".probe-{os.getpid()}-{threading.get_ident()}"
        try:
            probe.write_bytes(b"1")
        finally:
            probe.unlink(missing_ok=True)
    return home


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the system or SQLite says while `path` is written into a StorageError with a next step."""
    try:
        yield
    except OSError as error:
        kind = DiskFull if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else HomeNotWritable
        raise kind(path=path, why=error.strerror or type(error).__name__) from error
    except sqlite3.DatabaseError as error:
        raise _storage_error(path, error) from error


def _storage_error(path: Path, error: sqlite3.DatabaseError) -> StorageError:
    why = str(error)
    name = getattr(error, "sqlite_errorname", "") or ""
    # A quota or a limit on a file's size reaches us as a failed write; a folder that refuses fails when it is opened.
    if name in ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE") or "disk is full" in why:
        return DiskFull(path=path, why=why)
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_IOERR")):
        return HomeNotWritable(path=path, why=why)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StorageBusy(path=path)
    return StorageDamaged(path=path, why=why)


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    return (getattr(error, "sqlite_errorname", "") or "").startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT"))


class Database:
    """One SQLite file in WAL mode, safe for the threads of this process and for other processes.

    `migrations[i]` is the SQL script that brings schema version i to i+1. `durable=True` syncs every commit to disk
    (what must survive a power cut); otherwise a commit survives the death of the process, which is enough for history.
    """

    def __init__(self, path: Path, migrations: Sequence[str], *, durable: bool = False) -> None:
        self.path = path
        self.set_aside: Path | None = None
        self._migrations = tuple(migrations)
        self._durable = durable
        self._lock = threading.RLock()
        writable_home(path.parent)
        with writing(path):
            try:
                self._connection = self._open()
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
                self._connection = self._open_anew()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=_BUSY_MS / 1000, check_same_thread=False, isolation_level=None)
        try:
            connection.row_factory = sqlite3.Row
            connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(f"PRAGMA synchronous={'FULL' if self._durable else 'NORMAL'}")
            connection.execute("PRAGMA foreign_keys=ON")
            verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if verdict != "ok":
                damage = sqlite3.DatabaseError(verdict)
                damage.sqlite_errorname = "SQLITE_CORRUPT"
                raise damage
            self._migrate(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        # The version is read again inside the write lock: another process may have migrated while we waited.
        if connection.execute("PRAGMA user_version").fetchone()[0] >= len(self._migrations):
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            for number, script in enumerate(self._migrations[version:], start=version + 1):
                for statement in filter(None, (part.strip() for part in script.split(";"))):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version={number}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise

    def _open_anew(self) -> sqlite3.Connection:
        """Set the damaged file aside and start a new one; of several processes only the first does, the others use it."""
        from filelock import FileLock

        with FileLock(self.path.with_name(self.path.name + ".repair.lock")):
            try:
                return self._open()
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
                self.set_aside = self._move_aside()
                return self._open()

    def _move_aside(self) -> Path:
        kept = self.path.with_name(f"{self.path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}")
        for suffix in ("", "-wal", "-shm"):
            part = self.path.with_name(self.path.name + suffix)
            if part.exists():
                part.replace(kept.with_name(kept.name + suffix))
        return kept

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A write transaction: taken at once, committed at the end, rolled back on any exception."""
        with self._lock, writing(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def rows(self, sql: str, *params: object) -> list[sqlite3.Row]:
        """All rows of a reading statement."""
        with self._lock, writing(self.path):
            return self._connection.execute(sql, params).fetchall()

    def row(self, sql: str, *params: object) -> sqlite3.Row | None:
        """The first row of a reading statement, or None."""
        with self._lock, writing(self.path):
            return self._connection.execute(sql, params).fetchone()

    def close(self) -> None:
        with self._lock:
            self._connection.close()
