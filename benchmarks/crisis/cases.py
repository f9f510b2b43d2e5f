"""The labelled cases, and everyday lines that are no case: what the crisis gate's table learns from.

Everyday lines come from three places: questions that people ask the counselor and other programs (tests/data), sentences of
the type notes (rag_data/mbti), and frames filled with ordinary words (everyday.yaml).
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import NamedTuple

import yaml

from tools.settings import data_dir

__all__ = ["DATA", "Case", "everyday", "labelled", "ordinary", "rows"]

PER_FRAME = 20  # sentences made of one frame
EVERY = 3  # of the notes' sentences, each third

# How much a case of a writer counts, where that is not WEIGHT. `probes` were written in families of alike sentences to try
# an older gate: there are many, and each says little that its neighbours do not. `plain` are the barest ways to say it.
WEIGHT = 4.0
WEIGHTS = {"plain": 8.0, "first": 1.0, "probes": 0.5, "everyday": 0.5}

DATA = Path(__file__).resolve().parents[2] / "tests" / "data"
_BLIND = DATA / "mbti_questions_blind.csv"


class Case(NamedTuple):
    """`expected`: a CrisisKind, or "soft" where NONE and CHECK are both right."""

    text: str
    expected: str
    writer: str

    @property
    def weight(self) -> float:
        return WEIGHTS.get(self.writer, WEIGHT)


def labelled(split: str = "tune", path: Path = DATA / "crisis_cases.csv") -> list[Case]:
    """The cases of one split, in the file's order. A file without the column `writer` has one."""
    return [
        Case(row["text"], row["expected"], row.get("writer") or path.stem)
        for row in rows(path)
        if row.get("split", split) == split
    ]


def everyday() -> list[Case]:
    """Lines in which nobody is at risk, in a fixed order."""
    questions = [row["question"] for row in rows(DATA / "mbti_questions.csv")]
    questions += [row["question"] for row in rows(_BLIND)[1::2]]
    questions += [f"{row['first']}\n{row['second']}" for row in rows(DATA / "mbti_follow_ups.csv")]
    questions += [row["question"] for row in rows(DATA / "off_topic_questions.csv")]
    notes = (path.read_text(encoding="utf-8") for path in sorted((data_dir() / "mbti").glob("*.md")))
    sentences = [line for note in notes for line in re.split(r"[。\n]", note) if len(line) > 8]
    made = [Case(line, "none", "everyday") for line in (*sentences[::EVERY], *_made())]
    return [Case(question, "none", "questions") for question in questions] + made


def ordinary() -> list[str]:
    """Questions people ask the counselor that the table has not learned from: every other one of a set, and a set of their own."""
    return [row["question"] for row in (*rows(_BLIND)[::2], *rows(DATA / "ordinary_questions.csv"))]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _made() -> list[str]:
    """The frames of everyday.yaml, each filled PER_FRAME times; strides spread the words over the frames."""
    lines = []
    for words in yaml.safe_load(Path(__file__).with_name("everyday.yaml").read_text(encoding="utf-8")).values():
        for nth, frame in enumerate(words["frames"]):
            slots = re.findall(r"\{(\w+)\}", frame)
            first = len(words[slots[0]])
            for time in range(min(PER_FRAME, first)):
                line = frame
                for place, slot in enumerate(slots):
                    start = time * first // min(PER_FRAME, first) + nth * 7 + place * 13 + time * place
                    line = line.replace("{" + slot + "}", words[slot][start % len(words[slot])], 1)
                lines.append(line)
    return lines
