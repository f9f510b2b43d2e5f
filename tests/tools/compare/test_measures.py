"""What is measured of one reply."""

from __future__ import annotations

import pytest

from tools.compare import language, loop_start, measure, tokens_per_second


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("今天天氣很好，適合出門。", "zh-TW"),
        ("今天天气很好，我们去公园玩吧。", "zh-CN"),
        ("用 pandas 的 read_csv 讀檔，再把欄位改名、分組、加總，最後畫成圖。", "zh-TW"),
        ("Bubble sort (泡沫排序法) compares neighbours again and again.", "en"),
        ("これは日本語の文章です。", "ja"),
        ("안녕하세요 여러분", "ko"),
        ("```python\nprint('hello world')\n```\n上面是程式。", "zh-TW"),
        ("123 https://example.org/path", ""),
        ("", ""),
    ],
)
def test_language_by_script(text: str, found: str) -> None:
    assert language(text) == found


def test_leaks_outside_quotations_only() -> None:
    clean = measure("他說「简体字」，我沒有說。")
    assert (clean.simplified_chars, clean.terms, clean.leak) == (0, 0, False)
    leaky = measure("這個軟件很好用，开发得很快。")
    assert leaky.simplified_chars >= 1 and leaky.terms >= 1 and leaky.leak
    assert leaky.characters == 12 and leaky.length == 14


def test_a_word_that_is_good_in_taiwan_too_is_no_leak() -> None:
    """Stops: a physics answer with 質量 counted as mainland Chinese."""
    assert not measure("物體的質量越大，慣性越大。").leak
    assert measure("網路上有各種文檔，請先整理。").terms == 0 < measure("网络上有各种文档，请先整理。").terms


@pytest.mark.parametrize(
    ("text", "once"),
    [
        ("好的，" + "我們來看看。" * 100, "好的，我們來看看。"),
        ("先說明。\n" + "這是很長的一句話，大概有好幾十個字，一直不停地重複下去。\n" * 40, None),
        ("啊" * 500, "啊"),
    ],
)
def test_endless_repetition_is_found_and_where_it_begins(text: str, once: str | None) -> None:
    at = loop_start(text)
    assert at is not None and measure(text).loops
    if once is not None:
        assert text[:at] == once
    else:
        assert text[:at].count("不停地重複") == 1


@pytest.mark.parametrize(
    "text",
    ["", "一般的回覆，沒有重複。", "哈" * 20, "-" * 400, "| --- " * 100, " \n" * 500, "一、二、三、" * 3 + "。"],
)
def test_lines_and_short_repeats_are_no_loop(text: str) -> None:
    assert loop_start(text) is None


def test_speed_needs_all_its_parts() -> None:
    assert tokens_per_second(101, 1.0, 3.0) == 50.0
    for parts in ((None, 1.0, 3.0), (101, None, 3.0), (101, 1.0, None), (1, 1.0, 3.0), (101, 3.0, 3.0)):
        assert tokens_per_second(*parts) is None
