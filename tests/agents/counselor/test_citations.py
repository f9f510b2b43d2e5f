"""Citations are checked, not believed."""

from __future__ import annotations

from collections.abc import Sequence

from agents.counselor.citations import Checked, check_citations, taken_apart
from tools.retrieval import SUPPORTED, support

PASSAGES = {
    1: "能替在意的人或題目發聲的任務，往往讓偏好 INFP 的人特別有力氣，例如寫作、插畫、口述訪談。",
    2: "選了之後能不能心安，是 INFP 下決定的第一道關卡，理由列得再漂亮也得從心裡過一遍。",
    3: "照期限排程、拿數字說服人，屬於 INFP 較不順手的外傾思考，你做得到，只是特別耗力。",
}


def supports(claim: str, texts: Sequence[str]) -> bool:
    return max(support(claim, text) for text in texts) >= SUPPORTED


def check(text: str, passages: dict[int, str] = PASSAGES, mark: str = "") -> Checked:
    return check_citations(text, passages, supports, mark=mark)


def test_an_invented_id_is_dropped_and_counted() -> None:
    done = check("寫作和插畫這類替人發聲的任務讓你有力氣。[1][9] 要心安才能決定。[12]")
    assert "[9]" not in done.text and "[12]" not in done.text and done.dropped == 2 and done.order == {1: 1}


def test_marks_are_renumbered_once_in_order_of_appearance() -> None:
    done = check("照期限排程特別耗力。[3] 下決定先問能不能心安。[2] 排程耗力。[3]")
    assert [done.order[n] for n in (1, 2)] == [3, 2]
    assert done.text.startswith("照期限排程特別耗力。[1]") and done.text.endswith("排程耗力。[1]")


def test_a_sentence_that_does_not_match_its_passage_is_named() -> None:
    done = check("偏好 INFP 的人寫作插畫時特別有力氣。[1] 月球上的礦產下個月就會漲價三成。[2]")
    assert done.unsupported == ("月球上的礦產下個月就會漲價三成。",)


def test_a_paraphrase_in_simplified_or_other_words_still_holds() -> None:
    done = check("你在能替在意的題目发声的任务里，会特别有力气。[1]")
    assert done.unsupported == ()


def test_other_ways_to_write_a_mark_are_understood() -> None:
    done = check("寫作讓你有力氣【1】。下決定要心安［2, 3］。")
    assert done.text == "寫作讓你有力氣[1]。下決定要心安[2][3]。" and done.dropped == 0


def test_no_passages_means_every_mark_goes() -> None:
    done = check("隨便說說。[1]", {})
    assert done.text == "隨便說說。" and done.dropped == 1 and not done.order


def test_years_and_lists_are_no_marks() -> None:
    text = "(1) 先想 2. 再做 [附錄] [2026]"
    assert check(text).text == text


def test_a_sentence_that_does_not_hold_is_marked_where_it_stands() -> None:
    done = check("寫作插畫時特別有力氣。[1]\n月球上的礦產下個月就會漲價三成。[2]\n下決定要心安。[2]", mark="（待查證）")
    assert (
        done.text.splitlines()[1] == "月球上的礦產下個月就會漲價三成。[2]（待查證）" and done.text.count("待查證") == 1
    )


def test_an_english_sentence_is_held_against_a_chinese_passage() -> None:
    held = "People with this preference find energy in writing and illustration that speak for someone they care about. [1]"
    wrong = "Property tax rates in Denmark rose sharply during the last fiscal quarter. [1]"
    assert check(held).unsupported == () and len(check(wrong).unsupported) == 1


def test_a_reply_is_taken_apart_whatever_the_order_of_its_lists() -> None:
    text = "答案。[1]\n\n【追問】\n- 那感情方面呢？\n2. 怎麼開口？\n\n* 壓力大時怎麼辦？\n再一個問題？"
    parts = taken_apart(text)
    assert parts.body == "答案。[1]" and parts.follow_ups == ["那感情方面呢？", "怎麼開口？", "壓力大時怎麼辦？"]
    parts = taken_apart("答案。\n【備忘】\n- 大三讀資工\n【追問】\n怎麼開口？")
    assert (parts.body, parts.follow_ups, parts.notes) == ("答案。", ["怎麼開口？"], ["大三讀資工"])
    assert taken_apart("沒有追問").follow_ups == []
