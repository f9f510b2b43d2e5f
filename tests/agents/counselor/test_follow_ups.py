"""Follow-up questions find the section they are about, measured on pairs written without sight of the notes."""

from __future__ import annotations

import csv
from pathlib import Path

from agents.counselor.find import find_passages

PAIRS = Path(__file__).resolve().parents[2] / "data" / "mbti_follow_ups.csv"


def test_most_follow_ups_find_their_section_among_the_first_two(own_home: Path) -> None:
    with PAIRS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = 0
    for row in rows:
        first = find_passages(own_home, row["first"], "INFP")
        second = find_passages(own_home, row["second"], "INFP", first.about)
        found += row["topic"] in [passage["topic"] for passage in second.passages[:2]]
    assert len(rows) == 40 and found >= 0.8 * len(rows)
