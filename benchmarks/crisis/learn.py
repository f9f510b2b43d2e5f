"""Fits the crisis gate's table: for each question, a logistic regression on which pieces a text has.

The same cases give the same file, bit for bit on one machine: no random number is drawn.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from agents.counselor.gate_data import CrisisKind
from agents.counselor.gate_score import QUESTIONS, STRANGE, LearnedFile, Question, pieces
from agents.counselor.gate_text import BREAK, fold
from benchmarks.crisis.cases import Case

__all__ = ["learn"]

SCALE = 100  # numbers are kept as hundredths
SELDOM = 3  # pieces seen in fewer texts are left out
RIDGE = 0.1  # strength of the penalty on weights; flat between 0.06 and 0.25 across writers
CLAUSE = 0.5  # what a clause of a harmless message counts, compared with the message
STEPS, MEMORY, ENOUGH = 300, 10, 1e-5  # of the descent: steps at most, steps remembered, least relative gain

_HARM = (CrisisKind.SELF, CrisisKind.OTHER, CrisisKind.VIOLENCE)


class _Example(NamedTuple):
    key: str
    expected: str
    weight: float


def learn(cases: Sequence[Case]) -> LearnedFile:
    """The table that fits `cases` best under the penalty. About a minute for some ten thousand cases.

    The clauses of a message in which nobody is at risk are harmless too, and are learned as such: otherwise the words of a
    long sad story come to sound alarming where they stand alone.
    """
    examples = list(_examples(cases))
    seen = [sorted(pieces(one.key)) for one in examples]
    counts = Counter(piece for one in seen for piece in one)
    names = sorted(piece for piece, count in counts.items() if count >= SELDOM)
    place = {piece: number for number, piece in enumerate(names)}
    telling = np.rint([SCALE * (1 + np.log((1 + len(seen)) / (1 + counts[piece]))) for piece in names]) / SCALE
    rarest = float(telling.max())

    known = [[place[piece] for piece in one if piece in place] for one in seen]
    rows = np.repeat(np.arange(len(seen)), [len(one) for one in known])
    columns = np.array([number for one in known for number in one])
    strangers = np.array([len(one) - len(had) for one, had in zip(seen, known, strict=True)])
    squares = (
        np.bincount(rows, telling[columns] ** 2, len(seen)) + STRANGE * strangers * rarest**2
    )  # as gate_score.norm
    values = telling[columns] / np.sqrt(squares)[rows]

    wanted = np.array([[_answer(question, one.expected) for question in QUESTIONS] for one in examples])
    weights, bias = _fit(rows, columns, values, wanted, np.array([one.weight for one in examples]), len(names))
    lines = np.rint(np.column_stack([telling, weights]) * SCALE).astype(int).tolist()
    return LearnedFile(
        note="Written by `python -m benchmarks.crisis --learn` from the labelled cases; not for editing by hand.",
        questions=QUESTIONS,
        scale=SCALE,
        rarest=round(rarest * SCALE),
        bias=tuple(int(value) for value in np.rint(bias * SCALE)),
        pieces={name: tuple(line) for name, line in zip(names, lines, strict=True)},
    )


def _examples(cases: Sequence[Case]) -> Iterator[_Example]:
    for case in cases:
        key = fold(case.text).replace(BREAK, "")
        yield _Example(key, case.expected, case.weight)
        clauses = re.findall("[^\n,]+", key)
        if case.expected == CrisisKind.NONE and case.writer != "everyday" and len(clauses) > 1:
            yield from (_Example(clause, case.expected, case.weight * CLAUSE) for clause in clauses)


def _answer(question: Question, expected: str) -> float:
    if question == "uneasy":
        return {"none": 0.0, "soft": 0.5}.get(expected, 1.0)
    return float(expected in _HARM if question == "alarm" else expected == question)


def _fit(
    rows: np.ndarray, columns: np.ndarray, values: np.ndarray, wanted: np.ndarray, counts: np.ndarray, width: int
) -> tuple[np.ndarray, np.ndarray]:
    """Weights (pieces x questions) and bias (questions) that make the penalised loss smallest."""
    cases, questions = wanted.shape
    often = counts[:, None]

    def loss(point: np.ndarray) -> tuple[float, np.ndarray]:
        weights, bias = point[:-1], point[-1]
        sums = [np.bincount(rows, values * weights[columns, one], cases) for one in range(questions)]
        scores = bias + np.stack(sums, 1)
        off = often * (1 / (1 + np.exp(-scores)) - wanted)
        slope = np.stack([np.bincount(columns, values * off[rows, one], width) for one in range(questions)], 1)
        value = (often * (np.logaddexp(0, scores) - wanted * scores)).sum() + RIDGE / 2 * (weights**2).sum()
        return float(value), np.vstack([slope + RIDGE * weights, off.sum(axis=0)])

    point = _lowest(loss, np.zeros((width + 1, questions)))
    return point[:-1], point[-1]


def _lowest(loss: Callable[[np.ndarray], tuple[float, np.ndarray]], point: np.ndarray) -> np.ndarray:
    """Where a convex `loss` (its value and slope) is lowest, by L-BFGS (Nocedal & Wright 2006, algorithm 7.5)."""
    value, slope = loss(point)
    moves: deque[tuple[np.ndarray, np.ndarray, float]] = deque(maxlen=MEMORY)
    for _ in range(STEPS):
        way, shares = -slope, list[float]()
        for move, turn, rate in reversed(moves):
            shares.append(rate * float((move * way).sum()))
            way = way - shares[-1] * turn
        if moves:
            move, turn, rate = moves[-1]
            way = way / (rate * float((turn * turn).sum()))
        for (move, turn, rate), share in zip(moves, reversed(shares), strict=True):
            way = way + (share - rate * float((turn * way).sum())) * move
        step, drop = 1.0 if moves else 1.0 / float(np.abs(slope).sum()), float((slope * way).sum())
        while (ahead := loss(point + step * way))[0] > value + 1e-4 * step * drop and step > 1e-12:
            step /= 2
        move, turn = step * way, ahead[1] - slope
        if (bend := float((move * turn).sum())) > 0:
            moves.append((move, turn, 1 / bend))
        point, gained, (value, slope) = point + move, value - ahead[0], ahead
        if gained < ENOUGH * value:
            break
    return point
