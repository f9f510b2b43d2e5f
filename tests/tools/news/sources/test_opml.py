"""OPML in and out: nested, odd and hostile files; what goes out comes in again."""

from __future__ import annotations

import pytest

from tests.tools.news.sources.kit import NOW, data, item, rss
from tools.news.sources import BadOpml, Outline, TooManySources, read_opml, write_opml


def opml(*outlines: str, head: str = "") -> bytes:
    return f'<?xml version="1.0"?>{head}<opml version="1.0"><body>{"".join(outlines)}</body></opml>'.encode()


def line(n: int) -> str:
    return f'<outline text="第{n}個" xmlUrl="https://a{n}.tw/rss"/>'


def test_a_file_of_a_reader() -> None:
    file = read_opml(data("subscriptions.opml"))
    assert (file.title, file.refused, file.repeated) == ("我的訂閱", 2, 1)
    assert file.outlines == (
        Outline("https://tech.island.tw/feed", "島嶼科技 & 生活", "https://tech.island.tw/", ("科技", "硬體"), "zh-TW"),
        Outline("https://old.island.tw/rss", "沒有 text 的名字", "", ("科技",)),
        Outline("https://www.island.tw/news", "一個網頁", feed=False),
    )


def test_what_goes_out_comes_in_again() -> None:
    wanted = (
        Outline("https://a.tw/rss?x=1&y=2", '引號 " 與 < 與 &', "https://a.tw/", ("科技", "硬體"), "zh-TW"),
        Outline("https://b.tw/rss", "乙", folders=("科技",)),
        Outline("https://c.tw/news", "丙", feed=False),
    )
    written = write_opml(wanted, "期末工坊的來源", NOW)
    again = read_opml(written)
    assert again.title == "期末工坊的來源" and set(again.outlines) == set(wanted)
    assert written.count('text="科技"'.encode()) == 1 and b"Thu, 05 Mar 2026" in written


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x89PNG",
        b"<html></html>",
        rss(item(1)).encode(),
        opml(),
        opml("<outline text='空的'/>"),
        b"<opml",
        b"<opml>" + b" " * 6_000_000,
    ],
)
def test_what_is_no_opml(body: bytes) -> None:
    with pytest.raises(BadOpml):
        read_opml(body)


def test_big5_and_utf_16() -> None:
    text = opml(line(1)).decode()
    assert read_opml(text.encode("utf-16")).outlines[0].name == "第1個"
    assert read_opml(text.replace('"1.0"?', '"1.0" encoding="big5"?').encode("big5")).outlines[0].name == "第1個"


def test_hostile_files() -> None:
    laughs = '<!DOCTYPE opml [<!ENTITY a "哈哈哈哈哈哈哈哈"><!ENTITY b "&a;&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/hostname">]>'
    file = read_opml(opml('<outline text="&b;&f;名字" xmlUrl="https://a.tw/rss"/>', head=laughs))
    assert "哈" not in file.outlines[0].name and len(file.outlines[0].name) < 20
    deep = opml('<outline text="夾">' * 100_000 + line(1))
    try:
        assert len(read_opml(deep).outlines) <= 1
    except BadOpml as refused:
        assert "OPML" in refused.message()
    with pytest.raises(TooManySources):
        read_opml(opml(*(line(n) for n in range(1_001))))


def test_names_are_text() -> None:
    (outline,) = read_opml(
        opml('<outline text="&lt;script&gt;alert(1)&lt;/script&gt;科\u202e技{x}" xmlUrl="https://a.tw/rss"/>')
    ).outlines
    assert outline.name == "alert(1)科技{x}"
