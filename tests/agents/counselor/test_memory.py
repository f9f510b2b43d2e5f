"""Notes about a person: seen, edited, deleted; never of harm; never more than a few."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.counselor.memory import NOTE_LIMIT, NOTES, Memory, noticed
from agents.errors import BadInput


def test_notes_are_kept_changed_and_deleted(own_home: Path) -> None:
    memory = Memory(own_home)
    one, two = memory.add("我大三"), memory.add("  讀\n資工 ", run="r1")
    assert one and two and [note.text for note in Memory(own_home).all()] == ["我大三", "讀 資工"]
    memory.edit(one.id, "我大四了")
    memory.delete(two.id)
    assert [note.text for note in memory.all()] == ["我大四了"]
    memory.clear()
    assert memory.all() == []


def test_the_same_thing_is_kept_once_in_either_script(own_home: Path) -> None:
    memory = Memory(own_home)
    assert memory.add("正在準備轉系") and memory.add("正在准备转系。") is None and memory.add("準備轉系") is None


def test_the_oldest_give_way(own_home: Path) -> None:
    memory = Memory(own_home)
    for n in range(NOTES + 3):
        memory.add(f"第 {n:03} 件事情")
    assert len(memory.all()) == NOTES and memory.all()[0].text == "第 003 件事情"


@pytest.mark.parametrize("text", ["", "  ", "長" * (NOTE_LIMIT + 1), "我不想活了", "I want to kill myself"])
def test_what_is_not_kept(own_home: Path, text: str) -> None:
    memory = Memory(own_home)
    with pytest.raises(BadInput):
        memory.add(text)
    assert memory.keep([text, "我喜歡畫畫"], "run") == ["我喜歡畫畫"]


def test_a_message_says_what_its_writer_is() -> None:
    assert noticed("我是大三學生，讀資工。怎麼跟家人說想轉系？") == ["我是大三學生"]
    assert noticed("我是不是很爛？我在想該怎麼辦") == []
    assert noticed("I'm a nursing student. What should I do?") == ["I'm a nursing student"]


def test_a_new_type_replaces_the_old_one(own_home: Path) -> None:
    memory = Memory(own_home)
    for text in ("我是 INFP 又是大三學生", "我男友是 ISTJ", "身為INTJ", "我是ESFP"):
        memory.add(text)
    assert [note.text for note in memory.all()] == ["我是 ESFP 又是大三學生", "我男友是 ISTJ"]
