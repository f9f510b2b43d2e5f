"""Which stories are on the topic without a model: a wish is taken apart, and all of it has to be met."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.digest.topic import likenesses
from agents.digest.topic_wish import read_wish
from agents.digest.topic_words import lexicon, plain, read_topics
from tools.retrieval import BadDocument

ON = 0.4
DAY = {
    "scan": "肺部斷層判讀快一倍 醫學中心放射科導入深度學習\n系統先替醫師標出可疑結節，病患等報告的時間從三天縮短為半天。",
    "model": "新一代語言模型開放下載\n參數規模縮小一半，開發者可在筆電執行，測試分數與前一代相當。",
    "clinic": "偏鄉診所夜間門診恢復\n衛生局補助護理師夜班費，病人不必再跑一小時看急診。",
    "storm": "輕颱明晨登陸恆春 屏東宣布停班停課\n氣象署說暴風圈傍晚脫離，山區仍防豪雨。",
    "quake": "花蓮外海規模5.8地震 最大震度4級\n震央在近海，氣象署說三天內可能有餘震。",
    "game": "九局再見全壘打 中信兄弟逆轉\n終結者三振最後一名打者，先發投手拿下勝投。",
    "hoops": "延長賽三分球絕殺 夢想家搶下首勝\n中鋒抓下二十個籃板，控球後衛送出十二次助攻。",
    "chips": "Foundry to build second wafer fab\nThe chipmaker said mass production with EUV lithography starts next year.",
    "phones": "旗艦手機發表會 新功能一次看\n新機售價三萬起，今天開放預購，鏡頭與快充升級，還有 AI 修圖。",
    "layoffs": "客服改用聊天機器人 電信公司資遣兩百人\n工會抗議，員工說十年年資換來一張離職單，學者憂心失業衝擊擴大。",
    "vote": "縣長初選民調出爐 兩人差距不到三個百分點\n黨中央將提名候選人，落敗者表示會支持。",
    "soup": "阿嬤的湯圓配方傳三代\n冬至前每天清晨就開始搓。",
}
KEYS = list(DAY)


def on_topic(topic: str) -> set[str]:
    return {key for key, like in zip(KEYS, likenesses(topic, list(DAY.values())), strict=True) if like >= ON}


def test_the_shipped_words_load_and_every_subject_has_enough() -> None:
    topics = read_topics()
    assert len(topics) >= 120
    for name, concept in topics.items():
        assert len({*concept.cues, *concept.hints}) >= 15, name
        assert any(word.isascii() for word in concept.names) and not all(word.isascii() for word in concept.names), name
        words = [plain(word) for word in concept.names]
        assert len(set(words)) == len(words), name


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a_b: {names: [甲, a], cues: [一, 二, 三, 四, 五], includes: [c_d]}", "c_d"),
        ("a_b: {names: [甲, a], cues: [一, 二, 三, 四, 165]}", "a_b.cues"),
        ("a_b: {names: [甲, a], cues: [一, 二, 三, 四, 五], kind: x}", "a_b.kind"),
        ("- 甲", "topics.yaml"),
    ],
)
def test_a_bad_file_says_what_is_wrong_where(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "topics.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadDocument) as caught:
        read_topics(path)
    assert says in caught.value.message("en")


def test_two_subjects_are_both_asked_for() -> None:
    assert on_topic("醫療 AI") == on_topic("AI 在醫療的應用") == {"scan"}
    assert {"scan", "clinic"} <= on_topic("醫療")
    assert {"scan", "model"} <= on_topic("AI")


def test_of_alternatives_either_will_do() -> None:
    assert on_topic("颱風、地震") == on_topic("地震和颱風") == on_topic("typhoons or earthquakes") == {"storm", "quake"}
    assert on_topic("棒球；也想看選舉") == {"game", "vote"}
    assert (
        on_topic("除了棒球以外，也想看籃球") == on_topic("not only baseball but also basketball") == {"game", "hoops"}
    )


def test_a_story_needs_none_of_the_topics_own_words() -> None:
    assert "棒球" not in DAY["game"] and on_topic("棒球") == {"game"}
    assert "籃球" not in DAY["hoops"] and on_topic("籃球新聞") == {"hoops"}
    assert on_topic("體育") == {"game", "hoops"}


def test_english_wishes_and_stories_meet_chinese_ones() -> None:
    assert on_topic("semiconductors") == on_topic("半導體") == {"chips"}
    assert on_topic("AI in hospitals") == {"scan"}
    assert on_topic("news about elections in Taiwan") == {"vote"}


@pytest.mark.parametrize(
    "topic", ["體育，不要棒球", "體育新聞，排除棒球", "sports without baseball", "Sports, but not baseball"]
)
def test_what_is_not_wanted_is_left_out(topic: str) -> None:
    assert on_topic(topic) == {"hoops"}


def test_a_wish_of_refusals_alone_keeps_the_rest() -> None:
    kept = on_topic("不要政治、體育")
    assert not kept & {"vote", "game", "hoops"} and {"storm", "soup", "chips"} <= kept


def test_what_colours_a_subject_moves_stories_within_it() -> None:
    likes = dict(zip(KEYS, likenesses("AI 對工作的影響，不談產品", list(DAY.values())), strict=True))
    assert likes["layoffs"] >= ON > likes["phones"]
    plainly = dict(zip(KEYS, likenesses("AI", list(DAY.values())), strict=True))
    used = dict(zip(KEYS, likenesses("AI 的實際應用", list(DAY.values())), strict=True))
    assert used["scan"] / plainly["scan"] > used["model"] / plainly["model"]


def test_one_thing_among_a_subject_has_to_be_named() -> None:
    texts = [
        *DAY.values(),
        "登革熱本土病例增至二十例\n衛生局清除孳生源。",
        "流感疫苗開打 疾管署籲接種\n類流感門診上升。",
    ]
    *_, dengue, flu = likenesses("登革熱", texts)
    assert dengue >= ON > flu


def test_words_of_no_known_subject_are_looked_for_themselves() -> None:
    likes = likenesses("湯圓", list(DAY.values()))
    assert max(range(len(KEYS)), key=lambda n: likes[n]) == KEYS.index("soup") and likes[KEYS.index("soup")] >= ON


@pytest.mark.parametrize(
    ("topic", "unwanted"),
    [
        ("不要政治", ["政治"]),
        ("性別新聞", []),
        ("特別的棒球故事", []),
        ("別再給我政治", ["政治"]),
        ("AI，不要只談趨勢", []),
        ("除了棒球以外，也想看籃球", []),
        ("有沒有棒球新聞", []),
        ("不用錢的工具", []),
        ("no-code tools", []),
        ("not only baseball but also basketball", []),
        ("not politics, sports or gossip", ["politics", "sports", "gossip"]),
    ],
)
def test_refusals_are_told_from_words_that_look_like_them(topic: str, unwanted: list[str]) -> None:
    assert [part.word for part in read_wish(topic, lexicon()).unwanted] == unwanted


def test_latin_words_match_as_words_and_longer_words_hide_shorter_ones() -> None:
    found = {one.word for one in lexicon().find(plain("Aid for chairs; the AI伺服器 and 聊天機器人"))}
    assert "ai" in found and plain("聊天機器人") in found and plain("機器人") not in found
    assert "ai" not in {one.word for one in lexicon().find(plain("Aid for chairs"))}


@pytest.mark.parametrize(
    "topic", ["", " ", "！！！", "\ud800", "的", "不要", "AI" * 3000, "a, " * 2000, "不要" * 2000, "(?:["]
)
def test_odd_wishes_give_a_number_for_every_story(topic: str) -> None:
    likes = likenesses(topic, list(DAY.values()))
    assert len(likes) == len(DAY) and all(0.0 <= like <= 1.0 for like in likes)


def test_odd_stories_are_never_on_a_topic_and_no_stories_are_no_trouble() -> None:
    assert likenesses("AI", []) == []
    for topic in ("AI", "醫療 AI", "棒球，不要足球", "湯圓"):
        likes = likenesses(topic, ["", "\n", "\ud800\udfff", "。。。", "\U0001f600" * 50])
        assert all(0.0 <= like < ON for like in likes)


def test_a_wish_that_says_nothing_drops_nothing() -> None:
    assert on_topic("最新消息") == on_topic("！！！") == set(KEYS)
