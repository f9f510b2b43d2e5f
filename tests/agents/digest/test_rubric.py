"""Rubrics are files people edit: every shipped one loads, a bad one says where, weights are applied in code."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.digest.rubric import load_rubric, shipped_rubrics, weighted
from agents.errors import BadInput

GOOD = "name: 我的\ncriteria:\n  - {id: one, name: 甲, description: 有具體案例, weight: 2, cues: [案例]}\n"


@pytest.mark.parametrize("name", shipped_rubrics())
def test_every_shipped_rubric_loads(name: str) -> None:
    rubric = load_rubric(name)
    assert 2 <= len(rubric.criteria) <= 8 and rubric.name.zh and rubric.name.en
    assert all(len(criterion.cues) >= 8 and criterion.weight > 0 for criterion in rubric.criteria)


def test_the_lectures_four_are_there() -> None:
    assert set(shipped_rubrics()) >= {"應用優先", "科普易懂", "學術理論", "產業與投資"}


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert load_rubric(path).weights() == {"one": 2.0} and load_rubric(str(path)).name.zh == "我的"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD.replace("weight: 2", "weight: 20"), "criteria.0.weight"),
        (GOOD.replace("id: one", "id: 甲"), "criteria.0.id"),
        (GOOD + "  - {id: one, name: 乙, description: 也是案例}\n", "share an id"),
        (GOOD.replace("criteria", "critera"), "criteria: Field required"),
        ("name: [", "line"),
        ("just text", "rubric"),
    ],
)
def test_a_bad_file_says_what_is_wrong_where(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        load_rubric(path)
    assert "mine.yaml" in caught.value.message("zh") and says in caught.value.message("en")


def test_an_unknown_name_lists_the_shipped_ones() -> None:
    with pytest.raises(BadInput, match="應用優先"):
        load_rubric("沒有這張")


def test_a_criterion_without_a_score_takes_no_part() -> None:
    weights = {"one": 3.0, "two": 1.0, "off": 0.0}
    assert weighted({"one": 8, "two": 4, "off": 10}, weights) == 7.0
    assert weighted({"one": 8}, weights) == 8.0 and weighted({}, weights) == 0.0
