"""Cutting a text into words of the table: the likeliest cut under word probabilities, in Chinese and in English."""

from __future__ import annotations

import re
import zlib
from collections import Counter

from tools.retrieval.gloss.table import Table

__all__ = ["Segmenter"]

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUNS = f"(?P<han>[{_HAN}]+)|[^\\W_{_HAN}]+(?:['\\u2019][^\\W_{_HAN}]+)*"
# Worse than any word the table knows, so a run is cut around a character that has no entry.
_UNKNOWN = -25.0
# A word the table lacks has an id of its own behind the table's: the same word, the same id, in any text.
_UNKNOWN_IDS = 1 << 30
# Longer runs of Han characters without any other sign are no language; cut, they cannot make the search quadratic.
_LONGEST = 2_000
# English endings that a word may lose or change before it is looked up again.
_ENDINGS = (
    ("ies", "y"),
    ("ied", "y"),
    ("es", ""),
    ("s", ""),
    ("ing", ""),
    ("ing", "e"),
    ("ed", ""),
    ("ed", "e"),
    ("ly", ""),
)


class Segmenter:
    """Read-only once built, safe for many threads."""

    def __init__(self, table: Table) -> None:
        self._ids = table.ids
        self._size = len(table)
        self._cost = table.log_probability.tolist()
        # The longest word that begins with these two characters: most pairs begin none, which ends the look-ups at once.
        self._reach: dict[str, int] = {}
        for word in table.words:
            if len(word) > self._reach.get(word[:2], 1):
                self._reach[word[:2]] = len(word)
        # i人 and 森77 are words too, though their halves are of different scripts.
        mixed = [word for word in table.words if (word[0] < "\u3000") != (word[-1] < "\u3000")]
        first = "".join(f"{re.escape(word)}|" for word in sorted(mixed, key=len, reverse=True))
        self._runs = re.compile(first + _RUNS)

    def counts(self, text: str) -> Counter[int]:
        """Word id -> how often. Ids from `len(table)` on stand for words (names, numbers) the table does not know."""
        from tools.chinese import fold

        found: Counter[int] = Counter()
        for run in self._runs.finditer(fold(text)):
            word = run.group()
            if run.lastgroup is None:
                found[self._foreign(word)] += 1
                continue
            for start in range(0, len(word), _LONGEST):
                self._chinese(word[start : start + _LONGEST], found)
        return found

    def _foreign(self, word: str) -> int:
        word = word.replace("\u2019", "'").removesuffix("'s")
        known = self._ids.get(word)
        if known is not None:
            return known
        for ending, instead in _ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= 3:
                known = self._ids.get(word.removesuffix(ending) + instead)
                if known is not None:
                    return known
        return self._stranger(word)

    def _stranger(self, word: str) -> int:
        return self._size + zlib.crc32(word.encode("utf-8", "surrogatepass")) % (_UNKNOWN_IDS - self._size)

    def _chinese(self, run: str, found: Counter[int]) -> None:
        """Viterbi from the right: `best[i]` is the log probability of the likeliest cut of run[i:]."""
        ids, cost, reach, end = self._ids, self._cost, self._reach, len(run)
        best = [0.0] * (end + 1)
        step: list[tuple[int, int]] = [(0, 0)] * end
        for start in range(end - 1, -1, -1):
            known = ids.get(run[start])
            top = (cost[known] if known is not None else _UNKNOWN) + best[start + 1]
            taken = (start + 1, known if known is not None else -1)
            longest = reach.get(run[start : start + 2])
            if longest is not None:
                for stop in range(start + 2, min(start + longest, end) + 1):
                    known = ids.get(run[start:stop])
                    if known is not None and cost[known] + best[stop] > top:
                        top, taken = cost[known] + best[stop], (stop, known)
            best[start] = top
            step[start] = taken
        at = 0
        while at < end:
            following, id_ = step[at]
            found[id_ if id_ >= 0 else self._stranger(run[at])] += 1
            at = following
