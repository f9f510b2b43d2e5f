"""What the tests of fetching share: a quick Fetcher for a site on loopback, and a small internet of our own."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

import httpcore

from tests.doubles.newssite import NewsSite
from tools.news.web import Fetched, Fetcher, Pace
from tools.news.web.dial import dial_tcp

T = TypeVar("T")
QUICK = Pace(connect_s=2.0, total_s=5.0)
IMPATIENT = Pace(connect_s=0.3, total_s=0.3)
PUBLIC = "93.184.216.34"
OTHER = "151.101.1.69"


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def get(site: NewsSite, path: str, home: Path, pace: Pace = QUICK, **how: Any) -> Fetched:
    """One address of `site`, by a Fetcher of its own that may reach it."""

    async def work() -> Fetched:
        async with Fetcher(home, allow_origins=[site.origin], pace=pace) as fetcher:
            return await fetcher.get(site.url(path), **how)

    return run(work())


class Internet:
    """Names and addresses without a network: `names` answers look-ups, `servers` are the sites that addresses lead to.

    An address that leads nowhere leads to `canary`, which therefore must never be asked. Nothing is allowed by name here:
    everything passes the checks that the real internet does, on the real ports.
    """

    def __init__(self, servers: dict[str, NewsSite], canary: NewsSite) -> None:
        self.servers = servers
        self.canary = canary
        self.names: dict[str, list[Sequence[str]]] = {}
        self.looked_up: list[str] = []
        self.dialled: list[str] = []

    def name(self, host: str, *answers: Sequence[str]) -> None:
        """`host` resolves to the first of `answers`, then the next …; the last one stays."""
        self.names[host] = list(answers)

    async def resolver(self, host: str, port: int) -> Sequence[str]:
        self.looked_up.append(host)
        answers = self.names.get(host)
        if not answers:
            raise OSError("no such name")
        return answers.pop(0) if len(answers) > 1 else answers[0]

    async def dial(self, ip: str, port: int, timeout: float | None) -> httpcore.AsyncNetworkStream:
        self.dialled.append(ip)
        return await dial_tcp("127.0.0.1", self.servers.get(ip, self.canary).port, timeout)

    def fetcher(self, home: Path, **options: Any) -> Fetcher:
        return Fetcher(home, **{"resolver": self.resolver, "dial": self.dial, "pace": QUICK, **options})
