"""Which kind of source some bytes are, by what stands in them; servers name the wrong type too often to be believed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tools.news.model import SourceKind
from tools.news.sources.decode import to_text

__all__ = ["Look", "from_root", "look", "sniff"]

_HEAD = 20_000
# Declarations, comments and document types stand before the first element; so do warnings of a broken server.
_PROLOG = re.compile(
    r"<\?.*?(?:\?>|\Z)|<!--.*?(?:-->|\Z)|<!DOCTYPE[^\[>]*(?:\[.*?(?:\]\s*>|\Z)|>)", re.DOTALL | re.IGNORECASE
)
_ELEMENT = re.compile(r"<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)(?=[\s/>])")
_FEED_ROOTS = frozenset(("rss", "feed", "rdf", "channel"))
_SITEMAP_ROOTS = frozenset(("urlset", "sitemapindex"))
_LATE_ROOT = re.compile(r"<(?:rss|feed|rdf:RDF|urlset|sitemapindex)[\s>]", re.IGNORECASE)
_INSIDE = re.compile(r"<(?:[\w.-]+:)?(?:channel|item|entry|url|sitemap)[\s>]", re.IGNORECASE)
_PAGE = re.compile(r"<(?:html|body)\b", re.IGNORECASE)
_HTML = re.compile(
    r"<(?:!doctype html|html|head|body|meta|title|div|article|main|p|a|h1|script|link|table|ul)\b", re.IGNORECASE
)
_JSON_FEED = re.compile(r'"version"\s*:\s*"https?:(?:\\?/){2}(?:www\.)?jsonfeed\.org(?:\\?/)version', re.IGNORECASE)


@dataclass(frozen=True)
class Look:
    """What a text looks like: "xml" with the name of its root and where that begins, "json", "html" or "other"."""

    form: str
    root: str = ""
    at: int = 0


def sniff(body: bytes, content_type: str = "") -> SourceKind:
    """ "feed" (RSS, Atom, JSON Feed), "sitemap" (also an index), "list" or "page" (HTML); "auto" for anything else.

    `content_type` is the whole header: it may hold the only hint at the encoding. What it says of the kind is not believed.
    """
    text = to_text(body, content_type)
    seen = look(text)
    if seen.form == "json":
        return "feed"
    if seen.root in _FEED_ROOTS:
        return "feed"
    if seen.root in _SITEMAP_ROOTS:
        return "sitemap"
    if seen.form != "html":
        return "auto"
    from tools.news.sources.pages import is_single

    return "page" if is_single(text) else "list"


def look(text: str) -> Look:
    """The form of a text by its first element, or by being a JSON object with a feed's keys."""
    start = text.lstrip("\ufeff \t\r\n\x00")
    if start.startswith("{"):
        return Look("json") if _is_json_feed(start) else Look("other")
    if start.startswith("[") or "\x00" in start[:200]:
        return Look("other")
    # As long as it was, so that places stay the same.
    bare = _PROLOG.sub(lambda part: " " * len(part[0]), text[:_HEAD])
    first = _ELEMENT.match(bare, len(bare) - len(bare.lstrip("\ufeff \t\r\n\x00")))
    root = first[2].lower() if first else ""
    if first and root in _FEED_ROOTS | _SITEMAP_ROOTS | {"opml"}:
        return Look("xml", root, first.start())
    # A server's warning before a feed does not make it a page, and a page that mentions <rss> is no feed.
    late = _LATE_ROOT.search(bare)
    if late and not _PAGE.search(bare[: late.start()]) and _INSIDE.search(text, late.end(), late.end() + _HEAD):
        return Look("xml", late[0].strip("<> \t\r\n").lower().removeprefix("rdf:"), late.start())
    if _HTML.search(bare):
        return Look("html", "html")
    return Look("xml", root, first.start()) if first else Look("other")


def _is_json_feed(start: str) -> bool:
    return bool(_JSON_FEED.search(start[:_HEAD])) or bool(
        re.search(r'"items"\s*:\s*\[', start) and re.search(r'"title"\s*:', start[:_HEAD])
    )


def from_root(text: str, seen: Look) -> str:
    """The text from its root element on: without its declaration and, above all, without entities of its own making."""
    return text[seen.at :]
