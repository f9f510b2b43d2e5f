"""Shares, rates and spreads against numbers known from elsewhere."""

from __future__ import annotations

import random

import pytest
from scipy.stats import binomtest

from tools.compare import bootstrap_rate, spread, wilson


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (10, 10), (3, 12), (50, 100), (1, 1), (999, 1000)])
def test_wilson_is_scipys(hits: int, n: int) -> None:
    found = wilson(hits, n)
    theirs = binomtest(hits, n).proportion_ci(method="wilson")
    assert found is not None
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)
    assert found.low <= found.value <= found.high and found.n == n


def test_nothing_is_no_share_and_nonsense_is_refused() -> None:
    assert wilson(0, 0) is None
    for hits, n in ((3, 2), (-1, 2)):
        with pytest.raises(ValueError, match=f"{hits} of {n}"):
            wilson(hits, n)


def test_a_rate_keeps_repeats_of_a_prompt_together() -> None:
    """Stops: ten repeats of one leaky prompt that look like ten independent findings."""
    counts, sizes = [5.0] * 10 + [0.0] * 10, [100.0] * 20
    apart = bootstrap_rate(counts, sizes, [str(i) for i in range(20)], per=1000)
    together = bootstrap_rate(counts, sizes, ["a"] * 10 + ["b"] * 10, per=1000)
    assert apart is not None and together is not None
    assert apart.value == together.value == 25.0
    assert (together.low, together.high, together.n) == (0.0, 50.0, 2)
    assert apart.low > 0 and apart.high < 50


def test_a_rate_covers_the_truth_and_does_not_depend_on_order() -> None:
    dice = random.Random(3)
    sizes = [dice.randint(80, 300) for _ in range(120)]
    counts = [sum(dice.random() < 0.02 for _ in range(size)) for size in sizes]
    groups = [f"p{i}" for i in range(120)]
    found = bootstrap_rate(counts, sizes, groups, per=1000, seed=5)
    assert found is not None and found.low < 20 < found.high and found.high - found.low < 8
    mixed = list(zip(counts, sizes, groups, strict=True))
    dice.shuffle(mixed)
    assert bootstrap_rate(*zip(*mixed, strict=True), per=1000, seed=5) == found
    assert bootstrap_rate(counts, sizes, groups, per=1000, seed=6) != found


def test_nothing_found_still_has_an_upper_end() -> None:
    """Stops: "0.0 (0.0-0.0)" from forty characters, as if it were proven."""
    short, long = (bootstrap_rate([0, 0], [size, size], ["a", "b"], per=1000) for size in (20, 20_000))
    assert short is not None and long is not None
    assert short.high == pytest.approx(3000 / 40, rel=0.01) and long.high < 0.1 and short.low == 0
    assert bootstrap_rate([0, 0], [0, 0], ["a", "b"]) is None and bootstrap_rate([], [], []) is None


def test_a_spread_leaves_out_what_is_missing() -> None:
    found = spread([None, 3.0, 1.0, float("nan"), 2.0, 4.0, 5.0])
    assert found is not None and (found.median, found.low, found.high, found.n) == (3.0, 2.0, 4.0, 5)
    assert spread([None, None]) is None
