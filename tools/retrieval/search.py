"""Searching the house knowledge: words, vectors and topics joined in one score, the type filtered first.

Every one of the sixteen files has the same headings and much the same themes, so ranking them together would only mix
near-duplicates: a search keeps the passages of the asked type and then ranks those.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.retrieval.chunk import Chunk
from tools.retrieval.embed import Embedder
from tools.retrieval.errors import BadDocument, IndexLocked, KnowledgeMissing, RetrievalError
from tools.retrieval.index import Index, memory_index, open_index
from tools.retrieval.lexical import LexicalIndex
from tools.retrieval.markdown import read_folder
from tools.retrieval.topic_model import TopicModel
from tools.retrieval.topics import Topics
from tools.settings import data_dir
from tools.storage import StorageError

__all__ = ["WEAK_SCORE", "Hit", "Knowledge"]

logger = logging.getLogger(__name__)

_COLLECTION = "mbti"
# Blending normalised scores beats rank fusion, which gives the weaker ranker an equal vote.
_SEMANTIC = 0.4
_LEXICAL = 0.6
# How much the topic prior counts beside the blend; chosen on the tuned questions of tests/data/mbti_questions.csv.
_TOPICAL = 0.5
# A question that points nowhere is answered by the overview.
_DEFAULT_TOPIC = "overview"
_DEFAULT_PRIOR = 0.05
# Passages that apply to every type come in only if the question points at them this strongly, and at least this
# strongly compared with the topic it points at most: stray words must not bring them in.
_ABOUT_LEAST = 0.15
_ABOUT_SHARE = 0.5
# Under this score the best hit is no better than what questions about other things (weather, recipes, exchange rates)
# get: 9 in 10 of those fall under it, and 3 in 100 of the questions in tests/data/mbti_questions.csv.
WEAK_SCORE = 0.12


@dataclass(frozen=True)
class Hit:
    """A passage and why it was found; every score is in 0..1."""

    chunk: Chunk
    score: float
    lexical: float
    semantic: float
    topical: float

    @property
    def weak(self) -> bool:
        """The passage may well have nothing to do with the question."""
        return self.score < WEAK_SCORE


@dataclass(frozen=True)
class _Shelf:
    """The knowledge as one search sees it; replaced whole when files change, never altered."""

    signature: tuple[tuple[str, int, int], ...]
    chunks: list[Chunk]
    lexical: LexicalIndex
    topics: Topics
    model: TopicModel


class Knowledge:
    """The house knowledge, ready to be searched by many threads. Close it, or use it with `with`."""

    def __init__(self, index: Index, folder: Path) -> None:
        self._index = index
        self._folder = folder
        self._refreshing = threading.Lock()
        self._shelf = self._read(_signature(folder))

    @classmethod
    def open(cls, home: Path, *, folder: Path | None = None, embedder: Embedder | None = None) -> Knowledge:
        """The knowledge of `folder` (default: rag_data/mbti), indexed under `home`.

        Where the index on disk has another owner or cannot be written, this works in memory instead.

        Raises:
            KnowledgeMissing: the folder holds no knowledge files.
            BadDocument: one of them breaks the format.
        """
        folder = folder or data_dir() / "mbti"
        index = None
        try:
            index = open_index(home, embedder=embedder)
            return cls(index, folder)
        except (BadDocument, KnowledgeMissing):
            if index:
                index.close()
            raise
        except (RetrievalError, StorageError) as error:
            if index:
                index.close()
            level = logging.INFO if isinstance(error, IndexLocked) else logging.WARNING
            logger.log(level, "searching in memory: %s", error.message("en"))
        return cls(memory_index(embedder), folder)

    @property
    def persistent(self) -> bool:
        """Whether the index on disk is used (otherwise one in memory)."""
        return self._index.persistent

    @property
    def topics(self) -> Topics:
        return self._shelf.topics

    def types(self) -> list[str]:
        """The types that have passages, sorted."""
        return sorted({chunk.type for chunk in self._shelf.chunks} - {""})

    def passages_of(self, type: str) -> list[Chunk]:
        """Every passage of one type, in file order; `""` gives those that apply to all types.

        Raises:
            KnowledgeMissing: there is no such type.
        """
        wanted = type.strip().upper()
        passages = [chunk for chunk in self._shelf.chunks if chunk.type == wanted]
        if not passages:
            raise KnowledgeMissing("type_missing", type=type, known=", ".join(self.types()))
        return passages

    def search(self, query: str, *, k: int = 4, type: str = "", topic: str = "") -> list[Hit]:
        """The `k` best passages for `query`, best first; always `k` if that many are left after filtering.

        `type` and `topic` filter before ranking. Passages that apply to every type (limits, reading, about) are left
        out unless `topic` names one or the question's words ask for them. A question that shares no word with the
        notes is ranked by its topic cues, and the overview comes first if it has none; scores are low then.

        Raises:
            KnowledgeMissing: no passage has this type or this topic.
        """
        shelf = self._shelf
        # Text from a terminal may hold lone surrogates, which no converter below accepts.
        query = query.encode("utf-8", "replace").decode("utf-8")
        prior = shelf.model.prior(query)
        candidates = self._candidates(shelf, prior, type.strip().upper(), topic.strip())
        lexical = shelf.lexical.scores(query)
        semantic = self._semantic(query, [shelf.chunks[i] for i in candidates])
        hits = []
        for i in candidates:
            chunk = shelf.chunks[i]
            topical = max(prior.get(chunk.topic, 0.0), _DEFAULT_PRIOR if chunk.topic == _DEFAULT_TOPIC else 0.0)
            words = float(lexical[i])
            meaning = semantic.get(chunk.id, 0.0)
            blend = _LEXICAL * words + _SEMANTIC * meaning
            score = (1 - _TOPICAL) * blend + _TOPICAL * topical
            hits.append(Hit(chunk, score, words, meaning, topical))
        # A stable sort: what scores the same stays in file order.
        return sorted(hits, key=lambda hit: -hit.score)[: max(k, 0)]

    def refresh(self) -> bool:
        """Take in knowledge files that changed since they were read; True if any did.

        Raises:
            KnowledgeMissing, BadDocument: the files are no longer fit; what was read before stays in use.
        """
        with self._refreshing:
            signature = _signature(self._folder)
            if signature == self._shelf.signature:
                return False
            self._shelf = self._read(signature)
            return True

    def close(self) -> None:
        self._index.close()

    def __enter__(self) -> Knowledge:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self, signature: tuple[tuple[str, int, int], ...]) -> _Shelf:
        chunks = read_folder(self._folder, _COLLECTION)
        topics = Topics.load(self._folder / "topics.yaml")
        self._index.sync(_COLLECTION, chunks)
        lexical = LexicalIndex([_worded(chunk, topics) for chunk in chunks])
        return _Shelf(signature, chunks, lexical, topics, TopicModel(topics, chunks))

    @staticmethod
    def _candidates(shelf: _Shelf, prior: dict[str, float], type: str, topic: str) -> list[int]:
        """Positions in `shelf.chunks` of the passages that may be ranked."""
        typed = {chunk.type for chunk in shelf.chunks} - {""}
        named = {chunk.topic for chunk in shelf.chunks}
        if type and type not in typed:
            raise KnowledgeMissing("type_missing", type=type, known=", ".join(sorted(typed)))
        if topic and topic not in named:
            raise KnowledgeMissing("topic_missing", topic=topic, known=", ".join(sorted(named)))
        enough = max(_ABOUT_LEAST, _ABOUT_SHARE * max(prior.values(), default=0.0))
        asked = {topic} if topic else {name for name, value in prior.items() if value >= enough}
        return [
            i
            for i, chunk in enumerate(shelf.chunks)
            if (not topic or chunk.topic == topic)
            and (chunk.topic in asked if not chunk.type else not type or chunk.type == type)
        ]

    def _semantic(self, query: str, chunks: Sequence[Chunk]) -> dict[str, float]:
        """How near each of `chunks` is to `query`, from 0 (as unrelated texts are) to 1; by id."""
        if not chunks or not query.strip():
            return {}
        where = {field: sorted({chunk.meta[field] for chunk in chunks}) for field in ("type", "topic")}
        floor = self._index.embedder.floor
        try:
            found = self._index.query(
                _COLLECTION, self._index.embedder.embed([query])[0], len(self._shelf.chunks), where=where
            )
        except RetrievalError as error:
            # The words and topics of a question find most passages alone; a failing disk must not end the search.
            logger.warning("searching without vectors: %s", error.message("en"))
            return {}
        return {id_: max(0.0, (cosine - floor) / (1.0 - floor)) for id_, cosine in found.items()}


def _worded(chunk: Chunk, topics: Topics) -> str:
    """What a passage is found by: its own words, its type, and the words people use for its topic."""
    topic = topics.get(chunk.topic)
    cues = " ".join([topic.title_en, *topic.words()]) if topic else ""
    return "\n".join([chunk.type, chunk.searched_text(), cues])


def _signature(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Changes whenever a file of the folder does; cheap enough to look at before every use."""
    files = sorted([*folder.glob("*.md"), *folder.glob("*.yaml")])
    return tuple((file.name, stat.st_mtime_ns, stat.st_size) for file in files for stat in (file.stat(),))
