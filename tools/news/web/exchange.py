"""One request and its answer: read in a stream, stopped at the limits, every failure turned into one of ours."""

from __future__ import annotations

import asyncio
import errno
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic

import httpcore

from tools.news.web.address import Address
from tools.news.web.errors import TooBig, TooSlow, Unreachable, WebError, WrongKind
from tools.news.web.kinds import packed
from tools.news.web.unpack import RATIO, Bomb, BrokenBody, Overflow, UnknownEncoding, Unpacker, gunzip

__all__ = ["Answer", "Budget", "Judge", "exchange", "read_headers"]

# Of these every line counts; of all others the first does.
_JOINED = ("cache-control", "content-encoding", "x-robots-tag", "content-signal", "vary")
_LONGEST_HEADER = 8192  # longer than any address that is followed, so that none is followed cut short
_SMALL = 65_536
_DRAIN_S = 1.0


class Budget:
    """Seconds on the network that one address may take, over all its redirects; waiting one's turn is not counted."""

    def __init__(self, connect: float, total: float) -> None:
        self.connect = connect
        self.total = total
        self.used = 0.0

    @property
    def left(self) -> float:
        return max(0.0, self.total - self.used)


@dataclass(frozen=True)
class Answer:
    """Status, headers (lower-case names) and body; the body is b"" where the judge did not want it, `cut` where it was cut."""

    status: int
    headers: dict[str, str]
    body: bytes = b""
    cut: bool = False


Judge = Callable[[int, Mapping[str, str]], int | None]
"""(status, headers) → how many bytes of the body to read, or None for none. May raise a WebError."""


async def exchange(
    pool: httpcore.AsyncConnectionPool,
    address: Address,
    headers: Mapping[str, str],
    budget: Budget,
    judge: Judge,
    *,
    cut_off: bool = False,
) -> Answer:
    """GET `address` through `pool`. With `cut_off` a body over the limit is cut there instead of refused.

    Raises:
        Refused, TooBig, TooSlow, WrongKind, Unreachable: and whatever `judge` raises.
    """
    host, start = address.host, monotonic()
    slow = TooSlow(host=host, seconds=f"{budget.total:g}")
    if budget.left <= 0:
        raise slow
    try:
        async with asyncio.timeout(budget.left):
            return await _ask(pool, address, headers, budget, judge, cut_off)
    except (TimeoutError, httpcore.ReadTimeout, httpcore.WriteTimeout):
        raise slow from None
    except (httpcore.ConnectTimeout, httpcore.PoolTimeout):
        raise Unreachable(host=host, why="no_answer") from None
    except httpcore.ConnectError as error:
        raise _no_connection(host, error) from None
    except (
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.UnsupportedProtocol,
        ssl.SSLError,
        OSError,
    ) as error:
        raise _broken(host, error) from None
    finally:
        budget.used += monotonic() - start


async def _ask(
    pool: httpcore.AsyncConnectionPool,
    address: Address,
    headers: Mapping[str, str],
    budget: Budget,
    judge: Judge,
    cut_off: bool,
) -> Answer:
    timeouts = {
        "connect": min(budget.connect, budget.left),
        "read": budget.left,
        "write": budget.left,
        "pool": budget.left,
    }
    request = httpcore.Request(
        "GET",
        httpcore.URL(scheme=address.scheme, host=address.host, port=address.port, target=address.target),
        headers=[("Host", address.authority), *headers.items()],
        extensions={"timeout": timeouts},
    )
    try:
        response = await pool.handle_async_request(request)
    except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError) as error:
        # A server may close a kept connection just as we use it: without a byte of answer, one more try is right.
        if isinstance(error, httpcore.RemoteProtocolError) and "disconnected" not in str(error):
            raise
        response = await pool.handle_async_request(request)
    try:
        seen = read_headers(response.headers)
        limit = judge(response.status, seen)
        if limit is None:
            await _drain(response, seen)
            return Answer(response.status, seen)
        body, cut = await _read(response, seen, limit, cut_off, address.host)
        return Answer(response.status, seen, body, cut)
    finally:
        await response.aclose()


async def _drain(response: httpcore.Response, headers: Mapping[str, str]) -> None:
    """Throw a small body away, so that the connection can be used again: cheaper for both sides than a new one."""
    length = headers.get("content-length", "0")
    if "transfer-encoding" in headers or not length.isdecimal() or int(length[:20]) > _SMALL:
        return
    try:
        async with asyncio.timeout(_DRAIN_S):
            async for _ in response.aiter_stream():
                pass
    except (TimeoutError, httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
        return  # the connection is closed instead


async def _read(
    response: httpcore.Response, headers: Mapping[str, str], limit: int, cut_off: bool, host: str
) -> tuple[bytes, bool]:
    length = headers.get("content-length", "")
    too_big = TooBig(host=host, limit=f"{limit / (1 << 20):.3g}")
    if length.isdecimal() and int(length[:20]) > limit and not cut_off:
        raise too_big
    body = bytearray()
    try:
        unpacker = Unpacker(headers.get("content-encoding", ""), limit)
        async for data in response.aiter_stream():
            body += unpacker.feed(data)
        unpacker.finish()
        whole = bytes(body)
        return (gunzip(whole, limit) if packed(headers.get("content-type", ""), whole) else whole), False
    except Bomb:
        raise TooBig("too_big_bomb", host=host, ratio=RATIO) from None
    except Overflow:
        if cut_off:
            return bytes(body), True
        raise too_big from None
    except BrokenBody:
        raise Unreachable("broken_answer", host=host, why="not_packed") from None
    except UnknownEncoding as error:
        raise WrongKind("wrong_encoding", host=host, got=str(error)) from None


def read_headers(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by lower-case name; values are text (UTF-8 where they are, as some servers send Location) and bounded."""
    found: dict[str, str] = {}
    for key, value in raw:
        name = key.decode("ascii", "replace").lower()
        try:
            text = value[:_LONGEST_HEADER].decode("utf-8")
        except UnicodeDecodeError:
            text = value[:_LONGEST_HEADER].decode("latin-1")
        if name not in found:
            found[name] = text
        elif name in _JOINED and len(found[name]) < _LONGEST_HEADER:
            found[name] += ", " + text
    return found


def _cause(error: Exception) -> BaseException:
    """What a library's error was made from: httpcore hands it on as the argument, and drops the chain."""
    inner = error.args[0] if error.args and isinstance(error.args[0], BaseException) else error.__cause__
    return inner or error


def _no_connection(host: str, error: httpcore.ConnectError) -> WebError:
    cause = _cause(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Unreachable("bad_certificate", host=host, why=(cause.verify_message or "TLS")[:80])
    if isinstance(cause, ssl.SSLError):
        return Unreachable("bad_certificate", host=host, why=(cause.reason or "TLS")[:80])
    found = {getattr(each, "errno", None) for each in (cause, cause.__cause__, cause.__context__)}
    return Unreachable(host=host, why="no_answer" if errno.ECONNREFUSED in found else "no_way")


def _broken(host: str, error: Exception) -> WebError:
    cause = _cause(error)
    # h11 marks what is wrong with a header that does not end by the status that a server would answer.
    if getattr(cause, "error_status_hint", 0) == 431:
        return TooBig("too_big_headers", host=host)
    cut = not isinstance(error, httpcore.ProtocolError) or "clos" in str(cause) or "disconnect" in str(cause)
    return Unreachable("broken_answer", host=host, why="cut_off" if cut else "not_http")
