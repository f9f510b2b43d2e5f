"""kill -9 at any moment: nothing is lost, nothing is painted into two files, and the files are the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from tests.tools.images.queue.kit import Slow, opened, order, orders
from tools.images.queue import ImageQueue, work
from tools.images.queue.queue import ATTEMPTS
from tools.settings import Settings

WORKER = [sys.executable, "-m", "tests.tools.images.queue.slow_worker", "cpu"]


def worker(idle: float = 60, fault: str = "") -> subprocess.Popen[bytes]:
    return subprocess.Popen([*WORKER, *([fault] if fault else [])], env={**os.environ, "FINALE_IMAGE_IDLE": str(idle)})


def undisturbed(home: Path, folder: Path, count: int) -> dict[str, str]:
    """The hashes of the same pictures, painted by a queue that nobody disturbs."""
    with ImageQueue(home) as queue:
        queue.add("plain", orders(folder, count))
        work(queue, "cpu", Settings(), until=lambda: not queue.open_jobs("cpu"), open_backend=opened)
        return {job.path.name: job.sha256 for job in queue.jobs()}


def test_a_worker_killed_again_and_again(own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stops: a picture lost, doubled or changed by a kill, wherever it falls."""
    count, kills = 30, 20
    log, dice = tmp_path / "log", Random(6)
    monkeypatch.setenv("SLOW_LOG", str(log))
    queue = ImageQueue(own_home)
    queue.add("a", orders(tmp_path / "killed", count))
    killed: Counter[int] = Counter()
    while killed.total() < kills:
        process, stage = worker(), dice.randrange(Slow.steps)
        running = None
        while running is None:
            running = next(
                (job for job in queue.jobs("a") if job.state == "running" and job.done >= stage and job.of), None
            )
            assert process.poll() is None and queue.open_jobs("cpu"), "all was painted before it could be killed"
            time.sleep(0.002)
            if running is not None and killed[running.id]:
                running = None  # a third time would make it a lost one, and a kill may slip to the next job
        time.sleep(dice.random() * 0.03)  # into the writing of the file, now and then
        process.send_signal(signal.SIGKILL)
        process.wait()
        killed.update(job.id for job in queue.jobs("a") if job.state == "running")
    assert worker(idle=0).wait(timeout=120) == 0
    jobs = queue.jobs("a")
    assert [job.state for job in jobs] == ["done"] * count
    assert [job.recipe.seed for job in jobs] == list(range(1, count + 1))
    assert not list((tmp_path / "killed").glob("*.part")) and len(list((tmp_path / "killed").iterdir())) == count
    monkeypatch.delenv("SLOW_LOG")
    home = tmp_path / "other"
    assert {job.path.name: job.sha256 for job in jobs} == undisturbed(home, tmp_path / "plain", count)
    begun = Counter(log.read_text("utf-8").split("\n")[:-1])
    again = sum(begun[f"begun {n}"] - 1 for n in range(1, count + 1))
    assert all(begun[f"ended {n}"] for n in range(1, count + 1)) and again <= kills


CALLER = """
import sys
from pathlib import Path
from tests.tools.images.queue.kit import stickers
from tools.images.queue import ImageQueue, drain
from tools.settings import Settings
settings = Settings()
with ImageQueue(settings.home) as queue:
    queue.add("run", stickers(Path(sys.argv[1]), int(sys.argv[2])))
    jobs = drain(queue, "run", settings, on_change=lambda jobs: None, cancelled=lambda: False)
    sys.exit(any(job.state != "done" for job in jobs))
"""


def test_who_waits_killed_again_and_again(own_home: Path, tmp_path: Path) -> None:
    """Stops: stickers lost, doubled or drawn otherwise because the page or the command that waited for them died."""
    count, dice, queue = 40, Random(7), ImageQueue(own_home)

    def call(home: Path, folder: Path) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", CALLER, str(folder), str(count)]
        return subprocess.Popen(command, env={**os.environ, "FINALE_HOME": str(home)})

    def done() -> int:
        return sum(job.state == "done" for job in queue.jobs())

    for _ in range(5):
        process, before = call(own_home, tmp_path / "killed"), done()
        while done() <= before:
            assert process.poll() is None, "all was drawn before it could be killed"
            time.sleep(0.002)
        time.sleep(dice.random() * 0.06)
        process.kill()
        process.wait()
    assert done() < count
    assert call(own_home, tmp_path / "killed").wait(timeout=120) == 0
    jobs = queue.jobs()
    assert len(jobs) == count == len({job.path for job in jobs}) and {job.state for job in jobs} == {"done"}
    assert len(list((tmp_path / "killed").iterdir())) == count
    assert call(tmp_path / "other", tmp_path / "plain").wait(timeout=120) == 0
    with ImageQueue(tmp_path / "other") as plain:
        assert [job.sha256 for job in plain.jobs()] == [job.sha256 for job in jobs]


@pytest.mark.parametrize("moment", ["after_writing", "after_sealing", "after_placing"])
def test_killed_while_the_file_is_put_into_its_place(own_home: Path, tmp_path: Path, moment: str) -> None:
    """Stops: a file that is there and a queue that does not know it, or a half file that counts."""
    queue = ImageQueue(own_home)
    (id,) = queue.add("a", orders(tmp_path / "killed", 1))
    assert worker(fault=moment).wait(timeout=60) == -signal.SIGKILL
    assert queue.job(id).state == "running" and not queue.alive("cpu")
    there = (tmp_path / "killed" / "01.png").exists()
    assert there == (moment == "after_placing")
    assert worker(idle=0).wait(timeout=60) == 0
    job = queue.job(id)
    assert (job.state, job.attempts) == ("done", 1 if there else 2) and job.made and job.notes
    assert [path.name for path in (tmp_path / "killed").iterdir()] == ["01.png"]
    assert {job.path.name: job.sha256} == undisturbed(tmp_path / "other", tmp_path / "plain", 1)


def test_a_deadly_picture_is_left_out_after_three_attempts(own_home: Path, tmp_path: Path) -> None:
    """Stops: one picture that kills every worker and keeps all others from being painted."""
    queue = ImageQueue(own_home)
    queue.add("a", [order(tmp_path, 1, "deadly"), order(tmp_path, 2)])
    deaths = 0
    while queue.open_jobs("cpu") and deaths < 9:
        deaths += worker(idle=0).wait(timeout=60) != 0
    lost, painted = queue.jobs()
    assert (deaths, lost.state, lost.attempts, painted.state) == (ATTEMPTS, "failed", ATTEMPTS, "done")
    assert lost.problem and lost.problem.code == "lost" and str(ATTEMPTS) in lost.problem.message("zh")
    queue.retry(lost.id)
    assert (queue.job(lost.id).attempts, queue.job(lost.id).problem) == (0, None)


def test_a_cancelled_job_whose_worker_died_stays_cancelled(own_home: Path, tmp_path: Path) -> None:
    """Stops: a cancellation lost with the worker that should have heard it."""
    queue = ImageQueue(own_home)
    one, two = queue.add("a", orders(tmp_path, 2))
    assert queue.take("cpu") is not None
    queue.cancel(one)
    queue.recover("cpu")
    assert (queue.job(one).state, queue.job(two).state) == ("cancelled", "waiting")


def test_a_worker_that_is_asked_to_end_puts_its_job_back(own_home: Path, tmp_path: Path) -> None:
    """Stops: a logout or a shutdown that costs an attempt."""
    queue = ImageQueue(own_home)
    (id,) = queue.add("a", [order(tmp_path, 1, "endless")])
    process = worker()
    while not (job := queue.job(id)).of:
        assert process.poll() is None
        queue.wait(0.02)
    assert (job.state, job.attempts) == ("running", 1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0
    assert (queue.job(id).state, queue.job(id).attempts) == ("waiting", 0) and not list(tmp_path.glob("*.p*"))
