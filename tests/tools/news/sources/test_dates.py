"""Dates as feeds and Taiwanese pages write them: the right moment with its zone, or None and the reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.tools.news.sources.kit import NOW, TAIPEI, THREE_PM
from tools.news.sources import home_zone, read_date

ROC = "民國115年3月4日"


def at(*parts: int, hours: float = 8) -> datetime:
    return datetime(*parts, tzinfo=UTC) - timedelta(hours=hours)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2026-03-04 15:05:00", "site"),
        ("Wed, 04 Mar 2026 15:05:00 CST", "zone"),
        ("2026年03月04日 下午3:05", "site"),
        ("2026-03-04T15:05:00+08:00", "offset"),
        ("2026/3/4 下午 03:05:00", "site"),
        ("Wed, 04 Mar 2026 07:05:00 GMT", "zone"),
    ],
)
def test_six_spellings_of_one_moment_in_a_feed_of_taiwan(text: str, why: str) -> None:
    """Stops: naive times read as UTC (8 hours off) and CST as the middle of America (14 hours off)."""
    read = read_date(text, host="www.island.com.tw", now=NOW)
    assert read.when == THREE_PM and read.why == why


@pytest.mark.parametrize(
    "text",
    [
        f"{ROC} 15:05",
        f"{ROC}下午3時5分",
        "民國 115 年 3 月 4 日 15:05:00",
        "中華民國一百一十五年三月四日下午三點五分",
        "115/03/04 15:05",
        "115-03-04 15:05",
        "１１５年３月４日　１５：０５",
        "二〇二六年三月四日十五點五分",
        "2026.03.04 | 15:05",
        "2026-3-4 PM 3:05",
        "2026/3/4 3:05PM",
        "發布時間：2026/03/04 15:05　更新時間：2026/03/05 08:00",
        "2026-03-04 (三) 15:05",
        "星期三, 04 三月 2026 15:05:00 +0800",
        "Wed Mar  4 15:05:00 2026",
        "Wed Mar  4 15:05:00 CST 2026",
        "Wed Mar 04 2026 15:05:00 GMT+0800 (台北標準時間)",
        "2026-03-04T15:05:00&#x2B;08:00",
        "2026‑03‑04 15:05",
        "202603041505",
        "20260304T070500Z",
        "1772607900",
        "1772607900000",
        "2026-03-04 15:05:00 台北時間",
        "Wed, 4 March 2026 3:05 PM +0800",
        "March 4, 2026 at 2:05 AM EST",
        "2:05 AM EST, Wed March 4, 2026",
        "04 Mar 26 07:05:00 GMT",
        "昨天 15:05",
        "昨天下午3:05",
        "Yesterday 15:05",
        "3/4 15:05",
        "3月4日 15:05",
        "2026-03-04 15:05 - 16:00",
        "2026-03-04 \u200b15:05\u200e",
    ],
)
def test_the_same_moment_in_other_words(text: str) -> None:
    assert read_date(text, host="island.com.tw", now=NOW).when == THREE_PM


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2026-03-04T15:05:00.123456789Z", at(2026, 3, 4, 15, 5, hours=0)),
        ("2026-03-04T15:05-0330", at(2026, 3, 4, 15, 5, hours=-3.5)),
        ("2026-03-04T15:05:60Z", at(2026, 3, 4, 15, 5, 59, hours=0)),
        ("2026-03-04 24:00", at(2026, 3, 5)),
        ("2026-03-04 上午12:05", at(2026, 3, 4, 0, 5)),
        ("2026-03-04 中午12:30", at(2026, 3, 4, 12, 30)),
        ("2026-03-04 晚上11點半", at(2026, 3, 4, 23, 30)),
        ("民國99年12月31日 08:00", at(2010, 12, 31, 8)),
        ("12/25 15:05", at(2025, 12, 25, 15, 5)),  # not in ten months' time
        ("13/02/2026 08:00", at(2026, 2, 13, 8)),
        ("12/31/2025 11:59 PM", at(2025, 12, 31, 23, 59)),
        ("2026-03-04T15:05:00 JST", at(2026, 3, 4, 15, 5, hours=9)),
        ("3小時前", at(2026, 3, 5, 9)),
        ("3 小时前", at(2026, 3, 5, 9)),
        ("半小時前", at(2026, 3, 5, 11, 30)),
        ("更新：兩天前", at(2026, 3, 3, 12)),
        ("剛剛", at(2026, 3, 5, 12)),
        ("an hour ago", at(2026, 3, 5, 11)),
        ("45 mins ago", at(2026, 3, 5, 11, 15)),
        ("前天 08:00", at(2026, 3, 3, 8)),
    ],
)
def test_odd_but_certain(text: str, when: datetime) -> None:
    assert read_date(text, host="island.com.tw", now=NOW).when == when


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("   \u200b ", "empty"),
        ("昨夜風雨聲", "unreadable"),
        ("今日新聞", "unreadable"),
        ("當前日期", "unreadable"),
        ("3天前他說", "unreadable"),
        ("iPhone 15.3.4", "unreadable"),
        ("15:05", "unreadable"),
        ("2026年3月", "unreadable"),
        ("99年12月31日", "unreadable"),  # 1999 or 2010
        ("03/04/2026 15:05", "ambiguous"),
        ("2026-02-30", "impossible"),
        ("2026-03-04 25:00", "impossible"),
        ("2026-03-04 晚上12:00", "impossible"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "epoch"),
        ("0001-01-01T00:00:00", "epoch"),
        ("民國元年一月一日", "epoch"),
        ("0000000000", "epoch"),
        ("Thu, 04 Mar 2027 07:05:00 GMT", "future"),
        ("2026-03-06 12:01", "future"),
        ("2026-03-04 15:05 IST", "no_zone"),  # India, Israel or Ireland
        ("3:05 PM ET, March 4, 2026", "no_zone"),
        ("2026-03-04T15:05:00+25:00", "no_zone"),
    ],
)
def test_what_is_not_certain_is_not_known(text: str, why: str) -> None:
    """Stops: a guess that puts a story of last year on top."""
    assert read_date(text, host="island.com.tw", now=NOW) == (None, why)


def test_a_time_without_a_zone_is_the_sites_own_or_unknown() -> None:
    naive = "2026-03-04 15:05"
    assert read_date(naive, host="island.com", now=NOW) == (None, "no_zone")
    assert read_date(naive, host="udn.com", now=NOW).when == THREE_PM
    assert read_date(naive, host="island.com", language="zh-Hant", now=NOW).when == THREE_PM
    assert read_date(naive, host="island.co.jp", language="zh-TW", now=NOW).when == at(2026, 3, 4, 15, 5, hours=9)
    assert read_date("2026年3月4日 15:05", host="island.com", now=NOW) == (THREE_PM, "chinese")
    assert read_date("Wed, 04 Mar 2026 15:05:00 CST", host="news.example.com").when == at(2026, 3, 4, 15, 5, hours=-6)
    assert read_date("3/4 15:05", host="news.example.com", now=NOW).when is None


def test_a_day_alone_is_a_day() -> None:
    assert read_date("2026-03-04", host="island.com.tw") == (datetime(2026, 3, 4, tzinfo=TAIPEI), "day")
    assert read_date("March 4, 2026", host="example.com") == (datetime(2026, 3, 4, tzinfo=UTC), "day")


def test_without_a_present_nothing_is_counted_from_it() -> None:
    for text in ("3小時前", "昨天 14:30", "3月4日 15:05"):
        assert read_date(text, host="island.com.tw") == (None, "needs_now")
    assert read_date("2099-01-01 00:00", host="island.com.tw").when == at(2099, 1, 1)


def test_the_year_turns() -> None:
    eve = datetime(2026, 1, 1, 0, 10, tzinfo=TAIPEI)
    assert read_date("12/31 23:50", host="a.tw", now=eve).when == at(2025, 12, 31, 23, 50)
    assert read_date("01/01 00:05", host="a.tw", now=eve).when == at(2026, 1, 1, 0, 5)


@pytest.mark.parametrize(
    "text", ["9" * 400, "1 " * 200, "民國" * 150, "99999999999天前", "9999年", "\ud800", "0/0 0:0", "一百" * 99]
)
def test_nonsense_is_never_an_exception(text: str) -> None:
    assert read_date(text, host="[::1]:99999", language="??", now=NOW).when is None


def test_where_a_site_is() -> None:
    assert home_zone("WWW.CNA.COM.TW:443") == home_zone("x.hk") == home_zone("", "zh-TW") == TAIPEI
    assert home_zone("example.com") is home_zone("tw.example.com", "en") is None
