"""The page of one's own texts: what it takes, what it refuses and says, in the person's language."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.apps.pages import text
from tools.retrieval.library import MAX_FILE_BYTES, Library

SMALL = ("小.txt", "一段短短的文字。".encode(), "text/plain")


def add_button(test: AppTest):
    return next(button for button in test.button if button.label == "加入")


def test_the_limit_is_said_before_and_a_larger_file_is_refused_in_words(app) -> None:
    test = app("library")
    assert "上限 20 MB" in text(test) and not test.error
    large = ("論文.txt", b"a" * (MAX_FILE_BYTES + 1), "text/plain")
    test.file_uploader[0].set_value([large]).run()
    assert not test.exception, test.exception
    assert len(test.error) == 1
    assert "論文.txt 有 20.1 MB，超過上限 20 MB，沒有加入" in text(test)
    assert add_button(test).disabled
    test.file_uploader[0].set_value([large, SMALL]).run()
    assert not add_button(test).disabled


def test_that_a_new_collection_is_preferred_is_what_the_page_says(app, own_home: Path) -> None:
    with Library(own_home) as library:
        assert library.add(SMALL[1], SMALL[0]).collection.preferred
    test = app("library")
    assert next(toggle for toggle in test.toggle if toggle.label == "優先採用").value is True
    assert "「優先採用」一開始就開著" in text(test)


def test_one_passage_is_one_in_english(app, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINALE_LANG", "en")
    with Library(own_home) as library:
        library.add(SMALL[1], SMALL[0])
    shown = text(app("library"))
    assert "1 passage" in shown and "1 passages" not in shown


def test_a_library_set_aside_is_told(app, own_home: Path) -> None:
    (own_home / "library.db").write_bytes(b"no database" * 900)
    assert "library.db.damaged-" in text(app("library"))
