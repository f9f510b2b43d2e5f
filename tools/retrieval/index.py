"""The index: Chroma under FINALE_HOME/index with one owner at a time, or on a Chroma server that several may use.

Chroma holds passages, vectors and fields; the vectors are always ours. Whatever does not fit any more (another embedder,
another schema) is built again rather than repaired; a database that cannot be read is renamed and kept.
"""

from __future__ import annotations

import contextlib
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

__all__ = ["Index", "SyncReport", "memory_index", "open_index"]

_SCHEMA = 1
# What is lost when the process is killed is at most one batch of embedding work. An embedder may want its own size.
_BATCH = 64
# How many rows are read at once: a server sends vectors as text, and a database takes only so many ids in one question.
_PAGE = 1000
_NOTHING: dict[str, list[Any]] = {"ids": [], "documents": [], "metadatas": []}


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
        Vectors that `donor` already holds are copied from there, if they are the same embedder's.

        Raises:
            RetrievalError: the index is closed, was opened for reading, or could not be written.
            FinaleError: whatever the embedder raises; what was written before stays.
        """
        with self._lock, self._using(change=True) as client:
            store = self._made(client, collection)
            held = store.get(include=["metadatas"])
            fields = dict(zip(held["ids"], held["metadatas"] or [], strict=True))
            wanted = {chunk.id: chunk for chunk in chunks}
            # An id fixes the text, so only a passage whose fields changed is written again under the same id.
            fresh = [chunk for id_, chunk in wanted.items() if fields.get(id_) != dict(chunk.meta)]
            gone = [id_ for id_ in fields if id_ not in wanted]
            alike = donor is not None and donor._stamp(collection) == self._stamp(collection)
            given = donor.vectors(collection) if donor and alike and fresh else {}
            size = getattr(self.embedder, "batch", _BATCH)
            for start in range(0, len(fresh), size):
                batch = fresh[start : start + size]
                store.upsert(
                    ids=[chunk.id for chunk in batch],
                    embeddings=self._embedded(batch, given),
                    documents=[chunk.text for chunk in batch],
                    metadatas=[dict(chunk.meta) for chunk in batch],
                )
                if on_progress:
                    on_progress(start + len(batch), len(fresh))
            for start in range(0, len(gone), _BATCH):
                store.delete(ids=gone[start : start + _BATCH])
        return SyncReport(len(fresh), len(gone), len(wanted) - len(fresh))

    def _embedded(self, batch: Sequence[Chunk], given: Mapping[str, np.ndarray]) -> np.ndarray:
        import numpy as np

        missing = [chunk.searched_text() for chunk in batch if chunk.id not in given]
        made = iter(self.embedder.embed(missing)) if missing else iter(())
        return np.stack([given[chunk.id] if chunk.id in given else next(made) for chunk in batch])

    def chunks(self, collection: str) -> list[Chunk]:
        """Every passage of `collection`; none if there is no such collection."""
        with self._lock, self._using() as client:
            store = self._found(client, collection)
            held = store.get(include=["documents", "metadatas"]) if store is not None else _NOTHING
        return [Chunk(*row) for row in zip(held["ids"], held["documents"], held["metadatas"], strict=True)]

    def vectors(self, collection: str, ids: Sequence[str] | None = None) -> dict[str, np.ndarray]:
        """Id -> vector ((dims,), length 1) of the passages of `collection`; of `ids` only, where given and held."""
        import numpy as np

        found: dict[str, np.ndarray] = {}
        with self._lock, self._using() as client:
            store = self._found(client, collection)
            if store is None:
                return found
            wanted = list(ids) if ids is not None else store.get(include=[])["ids"]
            for start in range(0, len(wanted), _PAGE):
                held = store.get(ids=wanted[start : start + _PAGE], include=["embeddings"])
                rows = np.asarray(held["embeddings"], dtype=np.float32).reshape(-1, self.embedder.dims)
                found.update(zip(held["ids"], rows, strict=True))
        return found

    def nearest(
        self, collection: str, vector: np.ndarray, k: int, *, where: Mapping[str, Sequence[str]] | None = None
    ) -> dict[str, float]:
        """About `k` passages nearest to `vector` ((dims,), length 1) as Chroma's own search finds them: id -> cosine.

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
        return {id_: 1.0 - far for id_, far in zip(near["ids"][0], near["distances"][0], strict=True)}

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
        return (store.metadata or {}) == self._stamp((store.metadata or {}).get("collection", ""))

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
            # Wider than Chroma's defaults: passages of one kind are near-duplicates, among which a narrow search gets lost.
            configuration={"hnsw": {"space": "cosine", "ef_construction": 200, "ef_search": 400, "max_neighbors": 48}},
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
        client = repaired(folder)
    except BaseException:
        lock.release()
        raise
    return Index(client, embedder, path=folder, release=lock.release)


def memory_index(embedder: Embedder | None = None) -> Index:
    """An empty index that lives in this process only, for whoever could not get a lasting one."""
    # All in-memory clients of a process see the same store, so each of ours gets names of its own.
    return Index(ephemeral(), embedder or _gloss(), prefix=f"mem-{uuid.uuid4().hex[:12]}")


def _gloss() -> Embedder:
    from tools.retrieval.gloss import GlossEmbedder

    return GlossEmbedder()
