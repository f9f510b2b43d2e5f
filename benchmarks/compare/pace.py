"""6 models × 20 prompts with given latencies: the time it takes beside the least it could, and how late each piece is shown."""

from __future__ import annotations

import heapq
import os
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agents import compare
from agents.context import RunOptions
from agents.events import Event, Progress, Text
from agents.run import Runs
from benchmarks.compare.timed import MODELS, TimedDouble
from tools.settings import Settings

__all__ = ["Pace", "measure_pace"]

_PROMPTS, _PER_TOKEN, _WINDOW_S = 20, 0.01, 61.0


@dataclass(frozen=True)
class Pace:
    """Seconds: `wall` from the first request to the last reply, `bound` the least that latencies and limits allow. `late` are
    milliseconds from a piece's writing at the server to its event at a reader: median, 95 %, worst; `events` a second and
    column at most."""

    replies: int
    wall: float
    bound: float
    late: tuple[float, float, float]
    events: float


def measure_pace(per_minute: int) -> Pace:
    """One comparison on an account of `per_minute` requests."""
    with tempfile.TemporaryDirectory() as home, TimedDouble(per_minute=per_minute, window="sliding") as server:
        for model, first in MODELS.items():
            server.set_latency(first, _PER_TOKEN, model)
        environment = {"FINALE_HOME": home, "OPENROUTER_BASE_URL": server.base_url, "OPENROUTER_API_KEY": server.key}
        os.environ.update(environment)
        settings = Settings()
        runs = Runs(settings)
        runs.gateway.ledger.per_minute = per_minute
        prompts = [f"第 {n} 題：雨天的校園適合做什麼？" for n in range(_PROMPTS)]
        given = compare.prepared({"prompts": prompts, "models": list(MODELS)}, settings).model_dump(mode="json")
        began = 0.0
        read: list[tuple[float, Event]] = []
        run = runs.start(compare.AGENT, given, RunOptions(purpose="interactive"))  # all of the minute may be used
        for event in runs.follow(run):
            read.append((time.time(), event))
            if isinstance(event, Progress) and event.step == "ask":
                ended = time.time()
        began = min(record.at for record in server.requests)
        assert len(server.requests) == len(MODELS) * _PROMPTS
        texts = [(at, event) for at, event in read if isinstance(event, Text)]
        return Pace(
            replies=len(server.requests),
            wall=ended - began,
            bound=least(server.took, per_minute),
            late=_lateness(texts, server.written, prompts),
            events=_busiest(texts),
        )


def least(took: Mapping[str, Sequence[float]], per_minute: int) -> float:
    """The time of the schedule that starts every answer as soon as its column is free and the window has room, the column with
    the most work left first."""
    left = {model: list(times) for model, times in took.items()}
    free = [(0.0, model) for model in left]
    heapq.heapify(free)
    starts: list[float] = []
    end = 0.0
    while free:
        now = max(free[0][0], starts[-per_minute] + _WINDOW_S if len(starts) >= per_minute else 0.0)
        ready = [entry for entry in free if entry[0] <= now]
        chosen = max(ready, key=lambda entry: sum(left[entry[1]]))
        free.remove(chosen)
        heapq.heapify(free)
        starts.append(now)
        done = now + left[chosen[1]].pop(0)
        end = max(end, done)
        if left[chosen[1]]:
            heapq.heappush(free, (done, chosen[1]))
    return end


def _lateness(
    texts: Sequence[tuple[float, Text]],
    written: Mapping[tuple[str, str], Sequence[tuple[float, int]]],
    prompts: Sequence[str],
) -> tuple[float, float, float]:
    """How long the oldest character of each event had been written, in milliseconds."""
    shown: dict[str, int] = {}
    late = []
    for at, event in texts:
        n, _, model = event.step.partition("|")
        begin = shown.get(event.step, 0)
        shown[event.step] = begin + len(event.text)
        so_far = 0
        for when, length in written[prompts[int(n) - 1], model]:
            so_far += length
            if so_far > begin:
                late.append(1000 * (at - when))
                break
    late.sort()
    return statistics.median(late), late[int(0.95 * (len(late) - 1))], late[-1]


def _busiest(texts: Sequence[tuple[float, Text]]) -> float:
    """The most events of one cell in any second."""
    by_cell: dict[str, list[float]] = {}
    for _, event in texts:
        by_cell.setdefault(event.step, []).append(event.at)
    return max(sum(start <= at < start + 1 for at in times) for times in by_cell.values() for start in times)
