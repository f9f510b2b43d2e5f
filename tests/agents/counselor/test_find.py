"""What a search had to make do without is told, once a run; one's own texts are found where the question is theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents import counselor
from agents.counselor.find import find_passages
from tools.retrieval.library import Library

LOST = "不知道未來可以做什麼，覺得很迷惘"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FINALE_CHROMA_URL", "not an address"),
        ("FINALE_CHROMA_URL", "http://127.0.0.1:9"),
        ("FINALE_EMBEDDER", "banana"),
        ("FINALE_EMBEDDER", "api:no-such-model"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    monkeypatch.setenv("FINALE_EMBED_URL", "http://127.0.0.1:9/v1")
    result = counselor.run(LOST, "INFP", offline=True)
    assert [name in warning for warning in result.warnings] == [True], result.warnings
    assert result.output.sources


def test_nothing_is_told_where_nothing_is_wrong(own_home: Path) -> None:
    assert counselor.run(LOST, "INFP", offline=True).warnings == []
    assert find_passages(own_home, LOST, "INFP").troubles == ()


def test_a_library_set_aside_is_told(own_home: Path) -> None:
    (own_home / "library.db").write_bytes(b"no database" * 900)
    result = counselor.run(LOST, "INFP", offline=True)
    assert ["library.db.damaged-" in warning for warning in result.warnings] == [True], result.warnings


def test_a_library_that_cannot_be_read_costs_no_answer(own_home: Path) -> None:
    (own_home / "library.db").mkdir()
    found = find_passages(own_home, LOST, "INFP", collections=["some-id"])
    assert found.passages and found.missing == 1
    assert [trouble.key for trouble in found.troubles] == ["degraded_library"]


def test_what_ones_own_text_answers_is_among_the_first_two(own_home: Path) -> None:
    note = "# 吉他社\n\n## 成果發表\n\n成果發表前緊張的人，可以先在小教室對著三個人彈一次。\n"
    with Library(own_home) as library:
        library.add(note.encode(), "社團.md", "社團")
    found = find_passages(own_home, "成果發表前很緊張怎麼辦", "INFP")
    assert "吉他社" in [passage["title"] for passage in found.passages[:2]]
