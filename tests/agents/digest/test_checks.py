"""What a model says of stories is held against them; without a model every word is the story's own."""

from __future__ import annotations

from agents.digest.checks import BELONGS, belongs, bounds, quoted, settled, shortcomings, unsaid
from agents.digest.offline import compose, judge, sentences
from agents.digest.order import close_calls, merged, scored, shuffled, together
from agents.digest.rubric import load_rubric

STORY = (
    "衛福部今天宣布，全台 21 家醫院下個月起導入語音病歷系統，護理師交班時間平均少了 40 分鐘。"
    "系統由成大醫院和一家新創公司合作開發，已在急診試用半年。院方表示，錄音不會離開院內，未來將開放診所申請。"
)
OTHER = "職棒總冠軍賽昨晚在大巨蛋開打，樂天以 5 比 3 逆轉勝，四萬名球迷湧入，捷運加開 60 班車疏運。"
ROW = {"id": "a", "title": "21 家醫院導入語音病歷", "source": "測試報", "text": STORY, "teaser": STORY[:80]}


def test_a_quote_must_stand_in_the_story() -> None:
    assert quoted("「護理師交班時間平均少了40分鐘」", STORY) and quoted("护理师交班时间", STORY)
    assert quoted("院長辭職下台", STORY) == "" and quoted("", STORY) == ""


def test_a_summary_of_another_story_is_caught() -> None:
    assert belongs("全台21家醫院下個月導入語音病歷，交班時間少40分鐘。", STORY) > 0.6
    assert belongs("樂天在大巨蛋以5比3逆轉勝，四萬球迷到場。", STORY) < 0.1
    assert belongs("OpenAI 推出 GPT-6，價格降 40%。", "OpenAI announced GPT-6 today and cut prices by 40%.") > 0.6


def test_shortcomings_are_named() -> None:
    low, high = bounds(60)
    asked = {"low": low, "high": high, "points": ["誰", "所以呢"]}
    good = {
        "title": "全台21家醫院導入語音病歷",
        "brief": "衛福部宣布語音病歷系統下個月上線",
        "summary": "衛福部宣布全台21家醫院下個月導入語音病歷系統，交班少40分鐘，已在急診試用半年，未來將開放診所申請使用。",
        "points": [{"name": "誰", "text": "衛福部"}, {"name": "所以呢", "text": "交班更快"}],
    }
    assert shortcomings(good, ROW, asked) == []
    assert shortcomings({**good, "points": good["points"][:1]}, ROW, asked) == ["所以呢"]
    assert "cross_wired" in shortcomings({**good, "summary": OTHER}, ROW, asked)
    assert "length" in shortcomings({**good, "summary": "太短了啊真的太短"}, ROW, asked)
    assert "cross_wired" in shortcomings({**good, "brief": OTHER}, ROW, asked)
    assert "cross_wired" in shortcomings({**good, "title": "……"}, ROW, asked)
    english = "The ministry announced a system of speech for hospitals that saves forty minutes."
    assert "language" in shortcomings({**good, "summary": english}, ROW, asked)
    assert unsaid({"誰": "衛福部", "所以呢": "未提及。"}) == ["所以呢"]


def test_parts_of_another_story_are_replaced_and_a_whole_one_is_given_up() -> None:
    low, high = bounds(60)
    asked = {"low": low, "high": high, "points": ["誰", "所以呢"]}
    own = compose(asked, ROW)
    told = {
        "id": ROW["id"], "title": "樂天逆轉勝拿下封王戰", "brief": "樂天在大巨蛋以五比三逆轉獲勝",
        "summary": "衛福部宣布全台21家醫院下個月導入語音病歷系統，交班少40分鐘，已在急診試用半年，未來將開放診所申請使用。",
        "points": [{"name": "誰", "text": "樂天隊的先發投手與四萬名球迷"}, {"name": "所以呢", "text": "下一場在周日開打"}],
    }  # fmt: skip
    kept = settled(told, ROW, asked, own)
    assert kept and "樂天" not in str(kept) and kept["title"] == ROW["title"]
    assert settled({**told, "summary": OTHER}, ROW, asked, own) is None
    assert settled({**told, "summary": "A system of speech saves forty minutes in hospitals."}, ROW, asked, own) is None


def test_a_translation_is_told_from_another_storys() -> None:
    typhoon = (
        "A strong typhoon is expected to hit eastern Taiwan on Friday, forcing schools to close and trains to stop."
    )
    robot = "Researchers in Japan have built a robot that can peel bananas without bruising the fruit, after hours of demonstration."
    said = "強烈颱風預計週五侵襲台灣東部，學校停課、火車停駛。"
    assert belongs(said, typhoon) >= BELONGS > belongs(said, robot)


def test_an_offline_summary_consists_of_the_storys_own_sentences() -> None:
    low, high = bounds(80)
    told = compose({"low": low, "high": high, "points": ["誰", "什麼時候", "所以呢", "花費"]}, ROW)
    assert all(sentence in STORY for sentence in sentences(told["summary"]))
    points = {point["name"]: point["text"] for point in told["points"]}
    assert "今天" in points["什麼時候"] and "將開放診所" in points["所以呢"] and points["花費"] == "未提及"


def test_offline_scores_follow_the_cues_and_quote_the_story() -> None:
    criteria = load_rubric("應用優先").model_dump(mode="json")["criteria"]
    fitting = judge({"criteria": criteria}, {**ROW, "likeness": 0.8})
    other = judge({"criteria": criteria}, {**ROW, "title": "散步", "teaser": "下午在河邊走了一圈。", "likeness": None})
    score = {item["criterion"]: item for item in fitting["scores"]}
    assert score["concrete"]["score"] >= 5 > 1 >= max(item["score"] for item in other["scores"])
    assert score["concrete"]["quote"].rstrip("…") in f"{ROW['title']}。{ROW['teaser']}"
    assert (fitting["topic"], other["topic"]) == (8, 5)


def test_weights_reorder_without_a_question() -> None:
    criteria = load_rubric("應用優先").model_dump(mode="json")["criteria"]
    said = {"topic": 6, "topic_why": "", "same_event": "", "scores": [
        {"criterion": "concrete", "score": 9, "quote": "21 家醫院"}, {"criterion": "new", "score": 1, "quote": "院長辭職"}
    ]}  # fmt: skip
    one = scored(ROW, said, "model", criteria)
    assert one["reasons"]["concrete"]["why"] == "21 家醫院" and "院長" not in one["reasons"]["new"]["why"]
    assert together(one, {"concrete": 1, "new": 0}, False) == 9 and together(one, {"concrete": 0, "new": 1}, False) == 1
    twice = merged(one, scored(ROW, {**said, "topic": 4, "scores": said["scores"][:1]}, "model", criteria))
    assert twice["topic"]["score"] == 5 and twice["reasons"]["concrete"]["score"] == 9


def test_the_order_of_a_batch_is_not_the_sources_and_never_changes() -> None:
    rows = [{"id": str(n)} for n in range(30)]
    first = shuffled(rows, "first")
    assert first == shuffled(rows[::-1], "first") and first != rows != shuffled(rows, "second")
    assert {row["id"] for row in shuffled(rows, "second")} == {row["id"] for row in rows}


def test_only_stories_near_the_cut_are_asked_twice() -> None:
    ordered = [{"id": str(n)} for n in range(50)]
    assert [row["id"] for row in close_calls(ordered, 20, 10)] == [str(n) for n in range(15, 25)]
    assert close_calls(ordered[:20], 20, 10) == [] and len(close_calls(ordered[:22], 20, 10)) == 10
