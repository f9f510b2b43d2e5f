"""What is wanted and what became of it: adding again, changing, moving, cancelling, forgetting."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.tools.images.queue.kit import SLOW, opened, order, orders
from tools.images.backend import Offer
from tools.images.queue import ImageQueue, NoSuchJob, Order, WrongState, work
from tools.images.recipe import Recipe
from tools.settings import Settings


def drained(queue: ImageQueue) -> None:
    assert work(queue, "cpu", Settings(), until=lambda: not queue.open_jobs("cpu"), open_backend=opened)


def seeds(queue: ImageQueue, batch: str = "") -> list[int | None]:
    return [job.recipe.seed for job in queue.jobs(batch)]


@pytest.fixture
def queue(own_home: Path) -> ImageQueue:
    return ImageQueue(own_home)


def test_the_same_order_again_is_the_same_job(queue: ImageQueue, tmp_path: Path) -> None:
    """Stops: a resumed run that queues its pictures twice."""
    ids = queue.add("a", orders(tmp_path, 3))
    assert queue.add("a", orders(tmp_path, 3)) == ids and len(set(ids)) == 3
    assert queue.add("a", orders(tmp_path, 4))[:3] == ids and len(queue.jobs("a")) == 4
    other = queue.add("b", orders(tmp_path, 1))
    assert other[0] not in ids and [job.batch for job in queue.jobs()] == ["a"] * 4 + ["b"]
    again = ImageQueue(queue.home)
    assert again.jobs() == queue.jobs()
    kept = queue.job(ids[0])
    assert (kept.recipe, kept.path, kept.backend, kept.device, kept.model, kept.state) == (
        Recipe(prompt="noise", seed=1), tmp_path / "01.png", "slow", "cpu", "model-1", "waiting",
    )  # fmt: skip


def test_a_changed_order_takes_the_old_ones_place(queue: ImageQueue, tmp_path: Path) -> None:
    """Stops: a picture of the old wish under the new one."""
    one, two = queue.add("a", orders(tmp_path, 2))
    (new,) = queue.add("a", [order(tmp_path, 1, "other")])
    assert new not in (one, two)
    assert [(job.id, job.recipe.prompt) for job in queue.jobs("a")] == [(new, "other"), (two, "noise")]
    (model,) = queue.add("a", [Order(Recipe(prompt="other", seed=1), tmp_path / "01.png", replace(SLOW, model="m2"))])
    assert model != new and queue.job(model).model == "m2"
    with pytest.raises(NoSuchJob):
        queue.job(new)


def test_a_changed_order_stops_the_old_one_that_runs(queue: ImageQueue, tmp_path: Path) -> None:
    """Stops: two jobs writing the same file, and a batch that waits for what nobody wants."""
    (old,) = queue.add("a", orders(tmp_path, 1))
    assert queue.take("cpu") is not None
    (new,) = queue.add("a", [order(tmp_path, 1, "other")])
    assert [job.id for job in queue.jobs("a")] == [new] and queue.stopping(old)
    with queue.finishing(old) as wanted:
        assert not wanted
    queue.put_back(old)
    assert [job.id for job in queue.jobs()] == [new]


def test_done_stays_done_while_its_file_is_whole(queue: ImageQueue, tmp_path: Path) -> None:
    """Stops: a picture that somebody deleted or changed counted as there."""
    ids = queue.add("a", orders(tmp_path, 2))
    drained(queue)
    assert queue.add("a", orders(tmp_path, 2)) == ids
    assert [job.state for job in queue.jobs()] == ["done", "done"]
    before = (tmp_path / "01.png").read_bytes()
    (tmp_path / "01.png").unlink()
    queue.add("a", orders(tmp_path, 2))
    assert [job.state for job in queue.jobs()] == ["waiting", "done"]
    drained(queue)
    assert (tmp_path / "01.png").read_bytes() == before and queue.job(ids[0]).sha256


def test_moving(queue: ImageQueue, tmp_path: Path) -> None:
    """Stops: a reordering that loses or doubles a place."""
    ids = queue.add("a", orders(tmp_path, 4))
    queue.move(ids[3], before=ids[0])
    assert seeds(queue) == [4, 1, 2, 3]
    queue.move(ids[3], before=None)
    assert seeds(queue) == [1, 2, 3, 4]
    queue.move(ids[0], before=ids[2])
    queue.move(ids[2], before=ids[2])
    assert seeds(queue) == [2, 1, 3, 4]
    taken = queue.take("cpu")
    assert taken is not None and taken.recipe.seed == 2
    for id, before in ((taken.id, ids[0]), (ids[0], taken.id)):
        with pytest.raises(WrongState) as error:
            queue.move(id, before)
        assert str(taken.id) in error.value.message("zh")
    with pytest.raises(NoSuchJob):
        queue.move(99, None)


def test_cancel_retry_and_stop(queue: ImageQueue, tmp_path: Path) -> None:
    """Stops: a picture that a person cancelled painted by the next resume, or a stopped one never painted."""
    one, two, three = queue.add("a", orders(tmp_path, 3))
    queue.cancel(two)
    assert queue.job(two).state == "cancelled" and queue.job(two).problem is None
    queue.add("a", orders(tmp_path, 3))
    assert queue.job(two).state == "cancelled"
    queue.stop("a")
    stopped = queue.job(one)
    assert stopped.state == "cancelled" and stopped.problem and stopped.problem.code == "stopped"
    assert stopped.problem.message("zh") != stopped.problem.message("en")
    queue.add("a", orders(tmp_path, 3))
    assert [job.state for job in queue.jobs()] == ["waiting", "cancelled", "waiting"]
    queue.retry(two)
    assert queue.job(two).state == "waiting"
    with pytest.raises(WrongState):
        queue.retry(three)
    drained(queue)
    queue.cancel(three)
    assert queue.job(three).state == "done"
    with pytest.raises(WrongState):
        queue.retry(three)
    for gone in (queue.cancel, queue.retry, queue.job):
        with pytest.raises(NoSuchJob):
            gone(99)


def test_a_stopped_job_that_runs_may_be_wanted_again(queue: ImageQueue, tmp_path: Path) -> None:
    """Stops: stop and resume in one breath leaving a picture out."""
    (id,) = queue.add("a", orders(tmp_path, 1))
    queue.take("cpu")
    queue.stop("a")
    assert queue.stopping(id)
    assert queue.add("a", orders(tmp_path, 1)) == [id] and not queue.stopping(id)
    queue.put_back(id)
    assert (queue.job(id).state, queue.job(id).attempts, queue.job(id).problem) == ("waiting", 0, None)


def test_forgetting_keeps_files(queue: ImageQueue, tmp_path: Path) -> None:
    """Stops: a deleted run whose jobs go on, or take pictures with them."""
    queue.add("a", orders(tmp_path, 2))
    drained(queue)
    queue.add("b", orders(tmp_path / "b", 2))
    running = queue.take("cpu")
    assert running is not None
    queue.forget("a")
    queue.forget("b")
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["01.png", "02.png"]
    assert [job.id for job in queue.jobs()] == [running.id] and queue.stopping(running.id)
    queue.recover("cpu")
    assert queue.jobs() == []


def test_names_that_are_no_text(queue: ImageQueue, tmp_path: Path) -> None:
    """Stops: a file name in another encoding, or a device name with slashes, that breaks the queue."""
    strange = tmp_path / b"\xff\xfe.png".decode("utf-8", "surrogateescape")
    (id,) = queue.add("a", [Order(Recipe(prompt="a\nb 柴犬", seed=1), strange, Offer("slow", "../../x:0"))])
    assert queue.job(id).path == strange and queue.job(id).recipe.prompt == "a\nb 柴犬"
    with queue.lock("../../x:0"):
        assert queue.alive("../../x:0") and not queue.alive("cpu")
    assert {path.parent for path in queue.home.rglob("*.lock")} <= {queue.home / "locks"}


def test_a_recipe_without_a_seed_gets_one_for_good(queue: ImageQueue, tmp_path: Path) -> None:
    """Stops: a picture that comes out another one after a kill, or is queued twice for want of a seed."""
    wish = [Order(Recipe(prompt="noise"), tmp_path / "1.png", SLOW)]
    ids = queue.add("a", wish)
    seed = queue.job(ids[0]).recipe.seed
    assert seed is not None and queue.add("a", wish) == ids and queue.job(ids[0]).recipe.seed == seed
    drained(queue)
    first = (tmp_path / "1.png").read_bytes()
    (tmp_path / "1.png").unlink()
    queue.add("a", wish)
    drained(queue)
    assert (tmp_path / "1.png").read_bytes() == first


def test_a_damaged_queue_is_kept_and_begun_anew(queue: ImageQueue, tmp_path: Path) -> None:
    """Stops: a damaged file that ends every run, or takes the pictures that are there with it."""
    queue.add("a", orders(tmp_path, 2))
    drained(queue)
    before = (tmp_path / "01.png").stat().st_mtime_ns
    queue.close()
    for path in queue.home.glob("images.db*"):
        path.unlink()
    (queue.home / "images.db").write_bytes(b"no database" * 1_000)
    again = ImageQueue(queue.home)
    assert again.set_aside and again.set_aside.exists() and again.jobs() == []
    again.add("a", orders(tmp_path, 2))
    drained(again)
    assert [job.state for job in again.jobs()] == ["done", "done"]
    assert (tmp_path / "01.png").stat().st_mtime_ns == before
