"""BM25 scores that can be blended: bounded, comparable between questions, and exact about names and numbers."""

from __future__ import annotations

import numpy as np
import pytest

from tools.retrieval.lexical import LexicalIndex

TEXTS = ["台積電在 1987 年成立於新竹。", "TSMC was founded in 1987.", "聯電成立於 1980 年。", "颱風停班停課"]


def test_names_and_numbers_match_across_languages() -> None:
    scores = LexicalIndex(TEXTS).scores("TSMC 1987 年的員工")
    assert scores.argmax() == 1
    assert scores[0] > scores[3]


@pytest.mark.parametrize("query", ["台積電 1987", "聯電", "停課停班", "founded"])
def test_scores_lie_in_zero_to_one(query: str) -> None:
    scores = LexicalIndex(TEXTS).scores(query)
    assert scores.shape == (len(TEXTS),) and scores.dtype == np.float32
    assert (scores >= 0).all() and (scores <= 1).all() and scores.max() > 0


def test_asking_twice_does_not_count_twice() -> None:
    index = LexicalIndex(TEXTS)
    np.testing.assert_allclose(index.scores("聯電聯電聯電"), index.scores("聯電，聯電"), atol=0.35)
    np.testing.assert_array_equal(index.scores("聯電 聯電"), index.scores("聯電"))


@pytest.mark.parametrize("query", ["", "\ud800", "🙂" * 1000, "，" * 1000, "x" * 1_000_000])
def test_nothing_to_look_for_scores_nothing(query: str) -> None:
    assert not LexicalIndex(TEXTS).scores(query).any()
