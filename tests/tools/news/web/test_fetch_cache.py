"""What is remembered: the second run asks whether anything changed, and gets told no."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.doubles.newssite import TEXT, NewsSite, Trouble
from tests.tools.news.web.kit import QUICK, get, run
from tools.news.web import Fetched, Fetcher, HttpStatus, NotNow, WrongKind

START = 1_772_600_000.0


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


def test_the_second_time_nothing_is_sent_again(site: NewsSite, home: Path) -> None:
    """Stops: everybody's feeds downloaded in full on every run (goal: 95 % answered 304)."""
    paths = ["/", "/feed.xml", *(f"/article/{n}" for n in (1, 2, 3))]
    first = [get(site, path, home) for path in paths]
    second = [get(site, path, home) for path in paths]
    assert not any(found.from_cache or found.not_modified for found in first)
    assert all(found.from_cache and found.not_modified and found.status == 200 for found in second)
    assert [found.body for found in first] == [found.body for found in second]
    assert [found.content_type for found in first] == [found.content_type for found in second]
    asked = [seen for seen in site.seen if seen.path != "/robots.txt"][len(paths) :]
    assert all(seen.headers["if-none-match"] and seen.headers["if-modified-since"] for seen in asked)


def test_what_changed_is_new(site: NewsSite, home: Path) -> None:
    """Stops: yesterday's news for ever; a kept page outliving the server's own."""
    get(site, "/article/1", home)
    site.put("/article/1", TEXT.replace("天氣", "空氣"))
    found = get(site, "/article/1", home)
    assert "空氣" in found.body.decode() and not found.from_cache
    site.put("/article/1", TEXT, status=404)
    with pytest.raises(HttpStatus):
        get(site, "/article/1", home)


def test_unconditional_means_anew(site: NewsSite, home: Path) -> None:
    """Stops: "reload" showing what was kept."""
    get(site, "/article/1", home)
    found = get(site, "/article/1", home, conditional=False)
    assert not found.from_cache and "if-none-match" not in site.asked("/article/1")[1].headers


def test_max_age_is_kept_modestly(site: NewsSite, home: Path) -> None:
    """Stops: asking a site twice within the minute it asked for; believing it for a year."""
    clock = Clock()
    site.put("/a", TEXT, headers={"Cache-Control": "max-age=31536000"})
    for wait, asked, cached in ((0, 1, False), (3599, 1, True), (3601, 2, True)):
        clock.now = START + wait
        found = _get(site, "/a", home, clock)
        assert (len(site.asked("/a")), found.from_cache) == (asked, cached)


def _get(site: NewsSite, path: str, home: Path, clock: Callable[[], float]) -> Fetched:
    async def work() -> Fetched:
        async with Fetcher(home, allow_origins=[site.origin], pace=QUICK, clock=clock) as fetcher:
            return await fetcher.get(site.url(path))

    return run(work())


def test_a_fresh_page_of_the_wrong_kind_is_still_wrong(site: NewsSite, home: Path) -> None:
    """Stops: the cache being a way around the check of kinds."""
    site.put("/a", TEXT, headers={"Cache-Control": "max-age=600"})
    get(site, "/a", home)
    with pytest.raises(WrongKind):
        get(site, "/a", home, kinds=["feed"])


@pytest.mark.parametrize("headers, validators", [({"Cache-Control": "no-store, max-age=60"}, True), ({}, False)])
def test_what_is_not_kept(site: NewsSite, home: Path, headers: dict[str, str], validators: bool) -> None:
    """Stops: keeping what a site asked not to keep."""
    site.put("/a", TEXT, headers=headers, validators=validators)
    for _ in range(2):
        assert not get(site, "/a", home).from_cache
    assert all("if-none-match" not in seen.headers for seen in site.asked("/a"))


def test_a_redirected_feed_is_confirmed_too(site: NewsSite, home: Path) -> None:
    """Stops: validators tied to the first address, so that every moved feed is sent in full each time."""
    site.redirect("/old.xml", "/feed.xml", 301)
    assert not get(site, "/old.xml", home).from_cache
    again = get(site, "/old.xml", home)
    assert again.not_modified and again.url == site.url("/old.xml") and again.final_url == site.url("/feed.xml")


@pytest.mark.parametrize("trouble, wait", [(Trouble.RETRY_AFTER, 120), (Trouble.BUSY, 60)])
def test_not_now_is_remembered(site: NewsSite, home: Path, trouble: Trouble, wait: int) -> None:
    """Stops: a site that asked to be left alone being asked again, by this run or the next."""
    clock = Clock()
    site.trouble("/feed.xml", trouble)
    for path in ("/feed.xml", "/article/1"):
        with pytest.raises(NotNow) as caught:
            _get(site, path, home, clock)
        assert caught.value.until == START + wait
    assert len(site.asked("/feed.xml")) == 1 and site.asked("/article/1") == []
    clock.now += wait + 1
    assert _get(site, "/article/1", home, clock).status == 200


def test_a_kept_page_is_still_there_while_the_site_rests(site: NewsSite, home: Path) -> None:
    """Stops: a fresh page becoming unreadable because another page of its site asked us to wait."""
    site.put("/a", TEXT, headers={"Cache-Control": "max-age=600"})
    get(site, "/a", home)
    site.trouble("/b", Trouble.RETRY_AFTER)
    with pytest.raises(NotNow):
        get(site, "/b", home)
    assert get(site, "/a", home).from_cache


def test_a_damaged_cache_costs_nothing_but_itself(site: NewsSite, home: Path) -> None:
    """Stops: a run failing because of a file that only saves bandwidth."""
    (home / "web.db").write_bytes(b"this is no database" * 500)
    assert get(site, "/article/1", home).status == 200
    with sqlite3.connect(home / "web.db") as db:
        db.execute("UPDATE pages SET body=x'00'")
    db.close()
    assert not get(site, "/article/1", home).from_cache


def test_without_a_writable_home_reading_goes_on(site: NewsSite, tmp_path: Path) -> None:
    """Stops: a full or forbidden disk stopping a digest; it is told instead."""
    (tmp_path / "file").write_text("no folder")

    async def work() -> list[str]:
        async with Fetcher(tmp_path / "file", allow_origins=[site.origin], pace=QUICK) as fetcher:
            assert (await fetcher.get(site.url("/article/1"))).status == 200
        return [note.message("en") for note in fetcher.notes]

    (told,) = run(work())
    assert "cache" in told


def test_not_now_counts_without_a_cache_too(site: NewsSite, tmp_path: Path) -> None:
    """Stops: a site's wish forgotten between two pages of one run, only because the disk is full."""
    (tmp_path / "file").write_text("no folder")
    site.trouble("/a", Trouble.RETRY_AFTER)

    async def work() -> None:
        async with Fetcher(tmp_path / "file", allow_origins=[site.origin], pace=QUICK) as fetcher:
            for _ in range(2):
                with pytest.raises(NotNow):
                    await fetcher.get(site.url("/a"))

    run(work())
    assert len(site.asked("/a")) == 1


def test_old_pages_leave(site: NewsSite, home: Path) -> None:
    """Stops: a cache that only grows; a feed that never changes being thrown out although it is read every day."""
    clock = Clock()
    for path in ("/article/1", "/article/2"):
        _get(site, path, home, clock)
    clock.now += 10 * 86_400
    assert _get(site, "/article/2", home, clock).not_modified
    clock.now += 10 * 86_400
    assert _get(site, "/article/2", home, clock).not_modified
    with sqlite3.connect(home / "web.db") as db:
        assert [row[0] for row in db.execute("SELECT url FROM pages")] == [site.url("/article/2")]
    db.close()
