"""Four processes on one account, on a clock that runs five times as fast: limits are counted at the server."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.doubles.openrouter import OpenRouterDouble
from tools.llm import Gateway, NoReply, Question

__all__ = ["Pressure", "measure_pressure"]

_SPEED = 5.0
_PROCESSES, _QUESTIONS, _DAILY = 4, 20, 50


@dataclass(frozen=True)
class Pressure:
    """What the server saw: calls, the day's limit, the most calls in any 60 s, and how many it had to refuse."""

    processes: int
    sent: int
    daily: int
    most_in_a_minute: int
    refused: int


class _Fast:
    """A clock that runs `_SPEED` times as fast from `zero` on, the same in every process."""

    def __init__(self, zero: float) -> None:
        self.zero = zero

    def now(self) -> float:
        return self.zero + (time.time() - self.zero) * _SPEED

    __call__ = now


def measure_pressure() -> Pressure:
    """Let the processes ask; takes about half a minute."""
    with (
        tempfile.TemporaryDirectory() as home,
        OpenRouterDouble(key="sk-or-v1-bench-000000", daily=_DAILY, window="sliding") as server,
    ):
        zero = time.time()
        clock = _Fast(zero)
        server.clock = server.account.clock = clock  # type: ignore[assignment]
        context = multiprocessing.get_context("spawn")
        askers = [
            context.Process(target=_ask, args=(home, server.base_url, server.key, zero, number))
            for number in range(_PROCESSES)
        ]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
        times = sorted(record.at for record in server.requests)
        refused = sum(record.status == 429 for record in server.requests)
    most = max((sum(at <= other < at + 60 for other in times) for at in times), default=0)
    return Pressure(_PROCESSES, len(times), _DAILY, most, refused)


def _ask(home: str, base_url: str, key: str, zero: float, number: int) -> None:
    gateway = Gateway(
        Path(home),
        base_url,
        key,
        clock=_Fast(zero),
        sleep=lambda seconds: time.sleep(seconds / _SPEED),
        own_server=True,
    )
    for question in range(_QUESTIONS):
        asked = Question(messages=({"role": "user", "content": f"{number}-{question}"},), run=f"bench-{number}")
        try:
            gateway.ask(asked)
        except NoReply:
            return
