"""HTTP's words about time: how long a page is fresh, when to come again."""

from __future__ import annotations

import pytest

from tools.news.web.validators import conditional, fresh_seconds, may_keep, retry_at

NOW = 1_772_600_000.0  # Wed, 04 Mar 2026 04:53:20 GMT


@pytest.mark.parametrize(
    "headers, seconds",
    [
        ({}, 0), ({"cache-control": "max-age=60"}, 60), ({"cache-control": "public, Max-Age = 60"}, 60), ({"cache-control": "max-age=31536000"}, 3600),
        ({"cache-control": "max-age=60", "age": "45"}, 15), ({"cache-control": "max-age=60", "age": "90"}, 0), ({"cache-control": "s-maxage=60"}, 0),
        ({"cache-control": "no-cache, max-age=60"}, 0), ({"cache-control": "max-age=-5"}, 0), ({"cache-control": 'max-age="60"'}, 60),
        ({"cache-control": "max-age=60", "age": "soon"}, 60),
    ],
)  # fmt: skip
def test_freshness(headers: dict[str, str], seconds: float) -> None:
    """Stops: news of last year shown because a server said "keep for ever"."""
    assert fresh_seconds(headers) == seconds


@pytest.mark.parametrize(
    "value, wait",
    [
        ("120", 120), ("0", 1), ("-5", 600), ("99999999999999", 86_400), ("soon", 600), ("", 600), ("Wed, 04 Mar 2026 04:54:20 GMT", 60),
        ("Wed, 04 Mar 2026 03:00:00 GMT", 1), ("Wed, 04 Mar 2099 03:00:00 GMT", 86_400), ("99 99 99", 600), ("٣", 3),
    ],
)  # fmt: skip
def test_retry_after(value: str, wait: float) -> None:
    """Stops: a site that locks us out for a century, or a junk value that crashes."""
    assert retry_at(value, NOW) - NOW == wait


def test_only_clean_validators_are_sent_back() -> None:
    """Stops: a server's own header value smuggling a line into our next request."""
    assert conditional({"etag": 'W/"a"', "last-modified": "x"}) == {"If-None-Match": 'W/"a"', "If-Modified-Since": "x"}
    for bad in ("a\r\nX: 1", "a\nb", "é", "", "x" * 501, "\x00"):
        assert conditional({"etag": bad, "last-modified": bad}) == {}


def test_what_is_worth_keeping() -> None:
    """Stops: pages kept against their wish, or a cache full of what can never be confirmed."""
    assert may_keep({"etag": '"a"'}) and may_keep({"cache-control": "max-age=60"})
    assert not may_keep({}) and not may_keep({"etag": '"a"', "cache-control": "private, No-Store"})
