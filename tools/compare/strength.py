"""Strengths from votes: Bradley-Terry, a tie as half a win for each side, with bootstrap intervals, and ranks only where votes carry them.

R. A. Bradley, M. E. Terry, "Rank analysis of incomplete block designs", Biometrika 39 (1952): a beats b with probability
1 / (1 + exp(b - a)). A weak normal prior keeps the strength of an unbeaten model finite and that of each group around 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from tools.compare.intervals import ROUNDS
from tools.compare.model import Interval, Ranking, Standing, Vote

if TYPE_CHECKING:
    import numpy as np

__all__ = ["VOTES_PER_PAIR", "rank"]

VOTES_PER_PAIR = 20  # below it a pair's winner is as good as chance, and its models get no rank
_PRIOR_SD = (
    2.5  # in log-odds: beyond it 12 wins to 1; the scale that Gelman et al. (2008) advise for logistic regression
)
_STEPS, _TOLERANCE, _LONGEST_STEP = 100, 1e-9, 2.0
_SMALL = 1 / 3  # added to wins, losses and ties of each pair before votes are drawn anew


def rank(votes: Sequence[Vote], models: Iterable[str] = (), *, seed: int = 0, rounds: int = ROUNDS) -> Ranking:
    """The strength of each model that votes speak of, of those in `models` where that is given.

    A model is ranked when in every pair it was voted in there are at least `VOTES_PER_PAIR` votes by people: a judge's votes
    count for the strength and never alone for a rank. Its rank is one more than the number of ranked models of its group whose
    whole interval lies above its own, so that models whose intervals overlap share a rank. Models that no chain of votes
    connects are in different groups: their strengths cannot be compared.

    Deterministic in the votes as a set: neither their order nor which side a model was shown on changes anything.
    """
    wanted = set(models)
    counted = [vote for vote in votes if vote.left != vote.right and (not wanted or {vote.left, vote.right} <= wanted)]
    names = sorted({name for vote in counted for name in (vote.left, vote.right)})
    tally: Counter[tuple[str, str, str]] = Counter()
    people: Counter[tuple[str, str]] = Counter()
    for vote in counted:
        first, second, winner = _canonical(vote)
        tally[first, second, winner] += 1
        people[first, second] += vote.by == "person"
    pairs = sorted({(first, second) for first, second, _ in tally})
    groups = _groups(names, pairs)
    if not pairs:
        return Ranking(seed=seed, rounds=rounds)
    few = {name for pair in pairs if people[pair] < VOTES_PER_PAIR for name in pair}
    intervals = _intervals(names, pairs, tally, groups, seed, rounds)
    group_of = {name: at for at, group in enumerate(groups) for name in group}
    rows = []
    for name in names:
        mine = [(pair, outcome, n) for (*pair, outcome), n in tally.items() if name in pair]
        sides = {"left": 0, "right": 1}
        wins = sum(n for pair, outcome, n in mine if outcome != "tie" and pair[sides[outcome]] == name)
        ties = sum(n for _, outcome, n in mine if outcome == "tie")
        above = [
            other
            for other in names
            if other not in few and group_of[other] == group_of[name] and intervals[other].low > intervals[name].high
        ]
        rows.append(
            Standing(
                model=name,
                strength=intervals[name],
                rank=None if name in few else 1 + len(above),
                wins=wins,
                ties=ties,
                losses=sum(n for _, _, n in mine) - wins - ties,
                group=group_of[name],
            )
        )
    rows.sort(key=lambda row: (row.group, -row.strength.value, row.model))
    return Ranking(rows=rows, votes=len(counted), groups=groups, enough=not few, seed=seed, rounds=rounds)


def _canonical(vote: Vote) -> tuple[str, str, str]:
    if vote.left < vote.right:
        return vote.left, vote.right, vote.winner
    return vote.right, vote.left, {"left": "right", "right": "left", "tie": "tie"}[vote.winner]


def _groups(names: Sequence[str], pairs: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Sets of models that votes connect, the largest first."""
    root = {name: name for name in names}

    def find(name: str) -> str:
        while root[name] != name:
            name = root[name]
        return name

    for first, second in pairs:
        root[find(first)] = find(second)
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(find(name), []).append(name)
    return sorted(found.values(), key=lambda group: (-len(group), group))


def _intervals(
    names: Sequence[str],
    pairs: Sequence[tuple[str, str]],
    tally: Counter[tuple[str, str, str]],
    groups: Sequence[Sequence[str]],
    seed: int,
    rounds: int,
) -> dict[str, Interval]:
    import numpy as np

    counts = np.array([[tally[(*pair, outcome)] for outcome in ("left", "right", "tie")] for pair in pairs], float)
    at = {name: i for i, name in enumerate(names)}
    ends = np.array([[at[first], at[second]] for first, second in pairs])
    rng = np.random.default_rng(seed)
    value = _fit(counts[None], ends, np.zeros((1, len(names))))[0]
    drawn = _fit(_draws(counts, rng, rounds), ends, _priors(groups, at, rng, rounds))
    low, high = np.percentile(drawn, (2.5, 97.5), axis=0)
    seen = np.zeros(len(names))
    np.add.at(seen, ends, counts.sum(axis=1)[:, None])
    return {
        name: Interval(
            value=float(value[i]),
            low=float(min(low[i], value[i])),
            high=float(max(high[i], value[i])),
            n=int(seen[i]),
        )
        for name, i in at.items()
    }


def _draws(counts: np.ndarray, rng: np.random.Generator, rounds: int) -> np.ndarray:
    """Votes drawn anew, (rounds, pairs, 3), each pair keeping its number. Drawn from its outcomes with a little of each added:
    from 9 wins of 9 alone every sample would be the same, and the interval a point."""
    smooth = counts + _SMALL
    shares = smooth / smooth.sum(axis=1, keepdims=True)
    totals = counts.sum(axis=1).astype(int)
    return rng.multinomial(totals, shares, size=(rounds, len(counts))).astype(float)


def _priors(
    groups: Sequence[Sequence[str]], at: Mapping[str, int], rng: np.random.Generator, rounds: int
) -> np.ndarray:
    """Where the prior of each sample has its middle, (rounds, models), around 0 within each group.

    Votes alone never make an unbeaten model stronger than it was found to be. With the prior drawn anew too, the interval says how
    much stronger it may be (randomize-then-optimize: J. Bardsley et al., SIAM J. Sci. Comput. 36, 2014).
    """
    drawn = rng.normal(0, _PRIOR_SD, size=(rounds, len(at)))
    for group in groups:
        places = [at[name] for name in group]
        drawn[:, places] -= drawn[:, places].mean(axis=1, keepdims=True)
    return drawn


def _fit(counts: np.ndarray, ends: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """The most likely strengths, (samples, models), of all samples at once, by Newton's method with short steps.

    The log-likelihood with the prior is strictly concave, so that there is one answer. The votes' part of its slope sums to 0 over
    each group of connected models, so that a group's strengths have the mean of its priors' middles.

    Args:
        counts: (samples, pairs, 3) wins of the first, wins of the second, ties.
        ends: (pairs, 2) places of the two models.
        middle: (samples, models) of the normal prior.
    """
    import numpy as np

    won = counts[..., 0] + counts[..., 2] / 2  # (samples, pairs)
    total = counts.sum(axis=-1)
    models = middle.shape[1]
    away = np.zeros((len(ends), models))  # row p: +1 at the first model of pair p, -1 at the second
    away[np.arange(len(ends)), ends[:, 0]], away[np.arange(len(ends)), ends[:, 1]] = 1, -1
    prior = 1 / _PRIOR_SD**2
    strengths = middle.copy()
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-(strengths @ away.T)))
        slope = (won - total * chance) @ away - prior * (strengths - middle)
        bend = np.einsum("sp,pi,pj->sij", total * chance * (1 - chance), away, away, optimize=True)
        step = np.linalg.solve(bend + prior * np.eye(models), slope[..., None])[..., 0]
        longest = np.abs(step).max(axis=1, keepdims=True)
        strengths = strengths + step * np.minimum(1, _LONGEST_STEP / np.maximum(longest, _TOLERANCE))
        if longest.max() < _TOLERANCE:
            break
    return strengths
