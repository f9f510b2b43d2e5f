"""Why a text could not be taken in, or a collection not be found or changed.

    LibraryError              a family name: never raised itself
    ├── FileMissing           there is no such file, or it may not be read
    ├── UnsupportedKind       the file is of a kind that no reader knows
    ├── DamagedFile           the file breaks off or contradicts itself
    ├── EncryptedFile         the file asks for a password
    ├── NoText                there is no text in it, or none that can be read
    ├── OverLimit             the file or the library would exceed a limit
    ├── ReadingCancelled      a person stopped it
    ├── BadName               a name is empty, too long, or a file has none
    ├── NameTaken             another collection has this name
    ├── CollectionMissing     there is no such collection
    ├── DocumentMissing       the collection holds no such document
    └── LibraryLost           not raised: the library was damaged, and starts empty

What the disk says comes as `tools.storage.StorageError`.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from tools.errors import FinaleError

__all__ = [
    "BadName",
    "CollectionMissing",
    "DamagedFile",
    "DocumentMissing",
    "EncryptedFile",
    "FileMissing",
    "LibraryError",
    "LibraryLost",
    "NameTaken",
    "NoText",
    "OverLimit",
    "ReadingCancelled",
    "UnsupportedKind",
]


class LibraryError(FinaleError):
    """Raised, as one of the classes below, for anything about a person's own texts."""

    code = "library_failed"
    words_file: ClassVar[Path] = Path(__file__).with_name("messages.yaml")


class FileMissing(LibraryError):
    """Raised when a path names no file, or one that may not be read."""

    code = "file_missing"


class UnsupportedKind(LibraryError):
    """Raised when a file's beginning shows a kind that no reader knows; the key may name it."""

    code = "unsupported_kind"


class DamagedFile(LibraryError):
    """Raised when a file of a known kind cannot be read because it is broken."""

    code = "damaged_file"


class EncryptedFile(LibraryError):
    """Raised when a PDF or DOCX cannot be opened without its password."""

    code = "encrypted_file"


class NoText(LibraryError):
    """Raised when a file holds no text; key `scanned` for a PDF of pictures, `garbled` for one whose text is no text."""

    code = "no_text"


class OverLimit(LibraryError):
    """Raised when something exceeds a limit of `limits`; the key names which, `limit` is its value."""

    code = "too_large"


class ReadingCancelled(LibraryError):
    """Raised when `cancelled` said so; the library is as it was before."""

    code = "reading_cancelled"


class BadName(LibraryError):
    """Raised when a collection's name is empty or too long, or text came without a file name."""

    code = "bad_name"


class NameTaken(LibraryError):
    """Raised when a collection would get the name of another one."""

    code = "name_taken"


class CollectionMissing(LibraryError):
    """Raised when no collection has this id or name."""

    code = "collection_missing"


class DocumentMissing(LibraryError):
    """Raised when a collection holds no document with this id or name."""

    code = "document_missing"


class LibraryLost(LibraryError):
    """Told, not raised, while an empty library stands in place of a damaged one; `path` is where that is kept."""

    code = "library_lost"
