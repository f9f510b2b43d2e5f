"""Cutting texts into words: the likeliest cut, on a table small enough to check by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tools.chinese import fold
from tools.retrieval.gloss.segment import Segmenter
from tools.retrieval.gloss.table import Table, load_table, write_table

# 研究生命起源 is cut 研究 生命 起源, not 研究生 命 起源, because the former words are likelier.
WORDS = {
    "研究": 1e-4, "研究生": 1e-5, "生命": 1e-4, "命": 1e-5, "起源": 1e-5, "研": 1e-7, "究": 1e-7, "生": 1e-5, "起": 1e-5,
    "源": 1e-6, "study": 1e-5, "life": 1e-4, "lie": 1e-5,
}  # fmt: skip


@pytest.fixture
def table(tmp_path: Path) -> Table:
    vectors = np.eye(len(WORDS), 16, dtype=np.float32)
    weights = np.stack([np.log(list(WORDS.values())), np.ones(len(WORDS))], axis=1)
    write_table(tmp_path, [fold(word) for word in WORDS], vectors, weights, {"floor": 0.0})
    return load_table(tmp_path)


def cut(table: Table, text: str) -> dict[str, int]:
    counts = Segmenter(table).counts(text)
    return {table.words[id_] if id_ < len(table) else "?": count for id_, count in counts.items()}


def test_the_likeliest_cut_wins(table: Table) -> None:
    assert cut(table, "研究生命起源") == {"研究": 1, "生命": 1, "起源": 1}
    assert cut(table, "研究生") == {fold("研究生"): 1}


def test_words_do_not_span_a_break(table: Table) -> None:
    assert cut(table, "研究生，命") == {"研究生": 1, "命": 1}
    assert cut(table, "生 命") == {"生": 1, "命": 1}


def test_repeats_are_counted(table: Table) -> None:
    assert cut(table, "生命，生命") == {"生命": 2}


@pytest.mark.parametrize("form", ["Study", "studies", "STUDYING", "studied", "study's", "ｓｔｕｄｙ"])
def test_english_forms_meet_their_word(table: Table, form: str) -> None:
    assert cut(table, form) == {"study": 1}


def test_unknown_words_have_ids_of_their_own(table: Table) -> None:
    segmenter = Segmenter(table)
    first, second = segmenter.counts("1987 龘"), segmenter.counts("1988 龘")
    assert len(first) == len(second) == 2 and len(first.keys() & second.keys()) == 1
    assert all(len(table) <= id_ < 2**31 for id_ in first)


@pytest.mark.parametrize("text", ["", "🙂", "，。！", "\ud800", "\x00"])
def test_texts_without_a_word_have_none(table: Table, text: str) -> None:
    assert not Segmenter(table).counts(text)


def test_a_very_long_run_is_cut_all_the_same(table: Table) -> None:
    assert sum(Segmenter(table).counts("研究生命" * 50_000).values()) == 100_000
