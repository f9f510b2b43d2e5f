"""What a model said about stories is held against the stories: quotes must stand there, summaries must fit and be theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["BELONGS", "belongs", "bounds", "mean", "quoted", "settled", "shortcomings", "unsaid"]

# Share of a summary's character pairs that its story holds. Below it, summaries turned out to be another story's.
BELONGS = 0.3
_SLACK = 0.25
_CHINESE = 0.2  # share of Chinese characters from which a text counts as Chinese
_PART = 0.15  # what is required of a short part: it may well say things in other words
_TELLING = 8  # characters under which a part says too little to be held against the story
# Cosines of a text and its translation were .55 to .62, of a text and another one's at most .30.
_TRANSLATED = 0.35
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

    A translation shares no pairs with its original: there it is the names and figures that both must have, and how near the
    two are in meaning.
    """
    claim, story = _bare(summary), _bare(text)
    if _dense(story) < _CHINESE <= _dense(claim):
        return min(_shared_names(summary, text), _nearness(summary, text))
    pairs = {claim[i : i + 2] for i in range(len(claim) - 1)}
    held = {story[i : i + 2] for i in range(len(story) - 1)}
    return len(pairs & held) / len(pairs) if pairs else 0.0


def shortcomings(answer: Mapping[str, Any], row: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[str]:
    """What is wrong with a summary: language, length, cross_wired (the summary, or title, brief or points alone), or the names
    of points that were left out."""
    found = []
    if not _in_chinese(answer["summary"]) or not _in_chinese(answer["brief"]):
        found.append("language")
    least, most = _limits(inputs, row)
    if not least <= len(answer["summary"]) <= most:
        found.append("length")
    if _cross_wired(answer["summary"], row) or _strange_parts(answer, row):
        found.append("cross_wired")
    given = _points(answer)
    found += [name for name in inputs["points"] if len(given.get(name, "")) < 2]
    return found


def settled(
    answer: Mapping[str, Any], row: Mapping[str, Any], inputs: Mapping[str, Any], own: Mapping[str, Any]
) -> dict[str, Any] | None:
    """What can be kept of a summary that was asked for twice and still has shortcomings; None where it is another story's, or in
    another language than was asked for.

    Too long: whole sentences are left out from the end. Too short: `own`, the summary from the story's own sentences, takes
    its place where it is in Chinese too. Parts that are another story's, and points that were left out, are taken from there,
    or said not to be told.
    """
    if _cross_wired(answer["summary"], row) or not _in_chinese(answer["summary"]):
        return None
    strange = _strange_parts(answer, row)
    if not _in_chinese(answer["brief"]):
        strange.add("brief")
    least, most = _limits(inputs, row)
    summary = _cut_to(answer["summary"], most)
    if len(summary) < least and _dense(own["summary"]) >= _CHINESE:
        summary = own["summary"]
    given, spare = {} if "points" in strange else _points(answer), _points(own)
    points = []
    for name in inputs["points"]:
        text = given.get(name, "")
        if len(text) < 2:
            text = spare.get(name, "") if _dense(spare.get(name, "")) >= _CHINESE else NOT_SAID
        points.append({"name": name, "text": text or NOT_SAID})
    brief = _first_sentence(summary) if "brief" in strange else answer["brief"]
    title = row["title"] if "title" in strange else answer["title"]
    return {**answer, "title": title, "brief": brief, "summary": summary, "points": points}


def _in_chinese(text: str) -> bool:
    """Whether a text reads as Chinese; names and figures in it may be Latin."""
    return _dense(_bare(text)) >= _CHINESE


def _strange_parts(answer: Mapping[str, Any], row: Mapping[str, Any]) -> set[str]:
    """Which of title, brief and points are not this story's."""
    points = "。".join(text for text in _points(answer).values() if text.rstrip("。") != NOT_SAID)
    parts = {"title": answer["title"], "brief": answer["brief"], "points": points}
    strange = {name for name, text in parts.items() if len(_bare(text)) >= _TELLING and _cross_wired(text, row, _PART)}
    return strange | {name for name in ("title", "brief") if not _bare(parts[name])}


def _first_sentence(text: str) -> str:
    return _cut_to(text.split("。", 1)[0] + "。", 60)


def _limits(inputs: Mapping[str, Any], row: Mapping[str, Any]) -> tuple[float, float]:
    """A fifth around the bounds is let pass; a story shorter than the summary cannot fill it."""
    return min(inputs["low"] * 0.8, len(row["text"]) * 0.5), inputs["high"] * 1.2


def _cross_wired(text: str, row: Mapping[str, Any], least: float = BELONGS) -> bool:
    return belongs(text, f"{row['title']}\n{row['text']}") < least


def _points(answer: Mapping[str, Any]) -> dict[str, str]:
    return {point["name"].strip(): point["text"].strip() for point in answer["points"]}


def _cut_to(text: str, most: float) -> str:
    """`text` without its last sentences, as far as it must be cut; at a mark where even the first one is too long."""
    if len(text) <= most:
        return text
    head = text[: int(most)]
    end = max(head.rfind(mark) for mark in "。！？")
    if end > 0:
        return head[: end + 1]
    return head[: max(head.rfind("，"), head.rfind("；"), int(most) - 2)] + "…"


def unsaid(points: Mapping[str, str]) -> list[str]:
    """The points that the story does not speak of."""
    return [name for name, text in points.items() if text.strip().rstrip("。") in ("", NOT_SAID)]


def _nearness(summary: str, text: str) -> float:
    """How near a translation is to its original, so that BELONGS divides what belongs from what does not."""
    from tools.retrieval import GlossEmbedder

    one, other = GlossEmbedder().embed([summary, text])
    return max(0.0, float(one @ other)) * BELONGS / _TRANSLATED


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
