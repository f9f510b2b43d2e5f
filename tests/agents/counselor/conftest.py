"""The counselor's tests begin with the index built, as every start but the first does."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def index_is_there(warm_home: Path) -> None:
    """Nothing more to do."""
