"""The body of a chat answer, whatever the server calls it: server-sent events, or one JSON object.

Decided by what the body begins with and not by its content type, which proxies get wrong. Read piece by piece with a cap,
so that an endless body costs no memory. Specification of the event lines: WHATWG HTML, "Server-sent events".
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

__all__ = ["DONE", "BodyError", "objects"]

_LIMIT = 8_000_000  # bytes after decompression; the longest answers are far below a megabyte
DONE: Mapping[str, Any] = {"done": True}
_FIELDS = ("data:", "event:", "id:", "retry:", ":")


class BodyError(Exception):
    """Raised when a body is neither events nor a JSON object, or has no end."""


def objects(parts: Iterable[bytes]) -> Iterator[Mapping[str, Any]]:
    """The JSON objects of a body in order; `DONE` where the server marks the end.

    Raises:
        BodyError: the body cannot be read as either form, or is larger than 8 MB.
    """
    lines = _lines(parts)
    first = next((line for line in lines if line.strip()), "")
    if not first.lstrip().startswith(_FIELDS):
        yield _whole("\n".join([first, *lines]))
        return
    data: list[str] = []
    for line in _chain(first.lstrip(), lines):
        if line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
        elif not line and data:
            yield _event("\n".join(data))
            data = []
    if data:
        yield _event("\n".join(data))


def _event(text: str) -> Mapping[str, Any]:
    if text.strip() == "[DONE]":
        return DONE
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        raise BodyError("an event is not JSON") from None
    return value if isinstance(value, Mapping) else {}


def _whole(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text.strip() or "{}", strict=False)
    except (ValueError, RecursionError):
        raise BodyError("the answer is not JSON") from None
    if not isinstance(value, Mapping):
        raise BodyError("the answer is not a JSON object")
    return value


def _lines(parts: Iterable[bytes]) -> Iterator[str]:
    """Lines ended by LF, CRLF or CR, the last one ended or not, without a byte order mark."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    rest, size = "", 0
    for part in parts:
        size += len(part)
        if size > _LIMIT:
            raise BodyError("the answer has no end")
        text = rest + decoder.decode(part)
        held = "\r" if text.endswith("\r") else ""  # a CRLF may be cut in two
        pieces = text.removesuffix("\r").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        yield from pieces[:-1]
        rest = pieces[-1] + held
    yield from (rest + decoder.decode(b"", True)).replace("\r", "\n").split("\n")


def _chain(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines
