"""The work on a device: files whole and marked, trouble told on the job, the rest goes on."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PIL import Image

from tests.tools.images.queue.kit import SLOW, Slow, opened, order, orders
from tools.images.backend import HOUSE, Backend, Offer
from tools.images.queue import ImageQueue, Job, Order, work
from tools.images.recipe import Recipe, decode_picture, encode, read_made, read_recipe
from tools.settings import Settings


@pytest.fixture
def queue(own_home: Path) -> ImageQueue:
    return ImageQueue(own_home)


def drained(queue: ImageQueue, device: str = "cpu") -> list[Job]:
    assert work(queue, device, Settings(), until=lambda: not queue.open_jobs(device), open_backend=opened)
    return queue.jobs()


def lines(log: Path) -> list[str]:
    return log.read_text("utf-8").split("\n")[:-1] if log.exists() else []


def test_a_picture_with_its_recipe(queue: ImageQueue, tmp_path: Path) -> None:
    """Stops: a file without its recipe or mark, and a job that says less than what was made."""
    queue.add("a", orders(tmp_path / "new" / "folder", 2))
    job, other = drained(queue)
    assert (job.state, job.attempts, job.done, job.of, job.preview, job.problem) == ("done", 1, 3, 4, None, None)
    assert job.sha256 == hashlib.sha256(job.path.read_bytes()).hexdigest() != other.sha256
    made = read_recipe(job.path)
    assert made == job.made and made and (made.model, made.width, made.extra) == ("noise", 32, {"memory": "none"})
    assert read_made(job.path) == "trained" and job.notes[0].code == "note_square"
    assert sorted(path.name for path in job.path.parent.iterdir()) == ["01.png", "02.png"]


def test_the_house_artist_is_marked_as_drawn(queue: ImageQueue, tmp_path: Path) -> None:
    """Stops: a drawing that passes for a diffused picture."""
    recipe = Recipe(seed=3, sheet={"character": {"subject": "柴犬", "seed": 3}, "scene": {"expression": "happy"}})
    queue.add("a", [Order(recipe, tmp_path / "1.png", Offer(HOUSE, "house"))])
    assert work(queue, "house", Settings(), until=lambda: not queue.open_jobs("house"))
    (job,) = queue.jobs()
    assert job.state == "done" and read_made(job.path) == "drawn" and job.made and job.made.model == HOUSE


def test_trouble_is_told_and_the_rest_goes_on(queue: ImageQueue, tmp_path: Path) -> None:
    """Stops: one bad picture that takes the queue down."""
    (tmp_path / "file").write_text("no folder")
    bad = [
        order(tmp_path, 1, "refused"),
        order(tmp_path, 2, "broken"),
        Order(Recipe(seed=3), tmp_path / "file" / "3.png", SLOW),
        Order(Recipe(seed=4), tmp_path, SLOW),
    ]
    queue.add("a", [*bad, order(tmp_path, 5)])
    jobs = drained(queue)
    assert [job.state for job in jobs] == ["failed"] * 4 + ["done"]
    assert [job.problem.code for job in jobs[:4] if job.problem] == [
        "paint_failed", "crashed", "home_not_writable", "folder_taken",
    ]  # fmt: skip
    assert "ZeroDivisionError" in jobs[1].problem.message("en") and jobs[1].problem.zh != jobs[1].problem.en
    assert all(not (job.sha256 or job.made or job.preview) for job in jobs[:4])
    assert not list(tmp_path.rglob("*.part"))


FULL = """
import resource, sys
from pathlib import Path
from tests.tools.images.queue.kit import opened, order
from tools.images.queue import ImageQueue, work
from tools.settings import Settings
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
settings, folder = Settings(), Path(sys.argv[1])
with ImageQueue(settings.home) as queue:
    queue.add("a", [order(folder, 1), order(folder, 2, "large"), order(folder, 3)])
    work(queue, "cpu", settings, until=lambda: not queue.open_jobs("cpu"), open_backend=opened)
"""


def test_a_full_disk(queue: ImageQueue, tmp_path: Path) -> None:
    """Stops: a picture that does not fit and takes those with it that would."""
    done = subprocess.run([sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    jobs = queue.jobs()
    assert [job.state for job in jobs] == ["done", "failed", "done"]
    assert jobs[1].problem and jobs[1].problem.code == "disk_full" and "02.png" in jobs[1].problem.message("en")
    assert sorted(path.name for path in tmp_path.glob("0*")) == ["01.png", "03.png"]
    queue.add("a", [order(tmp_path, 1), order(tmp_path, 2, "large"), order(tmp_path, 3)])
    assert [job.state for job in drained(queue)] == ["done"] * 3, "with space again, the same order is painted"


def test_a_backend_that_cannot_be_opened(queue: ImageQueue, tmp_path: Path) -> None:
    """Stops: a missing model that stops the others, or a failed opening taken for an opened one."""
    queue.add("a", [*orders(tmp_path, 2), order(tmp_path, 3, offer=Offer("slow", "cpu", "good"))])
    tried: list[str] = []

    def opener(name: str, settings: Settings) -> Backend:
        tried.append(settings.finale_image_model)
        if settings.finale_image_model != "good":
            raise OSError("no such model")
        return Slow()

    work(queue, "cpu", Settings(), until=lambda: not queue.open_jobs("cpu"), open_backend=opener)
    assert [job.state for job in queue.jobs()] == ["failed", "failed", "done"]
    assert tried == ["model-1", "model-1", "good"]


def test_a_strangers_file_is_not_overwritten(queue: ImageQueue, tmp_path: Path) -> None:
    """Stops: a person's photo, or another program's picture, lost under a sticker."""
    gray = Image.new("RGB", (8, 8), "gray")
    files = {
        "01.png": b"my notes",
        "02.png": encode(gray, "PNG"),  # marked as AI-made, by whom it does not say
        "03.png": encode(gray, "PNG", recipe=Recipe(prompt="ours", model="m")),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    queue.add("a", orders(tmp_path, 3))
    jobs = drained(queue)
    assert [job.state for job in jobs] == ["failed", "failed", "done"]
    assert [job.problem.code for job in jobs[:2] if job.problem] == ["folder_taken"] * 2
    assert all((tmp_path / name).read_bytes() == files[name] for name in ("01.png", "02.png"))
    assert decode_picture(tmp_path / "03.png").size == (32, 32)


def test_a_strangers_file_that_came_meanwhile(queue: ImageQueue, tmp_path: Path) -> None:
    """Stops: a file overwritten that was put there while the picture was painted."""

    class Late(Slow):
        def log(self, line: str) -> None:
            if line.startswith("ended"):
                (tmp_path / "01.png").write_bytes(b"mine")

    queue.add("a", orders(tmp_path, 1))
    work(queue, "cpu", Settings(), until=lambda: not queue.open_jobs("cpu"), open_backend=lambda *_: Late())
    assert queue.jobs()[0].state == "failed" and (tmp_path / "01.png").read_bytes() == b"mine"
    assert not list(tmp_path.glob("*.part"))


def test_a_whole_file_of_the_same_order_counts_as_done(
    queue: ImageQueue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stops: a lost database that paints everything anew; a half file, or one of another order, taken for done."""
    log = tmp_path / "log"
    monkeypatch.setenv("SLOW_LOG", str(log))
    queue.add("a", orders(tmp_path, 3))
    first = drained(queue)
    whole = (tmp_path / "02.png").read_bytes()
    (tmp_path / "02.png").write_bytes(whole[:-600])
    log.unlink()
    queue.forget("a")
    queue.add("b", [order(tmp_path, 1), order(tmp_path, 2), order(tmp_path, 3, "another wish")])
    again = drained(queue)
    assert lines(log) == ["begun 2", "ended 2", "begun 3", "ended 3"]
    assert [job.state for job in again] == ["done"] * 3
    assert [job.sha256 for job in again[:2]] == [job.sha256 for job in first[:2]] != again[2].sha256
    assert (tmp_path / "02.png").read_bytes() == whole and again[0].made == first[0].made


def test_cancel_reaches_a_running_job_within_a_step(queue: ImageQueue, tmp_path: Path) -> None:
    """Stops: a cancelled picture that is painted to its end."""
    queue.add("a", orders(tmp_path, 2))
    steps: list[int] = []

    class Watched(Slow):
        steps, pause = 50, 0.0

        def paint(self, recipe, *, on_stage, cancelled):
            def told(stage) -> None:
                if recipe.seed == 1:
                    steps.append(stage.done)
                    if stage.done == 7:
                        assert queue.jobs()[0].preview == b"jpeg" and queue.jobs()[0].of == 50
                        ImageQueue(queue.home).cancel(queue.jobs()[0].id)
                on_stage(stage)

            return super().paint(recipe, on_stage=told, cancelled=cancelled)

    work(queue, "cpu", Settings(), until=lambda: not queue.open_jobs("cpu"), open_backend=lambda *_: Watched())
    assert [job.state for job in queue.jobs()] == ["cancelled", "done"] and steps == list(range(8))
    assert not (tmp_path / "01.png").exists() and queue.jobs()[0].preview is None


def test_who_leaves_puts_the_job_back(queue: ImageQueue, tmp_path: Path) -> None:
    """Stops: a page that goes away and takes an attempt, or the picture, with it."""
    queue.add("a", orders(tmp_path, 1))
    leaving = threading.Event()

    class Left(Slow):
        def paint(self, recipe, *, on_stage, cancelled):
            leaving.set()
            return super().paint(recipe, on_stage=on_stage, cancelled=cancelled)

    work(queue, "cpu", Settings(), until=leaving.is_set, open_backend=lambda *_: Left())
    (job,) = queue.jobs()
    assert (job.state, job.attempts, job.done, job.of) == ("waiting", 0, 0, 0)
    assert drained(queue)[0].state == "done"


def test_two_workers_and_many_adders(queue: ImageQueue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stops: a picture painted twice, or left out, because several work and order at once."""
    log = tmp_path / "log"
    monkeypatch.setenv("SLOW_LOG", str(log))
    monkeypatch.setattr(Slow, "pause", 0.0)
    adding = threading.Barrier(6)
    over = threading.Event()

    def add(first: int) -> None:
        mine = ImageQueue(queue.home)
        adding.wait()
        for n in range(first, first + 5):
            mine.add("a", [order(tmp_path, n)])

    def worker() -> None:
        mine = ImageQueue(queue.home)
        adding.wait()
        while not over.is_set():
            if not work(mine, "cpu", Settings(), until=over.is_set, open_backend=opened):
                over.wait(0.01)

    # Two adders want the same five pictures, two others five more.
    adders = [threading.Thread(target=add, args=(first,)) for first in (1, 1, 6, 11)]
    workers = [threading.Thread(target=worker) for _ in range(2)]
    for thread in [*adders, *workers]:
        thread.start()
    for thread in adders:
        thread.join()
    while queue.open_jobs("cpu"):
        queue.wait(0.05)
    over.set()
    for thread in workers:
        thread.join()
    assert sorted(lines(log)) == sorted(f"{what} {n}" for n in range(1, 16) for what in ("begun", "ended"))
    assert len(queue.jobs()) == 15 and {(job.state, job.attempts) for job in queue.jobs()} == {("done", 1)}


def test_one_works_at_a_time(queue: ImageQueue) -> None:
    """Stops: two processes with a model each on one device."""
    with queue.lock("cpu"):
        assert not work(queue, "cpu", Settings(), until=lambda: False, open_backend=opened)
        assert work(queue, "mps", Settings(), until=lambda: True, open_backend=opened)
