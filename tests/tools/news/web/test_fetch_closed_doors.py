"""Addresses that are not public stay unasked: said outright, behind a redirect, behind a name, behind a changing name.

Every test here ends with the canary of `internet` unasked; it stands behind every address that is not public.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.doubles.newssite import NewsSite, Trouble
from tests.tools.news.web.kit import OTHER, PUBLIC, Internet, get, run
from tools.news.web import Fetched, Fetcher, HttpStatus, Moved, Refused, Unreachable, WebError

INSIDE = [
    "http://127.0.0.1/", "http://127.0.0.1:8080/", "http://10.0.0.5/", "http://172.16.0.1/", "http://192.168.1.1/", "http://100.64.0.1/",
    "http://169.254.169.254/latest/meta-data/", "http://0.0.0.0/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/",
    "http://127.1/", "http://１２７.０.０.１/", "http://127。0。0。1/", "http://[::1]/", "http://[::]/", "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/", "http://[::127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://[fd00::1]/",
    "http://[fe80::1]/", "http://[fd00:ec2::254]/", "http://168.63.129.16/", "http://224.0.0.1/", "http://255.255.255.255/",
    "http://localhost/", "http://localhost./", "http://inside.example/", "http://mixed.example/", "http://mixed6.example/", "http://mapped.example/",
    "http://metadata.google.internal/", "http://127.0.0.1.nip.example/", "https://inside.example/", "http://news.example@127.0.0.1/",
    "http://news.example:22/", "http://news.example:6379/", "file:///etc/passwd", "gopher://127.0.0.1/", "ftp://news.example/", "dict://127.0.0.1/",
    "javascript:alert(1)", "data:text/html,hi",
]  # fmt: skip


def with_names(internet: Internet) -> Internet:
    internet.name("localhost", ["127.0.0.1", "::1"])
    internet.name("inside.example", ["10.1.2.3"])
    internet.name("mixed.example", [PUBLIC, "192.168.0.7"])
    internet.name("mixed6.example", [PUBLIC, "::1"])
    internet.name("mapped.example", ["::ffff:93.184.216.34"])
    internet.name("metadata.google.internal", ["169.254.169.254"])
    internet.name("127.0.0.1.nip.example", ["127.0.0.1"])
    return internet


def fetch(internet: Internet, home: Path, *urls: str, **options: object) -> list[Fetched | WebError]:
    """What each of `urls` gave, one after another, by one Fetcher."""

    async def work() -> list[Fetched | WebError]:
        found: list[Fetched | WebError] = []
        async with internet.fetcher(home, **options) as fetcher:
            for url in urls:
                try:
                    found.append(await fetcher.get(url))
                except WebError as error:
                    found.append(error)
        return found

    return run(work())


@pytest.mark.parametrize("url", INSIDE)
def test_said_outright(internet: Internet, home: Path, url: str) -> None:
    """Stops: a page of somebody's own network, or a cloud's credentials, ending up in a digest."""
    (found,) = fetch(with_names(internet), home, url)
    assert isinstance(found, Refused) and internet.dialled == []


@pytest.mark.parametrize("url", INSIDE)
def test_behind_a_redirect(internet: Internet, site: NewsSite, home: Path, url: str) -> None:
    """Stops: the same by way of a public page that redirects; most readers check only the first address."""
    site.redirect("/go", url)
    (found,) = fetch(with_names(internet), home, "http://news.example/go")
    assert isinstance(found, Refused) and len(site.asked("/go")) == 1
    assert set(internet.dialled) == {PUBLIC}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_at_the_end_of_a_chain(internet: Internet, site: NewsSite, other: NewsSite, home: Path, status: int) -> None:
    """Stops: checking the first redirect and trusting the next."""
    site.redirect("/1", "http://other.example/2", status)
    other.redirect("/2", "//news.example/3", status)
    site.redirect("/3", "http://169.254.169.254/", status)
    (found,) = fetch(internet, home, "http://news.example/1")
    assert isinstance(found, Refused) and len(site.asked("/3")) == 1


def test_robots_is_no_way_in_either(internet: Internet, site: NewsSite, home: Path) -> None:
    """Stops: the page checked with care while its robots.txt is followed anywhere."""
    site.redirect("/robots.txt", "http://169.254.169.254/latest/")
    (found,) = fetch(internet, home, "http://news.example/article/1")
    assert isinstance(found, WebError) and found.key == "robots_unreachable" and site.asked("/article/1") == []


def test_a_name_is_looked_up_once_and_that_answer_dialled(internet: Internet, site: NewsSite, home: Path) -> None:
    """Stops: DNS rebinding: a public address for the check, a private one for the connection a moment later."""
    internet.name("rebind.example", [PUBLIC], ["127.0.0.1"])
    (found,) = fetch(internet, home, "http://rebind.example/article/1")
    assert isinstance(found, Fetched) and internet.looked_up == ["rebind.example"] and internet.dialled == [PUBLIC]
    assert site.asked("/article/1")[0].headers["host"] == "rebind.example"


def test_a_name_that_turns_private_later_is_refused_then(internet: Internet, site: NewsSite, home: Path) -> None:
    """Stops: a check of the first connection counting for the second; the site forces a new one."""
    internet.name("rebind.example", [PUBLIC], ["127.0.0.1"])
    site.trouble("/robots.txt", Trouble.STATUS, 404)  # the double closes the connection after a trouble
    (found,) = fetch(internet, home, "http://rebind.example/article/1")
    assert isinstance(found, Refused) and internet.looked_up == ["rebind.example"] * 2 and internet.dialled == [PUBLIC]


def test_public_addresses_are_tried_in_turn(internet: Internet, home: Path) -> None:
    """Stops: a site lost because its first address is dead."""
    import httpcore

    async def dial(ip: str, port: int, timeout: float | None) -> httpcore.AsyncNetworkStream:
        if ip != OTHER:
            internet.dialled.append(ip)
            raise httpcore.ConnectError("refused")
        return await internet.dial(ip, port, timeout)

    internet.name("many.example", ["2606:2800::1", PUBLIC, OTHER])
    (found,) = fetch(internet, home, "http://many.example/", dial=dial)
    assert isinstance(found, Fetched) and internet.dialled == [PUBLIC, OTHER]  # IPv4 first
    internet.name("gone.example", [PUBLIC])
    (found,) = fetch(internet, home, "http://gone.example/", dial=dial)
    assert isinstance(found, Unreachable) and found.key == "unreachable"


def test_no_such_name(internet: Internet, home: Path) -> None:
    """Stops: a typing mistake reported as anything but that."""
    internet.name("empty.example", [])
    for url in ("http://typo.example/", "http://empty.example/"):
        (found,) = fetch(internet, home, url)
        assert isinstance(found, Unreachable) and found.key == "no_such_host" and "example" in str(found)


def test_the_systems_own_look_up_is_checked_too(internet: Internet, home: Path) -> None:
    """Stops: only an injected resolver being checked. `localhost` is the one name that tests may look up."""

    async def work() -> Fetched:
        async with Fetcher(home) as fetcher:
            return await fetcher.get("http://localhost/")

    with pytest.raises(Refused) as caught:
        run(work())
    assert caught.value.key == "refused_private" and "http://localhost:80" in str(caught.value)


def test_an_allowed_origin_is_allowed_exactly(site: NewsSite, other: NewsSite, internet: Internet, home: Path) -> None:
    """Stops: one private site that a person named opening all the others."""
    assert get(site, "/article/1", home).status == 200

    async def work(url: str) -> Fetched:
        async with Fetcher(home, allow_origins=[site.origin]) as fetcher:
            return await fetcher.get(url)

    site.redirect("/go", internet.canary.url("/"))
    for url in (
        internet.canary.url("/"),
        site.url("/go"),
        f"https://127.0.0.1:{site.port}/",
        f"http://localhost:{site.port}/",
    ):
        with pytest.raises(Refused):
            run(work(url))


def test_a_named_origin_is_not_allowed_to_become_metadata(internet: Internet, home: Path) -> None:
    """Stops: an allowed name of one's own network resolving to where a cloud keeps its credentials."""
    internet.name("nas.example", ["169.254.169.254"])
    (found,) = fetch(internet, home, "http://nas.example/", allow_origins=["http://nas.example:80"])
    assert isinstance(found, Refused) and found.key == "refused_never"


def test_allowed_as_http_is_not_allowed_as_https(internet: Internet, home: Path) -> None:
    """Stops: the connection behind a name being checked without its scheme."""
    internet.name("nas.example", ["10.0.0.9"])
    (found,) = fetch(internet, home, "https://nas.example:8080/", allow_origins=["http://nas.example:8080"])
    assert isinstance(found, Refused) and internet.dialled == []


def test_proxies_of_the_environment_are_not_used(
    internet: Internet, site: NewsSite, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stops: a proxy dialling for us whatever address it likes."""
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, internet.canary.origin)
    assert get(site, "/article/1", home).status == 200


def test_no_cookie_comes_back(site: NewsSite, home: Path) -> None:
    """Stops: a reader that can be followed from page to page."""
    site.put("/cookie-seen", "<html>ok</html>")
    site.trouble("/in", Trouble.COOKIE)
    assert get(site, "/in", home).final_url == site.url("/cookie-seen")
    assert all("cookie" not in seen.headers and "referer" not in seen.headers for seen in site.seen)


@pytest.mark.parametrize("hops, good", [(5, True), (6, False)])
def test_five_redirects_are_followed(site: NewsSite, home: Path, hops: int, good: bool) -> None:
    """Stops: an endless chain, and a limit that real sites run into."""
    site.trouble("/hop", Trouble.HOPS, hops)
    if good:
        assert get(site, "/hop", home).status == 200
        return
    with pytest.raises(Moved) as caught:
        get(site, "/hop", home)
    assert caught.value.key == "moved_too_often"


@pytest.mark.parametrize("trouble, code", [(Trouble.CIRCLE, "moved_in_circle"), (Trouble.NO_LOCATION, "moved_nowhere")])
def test_redirects_that_lead_nowhere(site: NewsSite, home: Path, trouble: Trouble, code: str) -> None:
    """Stops: going round in circles at the site's expense."""
    site.trouble("/hop", trouble)
    with pytest.raises(Moved) as caught:
        get(site, "/hop", home)
    assert caught.value.key == code and len(site.asked("/hop")) == 1


def test_where_a_redirect_led(site: NewsSite, other: NewsSite, internet: Internet, home: Path) -> None:
    """Stops: relative links of a moved page resolved against its old address; a path in UTF-8 lost on the way."""
    site.redirect("/old", "http://other.example/新聞?a=1#part")
    other.put("/%E6%96%B0%E8%81%9E", "<html>moved</html>")
    (found,) = fetch(internet, home, "http://news.example/old")
    assert isinstance(found, Fetched) and found.url == "http://news.example/old"
    assert found.final_url == "http://other.example/%E6%96%B0%E8%81%9E?a=1"
    (gone,) = fetch(internet, home, "http://news.example/nowhere")
    assert isinstance(gone, HttpStatus) and gone.key == "status_gone"
