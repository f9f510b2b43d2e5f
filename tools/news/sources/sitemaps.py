"""Sitemaps: news sitemaps with titles and dates, plain ones with addresses alone, and indexes of further files."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from tools.news.sources.dates import read_date
from tools.news.sources.entries import MAX_ENTRIES, Note, Raw
from tools.news.sources.errors import NotASource
from tools.news.sources.xmltree import children, local, tree
from tools.news.web.address import safe_link, shown
from tools.news.web.robots import read_robots

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["read_sitemap", "read_sitemap_index", "robots_sitemaps"]

_MOST = 50_000  # addresses in one file (sitemaps.org)
_NEWSY = re.compile(r"news|today|latest|realtime|breaking|recent", re.IGNORECASE)
_NOT_NEWS = re.compile(r"image|video|tag|author|categor|page-sitemap|product|topic|archive|static", re.IGNORECASE)
_NUMBER = re.compile(r"\d{2,}")


def read_sitemap(text: str, base_url: str, now: datetime) -> tuple[list[Raw], dict[str, str], list[Note]]:
    """The stories of a <urlset>, {title, language} of the publication, and notes.

    Where no story has a title, this is a plain sitemap: titles are made from the addresses, and `lastmod` only orders them,
    newest first, because it says when a page changed and not when its story appeared.

    Raises:
        NotASource: the file cannot be read.
    """
    root = tree(text)
    if root is None:
        raise NotASource("broken_source", url=shown(base_url), why="XML")
    urls = [element for element in root.iter() if local(element) == "url"][:_MOST]
    about = {"title": "", "language": "", "site": ""}
    told = [_news(element, about) for element in urls]
    if any(raw.title for raw in told):
        return told, about, []
    changed = [
        (read_date(_value(element, "lastmod"), now=now).when, raw) for element, raw in zip(urls, told, strict=True)
    ]
    order = sorted(range(len(changed)), key=lambda at: (_age(changed[at][0], now), at))[: 2 * MAX_ENTRIES]
    raws = [Raw(link=changed[at][1].link, title=_title_of(changed[at][1].link)) for at in order]
    return raws, about, [Note("untitled")] if raws else []


def read_sitemap_index(text: str, base_url: str, now: datetime) -> tuple[str, ...]:
    """The files of a <sitemapindex>: news first, then the ones changed last; pictures, tags and authors never first.

    Raises:
        NotASource: the file cannot be read.
    """
    root = tree(text)
    if root is None:
        raise NotASource("broken_source", url=shown(base_url), why="XML")
    found: list[tuple[int, float, int, str]] = []
    for element in [each for each in root.iter() if local(each) == "sitemap"][:_MOST]:
        url = safe_link(_value(element, "loc"), base_url)
        if url:
            name = urlsplit(url).path + "?" + urlsplit(url).query
            rank = 0 if _NEWSY.search(name) else 2 if _NOT_NEWS.search(name) else 1
            # Where nothing is dated, the highest number is the newest part (sitemap-post-37.xml).
            number = max((int(digits[:12]) for digits in _NUMBER.findall(name)), default=0)
            found.append((rank, _age(read_date(_value(element, "lastmod"), now=now).when, now), -number, url))
    return tuple(dict.fromkeys(url for *_, url in sorted(found)))


def robots_sitemaps(robots: str, base_url: str) -> tuple[str, ...]:
    """The sitemaps a robots.txt names, those with news in their name first."""
    links = [safe_link(link, base_url) for link in read_robots(robots, "").sitemaps]
    return tuple(sorted(dict.fromkeys(filter(None, links)), key=lambda url: not _NEWSY.search(urlsplit(url).path)))


def _news(url: _Element, about: dict[str, str]) -> Raw:
    news = next(iter(children(url, "news")), None)
    link = _value(url, "loc")
    if news is None:
        return Raw(link=link)
    for publication in children(news, "publication"):
        about["title"] = about["title"] or _value(publication, "name")
        about["language"] = about["language"] or _value(publication, "language")
    dates = (_value(news, "publication_date"), _value(url, "lastmod"))
    return Raw(link=link, title=_value(news, "title"), dates=tuple(filter(None, dates)))


def _value(element: _Element, name: str) -> str:
    return next(("".join(child.itertext()).strip() for child in children(element, name)), "")


def _age(when: datetime | None, now: datetime) -> float:
    return (now - when).total_seconds() if when else float("inf")


def _title_of(url: str) -> str:
    """The last readable part of an address (/2026/03/臺北-捷運-延伸.html): better than none until the page is read."""
    parts = [part for part in unquote(urlsplit(url).path).split("/") if part]
    for part in reversed(parts):
        words = re.sub(r"\.\w{2,5}\Z", "", part).replace("-", " ").replace("_", " ").strip()
        if re.search(r"[^\W\d_]{2}", words):
            return words
    return parts[-1] if parts else ""
