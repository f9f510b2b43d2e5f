"""The index on a real Chroma server: several processes, homes that do not mix, and a server that is not there."""

from __future__ import annotations

import http.server
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.tools.retrieval.kit import Narrow, Tiny, chunk
from tools.retrieval import Degraded, IndexUnreachable, Knowledge, RetrievalError, Shelf, open_index
from tools.retrieval.index import passage_key

CHROMA = shutil.which("chroma", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
needs_chroma = pytest.mark.skipif(CHROMA is None, reason="the chroma command is not installed")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A `chroma run` of its own, answering."""
    port, folder = free_port(), tmp_path_factory.mktemp("server")
    command = [str(CHROMA), "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v2/heartbeat", timeout=2).read()
                break
            except OSError:
                assert process.poll() is None, "the server did not start"
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


@needs_chroma
class TestServed:
    def test_what_goes_in_comes_out(self, tmp_path: Path, url: str) -> None:
        chunks = [chunk(n) for n in range(150)]
        with open_index(tmp_path, embedder=Tiny(), url=url) as index:
            assert index.persistent and index.path is None
            assert index.sync("知識", chunks).added == 150
            assert index.sync("知識", chunks[:100]).removed == 50
        with open_index(tmp_path, embedder=Tiny(), url=url) as index:
            assert index.collections() == ["知識"]
            held = index.vectors("知識", [c.id for c in chunks])
            assert held.keys() == {c.id for c in chunks[:100]} and index.count("知識") == 100
            expected = Tiny().embed([chunks[42].searched_text()])[0]
            np.testing.assert_allclose(held[chunks[42].id], expected, atol=1e-5)
            assert next(iter(index.nearest("知識", expected, 3, where={"type": ["INFP"]}))) == passage_key(
                chunks[42].id
            )
            best = Shelf(index, "知識", chunks[:100]).rank(chunks[42].text, k=1)[0]
            assert best.position == 42

    def test_two_processes_write_at_once(self, tmp_path: Path, url: str) -> None:
        code = (
            "import sys; from pathlib import Path\n"
            "from tests.tools.retrieval.kit import Tiny, chunk\n"
            "from tools.retrieval import open_index\n"
            "with open_index(Path(sys.argv[1]), embedder=Tiny(), url=sys.argv[2]) as index:\n"
            "    print(index.sync('c', [chunk(n) for n in range(300)]).added)"
        )
        command = [sys.executable, "-c", code, str(tmp_path), url]
        with open_index(tmp_path, embedder=Tiny(), url=url) as index:
            others = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
            assert [other.wait(120) for other in others] == [0, 0]
            assert sum(int(other.communicate()[0]) for other in others) >= 300
            assert index.count("c") == 300, "an index that was open before sees what others wrote"
            assert index.sync("c", [chunk(n) for n in range(300)]).kept == 300

    def test_two_homes_do_not_mix(self, tmp_path: Path, url: str) -> None:
        (tmp_path / "b").mkdir()
        with (
            open_index(tmp_path / "a", embedder=Tiny(), url=url) as one,
            open_index(tmp_path / "b", embedder=Tiny(), url=url) as other,
        ):
            one.sync("c", [chunk(1)])
            assert other.collections() == [] and other.count("c") == 0
            other.sync("c", [chunk(2)])
            other.drop("c")
            assert one.vectors("c", [chunk(1).id, chunk(2).id]).keys() == {chunk(1).id}
        (tmp_path / "a").rename(tmp_path / "moved")
        with open_index(tmp_path / "moved", embedder=Tiny(), url=url) as same:
            assert same.vectors("c", [chunk(1).id, chunk(2).id]).keys() == {chunk(1).id}

    def test_another_embedder_rebuilds(self, tmp_path: Path, url: str) -> None:
        with open_index(tmp_path, embedder=Tiny(), url=url) as index:
            index.sync("c", [chunk(1)])
        with open_index(tmp_path, embedder=Narrow(), url=url) as index:
            assert index.vectors("c", [chunk(1).id]) == {} and index.sync("c", [chunk(1)]).added == 1

    def test_the_house_is_searched_there_by_two_at_once(self, tmp_path: Path, url: str) -> None:
        with Knowledge.open(tmp_path, url=url) as one, Knowledge.open(tmp_path, url=url) as other:
            assert one.persistent and other.persistent
            ask = "不知道未來可以做什麼，覺得很迷惘"
            assert one.search(ask, type="INFP") == other.search(ask, type="INFP")
            assert one.search(ask, type="INFP")[0].chunk.topic == "work"


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """A web server that is no Chroma."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>hello</html>")

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_server_that_is_not_there_is_named(tmp_path: Path, elsewhere: str) -> None:
    gone = f"http://127.0.0.1:{free_port()}"
    for url in (gone, elsewhere, "localhost:8000", "ftp://x", "http://", "http://host:port", "http://[", "x" * 300):
        with pytest.raises(IndexUnreachable) as caught:
            open_index(tmp_path, embedder=Tiny(), url=url)
        assert isinstance(caught.value, RetrievalError) and url[:20] in caught.value.message("en")


def test_a_password_in_the_address_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(IndexUnreachable) as caught:
        open_index(tmp_path, embedder=Tiny(), url=f"http://me:s3cret-word@127.0.0.1:{free_port()}")
    assert "s3cret-word" not in f"{caught.value}{caught.value.message('en')}{caught.value!r}"


def test_a_server_that_accepts_and_never_answers_is_not_waited_for(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("tools.retrieval.chroma._HEARTBEAT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with pytest.raises(IndexUnreachable):
            open_index(tmp_path, embedder=Tiny(), url=f"http://127.0.0.1:{silent.getsockname()[1]}")


def test_without_its_server_the_house_is_searched_in_memory(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Knowledge.open(tmp_path, url=f"http://127.0.0.1:{free_port()}") as knowledge:
        assert not knowledge.persistent
        (trouble,) = knowledge.troubles()
        assert (
            isinstance(trouble, Degraded)
            and "FINALE_CHROMA_URL" in trouble.message("zh")
            and "FINALE_CHROMA_URL" in trouble.message("en")
        )
        assert knowledge.search("不知道未來可以做什麼，覺得很迷惘", type="INFP")[0].chunk.topic == "work"
    assert caplog.text.count("searching in memory") == 1
