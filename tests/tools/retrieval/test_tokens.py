"""One tokeniser for index and query, and the word index on it: every form a person types must hit."""

from __future__ import annotations

import numpy as np
import pytest

from tools.retrieval import LexicalIndex, tokenize

TEXTS = [
    "選擇科系以前，先去旁聽兩堂課，再和學長姐聊聊。",
    "打工的時候遇到不講理的客人，可以先請店長處理。",
    "期末考前一週，把 Python 作業拆成三段來寫。",
    "喜歡的人已讀不回，不一定代表討厭你。",
]


def test_chinese_is_cut_into_characters_and_pairs() -> None:
    first, second, third, *pairs = tokenize("選科系")
    assert pairs == [first + second, second + third]
    assert tokenize("選科系") == tokenize("选科系")


def test_words_and_numbers_stay_whole_and_punctuation_goes() -> None:
    assert tokenize("Python3, 2026！don't　STOP") == ["python3", "2026", "don't", "stop"]
    assert tokenize("🙂 …！?") == []
    assert tokenize("") == []


def test_pairs_do_not_span_a_break() -> None:
    assert set(tokenize("打工，期末")) == {*tokenize("打工"), *tokenize("期末")}


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("系", 0),  # one character
        ("科系", 0),  # two characters
        ("要选什么科系", 0),  # Simplified
        ("店長", 1),
        ("店长", 1),
        ("python 作業怎麼寫", 2),  # mixed
        ("ＰＹＴＨＯＮ", 2),  # full width
        ("已讀不回", 3),
        ("已读不回", 3),
    ],
)
def test_every_form_of_a_query_hits(query: str, best: int) -> None:
    scores = LexicalIndex(TEXTS).scores(query)
    assert scores.argmax() == best
    assert scores[best] > 0


def test_simplified_and_traditional_queries_score_the_same() -> None:
    index = LexicalIndex(TEXTS)
    np.testing.assert_array_equal(index.scores("選擇科系"), index.scores("选择科系"))


def test_scores_are_between_nothing_and_all() -> None:
    index = LexicalIndex(TEXTS)
    whole, part = index.scores(TEXTS[0]), index.scores("科系 zebra quux")
    assert (whole >= 0).all() and (whole <= 1).all()
    assert 0 < part[0] < index.scores("科系")[0], "unknown words must lower the score"


@pytest.mark.parametrize("query", ["", "🙂", "zebra", "，。"])
def test_a_query_without_a_known_token_scores_nothing(query: str) -> None:
    assert not LexicalIndex(TEXTS).scores(query).any()


def test_texts_without_any_token_can_be_indexed() -> None:
    assert LexicalIndex(["🙂", ""]).scores("科系").tolist() == [0.0, 0.0]
    assert len(LexicalIndex([]).scores("科系")) == 0
