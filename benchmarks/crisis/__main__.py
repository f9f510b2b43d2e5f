"""How well the crisis gate hears, on labelled messages; `--learn` fits its table anew from those marked `tune`.

    python -m benchmarks.crisis [--cases CSV] [--learn] [--writers NAME ...]

Recall: of messages that speak of harm, the share that is answered with hotlines. Precision: of messages answered so, the share
that speaks of harm ("soft" ones, where a gentle line would do, count as wrong). Ordinary: questions of everyday life that were
answered with hotlines although nothing was the matter. `--writers`: the messages of each named writer, by a table that learned
from all others. That is the honest figure for `tune`: a writer repeats himself, and so do random folds.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from unittest.mock import patch

from agents.counselor import gate_score
from agents.counselor.gate import screen
from benchmarks.crisis.cases import DATA, Case, everyday, labelled, ordinary, rows
from tools.settings import data_dir

_ALARM = ("self", "other", "violence")


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table, after learning if that was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crisis", description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=Path, default=DATA / "crisis_cases.csv", help="CSV: text, expected[, split]")
    parser.add_argument("--ordinary", type=Path, help="CSV: question; by default those kept back from learning")
    parser.add_argument("--learn", action="store_true", help="write rag_data/hotlines/learned.json from split `tune`")
    parser.add_argument("--writers", nargs="*", default=[], help="writers of `tune` to measure without learning from")
    given = parser.parse_args(argv)
    if given.learn:
        _learn()
    print("| messages | how many | recall | or at least the gentle line | precision | right kind | everyday stopped |")
    print("|---|---|---|---|---|---|---|")
    for split in ("tune", "held"):
        if cases := labelled(split, given.cases):
            print(_line(split, cases))
    for writer in given.writers:
        print(_unseen(writer, given.cases))
    questions = [row["question"] for row in rows(given.ordinary)] if given.ordinary else ordinary()
    heard = [screen(question).kind for question in questions]
    alarms, gentle = sum(kind in _ALARM for kind in heard), heard.count("check")
    print(f"\nOrdinary questions: {alarms} of {len(heard)} answered with hotlines, {gentle} with the gentle line.")


def _line(name: str, cases: Sequence[Case]) -> str:
    pairs = [(case.expected, screen(case.text).kind.value) for case in cases]
    harm = [(expected, got) for expected, got in pairs if expected in _ALARM]
    told = [expected for expected, got in pairs if got in _ALARM]
    calm = [got for expected, got in pairs if expected == "none"]
    figures = (
        _share(got in _ALARM for _, got in harm),
        _share(got != "none" for _, got in harm),
        _share(expected in _ALARM for expected in told),
        _share(expected == got for expected, got in harm),
        _share(got in _ALARM for got in calm),
    )
    return f"| {name} | {len(pairs)} | {' | '.join(figures)} |"


def _share(true: Iterable[bool]) -> str:
    values = list(true)
    return f"{sum(values) / len(values):.3f}" if values else "-"


def _learn() -> None:
    from benchmarks.crisis.learn import learn

    cases, ordinary = labelled(), everyday()
    table = learn([*cases, *ordinary])
    path = data_dir() / "hotlines" / "learned.json"
    path.write_text(table.model_dump_json() + "\n", encoding="utf-8")
    gate_score.learned.cache_clear()
    print(f"{path.name}: {len(table.pieces):,} pieces from {len(cases):,} cases and {len(ordinary):,} everyday lines\n")


def _unseen(writer: str, path: Path) -> str:
    """The line of one writer's cases, by a table that learned from everybody else's."""
    from benchmarks.crisis.learn import learn

    cases = labelled("tune", path)
    table = learn([*(case for case in cases if case.writer != writer), *everyday()])
    with patch.object(gate_score, "learned", lambda: table):
        return _line(f"{writer}, unseen", [case for case in cases if case.writer == writer])


if __name__ == "__main__":
    main()
