"""Checks on an answer's citations: marks [n] must name passages that were given, and sentences must resemble them.

A model is told to cite; it is not believed. Ids that were never given are dropped, each cited sentence is compared with its
passages and marked where they do not support it, and marks are renumbered once, in order of appearance.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["FOLLOW_UPS", "MEMORY", "Checked", "Parts", "check_citations", "taken_apart"]

_MARK = re.compile(r"[\[［【]\s*(\d{1,3}(?:\s*[,，、]\s*\d{1,3})*)\s*[\]］】]")
_SENTENCE = re.compile(r"[^。！？!?\n]*(?:[。！？!?]+[」』）)]*|\n|$)(?:\s*\[\d+\])*")
FOLLOW_UPS = "【追問】"
MEMORY = "【備忘】"
Supports = Callable[[str, Sequence[str]], bool]


@dataclass(frozen=True)
class Checked:
    """A checked answer. `order` maps new numbers to the numbers the passages had; `unsupported` are sentences whose
    citations do not hold; `dropped` counts marks that named no passage."""

    text: str
    order: Mapping[int, int]
    unsupported: tuple[str, ...]
    dropped: int


@dataclass(frozen=True)
class Parts:
    """A reply taken apart: the answer itself, questions somebody may ask next, notes worth keeping."""

    body: str
    follow_ups: list[str]
    notes: list[str]


def taken_apart(text: str, limit: int = 3) -> Parts:
    """The parts of a reply, whose lists stand after their markers, one entry a line, in whatever order."""
    body, *lists = re.split(f"({FOLLOW_UPS}|{MEMORY})", text)
    found: dict[str, list[str]] = {FOLLOW_UPS: [], MEMORY: []}
    for marker, tail in zip(lists[::2], lists[1::2], strict=True):
        lines = (re.sub(r"^[\s\-*•·\d.、)）]+", "", line).strip() for line in tail.splitlines())
        found[marker] += [line for line in lines if 3 <= len(line) <= 60 and not line.startswith("[")]
    return Parts(body.strip(), found[FOLLOW_UPS][:limit], found[MEMORY])


def check_citations(text: str, passages: Mapping[int, str], supports: Supports, *, mark: str = "") -> Checked:
    """Check and renumber the marks of `text` against `passages` (number to text).

    `supports(claim, texts)` says whether a sentence is held by the passages it cites; `mark` is put after one that is not.
    """
    dropped = 0

    def known(match: re.Match[str]) -> str:
        nonlocal dropped
        numbers = [int(number) for number in re.findall(r"\d+", match.group(1))]
        valid = [number for number in numbers if number in passages]
        dropped += len(numbers) - len(valid)
        return "".join(f"[{number}]" for number in valid)

    unsupported: list[str] = []

    def compared(match: re.Match[str]) -> str:
        sentence = match.group()
        cited = [int(number) for number in re.findall(r"\[(\d{1,3})\]", sentence)]
        claim = re.sub(r"\[\d{1,3}\]", "", sentence).strip()
        if not cited or supports(claim, [passages[number] for number in cited]):
            return sentence
        unsupported.append(claim)
        return sentence.rstrip("\n") + mark + "\n" * sentence.endswith("\n")

    text = _SENTENCE.sub(compared, _MARK.sub(known, text))
    order: dict[int, int] = {}

    def renumbered(match: re.Match[str]) -> str:
        old = int(match.group(1))
        new = next((n for n, o in order.items() if o == old), None)
        if new is None:
            new = len(order) + 1
            order[new] = old
        return f"[{new}]"

    text = re.sub(r"\[(\d{1,3})\]", renumbered, text)
    return Checked(_tidy(text), order, tuple(unsupported), dropped)


def _tidy(text: str) -> str:
    text = re.sub(r"[ \t]+\n", "\n", text)
    text = re.sub(r"(\[\d+\])(?:\1)+", r"\1", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()
