"""One source's bytes to entries, whatever kind of source it is."""

from __future__ import annotations

from datetime import datetime

from tools.news.model import DateFrom, Entry, Source, SourceKind
from tools.news.sources.decode import to_text
from tools.news.sources.entries import Note, Place, Raw, Reading, finish
from tools.news.sources.errors import NotASource
from tools.news.sources.feeds import read_json_feed, read_syndication
from tools.news.sources.listing import read_list
from tools.news.sources.pages import is_single, read_single
from tools.news.sources.sitemaps import read_sitemap, read_sitemap_index
from tools.news.sources.sniff import Look, from_root, look
from tools.news.sources.text import paragraphs, weight
from tools.news.web.address import shown

__all__ = ["read_feed", "read_source"]

_FROM: dict[SourceKind, DateFrom] = {"feed": "feed", "sitemap": "sitemap", "list": "text", "page": "metadata"}
_ENOUGH_TEXT = 200


def read_feed(body: bytes, content_type: str, base_url: str, source: Source, now: datetime) -> list[Entry]:
    """The entries that `read_source` finds, without what it noted.

    Raises:
        NotASource: as there.
    """
    return list(read_source(body, content_type, base_url, source, now).entries)


def read_source(body: bytes, content_type: str, base_url: str, source: Source, now: datetime) -> Reading:
    """At most 200 entries of RSS, Atom, JSON Feed, a sitemap, a list page or a story's page, and what was odd.

    Args:
        body: as the server sent it, decompressed.
        content_type: the whole header; it may hold the only hint at the encoding.
        base_url: where the body came from in the end; relative links start here.
        source: `kind` decides only between a list and a single page; feeds and sitemaps show what they are.
        now: with a time zone.

    Raises:
        NotASource: the bytes announce nothing; key `no_longer_a_feed` where `source.kind` promised a feed or sitemap.
    """
    text = to_text(body, content_type)
    seen = look(text)
    place, raws, notes, about = _said(text, seen, base_url, source, now)
    if place.kind == "sitemap" and seen.root == "sitemapindex":
        files = read_sitemap_index(from_root(text, seen), base_url, now)
        return Reading("sitemap", sitemaps=files, notes=() if files else (Note("empty"),))
    return finish(raws, place, notes=notes, title=about["title"])


def _said(
    text: str, seen: Look, base_url: str, source: Source, now: datetime
) -> tuple[Place, list[Raw], list[Note], dict[str, str]]:
    raws: list[Raw] = []
    notes: list[Note] = []
    about = {"title": "", "language": "", "site": ""}
    kind: SourceKind
    if seen.form == "json":
        kind = "feed"
        raws, about = read_json_feed(text, base_url)
    elif seen.root in ("rss", "feed", "rdf", "channel"):
        kind = "feed"
        raws, about, repaired = read_syndication(from_root(text, seen), base_url)
        notes = [Note("repaired")] if repaired else []
    elif seen.root == "urlset":
        kind = "sitemap"
        raws, about, notes = read_sitemap(from_root(text, seen), base_url, now)
    elif seen.root == "sitemapindex":
        kind = "sitemap"
    elif seen.form == "html":
        kind, raws, about = _page(text, base_url, source, now)
    else:
        raise NotASource("opml_not_a_source" if seen.root == "opml" else None, url=shown(base_url))
    place = Place(base_url, source, now, kind, _FROM[kind], about["language"], about["site"])
    return place, raws, notes, about


def _page(text: str, base_url: str, source: Source, now: datetime) -> tuple[SourceKind, list[Raw], dict[str, str]]:
    if source.kind in ("feed", "sitemap"):
        raise NotASource("no_longer_a_feed", url=shown(base_url))
    if source.kind == "page" or (source.kind != "list" and is_single(text)):
        raws, about = read_single(text, base_url)
        return "page", raws, about
    raws, about = read_list(text, base_url, now)
    if raws:
        return "list", raws, about
    if source.kind == "auto" and weight(paragraphs(text)) >= _ENOUGH_TEXT:  # a story on a page without any marks
        raws, about = read_single(text, base_url)
        return "page", raws, about
    raise NotASource("no_links", url=shown(base_url))
