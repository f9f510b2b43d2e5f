"""What the notes hold for somebody who told no type.

The best four passages of sixteen types are four arbitrary types. Shown instead: the part about the same subject from a type
of each side, more inward and more outward, said to be such; what is the person's own or holds for everybody stays.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from agents.counselor.asking import TYPES
from agents.counselor.find import PASSAGES

__all__ = ["both_sides", "side_of"]


def both_sides(home: Path, query: str, passages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`passages` (found for any type) with those of single types exchanged for two of each side on the same subject."""
    typed = [passage for passage in passages if passage["type"] and not passage["title"]]
    if not typed:
        return passages
    topic = typed[0]["topic"]
    kept = [passage for passage in passages if passage not in typed]
    inward, outward = _side(home, query, "I", topic), _side(home, query, "E", topic)
    turns = [passage for pair in zip(inward, outward, strict=False) for passage in pair]
    wanted = PASSAGES - len(kept)
    return sorted(kept + turns[: max(wanted, 2)], key=lambda passage: -passage["score"])


def side_of(type: str) -> str:
    """ "I" or "E", "" for what has no type."""
    return type[:1]


def _side(home: Path, query: str, letter: str, topic: str) -> list[dict[str, Any]]:
    from tools.retrieval import shared_knowledge

    types = [type for type in TYPES if type[0] == letter]
    return [_as_data(hit) for hit in shared_knowledge(home).search(query, k=2, type=types, topic=topic, collections=[])]


def _as_data(hit: Any) -> dict[str, Any]:
    return {
        "id": hit.chunk.id,
        "type": hit.chunk.type,
        "topic": hit.chunk.topic,
        "heading": hit.chunk.heading,
        "title": "",
        "text": hit.chunk.text,
        "score": round(hit.score, 3),
        "weak": hit.weak,
    }
