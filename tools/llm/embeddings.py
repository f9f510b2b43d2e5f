"""Texts to vectors through an OpenAI-compatible server: in batches, granted by the ledger, checked when they come back.

An embedding request counts like any other where the server is a metered account, and a model there must be free: that is
decided before anything is sent. The rules for failures are those of a question: what concerns the account ends it, a full
minute is waited for, what passes is tried again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tools.llm.call import Desk
from tools.llm.classify import Failure, classify, number
from tools.llm.errors import (
    Attempt,
    BadVectors,
    Cancelled,
    CostsMoney,
    KeyRejected,
    NoCredit,
    NoModel,
    PaidModel,
    PrivacyBlocked,
    QuestionTooLong,
    QuotaSpent,
    Unreachable,
)
from tools.llm.ledger import Grant, Purpose, day_end
from tools.llm.redact import redact
from tools.llm.text import whole_characters
from tools.llm.wire import Limits, tls

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Embedding", "bills"]

_TEXTS = 128
_CHARS = 64_000
_TRIES = 3
_BODY_BYTES = 128_000_000  # 128 vectors of 4,096 numbers written out are about 12 MB
_PASSING = frozenset({"busy", "model_cap", "provider", "timeout", "broken", "minute"})
_PAUSES = (1.0, 4.0)
_LONGEST_PAUSE = 20.0
_REJECTED_S = 300
_COSTS_S = 3_600
_BLANK = "."  # servers refuse an empty text


def bills(base_url: str) -> bool:
    """Whether `base_url` is OpenRouter, where a model that is not free costs money."""
    from urllib.parse import urlsplit

    try:
        host = urlsplit(base_url).hostname or ""
    except ValueError:
        return False
    return host == "openrouter.ai" or host.endswith(".openrouter.ai")


@dataclass(frozen=True)
class Embedding:
    """One request for vectors on its way. `metered`: the server counts requests, and its models may cost money."""

    desk: Desk
    model: str
    metered: bool
    purpose: Purpose
    run_id: str
    step: str
    cancelled: Callable[[], bool]

    @property
    def free(self) -> bool:
        """Whether using the model here costs nothing. A price of zero in a list is no proof: the suffix is."""
        return not self.metered or self.model.endswith(":free")

    def run(self, texts: Sequence[str]) -> np.ndarray:
        """(len(texts), dims) float32 as the server gave them, in the order of `texts`; equal texts are sent once.

        Raises:
            PaidModel: the model is not free; nothing was sent.
            BadVectors: not one vector of one length for each text.
            NoReply: one of its subclasses says why there are no vectors.
        """
        import numpy as np

        if not self.free:
            raise PaidModel(model=self.model, server=self.desk.base_url)
        plain = [whole_characters(text).strip() or _BLANK for text in texts]
        rows: dict[str, np.ndarray] = {}
        dims = 0
        for batch in _batches(list(dict.fromkeys(plain))):
            for text, vector in zip(batch, self._vectors(batch), strict=True):
                dims = dims or len(vector)
                if len(vector) != dims:
                    raise BadVectors(model=self.model, detail=f"{len(vector)} ≠ {dims}")
                rows[text] = np.asarray(vector, dtype=np.float32)
        return np.stack([rows[text] for text in plain]) if plain else np.zeros((0, 0), dtype=np.float32)

    def _vectors(self, batch: Sequence[str]) -> list[list[float]]:
        """The vectors of one batch, trying again what may pass."""
        attempts: list[Attempt] = []
        for number_of_try in range(_TRIES):
            try:
                return self._request(batch, tuple(attempts))
            except _Failed as failed:
                failure = failed.failure
                attempts.append(Attempt(self.model, failure.kind, failure.detail))
                if failure.kind not in _PASSING or number_of_try == _TRIES - 1:
                    break
                if failure.kind != "minute" or not self.metered:  # the ledger itself waits for the minute
                    self._pause(failure.retry_after, _PAUSES[number_of_try])
        last = attempts[-1]
        raise NoModel(detail=f"{self.model} {last.kind} {last.detail}".strip()[:300], attempts=tuple(attempts))

    def _request(self, batch: Sequence[str], attempts: tuple[Attempt, ...]) -> list[list[float]]:
        """One granted request; the ledger knows of it whatever becomes of it."""
        desk = self.desk
        tls()
        grant = self._granted()
        started = time.monotonic()
        try:
            body = _post(f"{desk.base_url}/embeddings", desk.secret(), self._body(batch), desk.limits, self.cancelled)
        except _Failed as failed:
            self._settle(grant, failed.failure.kind, {}, time.monotonic() - started, failed.failure)
            self._end(failed.failure, attempts)
            raise
        usage = body.get("usage") if isinstance(body.get("usage"), Mapping) else {}
        self._settle(grant, "ok", usage, time.monotonic() - started, None)
        cost = number(usage.get("cost"))
        if cost:
            desk.ledger.reject(desk.account, "costs", f"{self.model} {cost:.2g}", _COSTS_S)
            raise CostsMoney(model=self.model, cost=f"{cost:.2g}", attempts=attempts)
        return self._checked(body, len(batch))

    def _body(self, batch: Sequence[str]) -> dict[str, Any]:
        body: dict[str, Any] = {"model": self.model, "input": list(batch), "encoding_format": "float"}
        if bills(self.desk.base_url):
            body["provider"] = {"max_price": {"prompt": 0, "completion": 0}}
        return body

    def _checked(self, body: Mapping[str, Any], wanted: int) -> list[list[float]]:
        """The vectors of a reply in the order of their texts."""
        data = body.get("data")
        listed = [item for item in data if isinstance(item, Mapping)] if isinstance(data, list) else []
        if len(listed) != wanted:
            raise BadVectors(model=self.model, detail=f"{len(listed)} / {wanted}")
        if all(isinstance(item.get("index"), int) for item in listed):
            listed = sorted(listed, key=lambda item: item["index"])
            if [item["index"] for item in listed] != list(range(wanted)):
                raise BadVectors(model=self.model, detail="index")
        vectors = [item.get("embedding") for item in listed]
        for vector in vectors:
            if not isinstance(vector, list) or not vector or not all(_finite(value) for value in vector):
                raise BadVectors(model=self.model, detail="embedding")
        return vectors

    def _granted(self) -> Grant:
        """A grant, waiting for the minute window where need be.

        Raises:
            QuotaSpent, Cancelled
        """
        while True:
            if self.cancelled():
                raise Cancelled()
            grant = self.desk.ledger.reserve(
                self.desk.account,
                limited=self.metered,
                purpose=self.purpose,
                run=self.run_id,
                step=self.step,
                model=self.model,
            )
            if not grant.wait_until:
                return grant
            self.desk.sleep(min(max(grant.wait_until - self.desk.clock(), 0.05), 0.5))

    def _settle(
        self, grant: Grant, outcome: str, usage: Mapping[str, Any], seconds: float, failure: Failure | None
    ) -> None:
        self.desk.ledger.settle(
            grant,
            outcome,
            sent=failure.sent if failure else True,
            counted=failure is None or failure.kind not in ("key", "connect"),
            served=self.model,
            prompt_tokens=int(number(usage.get("prompt_tokens")) or 0),
            seconds=seconds,
        )

    def _end(self, failure: Failure, attempts: tuple[Attempt, ...]) -> None:
        """Raise what no further try would change."""
        desk = self.desk
        match failure.kind:
            case "cancelled":
                raise Cancelled()
            case "connect":
                raise Unreachable(server=redact(desk.base_url), detail=failure.detail, attempts=attempts)
            case "key":
                desk.ledger.reject(desk.account, "key", failure.detail, _REJECTED_S)
                raise KeyRejected(detail=failure.detail, attempts=attempts)
            case "credit":
                raise NoCredit(detail=failure.detail, attempts=attempts)
            case "privacy":
                raise PrivacyBlocked(attempts=attempts)
            case "too_long":
                raise QuestionTooLong(detail=failure.detail, attempts=attempts)
            case "day" if self.metered:
                desk.ledger.close_day(desk.account, limit=failure.limit)
                quota, until = desk.ledger.quota(desk.account, limited=True), day_end(desk.clock())
                when = time.strftime("%m/%d %H:%M", time.localtime(until))
                raise QuotaSpent(until=until, used=quota.used, limit=quota.limit, when=when, attempts=attempts)
            case "minute" if self.metered:
                now = desk.clock()
                until = failure.reset_at if failure.reset_at and now < failure.reset_at < now + 120 else now + 60
                desk.ledger.hold(desk.account, until, limit=failure.limit)

    def _pause(self, told: float | None, usual: float) -> None:
        left = min(told or usual, _LONGEST_PAUSE)
        while left > 0:
            if self.cancelled():
                raise Cancelled()
            self.desk.sleep(min(left, 0.5))
            left -= 0.5


class _Failed(Exception):
    """Raised when a request brought no vectors; never leaves this module."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.kind)
        self.failure = failure


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """`texts` in order, at most so many and so long together."""
    batch: list[str] = []
    size = 0
    for text in texts:
        if batch and (len(batch) == _TEXTS or size + len(text) > _CHARS):
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += len(text)
    if batch:
        yield batch


def _finite(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e30


def _post(
    url: str, key: str | None, body: Mapping[str, Any], limits: Limits, cancelled: Callable[[], bool]
) -> Mapping[str, Any]:
    """The JSON object that answers `body`, bounded in bytes and in time however slowly it drips.

    Raises:
        _Failed: anything but HTTP 200 with a JSON object that is no error.
    """
    import httpx2

    headers = {"Authorization": f"Bearer {key}"} if key else {}
    headers["X-OpenRouter-Title"] = "Finale"
    timeout = httpx2.Timeout(limits.first, connect=limits.connect)
    end, raw = time.monotonic() + limits.total, b""
    try:
        # Redirects are refused: the texts would be sent again, and elsewhere.
        with httpx2.Client(verify=tls(), timeout=timeout, follow_redirects=False) as client:
            with client.stream("POST", url, json=body, headers=headers) as answer:
                for part in answer.iter_bytes():
                    raw += part
                    if cancelled():
                        raise _Failed(Failure("cancelled"))
                    if len(raw) > _BODY_BYTES:
                        raise _Failed(Failure("provider", "the answer is too large"))
                    if time.monotonic() > end:
                        raise _Failed(Failure("timeout", f"total {limits.total:.0f} s"))
    except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
        raise _Failed(Failure("connect", _said(error, key), sent=False)) from None
    except httpx2.TimeoutException as error:
        raise _Failed(Failure("timeout", type(error).__name__)) from None
    except (httpx2.HTTPError, OSError) as error:
        raise _Failed(Failure("broken", _said(error, key))) from None
    status, read = answer.status_code, _read(raw)
    problem = read.get("error") if isinstance(read, Mapping) else None
    if status != 200 or problem:
        failure = classify(status, problem or {"message": f"HTTP {status}"}, dict(answer.headers), time.time())
        raise _Failed(replace(failure, detail=redact(failure.detail, key)[:300]))
    if not isinstance(read, Mapping):
        raise _Failed(Failure("provider", "the answer is no JSON object"))
    return read


def _read(raw: bytes) -> Any:
    try:
        return json.loads(raw.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return None


def _said(error: Exception, key: str | None) -> str:
    return redact(f"{type(error).__name__}: {error}", key)[:200]
