"""What a question costs on this side of the wire, beside a bare call of the SDK."""

from __future__ import annotations

import contextlib
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.doubles.openrouter import OpenRouterDouble
from tools.llm import Gateway, Question

__all__ = ["Overhead", "measure_overhead"]


@dataclass(frozen=True)
class Overhead:
    """Medians in milliseconds. `disk` is the time inside the ledger's write transactions, `added` the rest of what the
    gateway adds to the bare call."""

    bare: float
    through: float
    disk: float
    added: float
    added_p95: float


def measure_overhead(calls: int) -> Overhead:
    """Ask `calls` questions bare and through the gateway, in turns, of the same server."""
    import openai

    with (
        tempfile.TemporaryDirectory() as home,
        OpenRouterDouble(key="sk-or-v1-bench-000000", daily=100_000, per_minute=100_000) as server,
    ):
        client = openai.OpenAI(api_key=server.key, base_url=server.base_url, max_retries=0)
        gateway = Gateway(Path(home), server.base_url, server.key, own_server=True)
        model = gateway.catalogue.listing().free[0].id
        gateway.ledger.observe(gateway._account, limit=100_000)
        gateway.ledger.per_minute = 100_000
        disk = _timed_transactions(gateway)
        bare, through, added = [], [], []
        for number in range(calls + 5):
            messages = ({"role": "user", "content": f"第 {number} 題"},)
            began = time.perf_counter()
            for _ in client.chat.completions.create(model=model, messages=list(messages), stream=True):
                pass
            bare.append(time.perf_counter() - began)
            disk[0] = 0.0
            began = time.perf_counter()
            gateway.ask(Question(messages=messages, model=model, run="bench", version=str(number)))
            through.append(time.perf_counter() - began)
            added.append(through[-1] - bare[-1] - disk[0])
            disk.append(disk[0])
        client.close()
    steady = slice(5, None)  # the first ones load the SDK and warm the connection
    added_ms = sorted(1000 * value for value in added[steady])
    return Overhead(
        bare=1000 * statistics.median(bare[steady]),
        through=1000 * statistics.median(through[steady]),
        disk=1000 * statistics.median(disk[6:]),
        added=statistics.median(added_ms),
        added_p95=added_ms[int(0.95 * (len(added_ms) - 1))],
    )


def _timed_transactions(gateway: Gateway) -> list[float]:
    """Add the time spent in write transactions to the first element of the list that is returned."""
    total = [0.0]
    database: Any = gateway.ledger.database
    real = database.transaction

    @contextlib.contextmanager
    def timed() -> Iterator[Any]:
        began = time.perf_counter()
        try:
            with real() as connection:
                yield connection
        finally:
            total[0] += time.perf_counter() - began

    database.transaction = timed
    return total
