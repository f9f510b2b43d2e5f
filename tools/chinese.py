"""The Traditional-Chinese guard: finds, repairs and reports Simplified characters and mainland terms in text written for Taiwan.

Good Traditional text passes byte for byte. A sentence with a Simplified-only character (or a word Taiwan never spells so) is converted
whole, because only its neighbours say whether 后 is 後, and 发 is 發 or 髮. URLs, e-mail addresses, code, [n] marks and quotations in Japanese
are neither changed nor counted. Which characters and words count is data: see `tools.chinese_tables`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tools.chinese_scan import Clause, Scanner
from tools.chinese_tables import HAN, Term, convert, fold_table, script, term_pattern

__all__ = ["ClauseStream", "Repaired", "ScriptReport", "fold", "inspect", "to_taiwan"]

_IS_HAN = re.compile(f"[{HAN}]")


@dataclass(frozen=True)
class ScriptReport:
    """What was found in a text. `terms` has one pair per occurrence, ambiguous ones (質量, 水平) included."""

    characters: int = 0
    simplified: tuple[str, ...] = ()
    simplified_count: int = 0
    quoted_simplified_count: int = 0
    terms: tuple[tuple[str, str], ...] = ()

    @property
    def simplified_share(self) -> float:
        """Simplified-only characters outside quotes, as a part (0 to 1) of all Chinese characters."""
        return self.simplified_count / self.characters if self.characters else 0.0

    @property
    def terms_per_1000(self) -> float:
        """Mainland terms outside quotes per 1,000 Chinese characters."""
        return 1000 * len(self.terms) / self.characters if self.characters else 0.0

    @property
    def clean(self) -> bool:
        """No Simplified character, quoted or not, and no mainland term."""
        return not (self.simplified_count or self.quoted_simplified_count or self.terms)


@dataclass(frozen=True)
class Repaired:
    """A repaired text with what was found before and what is left after."""

    text: str
    before: ScriptReport
    after: ScriptReport
    original: str = field(repr=False, default="")

    @property
    def changed(self) -> bool:
        """Whether any character differs from what was given."""
        return self.text != self.original


def inspect(text: str) -> ScriptReport:
    """What `to_taiwan` would find in `text`."""
    return _inspect(text, ())


def to_taiwan(text: str, *, keep: Sequence[str] = ()) -> Repaired:
    """`text` as Taiwan writes it. Substrings in `keep` (verbatim quotations, names) pass as they are and are not counted."""
    guard = _Guard(keep)
    repaired = guard.push(text, final=True)
    return Repaired(repaired, guard.report, _inspect(repaired, keep), text)


def fold(text: str) -> str:
    """A key for matching only: NFKC, casefolded, Traditional and Simplified as one. Never show it: 後 and 后 are the same in it."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return plain.translate(fold_table())


class ClauseStream:
    """Repairs text while it streams. What `feed` returns is final; the same text gives the same output however it was split."""

    def __init__(self) -> None:
        self._guard = _Guard((), by_clause=True)

    def feed(self, delta: str) -> str:
        """The repaired clauses that `delta` completes; empty while a clause, a URL, code or a [n] mark is still open."""
        return self._guard.push(delta)

    def close(self) -> str:
        """The repaired rest."""
        return self._guard.push("", final=True)

    @property
    def report(self) -> ScriptReport:
        """What was found, before repair, in all that has been returned so far."""
        return self._guard.report


class _Guard:
    """Repairs what a scanner cuts, and counts. A sentence found Simplified stays so for its later clauses."""

    def __init__(self, keep: Sequence[str], by_clause: bool = False) -> None:
        self._scanner = Scanner(keep, by_clause)
        self._leaks = self._traditional = 0  # in the sentence so far
        self._characters = self._quoted = 0
        self._found: list[str] = []
        self._terms: list[tuple[str, str]] = []

    @property
    def report(self) -> ScriptReport:
        distinct = tuple(dict.fromkeys(self._found))
        return ScriptReport(self._characters, distinct, len(self._found), self._quoted, tuple(self._terms))

    def push(self, delta: str, *, final: bool = False) -> str:
        return "".join([self._repair(clause) for clause in self._scanner.push(delta, final)])

    def _repair(self, clause: Clause) -> str:
        text = "".join(clause.chars)
        held, leaks = _marks(text, clause.kept)
        self._leaks += len(leaks)
        self._traditional += sum(
            char in script().traditional for char, kept in zip(text, clause.kept, strict=True) if not kept
        )
        self._count(clause, text, leaks)
        foreign = self._leaks > 0
        if foreign:
            text = _convert(text, clause.kept, held, leaks, mostly_traditional=self._traditional >= self._leaks)
        if clause.closes:
            self._leaks = self._traditional = 0
        return _replace_terms(text, clause, foreign)

    def _count(self, clause: Clause, text: str, leaks: dict[int, str]) -> None:
        self._characters += sum(
            not kept and bool(_IS_HAN.match(char)) for char, kept in zip(text, clause.kept, strict=True)
        )
        self._found += [text[at] for at in leaks if not clause.quoted[at]]
        self._quoted += sum(clause.quoted[at] for at in leaks)
        self._terms += [(term.mainland, term.taiwan) for _, _, term in _find_terms(text, clause)]


def _inspect(text: str, keep: Sequence[str]) -> ScriptReport:
    guard = _Guard(keep)
    guard.push(text, final=True)
    return guard.report


def _marks(text: str, kept: Sequence[bool]) -> tuple[set[int], dict[int, str]]:
    """Positions that stay as written (拮据, 范先生), and positions that are Simplified with what each becomes."""
    lists = script()
    held = {match.start() for match in lists.surname_pattern.finditer(text)}
    for match in lists.as_is_pattern.finditer(text.translate(fold_table())):
        for word in lists.as_is[match[0]]:
            held |= {match.start() + i for i, char in enumerate(word) if text[match.start() + i] == char}
    leaks = {at: convert(char) for at, char in enumerate(text) if char in lists.simplified}
    for match in lists.words_pattern.finditer(text):
        if held.isdisjoint(range(*match.span())):
            leaks |= {match.start() + i: char for i, char in lists.words[match[0]].items()}
    return held, {at: leaks[at] for at in sorted(leaks.keys() - held) if not kept[at]}


def _convert(
    text: str, kept: Sequence[bool], held: set[int], leaks: dict[int, str], *, mostly_traditional: bool
) -> str:
    """The whole text in Taiwan's characters, position by position.

    In a mostly Traditional sentence an ordinary character (岳, 征, 范) away from any leak is taken to be meant as written.
    """
    lists = script()
    done = lists.corrections_pattern.sub(lambda match: lists.corrections[match[0]], convert(text))
    out = []
    for at, (old, new) in enumerate(zip(text, done, strict=True)):
        meant = (
            mostly_traditional
            and old in lists.shared
            and old not in lists.loose
            and leaks.keys().isdisjoint((at - 1, at, at + 1))
        )
        if new == old and at in leaks:  # a longer phrase of the dictionary took its neighbour away
            new = leaks[at]
        out.append(old if kept[at] or at in held or meant or lists.prefer.get(new) == old else new)
    # 来自于 is a word of the list only now that it reads 來自于.
    for at, new in _marks("".join(out), kept)[1].items():
        out[at] = new
    return "".join(out)


def _replace_terms(text: str, clause: Clause, foreign: bool) -> str:
    """Taiwan's words for the sure terms. Again until nothing is left: two terms may share a character (數據集, 集成電路)."""
    for _ in range(4):
        found = [
            hit
            for hit in _find_terms(text, clause)
            if hit[2].mode == "sure" or (foreign and hit[2].mode == "simplified")
        ]
        if not found:
            break
        for start, end, term in reversed(found):
            text = text[:start] + term.taiwan + text[end:]
            clause.kept[start:end] = clause.quoted[start:end] = [False] * len(term.taiwan)
    return text


def _find_terms(text: str, clause: Clause) -> Iterator[tuple[int, int, Term]]:
    """Mainland terms outside quotes and kept parts, in either script."""
    pattern, meaning = term_pattern()
    for match in pattern.finditer(text.translate(fold_table())):
        term, span = meaning[match[0]], slice(*match.span())
        if term and not any(clause.kept[span]) and not any(clause.quoted[span]):
            yield match.start(), match.end(), term
