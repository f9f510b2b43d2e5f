"""A row of the history that something outside has damaged hides no other."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

import pytest

from agents import post
from agents.counselor.conversation import chain
from agents.errors import UnknownRun
from agents.run import open_runs


@pytest.mark.parametrize("inputs", ["{", "[]"])
def test_a_damaged_row_is_left_out_with_a_warning(
    own_home: Path, inputs: str, caplog: pytest.LogCaptureFixture
) -> None:
    hurt, sound = post.run(topic="雨天的校園").run, post.run(topic="期末週").run
    with sqlite3.connect(own_home / "runs.db") as db:
        db.execute("UPDATE runs SET inputs=? WHERE id=?", (inputs, hurt))
    with caplog.at_level(logging.WARNING, logger="finale.run"):
        assert [record.id for record in open_runs().history()] == [sound]
    assert hurt in caplog.text
    with pytest.raises(UnknownRun):
        open_runs().result(hurt)
    assert chain(hurt, open_runs().store.find) == []
