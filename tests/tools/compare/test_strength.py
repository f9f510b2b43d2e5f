"""Strengths against known answers, and ranks only where votes carry them."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from scipy.optimize import minimize

from tools.compare import VOTES_PER_PAIR, Vote, rank

TRUE = {"a": 1.2, "b": 0.4, "c": -0.3, "d": -1.3}


def vote(left: str, right: str, winner: str, by: str = "person") -> Vote:
    return Vote(prompt="p", left=left, right=right, winner=winner, by=by)  # type: ignore[arg-type]


def simulated(each: int, seed: int = 1, true: dict[str, float] = TRUE) -> list[Vote]:
    dice = random.Random(seed)
    votes = []
    for left in true:
        for right in true:
            for _ in range(each if left != right else 0):
                chance = 1 / (1 + math.exp(true[right] - true[left]))
                votes.append(vote(left, right, "left" if dice.random() < chance else "right"))
    return votes


def test_simulated_strengths_are_found_again() -> None:
    found = rank(simulated(150))
    for row in found.rows:
        assert row.strength.value == pytest.approx(TRUE[row.model], abs=0.2)
        assert row.strength.low < TRUE[row.model] < row.strength.high
    assert [(row.model, row.rank) for row in found.rows] == [("a", 1), ("b", 2), ("c", 3), ("d", 4)]
    assert found.enough and found.groups == [["a", "b", "c", "d"]] and found.votes == 150 * 12


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Stops: intervals too narrow to be honest, or too wide to be of use."""
    dice, held = np.random.default_rng(0), []
    for seed in range(40):
        drawn = dice.normal(0, 1, 4)
        true = dict(zip("abcd", drawn - drawn.mean(), strict=True))
        rows = rank(simulated(5, seed, true), rounds=400, seed=seed).rows
        held += [row.strength.low <= true[row.model] <= row.strength.high for row in rows]
    assert 0.89 <= sum(held) / len(held) <= 0.995


def test_the_answer_is_the_optimum_of_the_likelihood() -> None:
    """Against scipy, with ties, an unbeaten model and very uneven pairs."""
    dice = random.Random(4)
    votes = [vote("a", "b", dice.choice(["left", "right", "tie"])) for _ in range(30)]
    votes += (
        [vote("a", "c", "left")] * 12 + [vote("c", "b", "tie")] * 3 + [vote("e", "d", "left"), vote("e", "c", "left")]
    )
    names = sorted({name for each in votes for name in (each.left, each.right)})
    won = {"left": 1.0, "right": 0.0, "tie": 0.5}

    def loss(strengths: np.ndarray) -> float:
        total = float(strengths @ strengths) / (2 * 2.5**2)
        for each in votes:
            gap = strengths[names.index(each.left)] - strengths[names.index(each.right)]
            part = won[each.winner]
            total += part * np.logaddexp(0, -gap) + (1 - part) * np.logaddexp(0, gap)
        return total

    best = minimize(loss, np.zeros(len(names)), method="BFGS", options={"gtol": 1e-9}).x
    found = rank(votes, rounds=50)
    for row in found.rows:
        assert row.strength.value == pytest.approx(best[names.index(row.model)], abs=1e-5)


def test_neither_order_nor_sides_matter() -> None:
    votes = simulated(10) + [vote("a", "b", "tie")] * 4
    found = rank(votes)
    mixed = votes.copy()
    random.Random(9).shuffle(mixed)
    turned = {"left": "right", "right": "left", "tie": "tie"}
    assert rank(mixed) == found
    assert rank([vote(each.right, each.left, turned[each.winner]) for each in votes]) == found
    assert rank(votes, seed=1).rows != found.rows


def test_two_equals_mirror_each_other() -> None:
    rows = rank([vote("a", "b", "left")] * 25 + [vote("a", "b", "right")] * 25).rows
    assert rows[0].strength.value == rows[1].strength.value == 0
    assert [row.rank for row in rows] == [1, 1]
    assert rows[0].strength.low == pytest.approx(-rows[1].strength.high)


def test_an_unbeaten_model_is_finite_and_its_interval_no_point() -> None:
    won, lost = rank([vote("a", "b", "left")] * 9).rows
    assert (won.model, won.wins, lost.losses) == ("a", 9, 9)
    assert 0 < won.strength.low < won.strength.value < won.strength.high - 0.5 < 6
    many = rank([vote("a", "b", "left")] * 500).rows[0]
    assert many.strength.value > won.strength.value and math.isfinite(many.strength.high)


def test_few_votes_give_an_interval_and_no_rank() -> None:
    few = rank([vote("a", "b", "left")] * (VOTES_PER_PAIR - 1))
    assert not few.enough and [row.rank for row in few.rows] == [None, None]
    assert rank([vote("a", "b", "left")] * VOTES_PER_PAIR).of("a").rank == 1  # type: ignore[union-attr]
    # One more model with a single vote takes the rank of whoever it was compared with, and of nobody else.
    mixed = rank([*simulated(20), vote("new", "d", "left")])
    assert {row.model for row in mixed.rows if row.rank} == {"a", "b", "c"} and mixed.of("a").rank == 1  # type: ignore[union-attr]


def test_a_judge_alone_ranks_nobody() -> None:
    judged = rank([vote("a", "b", "left", by="judge")] * 100)
    assert judged.of("a").strength.low > 0 and judged.of("a").rank is None  # type: ignore[union-attr]


def test_models_that_no_vote_connects_are_told_apart() -> None:
    """Stops: the best of one group shown above one it was never compared with."""
    even = [vote("a", "b", "left"), vote("a", "b", "right")] * 30
    found = rank(even + [vote("c", "d", "left")] * 90 + [vote("d", "e", "left")] * 90)
    assert found.groups == [["c", "d", "e"], ["a", "b"]]
    for group in found.groups:
        rows = [row for row in found.rows if row.model in group]
        assert sum(row.strength.value for row in rows) == pytest.approx(0, abs=1e-6)
        assert rows[0].rank == 1
    best, equal = found.of("c"), found.of("a")
    assert best and equal and best.strength.low > equal.strength.high and (best.group, equal.group) == (0, 1)


def test_nothing_to_rank() -> None:
    assert rank([]).rows == [] and rank([vote("a", "a", "left")]).rows == []
    assert [row.model for row in rank(simulated(3), ["a", "b"]).rows] == ["a", "b"]
