"""The tables of a library, and what is read from and written to them."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from tools.retrieval.chunk import Chunk, chunk_id
from tools.retrieval.library.cleaning import anchor, name_key
from tools.retrieval.library.errors import OverLimit
from tools.retrieval.library.limits import MAX_COLLECTIONS, MAX_PASSAGES
from tools.retrieval.library.passages import Passage
from tools.retrieval.library.readers import Reading
from tools.retrieval.library.records import Collection, Document, Status

__all__ = [
    "MIGRATIONS",
    "Rows",
    "changed",
    "chunks_of",
    "collection_for",
    "every_collection",
    "forget_shelf",
    "held",
    "put",
]

# Asks one reading statement, inside a transaction or outside.
Rows = Callable[..., list[sqlite3.Row]]

MIGRATIONS = (
    """
    CREATE TABLE state (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), born TEXT NOT NULL, revision INTEGER NOT NULL);
    INSERT INTO state VALUES (1, lower(hex(randomblob(8))), 0);
    CREATE TABLE collections (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, key TEXT NOT NULL UNIQUE, preferred INTEGER NOT NULL,
        created REAL NOT NULL);
    CREATE TABLE documents (
        id TEXT PRIMARY KEY, collection TEXT NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
        name TEXT NOT NULL, title TEXT NOT NULL, kind TEXT NOT NULL, bytes INTEGER NOT NULL, digest TEXT NOT NULL,
        pages INTEGER NOT NULL, added REAL NOT NULL, UNIQUE (collection, name));
    CREATE TABLE passages (
        id TEXT PRIMARY KEY, document TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
        position INTEGER NOT NULL, heading TEXT NOT NULL, type TEXT NOT NULL, text TEXT NOT NULL,
        UNIQUE (document, position))
    """,
    # What a search made of a collection, so that the next process need not: gone with any text it was made of.
    """
    CREATE TABLE shelves (
        collection TEXT PRIMARY KEY REFERENCES collections (id) ON DELETE CASCADE, name TEXT NOT NULL, data BLOB NOT NULL)
    """,
)
_COLLECTIONS = """
    SELECT c.id AS collection, c.name AS called, c.preferred, d.*,
        (SELECT count(*) FROM passages WHERE document = d.id) AS passages
    FROM collections c LEFT JOIN documents d ON d.collection = c.id
    ORDER BY c.created, c.name, d.added, d.name
"""
_CHUNKS = """
    SELECT passages.*, documents.name AS file, documents.title AS title
    FROM passages JOIN documents ON documents.id = passages.document
    WHERE documents.collection = ? ORDER BY documents.added, documents.name, passages.position
"""
_HELD = """
    SELECT documents.* FROM documents JOIN collections ON collections.id = documents.collection
    WHERE (collections.id = ? OR collections.key = ?) AND (digest = ? OR documents.name = ?)
"""


def every_collection(rows: Rows) -> list[Collection]:
    """All collections with their documents, the oldest first; asked in one statement, so that they fit together."""
    found: dict[str, tuple[str, bool, list[Document]]] = {}
    for row in rows(_COLLECTIONS):
        _, _, documents = found.setdefault(row["collection"], (row["called"], bool(row["preferred"]), []))
        if row["id"] is not None:
            documents.append(Document(**{name: row[name] for name in Document.__dataclass_fields__}))
    return [Collection(id_, name, preferred, tuple(each)) for id_, (name, preferred, each) in found.items()]


def chunks_of(rows: Rows, collection: str) -> list[Chunk]:
    """The passages of a collection as they are searched."""
    return [
        Chunk(
            row["id"],
            row["text"],
            {
                "collection": collection,
                "file": row["file"],
                "heading": row["heading"],
                "topic": "",
                "type": row["type"],
                "title": row["title"],
            },
        )
        for row in rows(_CHUNKS, collection)
    ]


def held(rows: Rows, name: str, file: str, digest: str) -> tuple[str, str] | None:
    """(collection, document) that already hold this very file; None also if its name now holds something else."""
    found = rows(_HELD, name, name_key(name), digest, file)
    same_name = [row for row in found if row["name"] == file]
    match = next((row for row in same_name or found if row["digest"] == digest), None)
    return (match["collection"], match["id"]) if match else None


def collection_for(db: sqlite3.Connection, name: str) -> str:
    """The id of the collection with this id or name, made if there is none."""
    key = name_key(name)
    row = db.execute("SELECT id FROM collections WHERE id = ? OR key = ? ORDER BY id = ? DESC", (name, key, name))
    found = row.fetchone()
    if found:
        return found["id"]
    if db.execute("SELECT count(*) FROM collections").fetchone()[0] >= MAX_COLLECTIONS:
        raise OverLimit("too_many_collections", limit=MAX_COLLECTIONS)
    # From the name, so that the same texts get the same ids on another machine; a renamed one may hold it already.
    taken = {row["id"] for row in db.execute("SELECT id FROM collections")}
    id_ = next(id_ for n in range(len(taken) + 1) if (id_ := _id("c", key, str(n))) not in taken)
    db.execute("INSERT INTO collections VALUES (?, ?, ?, 1, ?)", (id_, name, key, time.time()))
    return id_


def put(
    db: sqlite3.Connection,
    collection: str,
    file: str,
    digest: str,
    size: int,
    reading: Reading,
    passages: Sequence[Passage],
) -> Status:
    """Write a document and its passages in place of an earlier one of the same name."""
    replaced = db.execute("DELETE FROM documents WHERE collection = ? AND name = ?", (collection, file)).rowcount
    if replaced:
        forget_shelf(db, collection)
    ids = {
        row["id"]
        for row in db.execute(
            "SELECT passages.id FROM passages JOIN documents ON documents.id = document WHERE collection = ?",
            (collection,),
        )
    }
    if len(ids) + len(passages) > MAX_PASSAGES:
        raise OverLimit("too_many_passages", file=file, passages=len(ids) + len(passages), limit=MAX_PASSAGES)
    document, stem = _id("d", collection, file), Path(file).stem
    title = reading.title or stem
    db.execute(
        "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (document, collection, file, title, reading.kind, size, digest, reading.pages, time.time()),
    )
    same: Counter[str] = Counter()
    for position, passage in enumerate(passages):
        # The collection is part of the id: one file may be in two of them, or be a copy of a house file.
        id_ = plain = f"{collection}:{chunk_id(stem, anchor(passage.heading) or 'text', passage.text)}"
        while id_ in ids:  # the same words in the same place again
            same[plain] += 1
            id_ = f"{plain}-{same[plain] + 1}"
        ids.add(id_)
        row = (id_, document, position, passage.heading, passage.type, passage.text)
        db.execute("INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?)", row)
    changed(db)
    return "replaced" if replaced else "added"


def forget_shelf(db: sqlite3.Connection, collection: str) -> None:
    """Take away what was made of texts that are going."""
    db.execute("DELETE FROM shelves WHERE collection = ?", (collection,))


def changed(db: sqlite3.Connection) -> None:
    """Give the library another signature."""
    db.execute("UPDATE state SET revision = revision + 1")


def _id(kind: str, *parts: str) -> str:
    return kind + hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
