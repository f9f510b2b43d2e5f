"""The index on a real Chroma: incremental, filtered before ranking, one owner, alive after a kill."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tools.retrieval import (
    Chunk,
    HashingEmbedder,
    Index,
    IndexLocked,
    RetrievalError,
    chunk_id,
    memory_index,
    open_index,
)
from tools.storage import HomeNotWritable


def chunk(number: int, *, type: str = "INFP", topic: str = "work", text: str = "") -> Chunk:
    text = text or f"第 {number} 段的內容，談 {topic} 與 {number * 37 % 101} 號情況。"
    meta = {"collection": "c", "file": "f.md", "heading": "標題", "topic": topic, "type": type, "title": "名稱"}
    return Chunk(chunk_id(f"f{number}", topic, text), text, meta)


class Narrow(HashingEmbedder):
    name = "narrow"
    dims = 64


class Counting(HashingEmbedder):
    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed(self, texts):
        self.embedded.extend(texts)
        return super().embed(texts)


@pytest.fixture(params=["disk", "memory"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Index]:
    with open_index(tmp_path) if request.param == "disk" else memory_index() as opened:
        yield opened


def test_what_goes_in_comes_out(index: Index) -> None:
    chunks = [chunk(n) for n in range(5)]
    report = index.sync("知識 一", chunks)
    assert (report.added, report.removed, report.kept) == (5, 0, 0)
    assert sorted(index.chunks("知識 一"), key=lambda c: c.id) == sorted(chunks, key=lambda c: c.id)
    assert index.collections() == ["知識 一"]
    index.drop("知識 一")
    index.drop("知識 一")
    assert index.collections() == [] and index.chunks("知識 一") == []


def test_sync_touches_only_what_changed(tmp_path: Path) -> None:
    embedder = Counting()
    with open_index(tmp_path, embedder=embedder) as index:
        chunks = [chunk(n) for n in range(6)]
        index.sync("c", chunks)
        embedder.embedded.clear()
        assert index.sync("c", chunks).kept == 6
        assert embedder.embedded == []
        retitled = replace(chunks[2], meta={**chunks[2].meta, "title": "新的名稱"})
        new = chunk(9)
        report = index.sync("c", [chunks[1], retitled, *chunks[3:], new])
        assert (report.added, report.removed, report.kept) == (2, 1, 4)
        assert len(embedder.embedded) == 2
        held = {c.id: c for c in index.chunks("c")}
        assert held.keys() == {c.id for c in [*chunks[1:], new]}
        assert held[retitled.id].meta["title"] == "新的名稱"


def test_progress_counts_to_the_end(index: Index) -> None:
    seen: list[tuple[int, int]] = []
    index.sync("c", [chunk(n) for n in range(150)], lambda done, total: seen.append((done, total)))
    assert seen == [(64, 150), (128, 150), (150, 150)]


def test_query_filters_before_it_ranks(index: Index) -> None:
    wanted = chunk(1, type="INTP", topic="love", text="和喜歡的人相處")
    crowd = [chunk(n, text=f"和喜歡的人相處，第 {n} 種") for n in range(50)]
    index.sync("c", [*crowd, wanted, chunk(2, type="INTP", topic="work")])
    vector = index.embedder.embed([crowd[7].searched_text()])[0]
    assert list(index.query("c", vector, 3, where={"type": ["INTP"], "topic": ["love", "study"]})) == [wanted.id]
    everything = index.query("c", vector, 100)
    assert len(everything) == 52
    assert next(iter(everything)) == crowd[7].id
    assert everything[crowd[7].id] == pytest.approx(1, abs=1e-3)
    assert list(everything.values()) == sorted(everything.values(), reverse=True)
    assert index.query("c", vector, 3, where={"type": ["ENTJ"]}) == {}
    assert index.query("none such", vector, 3) == {}


def test_many_passages_are_still_found(tmp_path: Path) -> None:
    with open_index(tmp_path) as index:
        chunks = [chunk(n, topic=("work", "love", "talk")[n % 3]) for n in range(1100)]
        index.sync("c", chunks)
        vector = index.embedder.embed([chunks[700].searched_text()])[0]
        near = index.query("c", vector, 5)
        assert next(iter(near)) == chunks[700].id and len(near) == 5
        assert near[chunks[700].id] == pytest.approx(1, abs=1e-3)
        assert next(iter(index.query("c", vector, 5, where={"topic": [chunks[700].topic]}))) == chunks[700].id


def test_a_filter_never_loses_a_passage_among_near_duplicates() -> None:
    for _ in range(12):
        with memory_index() as index:
            wanted = chunk(1, type="INTP", topic="love", text="和喜歡的人相處")
            crowd = [chunk(n, text=f"和喜歡的人相處，第 {n} 種") for n in range(50)]
            index.sync("c", [*crowd, wanted, chunk(2, type="INTP")])
            vector = index.embedder.embed([crowd[7].searched_text()])[0]
            assert list(index.query("c", vector, 3, where={"type": ["INTP"], "topic": ["love"]})) == [wanted.id]


def test_collections_are_kept_apart(index: Index) -> None:
    index.sync("課堂筆記", [chunk(1)])
    index.sync("課堂摘要", [chunk(2)])
    assert index.collections() == sorted(["課堂筆記", "課堂摘要"])
    assert [c.id for c in index.chunks("課堂筆記")] == [chunk(1).id]


def test_memory_indexes_do_not_see_each_other() -> None:
    with memory_index() as one, memory_index() as other:
        one.sync("c", [chunk(1)])
        assert other.chunks("c") == []
        other.sync("c", [chunk(2)])
        other.close()
        assert [c.id for c in one.chunks("c")] == [chunk(1).id]


def test_another_embedder_rebuilds(tmp_path: Path) -> None:
    with open_index(tmp_path) as index:
        index.sync("c", [chunk(n) for n in range(3)])
    with open_index(tmp_path, embedder=Narrow()) as index:
        assert index.collections() == []
        assert index.query("c", index.embedder.embed(["內容"])[0], 3) == {}
        assert index.sync("c", [chunk(n) for n in range(3)]).added == 3
        assert len(index.query("c", index.embedder.embed(["內容"])[0], 3)) == 3
    with open_index(tmp_path, embedder=Narrow()) as index:
        assert index.sync("c", [chunk(n) for n in range(3)]).kept == 3


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
            assert [c.id for c in reader.chunks("c")] == [chunk(1).id]
            for change in (lambda: reader.sync("c", []), lambda: reader.drop("c")):
                with pytest.raises(RetrievalError, match="只開放讀取"):
                    change()
        assert owner.sync("c", [chunk(1)]).kept == 1


def test_a_closed_index_says_so(index: Index) -> None:
    index.close()
    index.close()
    with pytest.raises(RetrievalError, match="已經關閉"):
        index.chunks("c")


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
from tests.tools.retrieval.test_index import chunk
from tools.retrieval import open_index

def progress(done, total):
    print(done, flush=True)
    if done >= 1280:
        sys.stdin.read()  # never finish on our own

open_index(Path(sys.argv[1])).sync("c", [chunk(n) for n in range(1600)], progress)
"""


def test_killed_during_sync_leaves_a_usable_index(tmp_path: Path) -> None:
    chunks = [chunk(n) for n in range(1600)]
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        acknowledged = [int(child.stdout.readline()) for _ in range(3)][-1]
    finally:
        child.send_signal(signal.SIGKILL)
        child.communicate()
    assert acknowledged == 192
    with open_index(tmp_path) as index:
        there = {c.id for c in index.chunks("c")}
        assert acknowledged <= len(there) < 1600
        assert len(index.query("c", index.embedder.embed(["第 7 段的內容"])[0], 5)) == 5
        report = index.sync("c", chunks)
        assert (report.added, report.removed, report.kept) == (1600 - len(there), 0, len(there))
        assert {c.id for c in index.chunks("c")} == {c.id for c in chunks}
        found = index.query("c", index.embedder.embed([chunks[1500].searched_text()])[0], 1)
        assert list(found) == [chunks[1500].id]
