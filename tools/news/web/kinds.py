"""What an answer is: by its Content-Type where that is to be believed, by its first bytes where it is not. Pure."""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection
from typing import Literal

__all__ = ["Kind", "accept_header", "accepts", "charset_of", "kind_of_type", "media_type", "packed", "sniff"]

Kind = Literal["html", "feed", "text", "binary", "empty"]

_TYPES: dict[str, Kind] = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/rss+xml": "feed",
    "application/atom+xml": "feed",
    "application/rdf+xml": "feed",
    "application/xml": "feed",
    "text/xml": "feed",
    "application/feed+json": "feed",
}
# Said to be one of these, an answer is not read at all; every other type is looked at.
_MEDIA = re.compile(
    r"(?:image|audio|video|font|model)/(?!.*\+xml)|application/(?:pdf|zip|msword|vnd\.|x-(?:msdownload|tar|7z|rar|shock))"
)
_GZIPPED = re.compile(r"application/(?:x-)?gzip|application/octet-stream")
_ACCEPT = {
    "html": "text/html, application/xhtml+xml",
    "feed": "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9",
    "text": "text/plain",
}
_MAGIC = (
    b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"RIFF", b"OggS", b"ID3", b"\x00asm",
    b"\x7fELF", b"MZ\x90", b"wOFF", b"wOF2", b"\x00\x01\x00\x00", b"OTTO", b"Rar!", b"7z\xbc\xaf", b"fLaC", b"\x1aE\xdf\xa3",
    b"SQLite format 3", b"\xd0\xcf\x11\xe0",
)  # fmt: skip
_HEAD = 16_384
_SKIPPED = re.compile(
    r"\s+|<\?[^>]{0,4000}>|<!--.*?-->|<!doctype\s+(?!html)[^>\[]{0,2000}(?:\[[^\]]{0,8000}\]\s*)?>", re.S | re.I
)
_ELEMENT = re.compile(r"<(!doctype\s+html|[a-z][a-z0-9:._-]{0,40})", re.I)
_FEED_ROOTS = {"rss", "feed", "rdf", "urlset", "sitemapindex", "channel"}
_TAGS = (
    "a article aside b base blockquote body br center dd div dl dt em font footer form h1 h2 h3 h4 h5 h6 head header hr html i "
    "iframe img input li link main meta nav ol p pre script section span strong style table tbody td template title tr ul"
)
_HTML_NAMES = frozenset(_TAGS.split())


def media_type(content_type: str) -> str:
    """`text/html` of `Text/HTML; charset=big5`."""
    return content_type.partition(";")[0].strip().lower()


def charset_of(content_type: str) -> str:
    """The charset that a Content-Type names, lower-case, or ""."""
    found = re.search(r"charset\s*=\s*[\"']?([\w.:+-]{1,40})", content_type, re.I | re.A)
    return found[1].lower() if found else ""


def kind_of_type(content_type: str) -> Kind | None:
    """What the type alone promises; None where it says too little ("binary" only for what certainly is)."""
    plain = media_type(content_type)
    if plain in _TYPES:
        return _TYPES[plain]
    return "binary" if _MEDIA.match(plain) else None


def accept_header(kinds: Collection[str]) -> str:
    """The Accept header for `kinds`; the last resort lets a server with a wrong idea of its own type still answer."""
    return ", ".join([*(_ACCEPT[kind] for kind in _ACCEPT if kind in kinds), "*/*;q=0.1"])


def packed(content_type: str, body: bytes) -> bool:
    """Whether `body` is a gzip file as such, like sitemap.xml.gz, not a page sent with Content-Encoding."""
    plain = media_type(content_type)
    return body.startswith(b"\x1f\x8b") and (not plain or _TYPES.get(plain) == "feed" or bool(_GZIPPED.match(plain)))


def accepts(kinds: Collection[str], content_type: str, body: bytes) -> bool:
    """Whether `body`, sent as `content_type`, is one of `kinds`. An empty body is of every kind."""
    seen = sniff(body)
    if seen == "empty":
        return True
    if seen == "binary":
        return False
    promised = kind_of_type(content_type)
    if promised in kinds or seen in kinds:
        return True
    return "text" in kinds and promised != "binary"


def sniff(body: bytes) -> Kind:
    """What the first 16 KiB look like."""
    head = body[:_HEAD]
    text = _as_text(head)
    if text is None:
        return "binary"
    start = 0
    while found := _SKIPPED.match(text, start):
        start = found.end()
    if start == len(text):
        return "text" if text.strip() else "empty"
    if text.startswith(("{", "["), start):
        return "feed" if "jsonfeed.org/version" in text else "text"
    if element := _ELEMENT.match(text, start):
        name = element[1].lower()
        local = name.rpartition(":")[2]
        if local in _FEED_ROOTS or name == "rdf:rdf":
            return "feed"
        if local in _HTML_NAMES or name.startswith("!doctype"):
            return "html"
    return "html" if re.search(r"<(?:html|head|body|article|p|div)[\s>]", text, re.I) else "text"


def _as_text(head: bytes) -> str | None:
    """`head` as characters good enough to find a tag in; None for what is no text."""
    for mark, codec in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if head.startswith(mark):
            return head[len(mark) :].decode(codec, "replace")
    if head.startswith((b"<\x00", b"\x00<")):
        return head.decode("utf-16-le" if head[0] else "utf-16-be", "replace")
    if head.lstrip().startswith(_MAGIC) or b"\x00" in head[:1024] or head[4:8] == b"ftyp":
        return None
    controls = sum(byte < 32 and byte not in b"\t\n\f\r\x1b" for byte in head[:1024])
    return None if controls > 20 else head.decode("latin-1")
