"""A person's own collections as shelves: taken in when they changed, also by another process, and only what changed."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tools.errors import FinaleError
from tools.retrieval.chunk import Chunk
from tools.retrieval.errors import Degraded, KnowledgeMissing
from tools.retrieval.hits import Hit
from tools.retrieval.index import Index
from tools.retrieval.shelf import Shelf
from tools.storage import StorageError

if TYPE_CHECKING:
    from tools.retrieval.library import Collection as Owned
    from tools.retrieval.library import Library

__all__ = ["Stacks"]

logger = logging.getLogger(__name__)

# The index holds the house knowledge too: no collection of a person may be mistaken for it.
_PREFIX = "library/"
# A person's own passage has no topic that could speak for it. What counts is how far the ranker puts it above the best
# tenth of its collection (which is what texts about other things reach for the same question), or above what they reach
# in a small one. Beside 10 to 300 passages of encyclopedia the house then keeps all but 1 in 100 of its questions among the
# best four; of questions that only those passages answer, 99 (Chinese) and 92 in 100 (English on Chinese) get theirs.
_MANY = 20
_CHANCE = 0.12
_MARGIN = 0.10
# What a preferred collection has ahead of one that is not, and of the house.
_PREFERRED = 0.05
# A collection whose vectors could not all be had (the day's requests are spent) is tried again after this many seconds.
_RETRY_S = 300.0


@dataclass
class _Held:
    """A collection as it was last taken in; `signature` is the library's at that time."""

    signature: str
    chunks: list[Chunk]
    shelf: Shelf
    complete: bool
    tried: float = field(default_factory=time.monotonic)


class Stacks:
    """The shelves of `library`, whose vectors `index` keeps. Safe for many threads."""

    def __init__(self, library: Library, index: Index, donor: Index | None = None) -> None:
        self._library = library
        self._index = index
        self._donor = donor
        self._taking_in = threading.Lock()
        self._closed = False
        self._seen = ""
        self._owned: dict[str, Owned] = {}
        self._held: dict[str, _Held] = {}
        self._failed: dict[str, FinaleError] = {}

    def find(self, query: str, types: Collection[str], topic: str, wanted: Sequence[str] | None, k: int) -> list[Hit]:
        """The `k` best passages of each collection, in any order.

        `wanted` are ids; None means the preferred collections. What changed is taken in first; while another thread is
        at that, what is there already is searched.

        Raises:
            KnowledgeMissing: there is no such collection.
            StorageError: the library cannot be read.
        """
        found = []
        for owned, shelf in self._shelves(wanted):
            tenth = len(shelf) // 10
            ranked = shelf.rank(query, lambda type, of: _fits(type, of, types, topic), max(k, tenth + 1))
            chance = ranked[tenth].score if len(shelf) >= _MANY and len(ranked) > tenth else _CHANCE
            ahead = (_PREFERRED if owned.preferred else 0.0) - chance - _MARGIN
            for one in ranked[:k]:
                score = min(1.0, max(0.0, one.score + ahead))
                chunk = shelf.chunks[one.position]
                found.append(Hit(chunk, score, one.lexical, one.semantic, 0.0, one.rerank, owned.id, owned.name))
        return found

    def take_in(self, on_progress: Callable[[int, int], None] | None = None) -> None:
        """Index every collection now. `on_progress(done, total)` counts passages.

        Raises:
            FinaleError: the library, the index or the embedder failed; what was indexed before stays.
        """
        with self._taking_in:
            if self._closed:
                return
            signature = self._look()
            total, done = sum(owned.passages for owned in self._owned.values()), 0
            for id_, owned in self._owned.items():
                # Kept passages come first at no cost, so what a sync reports is counted back from the collection's end.
                done += owned.passages

                def report(fresh: int, of: int, end: int = done) -> None:
                    if on_progress:
                        on_progress(end - of + fresh, total)

                if owned.preferred or id_ in self._held:
                    failure = self._place(id_, signature, report)
                else:
                    failure = self._sync(id_, self._chunks(id_), report)  # no search wants it in memory yet
                if failure:
                    raise failure
                if on_progress:
                    on_progress(done, total)

    def troubles(self) -> list[FinaleError]:
        """What a person should know: their library was damaged, or a collection that is searched is not indexed in full."""
        from tools.retrieval.library import LibraryLost

        found: list[FinaleError] = [Degraded("degraded_part", error) for error in self._failed.values()]
        with contextlib.suppress(StorageError):
            lost = None if self._closed else self._library.lost()
            found += [LibraryLost(path=lost)] if lost else []
        return found

    def close(self) -> None:
        """Give up the library. What was taken in stays searchable."""
        with self._taking_in:
            self._closed = True
            self._library.close()

    def _shelves(self, wanted: Sequence[str] | None) -> list[tuple[Owned, Shelf]]:
        if not self._closed:
            self._refresh(wanted)
        owned, held = self._owned, self._held
        for id_ in wanted or ():
            if id_ not in owned:
                raise KnowledgeMissing("collection_missing", collection=id_)
        return [(owned[id_], held[id_].shelf) for id_ in self._ids(wanted) if id_ in held]

    def _refresh(self, wanted: Sequence[str] | None) -> None:
        signature = self._library.signature()
        if signature != self._seen or any(self._due(id_, signature) for id_ in self._ids(wanted)):
            # Whoever named a collection waits until it is there; a search that just takes what is preferred does not.
            waits = wanted is not None and not set(wanted) <= self._held.keys()
            if self._taking_in.acquire(blocking=waits or not self._seen):
                try:
                    if self._closed:
                        return
                    signature = self._look()
                    for id_ in self._ids(wanted):
                        if self._due(id_, signature):
                            self._place(id_, signature)
                finally:
                    self._taking_in.release()

    def _ids(self, wanted: Sequence[str] | None) -> list[str]:
        owned = self._owned
        if wanted is None:
            return [id_ for id_, collection in owned.items() if collection.preferred]
        return [id_ for id_ in dict.fromkeys(wanted) if id_ in owned]

    def _due(self, id_: str, signature: str) -> bool:
        held = self._held.get(id_)
        if held is None or held.signature != signature:
            return True
        return not held.complete and time.monotonic() - held.tried > _RETRY_S

    def _look(self) -> str:
        """Take over the list of collections, and forget those that are gone; the library's signature."""
        signature = self._library.signature()
        if signature == self._seen:
            return signature
        owned = {collection.id: collection for collection in self._library.collections()}
        self._held = {id_: held for id_, held in self._held.items() if id_ in owned}
        self._failed = {id_: error for id_, error in self._failed.items() if id_ in owned}
        self._owned = owned
        try:
            for name in self._index.collections():
                if name.startswith(_PREFIX) and name.removeprefix(_PREFIX) not in owned:
                    self._index.drop(name)
        except FinaleError as error:
            logger.warning("a deleted collection is still in the index: %s", error.message("en"))
        self._seen = signature
        return signature

    def _chunks(self, id_: str) -> list[Chunk]:
        from tools.retrieval.library import CollectionMissing

        try:
            return self._library.chunks(id_)
        except CollectionMissing:  # deleted since we looked; the next look forgets it
            return []

    def _place(self, id_: str, signature: str, report: Callable[[int, int], None] | None = None) -> FinaleError | None:
        """Index a collection and put it on its shelf; what failed, if anything did."""
        held, chunks = self._held.get(id_), self._chunks(id_)
        if held and held.complete and held.chunks == chunks:
            held.signature = signature
            return None
        name = Shelf.name(self._index, chunks)
        kept = self._kept(id_, name)
        # An index in memory serves this process alone: what was kept says all that it would.
        failure = None if kept and not self._index.persistent else self._sync(id_, chunks, report)
        # Passages without a vector are found by their words all the same.
        shelf = Shelf(self._index, _PREFIX + id_, chunks, kept=kept)
        if not kept and not failure:
            self._keep(id_, name, shelf)
        self._held = {**self._held, id_: _Held(signature, chunks, shelf, failure is None)}
        return failure

    def _kept(self, id_: str, name: str) -> bytes | None:
        try:
            return self._library.shelf(id_, name)
        except StorageError:
            return None

    def _keep(self, id_: str, name: str, shelf: Shelf) -> None:
        """Save the next process the work; a disk that refuses costs that work."""
        packed = shelf.keep()
        if packed:
            with contextlib.suppress(StorageError):
                self._library.keep_shelf(id_, name, packed)

    def _sync(self, id_: str, chunks: Sequence[Chunk], report: Callable[[int, int], None] | None) -> FinaleError | None:
        try:
            self._index.sync(_PREFIX + id_, chunks, report, donor=self._donor)
        except FinaleError as error:
            logger.warning("collection %s is not indexed in full: %s", id_, error.message("en"))
            self._failed = {**self._failed, id_: error}
            return error
        self._failed = {other: error for other, error in self._failed.items() if other != id_}
        return None


def _fits(type: str, topic: str, types: Collection[str], wanted: str) -> bool:
    """A passage about another MBTI type is left out, one without a type never."""
    return (not types or not type or type in types) and (not wanted or topic == wanted)
