"""A page that lists stories: finds the links that lead to stories, by their text, their address and their company."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from tools.news.sources.dates import read_date
from tools.news.sources.dom import base_of, page_tree, words
from tools.news.sources.entries import Raw
from tools.news.sources.pages import site_of
from tools.news.sources.text import plain, weight
from tools.news.web.address import safe_link

if TYPE_CHECKING:
    from lxml.html import HtmlElement

__all__ = ["read_list"]

_MOST_LINKS = 4_000
_MOST_STORIES = 400
_MOST_PARTS = 80  # of a link or a card that are looked at
_FEW = 5
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_FURNITURE_TAGS = frozenset(("nav", "footer"))
_NEVER_FURNITURE = frozenset(("html", "body", "a", "main"))
_FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|menu|submenu|footer|breadcrumbs?|pagination|pager|share|social|cookie|login|member|toolbar|"
    r"copyright|tags?|hashtag|keywords)(?:$|[\s_-])",
    re.IGNORECASE,
)
_NOT_A_TITLE = re.compile(
    r"\W*(?:(?:閱讀|看|觀看|了解|顯示|載入|查看)?更多(?:\S{0,6})?|more|read (?:more|full.*)|continue reading|繼續閱讀|閱讀全文|"
    r"(?:上|下)一(?:頁|則|篇)|回(?:首頁|上頁|頂端)|首頁|登入|登出|註冊|訂閱\S{0,8}|分享\S{0,8}|留言\S{0,6}|\d+ ?則?(?:留言|comments?)|"
    r"隱私權?\S{0,6}|服務條款|使用條款|關於我們|聯絡我們|廣告\S{0,6}|next|prev(?:ious)?|home|login|sign (?:in|up)|subscribe\S*)\W*",
    re.IGNORECASE,
)
_NOT_A_STORY = re.compile(
    r"/(?:categor(?:y|ies)|tags?|authors?|topics?|pages?|search|login|signin|signup|register|member|users?|account|about(?:-?us)?|"
    r"contact(?:-?us)?|privacy|terms|policy|rss|feeds?|subscribe|newsletters?|advertis\w*|sitemaps?|jobs?|careers?|help|faq|"
    r"cart|shop|store|app|wp-\w+|cdn-cgi)(?:/|\.\w+|$)",
    re.IGNORECASE,
)
_FILE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|pdf|zip|mp[34]|m4a|mov|docx?|xlsx?|pptx?|css|js|xml|ics|apk|exe)\Z", re.I
)
_DATED = re.compile(r"/(?:19|20)\d\d[/-]?[01]?\d(?:[/-]?[0-3]?\d)?(?:/|-|\d|\b)")
_DAY_IN_ADDRESS = re.compile(r"/(20\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?!\d{1,3}(?!\d))")
_STORY_PATH = re.compile(
    r"/(?:news|articles?|story|stories|posts?|read|a|p|archives?|newsview|view|detail|content)s?/", re.I
)
_TITLE_CLASS = re.compile(r"title|headline|heading|subject", re.IGNORECASE)
_DATE_CLASS = re.compile(r"date|time|clock|publish", re.IGNORECASE)


@dataclass
class _Link:
    """What is known of one address: its score, the best title seen and where it stands."""

    url: str
    score: int
    title: str
    rank: int  # how sure the title is
    anchors: list[HtmlElement] = field(default_factory=list)


def read_list(text: str, url: str, now: datetime) -> tuple[list[Raw], dict[str, str]]:
    """The stories that a page links to on its own site, in the order of the page, and {title, language, site}."""
    about = {"title": "", "language": "", "site": ""}
    root = page_tree(text)
    if root is None:
        return [], about
    title = root.find(".//title")
    about["title"], about["language"] = words(title) if title is not None else "", root.get("lang") or ""
    stories = _stories(_links(root, url, _furniture(root)))
    if len(stories) < _FEW:  # some sites wrap the whole page in something called a menu
        stories = max(stories, _stories(_links(root, url, _furniture(root, tags_only=True))), key=len)
    owners = {anchor: link.url for link in stories for anchor in link.anchors}
    return [_raw(link, owners, url, now) for link in stories], about


def _stories(links: list[_Link]) -> list[_Link]:
    """The links that are stories, the same title at the same place only once (…?from=hot)."""
    shapes = Counter(_shape(link.url) for link in links if link.score >= 4)
    found: dict[tuple[str, str], _Link] = {}
    for link in links:
        if link.title and link.score >= _needed(shapes[_shape(link.url)]):
            found.setdefault((link.url.partition("?")[0], link.title), link)
    return list(found.values())[:_MOST_STORIES]


def _needed(company: int) -> int:
    """A link among many of its shape needs less to be taken for a story; one alone must be sure."""
    return 3 if company >= 3 else 4 if company == 2 else 5


def _links(root: HtmlElement, url: str, furniture: set[HtmlElement]) -> list[_Link]:
    base, here, site = base_of(root, url), safe_link(url) or url, site_of(url)
    found: dict[str, _Link] = {}
    for anchor in islice(root.iter("a"), _MOST_LINKS):
        link = safe_link(anchor.get("href") or "", base) if anchor.get("href") else None
        if not link or link == here or site_of(link) != site or anchor in furniture:
            continue
        title, rank = _title(anchor)
        score = _address_score(link) + _title_score(title, rank)
        known = found.setdefault(link, _Link(link, score, title, rank))
        known.anchors.append(anchor)
        known.score = max(known.score, score)
        if (rank, weight(title)) > (known.rank, weight(known.title)):
            known.title, known.rank = title, rank
    return list(found.values())


def _furniture(root: HtmlElement, *, tags_only: bool = False) -> set[HtmlElement]:
    """The anchors in menus, footers and the like; a <header> is furniture only outside of a story's card."""
    from lxml import etree

    inside = cards = 0
    taken: set[HtmlElement] = set()
    opened: set[HtmlElement] = set()
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "end":
            inside -= element in opened
            cards -= tag in ("article", "main", "li")
            continue
        cards += tag in ("article", "main", "li")
        named = not tags_only and tag not in _NEVER_FURNITURE and _FURNITURE.search(_names(element))
        if named or tag in _FURNITURE_TAGS or (tag == "header" and not cards):
            opened.add(element)
            inside += 1
        if tag == "a" and inside:
            taken.add(element)
    return taken


def _names(element: HtmlElement) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}"[:300]


def _title(anchor: HtmlElement) -> tuple[str, int]:
    """(title, rank): 3 from a heading, 2 from a part named title, 1 the link's own text, 0 from attributes."""
    for name in _HEADINGS:
        inner = anchor.find(f".//{name}")
        if inner is not None and words(inner):
            return _tidy(words(inner)), 3
    parts = [each for each in islice(anchor.iter(), _MOST_PARTS) if each is not anchor]
    inner = next((each for each in parts if _TITLE_CLASS.search(each.get("class") or "")), None)
    if inner is not None and words(inner):
        return _tidy(words(inner)), 2
    text = _tidy(words(anchor, frozenset(each for each in parts if _is_date(each))))
    above = anchor.getparent()
    for _ in range(2):
        if above is not None and above.tag in _HEADINGS and text:
            return text, 3
        above = above.getparent() if above is not None else None
    picture = anchor.find(".//img[@alt]")
    named = [anchor.get("title"), anchor.get("aria-label"), picture.get("alt") if picture is not None else ""]
    spare = max((_tidy(each or "") for each in named), key=weight)
    if text.endswith(("…", "...")) and spare.startswith(text.rstrip(".… ")):  # cut to fit its column
        return spare, 1
    return (text, 1) if weight(text) >= 5 or not spare else (spare, 0)


def _tidy(text: str) -> str:
    text = plain(text, 200)
    return "" if _NOT_A_TITLE.fullmatch(text) else text


def _is_date(element: HtmlElement) -> bool:
    return element.tag == "time" or (bool(_DATE_CLASS.search(element.get("class") or "")) and len(words(element)) <= 40)


def _title_score(title: str, rank: int) -> int:
    size = weight(title)
    if size < 5:
        return -3 if size < 3 else -1
    return (2 if size >= 8 else 1) + (2 if rank >= 2 else 0) - (size > 110)


def _address_score(url: str) -> int:
    parts = urlsplit(url)
    path = unquote(parts.path)
    if path in ("", "/") and not parts.query:
        return -5
    if _NOT_A_STORY.search(path) or _FILE.search(path):
        return -4
    last = path.rstrip("/").rpartition("/")[2]
    score = 2 if _DATED.search(path) or re.search(r"\d{4,}", path + "?" + parts.query) else 0
    score += bool(_STORY_PATH.search(path))
    score += last.count("-") >= 3 or weight(last) >= 8
    score += bool(re.search(r"\.(?:s?html?|aspx?|php)\Z", path))
    return min(score, 4)


def _shape(url: str) -> str:
    """The address without what differs from story to story (number, date, section); stories of one site share it."""
    parts = urlsplit(url)
    folders = [part for part in parts.path.split("/") if part]
    last = folders.pop() if folders else ""
    kind = "0" if re.search(r"\d{3,}", last) else "-" if "-" in last else "w"
    names = ",".join(pair.partition("=")[0] for pair in parts.query.split("&"))
    return f"{parts.hostname} {''.join(folders[:1])} {len(folders)} {kind}{last.rpartition('.')[1]}?{names}"


def _raw(link: _Link, owners: dict[HtmlElement, str], url: str, now: datetime) -> Raw:
    card = _card(link, owners)
    return Raw(
        link=link.url, title=link.title, teaser=_teaser(card, link.title), dates=_dates(card, link.url, url, now)
    )


def _card(link: _Link, owners: dict[HtmlElement, str]) -> HtmlElement:
    """The largest part of the page around the link that holds no other story."""
    card = link.anchors[0]
    for _ in range(6):
        above = card.getparent()
        if above is None or above.tag in ("body", "html", "main", "ul", "ol", "tbody", "table"):
            break
        anchors = list(islice(above.iter("a"), 40))
        if len(anchors) == 40 or any(owners.get(each, link.url) != link.url for each in anchors):
            break
        card = above
    return card


def _dates(card: HtmlElement, story: str, url: str, now: datetime) -> tuple[str, ...]:
    host = urlsplit(url).hostname or ""
    times = [each.get("datetime") or words(each) for each in islice(card.iter("time"), 2)]
    named = [words(each) for each in islice(card.iter(), _MOST_PARTS) if each.tag != "time" and _is_date(each)]
    loose = [text.strip() for text in islice(card.itertext(), _MOST_PARTS) if 4 < len(text.strip()) <= 30]
    found = [text for text in [*times, *named, *loose] if text and read_date(text, host=host, now=now).when]
    day = _DAY_IN_ADDRESS.search(urlsplit(story).path)
    if not found and day:
        found = ["-".join(day.groups())]
    return tuple(found[:3])


def _teaser(card: HtmlElement, title: str) -> str:
    texts = [words(each) for each in islice(card.iter("p"), 5)]
    return next((text for text in texts if text != title and weight(text) >= 15), "")
