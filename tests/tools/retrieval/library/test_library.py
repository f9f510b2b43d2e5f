"""The library on disk: what is added is there, once, with stable ids; what fails or is deleted leaves nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import tools.retrieval.library.rows as rows
from tests.tools.retrieval.library.files import EN, ZH, Pdf
from tools.retrieval.chunk import META_KEYS
from tools.retrieval.library import (
    DEFAULT_COLLECTION,
    BadName,
    CollectionMissing,
    DocumentMissing,
    Library,
    NameTaken,
    OverLimit,
    ReadingCancelled,
)

LONG = "".join(ZH)
NOTES = f"# 我的筆記\n\n## INFP 的工作\n\n{LONG}\n\n## 感情\n\n{ZH[0]}\n"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path)


def texts(library: Library, collection: str) -> list[str]:
    return [chunk.text for chunk in library.chunks(collection)]


# Adding


def test_a_file_becomes_chunks_with_every_field(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "筆記.md"
    path.write_text(NOTES, encoding="utf-8")
    added = library.add(path)
    chunks = library.chunks(added.collection.id)
    assert [chunk.text for chunk in chunks] == [LONG, ZH[0]]
    assert all(set(chunk.meta) == set(META_KEYS) for chunk in chunks)
    assert all(isinstance(value, str) for chunk in chunks for value in chunk.meta.values())
    assert chunks[0].meta == {
        "collection": added.collection.id, "file": "筆記.md", "heading": "我的筆記 › INFP 的工作",
        "topic": "", "type": "INFP", "title": "我的筆記",
    }  # fmt: skip
    assert chunks[1].type == "" and chunks[0].id.startswith(f"{added.collection.id}:筆記#我的筆記-infp-的工作-")
    assert (added.status, added.passages, added.pages, added.notes) == ("added", 2, 0, ())
    assert added.collection.name == DEFAULT_COLLECTION and added.collection.passages == 2
    document = added.document
    assert (document.name, document.kind, document.bytes, document.passages) == (
        "筆記.md",
        "markdown",
        len(NOTES.encode()),
        2,
    )


def test_a_pdf_is_cited_by_its_pages(library: Library) -> None:
    pdf = Pdf()
    for number in range(6):
        pdf.page(*(f"第{number}頁第{line}句：{ZH[line % 3]}" for line in range(8)))
    added = library.add(pdf.build(), "ENTJ 報告.pdf")
    chunks = library.chunks(added.collection.id)
    assert added.pages == 6 and chunks[0].heading in ("第 1 頁", "第 1–2 頁") and chunks[-1].heading.endswith("6 頁")
    assert {chunk.type for chunk in chunks} == {"ENTJ"} and {chunk.meta["title"] for chunk in chunks} == {"ENTJ 報告"}


def test_ids_are_the_same_on_every_machine(tmp_path: Path) -> None:
    """Stops: an index built anew, and citations broken, because a library was made again."""
    ids = []
    for home in ("one", "two"):
        with Library(tmp_path / home) as library:
            added = library.add(NOTES.encode(), "a.md")
            ids.append([chunk.id for chunk in library.chunks(added.collection.id)])
    assert ids[0] == ids[1]


def test_the_same_words_twice_have_two_ids(library: Library) -> None:
    text = "\n".join(f"# 標題\n\n{ZH[0]}\n\n# 標題\n\n{ZH[0]}" for _ in range(3))
    library.add(text.encode(), "a.md")
    added = library.add((text + "\n").encode(), "a.txt")
    chunks = library.chunks(added.collection.id)
    assert len(chunks) == 12 == len({chunk.id for chunk in chunks})


def test_the_same_text_in_two_collections_has_two_ids(library: Library) -> None:
    ids = []
    for name in ("甲", "乙"):
        added = library.add(NOTES.encode(), "a.md", collection=name)
        ids += [chunk.id for chunk in library.chunks(added.collection.id)]
    assert len(set(ids)) == 4


def test_the_same_file_again_is_not_stored_twice(library: Library) -> None:
    first = library.add(NOTES.encode(), "a.md")
    signature = library.signature()
    for name in ("a.md", "另一個名字.md", "../../a.md"):
        again = library.add(NOTES.encode(), name, collection=f" {DEFAULT_COLLECTION} ")
        assert again.status == "unchanged" and again.document == first.document
        assert "a.md" in str(again.notes[0]) and "a.md" in again.notes[0].message("en")
    assert library.signature() == signature and len(library.collections()) == 1


def test_an_edited_file_replaces_its_earlier_version(library: Library) -> None:
    first = library.add(NOTES.encode(), "a.md")
    kept = library.chunks(first.collection.id)[0]
    second = library.add(NOTES.replace(ZH[0] + "\n", "改寫過了。\n").encode(), "a.md")
    assert second.status == "replaced" and second.document.id == first.document.id
    assert [note.code for note in second.notes] == ["replaced"]
    chunks = library.chunks(first.collection.id)
    assert [chunk.text for chunk in chunks] == [LONG, "改寫過了。"]
    assert chunks[0] == kept  # what did not change need not be indexed again


def test_a_name_is_the_files_own_wherever_it_comes_from(library: Library) -> None:
    """Stops: a name that leads out of the library, or hides what it is."""
    for name in ("../../x.md", "..\\..\\x.md", "C:\\temp\\x.md", "/etc/x.md", "x\u202e.md", "\x00x\x1b.md"):
        added = library.add(f"{len(name)} 的內容".encode(), name, collection="名")
        assert added.document.name == "x.md" and added.document.title == "x"
    long = library.add(b"words", "長" * 300 + ".md").document.name
    assert len(long) <= 120 and long.endswith(".md")


def test_a_collection_can_be_named_or_given_by_id(library: Library) -> None:
    first = library.add(b"one", "1.md", collection="Ｍy  Notes")
    for name in ("my notes", first.collection.id, "MY NOTES"):
        assert library.add(name.encode(), f"{len(name)}.md", collection=name).collection.id == first.collection.id
    assert library.get("my notes").id == library.get(first.collection.id).id
    with pytest.raises(CollectionMissing) as caught:
        library.get("沒有這個")
    assert "沒有這個" in str(caught.value) and "Ｍy Notes" in str(caught.value)


def test_progress_is_told_and_reading_can_be_cancelled(library: Library) -> None:
    told: list[tuple[int, int, str]] = []
    library.add(Pdf().page(*ZH).page(*ZH).build(), "a.pdf", on_progress=lambda *step: told.append(step))
    assert {what for _, _, what in told} == {"read", "split", "store"} and told[-1] == (1, 1, "store")
    assert all(0 <= done <= of for done, of, _ in told)
    before, asked = library.signature(), []
    for at in range(1, 5):
        asked.clear()
        with pytest.raises(ReadingCancelled) as caught:
            library.add(
                Pdf().page(*ZH).page(LONG).build(),
                "b.pdf",
                "新的",
                cancelled=lambda at=at: asked.append(1) or len(asked) >= at,
            )
        assert "b.pdf" in str(caught.value)
    assert library.signature() == before and [each.name for each in library.collections()] == [DEFAULT_COLLECTION]


# Changing


def test_rename_prefer_and_delete(library: Library) -> None:
    added = library.add(NOTES.encode(), "a.md", collection="甲")
    id_, chunks = added.collection.id, library.chunks(added.collection.id)
    assert added.collection.preferred
    assert not library.prefer(id_, False).preferred and library.prefer(id_).preferred
    assert library.rename(id_, "  乙\t筆記 ").name == "乙 筆記" and library.chunks(id_) == chunks
    assert library.rename(id_, "乙 筆記").name == "乙 筆記"
    other = library.add(b"words", "a.md", collection="甲").collection.id  # the name is free again
    assert other != id_
    with pytest.raises(NameTaken):
        library.rename(other, "乙 筆記")
    library.delete(id_)
    assert [each.name for each in library.collections()] == ["甲"] and texts(library, other) == ["words"]
    with pytest.raises(CollectionMissing):
        library.chunks(id_)


def test_one_document_can_be_deleted_by_id_or_name(library: Library) -> None:
    first = library.add(b"one", "1.md")
    second = library.add(b"two", "2.md")
    library.delete_document(first.collection.id, first.document.id)
    assert texts(library, first.collection.id) == ["two"]
    library.delete_document(first.collection.id, second.document.name)
    assert library.chunks(first.collection.id) == [] and library.get(DEFAULT_COLLECTION).documents == ()
    with pytest.raises(DocumentMissing):
        library.delete_document(first.collection.id, "1.md")


def test_nothing_is_done_to_a_collection_that_is_not_there(library: Library) -> None:
    signature = library.signature()
    for call in (library.delete, library.prefer, library.chunks):
        with pytest.raises(CollectionMissing):
            call("none")
    with pytest.raises(CollectionMissing):
        library.rename("none", "name")
    with pytest.raises(CollectionMissing):
        library.delete_document("none", "a.md")
    assert library.signature() == signature


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "長" * 61])
def test_a_bad_name_is_refused(library: Library, name: str) -> None:
    with pytest.raises(BadName):
        library.add(b"words", "a.md", collection=name)
    assert library.collections() == []
    library.add(b"words", "a.md", collection="長" * 60)


def test_the_signature_changes_with_every_change_and_only_then(library: Library, tmp_path: Path) -> None:
    seen = [library.signature()]
    id_ = library.add(NOTES.encode(), "a.md").collection.id
    for change in (
        lambda: library.add(b"more", "b.md"),
        lambda: library.add(b"more!", "b.md"),
        lambda: library.rename(id_, "新名"),
        lambda: library.prefer(id_, False),
        lambda: library.delete_document(id_, "b.md"),
        lambda: library.delete(id_),
    ):
        seen.append(library.signature())
        change()
    seen.append(library.signature())
    assert len(set(seen)) == len(seen)
    assert library.signature() == seen[-1] == Library(tmp_path).signature()
    assert Library(tmp_path / "another").signature() not in seen


def test_deleted_words_are_gone_from_the_disk(tmp_path: Path) -> None:
    """Stops: a diary that a person deleted being found in the file."""
    with Library(tmp_path) as library:
        id_ = library.add("這是只有我知道的秘密。".encode() * 50, "a.txt").collection.id
        library.delete(id_)
    assert all("只有我知道".encode() not in file.read_bytes() for file in tmp_path.glob("library.db*"))


# Limits


def test_a_collection_holds_so_many_passages(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MAX_PASSAGES", 3)
    library.add(NOTES.encode(), "a.md")
    with pytest.raises(OverLimit) as caught:
        library.add(NOTES.replace("工作", "工作二").encode(), "b.md")
    assert "4" in str(caught.value) and "3" in str(caught.value) and len(library.get(DEFAULT_COLLECTION).documents) == 1
    assert library.add(NOTES.replace("感情", "友情").encode(), "a.md").status == "replaced"  # its old ones make room


def test_there_are_so_many_collections(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MAX_COLLECTIONS", 2)
    for name in ("甲", "乙"):
        library.add(b"words", "a.md", collection=name)
    with pytest.raises(OverLimit) as caught:
        library.add(b"words", "a.md", collection="丙")
    assert caught.value.key == "too_many_collections"
    library.add(b"more", "b.md", collection="乙")


# Processes, threads, crashes

CHILD = """
import sys
from pathlib import Path
from tools.retrieval.library import Library
with Library(Path(sys.argv[1])) as library:
    for n in range(12):
        library.add(f"# {sys.argv[2]} {n}\\n\\n{n} own words".encode(), f"{sys.argv[2]}-{n}.md", collection="together")
        library.add(f"# shared {n}\\n\\nshared words {n}".encode(), f"shared-{n}.md", collection="together")
"""


def test_two_processes_add_at_once(tmp_path: Path) -> None:
    """Stops: a lost document, one stored twice, or "database is locked"."""
    children = [
        subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path), name], stderr=subprocess.PIPE, text=True)
        for name in ("one", "two")
    ]
    assert [(child.communicate(timeout=60)[1], child.returncode) for child in children] == [("", 0)] * 2
    with Library(tmp_path) as library:
        (collection,) = library.collections()
        names = sorted(document.name for document in collection.documents)
        assert names == sorted(f"{who}-{n}.md" for who in ("one", "two", "shared") for n in range(12))
        chunks = library.chunks(collection.id)
        assert len(chunks) == 36 == len({chunk.id for chunk in chunks})


def test_threads_share_one_library(library: Library) -> None:
    def work(who: int) -> bool:
        for n in range(8):
            id_ = library.add(f"{who} {n} words".encode(), f"{who}-{n}.md").collection.id
            assert any(f"{who} {n}" in text for text in texts(library, id_)) and library.signature()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(4)))
    assert len(library.get(DEFAULT_COLLECTION).documents) == 32


KILLED = """
import os, signal, sys
from pathlib import Path
import tools.retrieval.library.rows as rows
from tools.retrieval.library import Library
changed = rows.changed
def dies(db):
    changed(db)
    os.kill(os.getpid(), signal.SIGKILL)
library = Library(Path(sys.argv[1]))
rows.changed = dies
library.add(("# new\\n\\n" + "other words. " * 3000).encode(), sys.argv[2])
"""


@pytest.mark.skipif(os.name == "nt", reason="no such signal there")
@pytest.mark.parametrize("name", ["a.md", "b.md"])
def test_a_crash_in_the_middle_leaves_the_library_as_before(tmp_path: Path, name: str) -> None:
    with Library(tmp_path) as library:
        id_ = library.add(NOTES.encode(), "a.md").collection.id
        before, signature = library.chunks(id_), library.signature()
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), name], timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    with Library(tmp_path) as library:
        assert library.database.set_aside is None
        assert library.chunks(id_) == before and library.signature() == signature
        assert library.add(EN.encode(), name).status in ("added", "replaced")


def test_an_error_while_writing_leaves_the_library_as_before(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    id_ = library.add(NOTES.encode(), "a.md").collection.id
    before, signature = library.chunks(id_), library.signature()

    def fails(db: object) -> None:
        raise KeyError("in the middle")

    monkeypatch.setattr(rows, "changed", fails)
    with pytest.raises(KeyError):
        library.add(b"other words", "a.md")
    assert library.chunks(id_) == before and library.signature() == signature


def test_another_process_sees_a_change_at_once(library: Library, tmp_path: Path) -> None:
    with Library(tmp_path) as other:
        id_ = other.add(b"words", "a.md").collection.id
        seen = library.signature()
        assert texts(library, id_) == ["words"]
        other.add(b"more", "b.md")
        assert library.signature() != seen and texts(library, id_) == ["words", "more"]
