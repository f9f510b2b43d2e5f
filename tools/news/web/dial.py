"""The only door to the network: names are looked up once, every answer is checked, and exactly a checked address is dialled.

httpcore, which httpx stands on, is used directly: there is then no proxy, no cookie jar, no .netrc and no redirect of
its own to switch off, and its network backend is a public seam, so that no other code can open a connection.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import cache
from typing import Any, TypeAlias

import httpcore

from tools.news.web.address import check_reach
from tools.news.web.errors import Unreachable

__all__ = ["Dial", "PinnedBackend", "Resolver", "dial_tcp", "open_pools", "resolve", "tls"]

Resolver: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""(host, port) → IP addresses in text. Raises OSError for a name that does not exist."""
Dial: TypeAlias = Callable[[str, int, float | None], Awaitable[httpcore.AsyncNetworkStream]]
"""(IP address, port, seconds) → a connected stream. Raises httpcore.ConnectError or ConnectTimeout."""

_MOST_TRIED = 4
_IDLE_S = 10.0


async def resolve(host: str, port: int) -> Sequence[str]:
    """The system's answer. Asked in a thread of its own that nobody waits for: a name server may hang long after a stop."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Sequence[str]] = loop.create_future()

    def settle(found: Sequence[str], error: OSError | None) -> None:
        if not answer.done():
            if error is None:
                answer.set_result(found)
            else:
                answer.set_exception(error)

    def look() -> None:
        import socket

        found: Sequence[str] = ()
        error: OSError | None = None
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found = tuple(dict.fromkeys(str(row[4][0]) for row in rows))
        except OSError as failed:
            error = failed
        except UnicodeError:
            error = OSError("not a host name")
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, found, error)

    threading.Thread(target=look, name="finale-dns", daemon=True).start()
    return await answer


async def dial_tcp(ip: str, port: int, timeout: float | None) -> httpcore.AsyncNetworkStream:
    """A TCP connection to `ip`, which must be an address already."""
    return await httpcore.AnyIOBackend().connect_tcp(ip, port, timeout=timeout)


@cache
def tls() -> ssl.SSLContext:
    """Certificates of this machine and of certifi: either alone is not there on every system."""
    import certifi

    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    # Python 3.13 began to refuse certificates without a key identifier, which Taiwanese authorities have issued widely.
    context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
    return context


class PinnedBackend(httpcore.AsyncNetworkBackend):
    """Dials for one scheme. Server name and Host header stay those of the URL; only the dialled address is ours."""

    def __init__(self, scheme: str, allowed: frozenset[str], resolver: Resolver, dial: Dial) -> None:
        self._scheme = scheme
        self._allowed = allowed
        self._resolver = resolver
        self._dial = dial

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first checked address that answers, all within `timeout` seconds.

        Raises:
            Refused: any of the addresses is not open to us; then none is dialled.
            Unreachable: the name does not exist.
            httpcore.ConnectError, httpcore.ConnectTimeout: nothing answered.
        """
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._checked(host, port)
                for place, ip in enumerate(addresses, start=1):
                    # Half of what is left each time: a dead first address must not eat the time of a living second.
                    share = None if timeout is None or place == len(addresses) else timeout / 2**place
                    try:
                        return await self._dial(ip, port, share)
                    except (httpcore.ConnectError, httpcore.ConnectTimeout):
                        if place == len(addresses):
                            raise
        except TimeoutError:
            raise httpcore.ConnectTimeout from None
        raise Unreachable("no_such_host", host=host)

    async def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore.AsyncNetworkStream:
        """Never: there is no such address on the web."""
        raise httpcore.ConnectError("no unix sockets")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _checked(self, host: str, port: int) -> list[str]:
        origin = f"{self._scheme}://{f'[{host}]' if ':' in host else host}:{port}"
        try:
            found = [host] if _is_address(host) else list(await self._resolver(host, port))
        except OSError:
            raise Unreachable("no_such_host", host=host) from None
        for ip in found:
            check_reach(origin, host, ip, self._allowed)
        # IPv4 first: a home or campus without working IPv6 still has AAAA records to look at.
        return sorted(found, key=lambda ip: ":" in ip)[:_MOST_TRIED]


def _is_address(host: str) -> bool:
    import ipaddress

    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def open_pools(
    allowed: frozenset[str], resolver: Resolver, dial: Dial, context: ssl.SSLContext | None
) -> dict[str, httpcore.AsyncConnectionPool]:
    """A pool of connections for each scheme; apart, so that an origin allowed as http is not thereby allowed as https."""
    return {
        scheme: httpcore.AsyncConnectionPool(
            ssl_context=(context or tls()) if scheme == "https" else None,
            max_connections=40,
            max_keepalive_connections=10,
            keepalive_expiry=_IDLE_S,
            network_backend=PinnedBackend(scheme, allowed, resolver, dial),
        )
        for scheme in ("http", "https")
    }
