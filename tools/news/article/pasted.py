"""The stories in what a person brings: one pasted text, several with lines of dashes between them, a whole saved page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from tools.news.article.byline import is_person, join_names, read_byline
from tools.news.article.cutting import pages, stories
from tools.news.article.extract import extract
from tools.news.article.facts import language_of
from tools.news.article.page import readable
from tools.news.article.title import host_of, without_site
from tools.news.model import Article, DateFrom, article_id
from tools.news.sources.dates import read_date

__all__ = ["pasted"]

_Label = Literal["title", "url", "date", "author", "source"]
_MOST_STORIES = 1_000
_HEAD, _TAIL = 8, 3  # lines at either end, blank ones aside, that may say where a story is from
_SHORT = 60  # characters of a line that may be a date's or a writer's
_SAMPLE = 3_000  # characters by which a text's language is told
_LONGEST_TITLE, _CUT_TITLE = 120, 60
_LONGEST_URL = 2_000
_SENTENCE_END = "。！？!?…；;，,"
_URL_LINE = re.compile(r"^\W{0,3}(https?://[^\s<>\"]{4,2000}?)[\s>)\]）】」,，。]*$")
_URL_BEHIND = re.compile(r"\s*[(（<]?(https?://[^\s<>\"()（）]{4,2000})[)）>]?\s*$")
_LINKED_TITLE = re.compile(r"^\[([^\[\]]{2,200})\]\((https?://[^\s()]{4,2000})\)$")
_LABELLED = re.compile(r"^[\W_]{0,3}([A-Za-z\u3400-\u9fff][A-Za-z \u3400-\u9fff]{0,14}?)\s*[:：]\s*(.*)$")
# A day in a line with other words is the story's only with a clock or a word for it; else it is a day the story tells of.
_STAMPED = re.compile(r"\d\s*[:：]\s*\d\d|[發发][布佈]|更新|刊登|published|posted|updated", re.IGNORECASE)
_TOO_LONG = re.compile(r"[\u3400-\u9fff]{6}")
_SAVED_FROM = re.compile(
    r"saved from url=\(\d{1,6}\)(https?://[^\s<>\"]{4,2000})|\n\s{0,4}url: (https?://[^\s<>\"]{4,2000})"
)
_CANONICAL = re.compile(
    r"<(?:link\b[^<>]{0,300}?\brel=[\"']?canonical\b|meta\b[^<>]{0,300}?\bproperty=[\"']?og:url\b)[^<>]{0,2000}>", re.I
)
_ADDRESS = re.compile(r"\b(?:href|content)\s*=\s*[\"']?(https?://[^\s<>\"']{4,2000})", re.I)
_PAGE_HEAD = 200_000  # characters of a saved page in which it says its address


@dataclass
class _About:
    """What the lines of a pasted text say about it."""

    title: str = ""
    url: str = ""
    author: str = ""
    source: str = ""
    language: str = ""
    published: datetime | None = None
    date_from: DateFrom = "none"


def pasted(text: str | bytes, *, url: str = "", now: datetime | None = None) -> list[Article]:
    """The stories of a text that a person pasted or read from a file. Fetches nothing and never raises for what it holds.

    Lines of at least three - = * or _ divide stories; without them only what is a new story beyond doubt does (a labelled
    title, a headline with an address, a date or a byline under it). A line alone over a line of === or --- is a title. Of a
    story the first line is the title; lines that hold nothing but an address, a date or a writer's name are taken as that.
    A saved page (it begins with <!doctype or <html) goes through `extract`.

    Args:
        text: characters, or a file's bytes in any encoding; at most 6 million characters and 1,000 stories are read.
        url: where it is from, if the person said so; used where there is one story and it names no address itself.
        now: with a time zone; needed for dates without a year, and dates after it are not believed.

    Returns:
        Articles in order. `date_from` is "person" for a date on a line of its own, "text" for one in a line with other words.
        A text of one short line is a title without text; one long line is a text with a title cut from it.
    """
    found: list[Article] = []
    for piece in pages(readable(text)):
        if piece.is_page:
            found += _of_page(piece.text, url, now)
        else:
            for part in stories(piece.text):
                article = _of_lines(part, now)
                found += [article] if article else []
                if len(found) >= _MOST_STORIES:
                    return found
    return [replace(found[0], id=article_id(url), url=url)] if url and len(found) == 1 and not found[0].url else found


def _of_page(page: str, url: str, now: datetime | None) -> Iterator[Article]:
    own = _page_address(page) or url
    story = extract(page, own, now=now)
    if story.text or story.title:
        yield Article(
            id=article_id(own, f"{story.title}\n{story.text}"),
            url=own,
            title=story.title or _cut(story.text),
            source="",
            text=story.text,
            published=story.published,
            date_from=story.date_from,
            author=story.author,
            language=story.language,
            extractor=story.extractor,
            agreement=story.agreement,
        )


def _page_address(page: str) -> str:
    """Where a saved page says it is from: the browser's own note, else the address it gives itself."""
    head = page[:_PAGE_HEAD]
    noted = _SAVED_FROM.search(head)
    if noted:
        return _address(noted[1] or noted[2])
    for tag in _CANONICAL.finditer(head):
        named = _ADDRESS.search(tag[0])
        if named:
            return _address(named[1])
    return ""


def _address(text: str) -> str:
    """`text` if it is an address of the web, else ""."""
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and len(text) <= _LONGEST_URL
    except ValueError:
        return ""
    return text if good else ""


def _of_lines(lines: Sequence[str], now: datetime | None) -> Article | None:
    """The story of some lines; None where they hold none."""
    own = [at for at, line in enumerate(lines) if line]
    about = _About(language=language_of("\n".join(lines[at] for at in own)[:_SAMPLE]))
    head, tail = set(own[:_HEAD]), set(own[-_TAIL:])
    rest: list[str] = []
    for at in own:
        line = lines[at]
        # An address right under a short line at the end is another story's (further reading).
        other = len(rest) > 1 and 0 < len(lines[at - 1]) < _SHORT and not _label(line)[0]
        if (at in head or at in tail) and not other and _tells(about, line, now, titled=bool(rest or about.title)):
            continue
        rest.append(line)
    if not about.title and rest:
        about.title = _title(about, rest)
    if not about.title and not rest:
        if not about.url:
            return None
        about.title = about.url
    text = "\n\n".join(rest)
    return Article(
        id=article_id(about.url, f"{about.title}\n{text}"),
        url=about.url,
        title=about.title,
        source=about.source,
        text=text,
        published=about.published,
        date_from=about.date_from,
        author=about.author,
        language=about.language,
        extractor="paste",
    )


def _tells(about: _About, line: str, now: datetime | None, *, titled: bool) -> bool:
    """Note what a line says about its story; whether it says nothing else, so that it is no part of the text."""
    label, value = _label(line)
    if label:
        # "Source: Apple to buy …" is a headline.
        return (titled or label != "source" or not line[0].isascii()) and _labelled(about, label, value, now)
    address = _URL_LINE.match(line[: _LONGEST_URL + 20])
    if address and not about.url:
        about.url = _address(address[1])
        return bool(about.url)
    if len(line) > _SHORT or any(sign in line for sign in "，。！？"):
        return False
    when = _date(about, line, now) if about.date_from != "person" else None
    if when and _nothing_beside(line):
        about.published, about.date_from = when, "person"
        return True
    writer = read_byline([line]) if not about.author else ""
    if when and titled and (writer or _STAMPED.search(line)):
        about.published, about.date_from = when, "text"
    if titled or not when:
        about.author = about.author or writer
    return bool(writer) and when is None


def _labelled(about: _About, label: _Label, value: str, now: datetime | None) -> bool:
    if label == "title" and not about.title:
        about.title = _plain(value)[:_LONGEST_TITLE]
        return bool(about.title)
    address = _URL_LINE.match(value)
    if address and label in ("url", "source") and not about.url:
        about.url = _address(address[1])
        return bool(about.url)
    if label == "date" and about.date_from != "person" and len(value) <= _SHORT:
        when = _date(about, value, now)
        if when:
            about.published, about.date_from = when, "person"
        return when is not None
    if label == "author" and not about.author and len(value) <= _SHORT and not value.endswith(tuple("。？！?!")):
        # 記者：請問您…… is a question, no name.
        names = [name for name in re.split(r"[、,，;；]", value) if is_person(name) and not _TOO_LONG.search(name)]
        about.author = read_byline([value]) or join_names(names)
        return bool(about.author)
    if label == "source" and not about.source and 1 < len(value) <= _SHORT / 2 and "http" not in value:
        about.source = value
        return True
    return False


def _label(line: str) -> tuple[_Label | None, str]:
    found = _LABELLED.match(line[: _LONGEST_URL + 40])
    label = _words()[0].get(" ".join(found[1].lower().split())) if found else None
    return (label, found[2].strip().strip("\"'") if found else "") if label else (None, "")


def _date(about: _About, line: str, now: datetime | None) -> datetime | None:
    host = host_of(about.url)
    return read_date(line, host=host, language=about.language, now=now).when


def _nothing_beside(line: str) -> bool:
    """Whether a line that has a date has nothing else."""
    return not _words()[1].sub("", line).strip(" \t.,:;/|()[]（）【】〔〕：，、．。-–—+｜／")


@cache
def _words() -> tuple[dict[str, _Label], re.Pattern[str]]:
    import yaml

    given: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    kinds: tuple[_Label, ...] = ("title", "url", "date", "author", "source")
    labels = {word.lower(): kind for kind in kinds for word in given[kind]}
    return labels, re.compile(
        rf"\d+|[年月日時时分秒點点元]|(?<![A-Za-z])(?:{'|'.join(given['beside_date'])})(?![A-Za-z])", re.I
    )


def _title(about: _About, rest: list[str]) -> str:
    """The title, taken out of the lines where it has one of its own; of a text that begins at once its first sentence."""
    first = _plain(rest[0])
    linked = _LINKED_TITLE.match(rest[0][:2300].lstrip("# "))
    behind = _URL_BEHIND.search(first[-_LONGEST_URL:]) if "http" in first else None
    if linked:
        first, about.url = linked[1], about.url or _address(linked[2])
    elif behind and len(first) - len(behind[0]) >= 4 and not about.url:
        first, about.url = first[: len(first) - len(behind[0])], _address(behind[1])
    if len(first) > _LONGEST_TITLE or (len(rest) > 1 and first.endswith(("。", "；", "，", ","))):
        return _cut(first)
    rest.pop(0)
    return without_site(first, about.source, host_of(about.url)) or first


def _plain(line: str) -> str:
    """A title's line without the marks of a heading around it."""
    line = re.sub(r"^#{1,6}\s+|\s+#{1,6}$", "", line[: _LONGEST_URL + 400]).strip()
    for begin, end in (("**", "**"), ("__", "__"), ("【", "】"), ("《", "》")):
        inner = line[len(begin) : -len(end)]
        if line.startswith(begin) and line.endswith(end) and inner and begin not in inner and end not in inner:
            line = inner.strip()
    return line


def _cut(text: str) -> str:
    """The first sentence, or as much of it as a title may have."""
    line = text.split("\n", 1)[0][: 4 * _CUT_TITLE]
    end = re.search(r"[。！？!?]|\.\s", line)
    sentence = line[: end.end()].strip() if end and end.start() >= 6 else line
    if len(sentence) <= _CUT_TITLE:
        return sentence.rstrip("。；，,.")
    return sentence[: _CUT_TITLE - 1].rstrip() + "…"
