"""Manners at other people's sites: robots.txt, Crawl-delay, one request at a time, and what they say of models."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.doubles.newssite import TEXT, NewsSite, Trouble
from tests.tools.news.web.kit import IMPATIENT, QUICK, Internet, get, run
from tools.news.web import Fetcher, NotAllowed, TooSlow, Unreachable, WebError

START = 1_772_600_000.0


class Life:
    """A clock that only moves while somebody sleeps, and what they slept."""

    def __init__(self) -> None:
        self.now = START
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    def fetcher(self, site: NewsSite, home: Path, **more: object) -> Fetcher:
        options = {"allow_origins": [site.origin], "pace": QUICK, "clock": self.clock, "sleep": self.sleep}
        return Fetcher(home, **{**options, **more})  # type: ignore[arg-type]


def read(life: Life, site: NewsSite, home: Path, *paths: str, **more: object) -> tuple[list[object], list[str]]:
    """Status or error of each path, read in one run, and what was told."""

    async def work() -> tuple[list[object], list[str]]:
        found: list[object] = []
        async with life.fetcher(site, home, **more) as fetcher:
            for path in paths:
                try:
                    found.append((await fetcher.get(site.url(path))).status)
                except WebError as error:
                    found.append(error)
        return found, [note.message("en") for note in fetcher.notes]

    return run(work())


def test_robots_is_obeyed_and_asked_once_a_day(site: NewsSite, home: Path) -> None:
    """Stops: reading what a site forbids; asking for its rules before every page."""
    site.robots("User-agent: *\nDisallow: /article/2\n")
    life = Life()
    found, _ = read(life, site, home, "/article/1", "/article/2", "/article/3")
    assert found[0] == found[2] == 200 and isinstance(found[1], NotAllowed)
    assert "/article/2" in str(found[1]) and site.asked("/article/2") == []
    read(life, site, home, "/article/1")
    assert len(site.asked("/robots.txt")) == 1
    life.now += 86_401
    read(life, site, home, "/article/1")
    assert len(site.asked("/robots.txt")) == 2


def test_a_redirect_does_not_lead_past_robots(site: NewsSite, home: Path) -> None:
    """Stops: a forbidden page read because an allowed one pointed there."""
    site.robots("User-agent: FinaleNews\nDisallow: /private\n")
    site.redirect("/go", "/private/a")
    with pytest.raises(NotAllowed):
        get(site, "/go", home)
    assert site.asked("/private/a") == []


@pytest.mark.parametrize(
    "status, good", [(404, True), (401, True), (403, True), (410, True), (500, False), (503, False), (429, False)]
)
def test_a_robots_that_cannot_be_had(site: NewsSite, home: Path, status: int, good: bool) -> None:
    """Stops: "no robots.txt" taken for "no" (RFC 9309 2.3.1.3), and a failing site hammered (2.3.1.4)."""
    site.robots(status)
    life = Life()
    found, _ = read(life, site, home, "/article/1", "/article/2")
    if good:
        assert found == [200, 200]
        return
    assert all(isinstance(each, NotAllowed) and each.key == "robots_unreachable" for each in found)
    assert len(site.asked("/robots.txt")) == 1 and str(status) in str(found[0])
    site.robots("")
    assert read(life, site, home, "/article/1")[0] == [200]


def test_an_old_robots_counts_while_the_site_fails(site: NewsSite, home: Path) -> None:
    """Stops: a site's bad day making it unreadable, or readable where it never was."""
    site.robots("User-agent: *\nDisallow: /article/2\n")
    life = Life()
    read(life, site, home, "/article/1")
    site.robots(503)
    life.now += 2 * 86_400
    found, _ = read(life, site, home, "/article/1", "/article/2")
    assert found[0] == 200 and isinstance(found[1], NotAllowed)


@pytest.mark.parametrize(
    "trouble", [Trouble.BINARY, Trouble.BOMB, Trouble.CLOSE, Trouble.ENDLESS, Trouble.CUT, Trouble.CIRCLE, Trouble.HOPS]
)
def test_a_hostile_robots(site: NewsSite, home: Path, trouble: Trouble) -> None:
    """Stops: robots.txt being the one file without limits. Endless and circling ones forbid nothing, broken ones all."""
    site.trouble("/robots.txt", trouble)
    found, _ = read(Life(), site, home, "/article/1", "/article/2")
    if trouble in (Trouble.BINARY, Trouble.ENDLESS, Trouble.CIRCLE, Trouble.HOPS):
        assert found == [200, 200]
    else:
        assert all(isinstance(each, NotAllowed) for each in found)
    assert site.sent["/robots.txt"] < 8 << 20


def test_a_moved_robots(internet: Internet, site: NewsSite, other: NewsSite, home: Path) -> None:
    """Stops: the rules of a site that keeps them elsewhere being passed over."""
    site.redirect("/robots.txt", "http://other.example/rules.txt", 301)
    other.put("/rules.txt", "User-agent: *\nDisallow: /article/", "text/plain")

    async def work() -> None:
        async with internet.fetcher(home) as fetcher:
            await fetcher.get("http://news.example/article/1")

    with pytest.raises(NotAllowed) as caught:
        run(work())
    assert caught.value.key == "robots_forbids"


def test_a_dead_site_is_tried_once(site: NewsSite, home: Path) -> None:
    """Stops: twenty articles of a site that is down taking twenty times the time-out."""
    site.trouble("/robots.txt", Trouble.HANG)
    found, _ = read(Life(), site, home, "/article/1", "/article/2", "/article/3", pace=IMPATIENT)
    assert all(isinstance(each, TooSlow) for each in found) and len(site.seen) == 1
    dead = NewsSite()
    dead.__exit__()
    found, _ = read(Life(), dead, home, "/a", "/b")
    assert all(isinstance(each, Unreachable) and each.key == "unreachable" for each in found)


@pytest.mark.parametrize("said, kept", [("2", 2.0), ("0.5", 0.5), ("3600", 15.0)])
def test_crawl_delay(site: NewsSite, home: Path, said: str, kept: float) -> None:
    """Stops: a site's pace passed over; a run that waits an hour a page; either of it silently."""
    site.robots(f"User-agent: *\nCrawl-delay: {said}\n")
    life = Life()
    found, told = read(life, site, home, "/article/1", "/article/2")
    assert found == [200, 200] and life.slept == [kept, kept]  # after robots.txt, and after the first article
    assert any("3600" in line for line in told) == (said == "3600")
    assert any("waiting" in line for line in told) == (kept >= 1)
    assert read(Life(), site, home, "/article/1")[0] == [200]


def test_one_request_at_a_time(site: NewsSite, other: NewsSite, home: Path) -> None:
    """Stops: a small site hit by all pages at once; different sites waiting for each other."""
    site.latency = other.latency = 0.05
    both = asyncio.Event()

    async def work() -> None:
        async with Fetcher(home, allow_origins=[site.origin, other.origin], pace=QUICK) as fetcher:
            urls = [each.url(f"/article/{n}") for each in (site, other) for n in (1, 2, 3)]
            tasks = [asyncio.create_task(fetcher.get(url)) for url in urls]
            while not all(task.done() for task in tasks):
                if site._busy and other._busy:
                    both.set()
                await asyncio.sleep(0.005)
            await asyncio.gather(*tasks)

    run(work())
    assert site.peak == other.peak == 1 and both.is_set()


def test_the_same_page_wanted_twice_at_once(site: NewsSite, home: Path) -> None:
    """Stops: two askers of one feed fetching it twice; the second finds what the first kept."""
    site.put("/a", TEXT, headers={"Cache-Control": "max-age=60"})

    async def work() -> list[bool]:
        async with Fetcher(home, allow_origins=[site.origin], pace=QUICK) as fetcher:
            return [
                found.from_cache for found in await asyncio.gather(*(fetcher.get(site.url("/a")) for _ in range(4)))
            ]

    assert run(work()) == [False, True, True, True] and len(site.asked("/a")) == 1


@pytest.mark.parametrize(
    "robots, headers, meta, said",
    [
        ("", {}, "", "unknown"), ("User-agent: *\nContent-Signal: ai-input=yes, ai-train=no\n", {}, "", "yes"),
        ("User-agent: *\nContent-Signal: ai-input=no\n", {}, "", "no"), ("User-agent: *\nContent-Signal: ai-input=yes\n", {}, "noai", "no"),
        ("", {"X-Robots-Tag": "noai"}, "", "no"), ("", {"TDM-Reservation": "1"}, "", "no"), ("", {}, "noindex, noai", "no"),
    ],
)  # fmt: skip
def test_whether_a_model_may_read_it(
    site: NewsSite, home: Path, robots: str, headers: dict[str, str], meta: str, said: str
) -> None:
    """Stops: text sent to a model against what its site or the page itself says; forgetting it by the next run."""
    site.robots(robots)
    site.put("/a", TEXT.replace("<head>", f"<head><meta name='robots' content='{meta}'>"), headers=headers)

    async def ask(fetch: bool) -> str:
        async with Fetcher(home, allow_origins=[site.origin], pace=QUICK) as fetcher:
            if fetch:
                await fetcher.get(site.url("/a"))
            return await fetcher.ai_input(site.url("/a"))

    assert run(ask(True)) == said
    assert run(ask(False)) == said  # known from what is kept


def test_the_rules_themselves(site: NewsSite, home: Path) -> None:
    """Stops: a news sitemap, often the only door, going unseen because only permission was read."""
    site.robots(f"User-agent: *\nCrawl-delay: 1\nSitemap: {site.url('/map.xml')}\n")

    async def ask() -> tuple[tuple[str, ...], float | None, bool]:
        async with Fetcher(home, allow_origins=[site.origin], pace=QUICK) as fetcher:
            rules = await fetcher.rules(site.url("/a"))
            return rules.sitemaps, rules.delay, rules.allows(site.url("/a"))

    assert run(ask()) == ((site.url("/map.xml"),), 1.0, True)


def test_an_unreachable_site_says_nothing(home: Path) -> None:
    """Stops: a question about permission failing a run."""
    dead = NewsSite()
    dead.__exit__()

    async def ask() -> str:
        async with Fetcher(home, allow_origins=[dead.origin], pace=QUICK) as fetcher:
            return await fetcher.ai_input(dead.url("/a"))

    assert run(ask()) == "unknown"
