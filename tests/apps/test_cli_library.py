"""`finale library …`: files in, one clear line for what went wrong, one JSON object where it is asked for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.retrieval.library import Library

NOTES = "# 我的筆記\n\n## INFP 的工作\n\n喜歡安靜的地方，重視意義。\n"


def finale(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "apps.cli", "library", *args]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, **env},
        timeout=120,
        check=False,
    )


def one_json(done: subprocess.CompletedProcess[str]) -> dict:
    assert done.returncode == 0, done.stderr
    value = json.loads(done.stdout)
    assert isinstance(value, dict)
    return value


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("✗ ") and "Traceback" not in done.stderr, done.stderr
    return lines[0]


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "筆記.md"
    path.write_text(NOTES, encoding="utf-8")
    return path


def test_add_list_show_and_delete(notes: Path, own_home: Path) -> None:
    done = finale("add", str(notes))
    assert done.returncode == 0 and "筆記.md" in done.stdout and "我的筆記" in done.stdout
    (collection,) = one_json(finale("list", "--json"))["collections"]
    assert (collection["name"], collection["preferred"], collection["passages"]) == ("我的筆記", True, 1)
    assert collection["documents"][0]["name"] == "筆記.md"
    assert one_json(finale("show", "我的筆記", "--json")) == collection
    assert "我的筆記" in finale().stdout and "筆記.md" in finale("show", collection["id"]).stdout
    with Library(own_home) as library:
        assert library.chunks(collection["id"])[0].type == "INFP"
    assert "我的筆記" in finale("delete", "我的筆記").stdout
    assert one_json(finale("list", "--json")) == {"collections": []}
    assert "finale library add" in finale("list").stdout


def test_several_files_of_which_one_cannot_be_read(notes: Path, tmp_path: Path) -> None:
    picture = tmp_path / "圖.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    done = finale("add", str(picture), str(notes), "--name", "課堂")
    assert done.returncode == 1 and "PNG" in one_line(done) and "筆記.md" in done.stdout
    done = finale("add", str(tmp_path / "none.pdf"), str(notes), "--name", "課堂", "--json")
    report = json.loads(done.stdout)
    assert done.returncode == 1 and "none.pdf" in report["failed"][0]["error"]
    assert report["added"][0]["status"] == "unchanged" and report["added"][0]["notes"]


def test_rename_prefer_and_delete_one_document(notes: Path) -> None:
    finale("add", str(notes), "--name", "甲")
    assert finale("rename", "甲", "[bold]乙[/bold]").returncode == 0
    assert "[bold]乙[/bold]" in finale("list").stdout  # a name is no markup
    assert finale("prefer", "[bold]乙[/bold]", "--off").returncode == 0
    assert one_json(finale("show", "[bold]乙[/bold]", "--json"))["preferred"] is False
    assert finale("prefer", "[bold]乙[/bold]").returncode == 0
    assert one_json(finale("show", "[bold]乙[/bold]", "--json"))["preferred"] is True
    assert finale("delete", "[bold]乙[/bold]", "--file", "筆記.md").returncode == 0
    assert one_json(finale("show", "[bold]乙[/bold]", "--json"))["documents"] == []


def test_errors_are_one_line_and_their_status_says_whose_they_are(notes: Path) -> None:
    finale("add", str(notes))
    for args in (
        ("show", "沒有"),
        ("delete", "沒有"),
        ("rename", "沒有", "新"),
        ("prefer", "沒有"),
        ("delete", "我的筆記", "--file", "x"),
    ):
        done = finale(*args)
        assert done.returncode == 1 and one_line(done)
    for args in (("rename", "我的筆記", " "), ("rename", "我的筆記", "長" * 61), ("add", str(notes), "--name", "")):
        done = finale(*args)
        assert done.returncode == 2 and "60" in one_line(done)
    assert finale("add").returncode == 2 and finale("nothing").returncode == 2


def test_a_failure_with_json_is_an_object_too() -> None:
    done = finale("show", "沒有", "--json")
    assert done.returncode == 1 and json.loads(done.stdout)["status"] == "failed"


def test_the_interface_can_be_english(notes: Path) -> None:
    assert "was added" in finale("add", str(notes), FINALE_LANG="en").stdout
    assert "no collection called x" in one_line(finale("show", "x", FINALE_LANG="en"))


def test_help_says_what_is_supported_and_imports_nothing_heavy() -> None:
    assert all(kind in finale("add", "--help").stdout for kind in ("TXT", "PDF", "DOCX"))
    code = "import sys, apps.library_commands; print([m for m in HEAVY if m in sys.modules])".replace(
        "HEAVY", "('pypdf','docx','trafilatura','lxml','chromadb','langgraph','streamlit','charset_normalizer')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_collections_are_found_by_name_for_other_commands(notes: Path) -> None:
    from apps.library_commands import collection_ids
    from tools.errors import FinaleError

    finale("add", str(notes), "--name", "甲")
    (id_,) = collection_ids(["甲"])
    assert collection_ids([id_]) == [id_]
    with pytest.raises(FinaleError):
        collection_ids(["甲", "沒有"])


def test_a_library_set_aside_is_told_and_stands_in_the_json(notes: Path, own_home: Path) -> None:
    (own_home / "library.db").write_bytes(b"no database" * 900)
    for _ in range(2):  # also by the command after the one that set it aside
        done = finale("list")
        assert done.returncode == 0 and "library.db.damaged-" in done.stderr
    told = one_json(finale("list", "--json"))
    assert told["collections"] == [] and "library.db.damaged-" in told["warnings"][0]
    assert finale("add", str(notes)).returncode == 0
    assert finale("list").stderr == "" and "warnings" not in one_json(finale("list", "--json"))
