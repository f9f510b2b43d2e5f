"""Knowledge files: Markdown with fields at the top, one passage a section.

---
type: INFP            (left out in a file that applies to every type)
title: …
---

## 工作與方向 {#work}

…text, kept exactly as it stands; raw HTML in it stays text…
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tools.retrieval.chunk import Chunk, chunk_id
from tools.retrieval.errors import BadDocument, KnowledgeMissing

__all__ = ["FrontMatter", "read_file", "read_folder"]

_FENCE = re.compile(r"---\s*")
_HEADING = re.compile(r"##\s+(?P<heading>.+?)\s*")
_ANCHORED = re.compile(r"(?P<heading>.+?)\s*\{#(?P<anchor>[a-z][a-z0-9_-]*)\}")


class FrontMatter(BaseModel):
    """The fields at the top of a knowledge file; an unknown field is an error, so that a slip of the pen is seen."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    type: str = Field("", pattern=r"^([EI][SN][TF][JP])?$")
    title: str = Field(min_length=1)
    summary: str = ""
    sources: list[str] = Field(default_factory=list)


def read_folder(path: Path, collection: str) -> list[Chunk]:
    """The passages of every `*.md` in `path`, by file name and then in file order.

    Raises:
        KnowledgeMissing: the folder does not exist or holds no such file.
        BadDocument: a file breaks the format; names the file and the line.
    """
    files = sorted(path.glob("*.md"))
    if not files:
        raise KnowledgeMissing(path=path)
    return [chunk for file in files for chunk in read_file(file, collection)[1]]


def read_file(path: Path, collection: str) -> tuple[FrontMatter, list[Chunk]]:
    """The fields and the passages of one knowledge file.

    Raises:
        BadDocument: the file breaks the format; names the file and the line.
    """
    try:
        # utf-8-sig: editors on Windows put a byte-order mark in front, which is no part of the text.
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise BadDocument(file=path.name, line=line, why="not_utf8") from error
    front, start = _front_matter(path, lines)
    chunks: list[Chunk] = []
    seen: set[str] = set()
    for line, heading, anchor, text in _sections(path, lines, start):
        if anchor in seen:
            raise BadDocument(file=path.name, line=line, why="same_anchor", anchor=anchor)
        seen.add(anchor)
        meta = {
            "collection": collection,
            "file": path.name,
            "heading": heading,
            "topic": anchor,
            "type": front.type,
            "title": front.title,
        }
        chunks.append(Chunk(chunk_id(path.stem, anchor, text), text, meta))
    if not chunks:
        raise BadDocument(file=path.name, line=len(lines) or 1, why="no_section")
    return front, chunks


def _front_matter(path: Path, lines: list[str]) -> tuple[FrontMatter, int]:
    """The fields, and the index of the first line after them."""
    import yaml

    closing = next((i for i, line in enumerate(lines[1:], 1) if _FENCE.fullmatch(line)), None)
    if not lines or not _FENCE.fullmatch(lines[0]) or closing is None:
        raise BadDocument(file=path.name, line=1, why="no_front_matter")
    try:
        fields: Any = yaml.safe_load("\n".join(lines[1:closing])) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        detail = getattr(error, "problem", None) or type(error).__name__
        line = mark.line + 2 if mark else 1
        raise BadDocument(file=path.name, line=line, why="bad_front_matter", detail=detail) from error
    try:
        return FrontMatter.model_validate(fields), closing + 1
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else "---"
        line = next((i for i, text in enumerate(lines[:closing], 1) if text.startswith(f"{field}:")), 1)
        raise BadDocument(file=path.name, line=line, why="field", field=field, detail=first["msg"]) from error


def _sections(path: Path, lines: list[str], start: int) -> list[tuple[int, str, str, str]]:
    """(line of the heading from 1, heading, anchor, text) of every section after line index `start`."""
    heads = [i for i in range(start, len(lines)) if _HEADING.fullmatch(lines[i])]
    body_end = heads[0] if heads else len(lines)
    stray = next((i for i in range(start, body_end) if lines[i].strip()), None)
    if stray is not None:
        raise BadDocument(file=path.name, line=stray + 1, why="stray_text")
    sections = []
    for head, end in zip(heads, [*heads, len(lines)][1:], strict=True):
        title = _HEADING.fullmatch(lines[head])["heading"]
        anchored = _ANCHORED.fullmatch(title)
        if not anchored:
            raise BadDocument(file=path.name, line=head + 1, why="no_anchor")
        text = "\n".join(lines[head + 1 : end]).strip("\n")
        if not text.strip():
            raise BadDocument(file=path.name, line=head + 1, why="empty_section", heading=anchored["heading"])
        sections.append((head + 1, anchored["heading"], anchored["anchor"], text))
    return sections
