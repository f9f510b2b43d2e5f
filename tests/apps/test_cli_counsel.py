"""The counselor on the command line: hotlines before everything, and one JSON object whatever was typed."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from agents.run import open_runs


def counsel(*args: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "apps.cli", "counsel", *args]
    return subprocess.run(command, input=stdin, capture_output=True, env=dict(os.environ), timeout=120, check=False)


@pytest.mark.parametrize(
    "more", [("--lang", "fr"), ("--plan",), ("--type", "XXXX"), ("--after", "nowhere"), ("--from", "x")]
)
def test_a_crisis_message_is_answered_whatever_else_is_wrong(more: tuple[str, ...]) -> None:
    done = counsel("我不想活了", *more, "--json")
    output = json.loads(done.stdout)["output"]
    assert done.returncode == 0 and output["crisis"] and "1925" in output["answer"]


def failed(done: subprocess.CompletedProcess[bytes]) -> str:
    """What the failed envelope, the only thing on standard output, says went wrong."""
    envelope = json.loads(done.stdout)
    assert done.returncode == 2 and envelope["status"] == "failed" and b"Traceback" not in done.stderr
    return envelope["warnings"][0]


def test_bytes_that_are_no_utf8_are_told_and_not_dropped() -> None:
    assert "UTF-8" in failed(counsel("-", "--json", stdin="工作要怎麼選".encode("big5")))
    assert open_runs().history() == []


@pytest.mark.parametrize("question", ["🙂🙂", "\u200b\u200d", "？？？"])
def test_a_question_without_a_word_is_asked_for_words(question: str) -> None:
    assert "文字" in failed(counsel(question, "--json"))
