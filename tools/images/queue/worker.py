"""The process that works one device: `python -m tools.images.queue.worker DEVICE`.

It is started by whoever waits for pictures (drain.py), finds everything in the queue, and ends itself after some time
without work (FINALE_IMAGE_IDLE), so that a model does not keep a machine's memory for ever.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable

from tools.images.backend import open_backend as open_here
from tools.images.queue.queue import ImageQueue
from tools.images.queue.work import Opener, work
from tools.settings import Settings

__all__ = ["idle_for", "main"]

_PATIENCE_S = 2.0


def idle_for(queue: ImageQueue, device: str, seconds: float) -> Callable[[], bool]:
    """A question: has this device had nothing to do for so many seconds?"""
    busy = time.monotonic()

    def idle() -> bool:
        nonlocal busy
        if queue.open_jobs(device):
            busy = time.monotonic()
            return False
        return time.monotonic() - busy >= seconds

    return idle


def main(device: str, open_backend: Opener = open_here) -> None:
    """Work the device until it has been idle for a while or the system asks to end; the job in hand is put back then."""
    ending = False

    def end(*_: object) -> None:
        nonlocal ending
        ending = True

    signal.signal(signal.SIGTERM, end)
    settings = Settings()
    queue = ImageQueue(settings.home)
    nothing_to_do = idle_for(queue, device, settings.finale_image_idle)
    patience = time.monotonic() + _PATIENCE_S

    def until() -> bool:
        return ending or nothing_to_do()

    # Whoever looks whether somebody works holds the lock for a moment, so one refusal means nothing.
    while not work(queue, device, settings, until=until, open_backend=open_backend) and time.monotonic() < patience:
        time.sleep(0.05)


if __name__ == "__main__":
    main(sys.argv[1])
