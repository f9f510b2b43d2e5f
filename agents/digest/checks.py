"""What a model said about stories is held against the stories: quotes must stand there, summaries must fit and be theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["BELONGS", "belongs", "bounds", "quoted", "shortcomings"]

# Share of a summary's character pairs that its story holds. Below it, summaries turned out to be another story's.
BELONGS = 0.3
_SLACK = 0.25
NOT_SAID = "未提及"


def bounds(length: int) -> tuple[int, int]:
    """The least and the most characters of a summary that should have `length`."""
    return round(length * (1 - _SLACK)), round(length * (1 + _SLACK))


def quoted(quote: str, text: str) -> str:
    """`quote` if its words stand in `text` (script, width and spaces aside), else ""."""
    wanted = _bare(quote.strip("「」『』\"'… "))
    return quote.strip() if len(wanted) >= 2 and wanted in _bare(text) else ""


def belongs(summary: str, text: str) -> float:
    """How much of `summary` its story holds: the share of its character pairs found in `text`, 0..1.

    A translation shares no pairs with its original, so numbers and names in Latin letters are all that is compared there;
    a summary without any of them counts as belonging.
    """
    claim, story = _bare(summary), _bare(text)
    if _dense(story) < 0.2 <= _dense(claim):
        return _shared_names(summary, text)
    pairs = {claim[i : i + 2] for i in range(len(claim) - 1)}
    held = {story[i : i + 2] for i in range(len(story) - 1)}
    return len(pairs & held) / len(pairs) if pairs else 0.0


def shortcomings(answer: Mapping[str, Any], row: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[str]:
    """What is wrong with a summary: length, cross_wired, or the names of points that were left out."""
    found = []
    if not inputs["low"] * 0.8 <= len(answer["summary"]) <= inputs["high"] * 1.2:
        found.append("length")
    if belongs(answer["summary"], f"{row['title']}\n{row['text']}") < BELONGS:
        found.append("cross_wired")
    given = {point["name"].strip(): point["text"].strip() for point in answer["points"]}
    found += [name for name in inputs["points"] if len(given.get(name, "")) < 2]
    return found


def unsaid(points: Mapping[str, str]) -> list[str]:
    """The points that the story does not speak of."""
    return [name for name, text in points.items() if text.strip().rstrip("。") in ("", NOT_SAID)]


def _shared_names(summary: str, text: str) -> float:
    import re

    names = set(re.findall(r"[A-Za-z][A-Za-z0-9&.\-]{2,}|\d[\d,.]*\d|\d", summary))
    if not names:
        return 1.0
    story = text.casefold()
    return sum(name.casefold() in story for name in names) / len(names)


def _dense(text: str) -> float:
    return sum("\u3400" <= c <= "\u9fff" for c in text) / max(1, len(text))


def _bare(text: str) -> str:
    from tools.chinese import fold

    return "".join(c for c in fold(text) if c.isalnum())


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
