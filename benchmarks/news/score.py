"""The measure of the scrapinghub benchmark: shingles of four words, precision and recall averaged over pages.

For Chinese one character is one word, since the benchmark's own words are what stands between spaces there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

__all__ = ["F1", "Counts", "compare", "f1", "macro", "same_authors", "same_day"]

_CJK = "\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff"
_WORDS = re.compile(r"\w+")
_CHARACTERS = re.compile(f"[{_CJK}]|[^\\W{_CJK}]+")
_SHINGLE = 4

Counts = tuple[int, int, int]  # shingles found, too many, missing


@dataclass(frozen=True)
class F1:
    """F1 of the mean precision and the mean recall, as the benchmark has it."""

    f1: float
    precision: float
    recall: float


def _shingles(text: str, cjk: bool) -> Counter[tuple[str, ...]]:
    words = (_CHARACTERS if cjk else _WORDS).findall(text)
    return (
        Counter(tuple(words[at : at + _SHINGLE]) for at in range(max(1, len(words) - _SHINGLE + 1)))
        if words
        else Counter()
    )


def compare(true: str, found: str, *, cjk: bool) -> Counts:
    """How many shingles of the true text were found, how many are too many, how many are missing."""
    expected, given = _shingles(true, cjk), _shingles(found, cjk)
    same = sum((expected & given).values())
    return same, sum(given.values()) - same, sum(expected.values()) - same


def f1(counts: Counts) -> float:
    """One page's F1."""
    same, extra, missing = counts
    return 2 * same / (2 * same + extra + missing) if same else float(extra == missing == 0)


def macro(pages: Sequence[Counts]) -> F1:
    """Over all pages; a page where nothing was found has no precision."""
    precisions = [same / (same + extra) for same, extra, _ in pages if same + extra]
    recalls = [same / (same + missing) for same, _, missing in pages if same + missing]
    precision, recall = (sum(each) / len(each) if each else 0.0 for each in (precisions, recalls))
    return F1(2 * precision * recall / (precision + recall or 1), precision, recall)


def same_day(true: datetime, found: datetime | None) -> bool:
    """Whether both name the same day, in the zone of either (naive ones are as the page writes them)."""
    if found is None:
        return False
    if true.tzinfo is None:
        return true.date() in (found.date(), (found.astimezone().replace(tzinfo=None)).date())
    return true.date() == found.astimezone(true.tzinfo).date() or abs(true - found) < timedelta(hours=1)


def same_authors(true: Iterable[str], found: str) -> bool:
    """Whether exactly the true names were found."""

    def names(each: Iterable[str]) -> set[str]:
        return {" ".join(name.split()).casefold() for name in each if name.strip()}

    return names(true) == names(re.split(r"[、;；]|, ", found))
