"""Getting the news: what the sources announce, and the text of what is chosen."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Coroutine, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal
from urllib.parse import urlsplit

from agents.digest.checks import BELONGS, belongs
from agents.digest.stories import LONGEST, in_taiwan, without_title
from agents.errors import BadInput
from tools.errors import FinaleError
from tools.news.model import Entry, Source, article_id
from tools.settings import Settings

if TYPE_CHECKING:
    from tools.news.article import Extraction
    from tools.news.sources import Candidate
    from tools.news.web import Fetched, Fetcher

__all__ = ["announced", "chosen_sources", "find_sources", "read_texts", "text_of"]

_LOG = logging.getLogger("finale.digest")
_LOOK_S = 0.3
_PATIENCE = 2  # pages of one site that may run into their time; the others are then left out
_SITES = 5
_STUB = 160  # characters under which a page may be a notice (a paywall, a robot check) instead of a story
_LOOKED_AT = 20_000
Progress = Callable[[int, int, str], None]
Line = dict[str, Any]


class SiteSlow(FinaleError):
    """Raised for the pages of a site that kept us waiting too often in this run."""

    code = "site_slow"
    words_file: ClassVar[Path] = Path(__file__).with_name("messages.yaml")


class NotTheStory(FinaleError):
    """Raised when a page holds a notice (a paywall, a robot check) where its story should be."""

    code = "not_the_story"
    words_file: ClassVar[Path] = Path(__file__).with_name("messages.yaml")


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
                said: set[str] = set()

                async def get(url: str, *, kinds: Collection[str] = ()) -> Fetched:
                    got = await fetcher.get(url, kinds=kinds)
                    said.add(got.ai_input)
                    return got

                reading = await collect(source, get, now)
                named = replace(source, name=source.name or in_taiwan(reading.title)[:60] or _host(source.url))
                if source.permission_from != "person":
                    named = replace(named, permission=await _permission(fetcher, source, said, reading.entries))
                found[source.id] = named, list(reading.entries)
                line["entries"], line["name"] = len(reading.entries), named.name
                line["note"] = " ".join(note.message(settings.lang) for note in reading.notes)
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
    slow: Counter[str] = Counter()
    done = 0
    turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
    async with Fetcher(home, allow_origins=settings.allow_origins) as fetcher:

        async def one(story: dict[str, Any]) -> None:
            nonlocal done
            line: Line = {"name": story["title"], "why": ""}
            host = _host(story["url"])
            with _told(line, settings), _timed(slow, host):
                async with turns[host]:  # so that what a site did to the ones before is known
                    if slow[host] >= _PATIENCE:
                        raise SiteSlow(host=host)
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

    if not story["asked"] and await fetcher.ai_input(story["url"]) == "no":
        story["permission"] = "headline"
        return
    fetched = await fetcher.get(story["url"], kinds=("html", "text"))
    if not story["asked"] and fetched.ai_input == "no":
        story["permission"] = "headline"
        return
    entry = Entry(story["url"], story["title"], story["source_id"], teaser=story["teaser"])
    # In a thread of its own: pages of other sites arrive meanwhile.
    got = await asyncio.to_thread(_extracted, decode(fetched), fetched.final_url, entry)
    text = without_title(in_taiwan(got.text), story["title"])[:LONGEST]
    if not _of_the_story(text, story):
        raise NotTheStory(url=story["url"][:80])
    story["text"] = text
    story["extractor"], story["agreement"] = got.extractor, got.agreement
    story["author"] = story["author"] or in_taiwan(got.author)
    if not story["published"] and got.published:
        story["published"], story["date_from"] = got.published.isoformat(), got.date_from


def _of_the_story(text: str, story: dict[str, Any]) -> bool:
    """Whether this is the story and not a notice in its place: longer than its teaser, or at least about the same."""
    announced = f"{story['title']}\n{story['teaser']}"
    if len(text) >= max(_STUB, len(story["teaser"])):
        return True
    return len(text) >= len(story["teaser"]) * 0.8 and belongs(text, announced) >= BELONGS


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


@contextlib.contextmanager
def _timed(slow: Counter[str], host: str) -> Iterator[None]:
    """Count a site's pages that did not come in time."""
    from tools.news.web import TooSlow

    try:
        yield
    except TooSlow:
        slow[host] += 1
        raise


async def _permission(
    fetcher: Fetcher, source: Source, said: set[str], entries: Sequence[Entry]
) -> Literal["llm", "headline"]:
    """Whether a source's text may be used: not where its file, its site, or a site its stories are on says no."""
    pages = {urlsplit(entry.url).netloc: entry.url for entry in entries if entry.url}
    for url in [source.url, *list(pages.values())[:_SITES]]:
        with contextlib.suppress(FinaleError):
            said.add(await fetcher.ai_input(url))
    return "headline" if "no" in said else source.permission


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
