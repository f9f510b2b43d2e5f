"""Decompression that stops where the limit stands, whatever the stream wants."""

from __future__ import annotations

import gzip
import zlib

import pytest

from tools.news.web.unpack import Bomb, BrokenBody, Overflow, UnknownEncoding, Unpacker, gunzip, offered

PAGE = ("<p>今天天氣很好，適合寫程式。" + "".join(chr(0x4E00 + n * 7 % 20_000) for n in range(3000)) + "</p>").encode()


def bare(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def unpack(encoding: str, data: bytes, limit: int = 1 << 20, step: int = 1000) -> bytes:
    unpacker = Unpacker(encoding, limit)
    out = b"".join(unpacker.feed(data[start : start + step]) for start in range(0, len(data), step))
    unpacker.finish()
    assert unpacker.given == len(out)
    return out


@pytest.mark.parametrize("step", [1, 7, 65_536])
@pytest.mark.parametrize(
    "encoding, data",
    [
        ("", PAGE), ("identity", PAGE), ("gzip", gzip.compress(PAGE)), ("x-gzip", gzip.compress(PAGE)), ("GZIP", gzip.compress(PAGE)),
        ("deflate", zlib.compress(PAGE)), ("deflate", bare(PAGE)), ("gzip, identity", gzip.compress(PAGE)),
        ("gzip", gzip.compress(PAGE[:500]) + gzip.compress(PAGE[500:])), ("gzip", gzip.compress(PAGE) + b"\x00" * 20),
    ],
)  # fmt: skip
def test_what_servers_really_send(encoding: str, data: bytes, step: int) -> None:
    """Stops: a page lost because its stream came in small pieces, in members, with padding, or as bare deflate."""
    assert unpack(encoding, data, step=step) == PAGE


@pytest.mark.parametrize("encoding", ["gzip", "deflate", ""])
def test_an_empty_body_is_empty(encoding: str) -> None:
    """Stops: a 200 without a byte, sent as gzip, reported as damaged."""
    assert unpack(encoding, b"") == b""


@pytest.mark.parametrize(
    "data", [gzip.compress(PAGE)[:-9], gzip.compress(PAGE)[:40], b"\x1f", PAGE, gzip.compress(PAGE)[:-4] + b"xxxx"]
)
def test_half_a_body_is_no_body(data: bytes) -> None:
    """Stops: half an article taken for the whole one."""
    with pytest.raises(BrokenBody):
        unpack("gzip", data)


@pytest.mark.parametrize("encoding", ["zstd", "compress", "gzip, gzip", "deflate,gzip", "aes128gcm", "x" * 1000])
def test_other_encodings_are_named(encoding: str) -> None:
    """Stops: bytes nobody can read handed on as text; a bomb inside a bomb."""
    with pytest.raises(UnknownEncoding) as caught:
        Unpacker(encoding, 1000)
    assert len(str(caught.value)) <= 40
    assert "zstd" not in offered()


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, bare])
def test_a_bomb_gives_no_more_than_a_hundredfold(pack: object) -> None:
    """Stops: 20 kB becoming 20 MB because each single piece of the stream is small."""
    data = pack(bytes(20_000_000))  # type: ignore[operator]
    unpacker = Unpacker("gzip" if pack is gzip.compress else "deflate", 10 << 20)
    with pytest.raises(Bomb):
        for start in range(0, len(data), 4096):
            unpacker.feed(data[start : start + 4096])
    assert unpacker.given < 2 << 20


def test_a_slow_bomb_stops_at_the_limit() -> None:
    """Stops: a stream that swells only fiftyfold and so passes for a page."""
    noise = b"".join(zlib.crc32(bytes([n % 256, n // 256])).to_bytes(4, "big") + bytes(200) for n in range(15_000))
    data = gzip.compress(noise)
    assert 10 < len(noise) / len(data) < 100
    unpacker = Unpacker("gzip", 1 << 20)
    with pytest.raises(Overflow) as caught:
        unpacker.feed(data)
    assert type(caught.value) is Overflow and unpacker.given <= (1 << 20) + (1 << 16)


def test_members_without_end_end() -> None:
    """Stops: a million empty gzip members keeping a core busy for nothing."""
    empty = gzip.compress(b"")
    assert unpack("gzip", empty * 500, step=65_536) == b""
    with pytest.raises(BrokenBody):
        unpack("gzip", empty * 5000, step=65_536)


def test_a_gzip_file_as_such() -> None:
    """Stops: sitemap.xml.gz being unreadable, or being a way around the limit."""
    assert gunzip(gzip.compress(PAGE), 1 << 20) == PAGE
    assert gunzip(PAGE, 1 << 20) is PAGE
    with pytest.raises(Overflow):
        gunzip(gzip.compress(bytes(5_000_000)), 1 << 20)


def test_brotli_where_it_is_installed() -> None:
    """Stops: brotli offered without a way to stop its bombs."""
    brotli = pytest.importorskip("brotli")
    if "br" not in offered():
        pytest.skip("this brotli cannot bound its output, so it is not offered")
    assert unpack("br", brotli.compress(PAGE), step=7) == PAGE
    with pytest.raises(BrokenBody):
        unpack("br", brotli.compress(PAGE)[:-9])
    bomb = brotli.compress(bytes(100_000_000), quality=5)
    unpacker = Unpacker("br", 10 << 20)
    with pytest.raises(Bomb):
        unpacker.feed(bomb)
    assert unpacker.given < 2 << 20
