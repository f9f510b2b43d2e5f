"""What every test stands on: a FINALE_HOME of its own, no key, and no network beyond this machine."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GUARD = ROOT / "tests" / "guard"
sys.path.insert(0, str(GUARD))

import network_guard  # noqa: E402

from tests.doubles.openrouter import OpenRouterDouble  # noqa: E402
from tests.kit import KEY  # noqa: E402

network_guard.install()


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A fresh FINALE_HOME and a clean environment; child processes inherit both, and the network guard."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith(("OPENROUTER_", "FINALE_", "LANGSMITH_", "LANGCHAIN_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("FINALE_HOME", str(home))
    monkeypatch.setenv("OPENROUTER_API_KEY", "")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(GUARD), str(ROOT)]))
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    monkeypatch.setenv("FINALE_ENV_FILE", os.devnull)  # a developer's own .env must not reach a test
    monkeypatch.chdir(home)
    yield home
    _let_go(home)


def _let_go(home: Path) -> None:
    """Close the index of a test's home: hundreds of tests in one process would hold more files than it may."""
    shared = sys.modules.get("tools.retrieval.shared")
    held = shared._shared.pop(home.resolve(), None) if shared else None
    if held is not None:
        held.knowledge.close()


@pytest.fixture(scope="session")
def made_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of the house knowledge, built once: building it for every test would take most of their time."""
    from tools.retrieval import Knowledge

    home = tmp_path_factory.mktemp("made")
    Knowledge.open(home).close()
    return home / "index"


@pytest.fixture
def warm_home(own_home: Path, made_index: Path) -> Path:
    """The test's own FINALE_HOME with the index already in it, as it is at a second start."""
    shutil.copytree(made_index, own_home / "index")
    return own_home


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenRouterDouble]:
    """A double of OpenRouter that the settings point at, with a key it accepts."""
    with OpenRouterDouble(key=KEY) as server:
        monkeypatch.setenv("OPENROUTER_API_KEY", KEY)
        monkeypatch.setenv("OPENROUTER_BASE_URL", server.base_url)
        yield server
