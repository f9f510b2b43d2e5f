"""Pages as sources: sniffing, lists of stories, single stories, sitemaps; and hostile HTML."""

from __future__ import annotations

import gzip

import pytest

from tests.tools.news.sources.kit import NOW, THREE_PM, data, item, read, rss
from tools.news.sources import NotASource, sniff
from tools.news.sources.sitemaps import read_sitemap_index, robots_sitemaps

ORIGIN = "https://www.island.tw"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (data("taiwan_rss.xml"), "feed"),
        (data("atom.xml"), "feed"),
        (data("feed.json"), "feed"),
        (data("news_sitemap.xml"), "sitemap"),
        (data("sitemap_index.xml"), "sitemap"),
        (data("list.html"), "list"),
        (data("story.html"), "page"),
        (data("subscriptions.opml"), "auto"),
        (rss(item(1)).encode("utf-16"), "feed"),
        (b"\xef\xbb\xbf\r\n<!-- made by hand --><!DOCTYPE rss [<!ELEMENT a ANY>]><rss></rss>", "feed"),
        (b"<p>Deprecated: each() in /var/www</p><rss version='2.0'><channel></channel></rss>", "feed"),
        (b"<html><body><p>Example:</p><rss></rss></body></html>", "list"),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body></body></html>', "list"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "auto"),
        (b'{"status":"ok"}', "auto"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(200), "auto"),
        (b"%PDF-1.7\n%\xe2\xe3", "auto"),
        ("只是一段文字，裡面提到 <rss> 三個字。".encode(), "auto"),
        (b"", "auto"),
    ],
)
def test_sniffing_looks_at_the_bytes(body: bytes, kind: str) -> None:
    assert sniff(body, "text/plain") == kind


def test_what_is_no_source_says_so() -> None:
    for body, key in ((b"%PDF-1.7", "not_a_source"), (data("subscriptions.opml"), "opml_not_a_source")):
        with pytest.raises(NotASource) as refused:
            read(body, f"{ORIGIN}/x")
        assert refused.value.key == key and ORIGIN in refused.value.message("en")
    for kind in ("feed", "sitemap"):
        with pytest.raises(NotASource) as refused:
            read(data("list.html"), f"{ORIGIN}/rss", kind=kind)
        assert refused.value.key == "no_longer_a_feed"
    with pytest.raises(NotASource) as refused:
        read("<html><body><nav><a href='/1'>首頁</a></nav><p>建置中</p></body></html>")
    assert refused.value.key == "no_links"


def test_a_list_page_gives_its_stories_and_nothing_else() -> None:
    reading = read(data("list.html"), f"{ORIGIN}/news")
    assert (reading.kind, reading.title) == ("list", "即時新聞｜島嶼日報")
    assert [entry.url.rpartition("/")[2] for entry in reading.entries] == [
        "2001",
        "2002",
        "2003",
        "2004",
        "2005",
        "2006",
        "2007",
    ]
    titles = {entry.url.rpartition("/")[2]: entry.title for entry in reading.entries}
    assert titles["2001"] == "花季提早報到 陽明山湧入三萬人賞花"
    assert titles["2002"] == "立法院三讀通過資料保護條例"
    assert titles["2004"] == "中職開幕戰門票秒殺 加開外野席次"  # cut in the text, whole in its attribute
    assert all(entry.date_from == "text" for entry in reading.entries)


def test_dates_of_a_list_are_those_of_the_story_they_stand_by() -> None:
    dates = {
        entry.url.rpartition("/")[2]: entry.published for entry in read(data("list.html"), f"{ORIGIN}/news").entries
    }
    said = {number: when.strftime("%m%d %H:%M") for number, when in dates.items()}
    assert said["2001"] == "0304 14:20" and said["2003"] == "0304 06:30" and said["2004"] == "0303 21:10"
    assert said["2005"] == "0305 09:00"  # three hours ago
    assert said["2006"] == "0303 00:00"  # only the address tells


def test_the_teaser_of_a_card_is_kept() -> None:
    first = read(data("list.html"), f"{ORIGIN}/news").entries[0]
    assert first.teaser.startswith("陽明山的櫻花比往年早開兩週")


def test_a_page_wrapped_in_a_menu_is_read_too() -> None:
    stories = "".join(f"<li><a href='/news/{4000 + n}'>第{n}個夠長的新聞標題在這裡</a></li>" for n in range(8))
    reading = read(f"<html><body><div class='site nav-fixed'><ul>{stories}</ul></div></body></html>", ORIGIN + "/")
    assert len(reading.entries) == 8


@pytest.mark.parametrize(
    "href", ["/category/politics", "/tag/新聞", "/author/wang", "/page/2", "/login?next=/news/1234", "/files/20260304.pdf", "/", "#top",
             "mailto:a@island.tw", "https://other.example/news/20260304/1", "//evil.example/news/12345678"],
)  # fmt: skip
def test_links_that_are_no_stories(href: str) -> None:
    stories = "".join(f"<li><a href='/news/{4000 + n}'>第{n}個夠長的新聞標題在這裡</a></li>" for n in range(5))
    page = f"<html><body><ul>{stories}<li><a href='{href}'>這個連結的文字也很像新聞標題</a></li></ul></body></html>"
    assert len(read(page, ORIGIN + "/news").entries) == 5


def test_a_list_with_all_its_teasers_in_one_place_is_still_a_list() -> None:
    about = "這一則新聞的摘要寫在同一個區塊裡，每一段都夠長，加起來看起來就像一篇文章的內文。"
    cards = "".join(
        f"<h3><a href='/news/{4000 + n}'>第{n}個夠長的新聞標題在這裡</a></h3><p>{about}</p>" for n in range(12)
    )
    reading = read(f"<html><body><div>{cards}</div></body></html>", ORIGIN + "/news")
    assert reading.kind == "list" and len(reading.entries) == 12


def test_cards_without_end_do_not_keep_the_reader_busy() -> None:
    inside = "<span class='date'>" * 300 + "2026-03-04 15:05"
    cards = "".join(
        f"<div><a href='/news/{4000 + n}'><b>第{n}個夠長的新聞標題在這裡</b>{inside}</a></div>" for n in range(300)
    )
    assert len(read(f"<html><body>{cards}", ORIGIN + "/news").entries) > 0


def test_a_base_element_counts_unless_it_is_hostile() -> None:
    stories = "".join(f"<h3><a href='{4000 + n}.html'>第{n}個夠長的新聞標題在這裡</a></h3>" for n in range(5))
    page = "<html><head><base href='{}'></head><body>" + stories + "</body></html>"
    assert read(page.format(f"{ORIGIN}/a/b/"), f"{ORIGIN}/news").entries[0].url == f"{ORIGIN}/a/b/4000.html"
    assert read(page.format("javascript:alert(1)"), f"{ORIGIN}/news/").entries[0].url == f"{ORIGIN}/news/4000.html"


def test_a_single_story() -> None:
    reading = read(data("story.html"), f"{ORIGIN}/news/life/20260304/3001?from=line")
    (entry,) = reading.entries
    assert (reading.kind, reading.title) == ("page", "島嶼日報")
    assert entry.url == f"{ORIGIN}/news/life/20260304/3001"
    assert (entry.title, entry.author) == ("社區共餐十年：老街的中午十二點", "李小華")
    assert (entry.published, entry.date_from) == (THREE_PM, "metadata")
    assert entry.body == ""  # the text is another part's work


def test_a_day_gives_way_to_a_time_on_that_day() -> None:
    head = "<meta name='date' content='2026-03-04'><meta property='article:modified_time' content='2026-03-05T09:00:00+08:00'>"
    page = (
        f"<html><head>{head}</head><body><h1>標題</h1><time datetime='2026-03-04T15:05:00+08:00'></time></body></html>"
    )
    assert read(page, f"{ORIGIN}/a/1", kind="page").entries[0].published == THREE_PM


@pytest.mark.parametrize("canonical", ["https://evil.example/x", "/", "javascript:alert(1)", "https://www.island.tw"])
def test_a_canonical_address_of_another_site_or_the_front_page_is_not_believed(canonical: str) -> None:
    page = data("story.html").decode().replace('href="/news/life/20260304/3001"', f'href="{canonical}"')
    assert read(page, f"{ORIGIN}/news/1").entries[0].url == f"{ORIGIN}/news/1"


def test_a_story_without_any_marks_is_one_all_the_same() -> None:
    text = "鄉民說，這間店的滷肉飯是他吃過最好的，老闆每天清晨四點就開始準備食材，從不休息。" * 8
    page = f"<html><head><title>[心得] 滷肉飯</title></head><body><div>{text}</div></body></html>"
    reading = read(page, "https://www.ptt.cc/bbs/Food/M.1.A.html")
    assert reading.kind == "page" and reading.entries[0].title == "[心得] 滷肉飯"


def test_a_person_may_say_which_kind_a_page_is() -> None:
    reading = read(data("story.html"), f"{ORIGIN}/news/1", kind="list")
    assert (reading.kind, len(reading.entries)) == ("list", 1)
    assert read(data("list.html"), f"{ORIGIN}/news", kind="page").kind == "page"
    assert read(data("taiwan_rss.xml"), kind="list").kind == "feed"  # a feed shows what it is


def test_a_news_sitemap() -> None:
    reading = read(data("news_sitemap.xml"), f"{ORIGIN}/s.xml")
    first, second = reading.entries
    assert (reading.kind, reading.title, reading.language) == ("sitemap", "島嶼商報", "zh-tw")
    assert (first.title, first.url) == ("出口 & 內需同步回溫", f"{ORIGIN}/news/20260304001")
    assert (first.published, first.date_from) == (THREE_PM, "sitemap")
    assert second.published is not None and second.published.hour == 0


def test_a_plain_sitemap_has_no_dates_of_publication() -> None:
    """Stops: an old page that was touched today counting as today's news."""
    rows = [
        ("/2026/03/捷運-新線-通車.html", "2026-03-01"),
        ("/2019/05/old-story-of-the-town", "2026-03-05T09:00:00+08:00"),
        ("/p/12345", ""),
    ]
    urls = "".join(f"<url><loc>{ORIGIN}{path}</loc><lastmod>{day}</lastmod></url>" for path, day in rows)
    reading = read(f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{urls}</urlset>", f"{ORIGIN}/s.xml")
    assert [entry.title for entry in reading.entries] == ["old story of the town", "捷運 新線 通車", "12345"]
    assert {entry.published for entry in reading.entries} == {None} and reading.has("untitled")


def test_a_sitemap_index_names_news_first() -> None:
    reading = read(data("sitemap_index.xml"), f"{ORIGIN}/sitemap.xml")
    assert [url.rpartition("/")[2] for url in reading.sitemaps] == [
        "news_today.xml",
        "posts-2.xml",
        "posts-1.xml",
        "tags.xml",
    ]
    undated = "".join(f"<sitemap><loc>/post-sitemap{n}.xml</loc></sitemap>" for n in (1, 20, 9))
    found = read_sitemap_index(f"<sitemapindex>{undated}</sitemapindex>", f"{ORIGIN}/", NOW)
    assert found[0].endswith("sitemap20.xml")


def test_sitemaps_of_robots() -> None:
    robots = "User-agent: *\nDisallow: /x\nSitemap: /sitemap.xml\n  SITEMAP : https://www.island.tw/news-sitemap.xml # all\nSitemap: file:///etc/passwd\n"
    assert robots_sitemaps(robots, ORIGIN) == (f"{ORIGIN}/news-sitemap.xml", f"{ORIGIN}/sitemap.xml")


def test_hostile_sitemaps() -> None:
    bomb = '<!DOCTYPE urlset [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/hostname">]>'
    body = f"{bomb}<urlset><url><loc>{ORIGIN}/story-of-the-day?x=&b;&f;</loc></url><url><loc>{ORIGIN}/second-story</loc></url>"
    urls = [entry.url for entry in read(body, f"{ORIGIN}/s.xml").entries]
    assert f"{ORIGIN}/second-story" in urls and all(len(url) < 80 for url in urls)
    assert read("<urlset>" + "<url>" * 100_000, f"{ORIGIN}/s.xml").entries == ()


@pytest.mark.parametrize(
    "piece", ["<div>", "<table><tr><td>", "<a href='/news/20260304/1'>", "<b><i>", "<![CDATA[", "<!--", "<script>"]
)
def test_hostile_pages_end(piece: str) -> None:
    page = "<html><body>" + piece * 60_000 + "文字"
    assert sniff(page.encode()) in ("list", "page")
    with pytest.raises(NotASource):
        read(page, ORIGIN, kind="list")


def test_bytes_of_any_kind_end_in_an_answer_or_a_refusal() -> None:
    pages = [
        data(name)
        for name in ("taiwan_rss.xml", "atom.xml", "feed.json", "news_sitemap.xml", "list.html", "story.html")
    ]
    tried = 0
    for page in pages:
        for cut in range(0, len(page), max(1, len(page) // 25)):
            for body in (page[:cut], page[cut:], page[:cut] + b"\xff\x00<" + page[cut:]):
                try:
                    reading = read(body, ORIGIN)
                except NotASource as refused:
                    assert refused.message() and refused.message("en")
                else:
                    assert all(entry.url.startswith("http") and entry.title for entry in reading.entries)
                tried += 1
    assert tried > 400


def test_a_packed_sitemap_is_opened_by_whoever_fetches() -> None:
    with pytest.raises(NotASource):
        read(gzip.compress(data("news_sitemap.xml")), f"{ORIGIN}/s.xml.gz")
