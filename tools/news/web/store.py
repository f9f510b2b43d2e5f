"""What is remembered between runs: pages with their validators, robots.txt, and who asked to be left alone (`web.db`).

A cache, so nothing here may stop a run: where the file cannot be used, `trouble` says why and all is forgotten at once.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tools.news.web.robots import AiInput
from tools.storage import Database, StorageError

__all__ = ["Kept", "KeptRobots", "WebStore"]

_MIGRATIONS = (
    """
    CREATE TABLE pages (url TEXT PRIMARY KEY, at REAL NOT NULL, fresh_until REAL NOT NULL, content_type TEXT NOT NULL,
        headers TEXT NOT NULL, size INTEGER NOT NULL, ai_input TEXT NOT NULL, body BLOB NOT NULL);
    CREATE INDEX pages_at ON pages (at);
    CREATE TABLE robots (origin TEXT PRIMARY KEY, at REAL NOT NULL, body BLOB NOT NULL);
    CREATE TABLE waits (origin TEXT PRIMARY KEY, until REAL NOT NULL)
    """,
)
_KEEP_S = 14 * 86_400
_KEEP_ROBOTS_S = 30 * 86_400
_MOST_BYTES = 200_000_000
_LEVEL = 1


@dataclass(frozen=True)
class Kept:
    """A page as it was last sent in full. `fresh_until` (Unix seconds): until then it need not be asked again."""

    url: str
    at: float
    fresh_until: float
    content_type: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    ai_input: AiInput = "unknown"


@dataclass(frozen=True)
class KeptRobots:
    """A robots.txt as it was last had; "" where the site has none."""

    at: float
    body: str


class WebStore:
    """The cache under `home`. Only complete 200 answers come in here; times are Unix seconds given by the caller."""

    def __init__(self, home: Path, now: float) -> None:
        self.trouble: StorageError | None = None
        self._database: Database | None = None
        with self._forgiving():
            self._database = Database(home / "web.db", _MIGRATIONS)
            self._prune(now)

    def page(self, url: str) -> Kept | None:
        with self._forgiving():
            row = self._database and self._database.row("SELECT * FROM pages WHERE url=?", url)
            if row:
                try:
                    headers, body = json.loads(row["headers"]), zlib.decompress(row["body"])
                except (ValueError, zlib.error):
                    return None  # written by another version: fetch it again
                return Kept(url, row["at"], row["fresh_until"], row["content_type"], body, headers, row["ai_input"])
        return None

    def keep(self, page: Kept) -> None:
        """Remember `page`; the answer before it is replaced."""
        packed = zlib.compress(page.body, _LEVEL)
        row = (
            page.url,
            page.at,
            page.fresh_until,
            page.content_type,
            json.dumps(page.headers),
            len(packed),
            page.ai_input,
            packed,
        )
        self._write("INSERT OR REPLACE INTO pages VALUES (?,?,?,?,?,?,?,?)", *row)

    def confirm(self, url: str, at: float, fresh_until: float) -> None:
        """The server said that the page is unchanged."""
        self._write("UPDATE pages SET at=?, fresh_until=? WHERE url=?", at, fresh_until, url)

    def forget(self, url: str) -> None:
        self._write("DELETE FROM pages WHERE url=?", url)

    def robots(self, origin: str) -> KeptRobots | None:
        with self._forgiving():
            row = self._database and self._database.row("SELECT at, body FROM robots WHERE origin=?", origin)
            if row:
                try:
                    return KeptRobots(row["at"], zlib.decompress(row["body"]).decode("utf-8", "replace"))
                except zlib.error:
                    return None
        return None

    def keep_robots(self, origin: str, robots: KeptRobots) -> None:
        body = zlib.compress(robots.body.encode("utf-8", "replace"), _LEVEL)
        self._write("INSERT OR REPLACE INTO robots VALUES (?,?,?)", origin, robots.at, body)

    def wait(self, origin: str) -> float:
        """Until when (Unix seconds) `origin` asked to be left alone; 0 where it did not."""
        with self._forgiving():
            row = self._database and self._database.row("SELECT until FROM waits WHERE origin=?", origin)
            return float(row["until"]) if row else 0.0
        return 0.0

    def keep_wait(self, origin: str, until: float) -> None:
        self._write("INSERT OR REPLACE INTO waits VALUES (?,?)", origin, until)

    def close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def _write(self, sql: str, *params: object) -> None:
        with self._forgiving():
            if self._database is not None:
                with self._database.transaction() as db:
                    db.execute(sql, params)

    def _prune(self, now: float) -> None:
        assert self._database is not None
        with self._database.transaction() as db:
            db.execute("DELETE FROM pages WHERE at<?", (now - _KEEP_S,))
            db.execute("DELETE FROM robots WHERE at<?", (now - _KEEP_ROBOTS_S,))
            db.execute("DELETE FROM waits WHERE until<?", (now,))
            total = db.execute("SELECT coalesce(sum(size), 0) FROM pages").fetchone()[0]
            for row in db.execute("SELECT url, size FROM pages ORDER BY at").fetchall() if total > _MOST_BYTES else ():
                db.execute("DELETE FROM pages WHERE url=?", (row["url"],))
                total -= row["size"]
                if total <= _MOST_BYTES:
                    break

    @contextmanager
    def _forgiving(self) -> Iterator[None]:
        try:
            yield
        except StorageError as error:
            self.trouble = self.trouble or error
            self.close()
