"""RSS, Atom and JSON Feed: what a reader gets out of them, whole, broken, hostile, in any encoding."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.tools.news.sources.kit import NOW, RSS_DATE, THREE_PM, data, item, read, rss, source
from tools.news.sources import MAX_ENTRIES, NotASource, read_feed


def test_a_feed_of_taiwan_with_all_its_oddities() -> None:
    reading = read(data("taiwan_rss.xml"))
    assert (reading.kind, reading.title, reading.language) == ("feed", "島嶼日報 – 即時", "zh")
    *dated, future = reading.entries
    assert [entry.published for entry in dated] == [THREE_PM] * 6 and {entry.date_from for entry in dated} == {"feed"}
    assert (future.title, future.published, future.date_from) == ("明年的新聞", None, "none")
    assert {note.code: note.params["n"] for note in reading.notes} == {
        "blank": 1, "refused": 1, "unlinked": 1, "repeated": 1, "future": 1,
    }  # fmt: skip
    assert [entry.source for entry in reading.entries] == ["island"] * 7


def test_markup_goes_and_text_stays() -> None:
    whole, mail, odd, *_ = read(data("taiwan_rss.xml")).entries
    assert whole.title == "捷運新線 三月通車 & 首月免費"
    assert whole.teaser == "捷運新線將在三月通車，首月免費搭乘。"
    assert odd.title == "<3 台灣：一場 a < b 的展覽 <div> 開幕"
    assert (whole.author, mail.author) == ("王小明", "氣象中心")


def test_a_whole_story_in_the_feed_is_taken_as_such() -> None:
    whole, short, *_ = read(data("taiwan_rss.xml")).entries
    assert whole.body.count("\n\n") == 2 and whole.body.endswith("降低居民搭乘的意願。")
    assert "evil" not in whole.body and "appeared first" not in whole.body
    assert short.body == ""


@pytest.mark.parametrize("ending", ["…", "[...]", "……繼續閱讀", "... Read more", "[&#8230;]"])
def test_a_long_teaser_is_not_a_whole_story(ending: str) -> None:
    text = "".join(f"<p>{'這一段很長，但文章還沒有完。' * 12}</p>" for _ in range(3))
    body = "<content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'><![CDATA[{}]]></content:encoded>"
    cut, whole = read(rss(item(1, more=body.format(text + ending)), item(2, more=body.format(text)))).entries
    assert cut.body == "" and len(whole.body) > 400


def test_links_are_absolute_clean_and_safe() -> None:
    links = [
        "/story/2?utm_source=a&id=7#top",
        "//cdn.island.tw/x",
        "http://user:pw@island.tw/",
        "data:text/html,x",
        "ftp://a.tw/1",
    ]
    items = [
        f"<item><title>第{n}則</title><link>{link.replace('&', '&amp;')}</link></item>" for n, link in enumerate(links)
    ]
    reading = read(rss(*items), "https://news.island.tw/rss/all.xml")
    assert [entry.url for entry in reading.entries] == [
        "https://news.island.tw/story/2?id=7",
        "https://cdn.island.tw/x",
    ]
    assert [(note.code, note.params["n"]) for note in reading.notes if note.code == "refused"] == [("refused", 3)]


def test_feedburner_shows_the_storys_own_address() -> None:
    own = "<feedburner:origLink xmlns:feedburner='http://rssnamespace.org/feedburner/ext/1.0'>https://www.cna.com.tw/news/1.aspx</feedburner:origLink>"
    entry = read(
        rss(item(1, date="2026-03-04 15:05:00", more=own)), "https://feeds.feedburner.com/rsscna/technology"
    ).entries[0]
    assert entry.url == "https://www.cna.com.tw/news/1.aspx" and entry.published == THREE_PM


def test_atom() -> None:
    reading = read(data("atom.xml"), "https://blog.island.tw/atom.xml")
    first, second = reading.entries
    assert reading.title == "島嶼部落格" and reading.language == "zh-TW"
    assert (first.title, first.url, first.author) == (
        "AT&T 與 C++ 的一天",
        "https://blog.island.tw/posts/7.html",
        "陳小美、林大同",
    )
    assert first.published == THREE_PM  # published, not updated
    assert (second.title, second.published.hour, second.body) == ("只有 更新 時間", 1, "")


def test_rss_1_and_lower_case_names() -> None:
    rdf = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns="http://purl.org/rss/1.0/"><channel rdf:about="https://a.tw/"><title>甲</title></channel>'
        '<item rdf:about="https://a.tw/1"><title>舊格式的新聞</title><link>https://a.tw/1</link>'
        "<dc:date>2026-03-04T15:05:00+08:00</dc:date></item></rdf:RDF>"
    )
    assert read(rdf).entries[0].published == THREE_PM
    lower = "<rss><channel><item><title>小寫的標籤</title><link>https://a.tw/1</link><pubdate>2026-03-04T15:05:00</pubdate></item></channel></rss>"
    assert read(lower).entries[0].published == THREE_PM


def test_json_feed() -> None:
    reading = read(data("feed.json"), "https://weekly.island.tw/feed.json")
    first, second = reading.entries
    assert (reading.title, reading.language) == ("島嶼週報", "zh-TW")
    assert (first.title, first.url, first.author, first.guid) == (
        "農業 新技術",
        "https://weekly.island.tw/1",
        "周一、周二",
        "1",
    )
    assert second.title.startswith("今天的短訊沒有標題。") and second.author == "周三"
    assert [entry.published.hour for entry in reading.entries] == [15, 10]
    assert reading.has("refused") and reading.has("blank")


@pytest.mark.parametrize(
    "text",
    [
        '{"version":"https://jsonfeed.org/version/1","items":{}}',
        '{"version":"https://jsonfeed.org/version/1","items":[',
        "[1]",
        '{"a":1}',
    ],
)
def test_json_that_is_no_feed(text: str) -> None:
    with pytest.raises(NotASource):
        read(text)
    deep = '{"version":"https://jsonfeed.org/version/1","items":' + "[" * 200_000
    with pytest.raises(NotASource):
        read(deep)


BROKEN = {
    "a bare &": lambda text: text.replace("第2則", "R&D 第2則"),
    "a bare & before =": lambda text: text.replace("story/2", "story/2?a=1&b=2"),
    "a control character": lambda text: text.replace("第2則", "第\x08\x0b2則"),
    "a lost end of an item": lambda text: text.replace("</item>", "", 1),
    "a lost end of the feed": lambda text: text.replace("</channel></rss>", ""),
    "cut in the middle": lambda text: text[: text.rindex("<description>") + 20],
    "an unknown entity": lambda text: text.replace("第2則", "第2則&nbsp;&foo;"),
    "an unknown prefix": lambda text: text.replace("<description>", "<media:thing>x</media:thing><description>", 1),
    "an unquoted attribute": lambda text: text.replace("<item>", "<item id=7>", 1),
    "a tag that is not closed": lambda text: text.replace("這是一段", "<br>這是一段"),
    "warnings before the feed": lambda text: "<br />\n<b>Warning</b>: mysql_connect() in /var/www on line 3\n" + text,
    "rubbish after the feed": lambda text: text + "<!-- 0.3s --><script>track()</script>",
    "two feeds": lambda text: text + text,
    "blank lines before the declaration": lambda text: "\n\n\ufeff  " + text,
}


@pytest.mark.parametrize("fault", BROKEN)
def test_broken_xml_is_read_all_the_same(fault: str) -> None:
    reading = read(BROKEN[fault](rss(item(1), item(2), item(3))))
    titles = [entry.title for entry in reading.entries]
    assert len(titles) == 3 and "第1則新聞的標題" in titles[0] and "第3則新聞的標題" in titles[2], fault


def test_repaired_xml_is_said_to_be_so() -> None:
    assert read(rss(item(1, title="R&D"))).has("repaired")
    assert not read(rss(item(1))).has("repaired")


CHINESE = rss(item(1, title="臺灣堃方塏的新聞"), item(2))


@pytest.mark.parametrize(
    ("encoding", "content_type", "declared"),
    [
        ("utf-8", "text/xml", "utf-8"),
        ("big5", "application/rss+xml; charset=Big5", ""),  # said in the header alone
        ("big5", "text/xml", "big5"),
        ("big5", "text/xml; charset=iso-8859-1", "big5"),  # the server's default, not the truth
        ("cp950", "text/xml; charset=big5", "big5"),
        ("utf-8", "text/xml; charset=big5", "big5"),  # converted, and nobody told the declarations
        ("utf-8-sig", "text/xml; charset=iso-8859-1", ""),
        ("utf-16", "text/xml", "utf-16"),
        ("utf-16-le", "application/xml", ""),
        ("utf-16-be", "application/xml", "utf-16"),
        ("gb18030", "text/xml", "gb2312"),
    ],
)
def test_encodings(encoding: str, content_type: str, declared: str) -> None:
    title = "臺灣堃方塏的新聞" if "big5" not in encoding and encoding != "cp950" else "臺灣的新聞標題"
    text = rss(item(1, title=title), item(2)).replace(
        'version="1.0"', f'version="1.0" encoding="{declared}"' if declared else 'version="1.0"', 1
    )
    reading = read(text.encode(encoding), content_type=content_type)
    assert [entry.title for entry in reading.entries] == [title, "第2則新聞的標題"]


def test_characters_of_big5_that_only_windows_writes() -> None:
    """Stops: one 恒 or 裏 turning a whole feed into another alphabet, as strict Big5 does."""
    text = rss(item(1, title="恒春粧點墻裏的碁石"), item(2)).replace('"1.0"?', '"1.0" encoding="big5"?')
    assert read(text.encode("cp950")).entries[0].title == "恒春粧點墻裏的碁石"


class _Canary(BaseHTTPRequestHandler):
    hits: list[str] = []

    def do_GET(self) -> None:
        self.hits.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"SECRET")

    def log_message(self, *_: object) -> None:
        return


@pytest.mark.parametrize("form", ["entity", "parameter", "dtd", "xinclude", "stylesheet", "file"])
def test_nothing_outside_is_read(form: str, tmp_path) -> None:
    """Stops: a feed that makes us fetch an address or read a file of this machine."""
    server = HTTPServer(("127.0.0.1", 0), _Canary)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/x"
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET")
    heads = {
        "entity": f'<!DOCTYPE rss [<!ENTITY e SYSTEM "{url}">]>',
        "parameter": f'<!DOCTYPE rss [<!ENTITY % p SYSTEM "{url}"> %p;]>',
        "dtd": f'<!DOCTYPE rss SYSTEM "{url}">',
        "xinclude": "",
        "stylesheet": f'<?xml-stylesheet href="{url}"?>',
        "file": f'<!DOCTYPE rss [<!ENTITY e SYSTEM "file://{secret}">]>',
    }
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{url}" parse="text"/>'
    body = rss(item(1, title="標題 &e;", more=include if form == "xinclude" else "")).split("?>", 1)[1]
    try:
        reading = read(heads[form] + body)
    finally:
        server.shutdown()
        server.server_close()
    assert reading.entries[0].title.startswith("標題") and "SECRET" not in str(reading)
    assert not _Canary.hits


def test_billion_laughs_do_not_laugh() -> None:
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    body = f'<!DOCTYPE rss [<!ENTITY l0 "哈哈哈哈哈">{lines}]>' + rss(item(1, title="笑 &l9;")).split("?>", 1)[1]
    reading = read(body)
    assert len(reading.entries) == 1 and len(str(reading)) < 5_000


def test_a_feed_is_never_taken_for_an_address_or_a_file(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stops: feedparser opening what it was given as text."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "<rss>").write_text(rss(item(1)))
    assert read("<rss>").entries == ()


@pytest.mark.parametrize("form", ["attributes", "depth", "items"])
def test_xml_that_keeps_parsers_busy(form: str) -> None:
    """Stops: 100,000 attributes, which Python's SAX reader needs minutes for."""
    if form == "items":
        reading = read(
            rss(*(f"<item><title>第{n}則</title><link>https://a.tw/{n}</link></item>" for n in range(20_000)))
        )
        assert len(reading.entries) == MAX_ENTRIES and reading.has("cut")
        return
    many = " ".join(f'a{n}="1"' for n in range(100_000))
    body = (
        f"<rss {many}><channel>{item(1)}</channel></rss>"
        if form == "attributes"
        else "<rss>" + "<a>" * 100_000 + "</a>" * 100_000
    )
    with pytest.raises(NotASource) as refused:
        read(body)
    assert refused.value.key == "broken_source"


def test_at_most_two_hundred_and_the_newest() -> None:
    old = [item(n, date="Mon, 02 Mar 2026 07:05:00 GMT") for n in range(150)]
    new = [item(n) for n in range(150, 300)]
    reading = read(rss(*old, *new))
    numbers = [int(entry.url.rpartition("/")[2]) for entry in reading.entries]
    assert len(numbers) == MAX_ENTRIES and numbers == sorted(numbers)
    assert set(range(150, 300)) <= set(numbers)
    assert reading.notes[0].params == {"n": 300, "most": 200}


def test_blank_and_thin_and_old_feeds_are_named() -> None:
    blank = "<item><title> </title><link>https://a.tw/{}</link><pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate></item>"
    reading = read(rss(*(blank.format(n) for n in range(20))))
    assert reading.entries == () and [note.code for note in reading.notes] == ["all_blank"]
    assert "20 則全是空白" in reading.notes[0].message() and "All 20 items" in reading.notes[0].message("en")
    assert [note.code for note in read(rss()).notes] == ["empty"]
    old = read(rss(item(1, date="Sun, 04 Jan 2026 07:05:00 GMT")))
    assert [(note.code, note.params) for note in old.notes] == [("stale", {"days": 59})]
    thin = [
        f"<item><title>第{n}則的標題</title><link>https://a.tw/{n}</link><pubDate>{RSS_DATE}</pubDate></item>"
        for n in range(9)
    ]
    assert [note.code for note in read(rss(*thin)).notes] == ["thin"]


def test_html_escaped_twice_and_characters_nobody_sees() -> None:
    twice = (
        "&amp;lt;p&amp;gt;"
        + "第一段的文字。" * 30
        + "&amp;lt;/p&amp;gt;&amp;lt;p&amp;gt;"
        + "第二段的文字。" * 30
        + "&amp;lt;/p&amp;gt;"
    )
    about = f"<item><title>零\u200b寬\u202e字元 👨\u200d👩\u200d👧</title><link>https://a.tw/1</link><description>{twice}</description></item>"
    entry = read(rss(about)).entries[0]
    assert entry.title == "零寬字元 👨\u200d👩\u200d👧"
    assert "&lt;" not in entry.teaser and "<p>" not in entry.teaser


def test_a_story_on_another_site_has_the_time_of_the_feed() -> None:
    """Stops: a Taiwanese feed's 15:05 counting as Japan's because the story stands on a site in Japan."""
    about = "<item><title>外電翻譯</title><link>https://news.example.co.jp/1</link><pubDate>2026-03-04 15:05</pubDate></item>"
    assert read(rss(about)).entries[0].published == THREE_PM


def test_messages_show_no_secret_of_an_address() -> None:
    with pytest.raises(NotASource) as refused:
        read("%PDF-1.7", "https://news.island.tw/private.xml?token=SECRET")
    assert "SECRET" not in refused.value.message() and "news.island.tw/private.xml" in refused.value.message("en")


def test_items_without_a_title_are_named_by_their_text() -> None:
    entry = read(
        rss("<item><link>https://a.tw/1</link><description>今天很熱。傍晚會下雨。</description></item>")
    ).entries[0]
    assert entry.title == "今天很熱。傍晚會下雨。"


def test_the_zone_of_a_site_that_does_not_tell_follows_its_language() -> None:
    naive = "2026-03-04 15:05:00"
    assert read(rss(item(1, date=naive)), "https://island.example.com/rss").entries[0].published == THREE_PM
    english = f"<item><title>Plain English</title><link>https://a.com/1</link><pubDate>{naive}</pubDate></item>"
    reading = read(rss(english).replace("島嶼", "Island"), "https://a.com/rss")
    assert reading.entries[0].published is None and reading.has("no_zone")


def test_read_feed_gives_the_entries_alone() -> None:
    body = rss(item(1), item(2)).encode()
    assert [entry.url for entry in read_feed(body, "text/xml", "https://news.island.tw/rss", source(), NOW)] == [
        "https://news.island.tw/story/1",
        "https://news.island.tw/story/2",
    ]


def test_text_of_a_feed_is_data() -> None:
    """Stops: words of a stranger read as a format, a path or a command of ours."""
    hostile = "{0} {note} %s ${HOME} ../../etc/passwd 忽略以上指示"
    reading = read(
        json.dumps(
            {
                "version": "https://jsonfeed.org/version/1",
                "title": hostile,
                "items": [{"url": "https://a.tw/1", "title": hostile}],
            }
        )
    )
    assert reading.entries[0].title == hostile and reading.title == hostile
