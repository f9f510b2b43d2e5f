"""How well the crisis gate hears, on labelled messages; `--learn` fits its table anew from those marked `tune`.

    python -m benchmarks.crisis [--cases CSV] [--learn]

Recall: of messages that speak of harm, the share that is answered with hotlines. Precision: of messages answered so, the share
that speaks of harm ("soft" ones, where a gentle line would do, count as wrong). Ordinary: questions of everyday life that were
answered with hotlines although nothing was the matter.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path

from agents.counselor.gate import CrisisKind, screen
from tools.settings import data_dir

_DATA = Path(__file__).resolve().parents[2] / "tests" / "data"
_ALARM = ("self", "other", "violence")
Case = tuple[str, str, str]


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table, after learning if that was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crisis", description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=Path, default=_DATA / "crisis_cases.csv", help="CSV: text, expected, split")
    parser.add_argument("--ordinary", type=Path, default=_DATA / "mbti_questions_blind.csv", help="CSV: question")
    parser.add_argument("--learn", action="store_true", help="write rag_data/hotlines/learned.json from split `tune`")
    given = parser.parse_args(argv)
    cases = [(row["text"], row["expected"], row["split"]) for row in _rows(given.cases)]
    if given.learn:
        _learn([case for case in cases if case[2] == "tune"])
    print("| split | messages | recall | or at least the gentle line | precision | right kind |")
    print("|---|---|---|---|---|---|")
    for split in sorted({split for _, _, split in cases}):
        _line(split, [(expected, screen(text).kind.value) for text, expected, of in cases if of == split])
    questions = [row["question"] for row in _rows(given.ordinary)]
    heard = [screen(question).kind.value for question in questions]
    alarms, gentle = sum(kind in _ALARM for kind in heard), heard.count("check")
    print(f"\nOrdinary questions: {alarms} of {len(heard)} answered with hotlines, {gentle} with the gentle line.")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _line(split: str, pairs: Sequence[tuple[str, str]]) -> None:
    harm = [(expected, got) for expected, got in pairs if expected in _ALARM]
    told = [expected for expected, got in pairs if got in _ALARM]
    recall = sum(got in _ALARM for _, got in harm) / len(harm)
    gentle = sum(got != "none" for _, got in harm) / len(harm)
    precision = sum(expected in _ALARM for expected in told) / len(told)
    right = sum(expected == got for expected, got in harm) / len(harm)
    print(f"| {split} | {len(pairs)} | {recall:.3f} | {gentle:.3f} | {precision:.3f} | {right:.3f} |")


def _learn(cases: Sequence[Case]) -> None:
    from benchmarks.crisis.learn import learn

    learned = learn([(text, CrisisKind(expected)) for text, expected, _ in cases])
    path = data_dir() / "hotlines" / "learned.json"
    path.write_text(learned.model_dump_json(), encoding="utf-8")
    print(f"{path.name}: {len(learned.pieces):,} pieces from {len(cases):,} cases\n")


if __name__ == "__main__":
    main()
