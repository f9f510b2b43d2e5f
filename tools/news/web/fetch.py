"""The Fetcher: addresses in, bodies out, safely and politely. One for each run.

async with Fetcher(home, allow_origins=[settings.finale_allow_origins]) as fetcher:
    fetched = await fetcher.get("https://technews.tw/feed/", kinds=("feed",))
    text = decode(fetched)
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tools.news.web.address import Address, allowed_origins, check, check_move, parse
from tools.news.web.charset import decode_body
from tools.news.web.errors import HttpStatus, Moved, NotAllowed, Unreachable, WebError, WrongKind
from tools.news.web.fetched import MIB, USER_AGENT, Fetched, Outcome, Pace
from tools.news.web.kinds import accept_header, accepts, charset_of, kind_of_type, media_type, sniff
from tools.news.web.manners import MOVES, Manners
from tools.news.web.notes import Note
from tools.news.web.robots import AiInput, Rules, merge_ai
from tools.news.web.signals import page_ai_input
from tools.news.web.store import Kept, WebStore
from tools.news.web.unpack import offered
from tools.news.web.validators import conditional as conditions
from tools.news.web.validators import fresh_seconds, may_keep

if TYPE_CHECKING:
    import ssl

    from tools.news.web.dial import Dial, Resolver
    from tools.news.web.exchange import Answer, Budget

__all__ = ["Fetcher"]

_KEPT_HEADERS = (
    "age",
    "cache-control",
    "content-language",
    "content-signal",
    "etag",
    "last-modified",
    "link",
    "tdm-reservation",
    "x-robots-tag",
)
_REDIRECTS = (301, 302, 303, 307, 308)


class Fetcher:
    """Fetches for one run; use it as `async with`. `notes` holds what a person should know; `tell` hears it at once.

    `allow_origins` are the scheme://host:port on private addresses that may be asked. `clock` is Unix time. `resolver`
    and `dial` replace the system's name look-up and the TCP connection; both are checked all the same.

    Raises:
        Refused: an entry of `allow_origins` is malformed.
    """

    def __init__(
        self,
        home: Path,
        *,
        allow_origins: Sequence[str] = (),
        user_agent: str = USER_AGENT,
        clock: Callable[[], float] = time.time,
        resolver: Resolver | None = None,
        dial: Dial | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        tls: ssl.SSLContext | None = None,
        pace: Pace | None = None,
        tell: Callable[[Note], None] | None = None,
    ) -> None:
        self.notes: list[Note] = []
        self._home = home
        self._allowed = allowed_origins(allow_origins)
        self._agent = user_agent
        self._clock = clock
        self._resolver, self._dial, self._tls = resolver, dial, tls
        self._sleep = sleep
        self._pace = pace or Pace()
        self._heard = tell
        self._said: dict[str, AiInput] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        from tools.news.web.dial import dial_tcp, open_pools, resolve

        pools = open_pools(self._allowed, self._resolver or resolve, self._dial or dial_tcp, self._tls)
        for pool in pools.values():
            await self._stack.enter_async_context(pool)
        self._pools = pools
        self._store = WebStore(self._home, self._clock())
        self._stack.callback(self._store.close)
        self._manners = Manners(
            self._store, self._agent, self._allowed, self._ask, self._tell, self._clock, self._sleep
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._store.trouble is not None:
            self._tell(Note("cache_off", {"why": self._store.trouble.params.get("why", "busy")}))
        await self._stack.aclose()

    async def get(
        self,
        url: str,
        *,
        kinds: Collection[str] = ("html", "feed"),
        max_bytes: int = 10 * MIB,
        conditional: bool = True,
    ) -> Fetched:
        """The page behind `url`, through at most five redirects. `kinds`: "html", "feed" (sitemaps too), "text".

        With `conditional` a kept body is used while it is fresh, and the server is asked whether it has changed
        afterwards; without, the page is fetched anew.

        Raises:
            Refused, NotAllowed, NotNow, Moved, TooBig, TooSlow, WrongKind, HttpStatus, Unreachable
        """
        from tools.news.web.exchange import Budget

        budget = Budget(self._pace.connect_s, self._pace.total_s)
        address = check(parse(url), self._allowed)
        been = {address.url}
        for _ in range(MOVES + 1):
            fetched, location = await self._visit(address, tuple(kinds), max_bytes, conditional, budget)
            if fetched is not None:
                return replace(fetched, url=url, elapsed_s=budget.used)
            there = check_move(address, location, self._allowed)
            if there.url in been:
                raise Moved("moved_in_circle", host=address.host)
            been.add(there.url)
            address = there
        raise Moved(host=address.host, limit=MOVES)

    async def fetch_all(
        self,
        urls: Sequence[str],
        on_progress: Callable[[int, int, Outcome], None] | None = None,
        *,
        kinds: Collection[str] = ("html", "feed"),
    ) -> list[Outcome]:
        """One outcome for each of `urls`, in their order: no bad one stops the others. `on_progress` gets (done, of, outcome).

        Sites are asked side by side, each one page after page; cancelling stops them all.
        """
        found: dict[str, Outcome] = {}
        wanted = list(dict.fromkeys(urls))
        gate = asyncio.Semaphore(self._pace.sites)

        async def one(url: str) -> None:
            try:
                found[url] = Outcome(url, fetched=await self.get(url, kinds=kinds))
            except WebError as error:
                found[url] = Outcome(url, error=error)
            if on_progress is not None:
                on_progress(len(found), len(wanted), found[url])

        async def site(addresses: list[str]) -> None:
            async with gate:
                for url in addresses:
                    await one(url)

        async with asyncio.TaskGroup() as group:
            for addresses in _by_site(wanted):
                group.create_task(site(addresses))
        return [found[url] for url in urls]

    async def ai_input(self, url: str) -> AiInput:
        """Whether text of `url` may be given to a model, as its site (robots.txt) and the page itself, once fetched, say.

        Raises:
            Refused: the address is closed to us.
        """
        address = check(parse(url), self._allowed)
        kept = self._store.page(address.url)
        page = self._said.get(address.url, kept.ai_input if kept else "unknown")
        try:
            return merge_ai((await self.rules(url)).ai_input, page)
        except WebError:
            return page

    async def rules(self, url: str) -> Rules:
        """What the robots.txt of this address's site says: paths, Crawl-delay, sitemaps, models.

        Raises:
            Refused, NotAllowed, TooSlow, Unreachable
        """
        from tools.news.web.exchange import Budget

        address = check(parse(url), self._allowed)
        async with self._manners.host(address).turn:
            return await self._manners.rules(address, Budget(self._pace.connect_s, self._pace.total_s))

    async def _visit(
        self, address: Address, kinds: tuple[str, ...], max_bytes: int, conditional: bool, budget: Budget
    ) -> tuple[Fetched | None, str]:
        """The page at exactly this address, or None and where it redirects to."""
        async with self._manners.host(address).turn:
            kept = self._store.page(address.url) if conditional else None
            if kept is not None and kept.fresh_until > self._clock():
                return self._from_kept(kept, kinds, address, confirmed=False), ""
            self._manners.check_wait(address)
            rules = await self._manners.rules(address, budget)
            if not rules.allows(address.url):
                raise NotAllowed(host=address.host, path=address.path)
            await self._manners.pace(address, rules)
            headers = {"Accept": accept_header(kinds), **(conditions(kept.headers) if kept else {})}
            try:
                answer = await self._ask(address, headers, budget, self._judge(address, kinds, max_bytes))
            except Unreachable as error:
                self._manners.unreachable(address, error)
                raise
            finally:
                self._manners.ended(address)
        if answer.status in _REDIRECTS:
            location = answer.headers.get("location", "").strip()
            if not location:
                raise Moved("moved_nowhere", host=address.host, status=answer.status)
            return None, location
        if answer.status == 304 and kept is not None:
            fresh = self._clock() + fresh_seconds(answer.headers)
            self._store.confirm(address.url, self._clock(), fresh)
            return self._from_kept(kept, kinds, address, confirmed=True), ""
        if answer.status not in (200, 203, 204, 205):
            raise HttpStatus(status=answer.status, host=address.host, path=address.path)
        return self._from_answer(answer, kinds, address), ""

    async def _ask(
        self, address: Address, headers: Mapping[str, str], budget: Budget, judge: Any, **more: Any
    ) -> Answer:
        from tools.news.web.exchange import exchange

        common = {
            "User-Agent": self._agent,
            "Accept-Language": "zh-TW, zh;q=0.9, en;q=0.7",
            "Accept-Encoding": offered(),
        }
        return await exchange(self._pools[address.scheme], address, common | dict(headers), budget, judge, **more)

    def _judge(self, address: Address, kinds: tuple[str, ...], max_bytes: int) -> Callable[..., int | None]:
        """What to read of an answer, seen from its head: nothing of errors and redirects, nothing of films and pictures."""

        def judge(status: int, headers: Mapping[str, str]) -> int | None:
            self._manners.asked_to_wait(address, status, headers)
            if status not in (200, 203):
                return None
            content_type = headers.get("content-type", "")
            if kind_of_type(content_type) == "binary":
                raise _wrong(address, content_type, kinds)
            return max_bytes

        return judge

    def _from_answer(self, answer: Answer, kinds: tuple[str, ...], address: Address) -> Fetched:
        content_type = answer.headers.get("content-type", "")[:200]
        if not accepts(kinds, content_type, answer.body):
            raise _wrong(address, content_type, kinds, binary=sniff(answer.body) == "binary")
        few = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
        head = decode_body(answer.body[: MIB // 8], charset_of(content_type)) if sniff(answer.body) == "html" else ""
        said = page_ai_input(few, head, self._agent.partition("/")[0])
        self._said[address.url] = said
        now = self._clock()
        if answer.status == 200 and answer.body and may_keep(answer.headers):
            self._store.keep(Kept(address.url, now, now + fresh_seconds(few), content_type, answer.body, few, said))
        else:
            self._store.forget(address.url)
        hint = charset_of(content_type)
        return Fetched("", address.url, answer.status, answer.body, content_type, hint, few, ai_input=said)

    def _from_kept(self, kept: Kept, kinds: tuple[str, ...], address: Address, *, confirmed: bool) -> Fetched:
        if not accepts(kinds, kept.content_type, kept.body):
            raise _wrong(address, kept.content_type, kinds)
        self._said[address.url] = kept.ai_input
        return Fetched(
            "", address.url, 200, kept.body, kept.content_type, charset_of(kept.content_type), kept.headers,
            not_modified=confirmed, from_cache=True, ai_input=kept.ai_input,
        )  # fmt: skip

    def _tell(self, note: Note) -> None:
        self.notes.append(note)
        if self._heard is not None:
            self._heard(note)


def _by_site(urls: Sequence[str]) -> list[list[str]]:
    """The addresses of each site together; those that are none each alone, to fail on their own."""
    sites: dict[str, list[str]] = {}
    for url in urls:
        try:
            name = parse(url).origin
        except WebError:
            name = url
        sites.setdefault(name, []).append(url)
    return list(sites.values())


def _wrong(address: Address, content_type: str, kinds: Collection[str], *, binary: bool = False) -> WrongKind:
    got = "".join(filter(str.isprintable, media_type(content_type)))[:60] or "?"
    wanted = tuple(kind for kind in ("html", "feed", "text") if kind in kinds)
    return WrongKind("wrong_kind_binary" if binary else "wrong_kind", host=address.host, got=got, wanted=wanted)
