"""robots.txt: whose group counts, which rule wins, and what a hostile one costs."""

from __future__ import annotations

import pytest

from tools.news.web.robots import merge_ai, read_robots, signal_of
from tools.news.web.signals import page_ai_input

AGENT = "FinaleNews/1.0 (news digest)"


def allows(text: str, *paths: str) -> list[bool]:
    rules = read_robots(text, AGENT)
    return [rules.allows(f"https://news.example{path}") for path in paths]


@pytest.mark.parametrize(
    "text, path, good",
    [
        ("", "/a", True), ("User-agent: *\nDisallow: /", "/a", False), ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /", "/robots.txt", True), ("User-agent: OtherBot\nDisallow: /", "/a", True),
        ("User-agent: finalenews\nDisallow: /a\n\nUser-agent: *\nDisallow: /", "/a", False),
        ("User-agent: finalenews\nDisallow: /a\n\nUser-agent: *\nDisallow: /", "/b", True),
        ("User-agent: FinaleNews/2.0\nDisallow: /a", "/a", False), ("User-agent: FinaleNewsBot\nDisallow: /", "/a", True),
        ("User-agent: Other\nUser-agent: *\nDisallow: /a", "/a", False), ("User-agent: *\nSitemap: x\nDisallow: /a", "/a", False),
        ("User-agent: *\nDisallow: /a\nUser-agent: *\nDisallow: /b", "/a", False), ("User-agent: *\nDisallow: /\nAllow: /a", "/a", True),
        ("User-agent: *\nAllow: /\nDisallow: /a", "/a/b", False), ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf?z", True), ("User-agent: *\nDisallow: /*?id=", "/a?id=1", False),
        ("User-agent: *\nAllow: /p\nDisallow: /p", "/p", True), ("User-agent: *\nDisallow: /%E6%96%B0", "/%e6%96%b0", False),
        ("user-AGENT : *  # all\n disallow : /a # no", "/a", False), ("\ufeffUser-agent: *\r\nDisallow: /a\r\n", "/a", False),
        ("Disallow: /a", "/a", True), ("<html><body>no robots here</body></html>", "/a", True), ("User-agent: *\nDisallow: /a\x00", "/b", True),
    ],
)  # fmt: skip
def test_what_may_be_read(text: str, path: str, good: bool) -> None:
    """Stops: a site's wish passed over (Python's own parser knows no wildcards and takes the first rule), or invented."""
    assert allows(text, path) == [good]


def test_delay_and_sitemaps() -> None:
    """Stops: a Crawl-delay of another robot kept, a broken one crashing, a news sitemap unseen."""
    text = "Sitemap: https://news.example/a.xml\nUser-agent: *\nCrawl-delay: {}\nSITEMAP:https://news.example/b.xml"
    found = read_robots(text.format("2.5"), AGENT)
    assert found.delay == 2.5 and found.sitemaps == ("https://news.example/a.xml", "https://news.example/b.xml")
    for bad in ("", "soon", "-1", "nan", "inf", "1e999"):
        assert read_robots(text.format(bad), AGENT).delay is None
    assert read_robots("User-agent: x\nCrawl-delay: 5", AGENT).delay is None


@pytest.mark.parametrize(
    "value, said",
    [
        ("search=yes, ai-train=no", "unknown"), ("ai-input=yes, ai-train=no", "yes"), ("search=yes,ai-input=no", "no"), ("AI-Input = NO", "no"),
        ("ai-input=maybe", "unknown"), ("ai-input=yes, ai-input=no", "no"), ("/x ai-input=no", "no"), ("xai-input=no", "unknown"), ("", "unknown"),
    ],
)  # fmt: skip
def test_content_signal(value: str, said: str) -> None:
    """Stops: "may train" read as "may be read to a model", or the other way round."""
    assert signal_of(value) == said
    assert read_robots(f"User-agent: *\nContent-Signal: {value}\nAllow: /", AGENT).ai_input == said
    assert read_robots(f"User-agent: GPTBot\nContent-signal: {value}", AGENT).ai_input == "unknown"


def test_one_no_is_enough() -> None:
    """Stops: a yes of the site overriding a no of the page."""
    assert merge_ai("yes", "no", "unknown") == "no" and merge_ai("unknown", "yes") == "yes" and merge_ai() == "unknown"


@pytest.mark.parametrize(
    "headers, page, said",
    [
        ({}, "<meta name='robots' content='index, noai'>", "no"), ({}, '<META CONTENT="NOAI" NAME="Robots">', "no"),
        ({}, "<meta name=robots content=noindex>", "unknown"), ({}, "<meta name=finalenews content=noai>", "no"),
        ({}, "<meta name=otherbot content=noai>", "unknown"), ({}, "<meta name='tdm-reservation' content='1'>", "no"),
        ({}, "<meta name='tdm-reservation' content='0'>", "unknown"), ({"tdm-reservation": "1"}, "", "no"), ({"tdm-reservation": "0"}, "", "unknown"),
        ({"x-robots-tag": "noindex, noai"}, "", "no"), ({"x-robots-tag": "otherbot: noai, noindex"}, "", "unknown"),
        ({"x-robots-tag": "otherbot: noindex, finalenews: noai"}, "", "no"), ({"x-robots-tag": "noimageai"}, "", "unknown"),
        ({"x-robots-tag": "unavailable_after: 25 Jun 2026, noai"}, "", "no"), ({"content-signal": "ai-input=no"}, "", "no"),
        ({"content-signal": "ai-input=yes"}, "<p>text</p>", "yes"), ({"content-signal": "ai-input=yes"}, "<meta name=robots content=noai>", "no"),
        ({}, "<meta " * 50_000, "unknown"), ({}, "<meta name=" + "'" * 100_000, "unknown"),
    ],
)  # fmt: skip
def test_what_a_page_says_of_models(headers: dict[str, str], page: str, said: str) -> None:
    """Stops: text sent to a model although its publisher said no in one of the usual ways."""
    assert page_ai_input(headers, page, "FinaleNews") == said


def test_a_hostile_robots_stays_cheap() -> None:
    """Stops: half a megabyte of robots.txt filling the memory (15,000 agents times 15,000 rules) or matching for ever."""
    agents = "".join(f"User-agent: a{n}\n" for n in range(15_000))
    rules = "".join(f"Disallow: /{n}\n" for n in range(15_000))
    long = "/" + "a" * 2000
    assert allows(agents + "User-agent: *\n" + rules, "/7", long) == [False, True]
    assert allows("User-agent: *\nDisallow: /" + "*a" * 200_000 + "b$", long) == [True]
    assert allows("User-agent: *\n" + "Disallow: /*a*a*a*a*a*a*a*a*a*b\n" * 5000, long) == [True]
    assert allows("User-agent: *\n" + "Disallow: /b\n" * 50_000 + "Disallow: /a", "/a", "/b") == [
        True,
        False,
    ]  # past the limit
