"""From what a source said to entries: links made safe, markup out, dates read, repeats dropped, oddities noted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from tools.news.model import DateFrom, Entry, Source, SourceKind
from tools.news.sources.dates import DateRead, home_zone, read_date
from tools.news.sources.text import cut_off, first_sentence, language_of, paragraphs, plain, weight
from tools.news.web.address import safe_link
from tools.words import Lang, Words

__all__ = ["MAX_ENTRIES", "Note", "Place", "Raw", "Reading", "finish"]

MAX_ENTRIES = 200
_LONGEST_TEASER = 400
_STALE = timedelta(days=30)
_SAME_DAY = timedelta(hours=36)
# In characters of Chinese (see `weight`). A text of the first size is the whole story; one of the second too, if it is
# in paragraphs and clearly more than the teaser beside it. A description alone must be longer still.
_BODY = 300
_BODY_IN_PARAGRAPHS = 120
_BODY_FROM_TEASER = 450
_THIN = 20
_THIN_SHARE = 0.8
_MAIL_AUTHOR = re.compile(r"\A\s*[^\s@()<>]+@[^\s()<>]+\s*(?:\((.*)\))?\s*\Z", re.DOTALL)


@dataclass(frozen=True)
class Note:
    """Something odd about a source: a code and its numbers; its words stand in messages.yaml as `note_<code>`."""

    code: str
    params: dict[str, int] = field(default_factory=dict)

    def message(self, lang: Lang = "zh") -> str:
        return Words.load(Path(__file__).with_name("messages.yaml")).say(f"note_{self.code}", lang, **self.params)


@dataclass(frozen=True)
class Raw:
    """One story as it was said: fields may hold HTML, nonsense or nothing. `dates` are tried in order."""

    link: str
    title: object = ""
    teaser: object = ""
    body: object = ""
    author: object = ""
    guid: str = ""
    dates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """Where raw stories stand: what relative links, times without a zone and the entries' `source` follow from."""

    base_url: str
    source: Source
    now: datetime
    kind: SourceKind
    date_from: DateFrom = "feed"
    language: str = ""
    site: str = ""  # the site a feed says it belongs to, where that is another host (feedburner)


@dataclass(frozen=True)
class Reading:
    """What a source announced. `sitemaps` are files of a sitemap index, the likeliest first, still to be fetched."""

    kind: SourceKind
    entries: tuple[Entry, ...] = ()
    notes: tuple[Note, ...] = ()
    title: str = ""
    language: str = ""
    sitemaps: tuple[str, ...] = ()

    def has(self, code: str) -> bool:
        return any(note.code == code for note in self.notes)

    @property
    def newest(self) -> datetime | None:
        return max((entry.published for entry in self.entries if entry.published), default=None)


def finish(raws: Sequence[Raw], place: Place, *, notes: Sequence[Note] = (), title: str = "") -> Reading:
    """The entries of `raws` in their order, at most the newest 200; what was dropped or doubted is counted in notes."""
    odd: Counter[str] = Counter()
    language = _language(raws, place)
    kept: dict[str, Entry] = {}
    told: set[tuple[str, str]] = set()
    for raw in raws:
        entry = _entry(raw, place, language, odd)
        if entry is None:
            continue
        if entry.url in kept or (entry.guid and (entry.guid, entry.title) in told):
            odd["repeated"] += 1
            continue
        kept[entry.url] = entry
        told.add((entry.guid, entry.title))
    entries = list(kept.values())
    said = [*notes, *_counted(odd, len(raws), entries)]
    if len(entries) > MAX_ENTRIES:
        said.append(Note("cut", {"n": len(entries), "most": MAX_ENTRIES}))
        entries = _newest(entries)
    said += _judged(entries, place)
    return Reading(place.kind, tuple(entries), tuple(said), plain(title, 120), language)


def _language(raws: Sequence[Raw], place: Place) -> str:
    """What the source says of itself, unless its titles show otherwise (many Chinese sites say en-US)."""
    shown = language_of(" ".join(plain(raw.title) for raw in raws[:50]))
    said = plain(place.language, 20) or place.source.language
    return said if said.lower().startswith(shown) else shown


def _entry(raw: Raw, place: Place, language: str, odd: Counter[str]) -> Entry | None:
    title = plain(raw.title)
    teaser, body = _texts(raw)
    if not (title or teaser or body):
        odd["blank"] += 1
        return None
    url = safe_link(raw.link, place.base_url) if raw.link.strip() else None
    if url is None and raw.guid.startswith(("http://", "https://")):
        url = safe_link(raw.guid)
    if url is None:
        odd["refused" if raw.link.strip() else "unlinked"] += 1
        return None
    read = _date(raw, url, place, language)
    if read.when is None:
        odd[read.why if read.why in ("future", "no_zone") else "undated"] += 1
    return Entry(
        url=url,
        title=title or first_sentence(teaser or " ".join(body.split()), 60),
        source=place.source.id,
        published=read.when,
        date_from=place.date_from if read.when else "none",
        author=_author(raw.author),
        teaser="" if teaser == title else teaser,
        body=body,
        guid=raw.guid.strip()[:500],
    )


def _texts(raw: Raw) -> tuple[str, str]:
    """(teaser as one line, body): the body only where the source gives the whole story."""
    long, short = paragraphs(raw.body), paragraphs(raw.teaser)
    body = ""
    if long and not cut_off(long):
        more = "\n\n" in long and weight(long) >= _BODY_IN_PARAGRAPHS and weight(long) >= 1.5 * weight(short)
        body = long if more or weight(long) >= _BODY else ""
    if not body and weight(short) >= _BODY_FROM_TEASER and short.count("\n\n") >= 2 and not cut_off(short):
        body = short
    teaser = " ".join((short or long).split())
    return first_sentence(teaser, _LONGEST_TEASER) if len(teaser) > _LONGEST_TEASER else teaser, body


def _author(value: object) -> str:
    """A name; an address for mail alone is nobody's name and not ours to show."""
    mail = _MAIL_AUTHOR.match(str(value)) if value else None
    return plain(mail[1] or "" if mail else value, 120)


def _date(raw: Raw, url: str, place: Place, language: str) -> DateRead:
    # Whoever writes the feed writes its times, whatever other site a story stands on.
    hosts = [urlsplit(each).hostname or "" for each in (place.base_url, place.site, place.source.url, url) if each]
    host = next((host for host in hosts if home_zone(host)), "")
    reads = [read_date(text, host=host, language=language, now=place.now) for text in raw.dates]
    known = [read for read in reads if read.when]
    if not known:
        return next(iter(reads), DateRead(None, "empty"))
    # A day alone gives way to a time on that day.
    finer = (read for read in known if read.why != "day" and abs(read.when - known[0].when) < _SAME_DAY)
    return next(finer, known[0]) if known[0].why == "day" else known[0]


def _newest(entries: list[Entry]) -> list[Entry]:
    """The 200 newest in their order; without dates, the first 200."""
    dated = sorted(
        range(len(entries)), key=lambda at: (-(entries[at].published.timestamp() if entries[at].published else 0), at)
    )
    return [entries[at] for at in sorted(dated[:MAX_ENTRIES])]


def _counted(odd: Counter[str], total: int, entries: list[Entry]) -> list[Note]:
    if not total:
        return [Note("empty")]
    if odd["blank"] == total:
        return [Note("all_blank", {"n": total})]
    notes = [
        Note(code, {"n": odd[code]})
        for code in ("blank", "refused", "unlinked", "repeated", "future", "no_zone")
        if odd[code]
    ]
    if entries and odd["undated"]:
        notes.append(Note("undated", {"n": odd["undated"]}))
    return notes


def _judged(entries: list[Entry], place: Place) -> list[Note]:
    notes = []
    newest = max((entry.published for entry in entries if entry.published), default=None)
    if newest and place.now - newest > _STALE:
        notes.append(Note("stale", {"days": (place.now - newest).days}))
    thin = sum(weight(entry.teaser) + weight(entry.body) < _THIN for entry in entries)
    if place.kind == "feed" and entries and thin >= _THIN_SHARE * len(entries):
        notes.append(Note("thin"))
    return notes
