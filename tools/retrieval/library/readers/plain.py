"""Plain text and Markdown."""

from __future__ import annotations

import re
from typing import Any

from tools.retrieval.library.cleaning import clean_text, one_line
from tools.retrieval.library.errors import UnsupportedKind
from tools.retrieval.library.limits import MAX_HEADING
from tools.retrieval.library.mbti import types_in
from tools.retrieval.library.readers.decode import decode
from tools.retrieval.library.readers.kinds import SUPPORTED
from tools.retrieval.library.readers.section import Outline, Reading, Watch
from tools.retrieval.library.records import Note

__all__ = ["decoded", "read_markdown", "read_text"]

_FRONT = re.compile(r"\A---[^\S\n]*\n(.{0,20000}?)\n(?:---|\.\.\.)[^\S\n]*(?:\n|\Z)", re.DOTALL)
_LINK = re.compile(r"!?\[([^\]\n]{0,300})\]\([^)\n]{0,500}\)")
_MARKS = re.compile(r"\{#[^}\n]{0,80}\}|[*`]+|(?<!\w)_+|_+(?!\w)")


def decoded(data: bytes, watch: Watch, declared: str = "") -> tuple[str, tuple[Note, ...]]:
    """The text of `data`, and a note if some of it could not be read.

    Raises:
        UnsupportedKind: no encoding gives text.
    """
    found = decode(data, declared)
    if found is None:
        raise UnsupportedKind("unknown_encoding", file=watch.file, supported=SUPPORTED)
    text, slips = found
    return text, (Note("slips", {"file": watch.file, "count": slips}),) if slips else ()


def read_text(data: bytes, watch: Watch) -> Reading:
    """One section without a heading.

    Raises:
        OverLimit, UnsupportedKind: it is too long, or no text.
    """
    text, notes = decoded(data, watch)
    text = clean_text(text)
    watch.within(len(text))
    outline = Outline()
    outline.block(text)
    return Reading("text", outline.sections(), notes=notes)


def read_markdown(data: bytes, watch: Watch) -> Reading:
    """A section for every heading; the text under it stays as it is written, marks included.

    Fields at the top (`title`, `type`) are heeded and left out of the text. A heading inside code, a quotation or a
    list is none.

    Raises:
        OverLimit, UnsupportedKind: it is too long, or no text.
    """
    from markdown_it import MarkdownIt

    text, notes = decoded(data, watch)
    text = clean_text(text)  # pictures written as letters go first: a page of notes may hold megabytes of them
    watch.within(len(text))
    fields, text = _front_matter(text)
    lines = text.split("\n")
    outline = Outline()
    at, first = 0, ""
    heading: tuple[int, int, int] | None = None  # level, first line, line after
    # Only blocks matter here; what stands inside a line is never parsed.
    for token in MarkdownIt("commonmark").disable("inline").parse(text):
        if token.type == "inline" and heading:
            title = _spoken(token.content)
            outline.block("\n".join(lines[at : heading[1]]))
            outline.heading(heading[0], title)
            first = first or (title if heading[0] == 1 else "")
            at = heading[2]
        heading = None
        if token.type == "heading_open" and token.level == 0 and token.map:
            heading = (int(token.tag[1]), token.map[0], token.map[1])
    outline.block("\n".join(lines[at:]))
    title = one_line(str(fields.get("title") or first), MAX_HEADING)
    declared = types_in(str(fields.get("type") or ""))
    return Reading(
        "markdown", outline.sections(), title, type=next(iter(declared)) if len(declared) == 1 else "", notes=notes
    )


def _front_matter(text: str) -> tuple[dict[str, Any], str]:
    """The fields between --- lines at the top, and the rest. What is not YAML there is text like any other."""
    import yaml

    found = _FRONT.match(text)
    if not found:
        return {}, text
    try:
        fields = yaml.safe_load(found[1])
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}, text
    return (fields, text[found.end() :]) if isinstance(fields, dict) else ({}, text)


def _spoken(heading: str) -> str:
    """A heading without the marks that only say how it looks."""
    return _MARKS.sub("", _LINK.sub(r"\1", heading)).strip()
