"""Why a passage could not be indexed or found.

    RetrievalError            the index failed while it was read or written
    ├── IndexLocked           another process (or another part of this one) owns the index
    ├── IndexUnreachable      the Chroma server that was named does not answer
    ├── EmbedderUnavailable   the embedder that was chosen cannot be had here
    ├── Degraded              not raised: how a search makes do without what the settings name
    ├── KnowledgeMissing      there is no knowledge where some was expected
    └── BadDocument           a knowledge file cannot be read; names the file and the line

A `BadDocument` is for whoever edits the files under rag_data; the others are for whoever runs a search.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from tools.errors import FinaleError
from tools.words import Lang, Words

__all__ = [
    "BadDocument",
    "Degraded",
    "EmbedderUnavailable",
    "IndexLocked",
    "IndexUnreachable",
    "KnowledgeMissing",
    "RetrievalError",
]


class RetrievalError(FinaleError):
    """Raised when the index cannot be read or written; the house knowledge can always be indexed again."""

    code = "index_failed"
    words_file: ClassVar[Path] = Path(__file__).with_name("messages.yaml")


class IndexLocked(RetrievalError):
    """Raised at once, without waiting, when the index on disk already has an owner."""

    code = "index_locked"


class IndexUnreachable(RetrievalError):
    """Raised when FINALE_CHROMA_URL names no usable address, or nothing there answers as a Chroma server does."""

    code = "index_unreachable"


class EmbedderUnavailable(RetrievalError):
    """Raised when the embedder that FINALE_EMBEDDER names cannot be had: unknown, not installed, or out of reach."""

    code = "embedder_unknown"


class Degraded(RetrievalError):
    """What `Knowledge.troubles` gives: the key says what is used instead, `cause` what happened and what to do about it."""

    code = "degraded_memory"

    def __init__(self, key: str, cause: FinaleError, **params: Any) -> None:
        super().__init__(key, **params)
        self.cause = cause

    def message(self, lang: Lang = "zh") -> str:
        return Words.load(self.words_file).say(self.key, lang, why=self.cause.message(lang), **self.params)


class KnowledgeMissing(RetrievalError):
    """Raised when a folder, a type, a topic or a collection holds no passage."""

    code = "knowledge_missing"


class BadDocument(RetrievalError):
    """Raised when a knowledge file or the topic list breaks its format.

    `why` names a line `why_<why>` of messages.yaml, `details` fill it; `line` counts from 1.
    """

    code = "bad_document"

    def __init__(self, *, file: str, line: int, why: str, **details: Any) -> None:
        super().__init__(file=file, line=line, why=why, **details)

    def message(self, lang: Lang = "zh") -> str:
        words = Words.load(self.words_file)
        why = words.say(f"why_{self.params['why']}", lang, **self.params)
        return words.say(self.key, lang, **{**self.params, "why": why})
