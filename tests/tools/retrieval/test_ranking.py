"""Ranking: the right passage first, in any script and language, and never a passage that was filtered out."""

from __future__ import annotations

import numpy as np
import pytest

from tools.retrieval.embed import Embedder
from tools.retrieval.gloss import GlossEmbedder
from tools.retrieval.ranking import Ranker

TEXTS = [
    "選擇科系以前，先去旁聽兩堂課，再和學長姐聊聊。",
    "打工的時候遇到不講理的客人，可以先請店長處理。",
    "期末考前一週，把 Python 作業拆成三段來寫。",
    "喜歡的人已讀不回，不一定代表討厭你。",
    "Sleep well before a job interview, and bring two questions of your own.",
    "🙂",
]


class Letters:
    """An embedder without word vectors: how often each of 26 letters stands in a text."""

    name, revision, dims, floor = "letters", "1", 26, 0.0

    def embed(self, texts: list[str]) -> np.ndarray:
        rows = np.array([[text.count(chr(97 + i)) for i in range(26)] for text in texts], dtype=np.float32)
        rows = rows.reshape(len(texts), 26)
        rows[rows.sum(axis=1) == 0, 0] = 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def made(texts: list[str], embedder: Embedder) -> Ranker:
    return Ranker(texts, embedder.embed(texts), embedder)


@pytest.fixture(scope="module")
def ranker() -> Ranker:
    return made(TEXTS, GlossEmbedder())


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("要選哪個系", 0),
        ("which major should I choose at university", 0),
        ("客人很兇怎麼辦", 1),
        ("ＰＹＴＨＯＮ 作业", 2),
        ("he reads my messages but never answers, does he hate me", 3),
        ("面試前一天要注意什麼", 4),
    ],
)
def test_the_right_passage_comes_first(ranker: Ranker, query: str, best: int) -> None:
    assert ranker.rank(query)[0].position == best


def test_simplified_and_traditional_rank_the_same(ranker: Ranker) -> None:
    assert ranker.rank("選科系以前要準備什麼") == ranker.rank("选科系以前要准备什么")


def test_scores_are_parts_of_one_and_descend(ranker: Ranker) -> None:
    ranked = ranker.rank("打工遇到奧客，要找店長嗎")
    assert sorted(hit.position for hit in ranked) == list(range(len(TEXTS)))
    assert [hit.score for hit in ranked] == sorted((hit.score for hit in ranked), reverse=True)
    for hit in ranked:
        assert all(0 <= value <= 1 for value in (hit.score, hit.lexical, hit.semantic, hit.rerank))


def test_the_filter_comes_before_the_ranking() -> None:
    # 200 passages fit better than the three that may be shown: a filter after a cut at 50 would leave none.
    texts = ["壓力很大睡不著怎麼辦"] * 200 + ["壓力", "睡不著", "作業"]
    ranked = made(texts, GlossEmbedder()).rank("壓力很大睡不著怎麼辦", positions=[202, 201, 200], k=3)
    assert {hit.position for hit in ranked} == {200, 201, 202}
    assert ranked[-1].position == 202


def test_ties_keep_the_order_given() -> None:
    ranker = made(["一樣的話"] * 120, GlossEmbedder())
    assert [hit.position for hit in ranker.rank("一樣的話")] == list(range(120))
    assert [hit.position for hit in ranker.rank("一樣的話", positions=[7, 3, 99])] == [7, 3, 99]


def test_k_and_empty_filters(ranker: Ranker) -> None:
    assert len(ranker.rank("科系", k=2)) == 2
    assert ranker.rank("科系", k=2) == ranker.rank("科系")[:2]
    assert ranker.rank("科系", k=0) == ranker.rank("科系", positions=[]) == []
    assert len(ranker.rank("科系", k=99)) == len(TEXTS)
    assert made([], GlossEmbedder()).rank("科系") == []


@pytest.mark.parametrize(
    "query", ["", " ", "🙂", "\udce6", "zzzqq", "很累" * 100_000, "0 " * 50_000, '{"$ne": ""} OR 1=1']
)
def test_any_question_is_ranked(ranker: Ranker, query: str) -> None:
    ranked = ranker.rank(query)
    assert len(ranked) == len(TEXTS)
    assert all(np.isfinite(hit.score) for hit in ranked)


def test_a_question_without_words_scores_nothing(ranker: Ranker) -> None:
    assert {hit.score for hit in ranker.rank("")} == {0.0}


def test_an_embedder_without_word_vectors_is_blended_only() -> None:
    ranked = made(["abc", "xyz", "aab"], Letters()).rank("abc")
    assert ranked[0].position == 0 and {hit.rerank for hit in ranked} == {0.0}


def test_vectors_must_fit_the_texts() -> None:
    with pytest.raises(ValueError, match="2 texts"):
        Ranker(["a", "b"], np.zeros((3, 26), dtype=np.float32), Letters())
