"""From bytes to characters: BOM, then what the server says, then what the document says, then what the bytes look like.

Labels are looked up in a table of our own: Python also knows "charsets" such as punycode, unicode_escape or zip.
"""

from __future__ import annotations

import codecs
import re

__all__ = ["codec_of", "declared_charset", "decode_body"]

_HEAD = 4096
_GUESSED_FROM = 65_536
_FEW_ERRORS = 0.002
# Names that are not Python's own; the meaning is that of the WHATWG Encoding Standard where browsers differ from the name.
_ALIASES = {
    "ascii": "cp1252", "us-ascii": "cp1252", "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252",
    "x-big5": "big5", "big-5": "big5", "big5-tw": "big5", "big5-eten": "big5", "cn-big5": "big5", "x-x-big5": "big5", "cp950": "big5",
    "big5-hkscs": "big5", "big5hkscs": "big5", "ms950": "big5", "windows-950": "big5",
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030", "windows-936": "gb18030", "gb_2312-80": "gb18030",
    "shift-jis": "cp932", "shift_jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932",
    "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "ksc5601": "cp949", "utf8": "utf-8", "unicode": "utf-16", "utf16": "utf-16",
    "ucs-2": "utf-16", "iso-10646-ucs-2": "utf-16",
}  # fmt: skip
_PLAIN_NAMES = (
    "utf-8 utf-16 utf-16le utf-16be utf-32 utf-32le utf-32be big5 gb18030 cp932 cp949 euc-jp iso-2022-jp koi8-r koi8-u cp1252 "
    "iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 iso-8859-7 iso-8859-8 iso-8859-9 iso-8859-10 iso-8859-13 iso-8859-14 "
    "iso-8859-15 iso-8859-16 windows-1250 windows-1251 windows-1252 windows-1253 windows-1254 windows-1255 windows-1256 "
    "windows-1257 windows-1258 windows-874 tis-620 macintosh cp437 cp866"
)
_PLAIN = frozenset(_PLAIN_NAMES.split())
# UTF-32 first: its little-endian mark begins like that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_XML_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:+-]{1,40})")
_META_DECLARED = re.compile(rb"<meta[^>]{0,400}?charset\s*=\s*[\"']?\s*([\w.:+-]{1,40})", re.I)


def codec_of(label: str) -> str | None:
    """The Python codec for a charset label, or None for a label that is no text encoding known here."""
    plain = label.strip().lower()
    plain = _ALIASES.get(plain, plain)
    return plain if plain in _PLAIN else None


def declared_charset(body: bytes) -> str:
    """What the document itself declares in its first 4 KiB (XML declaration or meta), lower-case, or ""."""
    found = _XML_DECLARED.match(body.lstrip()[:_HEAD]) or _META_DECLARED.search(body[:_HEAD])
    return found[1].decode("ascii", "ignore").lower() if found else ""


def decode_body(body: bytes, charset_hint: str = "") -> str:
    """`body` as text; never fails. A label that the bytes contradict is passed over."""
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(codec, "replace")
    if body.startswith((b"<\x00", b"\x00<")):  # UTF-16 without a mark, whatever anybody says
        return body.decode("utf-16-le" if body[0] else "utf-16-be", "replace")
    if not body:
        return ""
    labels = [codec_of(charset_hint), codec_of(declared_charset(body)), "utf-8"]
    tried: list[tuple[float, str]] = []
    for codec in dict.fromkeys(filter(None, labels)):
        # Any bytes make some UTF-16; real pages in it hold a zero byte for each ASCII character.
        if codec.startswith(("utf-16", "utf-32")) and b"\x00" not in body[:_HEAD]:
            continue
        # A page sent as latin-1 by a server's default decodes in any case; UTF-8 does not by chance.
        if codec == "cp1252" and (text := _strict(body, "utf-8")) is not None:
            return text
        bad, text = _try(body, codec)
        if bad <= _FEW_ERRORS:
            return text
        tried.append((bad, text))
    guessed = _guess(body)
    if guessed is not None:
        bad, text = _try(body, guessed)
        tried.append((bad, text))
    return min(tried, key=lambda pair: pair[0])[1]


def _strict(body: bytes, codec: str) -> str | None:
    try:
        return body.decode(codec)
    except UnicodeDecodeError:
        return None


def _try(body: bytes, codec: str) -> tuple[float, str]:
    """The share of characters that could not be read, and the text with marks in their places."""
    # Taiwan's Big5 is cp950, Hong Kong's adds characters in rows that cp950 leaves empty.
    texts = [body.decode(name, "replace") for name in (("cp950", "big5hkscs") if codec == "big5" else (codec,))]
    return min(((text.count("\ufffd") / max(len(text), 1), text) for text in texts), key=lambda pair: pair[0])


def _guess(body: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(body[:_GUESSED_FROM]).best()
    return codec_of(best.encoding.replace("_", "-")) if best is not None else None
