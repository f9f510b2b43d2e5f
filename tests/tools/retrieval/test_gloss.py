"""The gloss table as it ships, and the embedder on it: fast to load, the same everywhere, unhurt by any input."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tools.retrieval.embed import Embedder
from tools.retrieval.gloss import GlossEmbedder, GlossError
from tools.retrieval.gloss.table import digest, load_table, write_table
from tools.retrieval.maxsim import WordVectors
from tools.settings import data_dir

FOLDER = data_dir() / "gloss"
TEXTS = [
    "不知道未來可以做什麼",
    "不知道未来可以做什么",
    "期末考前怎麼準備",
    "What job suits me?",
    "",
    "🙂",
    "長" * 5000,
    "\ud800 broken",
]


@pytest.fixture(scope="module")
def gloss() -> GlossEmbedder:
    return GlossEmbedder()


def cosine(gloss: GlossEmbedder, one: str, other: str) -> float:
    first, second = gloss.embed([one, other])
    return float(first @ second)


def test_it_is_an_embedder_with_word_vectors(gloss: GlossEmbedder) -> None:
    assert isinstance(gloss, Embedder) and isinstance(gloss, WordVectors)
    assert gloss.name == "gloss" and len(gloss.revision) == 12 and 0 <= gloss.floor < 1


def test_rows_are_unit_vectors_alone_and_in_company(gloss: GlossEmbedder) -> None:
    together = gloss.embed(TEXTS)
    assert together.shape == (len(TEXTS), gloss.dims) and together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    for row, text in enumerate(TEXTS):
        np.testing.assert_allclose(gloss.embed([text])[0], together[row], atol=1e-5)
    assert gloss.embed([]).shape == (0, gloss.dims)


def test_script_and_width_do_not_matter(gloss: GlossEmbedder) -> None:
    assert cosine(gloss, "選擇科系以後", "选择科系以后") == pytest.approx(1, abs=1e-5)
    assert cosine(gloss, "ＩＮＦＰ的壓力", "infp的壓力") == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("狗在公園裡跑", "A dog runs in the park.", "The tax office is closed."),
        ("我跟主管吵架了", "I had an argument with my boss.", "The recipe needs two eggs."),
        ("考試壓力很大，晚上睡不著", "exam stress keeps me awake at night", "a trip to the seaside"),
        ("怎麼跟父母談換工作", "想轉職該如何告訴爸媽", "火車時刻表在哪裡"),
    ],
)
def test_meaning_crosses_words_and_languages(gloss: GlossEmbedder, text: str, near: str, far: str) -> None:
    assert cosine(gloss, text, near) > cosine(gloss, text, far) + 0.15


def test_unrelated_texts_stay_near_the_floor(gloss: GlossEmbedder) -> None:
    texts = [
        "火車時刻表",
        "牛肉麵的湯頭",
        "線性代數作業",
        "籃球比賽的裁判",
        "The bank raised rates.",
        "a purple umbrella",
    ]
    vectors = gloss.embed(texts)
    apart = (vectors @ vectors.T)[np.triu_indices(len(texts), 1)]
    assert np.median(apart) < gloss.floor


def test_unknown_words_match_themselves_alone(gloss: GlossEmbedder) -> None:
    one, same, other = (gloss.words(text) for text in ("Qwertzu9 系統", "qwertzu9", "qwertzu8"))
    (stranger,) = set(one.ids.tolist()) & set(same.ids.tolist())
    rows = gloss.vectors(np.array([stranger, other.ids[0]], dtype=np.int32))
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert abs(float(rows[0] @ rows[1])) < 0.25


def test_a_bag_has_each_word_once(gloss: GlossEmbedder) -> None:
    once, thrice = gloss.words("壓力"), gloss.words("壓力，壓力，壓力")
    assert once.ids.tolist() == thrice.ids.tolist() and once.ids.dtype == np.int32
    np.testing.assert_allclose(thrice.weights, once.weights * np.sqrt(3), rtol=1e-5)
    common, rare = gloss.words("的"), gloss.words("量子")
    assert rare.weights.sum() > 3 * common.weights.sum(), "a rare word says more than a common one"


def test_the_same_in_every_process(gloss: GlossEmbedder) -> None:
    code = (
        "import hashlib; from tools.retrieval.gloss import GlossEmbedder;"
        "print(hashlib.sha256(GlossEmbedder().embed(['未來 job qwertzu9']).tobytes()).hexdigest())"
    )
    done = subprocess.run([sys.executable, "-X", "utf8", "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == hashlib.sha256(gloss.embed(["未來 job qwertzu9"]).tobytes()).hexdigest()


def test_hostile_texts_are_only_words(gloss: GlossEmbedder) -> None:
    for text in (
        "很累" * 170_000,
        "x" * 1_000_000,
        "é\u0301" * 9_000,
        "\ud800\udfff\udce6",
        "𠮷野家" * 99,
        "\x00\u202e",
    ):
        vector = gloss.embed([text])[0]
        assert np.isfinite(vector).all() and np.linalg.norm(vector) == pytest.approx(1, abs=1e-4)


def test_the_revision_is_the_data(gloss: GlossEmbedder) -> None:
    assert gloss.revision == digest(FOLDER)
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) <= 25_000_000


def test_vocabulary_is_folded_and_without_repeats() -> None:
    table = load_table(FOLDER)
    assert len(table.ids) == len(table.words) > 80_000
    assert all(word and word == word.strip() for word in table.words)
    assert (table.log_probability <= 0).all() and (table.weight >= 0).all()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "gloss"))


@pytest.mark.parametrize("name", ["meta.json", "words.txt", "vectors.npy", "weights.npy"])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(GlossError, match=name) as caught:
        GlossEmbedder(copy)
    assert "tools.retrieval.gloss.build" in caught.value.message("en")


@pytest.mark.parametrize("name", ["meta.json", "words.txt", "vectors.npy", "weights.npy"])
def test_a_cut_file_is_told(copy: Path, name: str) -> None:
    (copy / name).write_bytes((copy / name).read_bytes()[:100])
    with pytest.raises(GlossError):
        GlossEmbedder(copy)


def test_four_bits_keep_the_directions(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((500, 64)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    words = [f"w{i}" for i in range(500)]
    write_table(tmp_path, words, vectors, np.full((500, 2), -1.0), {"floor": 0.0})
    rows = load_table(tmp_path).rows(np.arange(500))
    assert (rows * vectors).sum(axis=1).min() > 0.98
