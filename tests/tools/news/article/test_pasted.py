"""What a person brings becomes stories: one, several, a saved page, a headline; nothing is cut where that is not sure."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from tools.news.article import pasted
from tools.news.model import article_id

TAIPEI = timezone(timedelta(hours=8))
ONE = "衛福部今天宣布，全台 21 家醫院下個月起導入語音病歷系統，護理師交班時間平均少了 40 分鐘。"
TWO = "系統由成大醫院和一家新創公司合作開發，已在急診試用半年。院方表示，錄音不會離開院內，未來將開放診所申請。"
PAGE = f"""<html><head><title>21 家醫院導入語音病歷｜生活｜測試報</title>
<link href="https://news.example.tw/life/1" rel="canonical">
<meta property="article:published_time" content="2026-11-20T09:30:00+08:00"></head><body>
<nav><a href="/">首頁</a></nav><article><h1>21 家醫院導入語音病歷</h1><p>{ONE}</p><p>{TWO}</p></article></body></html>"""


def test_lines_that_say_where_a_story_is_from_are_no_text() -> None:
    (story,) = pasted(
        f"醫院導入語音病歷\nhttps://news.example.tw/life/1\n2026-11-20 10:00\n記者王小明／台北報導\n\n{ONE}\n\n{TWO}\n"
    )
    assert (story.title, story.url, story.author) == (
        "醫院導入語音病歷",
        "https://news.example.tw/life/1",
        "王小明",
    )
    assert story.text == f"{ONE}\n\n{TWO}"
    assert (story.published, story.date_from) == (datetime(2026, 11, 20, 10, tzinfo=TAIPEI), "person")
    assert (story.id, story.language) == (article_id(story.url), "zh-Hant")


def test_what_a_person_labels_is_taken_at_their_word() -> None:
    (story,) = pasted(
        f"標題：語音病歷上路\n作者：王小明、李大華\n日期：民國115年11月20日\n來源：測試報\n網址：https://a.tw/1\n\n{ONE}"
    )
    assert (story.title, story.author, story.source, story.url) == (
        "語音病歷上路",
        "王小明、李大華",
        "測試報",
        "https://a.tw/1",
    )
    assert (story.published, story.date_from, story.text) == (datetime(2026, 11, 20, tzinfo=TAIPEI), "person", ONE)


@pytest.mark.parametrize("rule", ["---", "=====", "***", "* * *", "———", "＝＝＝", "___", "- - - -"])
def test_a_dividing_line_divides(rule: str) -> None:
    stories = pasted(f"甲醫院開幕\n{ONE}\n\n{rule}\n\n乙學校放榜\n{TWO}\n{rule}\n\n只有標題的丙")
    assert [(story.title, story.text) for story in stories] == [
        ("甲醫院開幕", ONE),
        ("乙學校放榜", TWO),
        ("只有標題的丙", ""),
    ]
    assert len({story.id for story in stories}) == 3


def test_a_headline_over_a_line_is_a_title_and_no_divide() -> None:
    (story,) = pasted(f"甲醫院開幕了\n======\n\n{ONE}\n\n地點與時間\n------\n{TWO}")
    assert story.title == "甲醫院開幕了" and ONE in story.text and "地點與時間" in story.text
    both = pasted(f"甲醫院開幕了\n======\n{ONE}\n\n乙學校放榜了\n======\n{TWO}")
    assert [(one.title, one.text) for one in both] == [("甲醫院開幕了", ONE), ("乙學校放榜了", TWO)]


@pytest.mark.parametrize("rule", ["---", "===", "***"])
def test_headlines_with_lines_between_are_a_story_each(rule: str) -> None:
    stories = pasted(f"甲醫院開幕了\n{rule}\n乙學校放榜了\n{rule}\n丙市場改建了")
    assert [story.title for story in stories] == ["甲醫院開幕了", "乙學校放榜了", "丙市場改建了"]
    if rule != "***":
        assert [(one.title, one.text) for one in pasted(f"乙學校放榜了\n{rule}\n{ONE}")] == [("乙學校放榜了", ONE)]


def test_front_matter_is_about_the_story_under_it() -> None:
    (story,) = pasted(
        f'---\ntitle: "語音病歷上路"\nsource: https://a.tw/x\ntags:\n  - clip\npublished: 2026-11-19\n---\n{ONE}\n{TWO}'
    )
    assert (story.title, story.url, story.text) == ("語音病歷上路", "https://a.tw/x", f"{ONE}\n\n{TWO}")
    assert story.published == datetime(2026, 11, 19, tzinfo=TAIPEI)


def test_an_address_after_a_line_belongs_to_the_story_before_it() -> None:
    first, second = pasted(f"甲醫院開幕\n{ONE}\n---\nhttps://a.tw/1\n---\n乙學校放榜\n{TWO}\n---\nhttps://a.tw/2")
    assert (first.title, first.url, first.text) == ("甲醫院開幕", "https://a.tw/1", ONE)
    assert (second.title, second.url, second.text) == ("乙學校放榜", "https://a.tw/2", TWO)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("甲醫院開幕了\nhttps://a.tw/1\n", "乙學校放榜了\n2026/11/19 08:00\n"),
        ("甲醫院開幕了\n記者王小明／台北報導\n", "乙學校放榜了\n記者李大華／台南報導\n"),
        ("標題：甲醫院開幕了\n", "標題：乙學校放榜了\n"),
        ("# 甲醫院開幕了\n", "# 乙學校放榜了\n"),
        ("【甲醫院在台北市盛大開幕了】\n", "【乙學校今天下午開始放榜了】\n"),
    ],
)
def test_without_lines_only_what_is_surely_a_new_story_is_one(first: str, second: str) -> None:
    stories = pasted(f"{first}{ONE}\n\n{TWO}\n\n{second}{TWO}\n\n延伸閱讀一則\nhttps://a.tw/9\n")
    assert len(stories) == 2
    assert stories[0].title.startswith("甲醫院") and stories[0].text == f"{ONE}\n\n{TWO}"
    assert stories[1].title.startswith("乙學校") and "https://a.tw/9" in stories[1].text
    assert stories[1].url != "https://a.tw/9"


def test_subheadings_and_questions_do_not_divide() -> None:
    text = (
        f"語音病歷上路\n\n{ONE}\n\n為什麼是現在\n\n{TWO}\n\n記者：請問什麼時候開放？\n\n部長：明年。\n\n\n後續\n\n{ONE}"
    )
    (story,) = pasted(text)
    assert story.title == "語音病歷上路" and story.author == ""
    assert "記者：請問什麼時候開放？" in story.text and "為什麼是現在" in story.text


def test_a_list_of_headlines_is_a_story_each() -> None:
    stories = pasted("甲醫院開幕了\nhttps://a.tw/1\n\n乙學校放榜了\nhttps://a.tw/2\n\n丙市場改建了\nhttps://a.tw/3\n")
    assert [(story.title, story.url, story.text) for story in stories] == [
        ("甲醫院開幕了", "https://a.tw/1", ""),
        ("乙學校放榜了", "https://a.tw/2", ""),
        ("丙市場改建了", "https://a.tw/3", ""),
    ]


@pytest.mark.parametrize(
    ("text", "title", "url"),
    [
        ("【快訊】醫院導入語音病歷 https://a.tw/1?x=1", "【快訊】醫院導入語音病歷", "https://a.tw/1?x=1"),
        ("[醫院導入語音病歷](https://a.tw/1)", "醫院導入語音病歷", "https://a.tw/1"),
        ("**醫院導入語音病歷**", "醫院導入語音病歷", ""),
        ("21 家醫院導入語音病歷｜生活｜測試報", "21 家醫院導入語音病歷", ""),
        ("https://a.tw/1", "https://a.tw/1", "https://a.tw/1"),
        ("Source: Apple to buy a small orchard", "Source: Apple to buy a small orchard", ""),
    ],
)
def test_a_line_alone_is_a_title(text: str, title: str, url: str) -> None:
    (story,) = pasted(text)
    assert (story.title, story.url, story.text, story.date_from) == (title, url, "", "none")


def test_one_long_line_keeps_all_of_its_text() -> None:
    (story,) = pasted(ONE + TWO * 3)
    assert story.text == ONE + TWO * 3
    assert story.title and ONE.startswith(story.title.rstrip("…")) and len(story.title) <= 60


def test_a_day_that_the_story_tells_of_is_not_its_date() -> None:
    (story,) = pasted(f"語音病歷上路\n活動將於2026年12月1日舉行\n{ONE}")
    assert (story.published, story.date_from) == (None, "none") and "12月1日" in story.text
    (stamped,) = pasted(f"語音病歷上路\n2026-11-20 10:00 測試報／記者王小明／台北即時報導\n{ONE}")
    assert (stamped.published, stamped.date_from) == (datetime(2026, 11, 20, 10, tzinfo=TAIPEI), "text")
    assert stamped.author == "王小明" and "測試報" in stamped.text


def test_a_date_that_has_not_come_is_not_believed() -> None:
    (story,) = pasted(f"語音病歷上路\n2036-11-20 10:00\n{ONE}", now=datetime(2026, 11, 20, tzinfo=TAIPEI))
    assert (story.published, story.date_from) == (None, "none")


@pytest.mark.parametrize(
    "begin", ["<!DOCTYPE html>\n", "\ufeff  ", '<?xml version="1.0"?><!-- x -->\n<!doctype HTML>', ""]
)
def test_a_saved_page_is_extracted(begin: str) -> None:
    (story,) = pasted(begin + PAGE)
    assert (story.title, story.url) == ("21 家醫院導入語音病歷", "https://news.example.tw/life/1")
    assert ONE in story.text and TWO in story.text and "首頁" not in story.text and "<" not in story.text
    assert (story.date_from, story.id) == ("metadata", article_id("https://news.example.tw/life/1"))


def test_a_browser_notes_where_a_page_was_saved_from() -> None:
    note = "<!-- saved from url=(0027)https://news.example.tw/p/7 -->"
    (story,) = pasted(f"<!DOCTYPE html>\n{note}\n{PAGE}")
    assert story.url == "https://news.example.tw/p/7"
    (other,) = pasted(PAGE.replace("https://news.example.tw/life/1", "javascript:alert(1)"))
    assert other.url == ""


def test_pages_and_texts_may_be_mixed() -> None:
    first, second, third = pasted(f"甲醫院開幕\n{ONE}\n---\n<!doctype html>{PAGE}\n---\n乙學校放榜\n{TWO}")
    assert (first.title, second.title, third.title) == ("甲醫院開幕", "21 家醫院導入語音病歷", "乙學校放榜")
    assert "<" not in first.text + second.text + third.text


def test_an_example_of_a_page_in_a_story_is_text() -> None:
    (story,) = pasted(f"怎麼寫網頁\n{ONE}\n<html>\n<body></body></html>\n{TWO}")
    assert "<body></body></html>" in story.text and TWO in story.text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "big5", "utf-16"])
def test_a_file_may_be_bytes(encoding: str) -> None:
    (story,) = pasted(f"語音病歷上路\r\n\r\n{ONE}\r\n{TWO}".encode(encoding))
    assert (story.title, story.text) == ("語音病歷上路", f"{ONE}\n\n{TWO}")


@pytest.mark.parametrize("text", ["", "  \n\t\n", "---\n===\n***", "\0\0\0", "<html></html>", b""])
def test_nothing_is_no_story(text: str | bytes) -> None:
    assert pasted(text) == []


def test_an_address_given_with_it_is_for_one_story_only() -> None:
    (story,) = pasted(f"語音病歷上路\n{ONE}", url="https://a.tw/1")
    assert (story.url, story.id) == ("https://a.tw/1", article_id("https://a.tw/1"))
    stories = pasted(f"甲醫院開幕\n{ONE}\n---\n乙學校放榜\n{TWO}", url="https://a.tw/1")
    assert [one.url for one in stories] == ["", ""] and stories[0].id != stories[1].id


@pytest.mark.parametrize(
    "text",
    [
        "a\n---\n" * 5_000,
        "<html></html>" * 5_000,
        "<!-- -->" * 20_000,
        "標題一則\nhttps://a.tw\n\n" * 3_000,
        "- " * 200_000,
    ],
    ids=["rules", "pages", "comments", "headlines", "dashes"],
)
def test_hostile_text_ends(text: str) -> None:
    assert len(pasted(text)) <= 1_000
