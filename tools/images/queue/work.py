"""The work on one device: its jobs one after the other, by whoever holds the device's lock."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable

from tools.errors import FinaleError
from tools.images.backend import Backend, PaintCancelled, PaintError, Stage
from tools.images.backend import open_backend as open_here
from tools.images.queue.errors import QueueError
from tools.images.queue.files import already_there, part_of, put_away, put_down, signed
from tools.images.queue.model import Job, Told
from tools.images.queue.queue import ImageQueue
from tools.settings import Settings
from tools.storage import StorageError, writing

__all__ = ["Opener", "work"]

_LOG = logging.getLogger("finale.images")
_LOOK_S = 0.1
Opener = Callable[[str, Settings], Backend]


def work(
    queue: ImageQueue,
    device: str,
    settings: Settings,
    *,
    until: Callable[[], bool],
    open_backend: Opener = open_here,
) -> bool:
    """Work the jobs of a device in order until `until` says so; False at once where somebody else works them.

    `until` is asked between jobs, while none waits, and at every step of a picture; the job in hand is then put back.
    A job that cannot be painted fails with its reason, and the next one is begun.

    Raises:
        StorageError: the queue itself cannot be written.
    """
    lock = queue.lock(device)
    try:
        lock.acquire(timeout=0)
    except TimeoutError:
        return False
    try:
        queue.recover(device)
        easel = _Easel(settings, open_backend)
        while not until():
            job = queue.take(device)
            if job is None:
                queue.wait(_LOOK_S)
            else:
                _paint(queue, job, easel, until)
    finally:
        lock.release()
    return True


class _Easel:
    """The backend in use, kept between jobs: loading a model takes longer than painting with it."""

    def __init__(self, settings: Settings, open_backend: Opener) -> None:
        self.settings, self._open = settings, open_backend
        self._kind: tuple[str, str, str] | None = None
        self._backend: Backend | None = None

    def backend(self, job: Job) -> Backend:
        kind = (job.backend, job.device, job.model)
        if self._backend is None or kind != self._kind:
            self._backend, self._kind = None, kind  # let go of first: two models may not fit into the memory
            told = {"finale_image_model": job.model, "finale_image_device": job.device}
            self._backend = self._open(job.backend, self.settings.model_copy(update=told))
        return self._backend


def _paint(queue: ImageQueue, job: Job, easel: _Easel, until: Callable[[], bool]) -> None:
    """Work one job to an end, whatever it is."""

    def on_stage(stage: Stage) -> None:
        with contextlib.suppress(StorageError):  # a full disk must not spoil the picture; its own writing will tell
            queue.at_stage(job.id, stage)

    try:
        if there := already_there(job):
            sha256, made = there
            queue.seal(job.id, sha256, made, ())
            with queue.finishing(job.id) as wanted:
                pass
            if not wanted:
                queue.put_back(job.id)
            return
        painting = easel.backend(job).paint(
            job.recipe, on_stage=on_stage, cancelled=lambda: queue.stopping(job.id) or until()
        )
        recipe = signed(painting.recipe, job.digest)
        notes = [Told.of_words(PaintError.words_file, key, params) for key, params in painting.notes]
        queue.seal(job.id, put_down(job, painting, recipe, easel.settings), recipe, notes)
        with queue.finishing(job.id) as wanted:
            if wanted:
                already_there(job)  # whoever put a file there meanwhile keeps it
                with writing(job.path):
                    part_of(job).replace(job.path)
        if not wanted:
            queue.put_back(job.id)
    except PaintCancelled:
        queue.put_back(job.id)
    except FinaleError as error:
        queue.fail(job.id, Told.of_error(error))
    except Exception as error:  # noqa: BLE001 - boundary of a job: logged, told on the job, and the next one is begun
        why = f"{type(error).__name__}: {error}"[:200]
        _LOG.error("picture job %s failed: %s", job.id, why, exc_info=error)
        queue.fail(job.id, Told.of_words(QueueError.words_file, "crashed", {"why": why}))
    finally:
        put_away(job)
