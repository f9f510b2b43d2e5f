"""Getting the news: what the sources announce, sifted before anything is paid for, and the text of what is chosen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tools.errors import FinaleError
from tools.news.model import Article, Entry, Source, article_id
from tools.settings import Settings

__all__ = ["announced", "as_story", "chosen_sources", "read_texts", "sift"]

_FUTURE = timedelta(hours=2)
Progress = Callable[[int, int, str], None]


def chosen_sources(home: Path, wanted: Sequence[str], settings: Settings) -> list[Source]:
    """The sources a run reads: ids of the list or addresses; without any, those that are switched on.

    Raises:
        SourceMissing, Refused: there is no such source, or an address cannot be one.
    """
    from tools.news.sources import Sources

    listed = Sources(home, allow_origins=settings.allow_origins)
    try:
        if not wanted:
            return [one.source for one in listed.list(enabled=True)]
        return [_source(listed, name) for name in wanted]
    finally:
        listed.close()


def _source(listed: Any, name: str) -> Source:
    if "://" not in name:
        return listed.get(name).source
    known = next((one.source for one in listed.list() if one.source.url == name), None)
    # An address given for one run is read like any other and not added to the list.
    return known or Source(id=article_id(name), url=name, name=name.split("://", 1)[1].split("/")[0])


def announced(
    home: Path,
    sources: Sequence[Source],
    settings: Settings,
    now: datetime,
    tell: Progress,
    cancelled: Callable[[], bool],
) -> tuple[list[tuple[Source, Entry]], list[dict[str, Any]]]:
    """What each source announces, and one line about each: how many, or why none. A bad source never stops the others."""
    return asyncio.run(_announced(home, sources, settings, now, tell, cancelled))


async def _announced(
    home: Path,
    sources: Sequence[Source],
    settings: Settings,
    now: datetime,
    tell: Progress,
    cancelled: Callable[[], bool],
) -> tuple[list[tuple[Source, Entry]], list[dict[str, Any]]]:
    from tools.news.sources import collect
    from tools.news.web import Fetcher

    found: dict[str, list[Entry]] = {}
    lines: dict[str, dict[str, Any]] = {}
    async with Fetcher(home, allow_origins=settings.allow_origins) as fetcher:

        async def one(source: Source) -> None:
            line: dict[str, Any] = {"id": source.id, "name": source.name, "url": source.url, "entries": 0, "why": ""}
            if not cancelled():
                try:
                    reading = await collect(source, fetcher.get, now)
                    found[source.id] = list(reading.entries)
                    line["entries"] = len(reading.entries)
                    line["name"] = source.name or reading.title
                except FinaleError as error:
                    line["why"], line["why_en"] = error.message("zh"), error.message("en")
            lines[source.id] = line
            tell(len(lines), len(sources), source.name)

        # The fetcher itself asks each host one page after the other, however many sources are begun at once.
        await asyncio.gather(*(one(source) for source in sources))
    entries = [(source, entry) for source in sources for entry in found.get(source.id, [])]
    return entries, [lines[source.id] for source in sources]


def as_story(source: Source, entry: Entry) -> dict[str, Any]:
    """An announced story as plain data."""
    return {
        "id": article_id(entry.url, entry.title + entry.teaser),
        "title": entry.title,
        "url": entry.url,
        "source": source.name,
        "source_id": source.id,
        "permission": source.permission,
        "published": entry.published.isoformat() if entry.published else "",
        "date_from": entry.date_from,
        "author": entry.author,
        "teaser": entry.teaser or entry.body[:400],
        "text": entry.body if source.permission == "llm" else "",
        "agreement": 1.0,
        "extractor": "feed" if entry.body else "",
    }


def sift(
    stories: Sequence[dict[str, Any]], hours: int, now: datetime
) -> tuple[list[dict[str, Any]], list[tuple[dict[str, Any], str]]]:
    """Stories young enough, the newest first, each address once; and the others with their reason (date, duplicate).

    A story without a date stays, after all that have one: many pages tell none, and dropping them would hide whole sites.
    """
    kept: dict[str, dict[str, Any]] = {}
    left: list[tuple[dict[str, Any], str]] = []
    oldest = now - timedelta(hours=hours)
    for story in stories:
        at = datetime.fromisoformat(story["published"]) if story["published"] else None
        if story["id"] in kept:
            left.append((story, "duplicate"))
        elif at and not oldest <= at <= now + _FUTURE:
            left.append((story, "date"))
        else:
            kept[story["id"]] = story
    dated = sorted((s for s in kept.values() if s["published"]), key=lambda s: s["published"], reverse=True)
    dated.sort(key=lambda s: -datetime.fromisoformat(s["published"]).timestamp())
    return dated + [s for s in kept.values() if not s["published"]], left


def read_texts(
    home: Path, stories: Sequence[dict[str, Any]], settings: Settings, tell: Progress, cancelled: Callable[[], bool]
) -> dict[str, str]:
    """Fill in the text of `stories` that have none and may be read; story id -> why it could not be read, for those."""
    return asyncio.run(_read_texts(home, stories, settings, tell, cancelled))


async def _read_texts(
    home: Path, stories: Sequence[dict[str, Any]], settings: Settings, tell: Progress, cancelled: Callable[[], bool]
) -> dict[str, str]:
    from tools.news.web import Fetcher, decode

    wanted = [story for story in stories if not story["text"] and story["url"] and story["permission"] == "llm"]
    problems: dict[str, str] = {}
    done = 0
    async with Fetcher(home, allow_origins=settings.allow_origins) as fetcher:

        async def one(story: dict[str, Any]) -> None:
            nonlocal done
            try:
                if cancelled():
                    return
                if await fetcher.ai_input(story["url"]) == "no":
                    story["permission"] = "headline"
                    return
                fetched = await fetcher.get(story["url"], kinds=("html", "text"))
                if fetched.ai_input == "no":
                    story["permission"] = "headline"
                    return
                entry = Entry(story["url"], story["title"], story["source_id"], teaser=story["teaser"])
                got = await asyncio.to_thread(_extracted, decode(fetched), fetched.final_url, entry)
                story["text"], story["extractor"], story["agreement"] = got.text, got.extractor, got.agreement
                story["author"] = story["author"] or got.author
                if not story["published"] and got.published:
                    story["published"], story["date_from"] = got.published.isoformat(), got.date_from
            except FinaleError as error:
                problems[story["id"]] = error.message("zh")
            finally:
                done += 1
                tell(done, len(wanted), story["title"])

        await asyncio.gather(*(one(story) for story in wanted))
    return problems


def _extracted(html: str, url: str, entry: Entry) -> Any:
    from tools.news.article import extract

    return extract(html, url, entry=entry)


def as_article(story: Mapping[str, Any]) -> Article:
    """A story as the tools take it."""
    return Article(
        id=story["id"],
        url=story["url"],
        title=story["title"],
        source=story["source"],
        text=story["text"] or story["teaser"],
        published=datetime.fromisoformat(story["published"]) if story["published"] else None,
        author=story["author"],
        teaser=story["teaser"],
    )
