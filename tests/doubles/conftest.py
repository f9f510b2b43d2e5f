"""The double that most tests of this folder ask."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.doubles.asking import START
from tests.doubles.openrouter import OpenRouterDouble


@pytest.fixture
def server() -> Iterator[OpenRouterDouble]:
    with OpenRouterDouble(start=START) as double:
        yield double
