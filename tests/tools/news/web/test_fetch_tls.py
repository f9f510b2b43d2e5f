"""https: the name of the site is what is verified, although an address was dialled; and there is no way down to http."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doubles.newssite import NewsSite
from tests.tools.news.web.kit import PUBLIC, Internet, run
from tools.news.web import Fetched, Moved, Unreachable
from tools.news.web.address import check_move, parse
from tools.news.web.dial import tls

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificates")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of news.example in one file, made for this run."""
    folder = tmp_path_factory.mktemp("tls")
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout key.pem -out cert.pem -subj /CN=news.example "
        "-addext subjectAltName=DNS:news.example"
    )
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    whole = folder / "both.pem"
    whole.write_bytes((folder / "key.pem").read_bytes() + (folder / "cert.pem").read_bytes())
    return whole


@pytest.fixture
def secure(certificate: Path) -> Iterator[NewsSite]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with NewsSite(tls=context) as site:
        yield site


def fetch(internet: Internet, home: Path, url: str, trust: Path | None) -> Fetched:
    context = ssl.create_default_context(cafile=str(trust)) if trust else None

    async def work() -> Fetched:
        async with internet.fetcher(home, tls=context) as fetcher:
            return await fetcher.get(url)

    return run(work())


@needs_openssl
def test_name_and_host_stay_those_of_the_address(
    internet: Internet, secure: NewsSite, certificate: Path, home: Path
) -> None:
    """Stops: pinning the IP address breaking SNI, the certificate's name or virtual hosts."""
    internet.servers[PUBLIC] = secure
    assert fetch(internet, home, "https://news.example/article/1", certificate).status == 200
    assert set(secure.server_names) == {"news.example"} and internet.dialled == [PUBLIC]
    assert secure.asked("/article/1")[0].headers["host"] == "news.example"


@needs_openssl
@pytest.mark.parametrize(
    "url, trusted", [("https://news.example/", False), ("https://wrong.example/", True), (f"https://{PUBLIC}/", True)]
)
def test_bad_certificates(
    internet: Internet, secure: NewsSite, certificate: Path, home: Path, url: str, trusted: bool
) -> None:
    """Stops: an unknown issuer, another site's certificate, or none for an address being good enough."""
    internet.servers[PUBLIC] = secure
    internet.name("wrong.example", [PUBLIC])
    with pytest.raises(Unreachable) as caught:
        fetch(internet, home, url, certificate if trusted else None)
    assert caught.value.key == "bad_certificate" and secure.seen == []


@needs_openssl
def test_https_where_http_is_spoken(internet: Internet, home: Path) -> None:
    """Stops: a server that speaks plain HTTP on port 443 crashing the reader."""
    with pytest.raises(Unreachable):
        fetch(internet, home, "https://news.example/", None)


@needs_openssl
def test_no_way_down_to_http(
    internet: Internet, secure: NewsSite, site: NewsSite, certificate: Path, home: Path
) -> None:
    """Stops: a reader on https being moved to where anybody on the way can write."""
    internet.servers[PUBLIC] = secure
    secure.redirect("/down", "http://other.example/article/1")
    with pytest.raises(Moved) as caught:
        fetch(internet, home, "https://news.example/down", certificate)
    assert caught.value.key == "moved_downgrade" and "http://other.example/article/1" in str(caught.value)


def test_the_rule_itself() -> None:
    """Stops: the way up refused too, or an origin that a person named."""
    up, down = parse("http://news.example/"), parse("https://news.example/a")
    assert check_move(up, "https://news.example/b", frozenset()).scheme == "https"
    assert check_move(down, "c?d", frozenset()).url == "https://news.example/c?d"
    with pytest.raises(Moved):
        check_move(down, "http://news.example/", frozenset())
    assert check_move(down, "http://nas.example/", frozenset({"http://nas.example:80"})).port == 80


def test_the_default_context_verifies() -> None:
    """Stops: verification switched off by the loosening of a single flag."""
    context = tls()
    assert context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
