"""Whether a passage bears out a sentence: paraphrases in both languages do, other matters do not, nothing breaks it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tools.retrieval import SUPPORTED, read_folder, support
from tools.settings import data_dir

PAIRS = Path(__file__).parents[2] / "data" / "support_pairs.csv"


@pytest.fixture(scope="module")
def judged() -> list[tuple[dict[str, str], float]]:
    """Every pair with its score."""
    passages = {
        f"{Path(chunk.meta['file']).stem}#{chunk.topic}": chunk.text
        for chunk in read_folder(data_dir() / "mbti", "mbti")
    }
    with PAIRS.open(encoding="utf-8", newline="") as file:
        return [(row, support(row["claim"], passages[row["passage"]])) for row in csv.DictReader(file)]


def share(judged: list[tuple[dict[str, str], float]], held: bool, **fields: str) -> float:
    """The share of the pairs with these fields whose score says `held`."""
    scores = [score for row, score in judged if all(row[name] == value for name, value in fields.items())]
    assert len(scores) >= 2
    return sum((score >= SUPPORTED) == held for score in scores) / len(scores)


def test_the_pairs_are_a_fair_set(judged) -> None:
    kinds = [row["kind"] for row, _ in judged]
    assert len(kinds) >= 60 and kinds.count("paraphrase") >= 30 and kinds.count("english") >= 15
    assert sum(row["supported"] == "no" for row, _ in judged) >= 20


def test_what_a_passage_says_is_supported(judged) -> None:
    assert share(judged, True, kind="paraphrase") >= 0.9
    assert share(judged, True, kind="english") >= 0.75
    assert share(judged, True, kind="copied") == 1


def test_what_a_passage_does_not_say_is_not(judged) -> None:
    assert share(judged, False, kind="unrelated") == 1
    assert share(judged, False, supported="no") >= 0.8


def test_scores_are_shares() -> None:
    passage = "先去旁聽兩堂課，再做決定。\n問問學長姐。"
    assert support("先去旁聽兩堂課，再做決定。", passage) > 0.95
    assert support("先去旁听两堂课，再做决定", passage) > 0.95, "script does not matter"
    assert support("貓在屋頂上", passage) < SUPPORTED
    assert support("Sit in on two classes before you decide.", passage) > support("The cat is on the roof.", passage)


@pytest.mark.parametrize("text", ["", "   ", "🙂", "。。。", "\ud83d", "\n\n", "x" * 50_000])
def test_nothing_breaks_it(text: str) -> None:
    for claim, passage in ((text, "先去旁聽兩堂課。"), ("先去旁聽兩堂課。", text), (text, text)):
        assert 0 <= support(claim, passage) <= 1
    assert support("先去旁聽兩堂課。", text) < SUPPORTED
