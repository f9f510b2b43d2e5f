"""The house knowledge: the files of rag_data/mbti as one shelf, with what a question's topic adds to its words.

Every one of the sixteen files has the same headings and much the same themes, so ranking them together would only mix
near-duplicates: a search keeps the passages of the asked types and then ranks those.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from tools.retrieval.chunk import Chunk
from tools.retrieval.elsewhere import read_elsewhere
from tools.retrieval.errors import KnowledgeMissing
from tools.retrieval.gloss import GlossEmbedder
from tools.retrieval.hits import Hit
from tools.retrieval.index import Index
from tools.retrieval.markdown import read_folder
from tools.retrieval.shelf import Shelf
from tools.retrieval.topic_model import TopicModel
from tools.retrieval.topics import Topics

__all__ = ["House", "signature_of"]

_COLLECTION = "mbti"
# How much the topic prior counts beside the ranker's score; chosen on the tuned questions of tests/data/mbti_questions.csv.
_TOPICAL = 0.5
# A question that points nowhere is answered by the overview.
_DEFAULT_TOPIC = "overview"
_DEFAULT_PRIOR = 0.05
# Passages that apply to every type come in only if the question points at them this strongly, and at least this
# strongly compared with the topic it points at most: stray words must not bring them in.
_ABOUT_LEAST = 0.15
_ABOUT_SHARE = 0.5

Signature = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class House:
    """The house knowledge as one search sees it; replaced whole when files change, never altered."""

    signature: Signature
    shelf: Shelf
    topics: Topics
    model: TopicModel

    @classmethod
    def read(
        cls,
        folder: Path,
        index: Index,
        *,
        donor: Index | None = None,
        cache: Path | None = None,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> House:
        """The knowledge of `folder`, indexed; what was made of it is kept in the folder `cache` for the next process.

        Raises:
            KnowledgeMissing, BadDocument: the files are not fit.
            FinaleError: the index or the embedder failed.
        """
        signature = signature_of(folder)
        chunks = read_folder(folder, _COLLECTION)
        topics = Topics.load(folder / "topics.yaml")
        index.sync(_COLLECTION, chunks, on_progress, donor=donor)
        texts = [_worded(chunk, topics) for chunk in chunks]
        kept = cache / f"house-{Shelf.name(index, chunks, texts)}.npz" if cache else None
        shelf = Shelf(index, _COLLECTION, chunks, texts=texts, kept=_read(kept))
        if kept and not kept.is_file():
            _keep(kept, shelf)
        model = TopicModel(topics, chunks, read_elsewhere(folder / "elsewhere.yaml"), GlossEmbedder())
        return cls(signature, shelf, topics, model)

    @property
    def chunks(self) -> list[Chunk]:
        return self.shelf.chunks

    def types(self) -> list[str]:
        """The types that have passages, sorted."""
        return sorted({chunk.type for chunk in self.chunks} - {""})

    def check(self, types: Collection[str], topic: str) -> None:
        """Raises KnowledgeMissing where a type or the topic has no passage."""
        known = self.types()
        for type in types:
            if type not in known:
                raise KnowledgeMissing("type_missing", type=type, known=", ".join(known))
        named = {chunk.topic for chunk in self.chunks}
        if topic and topic not in named:
            raise KnowledgeMissing("topic_missing", topic=topic, known=", ".join(sorted(named)))

    def find(self, query: str, types: Collection[str], topic: str) -> list[Hit]:
        """Every passage that may answer `query`, in any order; `types` and `topic` filter where they are not empty."""
        gist = self.model.gist(query)
        prior = gist.prior
        enough = max(_ABOUT_LEAST, _ABOUT_SHARE * max(prior.values(), default=0.0))
        asked = {topic} if topic else {name for name, value in prior.items() if value >= enough}

        def keep(type: str, of: str) -> bool:
            if topic and of != topic:
                return False
            return (not types or type in types) if type else of in asked

        hits = []
        for ranked in self.shelf.rank(query, keep):
            chunk = self.chunks[ranked.position]
            topical = max(prior.get(chunk.topic, 0.0), _DEFAULT_PRIOR if chunk.topic == _DEFAULT_TOPIC else 0.0)
            # The same factor for all: it moves them against other collections, and says what is a weak match.
            score = gist.concern * ((1 - _TOPICAL) * ranked.score + _TOPICAL * topical)
            hits.append(Hit(chunk, score, ranked.lexical, ranked.semantic, topical, ranked.rerank))
        return hits


def _read(kept: Path | None) -> bytes | None:
    try:
        return kept.read_bytes() if kept else None
    except OSError:
        return None


def _keep(kept: Path, shelf: Shelf) -> None:
    """Write the shelf to `kept` in place of earlier ones. It only saves the next start time: a disk that refuses costs that."""
    packed = shelf.keep()
    if packed is None:
        return
    with contextlib.suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        for earlier in kept.parent.glob("house-*.npz"):
            earlier.unlink(missing_ok=True)
        draft = kept.with_name(f"{kept.name}.{os.getpid()}.part")
        draft.write_bytes(packed)
        draft.replace(kept)


def _worded(chunk: Chunk, topics: Topics) -> str:
    """What a passage is found by: its own words, its type, and the words people use for its topic."""
    topic = topics.get(chunk.topic)
    cues = " ".join([topic.title_en, *topic.words()]) if topic else ""
    return "\n".join([chunk.type, chunk.searched_text(), cues])


def signature_of(folder: Path) -> Signature:
    """Changes whenever a file of the folder does; cheap enough to look at before every use."""
    files = sorted([*folder.glob("*.md"), *folder.glob("*.yaml")])
    return tuple((file.name, stat.st_mtime_ns, stat.st_size) for file in files for stat in (file.stat(),))
