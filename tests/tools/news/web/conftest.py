"""A site to read from, and an internet with one public site and a canary behind every address that is not public."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doubles.newssite import NewsSite
from tests.tools.news.web.kit import OTHER, PUBLIC, Internet


@pytest.fixture
def home(own_home: Path) -> Path:
    return own_home


@pytest.fixture
def site() -> Iterator[NewsSite]:
    with NewsSite() as double:
        yield double


@pytest.fixture
def other() -> Iterator[NewsSite]:
    with NewsSite() as double:
        yield double


@pytest.fixture
def internet(site: NewsSite, other: NewsSite) -> Iterator[Internet]:
    with NewsSite() as canary:
        world = Internet({PUBLIC: site, OTHER: other}, canary)
        world.name("news.example", [PUBLIC])
        world.name("other.example", [OTHER])
        yield world
        assert canary.seen == [], "an address that is not public was asked"
