"""A hundred questions of mixed luck on a virtual clock, against what an oracle would need."""

from __future__ import annotations

import random
import tempfile
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.doubles.openrouter import Fault, OpenRouterDouble
from tools.llm import Gateway, NoReply, Question

__all__ = ["Luck", "measure_luck"]

# Failures the server meets before its headers: its own fallback inside the request answers them.
BEFORE = (
    Fault.UPSTREAM_429, Fault.MODEL_CAP_429, Fault.GONE_404, Fault.PAID_NOW_404, Fault.HARNESS_403, Fault.PROVIDER_502,
    Fault.OVERLOADED_503, Fault.TIMEOUT_408, Fault.ERROR_500,
)  # fmt: skip
# Failures after HTTP 200 was committed: nobody can foresee them, the question must be asked again.
AFTER = (
    Fault.ERROR_IN_200,
    Fault.UPSTREAM_429_IN_200,
    Fault.EMPTY_CONTENT,
    Fault.FINISH_ERROR,
    Fault.STREAM_ERROR_CHUNK,
)


@dataclass(frozen=True)
class Luck:
    """What it took. Times are virtual seconds; `bound` is the shortest the limits and latencies allow."""

    requests: int
    fewest: int
    answered: int
    wall: float
    bound: float


def measure_luck(calls: int, seed: int) -> Luck:
    """Ask `calls` questions; about a third of all model turns fail."""
    dice = random.Random(seed)
    start = datetime(2026, 8, 22, 1, 0, tzinfo=UTC)
    with (
        tempfile.TemporaryDirectory() as home,
        OpenRouterDouble(key="sk-or-v1-bench-000000", daily=1_000, window="sliding", start=start) as server,
    ):
        latencies: list[float] = []

        def answering(_: object) -> None:
            latencies.append(dice.uniform(0.6, 2.4))
            server.clock.advance(latencies[-1])

        server.on_request = answering
        server.everyone([_turn(dice) for _ in range(calls * 4)])
        gateway = Gateway(
            Path(home), server.base_url, server.key, clock=server.clock, sleep=server.clock.advance, own_server=True
        )
        began, answered = server.clock(), 0
        for number in range(calls):
            question = Question(messages=({"role": "user", "content": f"第 {number} 題"},), run="bench")
            try:
                gateway.ask(question)
                answered += 1
            except NoReply:
                continue
        unforeseen = sum(record.outcome in {fault.value for fault in AFTER} for record in server.requests)
        fewest = calls + unforeseen
        return Luck(
            requests=server.counted,
            fewest=fewest,
            answered=answered,
            wall=server.clock() - began,
            bound=_bound(latencies[:fewest]),
        )


def _turn(dice: random.Random) -> Fault:
    draw = dice.random()
    if draw < 0.26:
        return dice.choice(BEFORE)
    return dice.choice(AFTER) if draw < 0.34 else Fault.OK


def _bound(latencies: list[float]) -> float:
    """The shortest time for one asker: each request follows the last one and keeps to 20 starts in any 60 s."""
    now, starts = 0.0, deque[float](maxlen=20)
    for latency in latencies:
        if len(starts) == 20:
            now = max(now, starts[0] + 60)
        starts.append(now)
        now += latency
    return now
