"""One GET of a JSON page of the model server, bounded in bytes and in time however slowly it drips."""

from __future__ import annotations

import json
import time
from typing import Any

from tools.llm.redact import redact
from tools.llm.wire import tls

__all__ = ["FetchFailed", "fetch_json"]


class FetchFailed(Exception):
    """Raised when the page cannot be had or read. `answered`: a server was there; `status` is its HTTP status, if any."""

    def __init__(self, why: str, *, answered: bool, status: int = 0) -> None:
        super().__init__(why)
        self.answered = answered
        self.status = status


def fetch_json(url: str, key: str | None, *, total: float = 12.0, limit: int = 16_000_000) -> Any:
    """The JSON behind `url`, within `total` seconds and `limit` bytes. The key goes along only to this very origin.

    Raises:
        FetchFailed: no connection, an error status, too slow, too large, or no JSON.
    """
    import httpx2

    headers = {"Authorization": f"Bearer {key}"} if key else {}
    end, answered = time.monotonic() + total, False
    try:
        timeout = httpx2.Timeout(min(8.0, total), connect=4.0)
        with httpx2.Client(verify=tls(), timeout=timeout, follow_redirects=True) as client:
            with client.stream("GET", url, headers=headers) as answer:
                answered, body = True, b""
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > limit:
                        raise FetchFailed("the page is too large", answered=True)
                    if time.monotonic() > end:
                        raise FetchFailed("the page comes too slowly", answered=True)
        if answer.status_code != 200:
            raise FetchFailed(f"HTTP {answer.status_code}", answered=True, status=answer.status_code)
        return json.loads(redact(body.decode("utf-8-sig", "replace"), key))
    except httpx2.TooManyRedirects:
        raise FetchFailed("too many redirects", answered=True) from None
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError, RecursionError) as error:
        raise FetchFailed(redact(f"{type(error).__name__}: {error}", key)[:200], answered=answered) from None
