"""2,000 replies in one run: what the process holds as it goes on. The server is a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

from agents import compare
from agents.context import RunOptions
from agents.events import Progress
from agents.run import Runs
from benchmarks.compare.timed import MODELS
from tools.settings import Settings

__all__ = ["Memory", "measure_memory"]

_KEY = "sk-or-v1-bench-000000"


@dataclass(frozen=True)
class Memory:
    """`held` has (replies so far, MB in memory); `end` is after the result was read; `seconds` is how long all took."""

    held: list[tuple[int, float]]
    end: float
    seconds: float


def measure_memory(replies: int) -> Memory:
    """One run of so many replies, 4 models side by side."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "tests.doubles.openrouter", "--port", str(port), "--key", _KEY]
    server = subprocess.Popen([*command, "--daily", "100000", "--per-minute", "100000"], stdout=subprocess.PIPE)
    try:
        assert server.stdout is not None
        server.stdout.readline()
        server.stdout.readline()
        # Nobody reads what it says of each request: a full pipe would hold it up.
        subprocess.Popen(["cat"], stdin=server.stdout, stdout=subprocess.DEVNULL)
        with tempfile.TemporaryDirectory() as home:
            os.environ.update(
                FINALE_HOME=home, OPENROUTER_BASE_URL=f"http://127.0.0.1:{port}/api/v1", OPENROUTER_API_KEY=_KEY
            )
            return _measured(replies)
    finally:
        server.kill()
        server.wait()


def _measured(replies: int) -> Memory:
    settings = Settings()
    runs = Runs(settings)
    runs.gateway.ledger.per_minute = 100_000
    models = list(MODELS)[:4]
    prompts = [f"第 {n} 題：雨天的校園適合做什麼？" for n in range(replies // len(models))]
    given = compare.prepared({"prompts": prompts, "models": models}, settings).model_dump(mode="json")
    held: list[tuple[int, float]] = []
    began, every = time.monotonic(), max(1, replies // 8)
    run = runs.start(compare.AGENT, given, RunOptions(purpose="interactive"))
    for event in runs.follow(run):
        if isinstance(event, Progress) and event.step == "ask" and event.done % every == 0:
            held.append((event.done, _resident()))
    count = len(runs.result(run).output.replies)
    assert count == len(prompts) * len(models)
    return Memory(held, _resident(), time.monotonic() - began)


def _resident() -> float:
    """What this process holds, in MB."""
    import psutil

    return psutil.Process().memory_info().rss / 1e6
