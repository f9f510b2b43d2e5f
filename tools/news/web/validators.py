"""HTTP's words about time and sameness: ETag, Last-Modified, Cache-Control, Retry-After (RFC 9110, 9111). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

__all__ = ["conditional", "fresh_seconds", "may_keep", "retry_at"]

_MOST_FRESH_S = 3600
_RETRY_DEFAULT_S = 600.0
_RETRY_LONGEST_S = 86_400.0
_SENDABLE = re.compile(r"[\x20-\x7e]{1,500}")
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})")


def conditional(headers: Mapping[str, str]) -> dict[str, str]:
    """The request headers that ask whether a page with these response headers has changed; {} where it gave no means."""
    pairs = (("If-None-Match", headers.get("etag", "")), ("If-Modified-Since", headers.get("last-modified", "")))
    return {name: value for name, value in pairs if _SENDABLE.fullmatch(value)}


def may_keep(headers: Mapping[str, str]) -> bool:
    """Whether keeping the page is allowed and of any use."""
    if "no-store" in headers.get("cache-control", "").lower():
        return False
    return bool(conditional(headers)) or fresh_seconds(headers) > 0


def fresh_seconds(headers: Mapping[str, str]) -> float:
    """How long the page need not be asked again: max-age less Age, an hour at most; news that claims a year is not believed."""
    control = headers.get("cache-control", "").lower()
    found = _MAX_AGE.search(control)
    if not found or "no-cache" in control or "no-store" in control:
        return 0.0
    age = headers.get("age", "").strip()[:9]
    return float(min(max(0, int(found[1]) - (int(age) if age.isdecimal() else 0)), _MOST_FRESH_S))


def retry_at(value: str, now: float) -> float:
    """When (Unix seconds) Retry-After lets us come again: seconds or a date; between one second and a day from `now`."""
    text = value.strip()[:40]
    if text.isdecimal():
        wait = float(text[:9])
    else:
        try:
            date = parsedate_to_datetime(text)
            wait = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now
        except (ValueError, TypeError, IndexError, OverflowError):
            wait = _RETRY_DEFAULT_S
    return now + min(max(wait, 1.0), _RETRY_LONGEST_S)
