"""The tables behind `tools.chinese`: OpenCC's dictionaries asked once per process, and the house's own lists from rag_data/chinese.

A character is Simplified-only when OpenCC's `s2t` changes it and it is not in Big5's first level (lead bytes A4 to C6, the 5,401
characters in common use in Taiwan): 后, 里, 干, 台, 面 are ordinary Traditional characters too. `script.yaml` holds the exceptions.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from tools.settings import data_dir

__all__ = ["HAN", "Mode", "Script", "Term", "convert", "fold_table", "script", "term_pattern", "terms"]

Mode = Literal["sure", "simplified", "report"]
HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_HAN_RANGES = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x323B0))
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Term:
    """One row of mainland_terms.csv. `not_in` holds longer Taiwanese words in which the same characters are fine."""

    mainland: str
    taiwan: str
    mode: Mode
    not_in: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Script:
    """What script.yaml says, ready for use: sets of single characters, `as_is` by folded word, `words` with their repair by place."""

    simplified: frozenset[str]
    traditional: frozenset[str]
    shared: frozenset[str]
    loose: frozenset[str]
    as_is: Mapping[str, tuple[str, ...]]
    as_is_pattern: re.Pattern[str]
    words: Mapping[str, Mapping[int, str]]
    words_pattern: re.Pattern[str]
    surname_pattern: re.Pattern[str]
    prefer: Mapping[str, str]
    corrections: Mapping[str, str]
    corrections_pattern: re.Pattern[str]


@cache
def _opencc(config: str) -> Callable[[str], str]:
    import opencc

    return opencc.OpenCC(config).convert


def convert(text: str, config: str = "s2tw") -> str:
    """`text` through OpenCC, always of the same length, so that positions before and after agree.

    `s2tw` and not `s2twp`: the latter's phrase table is meant for software manuals, and turns 人格類型, 戀愛對象 and 我支持你 into
    型別, 物件 and 支援.
    """
    safe = _SURROGATE.sub("\ufffd", text)
    done = _opencc(config)(safe)
    if len(done) == len(text):
        return done
    singles = (_opencc(config)(char) for char in safe)
    return "".join(new if len(new) == 1 else char for char, new in zip(safe, singles, strict=True))


def _changed(config: str) -> dict[str, str]:
    """Every Han character that `config` changes on its own, with what it becomes."""
    every = [chr(code) for start, stop in _HAN_RANGES for code in range(start, stop)]
    # One call: a line break between characters keeps the dictionary's phrases out.
    return {
        char: new for char, new in zip(every, convert("\n".join(every), config).split("\n"), strict=True) if new != char
    }


def _common_in_taiwan(char: str) -> bool:
    try:
        code = char.encode("big5")
    except UnicodeEncodeError:
        return False
    return len(code) == 2 and 0xA4 <= code[0] <= 0xC6


@cache
def fold_table() -> dict[int, str]:
    """For `str.translate`: every Traditional, Taiwanese or variant character to its Simplified one, one for one."""
    to_simplified = _changed("tw2s")
    table = {}
    for char, new in to_simplified.items():
        while new in to_simplified and to_simplified[new] != char:
            new = to_simplified[new]
        table[ord(char)] = new
    return table


def _longest_first(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(
        "|".join(re.escape(word) for word in sorted(set(words), key=lambda word: (-len(word), word))) or r"(?!)"
    )


@cache
def script() -> Script:
    """The lists of script.yaml joined with what OpenCC says.

    Raises:
        FileNotFoundError, KeyError, yaml.YAMLError: the data file is missing or not of its shape.
    """
    import yaml

    lists = yaml.safe_load((data_dir() / "chinese" / "script.yaml").read_text(encoding="utf-8"))
    changed = _changed("s2t")
    simplified = {char for char in changed if not _common_in_taiwan(char)} - set(lists["legal"]) | set(
        lists["simplified"]
    )
    # Asked of s2tw, so that Taiwan's own choices (吃, 床, 群) are left out: they are no sign of either script.
    shared = {char for char in _changed("s2tw") if _common_in_taiwan(char) or char in lists["legal"]} - simplified
    words = {word: {at: new for at, new in enumerate(convert(word)) if new != word[at]} for word in lists["words"]}
    as_is: dict[str, tuple[str, ...]] = {}
    for word in lists["as_is"]:
        key = word.translate(fold_table())
        as_is[key] = (*as_is.get(key, ()), word)
    surnames, not_after = lists["surnames"], lists["surname_not_after"]
    titles = "|".join(
        sorted({form for title in lists["titles"] for form in (title, title.translate(fold_table()))}, key=len)
    )
    return Script(
        simplified=frozenset(simplified),
        traditional=frozenset(_changed("t2s")) - simplified,
        shared=frozenset(shared),
        loose=frozenset(lists["loose"]),
        as_is=as_is,
        as_is_pattern=_longest_first(as_is),
        words=words,
        words_pattern=_longest_first(words),
        surname_pattern=re.compile(f"(?<=姓)[{surnames}]|(?<![{not_after}])[{surnames}](?={titles})"),
        prefer=lists["prefer"],
        corrections=lists["corrections"],
        corrections_pattern=_longest_first(lists["corrections"]),
    )


@cache
def terms() -> tuple[Term, ...]:
    """Every row of mainland_terms.csv in the file's order; `not_in` is split at `|`."""
    with (data_dir() / "chinese" / "mainland_terms.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Term(
                row["mainland"], row["taiwan"], row["mode"], tuple(filter(None, row["not_in"].split("|"))), row["note"]
            )
            for row in csv.DictReader(file)
        )


@cache
def term_pattern() -> tuple[re.Pattern[str], Mapping[str, Term | None]]:
    """A pattern over folded text, longest word first, and what each folded word means: a `Term`, or None for a word that is fine."""
    found: dict[str, Term | None] = {}
    for term in terms():
        for word in term.not_in:
            found.setdefault(word.translate(fold_table()), None)
    for term in terms():
        found[term.mainland.translate(fold_table())] = term
    return _longest_first(found), found
