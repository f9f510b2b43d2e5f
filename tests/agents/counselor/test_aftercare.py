"""What follows a crisis card: fixed words and hotlines until something else is plainly asked."""

from __future__ import annotations

from typing import Literal

import pytest

from agents.counselor.aftercare import after_reply, crisis_kind, hotline_line, hotline_numbers, something_else
from agents.counselor.gate import CrisisKind

KINDS = (CrisisKind.SELF, CrisisKind.OTHER, CrisisKind.VIOLENCE)


@pytest.mark.parametrize(
    "message",
    [
        "那我該怎麼辦",
        "沒有人在乎",
        "我好累",
        "為什麼",
        "嗯",
        "打了沒人接",
        "要怎麼跟我媽說",
        "我考試考不好怎麼辦",
        "有什麼意義嗎",
        "謝謝",
        "我男友不要我了怎麼辦",
        "那工作怎麼辦",
        "what should I do",
        "nobody cares about me, why?",
    ],
)
def test_the_hotlines_stay_while_nothing_else_is_plainly_asked(message: str) -> None:
    assert not something_else(message)


@pytest.mark.parametrize(
    "message",
    [
        "INFP 適合什麼工作？",
        "履歷怎麼寫",
        "我想問履歷怎麼寫",
        "披薩要怎麼做",
        "明天會下雨嗎",
        "how do I write a resume?",
    ],
)
def test_another_subject_is_another_subject(message: str) -> None:
    assert something_else(message)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_text_is_there_with_its_numbers_and_no_place_left_open(
    kind: CrisisKind, lang: Literal["zh", "en"]
) -> None:
    text = after_reply(kind, lang)
    assert "{" not in text and "1925" in text and ("119" in text or "110" in text)
    assert "1925" in hotline_line(lang) and "{" not in hotline_line(lang)


def test_numbers_are_those_of_the_list_the_longest_first() -> None:
    assert hotline_numbers()[0] == "0800-013-999" and {"1925", "119", "110"} < set(hotline_numbers())


def test_the_kind_of_a_card_is_known_and_of_anything_else_there_is_none() -> None:
    assert crisis_kind("我不想活了") is CrisisKind.SELF and crisis_kind("履歷怎麼寫") is None
