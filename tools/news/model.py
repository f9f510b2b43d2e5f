"""What news is made of: a source announces entries, an entry becomes an article. Plain records, shared by all of this room."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

__all__ = ["Article", "DateFrom", "Entry", "Permission", "Source", "SourceKind", "article_id"]

# auto: whatever the address turns out to be; paste and file are texts a person brought, with no address of their own.
SourceKind = Literal["auto", "feed", "sitemap", "list", "page", "paste", "file"]
# llm: text may be sent to a model; headline: only title, teaser and link may be shown and used.
Permission = Literal["llm", "headline"]
# Where an article's time is from, surest first; "none" means it is not known and must not be guessed.
DateFrom = Literal["feed", "sitemap", "metadata", "text", "person", "none"]


@dataclass(frozen=True)
class Source:
    """Where news comes from. `id` is stable (a slug); `permission_from` says who decided it: the default list, robots, a person."""

    id: str
    url: str
    name: str
    kind: SourceKind = "auto"
    permission: Permission = "llm"
    permission_from: Literal["default", "robots", "person"] = "default"
    language: str = ""
    enabled: bool = True


@dataclass(frozen=True)
class Entry:
    """One story as its source announces it. `published` carries a time zone; `body` is the text where the feed has it all (plain
    text, "" otherwise); `teaser` is the feed's own short text (plain)."""

    url: str
    title: str
    source: str
    published: datetime | None = None
    date_from: DateFrom = "none"
    author: str = ""
    teaser: str = ""
    body: str = ""
    guid: str = ""


@dataclass(frozen=True)
class Article:
    """One story with its text. `id` follows from the address (or from the text of a pasted one).

    `agreement` is how far the extractors agreed on the body, 0..1 (1.0 for a feed's own full text or a pasted one);
    `extractor` names the one whose text was taken.
    """

    id: str
    url: str
    title: str
    source: str
    text: str
    published: datetime | None = None
    date_from: DateFrom = "none"
    author: str = ""
    teaser: str = ""
    language: str = ""
    extractor: str = ""
    agreement: float = 1.0
    notes: tuple[str, ...] = field(default_factory=tuple)


def article_id(url: str, text: str = "") -> str:
    """The same id for the same address (for a text without one: the same text), on every machine."""
    return hashlib.sha256((url or text).encode("utf-8", "replace")).hexdigest()[:16]
