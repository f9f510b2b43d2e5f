"""What an answer is: its type where that can be believed, its first bytes where not."""

from __future__ import annotations

import pytest

from tests.doubles.newssite import PNG
from tools.news.web.kinds import accepts, charset_of, kind_of_type, sniff

RSS = b'<?xml version="1.0"?>\n<!-- made by hand -->\n<rss version="2.0"><channel/></rss>'
ATOM = b'\xef\xbb\xbf<?xml version="1.0"?><?xml-stylesheet href="a.xsl"?><feed xmlns="http://www.w3.org/2005/Atom"/>'
PAGE = b"<!DOCTYPE html><html><head></head></html>"


@pytest.mark.parametrize(
    "body, kind",
    [
        (RSS, "feed"), (ATOM, "feed"), (RSS.decode().encode("utf-16"), "feed"), (RSS.decode().encode("utf-16-le"), "feed"),
        (b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>", "feed"), (b"<sitemapindex>", "feed"), (b"<rdf:RDF>", "feed"),
        (b'<!DOCTYPE rss PUBLIC "-//N//DTD" "x" [<!ENTITY a "b">]><rss>', "feed"), (b"<atom:feed>", "feed"),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": []}', "feed"), (b'{"a": 1}', "text"),
        (PAGE, "html"), (b"\n\n  <html>", "html"), (b"<!-- note --><HTML>", "html"), (b"<p>short", "html"), (b"<meta charset=big5>", "html"),
        (b'<?xml version="1.0"?><!DOCTYPE html><html>', "html"), ("天氣 <div class=a>很好".encode(), "html"),
        (b"just words", "text"), ("今天天氣".encode("big5"), "text"), (b"<svg xmlns='x'>", "text"),
        (b"", "empty"), (b" \r\n ", "empty"), (PNG, "binary"), (b"%PDF-1.7", "binary"), (b"PK\x03\x04zip", "binary"), (b"\x1f\x8b\x08", "binary"),
        (b"\x00\x00\x00\x18ftypmp42", "binary"), (bytes(range(256)), "binary"), (b"abc\x00def", "binary"),
    ],
)  # fmt: skip
def test_sniffing(body: bytes, kind: str) -> None:
    """Stops: a feed taken for a page because of its type, a picture taken for text because of its name."""
    assert sniff(body) == kind


@pytest.mark.parametrize(
    "kinds, content_type, body, good",
    [
        (["feed"], "text/html", RSS, True), (["feed"], "text/plain", RSS, True), (["feed"], "", RSS, True), (["feed"], "text/html", PAGE, False),
        (["feed"], "application/rss+xml", b"not quite xml", True), (["feed"], "application/json", b'{"a":1}', False),
        (["html"], "application/octet-stream", PAGE, True), (["html"], "", PAGE, True), (["html"], "text/plain", PAGE, True),
        (["html"], "text/html", b"words without a tag", True), (["html"], "text/plain", b"words", False), (["html"], "text/html", PNG, False),
        (["html"], "application/rss+xml", RSS, False), (["html", "feed"], "weird", RSS, True), (["text"], "weird", b"words", True),
        (["text"], "text/plain", PNG, False), (["feed"], "text/html", b"", True),
    ],
)  # fmt: skip
def test_what_is_accepted(kinds: list[str], content_type: str, body: bytes, good: bool) -> None:
    """Stops: refusing a feed with a wrong type (many have one), or taking a log-in page for a feed."""
    assert accepts(kinds, content_type, body) is good


def test_types_that_are_not_even_read() -> None:
    """Stops: a film being downloaded to find out that it is one."""
    for name in (
        "image/png",
        "VIDEO/mp4; x=1",
        "audio/mpeg",
        "application/pdf",
        "application/zip",
        "font/woff2",
        "application/vnd.ms-excel",
    ):
        assert kind_of_type(name) == "binary"
    for name in ("application/octet-stream", "text/plain", "", "image/svg+xml", "application/gzip", "nonsense"):
        assert kind_of_type(name) is None


def test_charset_parameter() -> None:
    """Stops: Big5 that is declared only in Content-Type going unseen."""
    assert charset_of("text/html; Charset = 'Big5'") == "big5"
    assert charset_of('application/xml;charset="UTF-8";x=1') == "utf-8"
    assert charset_of("text/html; charset=大五碼") == charset_of("text/html") == ""


def test_hostile_beginnings_end_quickly() -> None:
    """Stops: sixteen kilobytes of unclosed things taking minutes to look at."""
    for body in (
        b"<!--" * 5000,
        b"<?" * 9000,
        b"<!doctype a [" * 2000,
        b"<" * 20_000,
        b"<!-- --> " * 2000,
        b" " * 20_000,
    ):
        assert sniff(body) in ("text", "html", "empty")
