"""Text as the crisis gate reads it: folded to a key in which script, case, spacing and disguise no longer matter.

Learned pieces come from texts folded alike, so that they meet in whatever script either was written.
Of a text too long to be typed, only what stands around words of alarm is read.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator

from agents.counselor.gate_data import reading

__all__ = ["BREAK", "CJK", "LONG", "fold", "passages", "table"]

BREAK = "\x1f"  # where a space or mark between CJK characters was: left out when the key is weighed
CJK = "\u2e80-\u30ff\u3105-\u31bf\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
LONG = 10_000  # characters above which only the surroundings of alarm words are read: nobody types that much
AROUND = 90  # characters kept on each side of an alarm word

_INVISIBLE = re.compile(
    "[\u00ad\u02c7\u02c9-\u02cb\u02d9\u0300-\u036f\u0489\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u20d0-\u20ff\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e01ef]+"
)
_RUN = re.compile(rf"[\W_](?:(?<! )[\W_]*|[\W_]+|(?=[{CJK}])|(?<=[{CJK}] ))")  # all but a lone space in Latin text
_CJK_CHAR = re.compile(f"[{CJK}]")
_SAME = re.compile(r"(.)\1{7,}", re.DOTALL)  # 「好好好好好好好好」, "aaaaaaaa": says no more than a few of them
_ECHO = re.compile(r"(.{2,8}?)\1{5,}", re.DOTALL)
_DRAWN_OUT = re.compile(r"([a-z])\1{2,}")  # "dieee"; "ll" stays, for "killll"
_DIGIT = re.compile(r"(?<=[a-z])[013457](?=[a-z])|(?<=[a-z]{2})3(?![a-z0-9])|(?<![a-z0-9])[57](?=[a-z1]{3})")
_AS_LETTER = {"!": "i", "@": "a", "$": "s"}  # su!cide
_LETTER = str.maketrans("013457", "oieast")


@functools.cache
def table() -> dict[int, str]:
    """One entry per common character, so that it folds alike whatever stands around it."""
    variants = reading().variants
    chars = [chr(code) for code in range(0x3400, 0xA000)]
    folded = [variants.get(char, char) for char in chars]
    try:
        import opencc
    except (ImportError, OSError):  # a broken binary must not switch the gate off: Traditional text still matches
        pass
    else:
        folded = opencc.OpenCC("t2s").convert("\n".join(folded)).split("\n")
    made = {ord(char): to for char, to in zip(chars, folded, strict=True)}
    return {ord(char): made.get(ord(to), to) for char, to in variants.items() if ord(char) not in made} | made


def fold(text: str) -> str:
    """The key that is weighed, with BREAK where something between CJK characters was dropped."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold())
    key = _lone_break().sub("", _RUN.sub(_boundary, _calmed(text.translate(table()))))
    key = _DRAWN_OUT.sub(lambda found: "ll" if found[1] == "l" else found[1], key)
    return _spelling().sub(lambda found: reading().spelling[found[0]], _DIGIT.sub(_letter, key))


def _calmed(text: str) -> str:
    """`text` with long runs of the same thing cut short: they say nothing more, and take long to search."""
    return _ECHO.sub(lambda found: found[1] * 5, _SAME.sub(lambda found: found[1] * 7, text))


def _letter(found: re.Match[str]) -> str:
    return found[0].translate(_LETTER)


@functools.cache
def _spelling() -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(map(re.escape, reading().spelling))})(?![a-z0-9])")


def _boundary(found: re.Match[str]) -> str:
    """What a run of non-word characters is: a sentence end, a clause end, a space, or nothing."""
    run, text = found[0], found.string
    before = text[found.start() - 1] if found.start() else ""
    after = text[found.end()] if found.end() < len(text) else ""
    cjk = [bool(_CJK_CHAR.match(char)) for char in (before, after)]
    if len(run) == 1 and before and after and not any(cjk):
        if run in "'\u2019\u2018`\u00b4*":  # don't, s*icide
            return ""
        if run in _AS_LETTER:
            return _AS_LETTER[run]
        if run in "._-/":
            return " "
    if any(mark in run for mark in "\n\r!?;。"):
        return "\n"
    if "," in run or "、" in run:
        return ","
    if any(cjk):  # a space between 「我是」 and 「INFP」 is no pause
        return "" if not before or not after or (run.isspace() and not all(cjk)) else BREAK
    return "\n" if "." in run else " "


@functools.cache
def _lone_break() -> re.Pattern[str]:
    """Breaks before a character that stands alone: 「自。殺」 and one character per line read as one word."""
    words = reading().lone_words.translate(table())
    return re.compile(f"[\n,{BREAK}](?<=[{CJK}].)(?=(?![{words}])[{CJK}](?:[\n,{BREAK}]|$))", re.DOTALL)


@functools.cache
def _alert() -> re.Pattern[str]:
    """The Chinese words of alarm as they stand in an unfolded text: either script, marks or spaces in between."""
    forms: dict[str, str] = {}
    for code, to in table().items():
        forms[to] = forms.get(to, "") + chr(code)
    words: dict[str, list[str]] = {}  # by first character: one set and then few branches, for speed
    for first, *more in (word.translate(table()) for word in reading().alert.zh):
        rest = "".join(rf"[\W_]{{0,4}}[{forms.get(char, char)}]" for char in more)
        words.setdefault(forms.get(first, first), []).append(rest)
    branches = "|".join(f"(?<=[{first}])(?:{'|'.join(rests)})" for first, rests in words.items())
    return re.compile(f"[{''.join(words)}](?:{branches})|{reading().spaced}")


def passages(text: str) -> Iterator[str]:
    """`text`, or what stands around the words of alarm in a long one, the passages nearest its two ends first."""
    if len(text) <= LONG:
        yield text
        return
    text = _SAME.sub(lambda found: found[1] * 7, text.casefold())
    if len(text) <= LONG:
        yield text
        return
    places = [found.start() for found in _alert().finditer(text)]
    for word in reading().alert.en:
        at = text.find(word)
        while at >= 0:
            places.append(at)
            at = text.find(word, at + AROUND)
    spans: list[tuple[int, int]] = []
    for place in sorted(places):
        start, end = max(0, place - AROUND), place + AROUND
        if spans and start <= spans[-1][1] and end - spans[-1][0] <= LONG:
            start, _ = spans.pop()
        spans.append((start, end))
    for start, end in sorted(spans, key=lambda span: min(span[0], len(text) - span[1])):
        yield text[start:end]
