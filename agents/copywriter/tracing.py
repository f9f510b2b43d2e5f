"""Claims in copy: numbers, materials, places, certificates, effects, praise. Each has to stand in a fact, or its sentence goes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from agents.copywriter import data
from agents.copywriter.evidence import Evidence, Held, denied, shared
from agents.copywriter.measures import plain, quantities

__all__ = ["Finding", "findings", "names_forbidden"]

_LATIN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9]*(?:[-.'][A-Za-z0-9]+)*")
_ECHO = 0.6  # share of an order's pairs of characters from which a sentence counts as following it
# Who speaks may be named as a source: 來自我們的小店.
_OWN = re.compile(r"[我您你]|店|自家|手裡|心")


@dataclass(frozen=True)
class Finding:
    """A claim and the fact it rests on; without one, `key` and `words` (or the group) say why its sentence has to go."""

    claim: str
    fact: Held | None
    group: str
    words: str = ""


def findings(text: str, evidence: Evidence) -> list[Finding]:
    """Every claim of one sentence."""
    said = plain(text)
    free = said
    for name in sorted({plain(evidence.name), plain(evidence.shop)}, key=len, reverse=True):
        free = free.replace(name, "\n" * len(name))  # a proper name claims nothing
    found = [*_numbers(free, evidence), *_words(free, evidence), *_patterns(free, evidence), *_latin(free, evidence)]
    if evidence.orders and shared(evidence.orders, text) >= _ECHO:
        found.append(Finding(text.strip(), None, "from_order"))
    return found


def names_forbidden(name: str) -> str:
    """A word in a product's own name that advertising may not use, "" for none."""
    said = plain(name)
    groups = [group for group in data.claims().groups if group.never]
    return next((word for group in groups for word in group.words if word in said), "")


def _numbers(text: str, evidence: Evidence) -> Iterator[Finding]:
    for one in quantities(text):
        if one.chinese and not one.family:
            continue
        fact = evidence.number(one, text[: one.start])
        if fact is None and one.chinese:  # 千層, 九份: a numeral inside a word that the facts have is that word
            fact = evidence.word(one.text)
        yield Finding(one.text, fact, "number", "" if fact else one.text)


def _words(text: str, evidence: Evidence) -> Iterator[Finding]:
    free = [True] * len(text)
    for hit in _lexicon().finditer(text.casefold()):
        if not all(free[hit.start() : hit.end()]):
            continue
        group = _groups()[hit[0]]
        if any(text.find(but, max(0, hit.start() - len(but)), hit.end() + len(but)) >= 0 for but in group.but):
            continue
        free[hit.start() : hit.end()] = [False] * len(hit[0])
        word = text[hit.start() : hit.end()]
        if group.never:
            if not text[: hit.start()].endswith(tuple(data.claims().disclaims)):
                yield Finding(word, None, group.id, word)
            continue
        negated = denied(text, hit.start())
        fact = evidence.word(word, negated)
        yield Finding(_told(text, hit, negated), fact, group.id, "" if fact else word)


def _told(text: str, hit: re.Match[str], negated: bool) -> str:
    if not negated:
        return text[hit.start() : hit.end()]
    word = max((word for word in data.claims().free if word in text[max(0, hit.start() - 9) : hit.start()]), key=len)
    return text[text.rfind(word, 0, hit.start()) : hit.end()]


def _patterns(text: str, evidence: Evidence) -> Iterator[Finding]:
    for group in data.claims().groups:
        for pattern in data.patterns(group.id):
            for hit in pattern.finditer(text):
                x = hit["x"].strip()
                if group.id == "place" and _OWN.search(x):
                    continue
                if group.never:
                    yield Finding(hit[0].strip(), None, group.id, x)
                    continue
                negated = denied(text, hit.start("x"))
                fact = evidence.word(x, negated)
                if fact is None and not negated and group.id not in ("link", "superlative"):
                    fact = evidence.phrase(x)
                yield Finding(hit[0].strip(), fact, group.id, "" if fact else x)


def _latin(text: str, evidence: Evidence) -> Iterator[Finding]:
    known = set(data.claims().latin)
    for hit in _LATIN.finditer(text):
        word = hit[0].casefold()
        if word in known or re.search(r"\d\s?$", text[: hit.start()]):
            continue
        fact = evidence.word(word)
        yield Finding(hit[0], fact, "name", "" if fact else hit[0])


@cache
def _groups() -> dict[str, data.Group]:
    return {plain(word).casefold(): group for group in data.claims().groups for word in group.words}


@cache
def _lexicon() -> re.Pattern[str]:
    # The longest word first: 純棉 is not 棉, 無添加 is said of what follows.
    return re.compile("|".join(re.escape(word) for word in sorted(_groups(), key=len, reverse=True)))
