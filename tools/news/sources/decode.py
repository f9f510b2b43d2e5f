"""The text of a feed or page, from its bytes and its Content-Type header."""

from __future__ import annotations

from tools.news.web.charset import codec_of, declared_charset, decode_body
from tools.news.web.kinds import charset_of

__all__ = ["to_text"]

_MOST_BYTES = 20_000_000


def to_text(body: bytes, content_type: str = "") -> str:
    """The text of `body`; characters that cannot be read become U+FFFD. Never raises.

    Many servers put their default, latin-1, on every file: then what the document declares is believed first.
    """
    body = body[:_MOST_BYTES]
    hint = charset_of(content_type)
    declared = declared_charset(body)
    return decode_body(body, declared if declared and codec_of(hint) == "cp1252" else hint)
