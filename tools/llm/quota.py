"""The server's own count of today's free requests, where it tells one (GET /key; this call costs no request)."""

from __future__ import annotations

from dataclasses import dataclass

from tools.llm.fetch import FetchFailed, fetch_json

__all__ = ["SeenQuota", "fetch_quota"]

_SANE = 1_000_000_000


@dataclass(frozen=True)
class SeenQuota:
    """What the server says: free requests used today and the day's limit. The server's answer may be a minute old.

    `rejected`: the server does not accept the key at all; the numbers then mean nothing.
    """

    used: int = 0
    limit: int = 0
    rejected: bool = False


def fetch_quota(base_url: str, key: str, timeout: float = 4.0) -> SeenQuota | None:
    """Ask `base_url`/key. None when the server has no such page or no such counter, or cannot be reached."""
    try:
        counter = fetch_json(f"{base_url}/key", key, total=timeout, limit=1_000_000)["data"][
            "free_model_daily_requests"
        ]
        seen = SeenQuota(used=int(counter["used"]), limit=int(counter["limit"])) if counter else None
    except FetchFailed as failure:
        return SeenQuota(rejected=True) if failure.status == 401 else None
    except (ValueError, KeyError, TypeError, OverflowError):
        return None
    return seen if seen and 0 <= seen.used < _SANE and 0 < seen.limit < _SANE else None
