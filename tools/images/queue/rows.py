"""Jobs as rows of the queue's database."""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tools.images.queue.model import Job, Order, Told
from tools.images.recipe import Recipe

__all__ = ["MIGRATIONS", "dump", "dump_told", "insert", "job"]

MIGRATIONS = (
    """
    CREATE TABLE jobs (
        id INTEGER PRIMARY KEY AUTOINCREMENT, batch TEXT NOT NULL, place INTEGER NOT NULL,
        backend TEXT NOT NULL, device TEXT NOT NULL, model TEXT NOT NULL,
        recipe TEXT NOT NULL, digest TEXT NOT NULL, path TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'waiting', attempts INTEGER NOT NULL DEFAULT 0,
        done INTEGER NOT NULL DEFAULT 0, of INTEGER NOT NULL DEFAULT 0, preview BLOB,
        stop INTEGER NOT NULL DEFAULT 0, problem TEXT NOT NULL DEFAULT '', notes TEXT NOT NULL DEFAULT '',
        made TEXT NOT NULL DEFAULT '', sha256 TEXT NOT NULL DEFAULT '', created REAL NOT NULL, updated REAL NOT NULL
    );
    CREATE INDEX jobs_batch ON jobs (batch, path);
    CREATE INDEX jobs_next ON jobs (device, state, place)
    """,
)


def insert(db: sqlite3.Connection, batch: str, place: int, order: Order, path: Path, digest: str) -> int:
    """Write a new waiting job and return its id."""
    now, offer, recipe = time.time(), order.backend, order.recipe
    if recipe.seed is None:
        recipe = replace(recipe, seed=secrets.randbelow(2**32))
    cursor = db.execute(
        "INSERT INTO jobs (batch, place, backend, device, model, recipe, digest, path, created, updated)"
        " VALUES (?,?,?,?,?,?,?,?,?,?)",
        (
            batch, place, offer.name, offer.device, offer.model,
            dump(recipe.to_json()), digest, dump(str(path)), now, now,
        ),
    )  # fmt: skip
    return int(cursor.lastrowid or 0)


def job(row: sqlite3.Row) -> Job:
    """The job of a row."""
    problem = _told(row["problem"])
    return Job(
        id=row["id"],
        batch=row["batch"],
        place=row["place"],
        backend=row["backend"],
        device=row["device"],
        model=row["model"],
        recipe=Recipe.from_json(json.loads(row["recipe"])),
        path=Path(json.loads(row["path"])),
        state=row["state"],
        attempts=row["attempts"],
        done=row["done"],
        of=row["of"],
        preview=row["preview"],
        stopping=bool(row["stop"]),
        problem=problem[0] if problem else None,
        notes=_told(row["notes"]),
        made=Recipe.from_json(json.loads(row["made"])) if row["made"] else None,
        digest=row["digest"],
        sha256=row["sha256"],
        created=row["created"],
        updated=row["updated"],
    )


def dump(value: Any) -> str:
    """JSON text that keeps every string; a file's name may hold bytes that are no UTF-8, which SQLite's text cannot."""
    return json.dumps(value, ensure_ascii=True)


def dump_told(lines: Iterable[Told]) -> str:
    return dump([[line.code, line.zh, line.en] for line in lines])


def _told(text: str) -> tuple[Told, ...]:
    return tuple(Told(*line) for line in json.loads(text)) if text else ()
