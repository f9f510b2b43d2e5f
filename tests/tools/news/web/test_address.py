"""Addresses: what is refused before anything is sent, and what makes two of them equal."""

from __future__ import annotations

import pytest

from tools.news.web import Refused, clean_url, safe_link
from tools.news.web.address import allowed_origins, check, parse, shown

REFUSED = {
    "refused_scheme": [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "data:text/html,hi", "file:///etc/passwd",
        "ftp://news.example/", "gopher://news.example/", "ws://news.example/", "mailto:a@news.example", "about:blank",
        "blob:http://news.example/1", "view-source:http://news.example/",
    ],
    "refused_credentials": [
        "http://me@news.example/", "http://me:pw@news.example/", "http://news.example@127.0.0.1/", "https://:@news.example/",
        "http://news.example\\@127.0.0.1/",
    ],
    "refused_spelling": [
        "http://2130706433/", "http://0x7f000001/", "http://0x7f.0.0.1/", "http://0177.0.0.1/", "http://127.1/", "http://127.0.1/",
        "http://010.8.8.8/", "http://8.8.8.8.8/", "http://256.1.1.1/", "http://0x/", "http://134744072/", "http://１２７.１/",
        "http://news.example.0x1/",
    ],
    "refused_url": [
        "", "   ", "news.example", "//news.example/", "http://", "http:///path", "http://?q", "http://[::1", "http://[fe80::1%25lo]/",
        "http://exa mple/", "http://a..b/", "http://%31%32%37.0.0.1/", "http://news.example:99999/", "http://news.example:x/",
        "http://-a/", "http://news.example\\evil/", "http://" + "a" * 300 + "/", "http://news.example/" + "a" * 5000, "http://a\x00b/",
        "http://ａ／b/", "http://news。example。。/",
    ],
}  # fmt: skip


@pytest.mark.parametrize("code, url", [(code, url) for code, urls in REFUSED.items() for url in urls])
def test_what_is_refused_and_why(code: str, url: str) -> None:
    """Stops: an address in disguise, or one that is no web page, reaching the network."""
    with pytest.raises(Refused) as caught:
        parse(url)
    assert caught.value.key == code
    for lang in ("zh", "en"):
        line = caught.value.message(lang)  # type: ignore[arg-type]
        assert line and "pw" not in line and "\x00" not in line


@pytest.mark.parametrize(
    "url, same",
    [
        ("HTTP://News.Example/A?b=C", "http://news.example/A?b=C"),
        ("http://news.example.:80/", "http://news.example/"),
        ("https://news.example:443", "https://news.example/"),
        ("https://news.example:8080/x#part", "https://news.example:8080/x"),
        ("  http://news.example/a\n b  ", "http://news.example/a%20b"),
        (
            "http://自由時報.example/新聞?詞=天氣",
            "http://xn--ols304axtlhmm.example/%E6%96%B0%E8%81%9E?%E8%A9%9E=%E5%A4%A9%E6%B0%A3",
        ),
        ("http://１２７.０.０.１/", "http://127.0.0.1/"),
        ("http://127。0。0。1/", "http://127.0.0.1/"),
        ("http://[::FFFF:7f00:1]/", "http://[::ffff:7f00:1]/"),
        ("http://news.example/a%2fb%", "http://news.example/a%2fb%"),
        ("http://xn--ols304axtlhmm.example/", "http://xn--ols304axtlhmm.example/"),
        ("http://a_b.news.example/", "http://a_b.news.example/"),
    ],
)
def test_one_address_one_spelling(url: str, same: str) -> None:
    """Stops: the same page fetched twice; a disguised address checked in one spelling and dialled in another."""
    assert parse(url).url == same
    assert parse(same).url == same


def test_parts_go_out_as_they_were_checked() -> None:
    """Stops: a Host header or a target that a second parser would read differently."""
    address = parse("http://[::1]:8080/a b/é?x=1 2&y=\u2028")
    assert (address.host, address.port, address.authority) == ("::1", 8080, "[::1]:8080")
    assert address.target.isascii() and " " not in address.target
    assert parse("http://news.example/\r\nHost: evil/").target == "/Host:%20evil/"


@pytest.mark.parametrize(
    "port, open_", [(80, True), (443, True), (8080, True), (22, False), (25, False), (6379, False), (8000, False)]
)
def test_ports(port: int, open_: bool) -> None:
    """Stops: a reader of news talking to a mail server or a database."""
    address = parse(f"http://news.example:{port}/")
    assert check(address, frozenset({f"http://news.example:{port}"})) is address
    if open_:
        assert check(address) is address
        return
    with pytest.raises(Refused) as caught:
        check(address)
    assert caught.value.key == "refused_port" and f"http://news.example:{port}" in str(caught.value)


def test_allowed_origins_are_exact() -> None:
    """Stops: an allowed port opening its neighbour, http opening https, a name opening its address."""
    allowed = allowed_origins(["http://127.0.0.1:8000, http://[::1]:80", "https://Nas.Example"])
    assert allowed == {"http://127.0.0.1:8000", "http://[::1]:80", "https://nas.example:443"}
    check(parse("http://127.0.0.1:8000/x"), allowed)
    for url in (
        "http://127.0.0.1:8001/",
        "https://127.0.0.1:8000/",
        "http://127.0.0.1/",
        "http://127.0.0.2:8000/",
        "http://[::1]:443/",
    ):
        with pytest.raises(Refused):
            check(parse(url), allowed)
    assert allowed_origins([""]) == frozenset()


@pytest.mark.parametrize(
    "entry", ["127.0.0.1:8000", "http://127.0.0.1:8000/path", "http://me@host", "*", "http://*:80"]
)
def test_a_malformed_origin_names_the_setting(entry: str) -> None:
    """Stops: a typing mistake in FINALE_ALLOW_ORIGINS silently opening or closing something else."""
    with pytest.raises(Refused) as caught:
        allowed_origins([entry])
    assert "FINALE_ALLOW_ORIGINS" in str(caught.value) and "FINALE_ALLOW_ORIGINS" in caught.value.message("en")


@pytest.mark.parametrize("tail", [
    "utm_source=rss&utm_medium=x", "UTM_Campaign=1", "fbclid=abc", "gclid=1&msclkid=2", "mc_eid=1&mc_cid=2", "igshid=1&igsh=2",
    "%75tm_source=1", "_ga=1&_gl=2", "yclid=1", "at_medium=RSS&at_campaign=KARANGA", "srsltid=1", "", "&&",
])  # fmt: skip
def test_tracking_is_cut(tail: str) -> None:
    """Stops: one story under ten addresses, and the reader counted by advertisers."""
    assert clean_url(f"https://news.example/a?{tail}#top") == "https://news.example/a"
    assert clean_url(f"https://news.example/a?id=7&{tail}&p=2") == "https://news.example/a?id=7&p=2"


def test_what_is_not_tracking_stays() -> None:
    """Stops: an article's own number cut away with the rest."""
    for query in ("id=1&utm=2", "from=home", "ref=a", "b=2&a=1", "a=1&a=2", "q=utm_source%3D1", "flag", "a=&b"):
        assert clean_url(f"https://news.example/?{query}") == f"https://news.example/?{query}"


def test_links_of_a_page() -> None:
    """Stops: a page's script link or file link turned into something to fetch."""
    base = "https://news.example/list/index.html?page=2"
    hrefs = [
        "a.html",
        "/b",
        "//other.example/c",
        "?page=3",
        "javascript:void(0)",
        "#top",
        "data:,x",
        "mailto:a@b.c",
        "http://[",
        "\x01http://ok.example/",
    ]
    assert [safe_link(href, base) for href in hrefs] == [
        "https://news.example/list/a.html", "https://news.example/b", "https://other.example/c",
        "https://news.example/list/index.html?page=3", None, "https://news.example/list/index.html?page=2", None, None, None,
        "http://ok.example/",
    ]  # fmt: skip


def test_messages_show_no_secret_and_no_control() -> None:
    """Stops: a token of a private feed, or an escape sequence, printed on a screen."""
    assert shown("https://u:p@news.example/feed?token=abc#x") == "https://news.example/feed"
    assert shown("javascript:a\x1b[31m\u202eb?c") == "javascript:a[31mb"
    assert len(shown("http://news.example/" + "a" * 1000)) == 120
