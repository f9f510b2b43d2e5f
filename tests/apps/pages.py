"""Driving the pages headless: open one, read what a person reads, click, wait until the runs it follows have ended."""

from __future__ import annotations

import time
from pathlib import Path

from streamlit.testing.v1 import AppTest

from agents.run import open_runs

HOME = str(Path(__file__).resolve().parents[2] / "apps" / "home.py")


def text(test: AppTest) -> str:
    """Everything a person reads on the page, with Markdown's escapes taken out."""
    parts = [*test.title, *test.subheader, *test.markdown, *test.caption, *test.error, *test.info, *test.warning]
    return "\n".join(str(part.value) for part in parts).replace("\\", "")


def settle(test: AppTest) -> AppTest:
    """Run the page again until the runs it follows have ended."""
    runs = open_runs()
    end = time.monotonic() + 30
    while any(runs.alive(record.id) for record in runs.history(20)) and time.monotonic() < end:
        time.sleep(0.05)
    test.run()
    assert not test.exception, test.exception
    return test


def click(test: AppTest, label: str) -> AppTest:
    button = next(button for button in test.button if label in button.label)
    button.click().run()
    assert not test.exception, test.exception
    return test
