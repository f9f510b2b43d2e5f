"""What a library says about itself: collections, their documents, and what became of an added file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tools.words import Lang, Words

__all__ = ["Added", "Collection", "Document", "Kind", "Note", "Status"]

Kind = Literal["markdown", "text", "html", "pdf", "docx"]
Status = Literal["added", "replaced", "unchanged"]
_WORDS = Path(__file__).with_name("messages.yaml")


@dataclass(frozen=True)
class Document:
    """One text as it was added. `pages` is 0 for kinds without pages; `added` is in seconds since 1970."""

    id: str
    name: str
    title: str
    kind: Kind
    bytes: int
    pages: int
    passages: int
    added: float


@dataclass(frozen=True)
class Collection:
    """Texts searched together. A `preferred` one is searched unasked and wins against an equally good house passage."""

    id: str
    name: str
    preferred: bool
    documents: tuple[Document, ...] = ()

    @property
    def passages(self) -> int:
        """How many passages all its documents have."""
        return sum(document.passages for document in self.documents)


@dataclass(frozen=True)
class Note:
    """Something a person should know about an added file; `code` names a line of messages.yaml."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def message(self, lang: Lang = "zh") -> str:
        return Words.load(_WORDS).say(self.code, lang, **self.params)

    def __str__(self) -> str:
        return self.message("zh")


@dataclass(frozen=True)
class Added:
    """What `Library.add` did: the collection and the document as they stand now."""

    collection: Collection
    document: Document
    passages: int
    pages: int
    notes: tuple[Note, ...]
    status: Status
