"""Cuts text into sentences or clauses for `tools.chinese`, and marks what nobody may touch: URLs, code, [n] marks, Japanese.

All state moves forward only, so that a text is cut alike whether it arrives whole or a character at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tools.chinese_tables import HAN, convert, fold_table, term_pattern

__all__ = ["Clause", "Scanner"]

_CLAUSE_LIMIT = 40  # characters a stream may hold back while no clause ends
_LOOKAHEAD, _SEAMS = (
    4,
    8,
)  # a forced cut leaves this many characters behind it, and looks this far back for a place between words
_QUOTES = {"「": "」", "『": "』", "“": "”", "《": "》", "〈": "〉"}
# What may stand in a URL after its host: any script, so that an unescaped title stays whole, but no Chinese punctuation.
_PATH = r"[^\s<>\"'`()「」『』《》〈〉（）【】“”，。；：！？、…]"
# Every repeat is bounded, so that text from strangers costs linear time and a stream knows how long a doubt can last.
_KEPT = rf"""(?P<kept>
    `[^`\n]{{1,200}}`
  | (?:(?i:https?)://(?:[A-Za-z0-9._%:@~\[\]-]{{1,255}}|[{HAN}][\w.-]{{0,255}}(?=/))|www\.[A-Za-z0-9.-]{{1,255}})
      (?:[/?\#](?:\({_PATH}{{0,200}}\)|{_PATH}){{0,2000}})?
  | [A-Za-z0-9._%+-]{{1,64}}@[A-Za-z0-9-]{{1,63}}(?:\.[A-Za-z0-9-]{{1,63}}){{1,8}}
  | \[\d{{1,3}}(?:[,、，\s–-]{{1,2}}\d{{1,3}}){{0,6}}\]
  | 「(?=[^「」\n]{{0,60}}[ぁ-ゖァ-ヺー])[^「」\n]{{0,60}}」
  | 『(?=[^『』\n]{{0,60}}[ぁ-ゖァ-ヺー])[^『』\n]{{0,60}}』
  | [\ud800-\udfff])"""
_STOPS = rf"(?P<fence>`{{3,}})|(?P<end>[。！？!?\n]|\.(?=\s|[{HAN}]|\Z))|(?P<pause>[；，、：])"
_IN_FENCE = re.compile(r"(?P<kept>(?!))|(?P<fence>`{3,})|(?P<end>\n)|(?P<pause>(?!))|.", re.DOTALL)
_ASCII = r"[A-Za-z0-9._%+@:/-]"
# At the end of what has arrived, these may still become something that is kept, and a kept part may still grow by these.
_UNDECIDED = re.compile(
    rf"(?:`[^`\n]{{0,200}}|`+|「[^「」\n]{{0,60}}|『[^『』\n]{{0,60}}|\[[\d,、，\s–-]{{0,34}}|{_ASCII}{{1,320}}"
    rf"|(?i:https?)://[{HAN}][\w.-]{{0,255}})\Z"
)
_GROWING = re.compile(rf"(?:{_ASCII}{{0,320}}|\({_PATH}{{0,200}})\Z")


@dataclass
class Clause:
    """Characters with, for each, whether it passes untouched and whether it stands in quotes."""

    chars: list[str] = field(default_factory=list)
    kept: list[bool] = field(default_factory=list)
    quoted: list[bool] = field(default_factory=list)
    closes: bool = False  # the sentence ends here

    def split(self, at: int) -> Clause:
        """Takes the first `at` characters out."""
        head = Clause(self.chars[:at], self.kept[:at], self.quoted[:at])
        del self.chars[:at], self.kept[:at], self.quoted[:at]
        return head


class Scanner:
    """Cuts text into sentences or clauses. All its state moves forward, so that a stream and a whole text are cut alike."""

    def __init__(self, keep: Sequence[str], by_clause: bool) -> None:
        kept = "|".join(re.escape(word) for word in sorted(filter(None, keep), key=len, reverse=True))
        # Nothing to be kept starts with Han, so a run of it is one token, unless the caller's words may start or a cut may fall in it.
        plain = "." if kept or by_clause else f"[{HAN}]+|."
        # `keep` is outside the verbose part: its spaces count.
        self._prose = re.compile(f"(?P<asked>{kept or '(?!)'})|(?x:{_KEPT})|{_STOPS}|{plain}", re.DOTALL)
        self._by_clause = by_clause
        self._fence = 0
        self._closers: list[str] = []
        self._rest = ""
        self._open = Clause()

    def push(self, delta: str, final: bool) -> Iterator[Clause]:
        text, at = self._rest + delta, 0
        while at < len(text):
            token = (_IN_FENCE if self._fence else self._prose).match(text, at)
            if token is None or (not final and self._may_change(token, text)):
                break
            at = token.end()
            self._take(token)
            if token["end"] or (token["pause"] and self._by_clause):
                self._open.closes = bool(token["end"])
                done, self._open = self._open, Clause()
                yield done
            elif self._by_clause and len(self._open.chars) >= _CLAUSE_LIMIT:
                yield self._open.split(_seam(self._open))
        self._rest = text[at:]
        if final and self._open.chars:
            yield self._open.split(len(self._open.chars))

    @staticmethod
    def _may_change(token: re.Match[str], text: str) -> bool:
        return bool(_UNDECIDED.match(text, token.start()) or (token["kept"] and _GROWING.match(text, token.end())))

    def _take(self, token: re.Match[str]) -> None:
        piece, run = token[0], token["fence"]
        kept = bool(self._fence or run or token["kept"] or token.groupdict().get("asked"))
        if run:
            self._fence = 0 if 0 < self._fence <= len(run) else self._fence or len(run)
        elif not kept and piece in _QUOTES:
            self._closers.append(_QUOTES[piece])
        elif self._closers and piece == self._closers[-1]:
            self._closers.pop()
        elif piece == "\n":  # a quotation mark that is never closed holds for its line
            self._closers.clear()
        self._open.chars += piece
        self._open.kept += [kept] * len(piece)
        self._open.quoted += [bool(self._closers)] * len(piece)


def _seam(clause: Clause) -> int:
    """Where to cut a long clause: the last place that splits neither a word the dictionary knows nor anything kept."""
    text, last = "".join(clause.chars), max(len(clause.chars) - _LOOKAHEAD, 1)
    whole, words = convert(text), [match.span() for match in term_pattern()[0].finditer(text.translate(fold_table()))]
    for at in range(last, max(last - _SEAMS, 0), -1):
        if (clause.kept[at - 1] and clause.kept[at]) or any(start < at < end for start, end in words):
            continue
        if convert(text[:at]) + convert(text[at:]) == whole:
            return at
    return len(text) if clause.kept[-1] else last
