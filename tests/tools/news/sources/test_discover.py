"""Finding the sources of a site: by what it announces, links to, keeps at the usual places, names in robots.txt, or lists."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.doubles.newssite import NewsSite
from tests.tools.news.sources.kit import NOW, Site, data, item, rss, source
from tools.news.sources import Candidate, NotASource, collect, discover
from tools.news.web import Fetcher, HttpStatus, NotNow, Unreachable

HOME = "https://news.island.tw/"
FEED = rss(item(1), item(2))
OTHER = rss(item(7), item(8))
OLD = rss(item(1, date="Sun, 05 Jan 2025 07:05:00 GMT"))


def page(*head: str, body: str = "") -> str:
    return f"<html><head><title>島嶼</title>{''.join(head)}</head><body>{body}</body></html>"


def alternate(href: str, title: str = "", kind: str = "application/rss+xml") -> str:
    return f'<link rel="alternate" type="{kind}" title="{title}" href="{href}">'


def find(site: Site, url: str = HOME) -> list[Candidate]:
    return asyncio.run(discover(url, site.get, now=NOW))


def stories(n: int) -> str:
    return "".join(f"<h3><a href='/news/{4000 + each}'>第{each}個夠長的新聞標題在這裡</a></h3>" for each in range(n))


def test_a_feed_is_found_at_once() -> None:
    site = Site({HOME + "rss": FEED})
    (found,) = find(site, "news.island.tw/rss#top")
    assert (found.url, found.kind, found.reason, found.entries, found.title) == (
        HOME + "rss",
        "feed",
        "itself",
        2,
        "島嶼",
    )
    assert found.newest is not None and found.message() == "這個網址本身就是新聞來源。" and len(site.asked) == 1


def test_what_the_page_announces_comes_first_without_comments_and_machine_interfaces() -> None:
    head = (
        alternate("/comments/feed/", "島嶼 » 迴響"),
        alternate("/wp-json/wp/v2/posts/1", kind="application/json"),
        alternate("/oembed?format=xml", kind="text/xml"),
        alternate("/en", "English", kind="text/html"),
        alternate("javascript:alert(1)"),
        alternate("/feed?utm_source=x", "島嶼"),
    )
    site = Site({HOME: page(*head, body=stories(6)), HOME + "feed": FEED, HOME + "comments/feed/": OTHER})
    found = find(site)
    assert [(each.url, each.reason) for each in found] == [(HOME + "feed", "announced"), (HOME, "list")]
    assert site.asked == [HOME, HOME + "feed"]  # nothing more needs to be asked


def test_the_same_stories_in_two_formats_are_one_source() -> None:
    atom = '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>第1則</title><link href="https://news.island.tw/story/1"/></entry><entry><title>第2則</title><link href="https://news.island.tw/story/2"/></entry></feed>'
    head = (alternate("/rss"), alternate("/atom", kind="application/atom+xml"), alternate("/sport"))
    found = find(Site({HOME: page(*head), HOME + "rss": FEED, HOME + "atom": atom, HOME + "sport": OTHER}))
    assert [each.url for each in found] == [HOME + "rss", HOME + "sport"]


def test_a_feed_that_stopped_comes_last_and_the_search_goes_on() -> None:
    site = Site({HOME: page(alternate("/old"), body=stories(6)), HOME + "old": OLD, HOME + "feed.xml": FEED})
    found = find(site)
    assert [(each.url, each.reason) for each in found] == [
        (HOME + "feed.xml", "known_path"), (HOME, "list"), (HOME + "old", "announced"),
    ]  # fmt: skip
    assert "stale" in {note.code for note in found[-1].notes}


def test_links_of_the_page_that_look_like_a_feed() -> None:
    body = (
        "<a href='/rss/all.xml'>全部</a><a href='https://feedly.com/i/feed/x'>RSS</a><a href='/subscribe'>RSS 訂閱</a>"
    )
    found = find(Site({HOME: page(body=body), HOME + "rss/all.xml": FEED}))
    assert [(each.url, each.reason) for each in found] == [(HOME + "rss/all.xml", "linked")]


def test_known_places_in_the_folder_come_before_those_of_the_root() -> None:
    site = Site({HOME + "tech/": page(), HOME + "tech/feed/": OTHER, HOME + "feed/": FEED})
    assert [(each.url, each.reason) for each in find(site, HOME + "tech/")] == [(HOME + "tech/feed/", "known_path")]
    site = Site({HOME + "tech/index.html": page(), HOME + "rss.xml": FEED})
    assert [each.url for each in find(site, HOME + "tech/index.html")] == [HOME + "rss.xml"]
    assert HOME + "tech/feed/" in site.asked


def test_a_place_that_leads_home_is_no_feed_even_if_a_feed_stands_there() -> None:
    """Stops: sites that answer every unknown address with their front page."""
    moved = {
        HOME + path: HOME
        for path in ("feed/", "feed", "rss.xml", "rss", "feed.xml", "atom.xml", "index.xml", "robots.txt")
    }
    site = Site({HOME: page()}, moved)
    assert find(site) == []
    site = Site({HOME: page(), "https://cdn.island.tw/feed/": FEED}, {HOME + "feed/": "https://cdn.island.tw/feed/"})
    assert [each.url for each in find(site)] == ["https://cdn.island.tw/feed/"]


def test_a_news_sitemap_named_by_robots() -> None:
    site = Site(
        {
            HOME: page(body=stories(6)),
            HOME + "robots.txt": f"Sitemap: {HOME}sitemap.xml\nSitemap: {HOME}sitemap_news.xml\n",
            HOME + "sitemap_news.xml": data("news_sitemap.xml"),
        }
    )
    found = find(site)
    assert [(each.url, each.kind, each.reason) for each in found] == [
        (HOME + "sitemap_news.xml", "sitemap", "robots"), (HOME, "list", "list"),
    ]  # fmt: skip
    assert found[0].title == "島嶼商報" and HOME + "sitemap.xml" not in site.asked


def test_an_index_of_sitemaps_is_judged_by_its_files() -> None:
    site = Site(
        {
            HOME: page(),
            HOME + "robots.txt": f"Sitemap: {HOME}sitemap.xml",
            HOME + "sitemap.xml": data("sitemap_index.xml"),
            "https://www.island.tw/sitemaps/news_today.xml": data("news_sitemap.xml"),
        }
    )
    (found,) = find(site)
    assert (found.url, found.entries, found.kind) == (HOME + "sitemap.xml", 2, "sitemap")


def test_addresses_without_titles_are_worth_less_than_a_list() -> None:
    plain = "<urlset>" + "".join(f"<url><loc>{HOME}some-long-story-{n}</loc></url>" for n in range(9)) + "</urlset>"
    site = Site({HOME: page(body=stories(6)), HOME + "robots.txt": f"Sitemap: {HOME}s.xml", HOME + "s.xml": plain})
    assert [each.reason for each in find(site)] == ["list", "robots"]


def test_a_list_needs_some_stories_and_a_story_is_one() -> None:
    assert find(Site({HOME: page(body=stories(4))})) == []
    (found,) = find(Site({HOME + "news/1": data("story.html")}), HOME + "news/1")
    assert (found.kind, found.reason, found.entries) == ("page", "page", 1)


def test_a_closed_front_page_does_not_end_the_search() -> None:
    site = Site({HOME: HttpStatus(status=403, host="news.island.tw", path="/"), HOME + "feed/": FEED})
    assert [each.url for each in find(site)] == [HOME + "feed/"]
    with pytest.raises(HttpStatus):
        find(Site({HOME: HttpStatus(status=403, host="news.island.tw", path="/")}))


def test_a_site_that_cannot_be_reached_is_not_asked_again() -> None:
    site = Site({HOME: Unreachable("no_such_host", host="news.island.tw")})
    with pytest.raises(Unreachable):
        find(site)
    assert site.asked == [HOME]


def test_a_site_that_asks_to_wait_is_left_alone() -> None:
    site = Site({HOME: page(body=stories(6)), HOME + "feed/": NotNow(until=NOW.timestamp(), host="news.island.tw")})
    assert [each.reason for each in find(site)] == ["list"]
    assert site.asked == [HOME, HOME + "feed/"]


def test_no_site_is_asked_without_end() -> None:
    links = "".join(f"<a href='/rss/{n}'>RSS</a>" for n in range(50))
    head = "".join(alternate(f"/feed/{n}") for n in range(50))
    many = "".join(f"Sitemap: {HOME}{n}.xml\n" for n in range(50))
    site = Site({HOME + "a/b/": page(head, body=links), HOME + "robots.txt": many})
    assert find(site, HOME + "a/b/") == []
    assert len(site.asked) == len(set(site.asked)) <= 24


def test_collecting_a_sitemap_index_reads_its_likeliest_files() -> None:
    parts = "https://www.island.tw/sitemaps/"
    site = Site({HOME + "sitemap.xml": data("sitemap_index.xml"), parts + "news_today.xml": data("news_sitemap.xml")})
    reading = asyncio.run(collect(source(HOME + "sitemap.xml", "sitemap"), site.get, NOW))
    assert len(reading.entries) == 2 and reading.title == "島嶼商報"
    assert site.asked == [HOME + "sitemap.xml", parts + "news_today.xml", parts + "posts-2.xml", parts + "posts-1.xml"]
    with pytest.raises(HttpStatus):
        asyncio.run(collect(source(HOME + "s.xml"), Site({HOME + "s.xml": data("sitemap_index.xml")}).get, NOW))


def test_collecting_says_when_a_feed_is_no_feed_any_more() -> None:
    with pytest.raises(NotASource) as refused:
        asyncio.run(collect(source(HOME + "rss", "feed"), Site({HOME + "rss": page(body=stories(6))}).get, NOW))
    assert refused.value.key == "no_longer_a_feed"


def test_with_the_real_fetcher(own_home: Path) -> None:
    """Discovery and collecting over real connections, robots.txt and redirects included."""

    async def search(site: NewsSite) -> tuple[list[Candidate], list[str], list[Candidate]]:
        async with Fetcher(own_home, allow_origins=[site.origin]) as fetcher:
            found = await discover(site.origin, fetcher.get, now=NOW)
            reading = await collect(source(found[0].url, "feed"), fetcher.get, NOW)
            site.redirect("/feed.xml", "/")
            again = await discover(site.origin, fetcher.get, now=NOW)
            return found, [entry.title for entry in reading.entries], again

    with NewsSite() as site:
        site.robots(f"User-agent: *\nDisallow: /rss\nSitemap: {site.origin}/today.xml")
        site.put("/today.xml", data("news_sitemap.xml"), "application/xml")
        site.put(
            "/feed.xml", rss(item(1), item(2)), "text/plain", validators=False, headers={"Cache-Control": "no-store"}
        )
        found, titles, again = asyncio.run(search(site))
        assert not site.asked("/rss") and not site.asked("/rss.xml")  # robots.txt forbids them
    assert [(each.url, each.reason) for each in found] == [(f"{site.origin}/feed.xml", "known_path")]
    assert titles == ["第1則新聞的標題", "第2則新聞的標題"]
    assert [(each.url, each.reason) for each in again] == [(f"{site.origin}/today.xml", "robots")]
