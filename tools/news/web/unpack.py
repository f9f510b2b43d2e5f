"""Content-Encoding undone in a stream, never by more than was allowed: a bomb stops where the limit stands.

gzip and deflate come with Python. Brotli is used only where the installed module can stop in the middle of its output
(brotli 1.2 and later); zstd is not offered and not read. One encoding at a time: nobody but an attacker stacks them.
"""

from __future__ import annotations

import zlib
from typing import Any

__all__ = ["RATIO", "Bomb", "BrokenBody", "Overflow", "UnknownEncoding", "Unpacker", "gunzip", "offered"]

RATIO = 100
"""Times a body may swell once it passes 1 MiB. Deflate can reach 1032; pages and feeds stay below 30."""

_RATIO_FROM = 1 << 20
_STEP = 1 << 16
_MOST_MEMBERS = 1000
_GZIP = b"\x1f\x8b"


class Overflow(Exception):
    """Raised when the body passes the limit."""


class Bomb(Overflow):
    """Raised when the body swells beyond RATIO."""


class BrokenBody(Exception):
    """Raised when the body is not what its encoding says, or ends too early."""


class UnknownEncoding(Exception):
    """Raised for an encoding that is not read here; holds its name."""


def offered() -> str:
    """The value for Accept-Encoding."""
    return "gzip, deflate, br" if _brotli() is not None else "gzip, deflate"


def _brotli() -> Any | None:
    try:
        import brotli
    except ImportError:
        return None
    # Versions before 1.2 cannot bound their output: 1 kB of them may become 1 GB in a single call.
    return brotli if hasattr(brotli.Decompressor, "can_accept_more_data") else None


class Unpacker:
    """Bytes off the wire in, bytes of the body out, at most `limit` in all.

    Raises (from any method):
        UnknownEncoding, Overflow, Bomb, BrokenBody
    """

    def __init__(self, encoding: str, limit: int) -> None:
        names = [name for name in encoding.lower().replace(" ", "").split(",") if name not in ("", "identity")]
        self._name = {"x-gzip": "gzip", "x-deflate": "deflate"}.get(names[0], names[0]) if names else ""
        known = ("", "gzip", "deflate") if _brotli() is None else ("", "gzip", "deflate", "br")
        if len(names) > 1 or self._name not in known:
            raise UnknownEncoding(", ".join(names)[:40])
        self._limit = limit
        self._decoder: Any = None
        self._head = b""
        self._members = 0
        self._ended = False
        self._over = False
        self.taken = 0
        self.given = 0

    def feed(self, data: bytes) -> bytes:
        """The next piece of the body."""
        self.taken += len(data)
        if not self._name:
            return self._count(data)
        if self.taken > self._limit:  # a body that is over the limit even while packed
            raise Overflow
        try:
            return self._brotli_piece(data) if self._name == "br" else self._zlib_piece(data)
        except zlib.error:
            raise BrokenBody(self._name) from None

    def finish(self) -> None:
        """Say that nothing more comes. A packed body must have reached its end; an empty one is simply empty."""
        if self._name and self.taken and not self._ended:
            raise BrokenBody(self._name)

    def _count(self, out: bytes) -> bytes:
        self.given += len(out)
        if self.given > self._limit:
            raise Overflow
        if self._name and self.given > _RATIO_FROM and self.given > RATIO * self.taken:
            raise Bomb
        return out

    def _zlib_piece(self, data: bytes) -> bytes:
        pieces: list[bytes] = []
        while True:
            if self._decoder is None and not self._begin(data):
                break
            data, self._head = self._head or data, b""
            out = self._decoder.decompress(data, _STEP)
            pieces.append(self._count(out))
            if self._decoder.eof:
                data, self._decoder, self._ended = self._decoder.unused_data, None, True
                self._members += 1
                continue
            data = self._decoder.unconsumed_tail
            if not data and len(out) < _STEP:
                break
        return b"".join(pieces)

    def _begin(self, data: bytes) -> bool:
        """Start a stream as soon as two bytes of it are there. gzip may be several in a row; after the last comes padding."""
        if self._over:
            return False
        self._head += data
        if len(self._head) < 2:
            return False
        if self._members and not (self._name == "gzip" and self._head.startswith(_GZIP)):
            self._over, self._head = True, b""
            return False
        if self._members == _MOST_MEMBERS:
            raise BrokenBody(self._name)
        self._decoder, self._ended = zlib.decompressobj(self._window(self._head)), False
        return True

    def _window(self, head: bytes) -> int:
        if self._name == "gzip":
            return zlib.MAX_WBITS | 16
        # "deflate" means zlib (RFC 9110), but many servers send the bare stream.
        wrapped = head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0
        return zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS

    def _brotli_piece(self, data: bytes) -> bytes:
        brotli = _brotli()
        assert brotli is not None
        self._decoder = self._decoder or brotli.Decompressor()
        pieces: list[bytes] = []
        try:
            while not self._ended:
                out = self._decoder.process(data, output_buffer_limit=_STEP)
                pieces.append(self._count(out))
                data = b""
                self._ended = self._decoder.is_finished()
                if self._decoder.can_accept_more_data() and not out:
                    break
        except brotli.error:
            raise BrokenBody(self._name) from None
        return b"".join(pieces)


def gunzip(body: bytes, limit: int) -> bytes:
    """`body` as a whole, unpacked where it is itself a gzip file (a sitemap.xml.gz), else as it is. Raises as Unpacker does."""
    if not body.startswith(_GZIP):
        return body
    unpacker = Unpacker("gzip", limit)
    out = b"".join(unpacker.feed(body[start : start + _STEP]) for start in range(0, len(body), _STEP))
    unpacker.finish()
    return out
