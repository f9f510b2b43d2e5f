"""The server's own count of today's free requests, where it tells one (GET /key; this call costs no request)."""

from __future__ import annotations

from dataclasses import dataclass

from tools.llm.wire import tls

__all__ = ["SeenQuota", "fetch_quota"]


@dataclass(frozen=True)
class SeenQuota:
    """What the server says: free requests used today and the day's limit. The server's answer may be a minute old."""

    used: int
    limit: int


def fetch_quota(base_url: str, key: str, timeout: float = 4.0) -> SeenQuota | None:
    """Ask `base_url`/key. None when the server has no such page or no such counter, or cannot be reached."""
    import httpx2

    headers = {"Authorization": f"Bearer {key}"}
    try:
        answer = httpx2.get(f"{base_url}/key", headers=headers, timeout=timeout, verify=tls())
        counter = answer.json()["data"]["free_model_daily_requests"] if answer.status_code == 200 else None
        return SeenQuota(used=int(counter["used"]), limit=int(counter["limit"])) if counter else None
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError, KeyError, TypeError, OverflowError):
        return None
