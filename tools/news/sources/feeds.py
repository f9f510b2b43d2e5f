"""RSS and Atom by feedparser, JSON Feed by hand: stories as the feed says them, however broken its XML is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tools.news.sources.entries import Raw
from tools.news.sources.errors import NotASource
from tools.news.web.address import shown

__all__ = ["read_json_feed", "read_syndication"]

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
# Enough to find the 200 newest in; a whole archive would only cost time.
_MOST_ITEMS = 600
_ITEM = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)[\s>]", re.IGNORECASE)
# feedparser's own parser for broken XML takes seconds a megabyte; the one for correct XML does not.
_MOST_CHARACTERS = 6_000_000
_MOST_BROKEN = 1_000_000
_MOST_ATTRIBUTES = 200
_DEEPEST = 200


def read_syndication(text: str, base_url: str) -> tuple[list[Raw], dict[str, str], bool]:
    """The stories, {title, language, site} of the feed, and whether its XML had to be repaired.

    `text` begins at the root element. Nothing is fetched and no entity is expanded.

    Raises:
        NotASource: not even the loose parser can read it.
    """
    import io

    import feedparser

    headers = {"content-type": "application/xml; charset=utf-8", "content-location": base_url}
    try:
        data = _shortened(_ILLEGAL.sub("", text[:_MOST_CHARACTERS])).encode("utf-8", "replace")
        # As a stream: a string would be tried as an address and as a file name first.
        parsed = feedparser.parse(
            io.BytesIO(data), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except (ValueError, TypeError, AttributeError, LookupError, AssertionError, RecursionError) as error:
        raise NotASource("broken_source", url=shown(base_url), why=type(error).__name__.lstrip("_")) from error
    feed = parsed.feed
    about = {
        "title": _text(feed.get("title")),
        "language": _text(feed.get("language")),
        "site": _text(feed.get("link")),
    }
    raws = [_raw(item) for item in parsed.entries]
    return raws, about, bool(parsed.bozo)


def _shortened(text: str) -> str:
    """The first 600 stories with their end tags; of broken XML, no more than can be repaired in about a second.

    Raises:
        _Hostile: see `_well_formed`.
    """
    starts = [found.start() for _, found in zip(range(_MOST_ITEMS + 1), _ITEM.finditer(text), strict=False)]
    if len(starts) > _MOST_ITEMS:
        root = text[1:200].split(None, 1)[0].split(">")[0]
        text = text[: starts[-1]] + ("</channel>" if root.lower() == "rss" else "") + f"</{root}>"
    return text if _well_formed(text) else text[:_MOST_BROKEN]


class _Hostile(ValueError):
    """Raised for XML that no feed has and that would keep a parser busy for minutes."""


def _well_formed(text: str) -> bool:
    """Whether the XML is correct. Python's SAX needs quadratic time for attributes, so their number is looked at first.

    Raises:
        _Hostile: an element with hundreds of attributes, or elements nested hundreds deep.
    """
    from xml.parsers import expat

    depth = 0

    def opened(_name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if len(attributes) > _MOST_ATTRIBUTES or depth > _DEEPEST:
            raise _Hostile("nesting or attributes")

    def closed(_name: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError:
        return False
    return True


def _raw(item: Any) -> Raw:
    contents = [part.get("value") for part in item.get("content") or [] if isinstance(part, dict)]
    contents = [part for part in contents if isinstance(part, str)]
    # dict.get: feedparser's own would give `published` for a missing `updated`.
    dates = [dict.get(item, name) for name in ("published", "updated", "created")]
    return Raw(
        link=_link(item),
        title=_text(item.get("title")),
        teaser=_text(item.get("summary")),
        body=max(contents, key=len, default=""),
        author=_authors(item),
        guid=_text(item.get("id")),
        dates=tuple(date for date in dates if isinstance(date, str) and date.strip()),
    )


def _link(item: Any) -> str:
    """The story's own address: what feedburner covered, else the alternate link, else any link to a page."""
    original = _text(item.get("feedburner_origlink"))
    if original.startswith(("http://", "https://")):
        return original
    if _text(item.get("link")):
        return _text(item.get("link"))
    links = [link for link in item.get("links") or [] if link.get("rel") in (None, "alternate", "related", "via")]
    return next((_text(link.get("href")) for link in links if _text(link.get("href"))), "")


def _authors(item: Any) -> str:
    names = [_text(author.get("name")) for author in item.get("authors") or [] if isinstance(author, dict)]
    return "、".join(dict.fromkeys(filter(None, names))) or _text(item.get("author"))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def read_json_feed(text: str, base_url: str) -> tuple[list[Raw], dict[str, str]]:
    """The stories and {title, language, site} of a JSON Feed (jsonfeed.org, 1 and 1.1); wrong types count as absent.

    Raises:
        NotASource: it is no JSON, or no object with a list of items.
    """
    try:
        feed = json.loads(text.lstrip("\ufeff \t\r\n"))
    except (ValueError, RecursionError) as error:
        raise NotASource("broken_source", url=shown(base_url), why=type(error).__name__) from error
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        raise NotASource("broken_source", url=shown(base_url), why="items")
    about = {
        "title": _text(feed.get("title")),
        "language": _text(feed.get("language")),
        "site": _text(feed.get("home_page_url")),
    }
    return [_json_raw(item) for item in items[:_MOST_ITEMS] if isinstance(item, dict)], about


def _json_raw(item: dict[str, Any]) -> Raw:
    guid = item.get("id")
    return Raw(
        # external_url is what a link blog talks about; the story stands at url.
        link=_text(item.get("url")) or _text(item.get("external_url")),
        title=_text(item.get("title")),
        teaser=_text(item.get("summary")),
        body=_text(item.get("content_html")) or _text(item.get("content_text")),
        author="、".join(dict.fromkeys(_json_authors(item))),
        guid=str(guid) if isinstance(guid, str | int | float) and not isinstance(guid, bool) else "",
        dates=tuple(filter(None, (_text(item.get("date_published")), _text(item.get("date_modified"))))),
    )


def _json_authors(item: dict[str, Any]) -> Iterator[str]:
    """Version 1.1 has a list, version 1 had one."""
    listed = item.get("authors")
    for author in [*(listed if isinstance(listed, list) else []), item.get("author")]:
        name = _text(author.get("name")) if isinstance(author, dict) else ""
        if name.strip():
            yield name.strip()
