"""Title, writer and time: without the site's name, from the byline in the text, in the zone of the place, never guessed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.tools.news.article.pages import LEAD, REST, TITLE, page
from tools.news.article import extract
from tools.news.article.byline import read_byline
from tools.news.article.title import without_site

URL = "https://news.example.tw/life/1"
NOW = datetime(2026, 11, 21, tzinfo=UTC)
TAIPEI = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    "title",
    [
        f"{TITLE}｜社會｜測試日報",
        f"{TITLE} | 生活 | 測試新聞網 TestNews",
        f"{TITLE} - 生活 - 測試時報電子報",
        f"{TITLE}_測試新聞網",
        f"{TITLE} – 測試報",
        f"{TITLE} | ETtoday測試 | ETtoday新聞雲",
        f"測試報｜{TITLE}",
        TITLE,
    ],
)
def test_the_sites_name_is_no_part_of_a_title(title: str) -> None:
    assert without_site(title, "測試報", "news.example.tw") == TITLE
    found = extract(page(title=title, heading="", head='<meta property="og:site_name" content="測試報">'), URL)
    assert found.title == TITLE


@pytest.mark.parametrize(
    "title",
    [
        "COVID-19 確診數創新高",
        "2026-2027 年度預算案三讀",
        "台積電 - 從新竹到世界的三十年奮鬥史與下一步",
        "AI／人工智慧如何改變醫療",
        "第 3 季 GDP 3.5%",
    ],
)
def test_signs_inside_a_title_stay(title: str) -> None:
    assert without_site(title, "測試報", "news.example.tw") == title
    assert extract(page(title=f"{title}｜測試報", heading=title), URL).title == title


def test_the_heading_that_is_shown_beats_a_title_made_for_machines() -> None:
    assert extract(page(title=f"{TITLE}！必看懶人包｜測試報"), URL).title == TITLE


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("記者王小明／台北報導", "王小明"),
        ("〔記者王小明／高雄報導〕", "王小明"),
        ("（中央社記者王小明台北20日電）", "王小明"),
        ("記者王小明、李大華／綜合報導", "王小明、李大華"),
        ("文／王小明", "王小明"),
        ("撰文｜歐陽小明", "歐陽小明"),
        ("記者 / 王小明", "王小明"),
        ("By John Smith and Jane Doe", "John Smith、Jane Doe"),
    ],
)
def test_a_byline_in_the_text_names_the_writer(line: str, names: str) -> None:
    assert read_byline([line]) == names
    assert extract(page(line, LEAD, *REST), URL).author == names


@pytest.mark.parametrize(
    "line",
    ["記者詢問部長何時實施", "記者會今天舉行", "綜合報導", "編輯中心／綜合報導", "文化部／補助", "記者今天採訪時得知"],
)
def test_a_desk_or_a_sentence_is_no_writer(line: str) -> None:
    assert read_byline([line]) == ""
    assert extract(page(line, LEAD, *REST), URL).author == ""


def test_the_pages_own_data_names_the_writer() -> None:
    data = {"@graph": [{"@type": "NewsArticle", "headline": TITLE, "author": [{"name": "王小明"}, {"name": "測試報"}],
                        "publisher": {"name": "測試報"}}]}  # fmt: skip
    head = f'<script type="application/ld+json">{json.dumps(data)}</script>'
    assert extract(page(head=head), URL).author == "王小明"
    assert extract(page(head='<meta name="author" content="李大華">'), URL).author == "李大華"


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="article:published_time" content="2026-11-20T09:30:00+08:00">',
        '<meta property="article:published_time" content="2026-11-20T01:30:00Z">',
        '<meta name="pubdate" content="2026-11-20 09:30:00">',
        '<meta name="date" content="2026/11/20 上午9:30">',
        '<meta name="pubdate" content="Fri Nov 20 09:30:00 CST 2026">',
        '<meta name="pubdate" content="民國115年11月20日 09:30">',
        '<meta itemprop="datePublished" content="2026-11-20T09:30+08:00">',
        '<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2026-11-20T09:30:00+08:00"}</script>',
        '<script type="application/ld+json">/*<![CDATA[*/[{"@type": ["Article"], "datePublished": "2026-11-20 09:30"}]/*]]>*/</script>',
    ],
)
def test_a_date_in_the_head_is_read_in_the_zone_of_the_place(head: str) -> None:
    found = extract(page(head=head), URL, now=NOW)
    assert (found.published, found.date_from) == (datetime(2026, 11, 20, 9, 30, tzinfo=TAIPEI), "metadata")


@pytest.mark.parametrize(
    "line", ["2026-11-20 09:30", "發布時間：2026/11/20 09:30", "2026年11月20日 上午9:30", "民國115年11月20日 09:30"]
)
def test_a_date_under_the_heading_is_read(line: str) -> None:
    found = extract(page().replace("</h1>", f"</h1><div class='t'>{line}</div>"), URL, now=NOW)
    assert (found.published, found.date_from) == (datetime(2026, 11, 20, 9, 30, tzinfo=TAIPEI), "text")


@pytest.mark.parametrize(
    "head",
    [
        "",
        '<meta property="article:published_time" content="soon">',
        '<meta property="article:published_time" content="1970-01-01T00:00:00Z">',
        '<meta property="article:published_time" content="2036-01-01T00:00:00Z">',
        '<meta property="article:published_time" content="2026-13-45T99:00:00Z">',
    ],
)
def test_a_date_that_cannot_be_is_none(head: str) -> None:
    found = extract(page(head=head), URL, now=NOW)
    assert (found.published, found.date_from) == (None, "none")


def test_broken_data_for_machines_is_passed_over() -> None:
    broken = [
        "{",
        "[[[[",
        '{"@type": "NewsArticle", "headline": 5, "author": 7, "articleBody": ["x"]}',
        '{"@type": null}',
        "9" * 9000,
    ]
    head = "".join(f'<script type="application/ld+json">{each}</script>' for each in broken)
    found = extract(page(head=head), URL)
    assert LEAD in found.text and found.title == TITLE
