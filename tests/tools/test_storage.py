"""State on disk: damaged, full, forbidden, shared."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tools.storage import Database, DiskFull, HomeNotWritable, StorageError, writable_home

TABLE = ("CREATE TABLE notes (n INTEGER PRIMARY KEY, body TEXT)",)


def write(database: Database, *bodies: str) -> None:
    with database.transaction() as db:
        db.executemany("INSERT INTO notes (body) VALUES (?)", [(body,) for body in bodies])


def count(database: Database) -> int:
    row = database.row("SELECT count(*) AS n FROM notes")
    assert row
    return int(row["n"])


def child(script: str, *arguments: object) -> str:
    """What a Python of its own prints for `script`."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_home_is_made_with_its_parents(tmp_path: Path) -> None:
    """Stops: a first start that fails because nobody made the folder; a probe left lying there."""
    home = writable_home(tmp_path / "a" / "b")
    assert home.is_dir() and list(home.iterdir()) == []


@pytest.mark.parametrize("place", ["file", "file/below", "x" * 300])
def test_an_impossible_home_says_what_to_do(tmp_path: Path, place: str) -> None:
    """Stops: a traceback instead of a sentence with a next step."""
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    for attempt in (lambda: writable_home(tmp_path / place), lambda: Database(tmp_path / place / "x.db", TABLE)):
        with pytest.raises(HomeNotWritable) as caught:
            attempt()
        assert "FINALE_HOME" in str(caught.value) and "FINALE_HOME" in caught.value.message("en")
        assert place in str(caught.value)


@pytest.mark.skipif(os.name == "nt", reason="folders have no write bit there")
def test_a_home_without_write_permission(tmp_path: Path) -> None:
    """Stops: a shared or mounted folder that refuses being reported as a damaged file."""
    script = """
import os, sys
from pathlib import Path
import filelock
from tools.storage import Database, HomeNotWritable
home = Path(sys.argv[1])
home.mkdir(); home.chmod(0o555)
if os.geteuid() == 0:
    os.seteuid(65534)  # root may write anywhere
try:
    Database(home / "x.db", ("CREATE TABLE t (n)",))
except HomeNotWritable as error:
    print(error.message("en"))
"""
    shown = child(script, tmp_path / "refuses")
    assert "Cannot write" in shown and str(tmp_path / "refuses") in shown and "FINALE_HOME" in shown


def test_a_folder_where_the_file_should_be(tmp_path: Path) -> None:
    """Stops: that folder, with whatever a person keeps in it, being moved away as damaged."""
    (tmp_path / "x.db").mkdir()
    with pytest.raises(HomeNotWritable):
        Database(tmp_path / "x.db", TABLE)
    assert (tmp_path / "x.db").is_dir()


def test_a_full_disk_is_said_and_loses_nothing(tmp_path: Path) -> None:
    """Stops: a full disk told as a damaged file, a half-written transaction, or work lost that was done before."""
    database = Database(tmp_path / "x.db", TABLE, durable=True)
    write(database, "kept")
    database.rows("PRAGMA max_page_count=4")
    with pytest.raises(DiskFull) as caught:
        write(database, "fits", "x" * 100_000)
    assert "x.db" in str(caught.value) and count(database) == 1
    database.rows("PRAGMA max_page_count=100000")
    write(database, "after")
    assert count(database) == 2


@pytest.mark.skipif(os.name == "nt", reason="no limit on a file's size there")
def test_a_quota_on_the_disk_is_a_full_disk(tmp_path: Path) -> None:
    """Stops: a student over the quota of a school account told to look for write permissions."""
    script = """
import resource, sys
from pathlib import Path
from tools.storage import Database, StorageError
database = Database(Path(sys.argv[1]), ("CREATE TABLE notes (n INTEGER PRIMARY KEY, body TEXT)",), durable=True)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
done = 0
try:
    while done < 1000:
        with database.transaction() as db:
            db.execute("INSERT INTO notes (body) VALUES (?)", ("x" * 3000,))
        done += 1
except StorageError as error:
    print(type(error).__name__, done, database.row("SELECT count(*) AS n FROM notes")["n"])
"""
    name, done, kept = child(script, tmp_path / "x.db").split()
    assert name == "DiskFull" and int(done) == int(kept) > 5
    assert count(Database(tmp_path / "x.db", TABLE)) == int(kept)


def damage_header(path: Path) -> None:
    path.write_bytes(b"\x00not sqlite" * 500)


def damage_pages(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xa5" * (len(whole) - 4096))


def damage_length(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


@pytest.mark.parametrize("damage", [damage_header, damage_pages, damage_length])
def test_a_damaged_file_is_renamed_never_deleted(tmp_path: Path, damage: object) -> None:
    """Stops: a person's history deleted, or an app that cannot start, because a file was hit."""
    path = tmp_path / "x.db"
    first = Database(path, TABLE)
    write(first, *("text " * 50 for _ in range(200)))
    first.close()
    damage(path)  # type: ignore[operator]
    before = path.read_bytes()
    second = Database(path, TABLE)
    assert second.set_aside and second.set_aside.read_bytes() == before
    assert second.set_aside.parent == tmp_path and count(second) == 0
    write(second, "new")
    second.close()
    third = Database(path, TABLE)
    assert third.set_aside is None and count(third) == 1


def test_damage_found_later_names_the_file(tmp_path: Path) -> None:
    """Stops: an sqlite3 exception with no file and no next step in the middle of a run."""
    path = tmp_path / "x.db"
    database = Database(path, TABLE)
    with pytest.raises(StorageError) as caught, database.transaction():
        raise sqlite3.DatabaseError("database disk image is malformed")
    assert caught.value.key == "storage_damaged" and "x.db" in str(caught.value)


def test_an_empty_file_is_a_new_database(tmp_path: Path) -> None:
    """Stops: a file that a crash left empty set aside as damaged."""
    (tmp_path / "x.db").touch()
    assert Database(tmp_path / "x.db", TABLE).set_aside is None


def test_migrations_keep_what_is_there(tmp_path: Path) -> None:
    """Stops: an update that loses the history, or runs a migration twice."""
    write(Database(tmp_path / "x.db", TABLE), "old")
    more = (*TABLE, "ALTER TABLE notes ADD COLUMN mark TEXT NOT NULL DEFAULT 'm'; CREATE TABLE other (n)")
    for _ in range(2):
        row = Database(tmp_path / "x.db", more).row("SELECT body, mark FROM notes")
        assert row and tuple(row) == ("old", "m")


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    """Stops: a file stuck between two versions."""
    write(Database(tmp_path / "x.db", TABLE), "old")
    with pytest.raises(StorageError):
        Database(tmp_path / "x.db", (*TABLE, "ALTER TABLE notes ADD COLUMN mark TEXT; NOT SQL"))
    row = Database(tmp_path / "x.db", TABLE).row("SELECT * FROM notes")
    assert row and row.keys() == ["n", "body"]


def test_an_exception_rolls_back(tmp_path: Path) -> None:
    """Stops: half of a change staying after the other half failed; a connection left inside a transaction."""
    database = Database(tmp_path / "x.db", TABLE)
    with pytest.raises(KeyError), database.transaction() as db:
        db.execute("INSERT INTO notes (body) VALUES ('half')")
        raise KeyError("the other half")
    write(database, "whole")
    assert count(database) == 1


def test_threads_take_turns(tmp_path: Path) -> None:
    """Stops: threads of one page writing into each other's transaction."""
    database = Database(tmp_path / "x.db", TABLE)
    write(database, "0")

    def add() -> None:
        for _ in range(25):
            with database.transaction() as db:
                value = int(db.execute("SELECT body FROM notes").fetchone()[0])
                db.execute("UPDATE notes SET body=?", (str(value + 1),))

    threads = [threading.Thread(target=add) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row = database.row("SELECT body FROM notes")
    assert row and row["body"] == "150"


def test_a_killed_process_loses_no_commit(tmp_path: Path) -> None:
    """Stops: finished work gone with the process that did it."""
    script = """
import os, signal, sys
from pathlib import Path
from tools.storage import Database
database = Database(Path(sys.argv[1]), ("CREATE TABLE notes (n INTEGER PRIMARY KEY, body TEXT)",))
with database.transaction() as db:
    db.execute("INSERT INTO notes (body) VALUES ('done')")
with database.transaction() as db:
    db.execute("INSERT INTO notes (body) VALUES ('not done')")
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
"""
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path / "x.db")], timeout=60, check=False)
    assert done.returncode != 0
    database = Database(tmp_path / "x.db", TABLE)
    assert database.set_aside is None and [row["body"] for row in database.rows("SELECT body FROM notes")] == ["done"]
