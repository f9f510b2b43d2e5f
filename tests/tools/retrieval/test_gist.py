"""What a question is about: topics nobody wrote a cue for, both languages, and questions that are none of the house's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tools.retrieval import BadDocument, GlossEmbedder, Topics, read_folder
from tools.retrieval.elsewhere import read_elsewhere
from tools.retrieval.nearness import Nearness
from tools.retrieval.topic_model import TopicModel
from tools.settings import data_dir

FOLDER = data_dir() / "mbti"


@pytest.fixture(scope="module")
def model() -> TopicModel:
    topics = Topics.load(FOLDER / "topics.yaml")
    elsewhere = read_elsewhere(FOLDER / "elsewhere.yaml")
    return TopicModel(topics, read_folder(FOLDER, "mbti"), elsewhere, GlossEmbedder())


@pytest.mark.parametrize(
    ("query", "topic"),
    [
        ("怎麼找工作", "work"),
        ("幹活幹到懷疑自己", "work"),
        ("心上人對我愛理不理", "love"),
        ("My sweetheart ignores me", "love"),
        ("I cannot concentrate on my textbooks", "study"),
    ],
)
def test_the_topic_is_seen_without_its_very_words(model: TopicModel, query: str, topic: str) -> None:
    prior = model.gist(query).prior
    assert max(prior, key=prior.get) == topic
    assert all(0 <= value <= 1 for value in prior.values())


@pytest.mark.parametrize(
    ("mine", "other"),
    [
        ("男友都不回訊息，我好難過", "明天會不會下雨"),
        ("想轉系又怕後悔", "機票去哪裡買比較便宜"),
        ("I burned out after the midterms", "How do I reverse a linked list?"),
        ("你好，我最近壓力好大", "你好"),
        ("報告一直拖怎麼辦", "火鍋湯底怎麼煮"),
    ],
)
def test_concern_tells_the_house_from_elsewhere(model: TopicModel, mine: str, other: str) -> None:
    assert model.gist(mine).concern > 1.5 * model.gist(other).concern


@pytest.mark.parametrize("query", ["", "🙂", "？？", "\n"])
def test_a_question_without_a_word_points_nowhere(model: TopicModel, query: str) -> None:
    gist = model.gist(query)
    assert not any(gist.prior.values()) and 0 <= gist.concern <= 0.5


def test_script_does_not_matter(model: TopicModel) -> None:
    one, other = model.gist("男友都不回訊息，我好難過"), model.gist("男友都不回讯息，我好难过")
    assert one.prior == pytest.approx(other.prior, abs=1e-6) and one.concern == pytest.approx(other.concern)


def test_nearness_is_by_word_and_as_a_whole() -> None:
    near = Nearness(GlossEmbedder(), ["狗 貓 寵物", "稅 銀行 利率"])
    words, whole = near.of("dog")
    assert words[0] > 0.5 > words[1] and whole[0] > whole[1]
    words, whole = near.of("銀行")
    assert words[1] == pytest.approx(1, abs=0.02)
    words, whole = near.of("")
    assert not words.any() and not whole.any() and len(near) == 2
    np.testing.assert_array_equal(near.of("dog")[0], near.of("dog")[0])


def test_the_house_list_of_other_matters() -> None:
    texts = read_elsewhere(FOLDER / "elsewhere.yaml")
    assert len(texts) >= 10
    assert all("怎麼" in text for text in texts), "words of any question stand in every entry"
    cues = {cue for topic in Topics.load(FOLDER / "topics.yaml") for cue in topic.cues()}
    shared = cues & set.union(*(set(text.split("\n")) for text in texts))
    assert not shared, "a topic's own cue cannot be somebody else's matter"


def test_without_that_list_every_question_is_the_houses(tmp_path: Path) -> None:
    assert read_elsewhere(tmp_path / "elsewhere.yaml") == []
    topics = Topics.load(FOLDER / "topics.yaml")
    model = TopicModel(topics, read_folder(FOLDER, "mbti"), [], GlossEmbedder())
    assert model.gist("明天會不會下雨").concern == 1


@pytest.mark.parametrize(
    "text", ["- {about: x}", "[unclosed", "- {about: x, words_zh: [], words_en: [a]}", "just text"]
)
def test_a_broken_list_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "elsewhere.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadDocument, match=r"elsewhere\.yaml"):
        read_elsewhere(path)
