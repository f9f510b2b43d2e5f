"""What passes between the parts of the double: a call as recorded, and a call as decided."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from tests.doubles.faults import Failure, Fault
from tests.doubles.replies import Reply


@dataclass(frozen=True)
class Recorded:
    """One chat call as the server saw it. `status` is 0 where no status line was ever sent."""

    at: float
    path: str
    model: str
    models: tuple[str, ...]
    body: dict[str, Any]
    stream: bool
    status: int
    outcome: Fault
    served: str | None
    attempts: tuple[tuple[str, Fault], ...]
    headers: dict[str, str]


@dataclass
class Call:
    """A decided call, for the wire to write."""

    record: Recorded
    fault: Fault
    failure: Failure | None
    reply: Reply | None
    rng: random.Random
    first: float = 0.0
    per_token: float = 0.0
