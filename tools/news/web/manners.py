"""Good manners at each site: one request at a time, robots.txt, Crawl-delay, and staying away when asked to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tools.news.web.address import Address, check_move
from tools.news.web.errors import NotAllowed, NotNow, Refused, TooSlow, Unreachable, WebError
from tools.news.web.notes import Note
from tools.news.web.robots import Rules, read_robots
from tools.news.web.store import KeptRobots, WebStore
from tools.news.web.validators import retry_at

if TYPE_CHECKING:
    from tools.news.web.exchange import Answer, Budget

__all__ = ["MOVES", "Ask", "Host", "Manners"]

MOVES = 5
"""Redirects that are followed, for a page and for robots.txt (RFC 9309 section 2.3.1.2 asks for five)."""

_ROBOTS_BYTES = 2_000_000
_ROBOTS_FRESH_S = 86_400.0
_ROBOTS_DOWN_S = 600.0
_GONE_S = 60.0
_LONGEST_DELAY_S = 15.0
_REDIRECTS = (301, 302, 303, 307, 308)

Ask = Callable[..., Awaitable["Answer"]]
"""`exchange` with its pool chosen: (address, headers, budget, judge, cut_off=…) → Answer."""


@dataclass
class Host:
    """What this run knows of one origin."""

    origin: str
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    ended: float | None = None
    rules: Rules | None = None
    failed: WebError | None = None
    failed_until: float = 0.0
    wait_until: float = 0.0


class Manners:
    """The rules of all sites of a run. `tell` hears what a person should know; `sleep` and `clock` are Unix seconds."""

    def __init__(
        self,
        store: WebStore,
        agent: str,
        allowed: frozenset[str],
        ask: Ask,
        tell: Callable[[Note], None],
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._store = store
        self._agent = agent
        self._allowed = allowed
        self._ask = ask
        self._tell = tell
        self._clock = clock
        self._sleep = sleep
        self._hosts: dict[str, Host] = {}

    def host(self, address: Address) -> Host:
        return self._hosts.setdefault(address.origin, Host(address.origin))

    def check_wait(self, address: Address) -> None:
        """Raises NotNow while the site has asked to be left alone, in this run or an earlier one."""
        until = max(self.host(address).wait_until, self._store.wait(address.origin))
        if until > self._clock():
            raise NotNow(until=until, host=address.host)

    def asked_to_wait(self, address: Address, status: int, headers: Mapping[str, str]) -> None:
        """Raises NotNow, and remembers it, when an answer with this status asks for it."""
        if status == 429 or (status == 503 and "retry-after" in headers):
            until = retry_at(headers.get("retry-after", ""), self._clock())
            self.host(address).wait_until = until
            self._store.keep_wait(address.origin, until)
            raise NotNow(until=until, host=address.host)

    async def rules(self, address: Address, budget: Budget) -> Rules:
        """The robots.txt of this address's site, asked at most once a run and once a day.

        Call it with the host's turn taken.

        Raises:
            NotAllowed: it cannot be had because the site is failing; RFC 9309 then forbids everything for a while.
            Unreachable, TooSlow, Refused: nor could any page of this site be.
        """
        host = self.host(address)
        if host.failed is not None and self._clock() < host.failed_until:
            raise host.failed
        if host.rules is not None:
            return host.rules
        kept = self._store.robots(host.origin)
        if kept is None or not 0 <= self._clock() - kept.at < _ROBOTS_FRESH_S:
            try:
                kept = KeptRobots(self._clock(), await self._fetch_robots(address, budget))
                self._store.keep_robots(host.origin, kept)
            except NotAllowed as error:
                if kept is None:  # an older copy counts for as long as the site is failing
                    self._fail(host, error, _ROBOTS_DOWN_S)
                    raise
            except (Unreachable, TooSlow) as error:
                self._fail(host, error, _GONE_S)
                raise
        host.rules = read_robots(kept.body, self._agent)
        if host.rules.delay is not None and host.rules.delay > _LONGEST_DELAY_S:
            asked = f"{host.rules.delay:g}"
            self._tell(
                Note("crawl_delay_capped", {"host": address.host, "asked": asked, "used": f"{_LONGEST_DELAY_S:g}"})
            )
        return host.rules

    async def pace(self, address: Address, rules: Rules) -> None:
        """Wait until the site's Crawl-delay since our last request is over."""
        host = self.host(address)
        delay = min(rules.delay or 0.0, _LONGEST_DELAY_S)
        wait = 0.0 if host.ended is None else min(delay, host.ended + delay - self._clock())
        if wait > 0:
            if wait >= 1:
                self._tell(Note("waiting_turn", {"host": address.host, "seconds": f"{wait:.0f}"}))
            await self._sleep(wait)

    def ended(self, address: Address) -> None:
        """A request to this site has just come to its end."""
        self.host(address).ended = self._clock()

    def unreachable(self, address: Address, error: Unreachable) -> None:
        """A page could not be had. Where there was no connection at all, the site's other pages are not tried for a while."""
        if error.key != "broken_answer":
            self._fail(self.host(address), error, _GONE_S)

    def _fail(self, host: Host, error: WebError, seconds: float) -> None:
        host.failed, host.failed_until = error, self._clock() + seconds

    async def _fetch_robots(self, address: Address, budget: Budget) -> str:
        """Its text; "" where the site has none (any 4xx but 429, or redirects without end)."""
        here = Address(address.scheme, address.host, address.port, "/robots.txt")
        for _ in range(MOVES + 1):
            try:
                answer = await self._ask(here, {"Accept": "text/plain, */*;q=0.1"}, budget, _wants_robots, cut_off=True)
            except WebError as error:
                # A site that cannot be reached at all says so for the page too; all else is a robots.txt that fails.
                lost = isinstance(error, (Unreachable, TooSlow, Refused)) and error.key != "broken_answer"
                if lost and here.origin == address.origin:
                    raise
                raise _down(address, "bad_robots") from None
            finally:
                self.ended(address)
            if answer.status == 429 or answer.status >= 500:
                raise _down(address, str(answer.status))
            if answer.status not in _REDIRECTS or not answer.headers.get("location"):
                return answer.body.decode("utf-8", "replace") if answer.status in (200, 203) else ""
            try:
                here = check_move(here, answer.headers["location"], self._allowed)
            except WebError:
                raise _down(address, "bad_robots") from None
        return ""


def _wants_robots(status: int, headers: Mapping[str, str]) -> int | None:
    return _ROBOTS_BYTES if status in (200, 203) else None


def _down(address: Address, why: str) -> NotAllowed:
    return NotAllowed("robots_unreachable", host=address.host, why=why)
