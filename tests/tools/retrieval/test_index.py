"""The index on a real Chroma: incremental, one owner, rebuilt for another embedder, alive after a kill."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.tools.retrieval.kit import Narrow, Newer, Tiny, chunk
from tools.retrieval import Chunk, Index, IndexLocked, RetrievalError, Shelf, memory_index, open_index
from tools.retrieval.index import passage_key
from tools.storage import HomeNotWritable


def vectors_of(index: Index, collection: str, chunks: list[Chunk]) -> dict[str, np.ndarray]:
    return index.vectors(collection, [c.id for c in chunks])


@pytest.fixture(params=["disk", "memory"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Index]:
    opened = open_index(tmp_path, embedder=Tiny()) if request.param == "disk" else memory_index(Tiny())
    with opened:
        yield opened


def test_what_goes_in_comes_out(index: Index) -> None:
    chunks = [chunk(n) for n in range(5)]
    report = index.sync("知識 一", chunks)
    assert (report.added, report.removed, report.kept) == (5, 0, 0)
    assert index.count("知識 一") == 5
    vectors = vectors_of(index, "知識 一", chunks)
    assert vectors.keys() == {c.id for c in chunks}
    expected = Tiny().embed([c.searched_text() for c in chunks])
    np.testing.assert_allclose(np.stack([vectors[c.id] for c in chunks]), expected, atol=1e-6)
    assert index.vectors("知識 一", [chunks[3].id, "none"]).keys() == {chunks[3].id}
    assert index.collections() == ["知識 一"]
    index.drop("知識 一")
    index.drop("知識 一")
    assert index.collections() == [] and index.count("知識 一") == 0 and vectors_of(index, "知識 一", chunks) == {}


def test_sync_touches_only_what_changed(tmp_path: Path) -> None:
    embedder = Tiny()
    with open_index(tmp_path, embedder=embedder) as index:
        chunks = [chunk(n) for n in range(6)]
        index.sync("c", chunks)
        embedder.embedded.clear()
        assert index.sync("c", chunks).kept == 6
        assert embedder.embedded == []
        retitled = replace(chunks[2], meta={**chunks[2].meta, "heading": "新的名稱"})
        new = chunk(9)
        report = index.sync("c", [chunks[1], retitled, *chunks[3:], new])
        assert (report.added, report.removed, report.kept) == (2, 1, 4)
        assert len(embedder.embedded) == 2
        held = vectors_of(index, "c", [*chunks, new])
        assert held.keys() == {c.id for c in [*chunks[1:], new]}
        np.testing.assert_allclose(held[retitled.id], Tiny().embed([retitled.searched_text()])[0], atol=1e-6)


def test_progress_counts_to_the_end(index: Index) -> None:
    seen: list[tuple[int, int]] = []
    index.sync("c", [chunk(n) for n in range(150)], lambda done, total: seen.append((done, total)))
    assert seen == [(64, 150), (128, 150), (150, 150)]


def test_many_vectors_come_in_pages(index: Index) -> None:
    chunks = [chunk(n) for n in range(2300)]
    index.sync("c", chunks)
    vectors = vectors_of(index, "c", chunks)
    assert len(vectors) == 2300
    np.testing.assert_allclose(vectors[chunks[1700].id], Tiny().embed([chunks[1700].searched_text()])[0], atol=1e-6)


def test_chromas_own_search_filters_and_measures(index: Index) -> None:
    chunks = [chunk(n, topic=("work", "love", "talk")[n % 3]) for n in range(90)]
    index.sync("c", chunks)
    vector = index.embedder.embed([chunks[40].searched_text()])[0]
    near = index.nearest("c", vector, 5)
    assert next(iter(near)) == passage_key(chunks[40].id) and len(near) == 5
    assert near[passage_key(chunks[40].id)] == pytest.approx(1, abs=1e-3)
    assert list(near.values()) == sorted(near.values(), reverse=True)
    allowed = {passage_key(c.id) for c in chunks if c.topic in ("work", "talk")}
    found = index.nearest("c", vector, 5, where={"type": ["INFP"], "topic": ["work", "talk"]})
    assert found and found.keys() <= allowed
    assert index.nearest("c", vector, 3, where={"type": ["ENTJ"]}) == {}
    assert index.nearest("none such", vector, 3) == {} and index.nearest("c", vector, 0) == {}


def test_collections_are_kept_apart(index: Index) -> None:
    index.sync("課堂筆記", [chunk(1)])
    index.sync("課堂摘要", [chunk(2)])
    assert index.collections() == sorted(["課堂筆記", "課堂摘要"])
    assert vectors_of(index, "課堂筆記", [chunk(1), chunk(2)]).keys() == {chunk(1).id}


def test_memory_indexes_do_not_see_each_other() -> None:
    with memory_index(Tiny()) as one, memory_index(Tiny()) as other:
        one.sync("c", [chunk(1)])
        assert other.count("c") == 0
        other.sync("c", [chunk(2)])
        other.close()
        assert vectors_of(one, "c", [chunk(1), chunk(2)]).keys() == {chunk(1).id}


@pytest.mark.parametrize("other", [Narrow, Newer], ids=["dims and name", "revision"])
def test_another_embedder_rebuilds(tmp_path: Path, other: type[Tiny]) -> None:
    chunks = [chunk(n) for n in range(3)]
    with open_index(tmp_path, embedder=Tiny()) as index:
        index.sync("c", chunks)
    seen: list[tuple[int, int]] = []
    with open_index(tmp_path, embedder=other()) as index:
        assert index.collections() == [] and vectors_of(index, "c", chunks) == {}
        assert index.nearest("c", index.embedder.embed(["內容"])[0], 3) == {}
        assert index.sync("c", chunks, lambda done, total: seen.append((done, total))).added == 3
        assert {len(row) for row in vectors_of(index, "c", chunks).values()} == {other.dims}
    assert seen == [(3, 3)]
    with open_index(tmp_path, embedder=other()) as index:
        assert index.sync("c", chunks).kept == 3


def test_what_is_unchanged_is_known_without_reading_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from chromadb.api.models.Collection import Collection

    chunks = [chunk(n) for n in range(5)]
    with open_index(tmp_path, embedder=Tiny()) as index:
        index.sync("c", chunks)
    with open_index(tmp_path, embedder=Tiny()) as index, monkeypatch.context() as patch:
        for read in ("get", "count", "query"):
            patch.setattr(Collection, read, lambda *_, **__: pytest.fail("the collection was read"))
        assert index.sync("c", list(reversed(chunks))).kept == 5
        patch.undo()
        assert index.sync("c", chunks[:4]).removed == 1 and index.count("c") == 4
        assert index.sync("c", chunks).added == 1 and index.count("c") == 5


def test_a_sync_that_broke_off_is_not_taken_for_done(tmp_path: Path) -> None:
    class Failing(Tiny):
        def embed(self, texts):
            raise RetrievalError(path="x", why="no more today")

    chunks = [chunk(n) for n in range(5)]
    with open_index(tmp_path, embedder=Tiny()) as index:
        index.sync("c", chunks)
    with open_index(tmp_path, embedder=Failing()) as index, pytest.raises(RetrievalError):
        index.sync("c", [*chunks[:3], chunk(9)])
    with open_index(tmp_path, embedder=Tiny()) as index:
        report = index.sync("c", chunks[:3])
        assert (report.added, report.removed, report.kept) == (0, 2, 3)


def test_no_word_of_a_passage_is_in_its_files(tmp_path: Path) -> None:
    secret = chunk(3, text="翠鳥在河堤等了三個晚上，沒有等到那封信。")
    with open_index(tmp_path, embedder=Tiny()) as index:
        index.sync("c", [chunk(1), secret])
        assert index.vectors("c", [secret.id])
    written = b"".join(path.read_bytes() for path in (tmp_path / "index").rglob("*") if path.is_file())
    for word in (secret.text[:4], secret.heading, secret.id):
        assert word.encode() not in written and word.encode("utf-16-le") not in written


def test_an_index_of_an_earlier_schema_goes_with_its_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("tools.retrieval.index._SCHEMA", 1)
        with open_index(tmp_path, embedder=Tiny()) as index:
            index.sync("c", [chunk(1)])
    relic = tmp_path / "index" / "words-of-old"
    relic.write_text("翠鳥")
    with open_index(tmp_path, embedder=Tiny()) as index:
        assert not relic.exists() and index.collections() == []
        index.sync("c", [chunk(1)])
    relic.write_text("x")
    with open_index(tmp_path, embedder=Tiny()) as index:
        assert relic.exists() and index.count("c") == 1


def test_a_donor_gives_its_vectors(tmp_path: Path) -> None:
    with open_index(tmp_path, embedder=Tiny()) as owner:
        owner.sync("c", [chunk(n) for n in range(70)])
        embedder = Tiny()
        with memory_index(embedder) as index:
            assert index.sync("c", [chunk(n) for n in range(72)], donor=owner).added == 72
            assert len(embedder.embedded) == 2
            given = [vectors_of(each, "c", [chunk(5)])[chunk(5).id] for each in (index, owner)]
            np.testing.assert_array_equal(*given)
        narrow = Narrow()
        with memory_index(narrow) as index:
            assert index.sync("c", [chunk(1)], donor=owner).added == 1
            assert len(narrow.embedded) == 1


def test_an_embedder_that_fails_half_way_keeps_what_is_done(tmp_path: Path) -> None:
    class Failing(Tiny):
        def embed(self, texts):
            if len(self.embedded) >= 128:
                raise RetrievalError(path="x", why="no more today")
            return super().embed(texts)

    chunks = [chunk(n) for n in range(200)]
    with open_index(tmp_path, embedder=Failing()) as index:
        with pytest.raises(RetrievalError, match="no more today"):
            index.sync("c", chunks)
        assert index.count("c") == 128
    with open_index(tmp_path, embedder=Tiny()) as index:
        assert index.sync("c", chunks).added == 72


def test_a_second_opener_is_told_at_once(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tools.retrieval import IndexLocked, open_index\n"
        "try: open_index(Path(sys.argv[1]))\n"
        "except IndexLocked as error: print(error)"
    )
    with open_index(tmp_path):
        with pytest.raises(IndexLocked):
            open_index(tmp_path)
        other = subprocess.run(
            [sys.executable, "-X", "utf8", "-c", code, str(tmp_path)],
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=True,
        )
        assert "正由另一個 Finale 使用" in other.stdout and str(tmp_path) in other.stdout
    with open_index(tmp_path) as index:
        assert index.persistent


def test_a_reader_reads_beside_the_owner_and_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(RetrievalError, match="還沒有知識索引"):
        open_index(tmp_path, writable=False)
    with open_index(tmp_path) as owner:
        owner.sync("c", [chunk(1)])
        with open_index(tmp_path, writable=False) as reader:
            assert reader.vectors("c", [chunk(1).id]).keys() == {chunk(1).id}
            for change in (lambda: reader.sync("c", []), lambda: reader.drop("c")):
                with pytest.raises(RetrievalError, match="只開放讀取"):
                    change()
        assert owner.sync("c", [chunk(1)]).kept == 1


def test_a_closed_index_says_so(index: Index) -> None:
    index.close()
    index.close()
    with pytest.raises(RetrievalError, match="已經關閉"):
        index.count("c")


def test_a_damaged_database_is_kept_aside(tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "chroma.sqlite3").write_bytes(b"not sqlite at all" * 500)
    with open_index(tmp_path) as index:
        assert index.sync("c", [chunk(1)]).added == 1
    (kept,) = tmp_path.glob("index.damaged-*")
    assert (kept / "chroma.sqlite3").read_bytes().startswith(b"not sqlite")


def test_an_index_that_would_not_open_can_be_tried_again(tmp_path: Path) -> None:
    obstacle = tmp_path / "index" / "chroma.sqlite3"
    obstacle.mkdir(parents=True)
    for _ in range(2):
        with pytest.raises(RetrievalError, match="讀寫失敗"):
            open_index(tmp_path)
    obstacle.rmdir()
    with open_index(tmp_path) as index:
        assert index.sync("c", [chunk(1)]).added == 1


def test_a_home_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(HomeNotWritable):
        open_index(tmp_path / "file")


CHILD = """
import sys
from pathlib import Path
from tests.tools.retrieval.kit import Tiny, chunk
from tools.retrieval import open_index

def progress(done, total):
    print(done, flush=True)
    if done >= 1280:
        sys.stdin.read()  # never finish on our own

open_index(Path(sys.argv[1]), embedder=Tiny()).sync("c", [chunk(n) for n in range(1600)], progress)
"""


def test_killed_during_sync_leaves_a_usable_index(tmp_path: Path) -> None:
    chunks = [chunk(n) for n in range(1600)]
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert child.stdout
        acknowledged = [int(child.stdout.readline()) for _ in range(3)][-1]
    finally:
        child.send_signal(signal.SIGKILL)
        child.communicate()
    assert acknowledged == 192
    embedder = Tiny()
    with open_index(tmp_path, embedder=embedder) as index:
        there = vectors_of(index, "c", chunks).keys()
        assert acknowledged <= len(there) < 1600
        held = [c for c in chunks if c.id in there]
        best = Shelf(index, "c", held).rank(held[100].text, k=1)
        assert held[best[0].position] == held[100]
        embedder.embedded.clear()
        report = index.sync("c", chunks)
        assert (report.added, report.removed, report.kept) == (1600 - len(there), 0, len(there))
        assert len(embedder.embedded) == 1600 - len(there)
        assert vectors_of(index, "c", chunks).keys() == {c.id for c in chunks}
        assert index.count("c") == 1600
        best = Shelf(index, "c", chunks).rank(chunks[1500].text, k=1)
        assert chunks[best[0].position] == chunks[1500]
        near = index.nearest("c", embedder.embed([chunks[1500].searched_text()])[0], 1)
        assert list(near) == [passage_key(chunks[1500].id)]
