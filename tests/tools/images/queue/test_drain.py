"""Waiting for a batch: somebody works, whoever dies; what is told is what is so."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.kit import KEY
from tests.tools.images.queue.kit import order, orders, stickers
from tools.images.backend import Offer
from tools.images.queue import ImageQueue, Job, Order, drain
from tools.images.queue.drain import _processes
from tools.images.recipe import Recipe
from tools.settings import Settings

SLOW_WORKER = (sys.executable, "-m", "tests.tools.images.queue.slow_worker")


def never() -> bool:
    return False


def nothing(jobs: Sequence[Job]) -> None:
    pass


@pytest.fixture
def queue(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> ImageQueue:
    monkeypatch.setenv("FINALE_IMAGE_IDLE", "0.3")
    return ImageQueue(own_home)


def ended(queue: ImageQueue, device: str = "cpu") -> int:
    """Wait for the worker of a device to end itself."""
    return _processes[queue.home, device].wait(timeout=60)


def test_the_house_device_is_worked_by_who_waits(queue: ImageQueue, tmp_path: Path) -> None:
    """Stops: progress that skips, goes back, or never says the end."""
    queue.add("a", stickers(tmp_path, 5))
    seen: list[list[str]] = []
    jobs = drain(queue, "a", Settings(), on_change=lambda jobs: seen.append([j.state for j in jobs]), cancelled=never)
    assert [job.state for job in jobs] == ["done"] * 5 and all(job.path.exists() for job in jobs)
    counts = [states.count("done") for states in seen]
    assert counts == sorted(counts) and counts[-1] == 5 and not queue.alive("house")
    assert {state for states in seen for state in states} <= {"waiting", "running", "done"}


def test_many_wait_and_one_works(queue: ImageQueue, tmp_path: Path) -> None:
    """Stops: a run that waits for ever because another one does the work, or leaves its own half done."""
    for name in ("a", "b", "c"):
        queue.add(name, stickers(tmp_path / name, 4))
    results: dict[str, list[Job]] = {}

    def wait(name: str) -> None:
        with ImageQueue(queue.home) as mine:
            results[name] = drain(mine, name, Settings(), on_change=nothing, cancelled=never)

    threads = [threading.Thread(target=wait, args=(name,)) for name in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {(name, job.state) for name in results for job in results[name]} == {(name, "done") for name in "abc"}
    assert all(job.attempts >= 1 for jobs in results.values() for job in jobs)


def test_a_run_that_is_stopped_and_resumed(queue: ImageQueue, tmp_path: Path) -> None:
    """Stops: a stopped run whose pictures go on, and a resumed one that lacks some or draws others again."""
    queue.add("a", stickers(tmp_path, 6))
    jobs = drain(queue, "a", Settings(), on_change=nothing, cancelled=lambda: len(list(tmp_path.glob("*.png"))) >= 2)
    states = [job.state for job in jobs]
    assert "done" in states and set(states) <= {"done", "cancelled"} and not queue.alive("house")
    assert {job.problem.code for job in jobs if job.problem} == ({"stopped"} if "cancelled" in states else set())
    first = {job.id: job.updated for job in jobs if job.state == "done"}
    assert queue.add("a", stickers(tmp_path, 6)) == [job.id for job in jobs]
    again = drain(queue, "a", Settings(), on_change=nothing, cancelled=never)
    assert [job.state for job in again] == ["done"] * 6
    assert all(queue.job(id).updated == updated for id, updated in first.items())


def test_a_worker_is_started_and_started_again(queue: ImageQueue, tmp_path: Path) -> None:
    """Stops: a batch that waits for a worker that is dead."""
    queue.add("a", orders(tmp_path, 8))
    killed: list[int] = []

    def kill(jobs: Sequence[Job]) -> None:
        process = _processes.get((queue.home, "cpu"))
        done = sum(job.state == "done" for job in jobs)
        if process and process.poll() is None and done > len(killed) and len(killed) < 2:
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed.append(process.pid)

    jobs = drain(queue, "a", Settings(), on_change=kill, cancelled=never, worker=SLOW_WORKER)
    assert [job.state for job in jobs] == ["done"] * 8 and len(set(killed)) == 2
    assert ended(queue) == 0 and not queue.alive("cpu")


def test_a_worker_outlives_who_waits_and_serves_the_next(
    queue: ImageQueue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stops: a model loaded anew for every batch, and a batch that ends with its page."""
    monkeypatch.setenv("FINALE_IMAGE_IDLE", "3")
    queue.add("a", orders(tmp_path, 2))
    drain(queue, "a", Settings(), on_change=nothing, cancelled=never, worker=SLOW_WORKER)
    first = _processes[queue.home, "cpu"]
    queue.add("b", orders(tmp_path / "b", 2))
    while queue.open_jobs("cpu"):
        queue.wait(0.05)  # nobody waits for them but this test
    jobs = drain(queue, "b", Settings(), on_change=nothing, cancelled=never, worker=("false",))
    assert [job.state for job in jobs] == ["done"] * 2 and _processes[queue.home, "cpu"] is first
    assert ended(queue) == 0


def test_a_stop_reaches_a_worker_in_its_job(queue: ImageQueue, tmp_path: Path) -> None:
    """Stops: a stopped run whose picture goes on in another process."""
    (endless, after) = queue.add("a", [order(tmp_path, 1, "endless"), order(tmp_path, 2)])
    drain(
        queue, "a", Settings(), on_change=nothing, cancelled=lambda: queue.job(endless).of > 0,
        worker=SLOW_WORKER,
    )  # fmt: skip
    assert ended(queue) == 0
    assert [job.state for job in queue.jobs()] == ["cancelled"] * 2 and queue.job(after).problem


def test_a_worker_that_cannot_start(queue: ImageQueue, tmp_path: Path) -> None:
    """Stops: a broken installation that starts processes for ever, or fails another batch with its own."""
    queue.add("a", [*orders(tmp_path, 2), *stickers(tmp_path, 1)])
    script = "import sys; sys.exit('libfoo is missing')"
    jobs = drain(queue, "a", Settings(), on_change=nothing, cancelled=never, worker=(sys.executable, "-c", script))
    assert [job.state for job in jobs] == ["failed", "failed", "done"]
    problem = jobs[0].problem
    assert problem and problem.code == "worker_died" and jobs[0].attempts == 0
    log = queue.home / "logs" / "images-cpu.log"
    assert str(log) in problem.message("zh") and "libfoo is missing" in log.read_text()


def test_a_worker_gets_no_key(queue: ImageQueue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stops: the account's key in the environment of a process that asks no model, where other programs may read it."""
    monkeypatch.setenv("OPENROUTER_API_KEY", KEY)
    monkeypatch.setenv("FINALE_EMBED_KEY", KEY)
    told = tmp_path / "told.json"
    script = "import json, os, sys; json.dump([dict(os.environ), sys.argv], open(sys.argv[1], 'w'))"
    queue.add("a", orders(tmp_path, 1))
    drain(
        queue, "a", Settings(), on_change=nothing, cancelled=never,
        worker=(sys.executable, "-c", script, str(told)),
    )  # fmt: skip
    environment, argv = json.loads(told.read_text("utf-8"))
    assert KEY not in told.read_text("utf-8") and argv[-1] == "cpu"
    assert environment["FINALE_HOME"] == os.environ["FINALE_HOME"] and environment["FINALE_ENV_FILE"] == os.devnull
    assert environment["FINALE_IMAGE_IDLE"] == "0.3"


def test_the_shipped_worker_tells_what_is_missing(queue: ImageQueue, tmp_path: Path) -> None:
    """Stops: a worker that dies, or waits, where no model is set."""
    queue.add("a", [Order(Recipe(prompt="a dog", seed=1), tmp_path / "1.png", Offer("nothing", "cpu"))])
    (job,) = drain(queue, "a", Settings(), on_change=nothing, cancelled=never)
    assert job.state == "failed" and job.problem and job.problem.code == "no_such_backend"
    assert ended(queue) == 0
