"""The title of a story, without the name of the site that stands behind it in most titles of Taiwan (｜社會｜某日報)."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

__all__ = ["Titles", "best_title", "host_of", "same_title", "without_site"]

# A bar, or a dash, underscore, slash or guillemet with space around it, divides a title from the names behind it.
_DIVIDER = re.compile(r"\s*(?:[|｜丨∣│ǀ¦ㅣ]|\s[-–—·•»«‹›/:]+(?=\s)|\s?--+\s?|_(?=\D))\s*")
# Dashes without space divide too, but only where the name behind them is known to be the site's.
_TIGHT = re.compile(r"[-–—_]")
_COLON = re.compile(r"[:：](?=\s)|(?<=\w)[：，、！？/](?=\w)| / ")
_NOT_WORD = re.compile(r"[\W_]+")
_QUOTES = str.maketrans("“”„‟‘’‚‛′`´", '""""' + "'" * 7)
# Section and site names are short; a longer piece behind a divider belongs to the title.
_SHORT_CJK, _SHORT_WORDS = 14, 5
_SITE_LIKE = re.compile(
    r"新聞網|新聞雲|新聞|電子報|日報|時報|晚報|週刊|周刊|雜誌|報導者|新闻|网|網$|快讯|頭條|头条|論壇|部落格|博客"
    r"|\bnews\b|\btimes\b|\.(?:com|net|org|tw|de|fr|co)\b|\bonline\b|\bmagazine\b|\bblog\b",
    re.IGNORECASE,
)
# Names of sections that stand between a title and its site, with no more than a dash before them.
_SECTION = re.compile(
    r"(?:社會|生活|政治|國際|財經|娛樂|體育|科技|地方|兩岸|健康|產經|股市|運動|焦點|即時|要聞|影音|旅遊|汽車|房產|言論|評論|文化|教育|全球|大陸"
    r"|社会|国际|财经|娱乐|体育|两岸|要闻)(?:新聞|新闻)?"
)


@dataclass(frozen=True)
class Titles:
    """Every title that a page gives itself. `headings` are its h1, then those h2 that a title of the head also names."""

    feed: str = ""
    social: tuple[str, ...] = ()
    linked: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    document: str = ""
    site: str = ""
    host: str = ""
    known: tuple[str, ...] = field(default_factory=tuple)


def _key(text: str) -> str:
    return _NOT_WORD.sub("", text.translate(_QUOTES)).casefold()


def host_of(url: str) -> str:
    """The host of an address, "" where it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def same_title(one: str, other: str) -> bool:
    """Whether two titles differ in nothing but signs, spaces and case."""
    return bool(_key(one)) and _key(one) == _key(other)


def clean(text: str) -> str:
    """One line without entities; a full-width space between two halves of a title stays one space."""
    return " ".join(html.unescape(text or "").replace("\u200b", "").split())


def without_site(text: str, site: str = "", host: str = "", shorter: tuple[str, ...] = ()) -> str:
    """`text` without the site's and the section's names at its ends.

    A piece behind a bar goes where it is short; one behind a dash only where it is the site's name, sounds like one, or
    one of the `shorter` titles of the page does without it.
    """
    text = clean(text)
    keys = {_key(each) for each in shorter}
    names = [_key(site), *(_key(label) for label in host.split(".") if len(label) > 3)]
    names = [name for name in names if len(name) > 1]
    while True:
        cut = _last_piece(text, names, keys)
        if cut is None:
            break
        text = cut
    first = _DIVIDER.search(text)
    if first and first.start() and (_is_name(text[: first.start()], names) or _key(text[first.end() :]) in keys):
        text = text[first.end() :]
    ends = " -–—|｜_·:/" + ("" if "»" in text and "«" in text else "»«")
    return text.strip(ends)


def _last_piece(text: str, names: list[str], keys: set[str]) -> str | None:
    """`text` without its last piece where that is a name, else None."""
    found = list(_DIVIDER.finditer(text))
    for at in reversed(found):
        head, tail = text[: at.start()].strip(), text[at.end() :].strip()
        if not head or not tail or len(_key(head)) < 4:
            return None
        bar = any(sign in at[0] for sign in "|｜丨∣│ǀ¦ㅣ_/›»«•·") or "--" in at[0]
        if _key(head) in keys or _is_name(tail, names) or _SECTION.fullmatch(tail):
            return head
        if _SITE_LIKE.search(tail) and _short(tail):
            return head
        if bar and _short(tail) and len(_key(tail)) < len(_key(head)):
            return head
        break
    tight = list(_TIGHT.finditer(text))
    for at in tight[-1:]:
        head, tail = text[: at.start()].strip(), text[at.end() :].strip()
        if len(_key(head)) >= 6 and tail and (_key(head) in keys or _is_name(tail, names)):
            return head
    return None


def _is_name(text: str, names: list[str]) -> bool:
    key = _key(text)
    return bool(key) and any(
        key == name or (len(name) > 3 and name in key and len(key) < 3 * len(name)) for name in names
    )


def _short(text: str) -> bool:
    cjk = sum("\u3040" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7af" for char in text)
    return cjk <= _SHORT_CJK if cjk else len(text.split()) <= _SHORT_WORDS


def best_title(titles: Titles) -> str:
    """The title that most of the page's own ones agree on; among those that agree, the heading a reader sees."""
    shown = tuple(each for each in map(clean, (*titles.headings, *titles.linked, titles.feed)) if each)
    short = tuple(
        without_site(each, titles.site, titles.host, shown)
        for each in (*titles.headings, *titles.linked, *titles.social, titles.document, titles.feed)
        if each
    )
    weights = [1.5] * len(titles.headings) + [1.2] * len(titles.linked) + [1.0] * len(titles.social) + [0.8, 1.0]
    given = [each for each in (*titles.headings, *titles.linked, *titles.social, titles.document, titles.feed)]
    weight = [w for w, each in zip(weights, given, strict=False) if each]
    best, top = "", 0.0
    for at, one in enumerate(short):
        key = _key(one)
        if len(key) < 2 or _is_name(one, [_key(titles.site)]):
            continue
        score = sum(w * _near(key, _key(other)) for w, other in zip(weight, short, strict=True)) + 0.01 * weight[at]
        if score > top + 1e-9:
            best, top = one, score
    # A heading's lines lose the colon that the page's other titles have between them.
    return max((each for each in short if _key(each) == _key(best)), key=_divided, default=best)


def _divided(text: str) -> tuple[int, bool]:
    return len(_COLON.findall(text)), " " in text


def _near(one: str, other: str) -> float:
    """1 for the same key, less for one that holds the other or shares its pairs of characters."""
    if one == other:
        return 1.0
    if not one or not other:
        return 0.0
    pairs, others = ({text[i : i + 2] for i in range(len(text) - 1)} for text in (one, other))
    return 0.6 * len(pairs & others) / (len(pairs | others) or 1)
