"""A shelf: filtered before ranking, exact in memory, by Chroma's own search beyond that, found by words if vectors lack."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.tools.retrieval.kit import Tiny, chunk
from tools.retrieval import Chunk, GlossEmbedder, Index, RetrievalError, Shelf, memory_index

CROWD = [chunk(n, text=f"和喜歡的人相處，第 {n} 種") for n in range(50)]
WANTED = chunk(1, type="INTP", topic="love", text="和喜歡的人相處")


@pytest.fixture
def index() -> Iterator[Index]:
    with memory_index(Tiny()) as opened:
        yield opened


def shelf(index: Index, chunks: list[Chunk], **more: int) -> Shelf:
    index.sync("c", chunks)
    return Shelf(index, "c", chunks, **more)


def ids(shelf: Shelf, query: str, **more) -> list[str]:
    return [shelf.chunks[ranked.position].id for ranked in shelf.rank(query, **more)]


@pytest.mark.parametrize("exact", [1000, 10], ids=["exact", "approximate"])
def test_the_filter_comes_before_the_ranking(index: Index, exact: int) -> None:
    full = shelf(index, [*CROWD, WANTED, chunk(2, type="INTP", topic="work")], exact=exact)
    kept = ids(full, CROWD[7].text, keep=lambda type, topic: type == "INTP" and topic in ("love", "study"))
    assert kept == [WANTED.id]
    assert ids(full, CROWD[7].text, keep=lambda type, topic: False) == []
    assert len(ids(full, CROWD[7].text)) == 52
    assert ids(full, CROWD[7].text, k=3)[0] == CROWD[7].id


def test_beyond_the_limit_chroma_gives_the_candidates(index: Index) -> None:
    chunks = [chunk(n, topic=("work", "love", "talk")[n % 3]) for n in range(900)]
    full = shelf(index, chunks, exact=100)
    best = full.rank(chunks[700].text, k=3)
    assert full.chunks[best[0].position] == chunks[700]
    assert best[0].semantic > 0.9 and best[0].lexical > 0
    of_topic = full.rank(chunks[700].text, lambda type, topic: topic == "love")
    assert of_topic and {full.chunks[ranked.position].topic for ranked in of_topic} == {"love"}
    assert full.chunks[of_topic[0].position] == chunks[700], "700 % 3 is 1"
    assert Shelf(index, "c", chunks).rank(chunks[700].text, k=1)[0] == best[0]


def test_beyond_the_limit_a_closed_index_leaves_the_words(index: Index) -> None:
    chunks = [chunk(n) for n in range(30)]
    full = shelf(index, chunks, exact=10)
    index.close()
    best = full.rank(chunks[12].text, k=1)[0]
    assert full.chunks[best.position] == chunks[12] and best.semantic == 0


def test_a_passage_without_a_vector_is_found_by_its_words(index: Index) -> None:
    chunks = [chunk(1, text="期末考前一週要交報告"), chunk(2, text="打工的店長排班很亂")]
    index.sync("c", chunks[:1])
    full = Shelf(index, "c", chunks)
    held, lacking = (full.rank(c.text, k=1)[0] for c in chunks)
    assert full.chunks[held.position] == chunks[0] and held.semantic > 0.7
    assert full.chunks[lacking.position] == chunks[1] and lacking.semantic == 0 and lacking.lexical > 0


def test_an_index_that_fails_leaves_the_words(index: Index, caplog: pytest.LogCaptureFixture) -> None:
    chunks = [chunk(n) for n in range(6)]
    index.sync("c", chunks)
    index.close()
    full = Shelf(index, "c", chunks)
    assert full.chunks[full.rank(chunks[4].text, k=1)[0].position] == chunks[4]
    assert "searching without vectors" in caplog.text


def test_an_embedder_that_fails_on_a_question_leaves_the_words(caplog: pytest.LogCaptureFixture) -> None:
    class Remote(Tiny):
        asked = 0

        def embed_query(self, text: str):
            type(self).asked += 1
            if "斷線" in text:
                raise RetrievalError(path="x", why="offline")
            return self.embed([text])[0]

    with memory_index(Remote()) as index:
        full = shelf(index, [chunk(n) for n in range(6)])
        assert full.rank(chunk(3).text, k=1)[0].semantic > 0.9
        assert full.rank(chunk(3).text, k=1)[0].semantic > 0.9
        assert Remote.asked == 1, "the same question is embedded once"
        for words in ("斷線", "又斷線"):
            best = full.rank(f"{chunk(2).text}{words}", k=1)[0]
            assert full.chunks[best.position] == chunk(2) and best.semantic == 0
        assert Remote.asked == 2, "a server that just failed is left alone"
        assert caplog.text.count("searching without vectors") == 1
        assert full.rank(chunk(3).text, k=1)[0].semantic > 0.9


def test_the_gloss_table_looks_twice() -> None:
    with memory_index(GlossEmbedder()) as index:
        full = shelf(index, [chunk(1, text="我家的狗最愛在公園裡跑"), chunk(2, text="期末考前要繳報告")])
        best = full.rank("a dog running in the park", k=2)
        assert full.chunks[best[0].position].id == chunk(1, text="我家的狗最愛在公園裡跑").id
        assert best[0].rerank > best[1].rerank > -1


def test_an_empty_shelf_has_nothing(index: Index) -> None:
    empty = Shelf(index, "c", [])
    assert len(empty) == 0 and empty.rank("什麼都好") == []
