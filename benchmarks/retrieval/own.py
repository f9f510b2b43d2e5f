"""The questions people really ask of the house knowledge, through the search that the counselor uses."""

from __future__ import annotations

import csv
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.retrieval import Embedder, Knowledge

__all__ = ["OwnScore", "measure_own"]


@dataclass(frozen=True)
class OwnScore:
    """One row: the share of questions whose topic is that of the first, or of one of the first five passages."""

    questions: str
    count: int
    filtered: bool
    recall_1: float
    recall_5: float


def measure_own(path: Path, embedder: Embedder) -> list[OwnScore]:
    """Ask the questions of a CSV file (type, question, topic, lang; a column `split` divides them if there is one)."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    groups: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        groups.setdefault(" ".join(filter(None, (row.get("split", ""), row["lang"]))), []).append(row)
    with tempfile.TemporaryDirectory() as home, Knowledge.open(Path(home), embedder=embedder) as knowledge:
        return [
            _score(knowledge, name, group, filtered)
            for name, group in sorted(groups.items())
            for filtered in (True, False)
        ]


def _score(knowledge: Knowledge, name: str, rows: Sequence[dict[str, str]], filtered: bool) -> OwnScore:
    first, five = [], []
    for row in rows:
        found = knowledge.search(row["question"], type=row["type"] if filtered else "", k=5)
        topics = [hit.chunk.topic for hit in found]
        first.append(topics[:1] == [row["topic"]])
        five.append(row["topic"] in topics)
    return OwnScore(name, len(rows), filtered, statistics.fmean(first), statistics.fmean(five))
