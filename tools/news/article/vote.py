"""Which blocks of a page are the story: the extractors vote on each, and what the block looks like weighs their votes.

Two rounds of logistic regression. The first sees each block alone, the second also what the first thinks of its neighbours.
Each has three sets of weights: for blocks that no extractor took, that some took, and that all took. The weights are data
(`weights.yaml`), trained by `python -m benchmarks.news --train`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tools.news.article import features
from tools.news.article.blocks import Page, key, tokens
from tools.news.article.features import Anchors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

__all__ = ["AROUND", "REGIMES", "Weights", "around", "choose", "context", "load_weights", "odds", "regimes"]

_WEIGHTS = Path(__file__).with_name("weights.yaml")
REGIMES = ("none", "some", "all")
# What the second round adds to the features: what the first thinks of a block, its neighbours and its containers.
AROUND = (
    "first", "first_odds", "first_1_after", "first_1_before", "first_2_after", "first_2_before", "first_sides_least",
    "first_sides_most", "first_3_before", "first_3_after", "parent_share", "parent_weight", "parent_count", "above_share",
    "above_weight", "above_count", "story_before", "story_after", "story_least",
)  # fmt: skip
# Words from which a repeat is one (recipes and tables repeat shorter lines); letters from which a block may be the whole story.
_REPEAT, _LONG = 20, 400
_ENOUGH = 40  # words of a story that is not an accident


@dataclass(frozen=True)
class Weights:
    """Two rounds: a matrix of features x regimes, and a constant for each regime."""

    first: Matrix
    first_constant: Matrix
    second: Matrix
    second_constant: Matrix


@cache
def load_weights() -> Weights:
    """The trained weights.

    Raises:
        ValueError: they were trained for other features than `features.names()`.
    """
    import numpy as np
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the safe one either way; in C where it can be had
    given = yaml.load(_WEIGHTS.read_text(encoding="utf-8"), Loader=loader)
    parts = []
    for part, expected in (("first", features.names()), ("second", (*features.names(), *AROUND))):
        table = given[part]
        if tuple(table["weights"]) != expected:
            raise ValueError(f"{_WEIGHTS.name}: the weights of the {part} round are for other features; train again")
        parts += [np.array(list(table["weights"].values()), float), np.array(table["constant"], float)]
    return Weights(*parts)


def regimes(rows: Matrix) -> NDArray[np.int64]:
    """For each row 0, 1 or 2: no extractor took the block, some did, all did."""
    import numpy as np

    agreed = rows[:, features.names().index("agreed")]
    return np.where(agreed < 0.01, 0, np.where(agreed < 0.99, 1, 2))


def odds(rows: Matrix, weights: Matrix, constant: Matrix) -> Matrix:
    """The probability of each row by the weights of its regime."""
    import numpy as np

    at = regimes(rows)
    logits = np.einsum("ij,ji->i", rows, weights[:, at]) + constant[at]
    return 1 / (1 + np.exp(-np.clip(logits, -30, 30)))


def around(page: Page, first: Matrix) -> Matrix:
    """The features `AROUND` of each block, from the first round's probabilities."""
    import numpy as np

    count = len(first)
    words = np.array([tokens(block.text) for block in page.blocks], float)
    story = first * words
    whole = story.sum() + 1e-9

    def shifted(by: int) -> Matrix:
        padded = np.concatenate([np.zeros(2), first, np.zeros(2)])
        return padded[2 + by : 2 + by + count]

    def window(start: int) -> Matrix:
        held, full = (np.concatenate([np.zeros(3), each, np.zeros(3)]) for each in (story, words))
        return sum(held[3 + start + i :][:count] for i in range(3)) / np.maximum(
            1, sum(full[3 + start + i :][:count] for i in range(3))
        )

    homes = []
    for depth in (1, 2):
        ids = [block.path[-depth] if len(block.path) >= depth else -1 for block in page.blocks]
        _, at = np.unique(ids, return_inverse=True)
        held, full, count_in = (np.bincount(at, each) for each in (story, words, first > 0.5))
        homes += [(held / np.maximum(1, full))[at], (held / whole)[at], np.minimum(1, count_in / 6)[at]]
    before = (np.cumsum(story) - story) / whole
    after = 1 - before - story / whole
    sure = np.clip(first, 0.01, 0.99)
    sides = (shifted(1), shifted(-1))
    ends = (before, after, np.minimum(before, after))
    itself = (first, np.log(sure / (1 - sure)) / 4)
    beside = (*sides, shifted(2), shifted(-2), np.minimum(*sides), np.maximum(*sides), window(-3), window(1))
    return np.column_stack([*itself, *beside, *homes, *ends])


def context(page: Page, rows: Matrix, first: Matrix) -> Matrix:
    """The rows of the second round."""
    import numpy as np

    return np.column_stack([rows, around(page, first)])


def choose(page: Page, votes: Mapping[str, Sequence[float]], anchors: Anchors) -> list[int]:
    """The places of the blocks that are the story, in order, each text once."""
    import numpy as np

    if not page.blocks:
        return []
    weights = load_weights()
    rows = np.array(features.describe(page, votes, anchors), float)
    first = odds(rows, weights.first, weights.first_constant)
    second = odds(context(page, rows, first), weights.second, weights.second_constant)
    places = [at for at in range(len(second)) if second[at] > 0.5]
    return _once(page, _one_story(page, places, rows[:, features.names().index("other_title")] > 0.5))


def _one_story(page: Page, places: list[int], behind: Sequence[bool]) -> list[int]:
    """Without what stands `behind` another title of the same kind: pages that never end put the next story there."""
    own = [at for at in places if not behind[at]]
    return own if sum(tokens(page.blocks[at].text) for at in own) >= _ENOUGH else places


def _once(page: Page, places: Sequence[int]) -> list[int]:
    """Without what was there before, and without the whole story a second time in one piece (pages keep such for machines)."""
    kept, seen = [], ""
    for at in places:
        text = key(page.blocks[at].text)
        if text in seen and tokens(page.blocks[at].text) >= _REPEAT:
            continue
        pieces = [text[i : i + 20] for i in range(0, len(text) - 20, 40)] if len(text) >= _LONG else []
        if pieces and sum(piece in seen for piece in pieces) > 0.8 * len(pieces):
            continue
        seen += text
        kept.append(at)
    return kept
