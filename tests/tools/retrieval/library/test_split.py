"""Passages: all words, in order, once; cut where a reader would cut; within their bounds."""

from __future__ import annotations

import random
import re
from itertools import pairwise

import pytest

from tests.tools.retrieval.library.files import EN, ZH
from tools.retrieval.library.split import LONGEST, SHORTEST, cut, weight


def pieces(text: str) -> list[str]:
    return [text[start:end] for start, end in cut(text)]


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_weight_is_one_a_character_and_two_a_word() -> None:
    assert weight("期末報告") == 4
    assert weight("four words of English") == 8
    assert weight("用 GPT 寫") == 4


@pytest.mark.parametrize("paragraphs", [1, 3, 40])
def test_long_chinese_text_keeps_within_the_bounds(paragraphs: int) -> None:
    text = "\n\n".join("".join(ZH * 4) for _ in range(paragraphs))
    found = pieces(text)
    assert all(SHORTEST <= weight(piece) <= LONGEST for piece in found) and len(found) > 1
    assert "".join(map(bare, found)) == bare(text)
    assert all(piece.endswith("。") for piece in found)


def test_long_english_text_keeps_within_the_bounds() -> None:
    found = pieces(EN * 30)
    assert all(110 <= len(piece.split()) <= 230 for piece in found) and len(found) > 3
    assert all(piece.endswith(".") and piece[0].isupper() for piece in found)


def test_paragraphs_are_better_cuts_than_sentences() -> None:
    """Stops: a passage that ends in the middle of a paragraph though one end was near."""
    paragraph = "".join(ZH * 2)  # about 290
    assert pieces("\n\n".join([paragraph] * 3)) == [paragraph] * 3


def test_tiny_paragraphs_are_put_together() -> None:
    lines = [f"第{n}項要記得帶學生證。" for n in range(60)]
    found = pieces("\n\n".join(lines))
    assert all(weight(piece) >= SHORTEST for piece in found) and 1 < len(found) < 4


def test_a_short_section_is_one_passage_however_short() -> None:
    assert pieces("  短。\n") == ["短。"]
    assert pieces("") == [] and pieces(" \n\n　") == []


def test_closing_marks_stay_with_their_sentence() -> None:
    text = "".join(f"他說：「第{n}次我們一定會把範圍縮小，先做一個人用得到的版本！」" for n in range(40))
    assert all(piece.endswith("！」") for piece in pieces(text))


@pytest.mark.parametrize("short", ["Dr. ", "e.g. ", "No. ", "3.14 ", "Fig. "])
def test_a_dot_that_ends_no_sentence_is_no_cut(short: str) -> None:
    text = " ".join(f"Number {n} says {short}Smith went home early on that very day." for n in range(60))
    assert all(piece.endswith("day.") for piece in pieces(text))


@pytest.mark.parametrize(
    "text",
    ["字" * 5_000, "word " * 3_000, "x" * 40_000, "。" * 5_000, "字\n" * 5_000, "——" * 3_000, "短，" * 3_000, "a\n\n" * 3_000],
    ids=["no stops", "no dots", "one word", "only stops", "one a line", "dashes", "commas", "letters"],
)  # fmt: skip
def test_text_without_sentences_is_cut_all_the_same(text: str) -> None:
    """Stops: a passage of a megabyte, which no model takes and no page shows."""
    found = pieces(text)
    assert all(weight(piece) <= LONGEST + 1 and len(piece) < 3_000 for piece in found)
    assert "".join(map(bare, found)) == bare(text)


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_lost_repeated_or_moved(seed: int) -> None:
    dice = random.Random(seed)
    parts = [
        *ZH,
        EN,
        "短句。",
        "「引用。」",
        "- 項目",
        "\n",
        "\n\n",
        " ",
        "https://example.com/a?b=1",
        "3.14",
        "👩‍🔬",
        "　　",
    ]
    text = "".join(dice.choice(parts) for _ in range(300))
    spans = cut(text)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    assert "".join(bare(text[start:end]) for start, end in spans) == bare(text)
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)
    assert all(weight(text[start:end]) <= LONGEST for start, end in spans)
