"""Counting and cutting: the small count is never too low, and no cut goes through a part."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.images.prompt import chunks, clauses, clip_counter, fit, small_counter
from tools.images.prompt.errors import BadPromptData
from tools.images.prompt.tokens import _table


@pytest.mark.parametrize(
    ("text", "real"),
    # Counts by CLIP's own tokenizer, end marks left out.
    [("a photo of a shiba inu, 柴犬 !!! 123", 19), ("a cat", 2), ("", 0), ("柴犬", 6), ("the cat's hat", 4)],
)
def test_the_small_count_is_never_below_the_real_one(text: str, real: int) -> None:
    assert small_counter()(text) >= real


def test_it_is_the_real_one_for_common_words_and_the_bytes_for_others() -> None:
    count = small_counter()
    assert count("a photo of a shiba inu wearing a red hat, thick outline") == 15
    assert count("zzqxj") == 5
    assert count("貓") == 3
    assert count("<lora:very_long_name:0.7>") == 0
    assert count("İİ") >= 4  # lowering makes it longer


def test_without_the_files_of_a_tokenizer_the_small_one_counts(tmp_path: Path) -> None:
    assert clip_counter(tmp_path) is small_counter()


def test_a_broken_table_is_told(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("1: a b\nc d\n", encoding="utf-8")
    with pytest.raises(BadPromptData, match="line 2"):
        _table(path)


def test_clauses_end_at_commas_outside_marks_and_quotes() -> None:
    assert clauses('a, (b, c:1.2), "d, e"，f\ng,, ') == ["a", "(b, c:1.2)", '"d, e"', "f", "g"]


def test_fit_leaves_whole_clauses_out() -> None:
    count = small_counter()
    kept, left = fit(["a cat", "zzzzzzzzzzzz", "red"], count, 8)
    assert (kept, left) == (["a cat", "red"], ["zzzzzzzzzzzz"])


def test_chunks_lose_nothing_and_cut_no_part() -> None:
    count = small_counter()
    part = "(one two three:1.2)"
    text = (
        ", ".join(["a red cat on a table", part, "blue"] * 12) + ", " + "word " * 100 + "two red cats " + "word " * 40
    )
    found = chunks(text, count, whole=["two red cats"])
    assert len(found) > 2
    assert all(count(chunk) <= 75 for chunk in found)
    assert sum(chunk.count(part) for chunk in found) == 12
    assert sum(chunk.count("two red cats") for chunk in found) == 1
    assert sum(chunk.split().count("word") for chunk in found) == 140
    assert "".join(chunks("z" * 500, count)).replace(" ", "") == "z" * 500
    assert all(count(chunk) <= 75 for chunk in chunks("z" * 500, count))
