"""Numbers with what they may as well be: shares by Wilson, rates by bootstrap, spreads by quartiles. No data is None, never 0."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tools.compare.model import Interval

__all__ = ["ROUNDS", "Spread", "bootstrap_rate", "spread", "wilson"]

ROUNDS = 2_000  # bootstrap samples: the ends of a 95 % interval then rest on 50 samples each
_Z = 1.959963984540054  # 95 %
_RULE_OF_THREE = -math.log(0.05)


@dataclass(frozen=True)
class Spread:
    """The middle of `n` numbers and the quartiles around it."""

    median: float
    low: float
    high: float
    n: int


def wilson(hits: int, n: int) -> Interval | None:
    """The share hits/n with Wilson's score interval (95 %), which stays within 0..1 and is no point at 0 or n hits.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927). The observations are
    taken to be independent; repeats of one prompt are so only in part, and the interval is then somewhat too short.

    Raises:
        ValueError: hits is not within 0..n.
    """
    if not 0 <= hits <= n:
        raise ValueError(f"{hits} of {n}")
    if n == 0:
        return None
    share, z2 = hits / n, _Z * _Z
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    # At the ends the formula gives 0 and 1 but for the last digit, and would leave out its own value.
    return Interval(value=share, low=middle - half if hits else 0.0, high=middle + half if hits < n else 1.0, n=n)


def bootstrap_rate(
    counts: Sequence[float], sizes: Sequence[float], groups: Sequence[str], *, per: float = 1.0, seed: int = 0
) -> Interval | None:
    """`per` times sum(counts) / sum(sizes), with a percentile bootstrap (95 %) over whole groups.

    Args:
        counts, sizes, groups: one each per reply. Replies of one group (the repeats of a prompt) are drawn together, because they
            are alike.
        seed: the same data and seed give the same interval, in whatever order the replies come.

    Returns:
        None where there is nothing to count in. Where nothing was counted at all every sample would be 0, and the upper end is the
        largest rate that would still give nothing in one of twenty (the rule of three, J. Hanley, A. Lippman-Hand, JAMA 249, 1983).
        From a single group the interval is otherwise the value alone, with n=1: it says nothing.
    """
    import numpy as np

    names = sorted(set(groups))
    at = {name: i for i, name in enumerate(names)}
    held = np.zeros((2, len(names)))
    for count, size, group in zip(counts, sizes, groups, strict=True):
        held[:, at[group]] += (count, size)
    held = held[:, held[1] > 0]
    n = held.shape[1]
    if not n:
        return None
    value = per * float(held[0].sum() / held[1].sum())
    if not held[0].any():
        return Interval(value=0.0, low=0.0, high=per * _RULE_OF_THREE / float(held[1].sum()), n=n)
    draws = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=ROUNDS)  # (ROUNDS, n)
    rates = per * (draws @ held[0]) / (draws @ held[1])
    low, high = np.percentile(rates, (2.5, 97.5))
    return Interval(value=value, low=min(float(low), value), high=max(float(high), value), n=n)


def spread(values: Sequence[float | None]) -> Spread | None:
    """Median and quartiles (linear between neighbours) of the values that are there; None where there are none."""
    import numpy as np

    there = [value for value in values if value is not None and math.isfinite(value)]
    if not there:
        return None
    low, median, high = (float(each) for each in np.percentile(there, (25, 50, 75)))
    return Spread(median, low, high, len(there))
