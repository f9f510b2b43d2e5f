"""From judgements to an order: weights in code, second looks where it is close, and why something is not shown."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from agents.digest.checks import mean, quoted
from agents.digest.offline import quote_for
from agents.digest.rubric import weighted

__all__ = ["TOPIC_LEAST", "close_calls", "merged", "scored", "shuffled", "together"]

# A story whose topic gets less is about something else (the scale says: 4 to 6 touches it).
TOPIC_LEAST = 4.0
# The topic counts beside the criteria as one more of middling weight: whoever named one wants it to matter.
_TOPIC_SHARE = 0.4


def shuffled(rows: Sequence[Mapping[str, Any]], seed: str) -> list[Mapping[str, Any]]:
    """`rows` in an order that neither their source nor their place decides, and that is the same for the same rows."""
    fixed = sorted(rows, key=lambda row: row["id"])
    return random.Random(seed + "".join(row["id"] for row in fixed)).sample(fixed, len(fixed))


def scored(
    story: Mapping[str, Any], answer: Mapping[str, Any], by: str, criteria: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """One judgement as reasons: each criterion's score with words of the story that hold, "" where none do."""
    text = f"{story['title']}。{story['teaser']}"
    given = {item["criterion"]: item for item in answer["scores"]}
    reasons = {}
    for criterion in criteria:
        item = given.get(criterion["id"])
        if item is not None:
            why = quoted(item["quote"], text) or quote_for(text, criterion["cues"])[1]
            reasons[criterion["id"]] = {"score": float(item["score"]), "why": why, "by": by}
    topic = {"score": float(answer["topic"]), "why": answer["topic_why"], "by": by}
    return {"topic": topic, "reasons": reasons, "same_event": answer["same_event"]}


def merged(first: dict[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Two judgements of one story: the mean of their scores, the first one's words."""
    for name, reason in first["reasons"].items():
        other = second["reasons"].get(name)
        if other:
            reason["score"] = mean([reason["score"], other["score"]])
    first["topic"]["score"] = mean([first["topic"]["score"], second["topic"]["score"]])
    return first


def together(judged: Mapping[str, Any], weights: Mapping[str, float], has_topic: bool) -> float:
    """The score a story is sorted by, 0..10: the weighted criteria, and the topic where one was named."""
    criteria = weighted({name: reason["score"] for name, reason in judged["reasons"].items()}, weights)
    if not has_topic:
        return criteria
    return (1 - _TOPIC_SHARE) * criteria + _TOPIC_SHARE * judged["topic"]["score"]


def close_calls(ordered: Sequence[Mapping[str, Any]], limit: int, most: int) -> list[Mapping[str, Any]]:
    """The stories nearest the cut between shown and not shown, at most `most`; none if everything is shown anyway."""
    if len(ordered) <= limit:
        return []
    start = max(0, min(limit - most // 2, len(ordered) - most))
    return list(ordered[start : start + most])
