"""Fits the crisis gate's linear model: multinomial logistic regression on which pieces a text has, by full-batch descent.

The same cases give the same file, bit for bit on one machine: no random number is drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from agents.counselor.gate_data import CrisisKind
from agents.counselor.gate_rules import audible
from agents.counselor.gate_score import LearnedFile, pieces
from agents.counselor.gate_text import fold

__all__ = ["learn"]

KINDS = tuple(CrisisKind)
SCALE = 100  # numbers are kept as hundredths
SELDOM = 3  # pieces seen in fewer cases are left out
RIDGE = 0.125  # strength of the penalty on weights; flat between 0.05 and 0.2 in cross-validation
STEPS = 300

Case = tuple[str, CrisisKind]


def learn(cases: Sequence[Case]) -> LearnedFile:
    """The model that fits `cases` best under the penalty. Some seconds for some thousand cases."""
    seen = [sorted(pieces(audible(fold(text)))) for text, _ in cases]
    counts = Counter(piece for one in seen for piece in one)
    names = sorted(piece for piece, count in counts.items() if count >= SELDOM)
    place = {piece: number for number, piece in enumerate(names)}
    telling = np.array([1 + np.log((1 + len(seen)) / (1 + counts[piece])) for piece in names])
    known = [[place[piece] for piece in one if piece in place] for one in seen]
    rows = np.repeat(np.arange(len(seen)), [len(one) for one in known])
    columns = np.array([number for one in known for number in one])
    lengths = np.sqrt(np.bincount(rows, telling[columns] ** 2, len(seen)))
    values = telling[columns] / lengths[rows]
    wanted = np.zeros((len(cases), len(KINDS)))
    wanted[np.arange(len(cases)), [KINDS.index(kind) for _, kind in cases]] = 1
    weights, bias = _fit(rows, columns, values, wanted, len(names))
    lines = np.rint(np.column_stack([telling, weights]) * SCALE).astype(int).tolist()
    return LearnedFile(
        note="Written by `python -m benchmarks.crisis --learn` from the labelled cases; not for editing by hand.",
        kinds=KINDS,
        scale=SCALE,
        bias=tuple(int(value) for value in np.rint(bias * SCALE)),
        pieces={name: tuple(line) for name, line in zip(names, lines, strict=True)},
    )


def _fit(
    rows: np.ndarray, columns: np.ndarray, values: np.ndarray, wanted: np.ndarray, width: int
) -> tuple[np.ndarray, np.ndarray]:
    """Weights (pieces x kinds) and bias (kinds), by Nesterov's accelerated gradient (restarted when it overshoots)."""
    kinds = wanted.shape[1]
    weights, bias = np.zeros((width, kinds)), np.zeros(kinds)
    ahead, ahead_bias, pace = weights, bias, 1.0
    rate = 1 / (0.5 + RIDGE)  # the loss of one case curves at most 1/2 for rows of length 1 (and a bias)
    ridge = RIDGE / len(wanted)
    step = rate
    for _ in range(STEPS):
        scores = ahead_bias + np.stack(
            [np.bincount(rows, values * ahead[columns, kind], len(wanted)) for kind in range(kinds)], axis=1
        )
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        off = (odds / odds.sum(axis=1, keepdims=True) - wanted) / len(wanted)
        slope = ridge * ahead + np.stack(
            [np.bincount(columns, values * off[rows, kind], width) for kind in range(kinds)], axis=1
        )
        new, new_bias = ahead - step * slope, ahead_bias - step * off.sum(axis=0)
        if np.sum(slope * (new - weights)) > 0:
            pace = 1.0
        faster = (1 + np.sqrt(1 + 4 * pace * pace)) / 2
        ahead = new + (pace - 1) / faster * (new - weights)
        ahead_bias = new_bias + (pace - 1) / faster * (new_bias - bias)
        weights, bias, pace = new, new_bias, faster
    return weights, bias
