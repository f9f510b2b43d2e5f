"""One collection as a search sees it: its passages, their vectors as one matrix in memory, and what ranks them.

Vectors are read from the index once, when a shelf is built, not at every search. A shelf is read-only; when its
collection changes another one takes its place.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tools.errors import FinaleError
from tools.retrieval.chunk import Chunk
from tools.retrieval.index import Index, passage_key
from tools.retrieval.maxsim import WordVectors
from tools.retrieval.ranking import Ranked, Ranker
from tools.retrieval.tokens import tokenize

if TYPE_CHECKING:
    import numpy as np

__all__ = ["EXACT", "Shelf"]

logger = logging.getLogger(__name__)

# Up to this many passages are ranked exactly, from a matrix in memory (4 bytes x dims x passages: 20 MB at 256 dims).
EXACT = 20_000
# Beyond that, this many are fetched by Chroma's approximate search, and only those are ranked.
_CANDIDATES = 400
# What `keep` packs; raised when that changes.
_FORMAT = 1
_PROBE = "期末報告還沒寫，室友 INFP-T 說 let's study 3 小時；到底怎麼辦？"


class Shelf:
    """The passages of one collection, ready to be ranked by many threads."""

    def __init__(
        self,
        index: Index,
        collection: str,
        chunks: Sequence[Chunk],
        *,
        texts: Sequence[str] | None = None,
        exact: int = EXACT,
        kept: bytes | None = None,
    ) -> None:
        """`texts` is what the words of a question are looked up in, one a chunk (default: the chunks' own words).

        A passage whose vector the index lacks (the embedder failed on the way) can still be found by its words.
        `kept` is what `keep` gave for a shelf of the same `name`: then neither the index nor the texts are read.
        """
        self.collection = collection
        self.chunks = list(chunks)
        self._index = index
        self._groups: dict[tuple[str, str], list[int]] = {}
        for position, chunk in enumerate(self.chunks):
            self._groups.setdefault((chunk.type, chunk.topic), []).append(position)
        worded = list(texts) if texts is not None else [chunk.searched_text() for chunk in self.chunks]
        self._approximate = len(self.chunks) > exact
        rows = _Rows(index, collection, self.chunks)
        self._at: dict[str, int] = {}
        state = None if kept is None or self._approximate else _unpacked(kept, rows.shape)
        if self._approximate:
            self._at = {passage_key(chunk.id): position for position, chunk in enumerate(self.chunks)}
            self._ranker = Ranker(worded, rows, index.asking)
        elif state is not None:
            self._vectors = state.pop("vectors")
            self._ranker = Ranker(worded, self._vectors, index.asking, state)
        else:
            self._vectors = rows.all()
            self._ranker = Ranker(worded, self._vectors, index.asking)

    @staticmethod
    def name(index: Index, chunks: Sequence[Chunk], texts: Sequence[str] = ()) -> str:
        """What a shelf of `chunks` (and `texts`) is kept under: another name whenever anything of it would be another."""
        embedder, asking = index.embedder, index.asking
        whole = hashlib.sha256(repr((_FORMAT, embedder.name, embedder.revision, embedder.dims)).encode())
        # Words are cut by code that changes: how it cuts this tells one code from another.
        words = asking.words(_PROBE).ids.tolist() if isinstance(asking, WordVectors) else []
        whole.update(repr((tokenize(_PROBE), words)).encode())
        for part in (*((chunk.id, chunk.searched_text()) for chunk in chunks), *texts):
            whole.update(repr(part).encode("utf-8", "surrogatepass"))
        return whole.hexdigest()[:32]

    def keep(self) -> bytes | None:
        """The shelf without its texts, to be taken up again under its `name`; None where a vector is missing."""
        import numpy as np

        if self._approximate or not self._vectors.any(axis=1).all():
            return None
        packed = io.BytesIO()
        np.savez(packed, vectors=self._vectors, **self._ranker.state())
        return packed.getvalue()

    def __len__(self) -> int:
        return len(self.chunks)

    def rank(
        self, query: str, keep: Callable[[str, str], bool] = lambda type, topic: True, k: int | None = None
    ) -> list[Ranked]:
        """The `k` best passages (None: all) among those whose (type, topic) `keep` accepts, best first.

        The filter comes before the ranking, so `k` are found if so many are left.
        """
        groups = [group for group in self._groups if keep(*group)]
        positions = sorted(position for group in groups for position in self._groups[group])
        if self._approximate and len(positions) > _CANDIDATES:
            positions = self._near(query, groups, positions)
        return self._ranker.rank(query, positions, k)

    def _near(self, query: str, groups: Sequence[tuple[str, str]], allowed: Sequence[int]) -> list[int]:
        """The positions among `allowed` that Chroma finds near `query`; the first ones of the collection if it fails."""
        where = {}
        if len(groups) < len(self._groups):
            where = {field: sorted({group[i] for group in groups}) for i, field in enumerate(("type", "topic"))}
        vector = self._index.asking.embed([query])[0]
        try:
            near = self._index.nearest(self.collection, vector, _CANDIDATES, where=where)
        except FinaleError as error:
            logger.warning("searching without vectors: %s", error.message("en"))
            near = {}
        kept = set(allowed)
        return sorted(self._at[key] for key in near if self._at.get(key) in kept) or list(allowed[:_CANDIDATES])


class _Rows:
    """The vectors of `chunks` in their order, zeros where there is none, read when they are asked for."""

    def __init__(self, index: Index, collection: str, chunks: Sequence[Chunk]) -> None:
        self._index = index
        self._collection = collection
        self._ids = [chunk.id for chunk in chunks]
        self.shape = (len(chunks), index.embedder.dims)

    def all(self) -> np.ndarray:
        return self._read(self._ids)

    def __getitem__(self, positions: np.ndarray) -> np.ndarray:
        return self._read([self._ids[position] for position in positions])

    def _read(self, ids: Sequence[str]) -> np.ndarray:
        import numpy as np

        rows = np.zeros((len(ids), self.shape[1]), dtype=np.float32)
        try:
            held = self._index.vectors(self._collection, ids)
        except FinaleError as error:
            # Words find most passages alone; a failing disk must not end the search.
            logger.warning("searching without vectors: %s", error.message("en"))
            return rows
        for row, id_ in enumerate(ids):
            if id_ in held:
                rows[row] = held[id_]
        return rows


def _unpacked(kept: bytes, shape: tuple[int, int]) -> dict[str, np.ndarray] | None:
    """What `Shelf.keep` packed; None if that is not what it is."""
    import zipfile

    import numpy as np

    try:
        with np.load(io.BytesIO(kept), allow_pickle=False) as packed:
            state = {name: packed[name] for name in packed.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        logger.warning("a kept shelf cannot be read; it is made anew")
        return None
    return state if "vectors" in state and state["vectors"].shape == shape else None
