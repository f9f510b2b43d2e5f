"""Searching what is known: the house knowledge and a person's own collections, ranked together."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from tools.errors import FinaleError
from tools.retrieval.chunk import Chunk
from tools.retrieval.embed import Embedder
from tools.retrieval.embedders import embedder_trouble
from tools.retrieval.errors import (
    BadDocument,
    Degraded,
    EmbedderUnavailable,
    IndexLocked,
    KnowledgeMissing,
    RetrievalError,
)
from tools.retrieval.hits import HOUSE, Hit
from tools.retrieval.house import House, signature_of
from tools.retrieval.index import Index, memory_index, open_index
from tools.retrieval.stacks import Stacks
from tools.retrieval.topics import Topics
from tools.settings import data_dir
from tools.storage import StorageError

__all__ = ["Knowledge"]

logger = logging.getLogger(__name__)

Progress = Callable[[int, int], None]


class Knowledge:
    """What can be searched, ready for many threads. Close it, or use it with `with`."""

    def __init__(
        self,
        index: Index,
        folder: Path,
        *,
        home: Path | None = None,
        donor: Index | None = None,
        on_progress: Progress | None = None,
        troubles: Sequence[FinaleError] = (),
    ) -> None:
        self._opening = list(troubles)
        self._index = index
        self._folder = folder
        self._donor = donor
        self._refreshing = threading.Lock()
        self._cache = home / "cache" if home else None
        self._house = House.read(folder, index, donor=donor, cache=self._cache, on_progress=on_progress)
        self._stacks = _stacks(home, index, donor, self._opening) if home else None
        self._unread: FinaleError | None = None

    @classmethod
    def open(
        cls,
        home: Path,
        *,
        folder: Path | None = None,
        embedder: Embedder | None = None,
        url: str = "",
        on_progress: Progress | None = None,
        troubles: Sequence[FinaleError] = (),
    ) -> Knowledge:
        """The knowledge of `folder` (default: rag_data/mbti) and the library in `home`, indexed under `home`.

        `embedder` is the gloss table by default; `url` names a Chroma server. Where the lasting index has another owner,
        cannot be reached or written, or `embedder` fails, this works without: in memory, and with the gloss table.
        `troubles` are what whoever chose the embedder met; they stand before those met here.

        Raises:
            KnowledgeMissing: the folder holds no knowledge files.
            BadDocument: one of them breaks the format.
            GlossError: the gloss table itself is missing or damaged.
        """
        from tools.retrieval.gloss import GlossEmbedder

        folder = folder or data_dir() / "mbti"
        told = list(troubles)
        try:
            return cls._opened(home, folder, embedder or GlossEmbedder(), url, on_progress, told)
        except (BadDocument, KnowledgeMissing):
            raise
        except FinaleError as error:
            if embedder is None or isinstance(embedder, GlossEmbedder):
                raise
            logger.warning("searching with the gloss table: %s", error.message("en"))
            told = [*troubles, embedder_trouble("degraded_gloss", error, embedder.name)]
        return cls._opened(home, folder, GlossEmbedder(), url, on_progress, told)

    @classmethod
    def _opened(
        cls,
        home: Path,
        folder: Path,
        embedder: Embedder,
        url: str,
        on_progress: Progress | None,
        troubles: list[FinaleError],
    ) -> Knowledge:
        index = donor = None
        try:
            index = open_index(home, embedder=embedder, url=url)
            return cls(index, folder, home=home, on_progress=on_progress, troubles=troubles)
        except (BadDocument, KnowledgeMissing, EmbedderUnavailable):
            _close(index)
            raise
        except IndexLocked as error:
            logger.info("searching in memory: %s", error.message("en"))
            donor = _reader(home, embedder)
        except (RetrievalError, StorageError) as error:
            _close(index)
            logger.warning("searching in memory: %s", error.message("en"))
            troubles.append(Degraded("degraded_memory", error))
        except BaseException:
            _close(index)
            raise
        index = memory_index(embedder)
        try:
            return cls(index, folder, home=home, donor=donor, on_progress=on_progress, troubles=troubles)
        except BaseException:
            _close(index)
            _close(donor)
            raise

    @property
    def persistent(self) -> bool:
        """Whether a lasting index is used (otherwise one in memory)."""
        return self._index.persistent

    @property
    def embedder(self) -> Embedder:
        """What passages are embedded with."""
        return self._index.embedder

    @property
    def topics(self) -> Topics:
        return self._house.topics

    def troubles(self) -> list[FinaleError]:
        """What of the settings or the files cannot be used at present, and what is used instead; each once."""
        found = list(self._opening)
        asking = getattr(self._index.asking, "trouble", None)
        if asking is not None:
            found.append(embedder_trouble("degraded_words", asking, self.embedder.name))
        if self._unread is not None:
            found.append(Degraded("degraded_library", self._unread))
        elif self._stacks is not None:
            found += self._stacks.troubles()
        return list({error.message(): error for error in found}.values())

    def types(self) -> list[str]:
        """The types that have passages in the house knowledge, sorted."""
        return self._house.types()

    def passages_of(self, type: str) -> list[Chunk]:
        """Every house passage of one type, in file order; `""` gives those that apply to all types.

        Raises:
            KnowledgeMissing: there is no such type.
        """
        house, wanted = self._house, type.strip().upper()
        house.check([wanted] if wanted else [], "")
        return [chunk for chunk in house.chunks if chunk.type == wanted]

    def search(
        self,
        query: str,
        *,
        k: int = 4,
        type: str | Sequence[str] = "",
        topic: str = "",
        collections: Sequence[str] | None = None,
        house: bool = True,
    ) -> list[Hit]:
        """The `k` best passages for `query`, best first; always `k` if that many are left after filtering.

        `type` (one or several) and `topic` filter before ranking. House passages that apply to every type (limits,
        reading, about) are left out unless `topic` names one or the question's words ask for them. A question that shares
        no word with the notes is ranked by its topic cues, and the overview comes first if it has none; scores are low then.

        `collections` are the ids of the person's own collections to search beside the house: None means those they
        prefer, `[]` none. `house=False` leaves the house out, unless the list names it ("house"). A passage of a
        preferred collection wins against an equally good one of the house, and the best one of their own, where it is not
        weak, is among the first two.

        Raises:
            KnowledgeMissing: no house passage has this type or this topic, or there is no such collection.
        """
        shown = self._house
        # Text from a terminal may hold lone surrogates, which no converter below accepts.
        query = query.encode("utf-8", "replace").decode("utf-8")
        types = {name.strip().upper() for name in ([type] if isinstance(type, str) else type)} - {""}
        topic = topic.strip()
        shown.check(sorted(types), topic)
        theirs = shown.find(query, types, topic) if house or HOUSE in (collections or ()) else []
        wanted = None if collections is None else [id_ for id_ in collections if id_ != HOUSE]
        return _in_turn(theirs, self._own(query, types, topic, wanted, k))[: max(k, 0)]

    def _own(self, query: str, types: set[str], topic: str, wanted: list[str] | None, k: int) -> list[Hit]:
        if self._stacks is None or wanted == []:
            if wanted:
                raise KnowledgeMissing("collection_missing", collection=wanted[0])
            return []
        try:
            found = self._stacks.find(query, types, topic, wanted, k)
            self._unread = None
            return found
        except StorageError as error:
            self._unread = error
            logger.warning("searching without the library: %s", error.message("en"))
            return []

    def index_library(self, on_progress: Progress | None = None) -> None:
        """Take in what changed in the library now, for whoever added a document; `on_progress(done, total)` in passages.

        Raises:
            FinaleError: the library, the index or the embedder failed; what was indexed before stays.
        """
        if self._stacks is not None:
            self._stacks.take_in(on_progress)

    def refresh(self) -> bool:
        """Take in knowledge files that changed since they were read; True if any did.

        Raises:
            KnowledgeMissing, BadDocument: the files are no longer fit; what was read before stays in use.
        """
        with self._refreshing:
            if signature_of(self._folder) == self._house.signature:
                return False
            self._house = House.read(self._folder, self._index, donor=self._donor, cache=self._cache)
            return True

    def close(self) -> None:
        """Give up the index. What was read stays searchable, so whoever is searching now is not interrupted."""
        if self._stacks is not None:
            self._stacks.close()
        self._index.close()
        _close(self._donor)

    def __enter__(self) -> Knowledge:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _in_turn(*sources: list[Hit]) -> list[Hit]:
    """The hits of all sources, best first, but each source that has anything to say says it before one speaks again.

    A house passage has a topic that speaks for it, a person's own has only its words, so their scores differ where their
    worth does not; whether a hit is weak is what both tell alike (of the best hits in somebody's notes, 9 in 10 are not weak
    for questions that those answer, and 1 in 20 for questions of the house). Taking the sources in turn is what is done
    where scores cannot be compared (Voorhees et al. 1995, "Learning Collection Fusion Strategies").
    """
    # Stable sorts: what scores the same stays in file order.
    ranked = [sorted(hits, key=lambda hit: -hit.score) for hits in sources]
    heads = [hits.pop(0) for hits in ranked if hits and not hits[0].weak]
    rest = [hit for hits in ranked for hit in hits]
    return sorted(heads, key=lambda hit: -hit.score) + sorted(rest, key=lambda hit: -hit.score)


def _close(index: Index | None) -> None:
    if index is not None:
        index.close()


def _reader(home: Path, embedder: Embedder) -> Index | None:
    """The locked index of another process, for reading: its vectors need not be made again."""
    try:
        return open_index(home, embedder=embedder, writable=False)
    except (RetrievalError, StorageError):
        return None


def _stacks(home: Path, index: Index, donor: Index | None, troubles: list[FinaleError]) -> Stacks | None:
    from tools.retrieval.library import Library

    try:
        return Stacks(Library(home), index, donor)
    except StorageError as error:
        logger.warning("searching without the library: %s", error.message("en"))
        troubles.append(Degraded("degraded_library", error))
        return None
