"""Getting the news: what the sources announce, and the text of what is chosen."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from agents.digest.stories import in_taiwan, without_title
from agents.errors import BadInput
from tools.errors import FinaleError
from tools.news.model import Entry, Source, article_id
from tools.settings import Settings

if TYPE_CHECKING:
    from tools.news.article import Extraction
    from tools.news.sources import Candidate
    from tools.news.web import Fetcher

__all__ = ["announced", "chosen_sources", "find_sources", "read_texts", "text_of"]

_LOG = logging.getLogger("finale.digest")
_LOOK_S = 0.3
_LOOKED_AT = 20_000
Progress = Callable[[int, int, str], None]
Line = dict[str, Any]


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
    return known or Source(id=article_id(name), url=name, name="")


def announced(
    home: Path,
    sources: Sequence[Source],
    settings: Settings,
    now: datetime,
    tell: Progress,
    cancelled: Callable[[], bool],
) -> tuple[list[tuple[Source, Entry]], list[Line]]:
    """What each source announces, and one line about each: how many, or why none. A bad source never stops the others."""
    return asyncio.run(_announced(home, sources, settings, now, tell, cancelled))


async def _announced(
    home: Path,
    sources: Sequence[Source],
    settings: Settings,
    now: datetime,
    tell: Progress,
    cancelled: Callable[[], bool],
) -> tuple[list[tuple[Source, Entry]], list[Line]]:
    from tools.news.sources import collect
    from tools.news.web import Fetcher

    found: dict[str, tuple[Source, list[Entry]]] = {}
    lines: dict[str, Line] = {}
    async with Fetcher(home, allow_origins=settings.allow_origins) as fetcher:

        async def one(source: Source) -> None:
            line: Line = {"id": source.id, "name": source.name, "url": source.url, "entries": 0, "why": ""}
            lines[source.id] = line
            with _told(line, settings):
                reading = await collect(source, fetcher.get, now)
                named = replace(source, name=source.name or in_taiwan(reading.title)[:60] or _host(source.url))
                found[source.id] = named, list(reading.entries)
                line["entries"], line["name"] = len(reading.entries), named.name
            line["name"] = line["name"] or _host(source.url)
            tell(len(lines), len(sources), line["name"])

        # The fetcher itself asks each host one page after the other, however many sources are begun at once.
        await _until_stopped([one(source) for source in sources], cancelled)
    entries = [
        (named, entry) for named, some in (found[one.id] for one in sources if one.id in found) for entry in some
    ]
    return entries, [lines[source.id] for source in sources if source.id in lines]


def read_texts(
    home: Path, stories: Sequence[dict[str, Any]], settings: Settings, tell: Progress, cancelled: Callable[[], bool]
) -> dict[str, str]:
    """Fill in the text of `stories` that have none and may be read; story id -> why it could not be read, for those."""
    return asyncio.run(_read_texts(home, stories, settings, tell, cancelled))


async def _read_texts(
    home: Path, stories: Sequence[dict[str, Any]], settings: Settings, tell: Progress, cancelled: Callable[[], bool]
) -> dict[str, str]:
    from tools.news.web import Fetcher

    wanted = [story for story in stories if not story["text"] and story["url"] and story["permission"] == "llm"]
    problems: dict[str, str] = {}
    done = 0
    async with Fetcher(home, allow_origins=settings.allow_origins) as fetcher:

        async def one(story: dict[str, Any]) -> None:
            nonlocal done
            line: Line = {"name": story["title"], "why": ""}
            with _told(line, settings):
                await _read(fetcher, story)
            if line["why"]:
                problems[story["id"]] = line["why"]
            done += 1
            tell(done, len(wanted), story["title"])

        await _until_stopped([one(story) for story in wanted], cancelled)
    return problems


async def _read(fetcher: Fetcher, story: dict[str, Any]) -> None:
    """Read one story's page into it, unless its site does not want its text used."""
    from tools.news.web import decode

    if await fetcher.ai_input(story["url"]) == "no":
        story["permission"] = "headline"
        return
    fetched = await fetcher.get(story["url"], kinds=("html", "text"))
    if fetched.ai_input == "no":
        story["permission"] = "headline"
        return
    entry = Entry(story["url"], story["title"], story["source_id"], teaser=story["teaser"])
    # In a thread of its own: pages of other sites arrive meanwhile.
    got = await asyncio.to_thread(_extracted, decode(fetched), fetched.final_url, entry)
    story["text"] = without_title(in_taiwan(got.text), story["title"])
    story["extractor"], story["agreement"] = got.extractor, got.agreement
    story["author"] = story["author"] or got.author
    if not story["published"] and got.published:
        story["published"], story["date_from"] = got.published.isoformat(), got.date_from


def _extracted(html: str, url: str, entry: Entry) -> Extraction:
    from tools.news.article import extract

    return extract(html, url, entry=entry)


@contextlib.contextmanager
def _told(line: Line, settings: Settings) -> Iterator[None]:
    """What goes wrong with one source or story is told in its line and stops nothing else."""
    try:
        yield
    except FinaleError as error:
        line["why"] = error.message(settings.lang)
    except Exception as error:  # noqa: BLE001 - boundary of one site's data: whatever it sent, the others are read
        _LOG.exception("reading %s", line["name"])
        line["why"] = type(error).__name__


async def _until_stopped(work: Sequence[Coroutine[Any, Any, None]], cancelled: Callable[[], bool]) -> None:
    """All of `work`, or as far as it is when the person stops the run; a site that hangs does not delay that."""
    left = {asyncio.ensure_future(one) for one in work}
    while left and not cancelled():
        done, left = await asyncio.wait(left, timeout=_LOOK_S)
        for one in done:
            one.result()
    for one in left:
        one.cancel()
    await asyncio.gather(*left, return_exceptions=True)


def _host(url: str) -> str:
    return urlsplit(url).hostname or url[:60]


def find_sources(home: Path, url: str, settings: Settings) -> list[Candidate]:
    """What a site's address offers to read, the best first; empty where nothing was found.

    Raises:
        Refused and others of tools.news.web: the address cannot be asked at all.
    """
    from tools.news.sources import discover
    from tools.news.web import Fetcher

    async def look() -> list[Candidate]:
        async with Fetcher(home, allow_origins=settings.allow_origins) as fetcher:
            return list(await discover(url, fetcher.get))

    return asyncio.run(look())


def text_of(data: bytes) -> str:
    """The text of a file a person brought, in whatever character set it is.

    Raises:
        BadInput: these bytes are no text.
    """
    from tools.news.web.charset import decode_body

    text = decode_body(data)
    odd = sum(char == "\ufffd" or (char < " " and char not in "\t\n\r\f") for char in text[:_LOOKED_AT])
    if odd * 50 > len(text[:_LOOKED_AT]):
        raise BadInput("no_text")
    return text
