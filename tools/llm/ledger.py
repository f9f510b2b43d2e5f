"""The quota ledger: one truth about an account's free requests for every process on this machine.

A request is granted before it is sent, inside one SQLite write transaction, so that processes that compete can never
overdraw together. A row that was granted and never settled (the process was killed) stays counted: the server may have
seen it. Failed requests count, as they do on the server; only what certainly never reached it is given back.

Windows: 20 requests in any 60 s and a number a day, days changing at 00:00 UTC. The sliding window is kept a little wider
than the server's, because two requests granted 60 s apart may arrive closer together.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from tools.llm.errors import QuotaSpent
from tools.storage import Database

__all__ = ["Grant", "Ledger", "Purpose", "Quota", "account_id", "day_end"]

Purpose = Literal["interactive", "background"]

_MINUTE = 61.0  # seconds; the server's window is 60
_DAILY_DEFAULT = 50
_MINUTE_DEFAULT = 20
_DAY = 86_400
# What a purpose must leave for others: (share of the day, share of the minute). A person who is waiting may use all;
# a long job in the background must not starve them.
_LEAVES = {"interactive": (0.0, 0.0), "background": (0.2, 0.25)}

_MIGRATIONS = (
    """
    CREATE TABLE requests (
        id INTEGER PRIMARY KEY, account TEXT NOT NULL, at REAL NOT NULL, day TEXT NOT NULL, purpose TEXT NOT NULL,
        run TEXT NOT NULL, step TEXT NOT NULL, model TEXT NOT NULL, outcome TEXT NOT NULL DEFAULT 'pending',
        counted INTEGER NOT NULL DEFAULT 1, sent INTEGER NOT NULL DEFAULT 1,
        served TEXT NOT NULL DEFAULT '', provider TEXT NOT NULL DEFAULT '',
        prompt_tokens INTEGER NOT NULL DEFAULT 0, completion_tokens INTEGER NOT NULL DEFAULT 0,
        first_token_s REAL, seconds REAL
    );
    CREATE INDEX requests_account ON requests (account, at);
    CREATE INDEX requests_run ON requests (run);
    CREATE TABLE accounts (
        account TEXT PRIMARY KEY, daily_limit INTEGER, minute_limit INTEGER,
        seen_used INTEGER, seen_day TEXT, seen_at REAL,
        held_until REAL NOT NULL DEFAULT 0, rejected_until REAL NOT NULL DEFAULT 0, rejected_why TEXT NOT NULL DEFAULT ''
    );
    CREATE TABLE health (
        server TEXT NOT NULL, model TEXT NOT NULL, cooling_until REAL NOT NULL DEFAULT 0, streak INTEGER NOT NULL DEFAULT 0,
        wins INTEGER NOT NULL DEFAULT 0, losses INTEGER NOT NULL DEFAULT 0, last_ok REAL, last_fail REAL,
        last_why TEXT NOT NULL DEFAULT '', lacks TEXT NOT NULL DEFAULT '', PRIMARY KEY (server, model)
    );
    CREATE TABLE replies (
        key TEXT PRIMARY KEY, at REAL NOT NULL, reply TEXT NOT NULL
    )
    """,
    "ALTER TABLE accounts ADD COLUMN rejected_code TEXT NOT NULL DEFAULT 'key'",
    """
    ALTER TABLE accounts ADD COLUMN closed_day TEXT;
    ALTER TABLE accounts ADD COLUMN closed_limit INTEGER NOT NULL DEFAULT 0
    """,
    # What replies were like, the newest few of each model: how fast, in which script, in the wanted form or not.
    """
    CREATE TABLE traits (
        id INTEGER PRIMARY KEY, server TEXT NOT NULL, model TEXT NOT NULL, at REAL NOT NULL,
        first_text_s REAL, tokens_s REAL, leak INTEGER, formed INTEGER
    );
    CREATE INDEX traits_model ON traits (server, model, id)
    """,
)


def account_id(base_url: str, key: str | None) -> str:
    """A name for the account that cannot be turned back into the key."""
    return hashlib.sha256(f"{base_url}\n{key or ''}".encode()).hexdigest()[:16]


def day_of(at: float) -> str:
    """The UTC day that `at` (Unix seconds) falls in, as YYYY-MM-DD."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


def day_end(at: float) -> float:
    """The next 00:00 UTC after `at`, in Unix seconds."""
    return (int(at) // _DAY + 1) * _DAY


@dataclass(frozen=True)
class Quota:
    """What is left. `limited` is False for a server of one's own: then the numbers only say what was used."""

    limited: bool
    limit: int
    used: int
    resets_at: float
    minute_limit: int
    minute_used: int
    confirmed_at: float | None

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)

    def kept_from(self, purpose: Purpose) -> int:
        """How many of a day's requests are not for `purpose`: what a background job leaves to people who wait."""
        return round(self.limit * _LEAVES[purpose][0])

    def left_for(self, purpose: Purpose) -> int:
        """Requests of today that `purpose` may still take."""
        return max(0, self.remaining - self.kept_from(purpose))


@dataclass(frozen=True)
class Grant:
    """Permission for one request. `wait_until` is set instead when the minute is full: ask again then."""

    id: int = 0
    wait_until: float = 0.0


class Ledger:
    """The requests of this machine. `clock` gives Unix seconds (tests move it).

    The file also holds what is learnt from these requests: model health and stored replies (see health.py, replies.py).
    """

    def __init__(self, home: Path, clock: Callable[[], float] = time.time, per_minute: int = _MINUTE_DEFAULT) -> None:
        self.per_minute = per_minute  # the most a minute may ever take; a server may tell less, never more
        self.database = Database(home / "ledger.db", _MIGRATIONS, durable=True)
        self.clock = clock

    def reserve(self, account: str, *, limited: bool, purpose: Purpose, run: str, step: str, model: str) -> Grant:
        """One request of `account`, granted and counted before it is sent.

        `purpose` decides how much must be left for others: "interactive" may use all, "background" leaves a fifth of the
        day and a quarter of the minute to people who wait.

        Returns a Grant whose `wait_until` is set when the minute's allowance is used: nothing was counted then.

        Raises:
            QuotaSpent: the day's allowance is used, or what is left of it is kept for others.
        """
        with self.database.transaction() as db:
            now = self.clock()
            if limited:
                quota = self._quota(db, account, now)
                minute = _LEAVES[purpose][1]
                if not quota.left_for(purpose):
                    raise QuotaSpent(
                        code="quota_kept" if quota.remaining else "quota_spent",
                        until=quota.resets_at,
                        used=quota.used,
                        limit=quota.limit,
                        remaining=quota.remaining,
                        when=_local(quota.resets_at),
                    )
                most = max(1, quota.minute_limit - round(quota.minute_limit * minute))
                wait = self._minute_free_at(db, account, now, most)
                if wait > now:
                    return Grant(wait_until=wait)
            cursor = db.execute(
                "INSERT INTO requests (account, at, day, purpose, run, step, model) VALUES (?,?,?,?,?,?,?)",
                (account, now, day_of(now), purpose, run, step, model),
            )
            return Grant(id=int(cursor.lastrowid or 0))

    def settle(
        self,
        grant: Grant,
        outcome: str,
        *,
        sent: bool = True,
        counted: bool = True,
        served: str = "",
        provider: str = "",
        prompt_tokens: int = 0,
        completion_tokens: int = 0,
        first_token_s: float | None = None,
        seconds: float | None = None,
    ) -> None:
        """Write what became of a granted request. `sent=False`: it certainly never reached the server."""
        with self.database.transaction() as db:
            db.execute(
                "UPDATE requests SET outcome=?, sent=?, counted=?, served=?, provider=?, prompt_tokens=?,"
                " completion_tokens=?, first_token_s=?, seconds=? WHERE id=?",
                (
                    outcome, int(sent), int(counted and sent), served, provider, prompt_tokens,
                    completion_tokens, first_token_s, seconds, grant.id,
                ),
            )  # fmt: skip

    def observe(self, account: str, *, used: int | None = None, limit: int | None = None) -> None:
        """Take over the server's own count for today. Ours is only ever raised by it, since it may be a minute old."""
        now = self.clock()
        with self.database.transaction() as db:
            self._touch(db, account)
            if limit is not None and limit > 0:
                db.execute("UPDATE accounts SET daily_limit=? WHERE account=?", (limit, account))
            if used is not None:
                known = self._quota(db, account, now).used
                db.execute(
                    "UPDATE accounts SET seen_used=?, seen_day=?, seen_at=? WHERE account=?",
                    (max(used, known), day_of(now), now, account),
                )

    def close_day(self, account: str, *, limit: int | None = None) -> None:
        """The server said that the day is spent: nothing more is granted before the next 00:00 UTC."""
        now = self.clock()
        with self.database.transaction() as db:
            self._touch(db, account)
            row = db.execute("SELECT closed_day, closed_limit FROM accounts WHERE account=?", (account,)).fetchone()
            before = row["closed_limit"] if row["closed_day"] == day_of(now) else 0
            closed = max(before, self._limit(db, account), limit or 0)
            if limit:
                db.execute("UPDATE accounts SET daily_limit=? WHERE account=?", (limit, account))
            full = max(self._limit(db, account), self._own_today(db, account, now))
            db.execute(
                "UPDATE accounts SET seen_used=?, seen_day=?, seen_at=?, closed_day=?, closed_limit=? WHERE account=?",
                (full, day_of(now), now, day_of(now), closed, account),
            )

    def hold(self, account: str, until: float, *, limit: int | None = None) -> None:
        """The server said that the minute is full: grant nothing before `until` (Unix seconds)."""
        with self.database.transaction() as db:
            self._touch(db, account)
            db.execute("UPDATE accounts SET held_until=max(held_until, ?) WHERE account=?", (until, account))
            if limit:
                stricter = max(1, min(limit, self.per_minute))
                db.execute("UPDATE accounts SET minute_limit=? WHERE account=?", (stricter, account))

    def reject(self, account: str, code: Literal["key", "privacy", "costs"], why: str, seconds: float) -> None:
        """Remember that the server refuses this account, so that the next steps do not ask in vain for `seconds`."""
        with self.database.transaction() as db:
            self._touch(db, account)
            db.execute(
                "UPDATE accounts SET rejected_until=?, rejected_code=?, rejected_why=? WHERE account=?",
                (self.clock() + seconds, code, why, account),
            )

    def rejected(self, account: str) -> tuple[str, str] | None:
        """Code and words of a refusal of the whole account, while that is recent; None otherwise."""
        row = self.database.row(
            "SELECT rejected_until, rejected_code, rejected_why FROM accounts WHERE account=?", account
        )
        return (row["rejected_code"], row["rejected_why"]) if row and row["rejected_until"] > self.clock() else None

    def quota(self, account: str, *, limited: bool) -> Quota:
        """What the account has used and has left now."""
        with self.database.transaction() as db:
            quota = self._quota(db, account, self.clock())
        return quota if limited else Quota(**{**quota.__dict__, "limited": False})

    def requests_of(self, run: str) -> int:
        """Remote requests that this run has sent, over all its resumptions."""
        row = self.database.row("SELECT count(*) AS n FROM requests WHERE run=? AND sent=1", run)
        return int(row["n"]) if row else 0

    def _quota(self, db, account: str, now: float) -> Quota:  # noqa: ANN001 (sqlite3.Connection, private)
        row = db.execute("SELECT * FROM accounts WHERE account=?", (account,)).fetchone()
        used = self._own_today(db, account, now)
        confirmed = None
        if row and row["seen_day"] == day_of(now) and row["seen_used"] is not None:
            confirmed = row["seen_at"]
            since = db.execute(
                "SELECT count(*) FROM requests WHERE account=? AND counted=1 AND day=? AND at>?",
                (account, day_of(now), confirmed),
            ).fetchone()[0]
            used = max(used, row["seen_used"] + since)
        minute = db.execute(
            "SELECT count(*) FROM requests WHERE account=? AND sent=1 AND at>? AND at<?",
            (account, now - _MINUTE, now + _MINUTE),
        ).fetchone()[0]
        limit = (row and row["daily_limit"]) or _DAILY_DEFAULT
        if row and row["closed_day"] == day_of(now) and limit <= row["closed_limit"]:
            used = max(used, limit)  # the server closed the day; only a limit it did not know of then opens it again
        return Quota(
            limited=True,
            limit=limit,
            used=used,
            resets_at=day_end(now),
            minute_limit=(row and row["minute_limit"]) or self.per_minute,
            minute_used=minute,
            confirmed_at=confirmed,
        )

    def _minute_free_at(self, db, account: str, now: float, limit: int) -> float:  # noqa: ANN001
        row = db.execute("SELECT held_until FROM accounts WHERE account=?", (account,)).fetchone()
        # What lies further ahead than a minute was written before the machine's clock was set back.
        held = row["held_until"] if row and row["held_until"] <= now + 2 * _MINUTE else 0.0
        times = db.execute(
            "SELECT at FROM requests WHERE account=? AND sent=1 AND at>? AND at<? ORDER BY at DESC LIMIT ?",
            (account, now - _MINUTE, now + _MINUTE, limit),
        ).fetchall()
        full = times[-1]["at"] + _MINUTE if len(times) >= limit else 0.0
        return max(held, full)

    def _own_today(self, db, account: str, now: float) -> int:  # noqa: ANN001
        return db.execute(
            "SELECT count(*) FROM requests WHERE account=? AND counted=1 AND day=?", (account, day_of(now))
        ).fetchone()[0]

    def _limit(self, db, account: str) -> int:  # noqa: ANN001
        row = db.execute("SELECT daily_limit FROM accounts WHERE account=?", (account,)).fetchone()
        return (row and row["daily_limit"]) or _DAILY_DEFAULT

    def _touch(self, db, account: str) -> None:  # noqa: ANN001
        db.execute("INSERT OR IGNORE INTO accounts (account) VALUES (?)", (account,))


def _local(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().strftime("%m/%d %H:%M")
