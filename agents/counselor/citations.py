"""Checks on an answer's citations: marks [n] must name passages that were given, and sentences must resemble them.

A model is told to cite; it is not believed. Ids that were never given are dropped, each cited sentence is compared with its
passages by character bigrams (script-folded), and marks are renumbered once, in order of appearance.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Checked", "check_citations", "split_follow_ups"]

# A sentence shares at least this share of its bigrams with what it cites. Paraphrases of our passages measured 0.2-0.6,
# sentences about other things 0.00-0.08.
_SUPPORT = 0.12
_MARK = re.compile(r"[\[［【]\s*(\d{1,3}(?:\s*[,，、]\s*\d{1,3})*)\s*[\]］】]")
_SENTENCE = re.compile(r"[^。！？!?\n]*(?:[。！？!?]+[」』）)]*|\n|$)(?:\s*\[\d+\])*")
FOLLOW_UPS = "【追問】"


@dataclass(frozen=True)
class Checked:
    """A checked answer. `order` maps new numbers to the numbers the passages had; `unsupported` are sentences whose
    citations do not hold; `dropped` counts marks that named no passage."""

    text: str
    order: Mapping[int, int]
    unsupported: tuple[str, ...]
    dropped: int


def split_follow_ups(text: str, limit: int = 3) -> tuple[str, list[str]]:
    """The answer and the follow-up questions that stand after the marker, one a line."""
    body, _, tail = text.partition(FOLLOW_UPS)
    lines = (re.sub(r"^[\s\-*•·\d.、)）]+", "", line).strip() for line in tail.splitlines())
    questions = [line for line in lines if 3 <= len(line) <= 60 and not line.startswith("[")]
    return body.strip(), questions[:limit]


def check_citations(text: str, passages: Mapping[int, str], *, compare: bool = True) -> Checked:
    """Check and renumber the marks of `text` against `passages` (number to text).

    `compare=False` checks the numbers only (an answer in another language than the passages shares no bigrams).
    """
    dropped = 0

    def known(match: re.Match[str]) -> str:
        nonlocal dropped
        numbers = [int(number) for number in re.findall(r"\d+", match.group(1))]
        valid = [number for number in numbers if number in passages]
        dropped += len(numbers) - len(valid)
        return "".join(f"[{number}]" for number in valid)

    text = _MARK.sub(known, text)
    unsupported = _unsupported(text, passages) if compare else ()
    order: dict[int, int] = {}

    def renumbered(match: re.Match[str]) -> str:
        old = int(match.group(1))
        new = next((n for n, o in order.items() if o == old), None)
        if new is None:
            new = len(order) + 1
            order[new] = old
        return f"[{new}]"

    text = re.sub(r"\[(\d{1,3})\]", renumbered, text)
    return Checked(_tidy(text), order, unsupported, dropped)


def _unsupported(text: str, passages: Mapping[int, str]) -> tuple[str, ...]:
    found = []
    for sentence in _SENTENCE.findall(text):
        cited = [int(number) for number in re.findall(r"\[(\d{1,3})\]", sentence)]
        if not cited:
            continue
        claim = re.sub(r"\[\d{1,3}\]", "", sentence).strip()
        if _support(claim, [passages[number] for number in cited]) < _SUPPORT:
            found.append(claim)
    return tuple(found)


def _support(claim: str, texts: Sequence[str]) -> float:
    """The share of the claim's bigrams that its passages hold, 0..1; a claim too short to judge counts as held."""
    wanted = _bigrams(claim)
    if len(wanted) < 4:
        return 1.0
    return len(wanted & _bigrams("\n".join(texts))) / len(wanted)


def _bigrams(text: str) -> set[str]:
    from tools.chinese import fold

    runs = re.findall(r"\w+", fold(text))
    return {run[i : i + 2] for run in runs for i in range(len(run) - 1)}


def _tidy(text: str) -> str:
    text = re.sub(r"[ \t]+\n", "\n", text)
    text = re.sub(r"(\[\d+\])(?:\1)+", r"\1", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()
