"""What these tests share: a moment, a source, feeds of a few lines, and a site that lives in a dictionary."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

from tools.errors import FinaleError
from tools.news.model import Source
from tools.news.sources import Reading, read_source
from tools.news.web import HttpStatus

DATA = Path(__file__).resolve().parents[3] / "data" / "news"
TAIPEI = timezone(timedelta(hours=8))
NOW = datetime(2026, 3, 5, 12, 0, tzinfo=TAIPEI)
THREE_PM = datetime(2026, 3, 4, 15, 5, tzinfo=TAIPEI)
RSS_DATE = "Wed, 04 Mar 2026 07:05:00 GMT"


def source(url: str = "https://news.island.tw/rss", kind: str = "auto", language: str = "") -> Source:
    return Source("island", url, "島嶼日報", kind, language=language)  # type: ignore[arg-type]


def read(body: bytes | str, url: str = "https://news.island.tw/rss", content_type: str = "", **of: str) -> Reading:
    raw = body.encode() if isinstance(body, str) else body
    return read_source(raw, content_type, url, source(url, **of), NOW)


def data(name: str) -> bytes:
    return (DATA / name).read_bytes()


def item(number: int, *, title: str = "", date: str = RSS_DATE, more: str = "") -> str:
    title = title or f"第{number}則新聞的標題"
    about = "這是一段夠長的摘要，說明這則新聞在講什麼，以及為什麼重要。"
    return (
        f"<item><title>{title}</title><link>https://news.island.tw/story/{number}</link>"
        f"<pubDate>{date}</pubDate><description>{about}</description>{more}</item>"
    )


def rss(*items: str, head: str = "") -> str:
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>島嶼</title>{head}{"".join(items)}</channel></rss>'


@dataclass
class Got:
    body: bytes
    content_type: str
    final_url: str


@dataclass
class Site:
    """Addresses and what stands there: a body, another address (a redirect), or an error. `asked` has the requests in order."""

    pages: dict[str, str | bytes | FinaleError]
    moved: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def get(self, url: str, *, kinds: Collection[str] = ("html", "feed")) -> Got:
        self.asked.append(url)
        final = self.moved.get(url, url)
        page = self.pages.get(final)
        if page is None:
            raise HttpStatus(status=404, host="news.island.tw", path="/")
        if isinstance(page, FinaleError):
            raise page
        body = page.encode() if isinstance(page, str) else page
        return Got(body, "text/html; charset=utf-8", final)
