"""What was read, kept for a while on this machine: found again by a word, deleted one by one or all at once."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from tools.chinese import fold
from tools.news.model import Article
from tools.storage import Database

__all__ = ["Archive", "Kept"]

KEEP_DAYS = 30
_MOST_TEXT = 60_000
# Beside other tables of this room in the same file, so not through Database's numbered migrations.
_TABLES = (
    "CREATE TABLE IF NOT EXISTS archive (id TEXT PRIMARY KEY, seen_at REAL NOT NULL, searched TEXT NOT NULL, "
    "data TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS archive_seen ON archive (seen_at)",
)


@dataclass(frozen=True)
class Kept:
    """An article of the archive and when it was last read, in Unix seconds."""

    article: Article
    seen_at: float


class Archive:
    """The articles under `home`; those not read again for `keep_days` leave."""

    def __init__(self, home: Path, *, keep_days: int = KEEP_DAYS, clock: Callable[[], float] = time.time) -> None:
        self._database = Database(home / "news.db", ())
        self._keep_s = keep_days * 86_400.0
        self._clock = clock
        with self._database.transaction() as db:
            for table in _TABLES:
                db.execute(table)

    def close(self) -> None:
        self._database.close()

    def put(self, articles: Iterable[Article]) -> None:
        """Keep articles; one that is there is replaced. Those past their time leave."""
        now = self._clock()
        rows = []
        for article in articles:
            data = {**asdict(article), "text": article.text[:_MOST_TEXT]}
            data["published"] = article.published.isoformat() if article.published else ""
            searched = fold(f"{article.title}\n{article.source}\n{article.author}\n{article.text[:_MOST_TEXT]}")
            rows.append((article.id, now, searched, json.dumps(data, ensure_ascii=False)))
        with self._database.transaction() as db:
            db.executemany("INSERT OR REPLACE INTO archive (id, seen_at, searched, data) VALUES (?,?,?,?)", rows)
            db.execute("DELETE FROM archive WHERE seen_at<?", (now - self._keep_s,))

    def search(self, words: str = "", limit: int = 50) -> list[Kept]:
        """Articles that hold all of `words` (either script, either case), the newest reading first."""
        wanted = fold(words).split()[:20]
        where = " AND ".join(["seen_at>=?", *("instr(searched, ?)>0" for _ in wanted)])
        rows = self._database.rows(
            f"SELECT seen_at, data FROM archive WHERE {where} ORDER BY seen_at DESC, id LIMIT ?",
            self._clock() - self._keep_s,
            *wanted,
            limit,
        )
        return [Kept(_article(row["data"]), row["seen_at"]) for row in rows]

    def get(self, id: str) -> Kept | None:
        """One article, None if it is not here (any more)."""
        row = self._database.row("SELECT seen_at, data FROM archive WHERE id=?", id)
        return Kept(_article(row["data"]), row["seen_at"]) if row else None

    def delete(self, id: str) -> bool:
        """Delete one article; whether it was there."""
        with self._database.transaction() as db:
            return db.execute("DELETE FROM archive WHERE id=?", (id,)).rowcount > 0

    def clear(self) -> int:
        """Delete all of them; how many there were."""
        with self._database.transaction() as db:
            return db.execute("DELETE FROM archive").rowcount

    def __len__(self) -> int:
        row = self._database.row("SELECT count(*) AS n FROM archive WHERE seen_at>=?", self._clock() - self._keep_s)
        return int(row["n"]) if row else 0


def _article(data: str) -> Article:
    fields = json.loads(data)
    published = datetime.fromisoformat(fields.pop("published")) if fields["published"] else None
    fields.pop("published", None)
    return Article(**{**fields, "notes": tuple(fields["notes"])}, published=published)
