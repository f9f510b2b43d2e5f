"""A double whose clock stands still, and the folder that its gateways keep their state in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doubles.openrouter import OpenRouterDouble
from tests.tools.llm.kit import KEY, PROSE, START


@pytest.fixture
def home(own_home: Path) -> Path:
    return own_home


@pytest.fixture
def server() -> Iterator[OpenRouterDouble]:
    with OpenRouterDouble(key=KEY, start=START) as double:
        double.drip = 0.005
        yield double


@pytest.fixture
def prose(server: OpenRouterDouble) -> str:
    """Every good answer of `server` is this text, long enough that a third of it is worth keeping."""
    server.say(PROSE)
    return PROSE
