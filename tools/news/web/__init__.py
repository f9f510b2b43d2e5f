"""Fetching news safely and politely: any address a person or a feed names, and nothing of it is trusted.

async with Fetcher(home) as fetcher:
    fetched = await fetcher.get("https://technews.tw/feed/", kinds=("feed",))
    text = decode(fetched)
"""

from __future__ import annotations

from tools.news.web.address import clean_url, safe_link
from tools.news.web.errors import (
    HttpStatus,
    Moved,
    NotAllowed,
    NotNow,
    Refused,
    TooBig,
    TooSlow,
    Unreachable,
    WebError,
    WrongKind,
)
from tools.news.web.fetch import Fetcher
from tools.news.web.fetched import MIB, USER_AGENT, Fetched, Outcome, Pace, decode
from tools.news.web.notes import Note
from tools.news.web.robots import AiInput, Rules, merge_ai, read_robots

__all__ = [
    "MIB",
    "USER_AGENT",
    "AiInput",
    "Fetched",
    "Fetcher",
    "HttpStatus",
    "Moved",
    "NotAllowed",
    "NotNow",
    "Note",
    "Outcome",
    "Pace",
    "Refused",
    "Rules",
    "TooBig",
    "TooSlow",
    "Unreachable",
    "WebError",
    "WrongKind",
    "clean_url",
    "decode",
    "merge_ai",
    "read_robots",
    "safe_link",
]
