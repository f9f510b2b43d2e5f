"""The worker process of tools/images/queue/worker.py with the tests' backend: `… DEVICE [FAULT]`.

FAULT names a moment at which it kills itself: after_writing, after_sealing, after_placing.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any

from tests.tools.images.queue.kit import opened
from tools.images.queue import ImageQueue
from tools.images.queue.worker import main


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def then_die(done: Callable[..., Any]) -> Callable[..., Any]:
    def both(*args: Any, **named: Any) -> None:
        done(*args, **named)
        die()

    return both


def set_fault(name: str) -> None:
    module = sys.modules["tools.images.queue.work"]
    if name == "after_writing":
        module.put_down = then_die(module.put_down)
    elif name == "after_sealing":
        ImageQueue.seal = then_die(ImageQueue.seal)
    elif name == "after_placing":
        whole = ImageQueue.finishing

        @contextlib.contextmanager
        def finishing(self: ImageQueue, id: int) -> Iterator[bool]:
            with whole(self, id) as wanted:
                yield wanted
                die()

        ImageQueue.finishing = finishing


if __name__ == "__main__":
    set_fault(sys.argv[2] if len(sys.argv) > 2 else "")
    main(sys.argv[1], opened)
