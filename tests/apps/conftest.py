"""The faces' tests begin with the index built, as every start but the first does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.apps.pages import HOME


@pytest.fixture(autouse=True)
def index_is_there(warm_home: Path) -> None:
    """Nothing more to do."""


@pytest.fixture
def app() -> Callable[..., AppTest]:
    def opened(page: str = "overview", **params: str) -> AppTest:
        test = AppTest.from_file(HOME, default_timeout=30)
        for name, value in params.items():
            test.query_params[name] = value
        test.run()
        if page != "overview":
            test.switch_page(f"pages/{page}.py").run()
        assert not test.exception, test.exception
        return test

    return opened
