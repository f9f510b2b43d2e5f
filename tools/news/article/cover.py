"""How much of each block of a page a text holds: what an extractor took, or what a person marked as the story."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from tools.news.article.blocks import key

__all__ = ["cover"]

# Runs of so many letters do not meet by chance. A Chinese character tells more than a letter of the alphabet.
_RUN, _RUN_CJK = 14, 7
_HELD = {length: b"\1" * length for length in (_RUN, _RUN_CJK)}
_MAX_TEXT = 400_000
# A line is held or not; of a paragraph a part may be (an extractor leaves out links or notes in it).
_WHOLE, _PART, _PARAGRAPH = 0.9, 0.5, 80
_ONCE = 8  # a shorter block (更多, 24) may stand on a page as often as it likes
_NEAR = 8  # how many blocks either side say which of two equal blocks is meant


def cover(keys: Sequence[str], text: str) -> list[float]:
    """For each block (given by its `key`) the part of it, 0 to 1, that `text` holds in the same order as the page.

    Linear in both. A short block counts where it stands in the text beside its neighbours, or as a line of its own; of
    equal blocks only as many count as the text has, those first whose neighbours it holds too.
    """
    text = text[:_MAX_TEXT]
    lines = {line for line in map(key, text.split("\n")) if line}
    held = "".join(map(key, text.split("\n")))
    if not held:
        return [0.0] * len(keys)
    cjk = sum("\u3040" <= char <= "\u9fff" for char in held[:4000]) > 0.3 * len(held[:4000])
    run = _RUN_CJK if cjk else _RUN
    runs = {held[at : at + run] for at in range(max(1, len(held) - run + 1))}
    found = _shares(keys, runs, run)
    for at, block in enumerate(keys):
        if found[at] < 1.0 and len(block) < run and block in lines:
            found[at] = 1.0
    _settle_equal(keys, found, held)
    return found


def _shares(keys: Sequence[str], runs: set[str], run: int) -> list[float]:
    """The part of each block's letters that lie in a run which the text has too; runs reach over the blocks' ends."""
    page = "".join(keys)
    covered = bytearray(len(page))
    for at in [at for at in range(len(page) - run + 1) if page[at : at + run] in runs]:
        covered[at : at + run] = _HELD[run]
    shares, start = [], 0
    for block in keys:
        end = start + len(block)
        share = covered.count(1, start, end) / len(block) if block else 0.0
        shares.append(share if share >= _WHOLE or (len(block) > _PARAGRAPH and share >= _PART) else 0.0)
        start = end
    return shares


def _settle_equal(keys: Sequence[str], found: list[float], held: str) -> None:
    """Of blocks with the same words, take those away for which the text has no copy left."""
    equal: dict[str, list[int]] = defaultdict(list)
    for at, block in enumerate(keys):
        if found[at] >= 0.9 and len(block) >= _ONCE:
            equal[block].append(at)
    repeated = {at for places in equal.values() if len(places) > 1 for at in places}

    def company(at: int) -> float:
        around = range(max(0, at - _NEAR), min(len(keys), at + _NEAR + 1))
        return sum(len(keys[i]) * found[i] / (1 + abs(at - i)) for i in around if i not in repeated)

    for block, places in equal.items():
        if len(places) > 1:
            copies = max(1, held.count(block))
            for at in sorted(places, key=lambda place: (-company(place), place))[copies:]:
                found[at] = 0.0
