"""Fetches one source with whatever fetcher it is given and reads it; and the files that a sitemap index names."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from tools.errors import FinaleError
from tools.news.model import Entry, Source
from tools.news.sources.entries import MAX_ENTRIES, Note, Reading
from tools.news.sources.reading import read_source

__all__ = ["ANY_KIND", "MOST_FILES", "Get", "Got", "collect", "merged"]

# Feeds come as text/plain often enough.
ANY_KIND = ("html", "feed", "text")
MOST_FILES = 3


class Got(Protocol):
    """What a fetcher brings; `tools.news.web.Fetched` is one."""

    @property
    def body(self) -> bytes: ...
    @property  # the whole header
    def content_type(self) -> str: ...
    @property
    def final_url(self) -> str: ...


class Get(Protocol):
    """Brings what stands at an address, as `tools.news.web.Fetcher.get` does; raises a FinaleError where it cannot."""

    async def __call__(self, url: str, *, kinds: Collection[str] = ...) -> Got: ...


async def collect(source: Source, get: Get, now: datetime) -> Reading:
    """What `source` announces now. Of a sitemap index the three likeliest files are read, until 200 entries are there.

    Raises:
        NotASource: it announces nothing any more.
        FinaleError: what `get` raises for the source's own address; a failing part of an index is passed over.
    """
    got = await get(source.url, kinds=ANY_KIND)
    reading = read_source(got.body, got.content_type, got.final_url, source, now)
    if not reading.sitemaps:
        return reading
    parts: list[Reading] = []
    last: FinaleError | None = None
    for link in reading.sitemaps[:MOST_FILES]:
        try:
            got = await get(link, kinds=ANY_KIND)
            parts.append(read_source(got.body, got.content_type, got.final_url, source, now))
        except FinaleError as error:
            last = error
        if sum(len(part.entries) for part in parts) >= MAX_ENTRIES:
            break
    if last and not parts:
        raise last
    return merged(parts)


def merged(parts: Sequence[Reading]) -> Reading:
    """The files of a sitemap index as one reading: each story once, at most 200, each note once."""
    entries: dict[str, Entry] = {}
    notes: dict[str, Note] = {}
    for part in parts:
        for entry in part.entries:
            entries.setdefault(entry.url, entry)
        for note in part.notes:
            notes.setdefault(note.code, note)
    title = next((part.title for part in parts if part.title), "")
    language = next((part.language for part in parts if part.language), "")
    return Reading("sitemap", tuple(entries.values())[:MAX_ENTRIES], tuple(notes.values()), title, language)
