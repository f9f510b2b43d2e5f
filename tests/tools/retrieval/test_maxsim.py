"""Word-by-word comparison, on vectors made by hand and on the real table."""

from __future__ import annotations

import numpy as np
import pytest

from tools.retrieval.gloss import GlossEmbedder
from tools.retrieval.maxsim import MaxSim, WordBag, WordVectors, similarity


class Letters:
    """Every letter is a word; a and b are alike (cosine .8), all others have nothing in common."""

    def words(self, text: str) -> WordBag:
        ids = np.array(sorted({ord(letter) - ord("a") for letter in text if letter.isalpha()}), dtype=np.int32)
        return WordBag(ids, np.where(ids == 25, 3.0, 1.0).astype(np.float32))

    def vectors(self, ids: np.ndarray) -> np.ndarray:
        rows = np.eye(26, dtype=np.float32)
        rows[1, :2] = (0.8, 0.6)
        return rows[ids]


def test_hand_made_cases() -> None:
    assert isinstance(Letters(), WordVectors)
    texts = ["a", "b", "c", "a c", ""]
    maxsim = MaxSim(Letters(), texts)
    assert maxsim.scores("a", range(5)).tolist() == pytest.approx([1, 0.8, 0, 1, 0])
    assert maxsim.scores("a d", [0, 3]).tolist() == pytest.approx([0.5, 0.5])
    assert maxsim.scores("a z", [0]).tolist() == pytest.approx([0.25]), "z weighs three times as much"


def test_positions_choose_and_order() -> None:
    maxsim = MaxSim(Letters(), ["a", "b", "c"])
    assert maxsim.scores("a", [2, 0, 1]).tolist() == pytest.approx([0, 1, 0.8])
    assert maxsim.scores("a", [1]).dtype == np.float32


def test_nothing_compares_to_nothing() -> None:
    maxsim = MaxSim(Letters(), ["", "a"])
    assert maxsim.scores("", [0, 1]).tolist() == [0, 0]
    assert maxsim.scores("a", [0]).tolist() == [0]
    assert maxsim.scores("a", []).shape == (0,)
    assert MaxSim(Letters(), []).scores("a", []).shape == (0,)


def test_a_score_does_not_depend_on_the_company() -> None:
    words, texts = GlossEmbedder(), ["狗在公園裡跑", "稅務局今天不上班", "My dog likes the park."]
    together = MaxSim(words, texts).scores("公園裡的小狗", [0, 1, 2])
    alone = [MaxSim(words, [text]).scores("公園裡的小狗", [0])[0] for text in texts]
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_dog_is_near_to_dog_in_the_other_language_and_far_from_tax() -> None:
    assert similarity("狗", "dog") > 0.8
    assert similarity("dog", "狗") > 0.8
    assert similarity("狗", "tax") < 0.3


@pytest.mark.parametrize(
    ("claim", "holds", "does_not"),
    [
        ("她在台北當護理師。", "She works as a nurse in Taipei.", "The orchestra played two symphonies."),
        ("Take a walk when you feel stressed.", "壓力大的時候，出去散散步。", "選課前先看學分規定。"),
        ("先旁聽兩堂課再選科系", "選科系以前，先去旁聽兩堂課。", "和室友約好打掃的時間。"),
    ],
)
def test_a_claim_is_nearer_to_what_it_was_taken_from(claim: str, holds: str, does_not: str) -> None:
    assert similarity(claim, holds) > similarity(claim, does_not) + 0.2


def test_hostile_texts_do_not_crash() -> None:
    for text in ("", "🙂", "\ud800", "很累" * 100_000, "0 " * 100_000, "<script>{}"):
        assert 0 <= similarity(text, "很累") <= 1
        assert 0 <= similarity("很累", text) <= 1
