"""Which free models exist now: the server's own list, kept on disk, with a dated list in the repository as last resort.

Free models come and go every few days, so nothing here names one. Three states are told apart: `live` (fetched within
the hour), `kept` (the last good copy, when the server cannot be reached) and `seed` (what ships with Finale).
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from tools.llm.fetch import FetchFailed, fetch_json
from tools.llm.ledger import account_id
from tools.llm.model import Model, parse_model, same_model

__all__ = ["Catalogue", "Listing"]

_FRESH_S = 3_600
_RETRY_S = 60  # after a failed fetch, leave the server alone this long
_LIMIT_BYTES = 16_000_000
_SEED = Path(__file__).with_name("seed_models.json")


@dataclass(frozen=True)
class Listing:
    """The models of one server at one time. `priced` is False for a server that lists no prices: it is one's own."""

    models: tuple[Model, ...]
    fetched_at: float
    state: Literal["live", "kept", "seed"]
    priced: bool
    error: str = ""

    @property
    def free(self) -> tuple[Model, ...]:
        return tuple(model for model in self.models if model.free)

    def find(self, model_id: str) -> Model | None:
        return next((model for model in self.models if model.id == model_id), None)

    def serving(self, served: str) -> Model | None:
        """The listed model that a reply names; replies may carry a dated form of its id."""
        if not served:
            return None
        return self.find(served) or next((model for model in self.models if same_model(served, model.id)), None)

    @property
    def date(self) -> str:
        return datetime.fromtimestamp(self.fetched_at).astimezone().strftime("%Y-%m-%d %H:%M")


class Catalogue:
    """The list of one server, shared by the processes of this machine through a file in FINALE_HOME."""

    def __init__(
        self, home: Path, base_url: str, key: str | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._base_url = base_url
        self._key = key
        self._clock = clock
        # Named after the server alone: the list is public and the same for every key.
        self._path = home / "cache" / f"models-{account_id(base_url, None)}.json"
        self._lock = threading.Lock()
        self._listing: Listing | None = None
        self._failed_at = 0.0
        self._answered = False

    def listing(self, *, refresh: bool = False, offline: bool = False) -> Listing:
        """The current list. `refresh` asks the server even when the copy is fresh; `offline` never asks it."""
        with self._lock:
            now = self._clock()
            kept = self._listing or self._read_kept()
            if kept and not refresh and abs(now - kept.fetched_at) < _FRESH_S:  # a clock may have been set back
                self._listing = kept
                return kept
            error = ""
            if not offline and (refresh or now - self._failed_at > _RETRY_S):
                try:
                    self._listing = self._fetch(now)
                    return self._listing
                except _FetchError as failure:
                    error = str(failure)
                    self._failed_at, self._answered = now, failure.answered
            if kept:
                return Listing(kept.models, kept.fetched_at, "kept", kept.priced, error)
            return self._seed(error)

    @property
    def unreachable(self) -> bool:
        """True while the last attempt to fetch the list, made moments ago, found no server that could answer questions.

        A server that is there but cannot give its list just now may still answer them.
        """
        return not self._answered and self._failed_at > 0 and self._clock() - self._failed_at < _RETRY_S

    def _fetch(self, now: float) -> Listing:
        try:
            body = fetch_json(f"{self._base_url}/models", self._key, limit=_LIMIT_BYTES)
        except FetchFailed as failure:
            raise _FetchError(str(failure), answered=failure.answered) from None
        try:
            listing = _parse(body, now, "live", now)
        except _FetchError as failure:
            raise _FetchError(str(failure), answered=True) from None
        self._failed_at = 0.0
        self._keep(body, now)
        return listing

    def _keep(self, body: Any, now: float) -> None:
        """Write the good copy; a disk that refuses costs only the copy."""
        document = {"fetched_at": now, "body": body}
        draft = self._path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
            draft.replace(self._path)
        except OSError:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)

    def _read_kept(self) -> Listing | None:
        try:
            document = json.loads(self._path.read_text(encoding="utf-8"))
            return _parse(document["body"], float(document["fetched_at"]), "live", self._clock())
        except (OSError, ValueError, KeyError, TypeError, RecursionError, _FetchError):
            return None  # none yet, or damaged: it is only a copy

    def _seed(self, error: str) -> Listing:
        document = json.loads(_SEED.read_text(encoding="utf-8"))
        fetched = datetime.fromisoformat(document["fetched_at"]).replace(tzinfo=UTC).timestamp()
        listing = _parse(document, fetched, "seed", self._clock())
        return Listing(listing.models, fetched, "seed", True, error)


class _FetchError(Exception):
    """Raised when the list cannot be had or read; never leaves this module. `answered`: a server was there, and busy."""

    def __init__(self, why: str, *, answered: bool = False) -> None:
        super().__init__(why)
        self.answered = answered


def _parse(body: Any, fetched_at: float, state: Literal["live", "kept", "seed"], now: float) -> Listing:
    listed = body.get("data") if isinstance(body, dict) else None
    if not isinstance(listed, list):
        raise _FetchError("the answer holds no list of models")
    rows = [row for row in listed if isinstance(row, dict)]
    priced = any("pricing" in row for row in rows)
    models = []
    for row in rows:
        try:
            # Where others have a price, a row without one is not one's own server's: its price is unknown.
            model = parse_model({"pricing": None, **row} if priced else row, now)
        except (TypeError, ValueError, AttributeError, OverflowError):
            continue  # one malformed row must not hide the others
        if model:
            models.append(model)
    if not models:
        raise _FetchError("the list of models is empty")
    return Listing(tuple(models), fetched_at, state, priced)
