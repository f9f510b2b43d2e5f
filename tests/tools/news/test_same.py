"""A reprint is found whatever was cut, added or converted; different stories of one mould, one source or one roundup stay apart."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest

from tools.chinese_tables import fold_table
from tools.news.model import Article, article_id
from tools.news.same import Group, containment, group, likely_same_event

NOW = datetime(2026, 11, 20, 9, tzinfo=timezone(timedelta(hours=8)))
# What the generated stories are made of: one line for each place in a sentence.
WORDS = """
台北 新北 桃園 台中 台南 高雄 基隆 新竹 苗栗 彰化 南投 雲林 嘉義 屏東 宜蘭 花蓮 台東 澎湖 金門 馬祖
市政府 衛生局 教育局 環保局 消防局 警察局 交通局 農業局 文化局 勞動局 捷運公司 台電 自來水公司 市立醫院 科技大學 圖書館
宣布 表示 證實 公布 否認 強調 提醒 指出 說明 坦言
新建案 補助方案 停水計畫 路線調整 疫苗接種 稽查結果 招生名額 節電措施 古蹟修復 果菜價格 登革熱病例 空氣品質 停車費率 工程進度 水庫水位 食安事件
下個月 明年初 週末 本週五 年底前 春節前 十天內 即日起 暑假期間 第三季
將全面實施 已經完成七成 引起居民不滿 獲得議會支持 仍在評估當中 比去年增加一倍 創下五年新高 需要再開說明會 預算已經編列 由中央補助一半
因為人口老化 由於連日大雨 考量交通安全 為了減少碳排 配合中央政策 回應家長陳情 避免重蹈覆轍 受到國際原料上漲影響 根據專家小組建議 依照去年的決議
"""
PLACES, WHO, DID, WHAT, WHEN, HOW, WHY = (line.split() for line in WORDS.strip().split("\n"))


def sentence(rng: random.Random) -> str:
    pick = rng.choice
    return pick(
        [
            f"{pick(PLACES)}{pick(WHO)}{pick(DID)}，{pick(WHY)}，{pick(WHAT)}{pick(WHEN)}{pick(HOW)}。",
            f"{pick(WHY)}，{pick(PLACES)}的{pick(WHAT)}{pick(HOW)}，{pick(WHO)}{pick(DID)}有 {rng.randint(2, 980)} 件。",
            f"{pick(WHO)}{pick(DID)}「{pick(WHAT)}{pick(WHEN)}{pick(HOW)}」，{pick(PLACES)}居民 {rng.randint(1, 99)} 人到場。",
            f"{pick(WHEN)}起，{pick(PLACES)}與{pick(PLACES)}的{pick(WHAT)}{pick(HOW)}，{pick(WHO)}也{pick(DID)}{pick(WHY)}。",
        ]
    )


def tale(seed: int, sentences: int = 14) -> str:
    rng = random.Random(seed)
    lines = [sentence(rng) for _ in range(sentences)]
    return "\n".join("".join(lines[at : at + 3]) for at in range(0, sentences, 3))


def story(text: str, title: str = "", source: str = "甲報", *, hours: float = 0, at: int = 0) -> Article:
    url = f"https://{source}.example/{at or article_id('', title + text)}"
    title = title or f"{text[4:20]}{text[-9:-1]}"
    return Article(
        id=article_id(url), url=url, title=title, source=source, text=text, published=NOW + timedelta(hours=hours)
    )


def pairs(groups: list[Group]) -> list[set[str]]:
    return [{one.url for one in each.articles} for each in groups]


ORIGINAL = tale(1, 18)
CHANGES: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "footer": lambda text: (
        f"{text}\n本文由甲報授權轉載，版權所有，未經同意不得轉載。更多精彩內容請追蹤我們的粉絲專頁與官方帳號。"
    ),
    "first half": lambda text: text[: len(text) // 2],
    "one sentence in five dropped": lambda text: "。".join(
        part for at, part in enumerate(text.split("。")) if at % 5 != 2
    ),
    "shuffled": lambda text: "。".join(random.Random(5).sample(text.split("。"), text.count("。") + 1)),
    "4 % of characters changed": lambda text: "".join(
        random.Random(at).choice("的是在有") if at % 25 == 7 else char for at, char in enumerate(text)
    ),
    "Simplified": lambda text: text.translate(fold_table()),
    "full width and spaces": lambda text: text.replace("，", " , ").replace("1", "１").replace("\n", "\n\n　　"),
    "inside a text three times as long": lambda text: f"{tale(901, 17)}\n{text}\n{tale(902, 17)}",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_reprint_is_found(change: Callable[[str], str]) -> None:
    others = [story(tale(seed)) for seed in range(2, 30)]
    first, copy = story(ORIGINAL), story(change(ORIGINAL), "換了一個標題的轉載", "乙報", hours=3)
    groups = group([*others[:10], copy, *others[10:], first])
    assert {first.url, copy.url} in pairs(groups) and len(groups) == 29


def test_three_hundred_stories_stay_apart_and_each_copy_finds_its_own() -> None:
    stories = [story(tale(seed), at=seed + 1) for seed in range(300)]
    assert all(not each.copies for each in group(stories))
    copies = [story(tale(seed, 14)[:200], f"轉載第 {seed} 則", "乙報", at=seed + 1) for seed in range(300)]
    groups = group([*stories, *copies])
    assert [[one.source for one in each.articles] for each in groups] == [["甲報", "乙報"]] * 300
    assert [each.main for each in groups] == stories
    assert [each.copies[0] for each in groups] == copies


def test_the_main_one_may_be_used_then_is_longest_then_earliest() -> None:
    short = story(ORIGINAL[:300], "短", "甲報", hours=-2)
    late = story(ORIGINAL + "（完）", "晚", "乙報", hours=5)
    early = story(ORIGINAL, "早", "丙報", hours=1)
    (found,) = group([short, late, early])
    assert found.main is early and found.copies == (short, late)
    (found,) = group([short, late, early], permission={"丙報": "headline", "乙報": "headline", "甲報": "llm"})
    assert found.main is short
    (found,) = group([short, late, early], permission=dict.fromkeys(("甲報", "乙報", "丙報"), "headline"))
    assert found.main is early


def test_a_chain_does_not_glue_its_ends() -> None:
    one, two = tale(51, 12), tale(52, 12)
    bridge = one[len(one) // 2 :] + "\n" + two[: len(two) // 2]
    groups = group(
        [story(one, "第一則的標題在這裡"), story(bridge, "另外一篇綜合報導"), story(two, "完全不同的第二則")]
    )
    assert not any(
        {"第一則的標題在這裡", "完全不同的第二則"} <= {each.title for each in one.articles} for one in groups
    )


def test_a_roundup_does_not_swallow_its_stories() -> None:
    one, two, three = tale(61), tale(62), tale(63)
    roundup = story(f"{one}\n{two}\n{three}\n{tale(64)}", "今日早報：十件大事一次看", "乙報")
    first, second = story(one, "第一則的標題在這裡"), story(two, "完全不同的第二則")
    copy = story(one[: int(len(one) * 0.7)] + tale(65, 4), "第一則換了題目", "丙報")
    groups = group([roundup, first, second, copy])
    assert {first.url, copy.url} in pairs(groups) and {second.url} in pairs(groups) and {roundup.url} in pairs(groups)


QUAKE = (
    "中央氣象署地震測報中心表示，今天{when}，花蓮縣近海發生芮氏規模{size}地震，地震深度{deep}公里。最大震度花蓮縣太魯閣{most}級，"
    "宜蘭縣南澳、南投縣合歡山{less}級，台中市、苗栗縣、新竹縣、桃園市也有感。氣象署提醒民眾注意餘震，檢查瓦斯與電源，並前往空曠處避難。"
)


def test_reports_of_one_mould_are_different_stories() -> None:
    first = story(QUAKE.format(when="10時12分", size="4.5", deep="18.3", most="3", less="2"), "花蓮近海地震 規模4.5")
    second = story(
        QUAKE.format(when="15時47分", size="5.1", deep="62.7", most="4", less="1"),
        "花蓮近海地震 規模5.1",
        "乙報",
        hours=6,
    )
    assert containment(first.text, second.text) > 0.6
    assert len(group([first, second])) == 2
    reprint = story(first.text + "更多地震消息請看本站專頁。", "今晨花蓮有感", "丙報")
    assert {first.url, reprint.url} in pairs(group([first, second, reprint]))


def test_what_a_source_puts_under_every_story_is_none_of_them() -> None:
    notice = tale(990, 12).replace("\n", "")
    stories = [story(f"{tale(seed, 2)}\n{notice}", f"{tale(seed, 2)[:18]}") for seed in range(70, 80)]
    assert len(group(stories)) == 10


def test_a_notice_in_a_storys_place_makes_no_copies() -> None:
    notice = "本文為會員限定內容，請登入後繼續閱讀全文。加入會員即可享有每月十篇免費文章，付費訂戶則可以無限暢讀所有深度報導與電子報，並且收藏喜歡的文章。"
    titles = ["台積電宣布赴德國設廠", "教育部公布大學招生名額", "颱風假怎麼放看這裡", "世足賽程出爐"]
    assert len(group([story(notice, title) for title in titles[:2]])) == 2
    assert len(group([story(notice, title) for title in titles])) == 4


def test_one_sources_updates_of_one_story_are_one() -> None:
    titles = ["快訊／花蓮外海大地震", "快訊／花蓮外海大地震 列車停駛", "快訊／花蓮外海大地震 列車停駛 學校停課"]
    assert len(group([story(ORIGINAL, title, hours=at) for at, title in enumerate(titles)])) == 1


def test_headlines_alone_are_told_by_title_figures_and_time() -> None:
    title = "台積電第三季營收創新高 年增 25%"
    full, bare = story(ORIGINAL, title), story("", f"{title}！", "乙報", hours=2)
    other = story("", title.replace("25", "31"), "丙報", hours=2)
    late = story("", title, "丁報", hours=24 * 9)
    short = [story("", "早安", "甲報"), story("", "早安", "乙報")]
    groups = group([full, bare, other, late, *short])
    assert {full.url, bare.url} in pairs(groups) and len(groups) == 5


def test_a_headline_with_two_homes_stands_alone() -> None:
    title = "台積電第三季營收創新高"
    groups = group([story(tale(81), title, "甲報"), story(tale(82), title, "乙報"), story("", title, "丙報")])
    assert len(groups) == 3


def test_yesterdays_report_is_not_todays() -> None:
    base = tale(91, 20)
    today = base[: int(len(base) * 0.68)] + tale(92, 8)
    old = story(base, "昨天的收盤報告內容", hours=-72)
    assert len(group([old, story(today, "今日股市大盤分析")])) == 2
    assert len(group([old, story(base, "轉貼舊聞一篇", "乙報")])) == 1


def test_order_is_kept_and_nothing_is_lost() -> None:
    stories = [story(tale(seed), at=seed + 1) for seed in (5, 3, 9, 1)]
    again = [*stories, stories[1], story(tale(3), "別家的標題", "乙報")]
    groups = group(again)
    assert [each.main.url for each in groups] == [one.url for one in stories]
    assert sum(len(each.articles) for each in groups) == len(again)
    assert group([]) == []


@pytest.mark.parametrize(
    "text", ["", "啊" * 80_000, "！" * 5_000, "\0" * 500, "\ud800" * 200, "ab" * 40_000, "\n" * 9_000]
)
def test_any_text_is_grouped(text: str) -> None:
    groups = group(
        [story(text, "甲標題一二三四五六七八九"), story(text, "完全不同的另一個題目", "乙報"), story(ORIGINAL)]
    )
    assert sum(len(each.articles) for each in groups) == 3


def test_a_time_without_a_zone_is_no_error() -> None:
    naive = Article("1", "", "第一則的標題在這裡", "甲報", ORIGINAL, published=datetime(2026, 11, 20, 9))
    (found,) = group([naive, story(ORIGINAL, source="乙報")])
    assert len(found.copies) == 1 and likely_same_event(naive, story(ORIGINAL)) == 1.0


def test_containment_counts_the_shorter_text() -> None:
    assert containment(ORIGINAL, ORIGINAL[:200]) == 1.0
    assert containment(ORIGINAL, tale(7)) < 0.3
    assert containment("", ORIGINAL) == 0.0


def test_one_event_in_other_words_is_likelier_than_two_events() -> None:
    one = story(
        "台積電今天宣布，將在德國德勒斯登興建新廠，投資金額 3500 億元，預計 2027 年投產。",
        "台積電宣布赴德國設廠 投資3500億元",
    )
    same = story(
        "半導體龍頭台積電董事會拍板德勒斯登設廠案，斥資 3500 億元，目標 2027 年量產。",
        "台積電德國設廠拍板 砸3500億元",
        "乙報",
        hours=2,
    )
    other = story(
        "教育部公布明年大學招生名額，共減少 1200 名，私立學校受影響最大。",
        "大學招生名額再減 私校首當其衝",
        "乙報",
        hours=2,
    )
    assert likely_same_event(one, same) > 0.4 > 0.15 > likely_same_event(one, other)
    assert likely_same_event(one, same) == likely_same_event(same, one)
    later = Article(**{**same.__dict__, "published": NOW + timedelta(days=9)})
    assert likely_same_event(one, later) < likely_same_event(one, same)
