"""Waiting for a batch: whoever waits sees to it that somebody works, on every device that the batch needs.

The house device is worked inside the waiting process. Any other device is worked by a process of its own, which holds the
model; it is started on demand, started again when it died, and outlives whoever waits, so that nothing is lost with it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from tools.images.backend import HouseBackend
from tools.images.queue.errors import QueueError
from tools.images.queue.files import plain
from tools.images.queue.model import Job, Told
from tools.images.queue.queue import ImageQueue
from tools.images.queue.work import work
from tools.settings import ROOT, Settings
from tools.storage import StorageError, writing

__all__ = ["WORKER", "drain"]

WORKER = (sys.executable, "-m", "tools.images.queue.worker")
_LOOK_S = 0.1
_STRIKES = 3  # so many deaths of a worker without a single job begun: it cannot start at all
_processes: dict[tuple[Path, str], subprocess.Popen[bytes]] = {}
_guard = threading.Lock()


def drain(
    queue: ImageQueue,
    batch: str,
    settings: Settings,
    *,
    on_change: Callable[[Sequence[Job]], None],
    cancelled: Callable[[], bool],
    worker: Sequence[str] = WORKER,
) -> list[Job]:
    """Wait until every job of a batch is done, failed or cancelled, and return them in order.

    `on_change` gets the batch's jobs at first and whenever one of them changed. When `cancelled` says so, what is not over
    is stopped (adding it again goes on with it) and the jobs are returned as they then stand. `worker` is the command that
    works a device; the device's name is added to it.

    Raises:
        StorageError: the queue cannot be written.
    """
    hands: dict[str, _Hand] = {}
    jobs: list[Job] = []
    seen: tuple[object, ...] | None = None
    try:
        while True:
            pulse = queue.pulse(batch)
            if pulse != seen:
                seen, jobs = pulse, queue.jobs(batch)
                on_change(jobs)
            if all(job.over for job in jobs):
                return jobs
            if cancelled():
                queue.stop(batch)
                break
            for device in {job.device for job in jobs if not job.over}:
                if device not in hands:
                    hands[device] = (
                        _Inside(queue, settings)
                        if device == HouseBackend.device
                        else _Outside(queue, batch, device, settings, [*worker, device])
                    )
                hands[device].see_to_it()
            queue.wait(_LOOK_S)
    finally:
        for hand in hands.values():
            hand.let_go()
    jobs = queue.jobs(batch)
    on_change(jobs)
    return jobs


class _Hand(Protocol):
    def see_to_it(self) -> None:
        """Make sure that somebody works the device."""

    def let_go(self) -> None:
        """Nobody waits any more."""


class _Inside:
    """Works the house device in a thread of this process, as soon as nobody else does."""

    def __init__(self, queue: ImageQueue, settings: Settings) -> None:
        self._queue, self._settings = queue, settings
        self._leaving = threading.Event()
        self._error: StorageError | None = None
        self._thread = threading.Thread(target=self._work, name="finale-house-artist", daemon=True)

    def see_to_it(self) -> None:
        if self._error is not None:
            raise self._error
        if not self._thread.is_alive():
            self._thread = threading.Thread(target=self._work, name="finale-house-artist", daemon=True)
            self._thread.start()

    def let_go(self) -> None:
        self._leaving.set()
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        try:
            while not self._leaving.is_set():
                if not work(self._queue, HouseBackend.device, self._settings, until=self._leaving.is_set):
                    self._leaving.wait(_LOOK_S)
        except StorageError as error:
            self._error = error


class _Outside:
    """Keeps a worker process of a device alive."""

    def __init__(self, queue: ImageQueue, batch: str, device: str, settings: Settings, command: Sequence[str]) -> None:
        self._queue, self._batch, self._device, self._command = queue, batch, device, tuple(command)
        self._settings = settings
        self._strikes, self._begun = 0, -1

    def see_to_it(self) -> None:
        with _guard:  # several batches may wait in this process for one worker
            process = _processes.get((self._queue.home, self._device))
            if (process is not None and process.poll() is None) or self._queue.alive(self._device):
                return
            begun = sum(job.attempts for job in self._queue.jobs() if job.device == self._device)
            self._strikes = self._strikes + 1 if begun == self._begun else 0
            self._begun = begun
            if self._strikes < _STRIKES:
                _processes[(self._queue.home, self._device)] = self._start()
                return
        self._give_up()

    def let_go(self) -> None:
        """The worker ends itself when it has nothing to do."""

    def _start(self) -> subprocess.Popen[bytes]:
        log = self._log()
        with writing(log):
            log.parent.mkdir(parents=True, exist_ok=True)
            with log.open("wb") as out:
                return subprocess.Popen(
                    self._command,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    env=_environment(self._settings),
                    cwd=self._queue.home,
                    start_new_session=True,  # Ctrl-C ends who waits, not who works
                )

    def _give_up(self) -> None:
        told = Told.of_words(QueueError.words_file, "worker_died", {"device": self._device, "log": self._log()})
        for job in self._queue.jobs(self._batch):
            if job.device == self._device and not job.over:
                self._queue.fail(job.id, told)

    def _log(self) -> Path:
        return self._queue.home / "logs" / f"images-{plain(self._device)}.log"


def _environment(settings: Settings) -> dict[str, str]:
    """What a worker needs to know. It asks no language model, so no key of one is handed to it."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.endswith("_API_KEY") and name != "FINALE_EMBED_KEY"
    }
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH", "")])]
    return environment | {
        "FINALE_HOME": str(settings.home),
        "FINALE_IMAGE_FOLDER": str(settings.image_folder),
        "FINALE_IMAGE_IDLE": str(settings.finale_image_idle),
        "FINALE_LANG": settings.lang,
        "FINALE_ENV_FILE": os.devnull,  # a .env file may hold the key; what matters of it is in these variables
        "PYTHONPATH": os.pathsep.join(paths),
    }
