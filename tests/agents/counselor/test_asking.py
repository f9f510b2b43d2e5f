"""What a question means where it stands, read without a model."""

from __future__ import annotations

import pytest

from agents.counselor.asking import leans_on, only_types, own_type, points_back, types_named


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("我是 INFP，最近很迷惘", "INFP"),
        ("我測出來是infp-t欸", "INFP"),
        ("身為ＩＮＦＪ到底要怎麼拒絕別人", "INFJ"),
        ("INTP", "INTP"),
        ("I'm an ENTP and I hate routine", "ENTP"),
        ("As an ISFJ I can't say no", "ISFJ"),
        ("我男友是 ESTJ，常常吵架", ""),
        ("我覺得他是INTJ", ""),
        ("我是ENFP，我女友是ISTJ", "ENFP"),
        ("我女友是ISTJ，我是ENFP", "ENFP"),
        ("my boss is ESTJ", ""),
        ("INFP 和 ENTJ 合嗎", ""),
        ("我們班的 INFJ 都很安靜", ""),
        ("我想去 MINTJOY 買東西", ""),
        ("不知道未來可以做什麼", ""),
    ],
)
def test_a_type_is_taken_as_ones_own_only_when_the_writer_says_so(text: str, own: str) -> None:
    assert own_type(text) == own


def test_every_type_named_is_found_once_in_order() -> None:
    assert types_named("infp 跟 ENTJ、INFP-T 和ｅｓｔｊ") == ["INFP", "ENTJ", "ESTJ"]


@pytest.mark.parametrize(
    "text",
    [
        "可以再舉個例子嗎？",
        "為什麼會這樣",
        "第二點做不到怎麼辦",
        "你剛剛說的是什麼意思",
        "why?",
        "我應該是 INFP",
        "可以講白話一點嗎",
        "那要從哪裡開始",
    ],
)
def test_what_points_back(text: str) -> None:
    assert points_back(text) and leans_on(text)


@pytest.mark.parametrize(
    "text",
    [
        "那感情方面呢？",
        "還有讀書",
        "那和家人怎麼說",
        "what about love?",
        "披薩要怎麼做",
        "asdfgh",
        "那我的貓呢？",
        "這個月要怎麼存錢",
    ],
)
def test_what_names_something_of_its_own_stands_by_itself(text: str) -> None:
    assert not points_back(text) and not leans_on(text)


@pytest.mark.parametrize(
    ("text", "types"),
    [("那跟 ESTJ 呢？", ["ESTJ"]), ("what about ENFP?", ["ENFP"]), ("我男友是 ESTJ", []), ("為什麼", [])],
)
def test_a_question_that_only_names_a_type_points_back_with_it(text: str, types: list[str]) -> None:
    assert only_types(text) == types and (points_back(text) or not types)


@pytest.mark.parametrize(
    "text",
    [
        "不知道未來可以做什麼，覺得很迷惘",
        "我男友是 ESTJ，常常吵架怎麼辦",
        "How can I find a job I like?",
        "先不講這個，我最近睡不好",
    ],
)
def test_what_stands_by_itself(text: str) -> None:
    assert not leans_on(text)
