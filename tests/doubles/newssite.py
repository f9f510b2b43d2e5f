"""A news site on loopback: ordinary by default, hostile where a test asks for it.

    with NewsSite() as site:                       # site.origin is what FINALE_ALLOW_ORIGINS must name
        site.put("/a", "<html>…")                  # pages: /, /feed.xml and /article/1 … 3 are there already
        site.redirect("/old", "/a")
        site.robots("User-agent: *\\nDisallow: /private")    # text, or a status such as 503; none at first (404)
        site.trouble("/b", Trouble.BOMB)           # an argument where the member's comment names one; None ends it
        ...
        assert site.asked("/a")[0].headers["user-agent"].startswith("Finale")

`seen` has all requests in order, `sent` the bytes handed out by path, `peak` the most requests at one time,
`gone` how many clients left half-way, `server_names` what TLS clients asked for (`NewsSite(tls=context)`). Pages carry
ETag and Last-Modified and answer 304, unless put with `validators=False`. `latency` and `drip` are seconds.
"""

from __future__ import annotations

import contextlib
import hashlib
import socket
import ssl
import struct
import sys
import threading
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import BinaryIO, Self

__all__ = ["NewsSite", "Page", "Seen", "Trouble"]

LAST_MODIFIED = "Wed, 04 Mar 2026 07:05:00 GMT"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
ZEROS = bytes(1 << 20)
TEXT = (
    "<html><head><title>期末工坊</title></head><body><article><p>今天天氣很好，適合寫程式。</p></article></body></html>"
)


class Trouble(StrEnum):
    """What a path does instead of answering. An argument (`arg`) is named where one is taken."""

    # Size
    BOMB = "bomb"  # gzip of zeros without end, under 1 MB a GB
    DEFLATE_BOMB = "deflate_bomb"
    HUGE = "huge"  # 50 MB, announced
    HUGE_CHUNKED = "huge_chunked"  # 50 MB, not announced
    ENDLESS = "endless"  # HTML without end, as fast as it is read
    HUGE_HEADER = "huge_header"  # one header of 2 MB
    MANY_HEADERS = "many_headers"  # 100,000 small ones
    LYING_LENGTH = "lying_length"  # announces arg (default 99999999999999999999) bytes, sends a few
    # Time
    HANG = "hang"  # takes the request, says nothing
    DRIP_HEADERS = "drip_headers"  # one byte of header every `drip` seconds, for ever
    DRIP_BODY = "drip_body"  # the same with the body
    STALL = "stall"  # headers, half a body, then silence
    CONTINUES = "continues"  # 100 Continue for ever
    # Broken
    RESET = "reset"  # half a body, then a TCP reset
    CUT = "cut"  # half of the announced bytes, then an orderly end
    CUT_CHUNK = "cut_chunk"  # ends inside a chunk
    CUT_GZIP = "cut_gzip"  # a gzip stream without its end
    BAD_GZIP = "bad_gzip"  # says gzip, is none
    NOT_HTTP = "not_http"  # a line that is no status line
    CLOSE = "close"  # closes without a word
    # Kind
    BINARY = "binary"  # a PNG called text/html
    PICTURE = "picture"  # a PNG called image/png
    NO_TYPE = "no_type"  # HTML without a Content-Type
    OCTETS = "octets"  # HTML called application/octet-stream
    ZSTD = "zstd"  # an encoding nobody asked for
    STACKED = "stacked"  # Content-Encoding: gzip, gzip
    EMPTY = "empty"  # 200 without a byte
    NO_CONTENT = "no_content"  # 204
    # Redirects
    HOPS = "hops"  # arg redirects in a row (default 6), then a page
    CIRCLE = "circle"  # to itself by way of a second address
    NO_LOCATION = "no_location"  # 302 to nowhere
    COOKIE = "cookie"  # sets a cookie and redirects to /cookie-seen
    # Status
    STATUS = "status"  # the status arg
    RETRY_AFTER = "retry_after"  # 429 with Retry-After: arg (default 120)
    BUSY = "busy"  # 503 with Retry-After: arg (default 60)


@dataclass(frozen=True)
class Seen:
    """One request as it arrived; header names are lower-case."""

    path: str
    headers: dict[str, str]
    method: str = "GET"


@dataclass(frozen=True)
class Page:
    """What an ordinary path answers."""

    body: bytes
    type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    validators: bool = True

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:16]}"'


class Left(ConnectionError):
    """Raised when the double is being stopped."""


class NewsSite:
    """The site and its controls; `with` starts and stops it. See the module's docstring."""

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self.latency = 0.0
        self.drip = 0.02
        self.seen: list[Seen] = []
        self.sent: Counter[str] = Counter()
        self.peak = 0
        self.gone = 0
        self.server_names: list[str | None] = []
        self.closing = threading.Event()
        self._tls = tls
        self._pages: dict[str, Page] = {}
        self._troubles: dict[str, tuple[Trouble, str]] = {}
        self._live: set[socket.socket] = set()
        self._busy = 0
        self._changed = threading.Condition()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self.origin = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        if tls:
            tls.sni_callback = lambda _socket, name, _context: self.server_names.append(name)
        self._ordinary()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._live):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    # Controls

    def url(self, path: str) -> str:
        return self.origin + path

    def put(
        self,
        path: str,
        body: str | bytes,
        type: str = "text/html; charset=utf-8",
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        validators: bool = True,
    ) -> None:
        """Answer `path` with this page from now on. A str is sent as UTF-8; type "" sends no Content-Type."""
        data = body.encode() if isinstance(body, str) else body
        self._pages[path] = Page(data, type, status, headers or {}, validators)

    def redirect(self, path: str, location: str, status: int = 302) -> None:
        self.put(path, b"", status=status, headers={"Location": location}, validators=False)

    def robots(self, said: str | int, type: str = "text/plain") -> None:
        text, status = (said, 200) if isinstance(said, str) else ("", said)
        self.put("/robots.txt", text, type, status=status, validators=False)

    def trouble(self, path: str, trouble: Trouble | None, arg: object = "") -> None:
        self._troubles.pop(path, None)
        if trouble is not None:
            self._troubles[path] = (trouble, str(arg))

    def asked(self, path: str) -> list[Seen]:
        return [seen for seen in self.seen if seen.path == path]

    def wait_gone(self, count: int = 1, timeout: float = 10.0) -> None:
        """Block until `count` clients left half-way. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: self.gone >= count, timeout):
                raise TimeoutError(f"{self.gone} of {count} clients left within {timeout} s")

    def _ordinary(self) -> None:
        self.robots(404)
        links = "".join(f'<li><a href="/article/{n}?utm_source=home">第 {n} 則新聞</a></li>' for n in (1, 2, 3))
        self.put("/", f"<!doctype html><html><head><title>小報</title></head><body><ul>{links}</ul></body></html>")
        items = ""
        for n in (1, 2, 3):
            self.put(f"/article/{n}", TEXT.replace("期末工坊", f"第 {n} 則新聞"))
            link = self.url(f"/article/{n}")
            items += f"<item><title>第 {n} 則新聞</title><link>{link}</link><pubDate>{LAST_MODIFIED}</pubDate></item>"
        feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>小報</title>{items}</channel></rss>'
        self.put("/feed.xml", feed, "application/rss+xml")

    # Connections

    def _accept(self) -> None:
        while not self.closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
        self._live.add(connection)
        try:
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
                self._live.add(connection)
            with connection.makefile("rb") as lines:
                while (seen := _read_request(lines)) is not None:
                    self._answer(connection, seen)
        except (OSError, Left):
            pass  # the client left, or a trouble is over: nothing to answer any more
        finally:
            self._live.discard(connection)
            with contextlib.suppress(OSError):
                connection.close()

    def _answer(self, connection: socket.socket, seen: Seen) -> None:
        path = seen.path.partition("?")[0]
        with self._changed:
            self.seen.append(Seen(path, seen.headers, seen.method))
            self._busy += 1
            self.peak = max(self.peak, self._busy)
        try:
            self._pause(self.latency)
            if path in self._troubles:
                for data in self._misbehave(connection, path, *self._troubles[path]):
                    connection.sendall(data)
                    self.sent[path] += len(data)
                raise Left
            data = self._page(self._pages.get(path), seen)
            connection.sendall(data)
            self.sent[path] += len(data)
        except OSError as error:
            if not isinstance(error, Left):
                with self._changed:
                    self.gone += 1
                    self._changed.notify_all()
            raise
        finally:
            with self._changed:
                self._busy -= 1

    def _pause(self, seconds: float) -> None:
        if seconds and self.closing.wait(seconds):
            raise Left

    def _wait_for_end(self, connection: socket.socket) -> None:
        """Say nothing until the client leaves."""
        while not self.closing.is_set():
            connection.settimeout(0.1)
            with contextlib.suppress(TimeoutError):
                if connection.recv(1) == b"":
                    raise ConnectionResetError
        raise Left

    def _page(self, page: Page | None, seen: Seen) -> bytes:
        page = page or Page("<html><body>沒有這一頁</body></html>".encode(), status=404, validators=False)
        headers = {"Content-Type": page.type} if page.type else {}
        body, status = page.body, page.status
        if page.validators:
            headers |= {"ETag": page.etag, "Last-Modified": LAST_MODIFIED}
            if seen.headers.get("if-none-match") == page.etag:
                body, status = b"", 304
        if status not in (204, 304):
            headers["Content-Length"] = str(len(body))
        return _head(status, headers | page.headers) + (body if status != 204 else b"")

    # Troubles

    def _misbehave(self, connection: socket.socket, path: str, trouble: Trouble, arg: str) -> Iterator[bytes]:
        html = "text/html; charset=utf-8"
        body = TEXT.encode()
        chunked = {"Content-Type": html, "Transfer-Encoding": "chunked"}
        sized = {"Content-Type": html, "Content-Length": str(len(body))}
        match trouble:
            case Trouble.BOMB | Trouble.DEFLATE_BOMB:
                gzip = trouble is Trouble.BOMB
                yield _head(200, chunked | {"Content-Encoding": "gzip" if gzip else "deflate"})
                packer = zlib.compressobj(9, wbits=31 if gzip else 15)
                yield _chunk(packer.compress(b"<html>" + ZEROS) + packer.flush(zlib.Z_FULL_FLUSH))
                again = _chunk(packer.compress(ZEROS) + packer.flush(zlib.Z_FULL_FLUSH))
                while not self.closing.is_set():  # after a full flush the same bytes mean the same again
                    yield again
            case Trouble.HUGE | Trouble.HUGE_CHUNKED:
                told = trouble is Trouble.HUGE
                yield _head(200, sized | {"Content-Length": "50000000"} if told else chunked)
                yield from [b"x" * 50_000 if told else _chunk(b"x" * 50_000)] * 1000
                yield b"" if told else b"0\r\n\r\n"
            case Trouble.ENDLESS:
                yield _head(200, chunked)
                while not self.closing.is_set():
                    yield _chunk(body * 100)
            case Trouble.HUGE_HEADER | Trouble.MANY_HEADERS:
                many = (
                    {f"X-{n}": "x" for n in range(100_000)}
                    if trouble is Trouble.MANY_HEADERS
                    else {"X": "x" * 2_000_000}
                )
                yield _head(200, many | sized) + body
            case Trouble.LYING_LENGTH:
                yield _head(200, {"Content-Type": html, "Content-Length": arg or "9" * 20}) + body
            case Trouble.HANG:
                self._wait_for_end(connection)
            case Trouble.DRIP_HEADERS | Trouble.DRIP_BODY:
                headers = trouble is Trouble.DRIP_HEADERS
                yield b"HTTP/1.1 200 OK\r\nX-Drip: " if headers else _head(200, chunked)
                yield from self._drip(b"x" if headers else _chunk(b"x"))
            case Trouble.STALL:
                yield _head(200, sized) + body[: len(body) // 2]
                self._wait_for_end(connection)
            case Trouble.CONTINUES:
                yield from self._drip(b"HTTP/1.1 100 Continue\r\n\r\n")
            case Trouble.RESET:
                yield _head(200, sized) + body[: len(body) // 2]
                self._pause(0.05)  # a reset would overtake the bytes before it
                linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            case Trouble.CUT | Trouble.CUT_CHUNK:
                half = body[: len(body) // 2]
                yield _head(200, sized) + half if trouble is Trouble.CUT else _head(200, chunked) + b"fff\r\n" + half
            case Trouble.CUT_GZIP:
                packer = zlib.compressobj(wbits=31)
                data = packer.compress(body) + packer.flush(zlib.Z_SYNC_FLUSH)
                yield _head(200, chunked | {"Content-Encoding": "gzip"}) + _chunk(data) + b"0\r\n\r\n"
            case Trouble.BAD_GZIP:
                yield _head(200, sized | {"Content-Encoding": "gzip"}) + body
            case Trouble.NOT_HTTP | Trouble.CLOSE:
                yield b"SSH-2.0-OpenSSH_9.6\r\n\r\n" if trouble is Trouble.NOT_HTTP else b""
            case Trouble.BINARY | Trouble.PICTURE:
                kind = html if trouble is Trouble.BINARY else "image/png"
                yield _head(200, {"Content-Type": kind, "Content-Length": str(len(PNG))}) + PNG
            case Trouble.NO_TYPE | Trouble.OCTETS:
                kinds = {"Content-Type": "application/octet-stream"} if trouble is Trouble.OCTETS else {}
                yield _head(200, kinds | {"Content-Length": str(len(body))}) + body
            case Trouble.ZSTD | Trouble.STACKED:
                encoding = "zstd" if trouble is Trouble.ZSTD else "gzip, gzip"
                yield _head(200, sized | {"Content-Encoding": encoding}) + body
            case Trouble.EMPTY | Trouble.NO_CONTENT:
                yield _head(204, {}) if trouble is Trouble.NO_CONTENT else _head(200, sized | {"Content-Length": "0"})
            case Trouble.HOPS:
                left = int(arg or 6)
                if left:
                    self.trouble(f"{path}-{left}", Trouble.HOPS, left - 1)
                    yield _head(302, {"Location": f"{path}-{left}", "Content-Length": "0"})
                else:
                    yield _head(200, sized) + body
            case Trouble.CIRCLE:
                self.redirect(path + "-back", path)
                yield _head(302, {"Location": path + "-back", "Content-Length": "0"})
            case Trouble.NO_LOCATION:
                yield _head(302, {"Content-Length": "0"})
            case Trouble.COOKIE:
                cookie = {"Set-Cookie": "who=you; Path=/", "Location": "/cookie-seen", "Content-Length": "0"}
                yield _head(302, cookie)
            case Trouble.STATUS | Trouble.RETRY_AFTER | Trouble.BUSY:
                later = {Trouble.RETRY_AFTER: (429, arg or "120"), Trouble.BUSY: (503, arg or "60")}.get(trouble)
                yield _head(*((later[0], sized | {"Retry-After": later[1]}) if later else (int(arg), sized))) + body

    def _drip(self, piece: bytes) -> Iterator[bytes]:
        while True:
            self._pause(self.drip)
            yield piece


def _head(status: int, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Said", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("utf-8")


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _read_request(lines: BinaryIO) -> Seen | None:
    """The next request of a connection, or None at its end."""
    first = lines.readline().split()
    if len(first) < 2:
        return None
    headers: dict[str, str] = {}
    while line := lines.readline().strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    return Seen(first[1].decode("latin-1"), headers, first[0].decode("latin-1"))
