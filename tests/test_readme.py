"""The README cannot rot: its Python runs, its commands exist, its files are there, and the house talks of itself alone."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", re.findall(r"```python\n(.*?)```", README, re.S))
def test_the_python_runs(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert "result" in done.stdout


@pytest.mark.parametrize(
    "words",
    sorted(
        set(re.findall(r"finale ([a-z]+(?: (?:list|show|resume|upgrade|delete|export|add|mute|schedule))?)", README))
    ),
)
def test_every_command_it_names_exists(words: str) -> None:
    command = [sys.executable, "-m", "apps.cli", *words.split(), "--help"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_every_file_it_links_is_there(target: str) -> None:
    assert (ROOT / target).exists()


def test_the_commands_of_the_first_screen_are_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "make run" in README[:900] and re.search(r"^run:", makefile, re.M) and re.search(r"^test:", makefile, re.M)


def test_every_variable_it_names_is_a_setting() -> None:
    from tools.settings import Settings

    for name in re.findall(r"`((?:FINALE|OPENROUTER)_[A-Z_]+)`", README):
        assert name.lower() in Settings.model_fields or name == "FINALE_ENV_FILE", name
