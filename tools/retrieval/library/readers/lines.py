"""The lines of a PDF's pages made into running text again.

A PDF knows where letters stand, not what belongs together: sentences break at every line's end, headers and footers
stand among them, and some characters come as look-alikes.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from tools.retrieval.library.cleaning import clean_text

__all__ = ["flowing", "page_lines", "without_running"]

_EAST = "\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"
_IS_EAST = re.compile(f"[{_EAST}]")
# Text set to the full measure comes with a space between all characters; a name with one (王 小明) is left alone.
_SPACED = re.compile(rf"[{_EAST}](?: [{_EAST}]){{3,}}")
# Justified lines are stretched at their signs.
_STRETCHED = re.compile("(?<=[，。；：、！？（）「」『』《》]) +| +(?=[，。；：、！？（）「」『』《》])|(?<= ) +")
# Printers' radicals (⽂, ⽣, ⻑) stand where the character was meant, ligatures (ﬁ) where two letters were.
_RADICALS = re.compile("[\u2e80-\u2fd5\ufb00-\ufb06]")
_SUPPLEMENT = dict(zip("⻁⻄⻅⻆⻉⻋⻑⻒⻓⻔⻘⻙⻚⻛⻜⻝⻞⻟⻠⻢⻣⻤⻥⻦⻨⻩⻫⻬⻭⻮⻯⻰⻱⻲⻳", "虎西见角贝车長镸长门青韦页风飞食飠飠饣马骨鬼鱼鸟麦黄斉齐歯齿竜龙龜亀龟", strict=True))  # fmt: skip
_EDGE = 2  # lines at the top and at the foot of a page that may run through the document
_RUNNING_SHARE = 0.4  # odd and even pages may have different ones
_RUNNING_LEAST = 3
_DIGITS = re.compile(r"[0-9０-９]+|[一二三四五六七八九十百]+(?=頁)|\A[ivxlc]+\Z")
# A line with a number runs through the document if it says nothing but which page this is, or if the rest of it is a
# title: "問題 1" on one slide and "問題 2" on the next are what the slides are about.
_PAGE_WORDS = re.compile(r"(?:第|頁|页|共|page|of|pg|p|[\W_])*")
_TITLE_LETTERS = 6
_RUNNING_WIDTH = 80  # a whole line of text that comes again is a sentence of a form
_ENDS = re.compile(r"[。！？!?：:；;.…][」』”’）)】》\"']*$")
_BULLET = re.compile(
    r"(?:[•●○◆■□▪–—*-]|[(（]?(?:\d{1,2}|[一二三四五六七八九十]{1,3}|[a-zA-Z])(?:[)）、．]|\.(?!\d)))\s*\S"
)
_HYPHEN = re.compile(r"([A-Za-z]+)-$")
_WHOLE_PREFIX = re.compile("all|co|cross|ex|full|half|high|long|low|multi|non|part|pre|self|semi|short|sub|well")
# A line this much of the usual width ran on because the margin came, not because the paragraph ended.
_FULL = 0.75
_USUAL = 0.9
_NEAR, _PROSE = 0.85, 0.4
_NARROWEST = 24  # of a newspaper's columns
_TAIL = 40  # how much of a line's end says how it ends
_OWN_MEASURE = 8  # lines that a page needs to have a measure of its own


def page_lines(text: str) -> list[str]:
    """The lines of one page, characters repaired, empty ones left out."""
    text = _RADICALS.sub(lambda match: _plain(match[0]), clean_text(text))
    text = _STRETCHED.sub("", _SPACED.sub(lambda match: match[0].replace(" ", ""), text))
    return [line.strip() for line in text.split("\n") if line.strip()]


def _plain(character: str) -> str:
    import unicodedata

    return _SUPPLEMENT.get(character) or unicodedata.normalize("NFKC", character)


def without_running(pages: Sequence[list[str]]) -> list[list[str]]:
    """The pages without the lines that stand at the edge of many of them, whatever number they bear."""
    seen = Counter(key for lines in pages for key in {_key(line) for line in _edges(lines)} if key)
    least = max(_RUNNING_LEAST, _RUNNING_SHARE * sum(bool(lines) for lines in pages))
    running = {key for key, count in seen.items() if count >= least}
    kept = []
    for lines in pages:
        start, end = 0, len(lines)
        while start < end and start < 2 * _EDGE and _key(lines[start]) in running:
            start += 1
        while end > start and len(lines) - end < 2 * _EDGE and _key(lines[end - 1]) in running:
            end -= 1
        # A page of nothing else, such as a form that comes again and again, is no page without text.
        kept.append(lines[start:end] or [line for line in lines if not _PAGE_WORDS.fullmatch(_key(line) or line)])
    return kept


def _edges(lines: list[str]) -> list[str]:
    # pypdf gives lines in the order they were drawn: a footer may come right after the header.
    return [*lines[: 2 * _EDGE], *lines[-_EDGE:]]


def _key(line: str) -> str:
    """What a running line has in common on all its pages; "" for a line that cannot be one."""
    if _width(line) > _RUNNING_WIDTH:
        return ""
    line = re.sub(r"\s+", "", line.lower())
    key = _DIGITS.sub("#", line)
    letters = sum(character.isalnum() for character in key)
    return key if key == line or letters >= _TITLE_LETTERS or _PAGE_WORDS.fullmatch(key) else ""


def flowing(pages: Sequence[list[str]]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """One text, a paragraph a line, and (offset, page from 1) for the start of every page that has text."""
    everything = [line for lines in pages for line in lines]
    usual = _measure(everything)
    words = Counter(word.lower() for line in everything for word in re.findall(r"[A-Za-z]+(?:-[A-Za-z]+)*", line))
    parts: list[str] = []
    starts: list[tuple[int, int]] = []
    length, before, before_usual = 0, "", usual
    for number, lines in enumerate(pages, 1):
        own = _measure(lines) if len(lines) >= _OWN_MEASURE else usual
        for at, line in enumerate(lines):
            joint = _joint(before, line, before_usual, words) if before else ""
            if joint is None:  # a word goes on: its hyphen was the printer's
                parts[-1] = parts[-1][:-1]
                length -= 1
                joint = ""
            length += len(joint)
            if at == 0:
                starts.append((length, number))
            parts += [joint, line]
            length += len(line)
            before, before_usual = line, own
    return "".join(parts), tuple(starts)


def _measure(lines: Sequence[str]) -> float:
    """The width that lines were broken at, a Chinese character counting two; infinite where they were not.

    In prose most lines come near to the margin. Where they do not, each line is one on purpose: slides, lists, poems.
    """
    widths = sorted(_width(line) for line in lines)
    usual = widths[int(_USUAL * (len(widths) - 1))] if widths else 0
    near = sum(width >= _NEAR * usual for width in widths)
    return usual if usual >= _NARROWEST and near >= _PROSE * len(widths) else math.inf


def _width(line: str) -> int:
    return len(line) + len(_IS_EAST.findall(line))


def _joint(before: str, line: str, usual: float, words: Counter[str]) -> str | None:
    """What stands between two lines: a line end, a space or nothing; None if a hyphen has to go."""
    if _BULLET.match(line):
        return "\n"
    broken = _HYPHEN.search(before[-_TAIL:])
    if broken and line[0].islower():
        rest = re.match(r"[A-Za-z]+", line)
        first, second = broken[1].lower(), rest[0].lower() if rest else ""
        if words[first + second] or not (words[f"{first}-{second}"] or _WHOLE_PREFIX.fullmatch(first)):
            return None
        return ""
    if _width(before) < _FULL * usual or (_ENDS.search(before[-_TAIL:]) and not line[0].islower()):
        return "\n"
    return "" if _IS_EAST.match(before[-1]) or _IS_EAST.match(line[0]) else " "
