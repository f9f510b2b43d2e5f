"""The index: Chroma under FINALE_HOME/index with one owner at a time, or on a Chroma server that several may use.

Chroma holds vectors, and of each passage what a search filters by. Its words stay where they are from (the knowledge files,
library.db): what Chroma deletes can be read in its files for long after, and nobody's notes may. For the same reason a
passage is known by a digest of its id, which holds the names of its file and heading.
Whatever does not fit any more (another embedder, another schema) is built again rather than repaired; a database that
cannot be read is renamed and kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.retrieval.chroma import (
    collection_name,
    delete_collection,
    ephemeral,
    failing,
    home_prefix,
    persistent,
    repaired,
    served,
    server_label,
    where_clause,
)
from tools.retrieval.chunk import Chunk
from tools.retrieval.embed import Embedder, for_questions
from tools.retrieval.errors import IndexLocked, RetrievalError
from tools.storage import writable_home, writing

if TYPE_CHECKING:
    import numpy as np
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

__all__ = ["Index", "SyncReport", "memory_index", "open_index", "passage_key"]

# Raised when what is written differs: an index of an earlier schema (1 held the words too) is thrown away when it is opened.
_SCHEMA = 2
# What is lost when the process is killed is at most one batch of embedding work. An embedder may want its own size.
_BATCH = 64
# How many rows are read at once: a server sends vectors as text, and a database takes only so many ids in one question.
_PAGE = 1000
# What a collection was last made to hold, in its own metadata: "" while that is being changed.
_HELD = "held"


@dataclass(frozen=True)
class SyncReport:
    """What a sync did, in passages."""

    added: int
    removed: int
    kept: int


class Index(contextlib.AbstractContextManager["Index"]):
    """Collections of passages with their vectors. Safe for the threads of one process; close it or use it with `with`."""

    def __init__(
        self,
        client: ClientAPI,
        embedder: Embedder,
        *,
        path: Path | None = None,
        server: str = "",
        writable: bool = True,
        prefix: str = "kb",
        release: Callable[[], object] = lambda: None,
    ) -> None:
        self.path = path
        self.server = server
        self.embedder = embedder
        self.asking = for_questions(embedder)
        self.writable = writable
        self._client: ClientAPI | None = client
        self._prefix = prefix
        self._release = release
        self._lock = threading.RLock()

    @property
    def persistent(self) -> bool:
        """Whether what is written here is still there for the next process."""
        return self.path is not None or bool(self.server)

    @property
    def label(self) -> str:
        """Where the index is, as errors name it."""
        return self.server or str(self.path or "(memory)")

    def sync(
        self,
        collection: str,
        chunks: Sequence[Chunk],
        on_progress: Callable[[int, int], None] | None = None,
        *,
        donor: Index | None = None,
    ) -> SyncReport:
        """Make `collection` hold exactly `chunks`: adds what is new, then removes what is gone, in batches, by id.

        May be killed at any time: batches that were written stay, the rest is done by the next sync. Passages go only
        after the new ones are in, so searches always find something. `on_progress(done, total)` counts new passages.
        Vectors that `donor` already holds are copied from there, if they are the same embedder's. A collection that holds
        these very chunks already is known by a digest, without reading it.

        Raises:
            RetrievalError: the index is closed, was opened for reading, or could not be written.
            FinaleError: whatever the embedder raises; what was written before stays.
        """
        with self._lock, self._using(change=True) as client:
            store = self._made(client, collection)
            wanted = {passage_key(chunk.id): (chunk, _fields(chunk)) for chunk in chunks}
            digest = _digest(wanted)
            # On a server other processes write the collection too: there only looking tells.
            if not self.server and (store.metadata or {}).get(_HELD) == digest:
                return SyncReport(0, 0, len(wanted))
            self._note(store, collection, "")
            held = store.get(include=["metadatas"])
            known = dict(zip(held["ids"], held["metadatas"] or [], strict=True))
            fresh = [(key, *each) for key, each in wanted.items() if known.get(key) != each[1]]
            gone = [key for key in known if key not in wanted]
            alike = donor is not None and donor._stamp(collection) == self._stamp(collection)
            given = donor.vectors(collection, [chunk.id for _, chunk, _ in fresh]) if donor and alike else {}
            size = getattr(self.embedder, "batch", _BATCH)
            for start in range(0, len(fresh), size):
                batch = fresh[start : start + size]
                store.upsert(
                    ids=[key for key, _, _ in batch],
                    embeddings=self._embedded([chunk for _, chunk, _ in batch], given),
                    metadatas=[fields for _, _, fields in batch],
                )
                if on_progress:
                    on_progress(start + len(batch), len(fresh))
            for start in range(0, len(gone), _BATCH):
                store.delete(ids=gone[start : start + _BATCH])
            self._note(store, collection, digest)
        return SyncReport(len(fresh), len(gone), len(wanted) - len(fresh))

    def _embedded(self, batch: Sequence[Chunk], given: Mapping[str, np.ndarray]) -> np.ndarray:
        import numpy as np

        missing = [chunk.searched_text() for chunk in batch if chunk.id not in given]
        made = iter(self.embedder.embed(missing)) if missing else iter(())
        return np.stack([given[chunk.id] if chunk.id in given else next(made) for chunk in batch])

    def count(self, collection: str) -> int:
        """How many passages `collection` holds; 0 if there is no such collection."""
        with self._lock, self._using() as client:
            store = self._found(client, collection)
            return store.count() if store is not None else 0

    def vectors(self, collection: str, ids: Sequence[str]) -> dict[str, np.ndarray]:
        """Id -> vector ((dims,), length 1) of those of the passages `ids` that `collection` holds."""
        import numpy as np

        found: dict[str, np.ndarray] = {}
        with self._lock, self._using() as client:
            store = self._found(client, collection)
            if store is None:
                return found
            named = {passage_key(id_): id_ for id_ in ids}
            keys = list(named)
            for start in range(0, len(keys), _PAGE):
                held = store.get(ids=keys[start : start + _PAGE], include=["embeddings"])
                rows = np.asarray(held["embeddings"], dtype=np.float32).reshape(-1, self.embedder.dims)
                found.update(zip((named[key] for key in held["ids"]), rows, strict=True))
        return found

    def nearest(
        self, collection: str, vector: np.ndarray, k: int, *, where: Mapping[str, Sequence[str]] | None = None
    ) -> dict[str, float]:
        """About `k` passages nearest to `vector` ((dims,), length 1) as Chroma's own search finds them: `passage_key` -> cosine.

        `where` keeps only passages whose field has one of the values: `{"type": ["INFP", ""]}`. The search is approximate:
        where a filter keeps few among near-duplicates, Chroma 1.5.9 misses passages. Rank in memory what fits there.
        """
        with self._lock, self._using() as client:
            store = self._found(client, collection)
            if store is None or k < 1:
                return {}
            near = store.query(
                query_embeddings=[vector],
                n_results=min(k, max(1, store.count())),
                where=where_clause(where or {}),
                include=["distances"],
            )
        return {key: 1.0 - far for key, far in zip(near["ids"][0], near["distances"][0], strict=True)}

    def collections(self) -> list[str]:
        """The names of the collections that fit this embedder, sorted."""
        with self._lock, self._using() as client:
            return sorted(
                store.metadata["collection"]
                for store in client.list_collections()
                if store.name.startswith(f"{self._prefix}-") and self._fits(store)
            )

    def drop(self, collection: str) -> None:
        """Remove `collection` with all its passages; nothing happens if there is none."""
        with self._lock, self._using(change=True) as client:
            delete_collection(client, collection_name(self._prefix, collection))

    def close(self) -> None:
        """Give up the folder, so that another process can open it. May be called twice."""
        with self._lock:
            client, self._client = self._client, None
            if client is None:
                return
            try:
                # In-memory clients share one store for the whole process: leave nothing of ours in it.
                for store in [] if self.persistent else client.list_collections():
                    if store.name.startswith(f"{self._prefix}-"):
                        delete_collection(client, store.name)
                client.close()
            finally:
                self._release()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _stamp(self, collection: str) -> dict[str, Any]:
        made_by = {"embedder": self.embedder.name, "revision": self.embedder.revision, "dims": self.embedder.dims}
        return {"collection": collection, "schema": _SCHEMA, **made_by}

    def _fits(self, store: Collection) -> bool:
        made = {name: value for name, value in (store.metadata or {}).items() if name != _HELD}
        return made == self._stamp(made.get("collection", ""))

    def _note(self, store: Collection, collection: str, digest: str) -> None:
        """Keep with a collection what it holds."""
        if (store.metadata or {}).get(_HELD, "") != digest:
            store.modify(metadata={**self._stamp(collection), _HELD: digest})

    def _found(self, client: ClientAPI, collection: str) -> Collection | None:
        store = self._existing(client, collection)
        # Vectors of another embedder cannot be compared with ours; the next sync builds the collection again.
        return store if store is not None and self._fits(store) else None

    def _existing(self, client: ClientAPI, collection: str) -> Collection | None:
        from chromadb.errors import NotFoundError

        try:
            return client.get_collection(collection_name(self._prefix, collection), embedding_function=None)
        except NotFoundError:
            return None

    def _made(self, client: ClientAPI, collection: str) -> Collection:
        name, store = collection_name(self._prefix, collection), self._existing(client, collection)
        if store is not None and self._fits(store):
            return store
        if store is not None:
            delete_collection(client, name)
        # Not `create`: on a server another process may make the same collection in this very moment.
        return client.get_or_create_collection(
            name,
            metadata=self._stamp(collection),
            embedding_function=None,
            # Only looking is wider than Chroma's defaults. A wider build among near-duplicates, which is what passages
            # of one kind are, takes ten times as long (26 s instead of 2 for 3,000), and again for what is replayed at
            # a start; and collections of this size are ranked exactly.
            configuration={"hnsw": {"space": "cosine", "ef_search": 400}},
        )

    @contextlib.contextmanager
    def _using(self, *, change: bool = False) -> Iterator[ClientAPI]:
        if self._client is None:
            raise RetrievalError("index_closed", path=self.label)
        if change and not self.writable:
            raise RetrievalError("index_read_only", path=self.label)
        with failing(self.label):
            yield self._client


def open_index(home: Path, *, embedder: Embedder | None = None, writable: bool = True, url: str = "") -> Index:
    """The index in `home`/index. Whoever opens it for writing owns it until closed; nobody waits for it.

    `embedder` is the gloss table by default.
    With `writable=False` no ownership is taken: passages are read as the owner last wrote them, nothing can be changed.
    With `url` the index is on that Chroma server instead, where several processes may write; the collections of two
    homes stay apart there.

    Raises:
        IndexLocked: another process, or another part of this one, owns it.
        IndexUnreachable: `url` is no address, or no Chroma server answers there.
        StorageError: `home` cannot be written.
        RetrievalError: there is no index to read, or the database cannot be opened.
    """
    embedder = embedder or _gloss()
    if url:
        client = served(url)
        return Index(client, embedder, server=server_label(url), writable=writable, prefix=home_prefix(home))
    folder = home / "index"
    if not writable:
        if not (folder / "chroma.sqlite3").is_file():
            raise RetrievalError("index_absent", path=folder)
        return Index(persistent(folder), embedder, path=folder, writable=False)

    from filelock import FileLock, Timeout

    writable_home(home)
    # Not inside the folder: the lock must stay where it is when a damaged folder is renamed.
    lock = FileLock(home / "index.lock", timeout=0, thread_local=False)
    with writing(home):
        try:
            lock.acquire()
        except Timeout:
            raise IndexLocked(path=folder) from None
    try:
        client = repaired(folder, _SCHEMA)
    except BaseException:
        lock.release()
        raise
    return Index(client, embedder, path=folder, release=lock.release)


def memory_index(embedder: Embedder | None = None) -> Index:
    """An empty index that lives in this process only, for whoever could not get a lasting one."""
    # All in-memory clients of a process see the same store, so each of ours gets names of its own.
    return Index(ephemeral(), embedder or _gloss(), prefix=f"mem-{uuid.uuid4().hex[:12]}")


def passage_key(id: str) -> str:
    """What a passage with this id is called in the index."""
    return hashlib.sha256(id.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _fields(chunk: Chunk) -> dict[str, str]:
    """What is kept of a passage beside its vector: what a search filters by, and what the vector was made of."""
    words = hashlib.sha256(chunk.searched_text().encode("utf-8", "surrogatepass")).hexdigest()[:24]
    return {"type": chunk.type, "topic": chunk.topic, "words": words}


def _digest(wanted: Mapping[str, tuple[Chunk, dict[str, str]]]) -> str:
    whole = hashlib.sha256()
    for key in sorted(wanted):
        whole.update(repr((key, sorted(wanted[key][1].items()))).encode())
    return whole.hexdigest()[:32]


def _gloss() -> Embedder:
    from tools.retrieval.gloss import GlossEmbedder

    return GlossEmbedder()
