"""Cuts what a person pasted into stories: saved pages apart from plain text, and plain text where a new story surely begins."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tools.news.article.byline import read_byline
from tools.news.sources.dates import read_date

__all__ = ["Piece", "pages", "stories"]

_RULE = re.compile(
    r"^(?:[-–—─━－]\s?){3,}$|^(?:[=＝═]\s?){3,}$|^(?:[*＊]\s?){3,}$|^(?:[_＿]\s?){3,}$|^(?:[~～]\s?){3,}$"
)
_LONGEST_RULE = 200
_PAGE = re.compile(r"<(?:!doctype\s+html|html[\s>])", re.IGNORECASE)
_FRAGMENT = re.compile(r"<(?:head|body|article|main|section|div|p|meta|title|h1)[\s>]", re.IGNORECASE)
_PAGE_END = re.compile(r"</html\s*>", re.IGNORECASE)
_SPACE = re.compile(r"\s*")
_MOST_PAGES = 200
_BREAK = re.compile(r"\r\n?|[\x85\u2028\u2029]")
_UNSEEN = "\ufeff\u200b\u200c\u200d\u2060"
_TITLE_LABEL = re.compile(r"^[\W_]{0,3}(?:新聞標題|標題|标题|題目|title|headline)\s*[:：]\s*\S", re.IGNORECASE)
_FIELD = re.compile(r"^[A-Za-z\u3400-\u9fff][\w \u3400-\u9fff-]{0,14}\s*[:：](?:\s|$|\S)|^\s*-\s+\S")
_KNOWN = re.compile(
    r"^(?:新聞標題|標題|标题|題目|網址|网址|連結|链接|原文|出處|日期|時間|发布时间|發[布佈](?:時間|日期)|作者|記者|來源|来源|媒體"
    r"|title|headline|url|link|source|date|published|created|author)s?\s*[:：]",
    re.IGNORECASE,
)
_URL_LINE = re.compile(r"^\W{0,3}https?://\S{4,2000}\W{0,3}$")
_HEADING = re.compile(r"^#\s+\S|^【[^【】]{10,80}】$")
_LONGEST_TITLE, _SHORT = 80, 60
_NO_TITLE_END = tuple("。，、；：.,;:")
_BODY = 40  # letters that make a story of what stands under a headline


@dataclass(frozen=True)
class Piece:
    """A saved page, or plain text between such."""

    text: str
    is_page: bool


def pages(text: str) -> Iterator[Piece]:
    """The saved pages in a text, in order, and the plain text around them.

    A page begins where the text does or under a dividing line, and ends with its </html>: an example in a story is none.
    """
    text = text.lstrip(_UNSEEN + " \t\r\n")
    if _FRAGMENT.match(text):
        yield Piece(text, True)
        return
    at = 0
    for _ in range(_MOST_PAGES):
        found = _page_start(text, at)
        if found is None:
            yield Piece(text[at:], False)
            return
        before, begin = found
        if text[at:before].strip():
            yield Piece(text[at:before], False)
        end = _PAGE_END.search(text, begin)
        at = end.end() if end else len(text)
        yield Piece(text[begin:at], True)


def _page_start(text: str, at: int) -> tuple[int, int] | None:
    """Where the plain text before the next saved page ends and where the page begins, behind its declaration and comments."""
    begin = _past_space(text, at)
    while text.startswith(("<?xml", "<!--"), begin):
        sign = "?>" if text.startswith("<?", begin) else "-->"
        end = text.find(sign, begin)
        if end < 0:
            break
        begin = _past_space(text, end + len(sign))
    if _PAGE.match(text, begin):
        return at, begin
    for found in _PAGE.finditer(text, at):
        lines = text[max(at, found.start() - 2 * _LONGEST_RULE) : found.start()].rstrip(" \t")
        if (not lines or lines.endswith("\n")) and _is_rule(lines.rstrip().rpartition("\n")[2].strip()):
            return found.start(), found.start()
    return None


def _past_space(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def stories(text: str) -> list[list[str]]:
    """The lines of each story in a plain text, stripped; "" is an empty line."""
    lines = [line.strip(_UNSEEN + " \t\u3000\xa0") for line in _BREAK.sub("\n", text).split("\n")]
    rules = {at for at, line in enumerate(lines) if _is_rule(line)}
    under = {at for at in rules if _is_underline(lines, rules, at)}
    if rules - under:
        parts = [part for part in _parts(lines, sorted(rules - under)) if any(part)]
        begins = next((at for at, line in enumerate(lines) if line), 0)
        if begins in rules and parts and _only_fields(parts[0]):  # front matter: its other fields are no text
            parts[0] = [line for line in parts[0] if _KNOWN.match(line)]
        return _with_fields(parts)
    starts = _underlined(lines, under) or _labelled(lines) or _headed(lines) or _announced(lines)
    cuts = [at for at in starts if at]
    parts = [lines[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(lines)], strict=True)]
    return [part for part in (_without_rules(part) for part in parts) if any(part)]


def _is_rule(line: str) -> bool:
    return 3 <= len(line) <= _LONGEST_RULE and not line[0].isalnum() and bool(_RULE.match(line))


def _is_underline(lines: Sequence[str], rules: set[int], at: int) -> bool:
    """Whether a line of === or --- belongs to the headline right above it: that stands alone, and its text follows.

    Between two headlines it divides them; only === under the first of them may still be its own.
    """
    if lines[at][0] not in "=-" or at == 0 or at + 1 >= len(lines) or not _like_title(lines[at - 1]):
        return False
    if at >= 2 and lines[at - 2]:
        return False
    below = next((near for near in range(at + 1, min(at + 4, len(lines))) if lines[near]), None)
    if below is None or below in rules:
        return False
    if _says_where(lines[below]) or not _like_title(lines[below]):
        return True
    return lines[at][0] == "=" and below + 1 < len(lines) and below + 1 not in rules


def _like_title(line: str) -> bool:
    return 4 <= len(line) <= _LONGEST_TITLE and not line.endswith(_NO_TITLE_END) and not _URL_LINE.match(line)


def _parts(lines: Sequence[str], cuts: Sequence[int]) -> list[list[str]]:
    ends = [*cuts, len(lines)]
    begins = [0, *(at + 1 for at in cuts)]
    return [_without_rules(lines[begin:end]) for begin, end in zip(begins, ends, strict=True)]


def _without_rules(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if not _is_rule(line)]


def _with_fields(parts: list[list[str]]) -> list[list[str]]:
    """Parts that only say what a story is (front matter between dashes, an address under it) joined with the story."""
    told = [_only_fields(part) for part in parts]
    if not any(told) or all(told):
        return parts
    ahead = told[0]  # what stands before the first story is about the one after it, and so for the others
    joined: list[list[str]] = []
    waiting: list[str] = []
    for part, fields in zip(parts, told, strict=True):
        if fields and ahead:
            waiting += part
        elif fields and not any(_TITLE_LABEL.match(line[:200]) for line in part):
            joined[-1] += ["", *part]
        else:
            joined.append([*waiting, *part])
            waiting = []
    return [*joined, *([waiting] if waiting else [])]


def _only_fields(part: Sequence[str]) -> bool:
    own = [line[:300] for line in part if line]
    if all(_URL_LINE.match(line) for line in own):
        return True
    known = sum(bool(_KNOWN.match(line)) for line in own)
    return bool(known) and all(_FIELD.match(line) or _URL_LINE.match(line) for line in own) and max(map(len, own)) < 300


def _underlined(lines: Sequence[str], under: set[int]) -> list[int]:
    """Headlines over === (or over --- where the first is): the first stands at the beginning, and there are several."""
    begin = next((at for at, line in enumerate(lines) if line), 0)
    if begin + 1 not in under:
        return []
    sign = lines[begin + 1][0]
    starts = sorted(at - 1 for at in under if lines[at][0] == sign)
    return starts if len(starts) > 1 else []


def _labelled(lines: Sequence[str]) -> list[int]:
    """Lines that say they are titles."""
    starts = [at for at, line in enumerate(lines) if _TITLE_LABEL.match(line[:200])]
    return starts if len(starts) > 1 else []


def _headed(lines: Sequence[str]) -> list[int]:
    """Headings (# …, 【…】), if the first line is one and each has a text."""
    starts = [at for at, line in enumerate(lines) if _HEADING.match(line[:200]) and (not at or not lines[at - 1])]
    first = next((at for at, line in enumerate(lines) if line), 0)
    if len(starts) < 2 or starts[0] != first:
        return []
    return starts if all(count >= _BODY for count in _letters_under(lines, starts)) else []


def _announced(lines: Sequence[str]) -> list[int]:
    """Headlines with an address, a date or a byline right under them and nothing above: all with a text, or all without one.

    What has none among those that have one (further reading) belongs to the story before it.
    """
    starts = [at for at in range(len(lines)) if _announces(lines, at)]
    first = next((at for at, line in enumerate(lines) if line), 0)
    if len(starts) < 2 or starts[0] != first:
        return []
    under = _letters_under(lines, starts)
    full = [at for at, count in zip(starts, under, strict=True) if count >= _BODY]
    if not full:
        return starts
    return [first, *(at for at in full if at != first)] if full[0] == first else []


def _announces(lines: Sequence[str], at: int) -> bool:
    if (at and lines[at - 1]) or not _like_title(lines[at]) or at + 1 >= len(lines):
        return False
    if _says_where(lines[at]):
        return False
    return _says_where(lines[at + 1])


def _says_where(line: str) -> bool:
    """Whether a line is an address, a date or a byline."""
    if not line or (len(line) > _SHORT and not line.startswith("http")):
        return False
    if _URL_LINE.match(line[:2100]):
        return True
    return (line[0].isdigit() and read_date(line, language="zh-TW").when is not None) or bool(
        read_byline([line]) and not any(sign in line for sign in "，。！？")
    )


def _letters_under(lines: Sequence[str], starts: Sequence[int]) -> list[int]:
    """How many characters of text stand under each headline."""
    ends = [*starts[1:], len(lines)]
    return [
        sum(len(line) for line in lines[begin + 1 : end] if not _says_where(line))
        for begin, end in zip(starts, ends, strict=True)
    ]
