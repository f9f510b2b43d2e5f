"""Many addresses at once: one outcome each, no bad one stops the others, and all stop when asked to."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.doubles.newssite import NewsSite, Trouble
from tests.tools.news.web.kit import IMPATIENT, QUICK, run
from tools.news.web import Fetcher, HttpStatus, Outcome, Refused, WebError


def test_no_bad_source_stops_the_others(site: NewsSite, other: NewsSite, home: Path) -> None:
    """Stops: one hostile feed emptying the whole digest."""
    for trouble in Trouble:
        if trouble not in (Trouble.RETRY_AFTER, Trouble.BUSY, Trouble.HANG, Trouble.STALL):
            site.trouble(f"/{trouble}", trouble, 404 if trouble is Trouble.STATUS else "")
    site.trouble("/slow", Trouble.DRIP_BODY)
    bad = [site.url(f"/{trouble}") for trouble in Trouble]
    strange = ["", "javascript:alert(1)", "http://[", "http://10.0.0.1/", "http://a b/", "\ud800", "http://\ud800/"]
    good = [each.url(path) for each in (site, other) for path in ("/feed.xml", "/article/1")]
    urls = [*bad, *strange, *good, site.url("/feed.xml")]
    told: list[tuple[int, int, str]] = []

    async def work() -> list[Outcome]:
        async with Fetcher(home, allow_origins=[site.origin, other.origin], pace=IMPATIENT) as fetcher:
            return await fetcher.fetch_all(urls, lambda done, of, outcome: told.append((done, of, outcome.url)))

    outcomes = run(work())
    assert [outcome.url for outcome in outcomes] == urls
    assert all((outcome.fetched is None) != (outcome.error is None) for outcome in outcomes)
    by_url = {outcome.url: outcome for outcome in outcomes}
    assert all(by_url[url].fetched is not None for url in good)
    assert all(isinstance(by_url[url].error, Refused) for url in strange)
    assert all(isinstance(outcome.error, WebError | None) for outcome in outcomes)
    assert [done for done, _, _ in told] == list(range(1, len(set(urls)) + 1)) and {of for _, of, _ in told} == {
        len(set(urls))
    }


def test_kinds_go_along(site: NewsSite, home: Path) -> None:
    """Stops: feeds asked for and pages taken."""

    async def work() -> list[Outcome]:
        async with Fetcher(home, allow_origins=[site.origin], pace=QUICK) as fetcher:
            return await fetcher.fetch_all([site.url("/feed.xml"), site.url("/"), site.url("/none")], kinds=["feed"])

    feed, page, none = run(work())
    assert feed.fetched is not None and page.error is not None and page.error.key == "wrong_kind"
    assert isinstance(none.error, HttpStatus)


def test_stopping_stops_at_once(site: NewsSite, home: Path) -> None:
    """Stops: "stop" that waits for the slowest server; the connections are let go."""
    for n in range(3):
        site.trouble(f"/{n}", Trouble.HANG)

    async def work() -> int:
        async with Fetcher(home, allow_origins=[site.origin]) as fetcher:
            task = asyncio.create_task(fetcher.fetch_all([site.url(f"/{n}") for n in range(3)]))
            while not site.asked("/0"):
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            # The same fetcher is still good for another page.
            return (await fetcher.get(site.url("/article/1"))).status

    assert run(work()) == 200
    site.wait_gone()
    assert site.asked("/1") == []


def test_a_name_server_that_hangs_does_not_hold_a_stop(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stops: a stopped run waiting for the system's resolver, which cannot be interrupted."""
    import socket
    import threading

    hanging, release = threading.Event(), threading.Event()

    def getaddrinfo(*_: object, **__: object) -> list[object]:
        hanging.set()
        release.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    async def work() -> None:
        async with Fetcher(home) as fetcher:
            task = asyncio.create_task(fetcher.get("http://slow-names.example/"))
            while not hanging.is_set():
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    run(work())
    assert not release.is_set()
    release.set()
