"""Servers that break, lie, drip, swell or never end: each ends in its own error, within limits, and nothing else does."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from tests.doubles.newssite import TEXT, NewsSite, Trouble
from tests.tools.news.web.kit import IMPATIENT, get
from tools.news.web import Fetched, HttpStatus, TooBig, TooSlow, Unreachable, WebError, WrongKind, decode

MIB = 1 << 20


def fails(site: NewsSite, home: Path, trouble: Trouble, arg: object = "", **how: object) -> WebError:
    site.trouble("/x", trouble, arg)
    with pytest.raises(WebError) as caught:
        get(site, "/x", home, **how)  # type: ignore[arg-type]
    for lang in ("zh", "en"):
        assert "127.0.0.1" in caught.value.message(lang)  # type: ignore[arg-type]
    return caught.value


@pytest.mark.parametrize(
    "trouble, kind, code, most",
    [
        (Trouble.BOMB, TooBig, "too_big_bomb", 4 * MIB), (Trouble.DEFLATE_BOMB, TooBig, "too_big_bomb", 4 * MIB),
        (Trouble.HUGE, TooBig, "too_big", 6 * MIB), (Trouble.HUGE_CHUNKED, TooBig, "too_big", 20 * MIB),
        (Trouble.ENDLESS, TooBig, "too_big", 20 * MIB), (Trouble.LYING_LENGTH, TooBig, "too_big", MIB),
        (Trouble.HUGE_HEADER, TooBig, "too_big_headers", 3 * MIB), (Trouble.MANY_HEADERS, TooBig, "too_big_headers", 3 * MIB),
        (Trouble.RESET, Unreachable, "broken_answer", MIB), (Trouble.CUT, Unreachable, "broken_answer", MIB),
        (Trouble.CUT_CHUNK, Unreachable, "broken_answer", MIB), (Trouble.CUT_GZIP, Unreachable, "broken_answer", MIB),
        (Trouble.BAD_GZIP, Unreachable, "broken_answer", MIB), (Trouble.NOT_HTTP, Unreachable, "broken_answer", MIB),
        (Trouble.CLOSE, Unreachable, "broken_answer", MIB), (Trouble.BINARY, WrongKind, "wrong_kind_binary", MIB),
        (Trouble.PICTURE, WrongKind, "wrong_kind", MIB), (Trouble.ZSTD, WrongKind, "wrong_encoding", MIB),
        (Trouble.STACKED, WrongKind, "wrong_encoding", MIB),
    ],
)  # fmt: skip
def test_each_trouble_has_its_error(
    site: NewsSite, home: Path, trouble: Trouble, kind: type[WebError], code: str, most: int
) -> None:
    """Stops: a traceback, a full memory, or half a page taken for a whole one. `most`: bytes the server could hand out, what
    lies in the sockets' buffers counted in."""
    error = fails(site, home, trouble)
    assert type(error) is kind and error.key == code
    assert site.sent["/x"] <= most


@pytest.mark.parametrize(
    "trouble", [Trouble.HANG, Trouble.DRIP_HEADERS, Trouble.DRIP_BODY, Trouble.STALL, Trouble.CONTINUES]
)
def test_slowness_ends(site: NewsSite, home: Path, trouble: Trouble) -> None:
    """Stops: a server that sends a byte now and then holding a run for ever; the connection is let go at once."""
    assert type(fails(site, home, trouble, pace=IMPATIENT)) is TooSlow
    site.wait_gone()


def test_redirects_share_one_time(site: NewsSite, home: Path) -> None:
    """Stops: five slow redirects taking five times as long."""
    site.latency = 0.12  # seconds; robots.txt and the first answers fit into 0.3, all five do not
    assert type(fails(site, home, Trouble.HOPS, 5, pace=IMPATIENT)) is TooSlow
    assert len(site.seen) < 6


def test_the_limit_is_the_callers(site: NewsSite, home: Path) -> None:
    """Stops: a limit that counts packed bytes only, or is off by a chunk."""
    page = ("<p>" + "新聞" * 50_000 + "</p>").encode()
    site.put("/plain", page)
    site.put("/packed", gzip.compress(page), headers={"Content-Encoding": "gzip"})
    for path in ("/plain", "/packed"):
        assert get(site, path, home, max_bytes=len(page)).body == page
        with pytest.raises(TooBig):
            get(site, path, home, max_bytes=len(page) - 1, conditional=False)


@pytest.mark.parametrize("trouble, status", [(Trouble.EMPTY, 200), (Trouble.NO_CONTENT, 204)])
def test_nothing_is_an_answer_too(site: NewsSite, home: Path, trouble: Trouble, status: int) -> None:
    """Stops: an empty page crashing whatever looks at its first bytes."""
    site.trouble("/x", trouble)
    found = get(site, "/x", home)
    assert (found.status, found.body, decode(found)) == (status, b"", "")


@pytest.mark.parametrize("trouble", [Trouble.NO_TYPE, Trouble.OCTETS])
def test_a_missing_type_is_found_by_looking(site: NewsSite, home: Path, trouble: Trouble) -> None:
    """Stops: a good page refused for its server's carelessness."""
    site.trouble("/x", trouble)
    assert decode(get(site, "/x", home, kinds=["html"])) == TEXT


def test_kinds_are_kept_apart(site: NewsSite, home: Path) -> None:
    """Stops: a log-in page filed as a feed with no items; a feed refused because it is called text/html."""
    with pytest.raises(WrongKind) as caught:
        get(site, "/", home, kinds=["feed"])
    assert "RSS" in str(caught.value) and "text/html" in str(caught.value)
    with pytest.raises(WrongKind):
        get(site, "/feed.xml", home, kinds=["html"])
    site.put("/careless", b"<?xml version='1.0'?><rss><channel/></rss>", "text/html")
    assert get(site, "/careless", home, kinds=["feed"]).body.startswith(b"<?xml")
    site.put("/map.xml.gz", gzip.compress(b"<urlset></urlset>"), "application/x-gzip")
    assert get(site, "/map.xml.gz", home, kinds=["feed"]).body == b"<urlset></urlset>"
    site.put("/bomb.xml.gz", gzip.compress(bytes(30_000_000)), "application/x-gzip")
    with pytest.raises(TooBig):
        get(site, "/bomb.xml.gz", home, kinds=["feed"])


@pytest.mark.parametrize(
    "status, code",
    [(400, "status_other"), (401, "status_forbidden"), (403, "status_forbidden"), (404, "status_gone"), (410, "status_gone"),
     (418, "status_other"), (451, "status_forbidden"), (500, "status_server"), (502, "status_server"), (503, "status_server"),
     (206, "status_other"), (300, "status_other"), (304, "status_other"), (999, "status_server")],
)  # fmt: skip
def test_statuses(site: NewsSite, home: Path, status: int, code: str) -> None:
    """Stops: an error page read as an article."""
    site.put("/x", TEXT, status=status, validators=False)
    with pytest.raises(HttpStatus) as caught:
        get(site, "/x", home)
    assert caught.value.key == code and caught.value.status == status and str(status) in str(caught.value)


@pytest.mark.parametrize(
    "codec, content_type",
    [
        ("big5", "text/html; charset=big5"),
        ("utf-16", "text/html"),
        ("utf-16-be", "text/html; charset=utf-16be"),
        ("utf-8", "text/html"),
    ],
)
def test_charsets_over_the_wire(site: NewsSite, home: Path, codec: str, content_type: str) -> None:
    """Stops: Big5 that only the header declares arriving as mojibake; UTF-16 refused as binary."""
    page = TEXT.replace("天氣", "天氣" * 50)
    site.put("/x", page.encode(codec), content_type)
    found = get(site, "/x", home)
    assert decode(found) == page
    assert found.charset_hint == content_type.partition("charset=")[2]


def test_a_kept_connection_may_die(site: NewsSite, home: Path) -> None:
    """Stops: a page lost because the server closed a connection that it had promised to keep."""
    site.redirect("/1", "/2")
    site.trouble("/2", Trouble.CLOSE)
    with pytest.raises(Unreachable):
        get(site, "/1", home)
    assert len(site.asked("/2")) == 2  # one more try, and not a third


def test_what_is_sent(site: NewsSite, home: Path) -> None:
    """Stops: a name other than ours, an encoding that is not bounded, or the feed's type missing from Accept."""
    get(site, "/feed.xml", home, kinds=["feed"])
    headers = site.asked("/feed.xml")[0].headers
    assert headers["user-agent"].startswith("FinaleNews/") and "zstd" not in headers["accept-encoding"]
    assert "application/rss+xml" in headers["accept"] and headers["accept-language"].startswith("zh-TW")
    assert headers["host"] == f"127.0.0.1:{site.port}" and "authorization" not in headers


def test_elapsed_counts_the_network(site: NewsSite, home: Path) -> None:
    """Stops: the time of the answer unknown, so that nobody sees which source is slow."""
    found = get(site, "/article/1", home)
    assert found.elapsed_s > 0 and isinstance(found, Fetched)


# The peak of getrusage is inherited from whoever started the process, so it says nothing where /proc has the process's own.
MEMORY = """
import asyncio, sys
from pathlib import Path
from tools.news.web import Fetcher, TooBig, Pace
def peak_mb():
    own = Path("/proc/self/status")
    if own.exists():
        return int(own.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    import resource
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
async def work():
    async with Fetcher(Path(sys.argv[1]), allow_origins=[sys.argv[2]], pace=Pace(total_s=60)) as fetcher:
        await fetcher.get(sys.argv[2] + "/article/1")
        before = peak_mb()
        for path in sys.argv[3:]:
            try:
                await fetcher.get(sys.argv[2] + path)
            except TooBig:
                continue
            raise SystemExit(path + " was not refused")
        print(round(peak_mb() - before))
asyncio.run(work())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no resource module there")
def test_memory_stays_small(site: NewsSite, home: Path) -> None:
    """Stops: a bomb or a 50 MB body filling a laptop. In a process of its own, since the peak never comes down again."""
    slow_bomb = gzip.compress(b"".join(n.to_bytes(4, "big") + bytes(150) for n in range(100_000)), 6)
    site.put("/slow-bomb", slow_bomb, headers={"Content-Encoding": "gzip"})
    paths = ["/slow-bomb"]
    for trouble in (
        Trouble.BOMB,
        Trouble.DEFLATE_BOMB,
        Trouble.HUGE,
        Trouble.HUGE_CHUNKED,
        Trouble.ENDLESS,
        Trouble.HUGE_HEADER,
    ):
        site.trouble(f"/{trouble}", trouble)
        paths.append(f"/{trouble}")
    command = [sys.executable, "-c", MEMORY, str(home), site.origin, *paths]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert 0 < int(done.stdout) < 64, f"{done.stdout} MB more than for a small page"
