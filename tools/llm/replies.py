"""Replies that were paid for, kept so that the same question is never paid for twice."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from tools.llm.errors import Attempt
from tools.llm.ledger import Ledger

__all__ = ["Reply", "ReplyStore", "question_key"]

_KEEP_S = 30 * 86_400


@dataclass(frozen=True)
class Reply:
    """What a model answered. `value` is the parsed answer when a type was wanted (a plain dict or list, JSON-ready).

    `model` is the one that really served it, `asked` the one that was asked first. `cut` is True when the text broke off.
    `requests` counts what this answer cost; 0 when it was stored before. Times are seconds, without waiting for the quota.
    """

    text: str
    model: str
    asked: str
    provider: str = ""
    value: Any = None
    finish_reason: str = "stop"
    cut: bool = False
    stored: bool = False
    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    first_token_s: float | None = None
    seconds: float | None = None
    attempts: tuple[Attempt, ...] = field(default_factory=tuple)


def question_key(parts: dict[str, Any]) -> str:
    """The identity of a question: a hash over everything that shapes its answer. `parts` must be JSON-ready."""
    canonical = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


class ReplyStore:
    """Replies by question key, in the ledger's file: what is paid for and what it bought stand in one place."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def get(self, key: str) -> Reply | None:
        row = self._ledger.database.row(
            "SELECT reply FROM replies WHERE key=? AND at>?", key, self._ledger.clock() - _KEEP_S
        )
        if row is None:
            return None
        try:
            kept = json.loads(row["reply"])
            attempts = tuple(Attempt(**attempt) for attempt in kept.pop("attempts", ()))
            reply = Reply(**kept, attempts=attempts)
        except (ValueError, TypeError, AttributeError):
            return None  # written by another version: ask again rather than fail
        return replace(reply, stored=True, requests=0)

    def put(self, key: str, reply: Reply) -> None:
        """Store `reply`; on return it is on disk."""
        with self._ledger.database.transaction() as db:
            db.execute("DELETE FROM replies WHERE at<=?", (self._ledger.clock() - _KEEP_S,))
            db.execute(
                "INSERT OR REPLACE INTO replies (key, at, reply) VALUES (?,?,?)",
                (key, self._ledger.clock(), json.dumps(asdict(reply), ensure_ascii=False)),
            )
