"""What an error of a model server means.

Status codes alone do not tell: four different 429s want four different answers, and errors also arrive inside HTTP 200.
The order of evidence is: status, `metadata.limit_source`, `availability.code`, `metadata.error_type`, the message text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["ACCOUNT_KINDS", "Failure", "classify", "number"]

# Kinds that concern the account: no other model would help.
ACCOUNT_KINDS = frozenset({"day", "minute", "key", "credit"})


@dataclass(frozen=True)
class Failure:
    """One failed request. `kind` is one of the why_* words of messages.yaml, or day, minute, key, credit, connect.

    `reset_at` (Unix seconds) and `limit` come with rate limits where the server says them; `retry_after` is in seconds.
    `model` is the slug the error names, if it names one. `capability` says what a model lacks ("schema", "object").
    `refused`: the server said no by HTTP status, after all models it was offered; `earlier` has the failures before the
    last one as (model, kind), where it tells them.
    """

    kind: str
    detail: str = ""
    status: int = 0
    model: str = ""
    reset_at: float | None = None
    limit: int | None = None
    retry_after: float | None = None
    capability: str = ""
    sent: bool = True
    refused: bool = False
    earlier: tuple[tuple[str, str], ...] = ()


def classify(
    status: int,
    error: Mapping[str, Any] | str | None,
    headers: Mapping[str, str] | None = None,
    now: float = 0.0,
) -> Failure:
    """The Failure behind an HTTP status (or the code inside a 200) and an error body. Never raises."""
    body = error if isinstance(error, Mapping) else {"message": str(error or "")}
    meta = body.get("metadata") if isinstance(body.get("metadata"), Mapping) else {}
    message = str(body.get("message") or "")
    raw = meta.get("raw")
    text = f"{message} {raw if isinstance(raw, str) else ''}".strip()
    code = _code(body, status)
    hints = {str(k).lower(): v for k, v in {**(headers or {}), **_mapping(meta.get("headers"))}.items()}
    common = {
        "detail": text,
        "status": code,
        "model": str(meta.get("model_slug") or ""),
        "earlier": _earlier(meta.get("previous_errors")),
        "retry_after": number(meta.get("retry_after_seconds") or hints.get("retry-after")),
    }
    if code == 429:
        return _rate_limit(text, str(meta.get("limit_source") or ""), hints, common, now)
    availability = str(_mapping(body.get("availability")).get("code") or "")
    source = str(meta.get("limit_source") or "")
    return Failure(**_other(code, text, availability, str(meta.get("error_type") or ""), source), **common)


def _rate_limit(text: str, source: str, hints: Mapping[str, Any], common: dict[str, Any], now: float) -> Failure:
    limit = number(hints.get("x-ratelimit-limit"))
    reset = _reset(hints.get("x-ratelimit-reset"), now)
    facts = {**common, "limit": int(limit) if limit else None, "reset_at": reset}
    if "daily" in source or "free-models-per-day" in text:
        return Failure("day", **facts)
    if "per_minute" in source or "free-models-per-min" in text:
        return Failure("minute", **facts)
    if hints.get("x-ratelimit-remaining") in (0, "0") and reset is not None:
        # A platform's own limit that does not say which: the day ends at midnight UTC, the minute within a minute.
        if reset - now > 120 and reset % 86_400 == 0:
            return Failure("day", **facts)
        if reset - now <= 120:
            return Failure("minute", **facts)
    if "limit_rpm" in text or "High demand" in text:
        return Failure("model_cap", **common)
    return Failure("busy", **common)


def _other(code: int, text: str, availability: str, error_type: str, source: str) -> dict[str, str]:
    lower = text.lower()
    if code == 401:
        return {"kind": "key"}
    if code == 402:
        return {"kind": "busy" if "in_flight" in source or "in-flight" in lower else "credit"}
    if code == 403:
        if "moderation" in lower or "flagged" in lower or "guardrail" in lower or error_type == "moderation":
            return {"kind": "moderated"}
        return {"kind": "forbidden"}
    if "data policy" in lower or "privacy" in lower or availability == "privacy_restricted":
        return {"kind": "privacy"}
    if code in (400, 404):
        if "support tool use" in lower or "image input" in lower or "output modalities" in lower:
            return {"kind": "capability"}
        if "requested parameters" in lower or "response_format" in lower or "json_schema" in lower:
            return {"kind": "capability", "capability": "object" if "json_object" in lower else "schema"}
        if "context length" in lower or "context_length" in lower or error_type == "context_length_exceeded":
            return {"kind": "too_long"}
        if "not a valid model" in lower or availability == "model_not_found":
            return {"kind": "invalid_model"}
        if "unavailable for free" in lower or "no endpoints found" in lower or code == 404:
            return {"kind": "gone"}
        return {"kind": "bad_request"}
    if code == 413:
        return {"kind": "too_long"}
    if code == 422:
        return {"kind": "bad_request"}
    if code in (408, 504, 524):
        return {"kind": "timeout"}
    if code >= 500:
        return {"kind": "provider"}
    return {"kind": "unknown"}


def _code(body: Mapping[str, Any], status: int) -> int:
    """The code inside the body wins: HTTP says 200 for a failure that came after the headers."""
    code = body.get("code")
    if isinstance(code, str) and re.fullmatch(r"\d{3}", code):
        code = int(code)
    if isinstance(code, int) and 400 <= code < 600:
        return code
    return status if status >= 400 else 500


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _earlier(value: Any) -> tuple[tuple[str, str], ...]:
    rows = [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
    told = [(row.get("model"), {"code": row.get("code"), "message": row.get("message")}) for row in rows]
    return tuple((str(model or ""), classify(500, error).kind) for model, error in told)


def number(value: Any) -> float | None:
    """A number that is finite and not negative, or None, whatever a server sent."""
    try:
        read = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return read if 0 <= read < 1e15 else None  # beyond that it is noise, and no database column takes it


def _reset(value: Any, now: float) -> float | None:
    """A reset stamp in Unix seconds; servers send milliseconds, seconds, or seconds from now."""
    stamp = number(value)
    if stamp is None:
        return None
    if stamp > 1e11:
        return stamp / 1000
    return stamp if stamp > 1e9 else now + stamp
