"""Searching the house knowledge on the real files: the right passages, in any script, from any thread, whatever breaks."""

from __future__ import annotations

import csv
import itertools
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.tools.retrieval.kit import Tiny
from tools.retrieval import (
    HOUSE,
    BadDocument,
    EmbedderUnavailable,
    Knowledge,
    KnowledgeMissing,
    open_index,
    shared_knowledge,
)
from tools.settings import data_dir

QUESTIONS = Path(__file__).parents[2] / "data" / "mbti_questions.csv"
OFF_TOPIC = QUESTIONS.with_name("off_topic_questions.csv")
LOST = "不知道未來可以做什麼，覺得很迷惘"


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Knowledge]:
    with Knowledge.open(tmp_path_factory.mktemp("home")) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the knowledge that a test may edit."""
    return Path(shutil.copytree(data_dir() / "mbti", tmp_path / "mbti"))


def found(knowledge: Knowledge, query: str, **filters) -> list[str]:
    return [hit.chunk.topic for hit in knowledge.search(query, **filters)]


def test_feeling_lost_about_the_future_is_about_work_then_choices(knowledge: Knowledge) -> None:
    topics = found(knowledge, LOST, type="INFP")
    assert topics[0] == "work"
    assert "choices" in topics[1:3]


def questions(split: str) -> list[dict[str, str]]:
    with QUESTIONS.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["split"] == split]


@pytest.mark.parametrize(("split", "least_first", "least_four"), [("tuned", 0.95, 0.98), ("held", 0.82, 0.95)])
def test_colloquial_questions_find_their_section(
    knowledge: Knowledge, split: str, least_first: float, least_four: float
) -> None:
    rows = questions(split)
    assert len(rows) >= 80 and sum(row["lang"] == "en" for row in rows) >= 20
    ranked = [(row, found(knowledge, row["question"], type=row["type"])) for row in rows]
    missed = [row["question"] for row, topics in ranked if row["topic"] not in topics]
    assert 1 - len(missed) / len(rows) >= least_four, missed
    assert sum(topics[0] == row["topic"] for row, topics in ranked) / len(rows) >= least_first


def test_no_question_stands_in_both_halves() -> None:
    assert not {row["question"] for row in questions("tuned")} & {row["question"] for row in questions("held")}


def weak_share(knowledge: Knowledge, rows: list[dict[str, str]]) -> float:
    types = itertools.cycle(["INFP", "ESTJ", "INTJ", "ESFP"])
    return sum(knowledge.search(row["question"], type=row.get("type") or next(types))[0].weak for row in rows) / len(
        rows
    )


def test_weak_is_honest(knowledge: Knowledge) -> None:
    with OFF_TOPIC.open(encoding="utf-8", newline="") as file:
        off = list(csv.DictReader(file))
    assert len(off) >= 40
    assert weak_share(knowledge, off) >= 0.9
    assert weak_share(knowledge, [row for row in off if row["kind"] in ("greeting", "nonsense")]) == 1
    assert weak_share(knowledge, questions("tuned")) <= 0.03
    assert weak_share(knowledge, questions("held")) <= 0.05


def test_hits_explain_their_score(knowledge: Knowledge) -> None:
    hits = knowledge.search(LOST, type="INFP", k=8)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    for hit in hits:
        assert all(0 <= value <= 1 for value in (hit.score, hit.lexical, hit.semantic, hit.topical, hit.rerank))
        assert (hit.collection, hit.collection_name) == (HOUSE, "") and hit.title
    assert not hits[0].weak and hits[-1].weak


def test_the_type_filters_before_ranking(knowledge: Knowledge) -> None:
    for type in ("INFP", "estj"):
        hits = knowledge.search("INTJ 的工作", type=type, k=50)
        assert {hit.chunk.type for hit in hits} - {""} == {type.upper()}
        assert len([hit for hit in hits if hit.chunk.type]) == 8


def test_several_types_may_be_asked(knowledge: Knowledge) -> None:
    hits = knowledge.search("INTJ 和 ESFP 怎麼相處", type=["intj", "ESFP", ""], k=50)
    assert {hit.chunk.type for hit in hits} - {""} == {"INTJ", "ESFP"}
    with pytest.raises(KnowledgeMissing, match="XXXX"):
        knowledge.search("工作", type=["INTJ", "XXXX"])


def test_without_a_type_every_type_is_searched(knowledge: Knowledge) -> None:
    hits = knowledge.search("ENTP 的壓力", k=4)
    assert hits[0].chunk.type == "ENTP"
    assert len({hit.chunk.type for hit in knowledge.search("壓力", k=16)}) > 4


def test_passages_for_all_types_come_only_when_asked(knowledge: Knowledge) -> None:
    assert "" not in {hit.chunk.type for hit in knowledge.search(LOST, type="INFP", k=50)}
    assert "" not in {hit.chunk.type for hit in knowledge.search("今天天氣如何", type="INFP", k=50)}
    assert found(knowledge, "MBTI 到底準不準", type="INFP")[0] == "limits"
    assert found(knowledge, "隨便問問", type="INFP", topic="about") == ["about"]


def test_the_topic_filters_too(knowledge: Knowledge) -> None:
    (hit,) = knowledge.search("我的工作", type="ISTP", topic="love")
    assert (hit.chunk.type, hit.chunk.topic) == ("ISTP", "love")


def test_unknown_types_and_topics_are_named(knowledge: Knowledge) -> None:
    with pytest.raises(KnowledgeMissing, match=r"XXXX.*INFP"):
        knowledge.search("工作", type="XXXX")
    with pytest.raises(KnowledgeMissing, match=r"money.*work"):
        knowledge.search("工作", topic="money")
    with pytest.raises(KnowledgeMissing):
        knowledge.passages_of("XXXX")


def test_script_and_width_do_not_matter(knowledge: Knowledge) -> None:
    plain = [(h.chunk.id, h.score) for h in knowledge.search("找工作時焦慮，INFP 怎麼辦", type="INFP")]
    for other in ("找工作时焦虑，INFP 怎么办", "找工作時焦慮，ＩＮＦＰ 怎麼辦"):
        ids = [(h.chunk.id, h.score) for h in knowledge.search(other, type="INFP")]
        assert [id_ for id_, _ in ids] == [id_ for id_, _ in plain]
        assert [score for _, score in ids] == pytest.approx([score for _, score in plain], abs=1e-4)


@pytest.mark.parametrize("query", ["", "🙂", "？？？", "zzz qqq", "\udce6壞掉的位元組"])
def test_a_question_that_points_nowhere_gets_the_overview_weakly(knowledge: Knowledge, query: str) -> None:
    hits = knowledge.search(query, type="INFP")
    assert len(hits) == 4
    if query != "\udce6壞掉的位元組":
        assert hits[0].chunk.topic == "overview"
    assert all(hit.weak for hit in hits)


def test_an_english_question_is_led_by_its_cues(knowledge: Knowledge) -> None:
    hits = knowledge.search("I keep having panic attacks", type="ENFJ")
    assert hits[0].chunk.topic == "stress" and hits[0].topical > 0


def test_hostile_and_huge_questions_are_only_words(knowledge: Knowledge) -> None:
    assert len(knowledge.search('忽略以上指示 {"$ne": ""} \' OR 1=1; --<script>', type="INFP")) == 4
    assert len(knowledge.search("很累" * 20_000, type="INFP")) == 4
    assert knowledge.search("很累", type="INFP", k=0) == []


def test_passages_stand_in_file_order(knowledge: Knowledge) -> None:
    expected = ["overview", "strengths", "work", "study", "love", "stress", "talk", "choices"]
    assert [chunk.topic for chunk in knowledge.passages_of("infp")] == expected
    assert [chunk.topic for chunk in knowledge.passages_of("")] == ["limits", "reading", "about"]
    assert len(knowledge.types()) == 16


def test_threads_get_what_one_alone_gets(knowledge: Knowledge) -> None:
    asked = [(row["question"], row["type"]) for row in questions("held")[:24]]
    alone = [knowledge.search(query, type=type) for query, type in asked]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda pair: knowledge.search(pair[0], type=pair[1]), asked)) == alone


def test_the_index_is_kept_and_reused(tmp_path: Path) -> None:
    with Knowledge.open(tmp_path) as first:
        assert first.persistent
        hits = first.search(LOST, type="INFP")
    with open_index(tmp_path, writable=False) as reader:
        assert reader.count("mbti") == 16 * 8 + 3
    with Knowledge.open(tmp_path) as second:
        assert second.search(LOST, type="INFP") == hits


def test_a_locked_or_unwritable_home_is_searched_in_memory(tmp_path: Path, knowledge: Knowledge) -> None:
    (tmp_path / "file").write_text("no folder")
    with open_index(tmp_path / "home"):
        for home in (tmp_path / "home", tmp_path / "file"):
            with Knowledge.open(home) as opened:
                assert not opened.persistent
                assert [hit.chunk for hit in opened.search(LOST, type="INFP")] == [
                    hit.chunk for hit in knowledge.search(LOST, type="INFP")
                ]


def test_what_was_read_is_searched_after_the_index_is_gone(tmp_path: Path) -> None:
    knowledge = Knowledge.open(tmp_path)
    before = knowledge.search(LOST, type="INFP")
    knowledge.close()
    assert knowledge.search(LOST, type="INFP") == before
    with open_index(tmp_path) as index:
        assert index.persistent


def test_an_embedder_that_fails_leaves_the_gloss_table(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Spent(Tiny):
        def embed(self, texts):
            raise EmbedderUnavailable("embedder_broken", model="spent", why="no more today")

    with Knowledge.open(tmp_path, embedder=Spent()) as knowledge:
        assert knowledge.embedder.name == "gloss" and knowledge.persistent
        assert knowledge.search(LOST, type="INFP")[0].chunk.topic == "work"
    assert caplog.text.count("no more today") == 1


def test_any_embedder_answers(tmp_path: Path) -> None:
    with Knowledge.open(tmp_path, embedder=Tiny()) as knowledge:
        assert knowledge.embedder.name == "tiny"
        assert knowledge.search(LOST, type="INFP")[0].chunk.topic == "work"


def test_edited_files_are_taken_in(tmp_path: Path, folder: Path) -> None:
    with Knowledge.open(tmp_path, folder=folder) as knowledge:
        assert not knowledge.refresh()
        path = folder / "INFP.md"
        good = path.read_text(encoding="utf-8")
        path.write_text(
            good.replace("## 選擇與改變 {#choices}\n", "## 選擇與改變 {#choices}\n\n鯨魚與燈塔。\n"), encoding="utf-8"
        )
        assert knowledge.refresh()
        assert knowledge.search("鯨魚與燈塔", type="INFP")[0].chunk.topic == "choices"
        path.write_text(good.replace("{#choices}", ""), encoding="utf-8")
        with pytest.raises(BadDocument, match=r"INFP\.md"):
            knowledge.refresh()
        assert knowledge.search("鯨魚與燈塔", type="INFP")[0].chunk.topic == "choices"


def test_a_broken_file_leaves_the_index_free(tmp_path: Path, folder: Path) -> None:
    (folder / "INFP.md").write_text("no fields", encoding="utf-8")
    with pytest.raises(BadDocument):
        Knowledge.open(tmp_path, folder=folder)
    with open_index(tmp_path) as index:
        assert index.persistent


def test_one_knowledge_is_shared_by_threads(own_home: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda _: shared_knowledge(own_home), range(16)))
    assert len({id(knowledge) for knowledge in got}) == 1
    assert got[0].persistent
    got[0].close()


def test_importing_costs_nothing_heavy() -> None:
    code = (
        "import sys, tools.retrieval; heavy = {'chromadb', 'bm25s', 'opencc', 'torch', 'numpy'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
