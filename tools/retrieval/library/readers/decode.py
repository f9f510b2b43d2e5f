"""Bytes of unknown encoding to text: UTF-8 first, then Taiwan's Big5, then a detector."""

from __future__ import annotations

import codecs
import re

__all__ = ["declared_encoding", "decode", "looks_binary"]

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b"))
_META = re.compile(rb"""<meta[^>]{0,200}?charset\s{0,5}=\s{0,5}["']?([\w.:-]{1,40})""", re.IGNORECASE)
_XML = re.compile(rb"""\A\s{0,20}<\?xml[^>]{0,100}encoding=["']([\w.:-]{1,40})["']""")
# Of what is not ASCII, one unreadable character in fifty is a slip of some editor; more is another encoding.
_SLIPS = 0.02
# Big5 holds the characters of everyday life in its first level (A440-C67E): nearly all of a real text, about half of
# what comes out when another encoding is read as Big5.
_LEVEL_ONE = re.compile(rb"(?:[\xa4-\xc5][\x40-\x7e\xa1-\xfe]|\xc6[\x40-\x7e])")
_LEVEL_ONE_SHARE = 0.85
# Second bytes below 80 are common in Big5 and do not occur in the encodings of China and Korea.
_LOW_SHARE = 0.1
_FEW = 20
_PAIRS = re.compile(rb"[\xa1-\xf9][\x40-\x7e\xa1-\xfe]")
# What else people here come across; more choices would only be more ways to be wrong.
_OTHERS = ["gb18030", "cp932", "euc_jp", "iso2022_jp", "cp949", "cp1252", "cp1251", "cp874", "cp1258"]
_ENOUGH = 2_000_000  # bytes that the detector looks at


def looks_binary(data: bytes) -> bool:
    """Whether no encoding of text would give such bytes."""
    if data.startswith(tuple(mark for mark, _ in _MARKS)):
        return False
    return b"\0" in data or len(data.translate(None, _CONTROLS)) < 0.99 * len(data)


def declared_encoding(data: bytes) -> str:
    """The encoding that an HTML page names at its top, or ""."""
    found = _XML.search(data[:200]) or _META.search(data[:4096])
    return found[1].decode("ascii", "ignore") if found else ""


def decode(data: bytes, declared: str = "") -> tuple[str, int] | None:
    """The text and how many characters in it could not be read; None where no encoding gives text.

    What the file `declared` comes after UTF-8, because pages are converted more often than their declarations.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = data.decode(encoding, "replace")
            return text, text.count("\ufffd")
    try:
        return data.decode("utf-8"), 0
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
    if _fits(text):
        return text, text.count("\ufffd")
    return _declared(data, declared) or _big5(data) or _detected(data)


def _declared(data: bytes, declared: str) -> tuple[str, int] | None:
    name = declared.strip().lower()
    if not name or name.startswith("utf"):
        return None
    if name in ("big5", "big-5", "x-x-big5", "cp950"):
        return _big5(data)
    try:
        text = data.decode({"gb2312": "gb18030", "gbk": "gb18030"}.get(name, name), "replace")
    except (LookupError, ValueError):
        return None
    return (text, text.count("\ufffd")) if _fits(text) else None


def _fits(text: str) -> bool:
    foreign = sum(character > "\x7f" for character in text)
    return text.count("\ufffd") <= _SLIPS * foreign


def _big5(data: bytes) -> tuple[str, int] | None:
    pairs = [pair for pair in _PAIRS.findall(data) if pair[0] >= 0xA4]  # below stand punctuation and signs
    if not pairs or sum(bool(_LEVEL_ONE.fullmatch(pair)) for pair in pairs) < _LEVEL_ONE_SHARE * len(pairs):
        return None
    if len(pairs) >= _FEW and sum(pair[1] < 0x80 for pair in pairs) < _LOW_SHARE * len(pairs):
        return None
    found = []
    for encoding in ("cp950", "big5hkscs"):
        text = data.decode(encoding, "replace")
        found.append((text.count("\ufffd"), text))
        if not found[-1][0]:
            break
    slips, text = min(found, key=lambda each: each[0])
    return (text, slips) if _fits(text) else None


def _detected(data: bytes) -> tuple[str, int] | None:
    from charset_normalizer import from_bytes

    # A character cut in half at the end would speak against its encoding.
    sample = data if len(data) <= _ENOUGH else data[: data.rfind(b"\n", 0, _ENOUGH) + 1 or _ENOUGH]
    best = from_bytes(sample, cp_isolation=_OTHERS).best()
    if best is None:
        return None
    text = data.decode(best.encoding, "replace")
    return (text, text.count("\ufffd")) if _fits(text) else None
