"""The account behind a key, as OpenRouter keeps it: a clock, 20 requests a minute, 50 a UTC day.

Failed and refused calls count toward the day as well, so `counted` may pass the daily limit.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from datetime import datetime
from typing import Any, Literal

from tests.doubles.faults import Fault

DAY = 86_400


class Clock:
    """A clock that tests can move. Seconds since the epoch.

    Without `start` it follows real time plus what `advance` added. With `start` it stands still at
    that moment and moves by `advance` alone, so that no test depends on where a minute begins.
    An instance is callable and may be handed to the code under test as its own clock.
    """

    def __init__(self, start: float | datetime | None = None) -> None:
        self._lock = threading.Lock()
        self._frozen = start is not None
        if isinstance(start, datetime):
            start = start.timestamp()
        self._base = float(start or 0.0)

    def now(self) -> float:
        """Seconds since the epoch, as this clock sees them."""
        with self._lock:
            return self._base if self._frozen else time.time() + self._base

    __call__ = now

    def advance(self, seconds: float) -> None:
        """Move the clock forward by `seconds` (negative moves it back)."""
        with self._lock:
            self._base += seconds

    def freeze(self) -> None:
        """Stand still from here on."""
        with self._lock:
            if not self._frozen:
                self._base, self._frozen = time.time() + self._base, True


class Account:
    """Counts of one account. Not locked by itself: the server calls it under its own lock."""

    def __init__(
        self,
        clock: Clock,
        *,
        daily: int,
        per_minute: int,
        window: Literal["clock", "sliding"] = "clock",
    ) -> None:
        self.clock = clock
        self.daily = daily
        self.per_minute = per_minute
        self.window = window
        self._days: dict[int, int] = {}
        self._admitted: deque[float] = deque()
        self._cached: tuple[float, dict[str, int]] | None = None

    @property
    def today(self) -> int:
        """Chat calls counted in the present UTC day, refused ones included."""
        return self._days.get(self._day(), 0)

    def spend(self, count: int) -> None:
        """Count `count` calls that other programs made today with the same account."""
        self._days[self._day()] = self.today + count

    def admit(self) -> Fault | None:
        """Count one call; answer the limit it breaks, or None when it may pass."""
        now = self.clock.now()
        spent_before = self.today
        self._days[self._day()] = spent_before + 1
        if spent_before >= self.daily:
            return Fault.DAY_429
        begin = math.floor(now / 60) * 60 if self.window == "clock" else now - 60
        while self._admitted and self._admitted[0] < begin:
            self._admitted.popleft()
        if len(self._admitted) >= self.per_minute:
            return Fault.MINUTE_429
        self._admitted.append(now)
        return None

    def day_reset_ms(self) -> int:
        """Epoch milliseconds of the next 00:00 UTC."""
        return (self._day() + 1) * DAY * 1000

    def minute_reset_ms(self) -> int:
        """Epoch milliseconds of the next clock minute."""
        return (math.floor(self.clock.now() / 60) + 1) * 60_000

    def daily_requests(self) -> dict[str, int]:
        """`free_model_daily_requests` of GET /key: the true counter, up to 60 s old."""
        now = self.clock.now()
        if self._cached is None or not 0 <= now - self._cached[0] < 60:
            used = self.today
            fresh = {"used": used, "limit": self.daily, "remaining": max(0, self.daily - used)}
            self._cached = (now, fresh)
        return dict(self._cached[1])

    def key_body(self, key: str, *, with_counter: bool) -> dict[str, Any]:
        """The body of GET /key. The counter is absent on older servers (`with_counter=False`)."""
        data: dict[str, Any] = {
            "label": f"{key[:9]}...{key[-3:]}",
            "limit": None,
            "limit_remaining": None,
            "limit_reset": None,
            "usage": 0,
            "usage_daily": 0,
            "usage_weekly": 0,
            "usage_monthly": 0,
            "byok_usage": 0,
            "is_free_tier": self.daily < 1000,
            "is_management_key": False,
            "rate_limit": {"requests": -1, "interval": "10s", "note": "This field is deprecated."},
        }
        if with_counter:
            data["free_model_daily_requests"] = self.daily_requests()
        return {"data": data}

    def _day(self) -> int:
        return int(self.clock.now() // DAY)
