"""A single story's page as a source of one entry, and how to tell such a page from a list of stories."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tools.news.sources.dom import base_of, linked_data, meta, page_tree, words
from tools.news.sources.entries import Raw
from tools.news.sources.text import weight
from tools.news.web.address import safe_link

if TYPE_CHECKING:
    from lxml.html import HtmlElement

__all__ = ["is_single", "read_single", "site_of"]

_ARTICLE_TYPES = frozenset(
    ("article", "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "opinionnewsarticle", "blogposting",
     "liveblogposting", "backgroundnewsarticle", "reviewnewsarticle", "techarticle", "scholarlyarticle")
)  # fmt: skip
_DATE_NAMES = (
    "article:published_time", "datepublished", "pubdate", "publishdate", "publish_date", "date", "dc.date", "dcterms.created",
    "dc.date.issued", "parsely-pub-date", "sailthru.date", "og:published_time", "cxenseparse:recs:publishtime",
)  # fmt: skip
_SECOND_LEVEL = frozenset(
    ("com", "org", "net", "gov", "edu", "idv", "co", "ac", "mil", "game", "club", "or", "ne", "go")
)
_ENOUGH_PROSE = 250
_PARAGRAPH = 30
_SILENT = frozenset(("script", "style", "noscript", "template", "option", "textarea"))
_MANY_HEADLINES = 8


def is_single(text: str) -> bool:
    """Whether a page is one story; a list of stories has many headlines that are links, and little prose."""
    root = page_tree(text)
    return root is not None and _score(root) >= 2


def _score(root: HtmlElement) -> int:
    tags = meta(root)
    kind = tags.get("og:type", "").lower()
    stories = len(_stories(root))
    headlines = sum(1 for level in ("h1", "h2", "h3", "h4") for heading in root.iter(level) if _linked(heading))
    prose = _prose(root)
    score = 2 * (kind in ("article", "news", "newsarticle")) + 2 * any(tags.get(name) for name in _DATE_NAMES[:2])
    score += 2 * (stories == 1) - (stories > 1) - 2 * (headlines >= _MANY_HEADLINES)
    return score + 2 * (prose >= _ENOUGH_PROSE) + (prose >= 2 * _ENOUGH_PROSE)


def _linked(heading: HtmlElement) -> bool:
    parent = heading.getparent()
    return heading.find(".//a[@href]") is not None or (parent is not None and parent.tag == "a")


def _prose(root: HtmlElement) -> int:
    """How much text stands together: in a story one part of the page holds it all, in a list every card has a little."""
    from lxml import etree

    parts: Counter[HtmlElement] = Counter()
    inside = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "end":
            inside -= element.tag == "a"
            continue
        inside += element.tag == "a"
        if inside or element.tag in _SILENT:
            continue
        own = weight(" ".join(filter(None, (element.text, *(child.tail for child in element)))))
        if own >= _PARAGRAPH:
            above = element.getparent()
            parts[above if element.tag == "p" and above is not None else element] += own
    return max(parts.values(), default=0)


def _stories(root: HtmlElement) -> list[dict[str, Any]]:
    """The stories of the page's JSON-LD, one for each headline."""
    found: dict[str, dict[str, Any]] = {}
    for value in linked_data(root):
        kinds = value.get("@type")
        names = {str(kind).lower() for kind in (kinds if isinstance(kinds, list) else [kinds])}
        if names & _ARTICLE_TYPES:
            found.setdefault(str(value.get("headline") or value.get("name") or value.get("url") or len(found)), value)
    return list(found.values())


def read_single(text: str, url: str) -> tuple[list[Raw], dict[str, str]]:
    """The page as one story (its text is read by whoever extracts articles), and {title, language, site}."""
    root = page_tree(text)
    if root is None:
        return [], {"title": "", "language": "", "site": ""}
    tags, stories = meta(root), _stories(root)
    story = stories[0] if len(stories) == 1 else {}
    heading, title = root.find(".//h1"), root.find(".//title")
    titles = (tags.get("og:title"), _string(story.get("headline")), heading is not None and words(heading))
    times = [element.get("datetime") or words(element) for element in list(root.iter("time"))[:3]]
    named = [tags.get(name) for name in _DATE_NAMES]
    dates = [named[0], _string(story.get("datePublished")), *named[1:], *times]
    raw = Raw(
        link=_canonical(root, tags, url),
        title=next(filter(None, titles), "") or (words(title) if title is not None else ""),
        teaser=tags.get("og:description") or tags.get("description") or "",
        author=_author(tags, story),
        dates=tuple(filter(None, dates)),
    )
    about = {
        "title": tags.get("og:site_name", ""),
        "language": root.get("lang") or tags.get("og:locale", ""),
        "site": "",
    }
    return [raw], about


def _canonical(root: HtmlElement, tags: dict[str, str], url: str) -> str:
    """The page's own name for itself, if that is a page of the same site and not its front page."""
    links = [link.get("href") for link in root.iter("link") if (link.get("rel") or "").lower() == "canonical"]
    for named in [*links, tags.get("og:url")]:
        link = safe_link(named, base_of(root, url)) if named else None
        if link and site_of(link) == site_of(url) and urlsplit(link).path not in ("", "/"):
            return link
    return url


def _author(tags: dict[str, str], story: dict[str, Any]) -> str:
    said = story.get("author")
    names = [_string(each.get("name")) if isinstance(each, dict) else _string(each) for each in _listed(said)]
    written = "、".join(dict.fromkeys(filter(None, names))) or tags.get("author", "") or tags.get("article:author", "")
    return "" if written.startswith(("http://", "https://")) else written


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _string(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def site_of(url: str) -> str:
    """The part of a host that one owner has: cna.com.tw of www.cna.com.tw."""
    labels = (urlsplit(url).hostname or "").split(".")
    return ".".join(
        labels[-3:] if len(labels) > 2 and labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2 else labels[-2:]
    )
