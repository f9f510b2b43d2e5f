"""A site on loopback that the crawler may reach, for the digest's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.doubles.newssite import NewsSite


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[NewsSite]:
    """An ordinary news site."""
    with NewsSite() as running:
        monkeypatch.setenv("FINALE_ALLOW_ORIGINS", running.origin)
        yield running
