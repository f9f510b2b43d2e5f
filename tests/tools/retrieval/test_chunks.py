"""Chunks and the Markdown files they come from: exact text, stable ids, errors that name file and line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools.retrieval import BadDocument, KnowledgeMissing, chunk_id, read_file, read_folder
from tools.retrieval.chunk import META_KEYS

GOOD = """---
type: INFP
title: 測試用的一頁
summary: 一句話
sources:
  - "A Book (1980)"
---

## 一眼看懂 {#overview}

第一段。

第二段 <script>alert(1)</script> 仍是文字。

## 工作與方向 {#work}

工作的內容。
"""


def write(folder: Path, text: str, name: str = "INFP.md") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_one_chunk_a_section_with_the_text_as_it_stands(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    overview, work = read_folder(tmp_path, "mbti")
    assert overview.text == "第一段。\n\n第二段 <script>alert(1)</script> 仍是文字。"
    assert work.text == "工作的內容。"
    assert set(overview.meta) == set(META_KEYS)
    assert dict(work.meta) == {
        "collection": "mbti",
        "file": "INFP.md",
        "heading": "工作與方向",
        "topic": "work",
        "type": "INFP",
        "title": "測試用的一頁",
    }


def test_a_file_without_type_applies_to_all(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("type: INFP\n", ""), "_about.md")
    assert {chunk.type for chunk in read_folder(tmp_path, "mbti")} == {""}


def test_windows_line_ends_and_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    plain = read_file(write(tmp_path, GOOD), "mbti")[1]
    (tmp_path / "INFP.md").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert read_file(tmp_path / "INFP.md", "mbti")[1] == plain


def test_ids_follow_the_place_and_the_words() -> None:
    one = chunk_id("INFP", "work", "內容")
    assert one.startswith("INFP#work-")
    assert one == chunk_id("INFP", "work", "內容")
    assert (
        len({one, chunk_id("INTP", "work", "內容"), chunk_id("INFP", "love", "內容"), chunk_id("INFP", "work", "內文")})
        == 4
    )


def test_ids_are_the_same_in_every_process() -> None:
    code = "from tools.retrieval import chunk_id; print(chunk_id('INFP', 'work', '內容'))"
    other = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert other.stdout.strip() == chunk_id("INFP", "work", "內容")


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        (GOOD.replace("---\n", "", 1), 1, "no_front_matter"),
        (GOOD.replace("title: 測試用的一頁", "title: [壞掉"), 4, "bad_front_matter"),
        (GOOD.replace("title: 測試用的一頁\n", ""), 1, "field"),
        (GOOD.replace("type: INFP", "type: ABCD"), 2, "field"),
        (GOOD.replace("summary:", "sumary:"), 4, "field"),
        (GOOD.replace(" {#work}", ""), 15, "no_anchor"),
        (GOOD.replace("{#work}", "{#overview}"), 15, "same_anchor"),
        (GOOD.replace("工作的內容。\n", ""), 15, "empty_section"),
        (GOOD.replace("## 一眼看懂 {#overview}\n", ""), 10, "stray_text"),
        (GOOD.split("## ")[0], 9, "no_section"),
    ],
)
def test_a_broken_file_is_named_with_its_line(tmp_path: Path, text: str, line: int, why: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(BadDocument) as caught:
        read_file(path, "mbti")
    assert (caught.value.params["file"], caught.value.params["line"], caught.value.params["why"]) == (
        "INFP.md",
        line,
        why,
    )
    assert f"INFP.md 第 {line} 行" in str(caught.value)
    assert f"line {line}" in caught.value.message("en")


def test_bytes_that_are_not_utf8_are_named_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "INFP.md").write_bytes("---\ntitle: 中文\n".encode("big5"))
    with pytest.raises(BadDocument) as caught:
        read_folder(tmp_path, "mbti")
    assert (caught.value.params["line"], caught.value.params["why"]) == (2, "not_utf8")


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeMissing, match="知識檔"):
        read_folder(tmp_path, "mbti")
