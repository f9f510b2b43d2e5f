"""A person's own texts: read from files, kept in collections, cut into passages that can be searched and cited.

from tools.retrieval.library import Library
with Library(home) as library:
    added = library.add(Path("筆記.pdf"), collection="我的筆記")
    chunks = library.chunks(added.collection.id)
"""

from tools.retrieval.library.errors import (
    BadName,
    CollectionMissing,
    DamagedFile,
    DocumentMissing,
    EncryptedFile,
    FileMissing,
    LibraryError,
    LibraryLost,
    NameTaken,
    NoText,
    OverLimit,
    ReadingCancelled,
    UnsupportedKind,
)
from tools.retrieval.library.limits import DEFAULT_COLLECTION, MAX_FILE_BYTES, MAX_NAME
from tools.retrieval.library.readers import SUPPORTED
from tools.retrieval.library.records import Added, Collection, Document, Note
from tools.retrieval.library.store import Library, open_library

__all__ = [
    "DEFAULT_COLLECTION",
    "MAX_FILE_BYTES",
    "MAX_NAME",
    "SUPPORTED",
    "Added",
    "BadName",
    "Collection",
    "CollectionMissing",
    "DamagedFile",
    "Document",
    "DocumentMissing",
    "EncryptedFile",
    "FileMissing",
    "Library",
    "LibraryError",
    "LibraryLost",
    "NameTaken",
    "NoText",
    "Note",
    "OverLimit",
    "ReadingCancelled",
    "UnsupportedKind",
    "open_library",
]
