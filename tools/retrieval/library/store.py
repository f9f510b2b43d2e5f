"""The library on disk: collections, documents and passages in `library.db` under FINALE_HOME.

Several processes and threads may use it at once. A file is read before anything is written, and all that it brings is
written in one transaction: whatever stops an `add`, the library is as it was. Vectors are no business of this module.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from tools.retrieval.chunk import Chunk
from tools.retrieval.library.cleaning import collection_name, document_name, name_key
from tools.retrieval.library.errors import (
    CollectionMissing,
    DocumentMissing,
    FileMissing,
    LibraryError,
    NameTaken,
    NoText,
    OverLimit,
)
from tools.retrieval.library.limits import DEFAULT_COLLECTION, MAX_FILE_BYTES, READER_VERSION
from tools.retrieval.library.passages import passages_of
from tools.retrieval.library.readers import Progress, Watch, read
from tools.retrieval.library.records import Added, Collection, Document, Note, Status
from tools.retrieval.library.rows import (
    MIGRATIONS,
    Rows,
    changed,
    chunks_of,
    collection_for,
    every_collection,
    forget_shelf,
    held,
    put,
)
from tools.storage import Database
from tools.words import Words

__all__ = ["Library", "open_library"]

_FILE = "library.db"
_WIPE_MS = 300


class Library:
    """A person's own texts. Close it, or use it with `with`.

    Raises (every method):
        StorageError: `library.db` cannot be read or written.
    """

    def __init__(self, home: Path) -> None:
        self.database = Database(home / _FILE, MIGRATIONS)
        self._home = home
        # What a person deletes is theirs to have gone: freed pages are overwritten.
        self.database.rows("PRAGMA secure_delete=ON")
        self._words = Words.load(LibraryError.words_file)

    def add(
        self,
        source: Path | str | bytes,
        filename: str = "",
        collection: str = DEFAULT_COLLECTION,
        on_progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Added:
        """Read a file (a path, or its bytes with a `filename`) into a collection, named or given by its id.

        A collection that does not exist is made, and is preferred from the start. A document of the same name is
        replaced; the same file again is not stored twice. `on_progress(done, of, what)` tells how far it is, `what`
        being "read" (pages), "split" or "store"; `cancelled()` is asked between pages.

        Raises:
            LibraryError: the file cannot be taken in; the library is as it was before.
        """
        file, data = _taken(source, filename)
        name = collection_name(collection)
        digest = hashlib.sha256(b"%d:" % READER_VERSION + data).hexdigest()
        with self.database.transaction() as db:
            already = _already(db, name, file, digest)
        if already:
            return already
        watch = Watch(file, on_progress, cancelled)
        reading = read(data, watch)
        passages = passages_of(reading, watch, self._words)
        if not passages:
            raise NoText(file=file)
        watch.step(0, 1, "store")
        with self.database.transaction() as db:
            # Another process may have added the same file in the meantime.
            already = _already(db, name, file, digest)
            if not already:
                id_ = collection_for(db, name)
                status = put(db, id_, file, digest, len(data), reading, passages)
                replaced = (Note("replaced", {"file": file}),) if status == "replaced" else ()
                added = _added(db, id_, lambda document: document.name == file, (*reading.notes, *replaced), status)
        if not already and status == "replaced":
            self._wipe()
        Watch(file, on_progress).step(1, 1, "store")  # it is stored: too late to cancel
        return already or added

    def collections(self) -> list[Collection]:
        """Every collection with its documents, the oldest first."""
        return every_collection(self.database.rows)

    def get(self, name: str) -> Collection:
        """The collection with this id or, failing that, this name.

        Raises:
            CollectionMissing: there is none.
        """
        every = self.collections()
        key = name_key(name.strip())
        found = [each for each in every if each.id == name] or [each for each in every if name_key(each.name) == key]
        if not found:
            raise _missing(name, every)
        return found[0]

    def rename(self, id: str, name: str) -> Collection:
        """Give a collection another name; its id and its passages' ids stay.

        Raises:
            CollectionMissing, BadName, NameTaken.
        """
        shown = collection_name(name)
        with self._changing(id) as db:
            try:
                db.execute("UPDATE collections SET name = ?, key = ? WHERE id = ?", (shown, name_key(shown), id))
            except sqlite3.IntegrityError as error:
                raise NameTaken(name=shown) from error
        return self.get(id)

    def prefer(self, id: str, preferred: bool = True) -> Collection:
        """Search a collection unasked, before the house knowledge, or only when it is asked for.

        Raises:
            CollectionMissing.
        """
        with self._changing(id) as db:
            db.execute("UPDATE collections SET preferred = ? WHERE id = ?", (int(preferred), id))
        return self.get(id)

    def delete(self, id: str) -> None:
        """Delete a collection with all its documents.

        Raises:
            CollectionMissing.
        """
        with self._changing(id) as db:
            db.execute("DELETE FROM collections WHERE id = ?", (id,))
        self._wipe()

    def delete_document(self, id: str, document: str) -> None:
        """Delete one document, by its id or its name, from the collection `id`.

        Raises:
            CollectionMissing, DocumentMissing.
        """
        with self._changing(id) as db:
            where = "DELETE FROM documents WHERE collection = ? AND (id = ? OR name = ?)"
            if not db.execute(where, (id, document, document)).rowcount:
                raise DocumentMissing(name=document[:80])
            forget_shelf(db, id)
        self._wipe()

    def chunks(self, id: str) -> list[Chunk]:
        """All passages of a collection, document by document in the order they were added; [] for an empty one.

        Raises:
            CollectionMissing.
        """
        if not self.database.row("SELECT 1 FROM collections WHERE id = ?", id):
            raise _missing(id, self.collections())
        return chunks_of(self.database.rows, id)

    def signature(self) -> str:
        """Another value after any change, by whichever process; cheap enough to look at before every search."""
        row = self.database.row("SELECT born, revision FROM state")
        return f"{row['born']}-{row['revision']}" if row else ""

    def shelf(self, id: str, name: str) -> bytes | None:
        """What was kept for a collection under this name; None if nothing was, or something else."""
        row = self.database.row("SELECT data FROM shelves WHERE collection = ? AND name = ?", id, name)
        return row["data"] if row else None

    def keep_shelf(self, id: str, name: str, data: bytes) -> None:
        """Keep what a search made of a collection, in place of what was kept before. It goes when a text of it goes."""
        with self.database.transaction() as db:
            if db.execute("SELECT 1 FROM collections WHERE id = ?", (id,)).fetchone():
                db.execute("INSERT OR REPLACE INTO shelves VALUES (?, ?, ?)", (id, name, data))

    def lost(self) -> Path | None:
        """The damaged file that an empty library took the place of; None once something was added or the file removed."""
        kept = [path for path in self._home.glob(f"{_FILE}.damaged-*") if not path.name.endswith(("-wal", "-shm"))]
        if not kept or self.database.row("SELECT 1 FROM collections"):
            return None
        return max(kept)

    def close(self) -> None:
        self.database.close()

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _wipe(self) -> None:
        """Empty SQLite's log of changes, where deleted words still stand. While somebody reads it waits for the next time."""
        usual = self.database.row("PRAGMA busy_timeout")[0]
        self.database.rows(f"PRAGMA busy_timeout={_WIPE_MS}")
        try:
            self.database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            self.database.rows(f"PRAGMA busy_timeout={usual}")

    @contextlib.contextmanager
    def _changing(self, id: str) -> Iterator[sqlite3.Connection]:
        """A transaction that changes one collection, which has to exist."""
        with self.database.transaction() as db:
            if not db.execute("SELECT 1 FROM collections WHERE id = ?", (id,)).fetchone():
                raise _missing(id, every_collection(_asking(db)))
            yield db
            changed(db)


def _taken(source: Path | str | bytes, filename: str) -> tuple[str, bytes]:
    """A safe file name and the bytes, never more of them than the limit."""
    if isinstance(source, bytes):
        file = document_name(filename)
        if len(source) > MAX_FILE_BYTES:
            raise OverLimit(file=file, limit=MAX_FILE_BYTES // 2**20)
        return file, source
    path = Path(source)
    file = document_name(filename or path.name)
    try:
        if not path.is_file():  # a folder, a device, a pipe
            raise FileMissing(path=path)
        with path.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            data = stream.read(MAX_FILE_BYTES + 1) if size <= MAX_FILE_BYTES else None
    except (OSError, ValueError) as error:
        raise FileMissing(path=path) from error
    if data is None or len(data) > MAX_FILE_BYTES:
        raise OverLimit(file=file, limit=MAX_FILE_BYTES // 2**20)
    return file, data


def _asking(db: sqlite3.Connection) -> Rows:
    """Reading statements inside the transaction of `db`."""
    return lambda sql, *params: db.execute(sql, params).fetchall()


def _already(db: sqlite3.Connection, name: str, file: str, digest: str) -> Added | None:
    """What `add` answers for a file that the collection holds."""
    there = held(_asking(db), name, file, digest)
    if not there:
        return None
    found = _added(db, there[0], lambda document: document.id == there[1], (), "unchanged")
    note = Note("already_there", {"file": file, "name": found.document.name, "collection": found.collection.name})
    return replace(found, notes=(note,))


def _added(
    db: sqlite3.Connection, id: str, wanted: Callable[[Document], bool], notes: tuple[Note, ...], status: Status
) -> Added:
    owner = next(each for each in every_collection(_asking(db)) if each.id == id)
    document = next(each for each in owner.documents if wanted(each))
    return Added(owner, document, document.passages, document.pages, notes, status)


def _missing(name: str, every: Iterable[Collection]) -> CollectionMissing:
    return CollectionMissing(name=name[:80], known="、".join(each.name for each in every) or "—")


@cache
def open_library(home: Path) -> Library:
    """The one library of this process for `home`, for whoever comes again and again; nobody closes it."""
    return Library(home)
