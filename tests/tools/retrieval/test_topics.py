"""The topic list: its schema, and what its cues say of a question."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.retrieval import BadDocument, Topics
from tools.settings import data_dir

TOPICS = ["overview", "strengths", "work", "study", "love", "stress", "talk", "choices", "limits", "reading", "about"]


@pytest.fixture(scope="module")
def topics() -> Topics:
    return Topics.load(data_dir() / "mbti" / "topics.yaml")


def small(folder: Path, text: str) -> Topics:
    path = folder / "topics.yaml"
    path.write_text(text, encoding="utf-8")
    return Topics.load(path)


SMALL = """
- {topic: love, title_zh: 愛情, title_en: Love, cues_zh: [喜歡的人, 聊天室的她], cues_en: [break up, date]}
- {topic: talk, title_zh: 溝通, title_en: Talk, cues_zh: [聊天, 喜歡的人], cues_en: [talk, breaking news]}
"""


def test_the_house_list_is_whole(topics: Topics) -> None:
    assert [topic.topic for topic in topics] == TOPICS
    for topic in topics:
        assert len(topic.cues_zh) >= 40 and len(topic.cues_en) >= 20, topic.topic
        for cues in (topic.cues_zh, topic.cues_en):
            assert len(set(cues)) == len(cues), f"{topic.topic} names a cue twice"
            assert all(cue.strip() for cue in cues)


def test_the_house_list_is_traditional(topics: Topics) -> None:
    from tools.chinese import inspect

    for topic in topics:
        report = inspect("，".join([topic.title_zh, *topic.cues_zh]))
        assert not report.simplified and not report.quoted_simplified_count, topic.topic


@pytest.mark.parametrize(
    ("query", "topic"),
    [
        ("怎麼找工作", "work"),
        ("怎么找工作", "work"),
        ("怎麼告白", "love"),
        ("I keep procrastinating", "study"),
        ("ＢＵＲＮＯＵＴ", "stress"),
        ("MBTI 準嗎", "limits"),
        ("這是誰寫的", "about"),
    ],
)
def test_cues_are_seen_in_any_script_width_and_ending(topics: Topics, query: str, topic: str) -> None:
    prior = topics.prior(query)
    assert max(prior, key=prior.get) == topic
    assert 0 < prior[topic] < 1


def test_a_longer_cue_hides_the_shorter_one_inside_it(tmp_path: Path) -> None:
    topics = small(tmp_path, SMALL)
    assert set(topics.prior("想聊天")) == {"talk"}
    assert set(topics.prior("聊天室的她")) == {"love"}


def test_a_shared_cue_is_split(tmp_path: Path) -> None:
    topics = small(tmp_path, SMALL)
    assert topics.prior("喜歡的人")["love"] == topics.prior("喜歡的人")["talk"]
    assert topics.prior("喜歡的人，聊天")["talk"] > topics.prior("喜歡的人，聊天")["love"] > 0


def test_english_cues_match_whole_words(tmp_path: Path) -> None:
    topics = small(tmp_path, SMALL)
    assert set(topics.prior("we are breaking up")) == {"love"}
    assert set(topics.prior("two dates")) == {"love"}
    assert topics.prior("update my mandate") == {}
    assert topics.prior("break the upper window") == {}


@pytest.mark.parametrize("query", ["", "🙂", "zzz qqq"])
def test_nothing_points_nowhere(topics: Topics, query: str) -> None:
    assert topics.prior(query) == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SMALL.replace("topic: love", "topic: Love!"), "0.topic"),
        (SMALL.replace("cues_en: [break up, date]", "cues_en: []"), "0.cues_en"),
        (SMALL.replace("date]", "yes]"), "0.cues_en.1"),  # YAML reads a bare yes as true
        (SMALL.replace("title_en: Talk, ", ""), "1.title_en"),
        ("[unclosed", "topics.yaml"),
    ],
)
def test_a_broken_list_is_an_error_that_names_the_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadDocument) as caught:
        small(tmp_path, text)
    assert said in str(caught.value)
