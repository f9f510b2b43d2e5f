"""Finds the sources of a site: what it announces, what it links to, the usual places, its news sitemap, its page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urljoin, urlsplit

from tools.errors import FinaleError
from tools.news.model import Source, SourceKind
from tools.news.sources.collect import ANY_KIND, MOST_FILES, Get, Got, merged
from tools.news.sources.decode import to_text
from tools.news.sources.dom import base_of, page_tree, words
from tools.news.sources.entries import Note, Reading
from tools.news.sources.reading import read_source
from tools.news.sources.sitemaps import robots_sitemaps
from tools.news.web.address import clean_url, safe_link
from tools.news.web.errors import HttpStatus, NotNow, TooBig, WrongKind
from tools.words import Lang, Words

__all__ = ["Candidate", "discover"]

Reason = Literal["itself", "announced", "linked", "known_path", "robots", "list", "page"]
_RANK: dict[Reason, int] = {
    "itself": 0,
    "announced": 1,
    "linked": 2,
    "known_path": 3,
    "robots": 4,
    "list": 5,
    "page": 6,
}
_MOST_REQUESTS = 24
_MOST_ANNOUNCED = 4
_MOST_LINKED = 3
_LEAST_LIST = 5
_TYPES = frozenset(
    (
        "application/rss+xml",
        "application/atom+xml",
        "application/feed+json",
        "application/json",
        "text/xml",
        "application/xml",
    )
)
_NOT_NEWS = re.compile(r"/wp-json/|oembed|/comments?/|[?&]feed=comments|/feed/comments", re.IGNORECASE)
_COMMENTS = re.compile(r"\bcomments?\b|留言|迴響|回應", re.IGNORECASE)
_FEED_LINK = re.compile(r"(?:^|[/._?=-])(?:rss\d?|feeds?|atom)(?:$|[/._?&=-])|\.(?:rss|rdf|atom)\b", re.IGNORECASE)
_PATHS = ("feed/", "feed", "rss.xml", "rss", "feed.xml", "atom.xml", "index.xml", "feed.atom", "rss/feed.xml")
_SITEMAPS = ("news-sitemap.xml", "sitemap-news.xml", "sitemap_news.xml")


@dataclass(frozen=True)
class Candidate:
    """An address that was read and announces stories; `reason` is how it was found."""

    url: str
    kind: SourceKind
    title: str
    reason: Reason
    entries: int
    newest: datetime | None = None
    notes: tuple[Note, ...] = ()

    def message(self, lang: Lang = "zh") -> str:
        """How it was found, in one sentence."""
        return Words.load(Path(__file__).with_name("messages.yaml")).say(f"found_{self.reason}", lang)


async def discover(url: str, get: Get, *, now: datetime | None = None) -> list[Candidate]:
    """The sources behind `url` (a scheme may be missing), best first; those that stopped long ago come last.

    Asks at most 24 addresses, one after another, and stops early where the site asks to wait. Known places are only
    tried where the page announces nothing that works; a place that leads back to the front page is none.

    Raises:
        WebError: the address itself cannot be had, and nothing was found around it.
    """
    url = clean_url(url if "://" in url else f"https://{url.strip()}")
    search = _Search(get, now or datetime.now(UTC))
    failure: FinaleError | None = None
    page: Got | None = None
    reading: Reading | None = None
    try:
        page = await search.first(url)
        reading = search.read(page, "auto")
    except (HttpStatus, WrongKind, TooBig) as error:  # the front page may be closed and the feed open
        failure = error
    if page and reading and reading.kind in ("feed", "sitemap"):
        await search.take(page.final_url, reading, "itself")
        return search.best()
    await search.around(page.final_url if page else url, page)
    if page and reading and len(reading.entries) >= (_LEAST_LIST if reading.kind == "list" else 1):
        await search.take(page.final_url, reading, "list" if reading.kind == "list" else "page")
    if failure and not search.found:
        raise failure
    return search.best()


class _Stop(Exception):
    """Enough was asked, or the site wants to be left alone."""


class _Search:
    """One search: what was found, what was asked already, and how many requests are left."""

    def __init__(self, get: Get, now: datetime) -> None:
        self.found: list[Candidate] = []
        self._get = get
        self._now = now
        self._left = _MOST_REQUESTS
        self._asked: set[str] = set()
        self._contents: set[frozenset[str]] = set()

    def best(self) -> list[Candidate]:
        """What was found, live sources before stopped and blank ones, then by how it was found."""
        return sorted(self.found, key=lambda each: (_flaw(each), _RANK[each.reason]))

    async def first(self, url: str) -> Got:
        """The address the search starts from.

        Raises:
            FinaleError: what `get` raises.
        """
        self._left -= 1
        page = await self._get(url, kinds=ANY_KIND)
        self._asked |= {url, safe_link(page.final_url) or url}
        return page

    async def around(self, url: str, page: Got | None) -> None:
        try:
            if page is not None:
                for link in _announced(page):
                    await self._probe(link, "announced")
                if not self._alive():
                    for link in _linked(page):
                        await self._probe(link, "linked")
            for folder in _folders(url):
                for path in _PATHS if not self._alive() else ():
                    if await self._probe(urljoin(folder, path), "known_path", home=url):
                        break
            if not self._alive():
                await self._sitemaps(url)
        except _Stop:
            return

    async def _sitemaps(self, url: str) -> None:
        root = urljoin(url, "/")
        robots = await self._fetch(urljoin(root, "robots.txt"), ("text",))
        named = robots_sitemaps(to_text(robots.body[:500_000], robots.content_type), root) if robots else ()
        for link in (*named[:MOST_FILES], *(urljoin(root, path) for path in _SITEMAPS if not named)):
            if await self._probe(link, "robots", kind="sitemap") and self._alive():
                return

    def _alive(self) -> bool:
        return any(not _flaw(each) for each in self.found)

    async def _probe(self, link: str, reason: Reason, *, kind: SourceKind = "feed", home: str = "") -> bool:
        page = await self._fetch(link)
        if page is None or (home and _is_home(page.final_url, home)):
            return False
        reading = self.read(page, kind)
        return reading is not None and await self.take(page.final_url, reading, reason)

    async def take(self, url: str, reading: Reading, reason: Reason) -> bool:
        """Keep what was read unless these stories are known already; a sitemap index is judged by its first files."""
        if reading.sitemaps:
            parts = [await self._part(link) for link in reading.sitemaps[:MOST_FILES]]
            reading = merged([part for part in parts if part])
        contents = frozenset(entry.url for entry in reading.entries[:10])
        if reason != "itself" and (not contents or contents in self._contents):
            return False
        self._contents.add(contents)
        self.found.append(
            Candidate(
                clean_url(url), reading.kind, reading.title, reason, len(reading.entries), reading.newest, reading.notes
            )
        )
        return True

    async def _part(self, link: str) -> Reading | None:
        try:
            page = await self._fetch(link)
        except _Stop:
            return None
        return self.read(page, "sitemap") if page else None

    def read(self, page: Got, kind: SourceKind) -> Reading | None:
        try:
            source = Source("found", page.final_url, "", kind)
            return read_source(page.body, page.content_type, page.final_url, source, self._now)
        except FinaleError:
            return None  # no source: another place may be one

    async def _fetch(self, link: str, kinds: tuple[str, ...] = ("feed", "text")) -> Got | None:
        """What stands there; None for what cannot be had or was asked before.

        Raises:
            _Stop: the requests are spent, or the site said "not now".
        """
        clean = safe_link(link)
        if clean is None or clean in self._asked:
            return None
        if not self._left:
            raise _Stop
        self._asked.add(clean)
        self._left -= 1
        try:
            page = await self._get(clean, kinds=kinds)
        except NotNow:
            raise _Stop from None
        except FinaleError:
            return None
        final = safe_link(page.final_url)
        if final and final != clean:
            if final in self._asked:
                return None
            self._asked.add(final)
        return page


def _flaw(candidate: Candidate) -> int:
    """0 for a source that works, 1 for addresses without titles, 2 for one that is blank, empty or stopped long ago."""
    codes = {note.code for note in candidate.notes}
    return 2 if not candidate.entries or codes & {"stale", "all_blank"} else 1 if "untitled" in codes else 0


def _announced(page: Got) -> list[str]:
    """The feeds that <link rel=alternate> names, without comments and machine interfaces; sure types first."""
    root = page_tree(to_text(page.body, page.content_type))
    if root is None:
        return []
    base = base_of(root, page.final_url)
    found: list[tuple[int, str]] = []
    for link in root.iter("link"):
        kind = (link.get("type") or "").split(";")[0].strip().lower()
        url = safe_link(link.get("href") or "", base) if link.get("href") else None
        if not url or kind not in _TYPES or "alternate" not in (link.get("rel") or "").lower().split():
            continue
        if _NOT_NEWS.search(url) or _COMMENTS.search(link.get("title") or ""):
            continue
        found.append((0 if kind.endswith(("rss+xml", "atom+xml", "feed+json")) else 1, url))
    return list(dict.fromkeys(url for _, url in sorted(found, key=lambda pair: pair[0])))[:_MOST_ANNOUNCED]


def _linked(page: Got) -> list[str]:
    """Links of the page that look like a feed by address or by the word RSS."""
    root = page_tree(to_text(page.body, page.content_type))
    if root is None:
        return []
    base = base_of(root, page.final_url)
    found: dict[str, None] = {}
    for anchor in list(root.iter("a"))[:4_000]:
        url = safe_link(anchor.get("href") or "", base) if anchor.get("href") else None
        if not url or _NOT_NEWS.search(url) or "feedly.com" in url:
            continue
        if _FEED_LINK.search(urlsplit(url).path) or re.fullmatch(
            r"\W*RSS\W*(?:訂閱|feed)?\W*", words(anchor), re.IGNORECASE
        ):
            found[url] = None
    return list(found)[:_MOST_LINKED]


def _folders(url: str) -> Iterator[str]:
    """The folder the address stands in, then the root of its site."""
    path = urlsplit(url).path
    above, _, last = path.rpartition("/")
    folder = f"{above}/" if not last or "." in last else f"{path}/"
    if folder != "/":
        yield urljoin(url, folder)
    yield urljoin(url, "/")


def _is_home(final: str, home: str) -> bool:
    parts = urlsplit(final)
    return (parts.path in ("", "/") and not parts.query) or final.rstrip("/") == home.rstrip("/")
