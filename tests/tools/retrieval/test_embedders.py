"""What every embedder must do, whatever it is made of, and what the built-in one promises beyond that."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from tools.retrieval import Embedder, HashingEmbedder

EMBEDDERS = [HashingEmbedder()]
TEXTS = [
    "不知道未來可以做什麼",
    "不知道未来可以做什么",
    "期末考前怎麼準備",
    "What job suits me?",
    "",
    "🙂",
    "長" * 5000,
]


@pytest.mark.parametrize("embedder", EMBEDDERS, ids=lambda embedder: embedder.name)
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
            np.testing.assert_allclose(embedder.embed([text])[0], together[row], atol=1e-5)

    def test_the_same_words_are_nearer_than_others(self, embedder: Embedder) -> None:
        one, simplified, other, *_ = embedder.embed(TEXTS)
        assert one @ simplified > one @ other


def test_hashing_is_the_same_in_every_process() -> None:
    code = (
        "import hashlib; from tools.retrieval import HashingEmbedder;"
        "print(hashlib.sha256(HashingEmbedder().embed(['未來 job']).tobytes()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-X", "utf8", "-c", code], capture_output=True, encoding="utf-8", check=True
        ).stdout
        for _ in range(2)
    }
    assert len(digests) == 1


def test_hashing_folds_script_width_and_inflection() -> None:
    traditional, simplified, wide, plain, jobs, job = HashingEmbedder().embed(
        ["選擇科系", "选择科系", "ＩＮＦＰ", "infp", "part-time jobs", "part-time job"]
    )
    assert traditional @ simplified == pytest.approx(1, abs=1e-5)
    assert wide @ plain == pytest.approx(1, abs=1e-5)
    assert jobs @ job > 0.7


def test_unrelated_texts_stay_under_the_floor() -> None:
    embedder = HashingEmbedder()
    first = embedder.embed([f"{chr(0x4E00 + 7 * i)}{chr(0x6000 + 5 * i)}{chr(0x7000 + 3 * i)}" for i in range(60)])
    second = embedder.embed([f"{chr(0x8000 + 7 * i)}{chr(0x9000 + 5 * i)}{chr(0x8800 + 3 * i)}" for i in range(60)])
    cosines = np.abs(first @ second.T)
    assert np.median(cosines) < embedder.floor
