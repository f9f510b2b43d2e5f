"""Conversations: runs that follow one another. Each turn is a run of its own and names the run it goes on from.

A turn can so be stopped, resumed, upgraded or deleted like any run, and the earlier turns are read from the history: what
was said is kept in one place only. A message that the crisis gate answered started no run and is therefore in none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.store import Find, RunRecord

__all__ = ["LONGEST", "TURNS", "Conversation", "chain", "conversations", "earlier_turns", "has_gap"]

# A new turn takes this many earlier ones into account: more would cost the model's attention and say little.
TURNS = 6
LONGEST = 200


@dataclass(frozen=True)
class Conversation:
    """A conversation as a list shows it: the run of its newest turn, its first question, how many turns, when."""

    last: str
    title: str
    mbti: str
    turns: int
    updated: float


def chain(last: str, find: Find, limit: int = LONGEST) -> list[RunRecord]:
    """The turns that end with the run `last`, oldest first, `limit` at most. A deleted turn ends the chain there."""
    records: list[RunRecord] = []
    seen: set[str] = set()
    while last and last not in seen and len(records) < limit:
        seen.add(last)
        record = find(last)
        if record is None or record.agent != "counselor":
            break
        records.append(record)
        last = record.inputs.get("after", "")
    return records[::-1]


def has_gap(records: Sequence[RunRecord]) -> bool:
    """Whether a conversation as `chain` gives it begins after a turn that is no longer there."""
    return bool(records) and bool(records[0].inputs.get("after")) and len(records) < LONGEST


def earlier_turns(after: str, find: Find) -> list[dict[str, Any]]:
    """The turns before a new one as plain data, oldest first: question, answer ("" if it has none), mbti, about,
    match."""
    return [_turn(record) for record in chain(after, find, TURNS)]


def conversations(records: Iterable[RunRecord]) -> list[Conversation]:
    """The conversations among `records`, the one spoken in last first."""
    known = {record.id: record for record in records if record.agent == "counselor"}
    gone_on = {record.inputs.get("after", "") for record in known.values()}
    found = []
    for record in known.values():
        if record.id not in gone_on:
            turns = chain(record.id, known.get)
            mbti = next((turn["mbti"] for turn in map(_turn, reversed(turns)) if turn["mbti"]), "")
            title = str(turns[0].inputs.get("question", ""))
            found.append(Conversation(record.id, title, mbti, len(turns), record.updated))
    return sorted(found, key=lambda conversation: -conversation.updated)


def _turn(record: RunRecord) -> dict[str, Any]:
    output: Mapping[str, Any] = (record.envelope or {}).get("output") or {}
    return {
        "run": record.id,
        "question": str(record.inputs.get("question", "")),
        "answer": str(output.get("answer", "")),
        "mbti": str(output.get("mbti") or record.inputs.get("mbti", "")),
        "about": str(output.get("about") or record.inputs.get("question", "")),
        "match": str(output.get("match", "")),
    }
