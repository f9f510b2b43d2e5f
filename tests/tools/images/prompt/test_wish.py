"""A wish is carried whole: the cases of sticker_wishes.csv, and what their prompts may never do."""

from __future__ import annotations

import csv
import random
import re
from collections import Counter
from pathlib import Path

import pytest

from tools.images.prompt import (
    WishEmpty,
    WishTooLong,
    clashes,
    contradictions,
    lexicon,
    missing,
    small_counter,
    to_prompt,
    wish,
)
from tools.images.prompt.errors import BadPromptData
from tools.images.styles import Style, house_styles

COUNT = small_counter()
STYLES = list(house_styles())
with (Path(__file__).parents[3] / "data" / "sticker_wishes.csv").open(encoding="utf-8", newline="") as file:
    CASES = list(csv.DictReader(file))


def stands(words: str, text: str) -> bool:
    return re.search(rf"(?<![^\W_]){re.escape(words)}(?![^\W_])", text, re.IGNORECASE) is not None


def slots(cell: str) -> list[str]:
    return [slot for slot in re.split(r"\|(?![^{]*\})", cell) if slot]


def test_there_are_cases_enough_in_every_stratum() -> None:
    assert len(CASES) >= 120
    assert min(Counter(case["stratum"] for case in CASES).values()) >= 15
    assert len({case["wish"] for case in CASES}) == len(CASES)


def test_slots_are_kept_and_nothing_contradicts() -> None:
    total, lost = 0, []
    for n, case in enumerate(CASES):
        said = wish(case["wish"])
        made = to_prompt(said, STYLES[n % len(STYLES)], COUNT)
        checks = [(slot, stands(slot, made.prompt)) for slot in slots(case["keep"])]
        checks += [(slot, stands(slot, made.negative)) for slot in slots(case["negative"])]
        checks += [(slot, not stands(slot, made.prompt)) for slot in slots(case["absent"])]
        total += len(checks)
        lost += [(case["wish"], slot, made.prompt) for slot, good in checks if not good]
        assert not contradictions(made.prompt, single=len(said.of("subject")) <= 1), made.prompt
        assert not made.left_out, (case["wish"], made.left_out)
        assert made.tokens <= 75, made.prompt
        assert COUNT(made.negative) <= 75
    assert total >= 400
    assert len(lost) <= total * 0.01, lost


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.id)
def test_no_style_speaks_against_the_wish(style: Style) -> None:
    made = to_prompt(wish("晚上在森林裡的一隻睡覺的紅色狐狸，不要陰影"), style, COUNT)
    assert "one red fox sleeping" in made.prompt
    assert not stands("shadow", made.prompt) and not stands("shadows", made.prompt)
    assert "background" not in made.prompt and "sparkling eyes" not in made.prompt
    assert made.negative.startswith("shadow")
    assert not clashes("one red fox sleeping at night in a forest", made.prompt.replace("sleeping", ""))


def test_words_that_are_asked_for_leave_the_style_s_negative() -> None:
    assert not stands("text", to_prompt(wish("柴犬說「早安」"), STYLES[0], COUNT).negative)
    assert stands("text", to_prompt(wish("柴犬"), STYLES[0], COUNT).negative)


def test_the_same_wish_gives_the_same_prompt() -> None:
    assert to_prompt(wish("戴帽子的貓"), STYLES[3], COUNT) == to_prompt(wish("戴帽子的貓"), STYLES[3], COUNT)


def test_kept_shows_what_carries_what() -> None:
    made = to_prompt(wish("兩隻紅色的貓，不要背景"), STYLES[0], COUNT)
    assert made.kept["兩隻"] == "two red cats"
    assert made.kept["紅色"] == "red cats"
    assert made.kept["不要背景"] == "background"


def test_the_check_sees_what_is_taken_away_or_bound_to_another() -> None:
    said = wish("紅色的貓和藍色的狗，不要帽子")
    assert not missing(said, "a red cat and a blue dog", "hat")
    assert {part.text for part in missing(said, "a blue cat and a red dog", "hat")} >= {"紅色", "藍色"}
    assert [part.kind for part in missing(said, "a red cat and a blue dog", "")] == ["negation"]
    tag = wish("貓 <lora:x:0.70>")
    assert missing(tag, "a cat, <lora:x:0.7>", "")


def test_a_wish_longer_than_a_chunk_is_told_and_carried_in_further_ones() -> None:
    said = wish(
        "、".join(f"{n}顆{fruit}" for n in "兩三四五六" for fruit in ("蘋果", "香蕉", "西瓜", "草莓", "檸檬", "葡萄"))
    )
    made = to_prompt(said, STYLES[0], COUNT)
    assert made.tokens <= 75 and made.left_out and made.rest
    everything = ", ".join([made.prompt, *made.rest])
    assert not [part for part in missing(said, everything, made.negative) if part.kind != "clause"]


@pytest.mark.parametrize("text", ["(a:1.2)", "((a))", "[a]", "<lora:x:0.7>", "__wild__", "(a, b:0.85)", "__a/b__"])
@pytest.mark.parametrize("frame", ["{} 柴犬在海邊", "柴犬，{}", "a dog, {} on a mat", "不要帽子，{}，貓"])
def test_marks_pass_byte_for_byte(text: str, frame: str) -> None:
    assert text in to_prompt(wish(frame.format(text)), STYLES[0], COUNT).prompt


def test_unknown_words_are_carried_and_named() -> None:
    said = wish("戴帽子的鶆䴈")
    assert said.unknown == ("鶆䴈",)
    assert "鶆䴈 wearing a hat" in to_prompt(said, None, COUNT).prompt
    assert wish("赤い帽子をかぶった柴犬").clauses == ("赤い帽子をかぶった柴犬",)
    assert wish("赤い帽子をかぶった柴犬").unknown


@pytest.mark.parametrize("text", ["", "  \n", "，。！", "\x00\x1b"])
def test_an_empty_wish_is_told(text: str) -> None:
    with pytest.raises(WishEmpty):
        wish(text)


def test_a_wish_that_is_too_long_is_told() -> None:
    with pytest.raises(WishTooLong, match="5000"):
        wish("貓" * 5000)


@pytest.mark.parametrize(
    "text",
    [
        "的的的的貓",
        "在在上上",
        "和、和",
        "不要",
        "一隻",
        "貓" * 2000,
        "((((貓",
        "「貓」的",
        "有的",
        "戴",
        "{__class__}貓",
    ],
)
def test_odd_wishes_still_give_something(text: str) -> None:
    assert to_prompt(wish(text), STYLES[0], COUNT).tokens >= 0


def test_no_salad_of_words_loses_a_part() -> None:
    dice = random.Random(11)
    marks = ["(a:1.2)", "<lora:x:1>", "__w__", "「早安」"]
    small = ["的", "在", "和", "不要", "，", "、", "有", "沒有", "一", "隻", "從", "裡", "上", "cat"]
    words = [*lexicon().words, *(marks * 20), *(small * 20)]
    for _ in range(1500):
        text = "".join(dice.choices(words, k=dice.randint(2, 9)))
        try:
            made = to_prompt(wish(text), None, COUNT)
        except WishEmpty:
            continue
        assert not made.left_out or made.rest, (text, made)
        everything = " ".join([made.prompt, *made.rest])
        assert all(mark.strip("「」") in everything for mark in marks if mark in text), (text, made)
        assert made.tokens <= 75


def test_contradictions_are_found_and_two_cats_are_none() -> None:
    assert contradictions("a cat at night, sunlight")
    assert contradictions("a red blue cat")
    assert contradictions("a happy crying cat", single=True)
    assert not contradictions("a happy cat and a crying dog")
    assert not contradictions("a red cat and a blue cat, a light blue hat, a black and white cow")
    assert [clash.why for clash in clashes("a red cat", "cat with blue eyes, a blue cat")] == ["colour"]
    assert [clash.why for clash in clashes("two cats", "one cat")] == ["count"]


def test_the_lexicon_is_large_and_well_formed(tmp_path: Path) -> None:
    assert len(lexicon().words) >= 700
    path = tmp_path / "lexicon.yaml"
    path.write_text('subject: {"cat": "貓"}\nprop: {"hat": "貓"}\n', encoding="utf-8")
    with pytest.raises(BadPromptData, match="twice"):
        lexicon(path)
    path.write_text('animals: {"cat": "貓"}\n', encoding="utf-8")
    with pytest.raises(BadPromptData):
        lexicon(path)
