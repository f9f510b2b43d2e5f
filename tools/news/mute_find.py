"""Finds what a mute rule means in a text: a word however it is spelled, or an expression within its time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from tools.news.mute_text import Bare, Plain, bare, both_scripts, is_latin, plain

if TYPE_CHECKING:
    from regex import Pattern

__all__ = ["BadPattern", "Expression", "Finder", "Text", "Word", "finder"]

_LONGEST = 200
_MOST_HITS = 5
# Processor seconds for one expression on one text, and how often it may use them up: `regex` gives up then, Python's own `re`
# cannot. A probe is far shorter than a story.
_PATIENCE, _PATIENCE_PROBE, _CHANCES = 0.2, 0.05, 3
_EXPRESSION = re.compile(r"/(.+)/([ims]{0,3})", re.DOTALL)
_COUNT = re.compile(r"(\)?)\s*\{(\d*)(?:,(\d*))?\}")
_MOST_REPEATS = 1_000  # counted repeats in counted repeats are multiplied out before anything is searched
# Recursion, approximate matching, comments and the verbose form: nothing that a rule needs, and each a way around the limits.
_NEEDLESS = re.compile(r"\(\?(?:R|P>|&|#|[+-]?\d|[a-zA-Z-]*[xbeprwV])|\{[^{}]*[a-z<=][^{}]*\}")
_SAMPLES = ("中文", "word", "2026", "。")


class BadPattern(ValueError):
    """Raised for a pattern that could never work; `why` is a key of the words, `params` what they need."""

    def __init__(self, why: str, **params: object) -> None:
        super().__init__(why)
        self.why, self.params = why, params


class Text:
    """A text, made ready once for all rules and only in the ways they ask for."""

    def __init__(self, shown: str) -> None:
        self._shown = shown
        self._bare: Bare | None = None
        self._plain: Plain | None = None

    @property
    def bare(self) -> Bare:
        self._bare = self._bare or bare(self._shown)
        return self._bare

    @property
    def plain(self) -> Plain:
        self._plain = self._plain or plain(self._shown)
        return self._plain


class Finder(Protocol):
    """Where a pattern is found: the text as shown, begin and end; none that an exception overlaps."""

    exhausted: bool

    def find(self, text: Text) -> Iterator[tuple[str, int, int]]: ...


def finder(pattern: str, exceptions: tuple[str, ...]) -> Finder:
    """What finds a pattern: a word, or an expression between slashes.

    Raises:
        BadPattern: it is empty, too long, no expression, takes too long or would match everything.
    """
    if len(pattern) > _LONGEST:
        raise BadPattern("long", most=_LONGEST)
    given = _EXPRESSION.fullmatch(pattern.strip())
    return Expression(given[1], given[2], exceptions) if given else Word(pattern, exceptions)


class Word:
    """A word however it is spelled."""

    exhausted = False

    def __init__(self, word: str, exceptions: tuple[str, ...]) -> None:
        own = bare(word)
        self._word, self._joined = own.text, own.joined
        if not any(char.isalnum() for char in self._word):
            raise BadPattern("empty")
        self._exceptions = [phrase for phrase in (bare(each).text for each in exceptions) if phrase]

    def find(self, text: Text) -> Iterator[tuple[str, int, int]]:
        """Every place where it stands as a word of its own."""
        given = text.bare
        at = given.text.find(self._word)
        while at >= 0:
            end = at + len(self._word)
            good = self._stands_alone(given, at, end) and not _excepted(given.text, at, end, self._exceptions)
            if good:
                yield given.shown, given.places[at], given.places[end - 1] + 1
            at = given.text.find(self._word, end if good else at + 1)

    def _stands_alone(self, given: Bare, at: int, end: int) -> bool:
        """A Latin word is none inside a longer one (AI in said), a figure none inside a longer one; Chinese has no such ends.
        Spaces within a Latin word count (the rapist), unless they stand between all of its letters (A I)."""
        if at and given.joined[at] and _same_kind(given.text[at - 1], given.text[at]):
            return False
        if end < len(given.text) and given.joined[end] and _same_kind(given.text[end - 1], given.text[end]):
            return False
        inner = [i for i in range(1, end - at) if _same_kind(self._word[i - 1], self._word[i])]
        torn = [i for i in inner if self._joined[i] and not given.joined[at + i]]
        return not torn or len(torn) == sum(self._joined[i] for i in inner)


def _same_kind(one: str, other: str) -> bool:
    return (one.isdigit() and other.isdigit()) or (is_latin(one) and is_latin(other))


def _excepted(text: str, at: int, end: int, phrases: list[str]) -> bool:
    """Whether one of the phrases stands across this hit and goes beyond it (依賴 or 清德宮 with 賴清德 in 依賴清德宮)."""
    for phrase in phrases:
        begin = text.find(phrase, max(0, at - len(phrase) + 1), end + len(phrase) - 1)
        while begin >= 0:
            if begin < at or begin + len(phrase) > end:
                return True
            begin = text.find(phrase, begin + 1, end + len(phrase) - 1)
    return False


class Expression:
    """An expression, in either script."""

    def __init__(self, pattern: str, flags: str, exceptions: tuple[str, ...]) -> None:
        self._patterns: list[tuple[Pattern[str], bool]] = [(_compiled(pattern, flags), False)]
        folded = both_scripts(pattern)
        try:
            self._patterns.insert(0, (_compiled(folded, flags), True))
        except BadPattern:
            if folded == pattern:
                raise  # else: ranges such as [一-龥] have other ends in the other script, and are searched as they are
        self._exceptions = [
            phrase for phrase in (both_scripts(plain(each).shown).casefold() for each in exceptions) if phrase
        ]
        self._chances = _CHANCES

    @property
    def exhausted(self) -> bool:
        """Whether it ran out of time on some text: there it found nothing, and after three times it is not tried again."""
        return self._chances < _CHANCES

    def find(self, text: Text) -> Iterator[tuple[str, int, int]]:
        """The first places where it matches."""
        given = text.plain
        for pattern, folded in self._patterns:
            spans = self._spans(pattern, given.one_script if folded else given.shown)
            lower = given.one_script.casefold() if self._exceptions else ""
            same = len(lower) == len(given.shown)
            found = False
            for begin, end in spans:
                if not (same and _excepted(lower, begin, end, self._exceptions)):
                    found = True
                    yield given.shown, begin, max(end, min(len(given.shown), begin + 1))
            if found:
                return

    def _spans(self, pattern: Pattern[str], text: str) -> list[tuple[int, int]]:
        if not text or self._chances <= 0:
            return []
        spans: list[tuple[int, int]] = []
        try:
            spans.extend(match.span() for match in islice(pattern.finditer(text, timeout=_PATIENCE), 20 * _MOST_HITS))
        except TimeoutError:
            self._chances -= 1
        return spans


def _compiled(pattern: str, flags: str) -> Pattern[str]:
    import regex

    _check_size(pattern)
    options = regex.IGNORECASE | regex.VERSION0
    for flag, option in (("m", regex.MULTILINE), ("s", regex.DOTALL)):
        options |= option if flag in flags else 0
    try:
        compiled = regex.compile(pattern, options)
    except (regex.error, OverflowError, RecursionError) as error:
        raise BadPattern(
            "regex",
            detail=getattr(error, "msg", "") or "?",
            position=(getattr(error, "pos", 0) or 0) + 1,
        ) from error
    try:
        if compiled.search("", timeout=_PATIENCE_PROBE) or all(
            compiled.search(sample, timeout=_PATIENCE_PROBE) for sample in _SAMPLES
        ):
            raise BadPattern("matches_all")
        for probe in _probes(pattern):
            compiled.search(probe, timeout=_PATIENCE_PROBE)
    except TimeoutError as error:
        raise BadPattern("heavy") from error
    return compiled


def _check_size(pattern: str) -> None:
    """Nothing that would take all memory before it is searched for the first time."""
    simple = re.sub(r"\\.|\[\^?\]?[^\]]*\]", "c", pattern, flags=re.DOTALL)
    if _NEEDLESS.search(simple):
        raise BadPattern("needless")
    of_groups, longest = 1, 1
    for group, least, most in _COUNT.findall(simple):
        count = max(1, int((least or "0")[:9]), int((most or "0")[:9]))
        of_groups *= count if group else 1
        longest = longest if group else max(longest, count)
    if of_groups * longest > _MOST_REPEATS:
        raise BadPattern("heavy")


def _probes(pattern: str) -> Iterator[str]:
    """Texts that make a careless expression try everything: runs of its own letters with a wrong end."""
    letters = list(dict.fromkeys(char for char in re.sub(r"\\.", "", pattern) if char.isalnum()))[:12]
    for char in ("a", "1", "中", " ", *letters):
        yield char * 40 + "!"
    yield "ab" * 30 + "!"
    yield "".join(letters) * 20 + "!"
