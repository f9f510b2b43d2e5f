"""Trains the weights of `tools.news.article.vote` on the first half of each corpus. Needs scikit-learn (it comes with the dev extra).

A block's label is how much of it the marked text holds; its importance grows with the square root of its words, so that every
page weighs the same and a long paragraph more than a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.news.corpora import Sample
from benchmarks.news.streams import make_streams
from tools.news.article import features
from tools.news.article.blocks import Page, key, tokens
from tools.news.article.cover import cover
from tools.news.article.extract import hold_ballot
from tools.news.article.vote import AROUND, Weights, context, odds, regimes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

__all__ = ["train"]

_REGULAR = 0.01  # scikit-learn's C, found on the halves that are trained on
_SHARED = 0.3  # how much of each regime's weights is those of all blocks together
_FOLDS = 4  # the second round learns from what the first says of pages it has not seen
_STREAMS, _STREAM_WEIGHT = 100, 0.15
_LEAST_SPREAD = 0.05
_FAR = 25  # blocks from any marked paragraph at which a marked short line is a coincidence


@dataclass(frozen=True)
class _Record:
    page: Page
    rows: Matrix
    labels: Matrix
    importance: Matrix


def train(corpora: Mapping[str, Sequence[Sample]], path: Path) -> None:
    """Train on the first halves and write the weights to `path`."""
    samples = [sample for corpus in corpora.values() for sample in corpus if sample.tuned]
    streams = make_streams(samples, _STREAMS)
    records = [record for sample in samples if (record := _record(sample, 1.0))]
    records += [record for sample in streams if (record := _record(sample, _STREAM_WEIGHT))]
    weights = _two_rounds(records)
    head = f"trained on {len(samples)} pages of {', '.join(corpora)} and {len(streams)} made of them"
    path.write_text(_as_yaml(weights, head), encoding="utf-8")
    print(f"{path}: {head}, {sum(len(record.rows) for record in records)} blocks")


def _record(sample: Sample, weight: float) -> _Record | None:
    import numpy as np

    ballot = hold_ballot(sample.page, sample.url)
    if ballot is None or not ballot.page.blocks:
        return None
    blocks = ballot.page.blocks
    words = [tokens(block.text) for block in blocks]
    labels = cover([key(block.text) for block in blocks], sample.body)
    sure = [at for at, label in enumerate(labels) if label > 0.5 and words[at] >= 8]
    for at, label in enumerate(labels):
        if label > 0.5 and words[at] < 8 and min((abs(at - other) for other in sure), default=_FAR + 1) > _FAR:
            labels[at] = 0.0
    importance = np.sqrt(np.array(words, float)) + 0.3
    rows = np.array(features.describe(ballot.page, ballot.votes, ballot.anchors), float)
    return _Record(ballot.page, rows, np.array(labels), weight * importance / importance.sum())


def _two_rounds(records: Sequence[_Record]) -> Weights:
    import numpy as np

    first = _round(records, [record.rows for record in records])
    second_rows: list[Matrix] = [np.empty(0)] * len(records)
    for fold in range(_FOLDS):
        rest = [record for at, record in enumerate(records) if at % _FOLDS != fold]
        unseen = _round(rest, [record.rows for record in rest])
        for at in range(fold, len(records), _FOLDS):
            record = records[at]
            second_rows[at] = context(record.page, record.rows, odds(record.rows, *unseen))
    return Weights(*first, *_round(records, second_rows))


def _round(records: Sequence[_Record], rows: Iterable[Matrix]) -> tuple[Matrix, Matrix]:
    """The weights (features x regimes) and constants of one round."""
    import numpy as np

    given = np.concatenate(list(rows))
    labels = np.concatenate([record.labels for record in records])
    importance = np.concatenate([record.importance for record in records])
    importance *= len(importance) / importance.sum()
    at = regimes(given)
    shared = _logistic(given, labels, importance)
    weights, constants = [], []
    for regime in range(3):
        chosen = at == regime
        own = _logistic(given[chosen], labels[chosen], importance[chosen])
        weights.append((1 - _SHARED) * own[0] + _SHARED * shared[0])
        constants.append((1 - _SHARED) * own[1] + _SHARED * shared[1])
    return np.array(weights).T, np.array(constants)


def _logistic(rows: Matrix, labels: Matrix, importance: Matrix) -> tuple[Matrix, float]:
    """Weights and constant for rows as they are (the scaling is folded in). A label between 0 and 1 counts as both."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(rows)
    scaler.scale_ = np.maximum(scaler.scale_, _LEAST_SPREAD)  # what hardly varies would get a weight out of all measure
    twice = np.concatenate([scaler.transform(rows)] * 2)
    sides = np.concatenate([np.ones(len(rows)), np.zeros(len(rows))])
    weight = np.concatenate([importance * labels, importance * (1 - labels)])
    used = weight > 1e-9
    model = LogisticRegression(C=_REGULAR, max_iter=3000).fit(twice[used], sides[used], sample_weight=weight[used])
    weights = model.coef_[0] / scaler.scale_
    return weights, float(model.intercept_[0] - (weights * scaler.mean_).sum())


def _as_yaml(weights: Weights, head: str) -> str:
    parts = (
        ("first", weights.first, weights.first_constant, features.names()),
        ("second", weights.second, weights.second_constant, (*features.names(), *AROUND)),
    )
    lines = [
        f"# Made by python -m benchmarks.news --train: {head}.",
        "# Columns: blocks that no extractor took, some, all.",
    ]
    for part, table, constant, names in parts:
        lines += [f"{part}:", f"  constant: [{', '.join(f'{value:.4f}' for value in constant)}]", "  weights:"]
        lines += [
            f"    {name}: [{', '.join(f'{value:.4f}' for value in row)}]"
            for name, row in zip(names, table, strict=True)
        ]
    return "\n".join(lines) + "\n"
