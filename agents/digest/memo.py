"""What models said about single stories, kept across runs: a story that did not change is not paid for a second time."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from agents.events import Event
from agents.step import Answer, StepContext
from tools.llm import Gateway, Purpose
from tools.storage import Database
from tools.words import Lang

__all__ = ["Memo", "Remembering", "digest_database", "open_memo", "what_was_asked"]

_MIGRATIONS = (
    "CREATE TABLE memo (key TEXT PRIMARY KEY, data TEXT NOT NULL, at REAL NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX memo_at ON memo (at)",
    "CREATE TABLE wishes (id INTEGER PRIMARY KEY CHECK (id = 1), data TEXT NOT NULL)",
)
_KEPT_S = 14 * 24 * 3600.0


def digest_database(home: Path) -> Database:
    """The digest's own file under `home`."""
    return Database(home / "digest.db", _MIGRATIONS)


class Memo:
    """Answers by what was asked, under one FINALE_HOME; they leave after two weeks."""

    def __init__(self, home: Path) -> None:
        self._database = digest_database(home)
        with self._database.transaction() as db:
            db.execute("DELETE FROM memo WHERE at<?", (time.time() - _KEPT_S,))

    def get(self, key: str) -> Answer | None:
        row = self._database.row("SELECT data FROM memo WHERE key=?", key)
        return Answer(**json.loads(row["data"])) if row else None

    def put(self, key: str, answer: Answer) -> None:
        data = json.dumps(answer.__dict__, ensure_ascii=False)
        with self._database.transaction() as db:
            db.execute("INSERT OR REPLACE INTO memo (key, data, at) VALUES (?,?,?)", (key, data, time.time()))

    def clear(self) -> None:
        with self._database.transaction() as db:
            db.execute("DELETE FROM memo")


@cache
def open_memo(home: Path) -> Memo:
    """The memo of `home`, one object a process."""
    return Memo(home)


def what_was_asked(*parts: Any) -> str:
    """A key that is the same only for the same question about the same words."""
    plain = json.dumps(parts, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()


class Remembering:
    """A run's context that also looks into the memo. Implements StepContext; `keys` gives each row's key by its id."""

    def __init__(self, context: StepContext, memo: Memo, keys: Mapping[str, str], fresh: bool) -> None:
        self._context = context
        self._memo = memo
        self._keys = keys
        self._fresh = fresh
        self.gateway: Gateway = context.gateway
        self.run: str = context.run
        self.lang: Lang = context.lang
        self.offline: bool = context.offline
        self.version: str = context.version
        self.purpose: Purpose = context.purpose
        self.ceiling: int | None = context.ceiling

    def emit(self, event: Event) -> None:
        self._context.emit(event)

    def cancelled(self) -> bool:
        return self._context.cancelled()

    def model_for(self, step: str) -> str:
        return self._context.model_for(step)

    def recall(self, step: str, slot: str) -> Answer | None:
        known = self._context.recall(step, slot)
        if known is None and not self._fresh and not self.offline and slot in self._keys:
            known = self._memo.get(self._keys[slot])
            if known is not None:
                known = Answer(**{**known.__dict__, "stored": True})
                self._context.remember(step, slot, known)
        return known

    def remember(self, step: str, slot: str, answer: Answer) -> None:
        if answer.by == "model" and slot in self._keys:
            self._memo.put(self._keys[slot], answer)
        self._context.remember(step, slot, answer)
