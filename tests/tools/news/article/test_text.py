"""The text of a page is the story and nothing around it; what the page lacks is said, not made up."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests.tools.news.article.pages import LEAD, MORE, REST, TITLE, page
from tools.news.article import extract
from tools.news.model import Entry

URL = "https://news.example.tw/life/1"
ENGLISH = (
    "The city council voted on Tuesday to keep the old railway bridge open to cyclists for another five years.",
    "Engineers had warned that repairs would cost more than two million dollars, but residents argued that the detour "
    "through the tunnel is dangerous after dark.",
    "“We have waited for this decision since the flood,” said Maria Lopez, who runs a bicycle shop near the bridge. "
    "Work on the railings begins next spring.",
)


def test_the_story_is_whole_and_in_paragraphs() -> None:
    story = extract(page(), URL)
    body = story.text.removeprefix(TITLE).strip()
    assert body == "\n\n".join((LEAD, *REST))
    for other in ("首頁", "體育", MORE, "延伸閱讀", "版權所有", "secret", "不該出現", "color", "<"):
        assert other not in story.text
    assert (story.title, story.language, story.extractor) == (TITLE, "zh-Hant", "vote")


def test_what_the_extractors_took_is_kept_and_their_agreement_said() -> None:
    story = extract(page(), URL)
    assert {"fast", "precise", "readable"} <= set(story.candidates)
    assert all(LEAD in story.candidates[name] for name in ("fast", "precise", "readable"))
    assert 0.8 < story.agreement <= 1.0


def test_extractors_that_differ_agree_less() -> None:
    noise = "".join(f"<div><p>{MORE}，第 {at} 則，請繼續往下看更多精彩內容。</p></div>" for at in range(12))
    torn = page().replace("</article>", f"</article><section>{noise}</section>")
    assert extract(torn, URL).agreement < extract(page(), URL).agreement


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        *((encoding, True) for encoding in ("big5", "cp950", "utf-8", "utf-16", "gb18030")),
        *((encoding, False) for encoding in ("big5", "cp950", "utf-8", "utf-16")),
    ],
)
def test_bytes_are_read_by_what_they_are(encoding: str, declared: bool) -> None:
    said = f'<meta charset="{encoding}">' if declared else ""
    text = page().replace('<meta charset="utf-8">', said)
    story = extract(text.encode(encoding), URL)
    assert LEAD in story.text and story.title == TITLE


def test_a_wrong_declaration_does_not_garble() -> None:
    story = extract(page().replace('charset="utf-8"', 'charset="big5"').encode(), URL)
    assert LEAD in story.text and "\ufffd" not in story.text


def test_an_english_story_keeps_its_words_and_language() -> None:
    story = extract(
        page(*ENGLISH, lang="en", title="Bridge stays open | The Test Times", heading="Bridge stays open"),
        "https://times.example.com/a",
    )
    assert story.text.removeprefix("Bridge stays open").strip() == "\n\n".join(ENGLISH)
    assert (story.title, story.language) == ("Bridge stays open", "en")


def test_simplified_characters_are_seen_and_left_as_they_are() -> None:
    text = (
        "卫生部门今天宣布，全国二十一家医院下个月开始导入语音病历系统，护士交班时间平均减少四十分钟，一线人员普遍欢迎。"
    )
    story = extract(
        page(text, text.replace("今天", "昨天"), "系统由两家公司合作开发，已经试用半年，录音不会离开医院。")
    )
    assert story.language == "zh-Hans" and text in story.text


@pytest.mark.parametrize(
    "given", ["", b"", "   \n", "\0\0\0", "<html></html>", "<!doctype html><html><body></body></html>", b"\xff\xfe"]
)
def test_an_empty_page_has_no_story(given: str | bytes) -> None:
    story = extract(given, URL)
    assert (story.text, story.extractor, story.agreement, story.published) == ("", "", 0.0, None)
    assert story.date_from == "none"


def test_a_page_without_an_article_has_next_to_no_text() -> None:
    links = "".join(f'<li><a href="/n/{at}">{MORE}</a></li>' for at in range(40))
    story = extract(f"<html><head><title>測試報首頁</title></head><body><nav><ul>{links}</ul></nav></body></html>", URL)
    assert len(story.text) < 2 * len(MORE) and story.published is None


def test_a_story_stated_for_machines_stands_in_where_the_page_has_none() -> None:
    body = "\n".join((LEAD, *REST))
    data = json.dumps({"@type": "NewsArticle", "headline": TITLE, "articleBody": body}, ensure_ascii=False)
    story = extract(
        f'<html><head><title>{TITLE}</title><script type="application/ld+json">{data}</script></head>'
        "<body><p>請開啟 JavaScript。</p></body></html>",
        URL,
    )
    assert story.text == "\n\n".join((LEAD, *REST)) and story.extractor == "data"


def test_the_feeds_full_text_stands_in_and_is_a_candidate() -> None:
    entry = Entry(URL, TITLE, "test", body="\n".join((LEAD, *REST)))
    story = extract("<html><body><p>本文限會員閱讀。</p></body></html>", URL, entry=entry)
    assert story.text == "\n\n".join((LEAD, *REST)) and (story.extractor, story.title) == ("feed", TITLE)
    assert extract(b"", URL, entry=entry).text == story.text
    whole = extract(page(), URL, entry=entry)
    assert whole.extractor == "vote" and whole.candidates["feed"] == entry.body


def test_what_the_source_announced_says_which_story_the_page_is_about() -> None:
    when = datetime(2026, 11, 20, 1, tzinfo=UTC)
    entry = Entry(URL, TITLE, "test", published=when, date_from="feed", author="陳記者", teaser=LEAD[:40])
    bare = page(
        head='<meta property="article:published_time" content="2020-01-01T00:00:00+08:00">', title="測試報", heading=""
    )
    story = extract(bare, URL, entry=entry)
    assert (story.title, story.published, story.date_from, story.author) == (TITLE, when, "feed", "陳記者")
    assert LEAD in story.text


def test_a_block_that_repeats_is_there_once() -> None:
    story = extract(page(LEAD, REST[0], REST[1], REST[0], REST[2]), URL)
    assert story.text.count(REST[0]) == 1 and REST[2] in story.text


def test_items_and_cells_keep_their_lines() -> None:
    items = (
        "<ul>"
        + "".join(f"<li>第 {at} 點：醫院要先取得病人同意，並說明錄音用途與保存期限。</li>" for at in range(1, 4))
        + "</ul>"
    )
    story = extract(page().replace(f"<p>{REST[1]}</p>", f"<p>{REST[1]}</p>{items}"), URL)
    assert "保存期限。\n第 2 點" in story.text
