"""Title, author, time, language and teaser of a story: what its source said, what the page says, what stands in its text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from tools.news.article.blocks import Page, key
from tools.news.article.byline import SIGNED, is_person, join_names, read_byline
from tools.news.article.linked_data import article_nodes, meta, state_nodes, strings
from tools.news.article.title import Titles, best_title, clean, host_of
from tools.news.model import DateFrom, Entry

if TYPE_CHECKING:
    from lxml.html import HtmlElement

__all__ = ["Head", "author_of", "date_of", "language_of", "read_head"]

_PUBLISHED = (
    "article:published_time", "og:article:published_time", "datepublished", "og:published_time", "pubdate", "publishdate",
    "publish_date", "publish-date", "published_time", "parsely-pub-date", "sailthru.date", "article.published", "dc.date.issued",
    "dcterms.created", "dc.date", "dcterms.date", "article:published", "releasedate", "ptime", "date", "weibo:article:create_at",
)  # fmt: skip
_AUTHORS = (
    "author",
    "article:author",
    "dc.creator",
    "dcterms.creator",
    "parsely-author",
    "sailthru.author",
    "byl",
    "og:author",
)
_DATED = re.compile(
    r"(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}|民國\s*\d{2,3}\s*年"
    r"|\d{1,2}\.? \w+ (?:19|20)\d\d|[A-Z][a-z]{2,8} \d{1,2}, (?:19|20)\d\d|\b\d{1,2}[./]\d{1,2}[./](?:19|20)\d\d\b"
)
_STAMP = re.compile(r"\s*(?:19|20)\d\d\s*[-/.年].*$")
_WHEN = re.compile(r"date_?published|publish(?:ed)?_?(?:date|at|on|time)?|pub_?(?:date|time)", re.IGNORECASE)
_CLOCK = re.compile(r"[T ]?\d{1,2}:\d\d.*$", re.DOTALL)
_UPDATED = re.compile(r"更新|updated|modified|最後修改", re.IGNORECASE)
_LATIN_1 = re.compile(r"[A-Za-z]")
_MARKS = frozenset(("author", "byline", "author-name", "reporter"))
_MOST_MARKED = 50  # elements that a page marks as date or author; more are not the story's
_NEAR = 12  # blocks either side of the heading in which a date is the story's


@dataclass(frozen=True)
class Head:
    """What is known of a story before its text. `body` is the text that its JSON-LD states."""

    title: str
    site: str
    teasers: tuple[str, ...]
    body: str
    nodes: tuple[dict[str, Any], ...]
    state: tuple[dict[str, Any], ...] = ()


def read_head(text: str, root: HtmlElement, page: Page, url: str, entry: Entry | None) -> Head:
    """The head of a page: `text` its characters, `root` its tree, `page` its blocks."""
    nodes = article_nodes(text)
    publishers = [name for node in nodes for name in strings(node.get("publisher"), "name")]
    site = next(iter([*meta(root, "og:site_name", "application-name"), *publishers]), "")
    social = tuple(dict.fromkeys(map(clean, meta(root, "og:title", "twitter:title"))))[:2]
    document = clean(next((e.text_content() for e in root.iter("title") if e.getparent().tag == "head"), ""))
    headings = [clean(e.text_content()[:2000])[:300] for e in islice(root.iter("h1"), 3)]
    headings += _shown((social or (document,))[0], page)
    linked = [title for node in nodes for title in strings(node.get("headline"))][:2]
    titles = Titles(
        feed=entry.title if entry else "",
        social=social,
        linked=tuple(map(clean, linked)),
        headings=tuple(dict.fromkeys(filter(None, headings))),
        document=document[:400],
        site=clean(site),
        host=host_of(url),
    )
    described = meta(root, "og:description", "description", "twitter:description")[:1]
    bodies = [body for node in nodes for body in strings(node.get("articleBody"))]
    title = best_title(titles) or (entry.title if entry else "")
    return Head(
        title=title,
        site=clean(site),
        teasers=tuple(filter(None, [entry.teaser if entry else "", *described])),
        body=max(bodies, key=len, default=""),
        nodes=tuple(nodes),
        state=tuple(state_nodes(text, title)),
    )


def _shown(title: str, page: Page) -> list[str]:
    """The longest line of the page that is most of a title of its head: the heading, whatever tag it has."""
    whole = key(title)
    lines = [
        block.text
        for block in page.blocks
        if len(block.text) <= len(title) + 20 and 5 <= len(own := key(block.text)) >= 0.5 * len(whole) and own in whole
    ]
    return sorted(lines, key=len)[-1:]


def date_of(
    head: Head, root: HtmlElement, page: Page, story: Sequence[int], url: str, entry: Entry | None, now: datetime | None
) -> tuple[datetime | None, DateFrom]:
    """When the story was published, and where that is from; (None, "none") rather than a guess.

    A clock time without a zone, of a site whose place is not known, counts as its day alone.
    """
    if entry and entry.published:
        return entry.published, entry.date_from if entry.date_from != "none" else "feed"
    host = host_of(url)
    language = language_of("".join(page.blocks[at].text for at in story[:20]), root)
    for text in _stated(head, root):
        when = _read(text, host, language, now)
        if when:
            return when, "metadata"
    for text in (str(value)[:40] for node in head.state for name, value in node.items() if _WHEN.fullmatch(name)):
        when = _read(text, host, language, now)
        if when:
            return when, "metadata"
    for text in _written(root, page, story, head.title):
        when = _read(text, host, language, now)
        if when:
            return when, "text"
    return None, "none"


def _stated(head: Head, root: HtmlElement) -> Iterator[str]:
    for node in head.nodes:
        yield from strings(node.get("datePublished"))
    yield from meta(root, *_PUBLISHED)
    for element in root.iter("time", "span", "div", "p", "abbr"):
        if (element.get("itemprop") or "").lower() == "datepublished" or (
            element.tag == "time" and element.get("pubdate")
        ):
            yield element.get("datetime") or element.get("content") or element.text_content()[:80]


def _written(root: HtmlElement, page: Page, story: Sequence[int], title: str) -> Iterator[str]:
    """Short lines with a date around the heading and the story's first block; those that say 更新 come last."""
    whole, begin = key(title), story[0] if story else 0
    headings = [at for at, block in enumerate(page.blocks) if whole and key(block.text) == whole and at <= begin + 2]
    middle = headings[-1] if headings else begin
    around = range(max(0, min(middle, begin) - _NEAR), min(len(page.blocks), max(middle, begin) + _NEAR))
    near = sorted(around, key=lambda at: abs(at - middle))
    last = [at for at in ([*range(story[-1], min(len(page.blocks), story[-1] + 4))] if story else [])]
    lines = [page.blocks[at].text for at in [*near, *last] if len(page.blocks[at].text) <= 120]
    for element in islice(root.iter("time"), _MOST_MARKED):
        stamp = element.get("datetime") or ""
        if stamp and any(key(element.text_content()) and key(element.text_content()) in key(line) for line in lines):
            yield stamp
    dated = [line for line in lines if _DATED.search(line)]
    yield from (line for line in dated if not _UPDATED.search(line))
    yield from (line for line in dated if _UPDATED.search(line))


def _read(text: str, host: str, language: str, now: datetime | None) -> datetime | None:
    from tools.news.sources.dates import read_date

    now = now or datetime.now(UTC)
    read = read_date(text, host=host, language=language, now=now)
    if read.why == "no_zone":
        read = read_date(_CLOCK.sub("", text), host=host, language=language, now=now)
    return read.when


def author_of(head: Head, root: HtmlElement, page: Page, story: Sequence[int], entry: Entry | None) -> str:
    """Who wrote the story, "" where nobody is named. The site's own name and its desks are nobody."""
    sites = (head.site, *(name for node in head.nodes for name in strings(node.get("publisher"), "name")))
    linked = next(filter(None, (_named(node.get("author")) for node in head.nodes)), [])
    for names in (linked, meta(root, *_AUTHORS)[:3], [entry.author] if entry and entry.author else []):
        people = [name for each in names for name in _people(each, sites)]
        if people:
            return join_names(people)
    begin, end = (story[0], story[-1]) if story else (0, 0)
    head_lines = [block.text for block in page.blocks[max(0, begin - 12) : begin + 2] if len(block.text) <= 120]
    first = [page.blocks[at].text[:120] for at in story[:2]]
    last = [page.blocks[at].text[-120:] for at in story[-3:]]
    after = [block.text for block in page.blocks[end + 1 : end + 3] if len(block.text) <= 60]
    signed = [mark for at in story for mark in SIGNED.findall(page.blocks[at].text)]
    return read_byline([*first, *head_lines, *last, *after, *signed]) or _marked(root, sites)


def _named(author: Any) -> list[str]:
    """The names in a JSON-LD author: a text, an object, or a list of either."""
    names: list[str] = []
    for each in author if isinstance(author, list) else [author]:
        parts = strings(each, "name")
        if not parts and isinstance(each, dict):
            parts = [" ".join(strings([each.get("givenName"), each.get("familyName")]))]
        names += [part for part in parts if part]
    return names


def _people(text: str, sites: Sequence[str]) -> list[str]:
    text = _STAMP.sub("", clean(text))
    own = read_byline([text])
    if own:
        return [own]
    text = re.sub(r"^(?:by|von|par|por|記者|记者|撰文|文|作者)[\s:：／/]+", "", text, flags=re.IGNORECASE)
    names = re.split(r"\s*[、;；|／]\s*|,\s+|\s+(?:and|und|et|y|og)\s+", text)
    names = [re.sub(r"\s*\([^()]*\)$|\s+기자$", "", name) for name in names]
    return [name for name in names if is_person(name, sites)]


def _marked(root: HtmlElement, sites: Sequence[str]) -> str:
    """What the page marks up as its author."""
    elements = (e for e in root.iter("a", "span", "div", "p", "address") if _MARKS & _marks(e))
    for element in islice(elements, _MOST_MARKED):
        people = _people(element.text_content()[:80], sites)
        if people and len(people[0]) <= 30:
            return join_names(people)
    return ""


def _marks(element: HtmlElement) -> set[str]:
    return set(" ".join(element.get(name) or "" for name in ("rel", "itemprop", "class")).lower().split())


def language_of(text: str, root: HtmlElement | None = None) -> str:
    """zh-Hant, zh-Hans, ja or ko by the characters of a text; else what the page declares; "" where neither tells."""
    sample = text[:3000]
    letters = len(_LATIN_1.findall(sample))
    kana = sum("\u3040" <= char <= "\u30ff" for char in sample)
    hangul = sum("\uac00" <= char <= "\ud7af" for char in sample)
    han = sum("\u3400" <= char <= "\u9fff" for char in sample)
    if han + kana + hangul > 0.2 * (letters + han + kana + hangul):
        if hangul > han + kana:
            return "ko"
        if kana > 0.1 * (han + kana):
            return "ja"
        from tools.chinese import inspect

        return "zh-Hans" if inspect(sample[:1500]).simplified_share > 0.08 else "zh-Hant"
    declared = (root.get("lang") or "").strip().replace("_", "-") if root is not None else ""
    return declared if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}", declared) else ""
