"""One passage of knowledge: the unit that is indexed, ranked, shown and cited."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["META_KEYS", "Chunk", "chunk_id"]

META_KEYS = ("collection", "file", "heading", "topic", "type", "title")
_HASH_CHARACTERS = 10


@dataclass(frozen=True)
class Chunk:
    """A passage exactly as it stands in its file, and where it comes from.

    `meta` holds every key of `META_KEYS`, all strings; `type` is "" for a passage that applies to every type.
    """

    id: str
    text: str
    meta: Mapping[str, str]

    @property
    def topic(self) -> str:
        return self.meta.get("topic", "")

    @property
    def type(self) -> str:
        return self.meta.get("type", "")

    @property
    def heading(self) -> str:
        return self.meta.get("heading", "")

    def searched_text(self) -> str:
        """What an embedder or a word index reads: the heading belongs to the meaning of its passage."""
        return f"{self.heading}\n{self.text}" if self.heading else self.text


def chunk_id(file: str, heading: str, text: str) -> str:
    """The same id for the same words in the same place, on every machine and in every process.

    `file` is the file's stem, `heading` the heading's anchor. A changed text gets another id, which is what makes
    indexing by id incremental and lets a citation be checked against the words it was given for.
    """
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()[:_HASH_CHARACTERS]
    return f"{file}#{heading}-{digest}"
