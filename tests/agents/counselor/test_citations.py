"""Citations are checked, not believed."""

from __future__ import annotations

from agents.counselor.citations import check_citations, split_follow_ups

PASSAGES = {
    1: "能替在意的人或題目發聲的任務，往往讓偏好 INFP 的人特別有力氣，例如寫作、插畫、口述訪談。",
    2: "選了之後能不能心安，是 INFP 下決定的第一道關卡，理由列得再漂亮也得從心裡過一遍。",
    3: "照期限排程、拿數字說服人，屬於 INFP 較不順手的外傾思考，你做得到，只是特別耗力。",
}


def test_an_invented_id_is_dropped_and_counted() -> None:
    done = check_citations("寫作和插畫這類替人發聲的任務讓你有力氣。[1][9] 要心安才能決定。[12]", PASSAGES)
    assert "[9]" not in done.text and "[12]" not in done.text and done.dropped == 2 and done.order == {1: 1}


def test_marks_are_renumbered_once_in_order_of_appearance() -> None:
    done = check_citations("照期限排程特別耗力。[3] 下決定先問能不能心安。[2] 排程耗力。[3]", PASSAGES)
    assert [done.order[n] for n in (1, 2)] == [3, 2]
    assert done.text.startswith("照期限排程特別耗力。[1]") and done.text.endswith("排程耗力。[1]")


def test_a_sentence_that_does_not_match_its_passage_is_named() -> None:
    done = check_citations("偏好 INFP 的人寫作插畫時特別有力氣。[1] 月球上的礦產下個月就會漲價三成。[2]", PASSAGES)
    assert done.unsupported == ("月球上的礦產下個月就會漲價三成。",)


def test_a_paraphrase_in_simplified_or_other_words_still_holds() -> None:
    done = check_citations("你在能替在意的題目发声的任务里，会特别有力气。[1]", PASSAGES)
    assert done.unsupported == ()


def test_other_ways_to_write_a_mark_are_understood() -> None:
    done = check_citations("寫作讓你有力氣【1】。下決定要心安［2, 3］。", PASSAGES)
    assert done.text == "寫作讓你有力氣[1]。下決定要心安[2][3]。" and done.dropped == 0


def test_no_passages_means_every_mark_goes() -> None:
    done = check_citations("隨便說說。[1]", {})
    assert done.text == "隨便說說。" and done.dropped == 1 and not done.order


def test_years_and_lists_are_no_marks() -> None:
    text = "(1) 先想 2. 再做 [附錄] [2026]"
    assert check_citations(text, PASSAGES).text == text


def test_follow_ups_are_taken_apart() -> None:
    body, questions = split_follow_ups(
        "答案。[1]\n\n【追問】\n- 那感情方面呢？\n2. 怎麼開口？\n\n* 壓力大時怎麼辦？\n再一個問題？"
    )
    assert body == "答案。[1]" and questions == ["那感情方面呢？", "怎麼開口？", "壓力大時怎麼辦？"]
    assert split_follow_ups("沒有追問") == ("沒有追問", [])
