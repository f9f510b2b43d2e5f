"""The knowledge files themselves: complete, in shape, Traditional, each type in words of its own."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from tools.retrieval import Chunk, FrontMatter, read_file
from tools.settings import data_dir

FOLDER = data_dir() / "mbti"
TYPES = ["".join(letters) for letters in product("EI", "SN", "TF", "JP")]
SECTIONS = {
    "overview": "一眼看懂",
    "strengths": "優勢與盲點",
    "work": "工作與方向",
    "study": "讀書與學習",
    "love": "愛情與友情",
    "stress": "壓力與恢復",
    "talk": "與人溝通",
    "choices": "選擇與改變",
}
ABOUT = ["limits", "reading", "about"]
COMMON_AT_MOST = 24


def page(name: str) -> tuple[FrontMatter, list[Chunk]]:
    return read_file(FOLDER / f"{name}.md", "mbti")


def dense(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_all_pages_are_there_and_no_other() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.md")) == sorted([*TYPES, "_about"])


@pytest.mark.parametrize("name", [*TYPES, "_about"])
def test_fields_at_the_top(name: str) -> None:
    front, _ = page(name)
    assert front.type == ("" if name == "_about" else name)
    assert front.summary
    assert front.sources and all(source.strip() for source in front.sources)


@pytest.mark.parametrize("name", TYPES)
def test_the_eight_sections_in_order(name: str) -> None:
    assert {chunk.topic: chunk.heading for chunk in page(name)[1]} == SECTIONS
    assert [chunk.topic for chunk in page(name)[1]] == list(SECTIONS)


def test_the_sections_for_all_types() -> None:
    assert [chunk.topic for chunk in page("_about")[1]] == ABOUT


@pytest.mark.parametrize("name", [*TYPES, "_about"])
def test_sections_are_long_enough_to_help_and_short_enough_to_cite(name: str) -> None:
    lengths = {chunk.topic: len(dense(chunk.text)) for chunk in page(name)[1]}
    assert not {topic: length for topic, length in lengths.items() if not 200 <= length <= 400}


@pytest.mark.parametrize("name", [*TYPES, "_about"])
def test_written_as_taiwan_writes(name: str) -> None:
    from tools.chinese import inspect

    report = inspect((FOLDER / f"{name}.md").read_text(encoding="utf-8"))
    assert not report.simplified and not report.quoted_simplified_count


@pytest.mark.parametrize("name", [*TYPES, "_about"])
def test_a_type_is_a_preference_and_never_what_a_person_is(name: str) -> None:
    text = dense(Path(FOLDER / f"{name}.md").read_text(encoding="utf-8"))
    assert not re.search(r"[你妳您]+(?:就|正|真的|一定|應該)*是(?:個|一個|一位|典型的)?[EI][SN][TF][JP]", text)


@pytest.mark.parametrize("topic", SECTIONS)
def test_no_type_borrows_the_sentences_of_another(topic: str) -> None:
    seen: dict[str, str] = {}
    borrowed = []
    for name in TYPES:
        text = dense(next(chunk.text for chunk in page(name)[1] if chunk.topic == topic))
        width = COMMON_AT_MOST + 1
        parts = {text[start : start + width] for start in range(len(text) - width + 1)}
        borrowed += [(name, seen[part], part) for part in parts if part in seen]
        seen.update(dict.fromkeys(parts, name))
    assert not borrowed
