"""What a search gives: a passage, where it is from, and why it was found."""

from __future__ import annotations

from dataclasses import dataclass

from tools.retrieval.chunk import Chunk

__all__ = ["HOUSE", "WEAK_SCORE", "Hit"]

# The id under which the knowledge that ships with Finale stands beside a person's own collections.
HOUSE = "house"
# Under this score the best hit is no better than what questions about other things get: 19 in 20 of those in
# tests/data/off_topic_questions.csv fall under it (3 in 5 of encyclopedia questions), and 1 in 20 of the questions marked
# `tuned` in tests/data/mbti_questions.csv without the cues that were written down for them (with them: 1 in 160).
WEAK_SCORE = 0.075


@dataclass(frozen=True)
class Hit:
    """A passage and why it was found; every score is in 0..1.

    `collection` is the id of the collection it is from (`HOUSE` for the house knowledge), `collection_name` what its
    owner calls that collection ("" for the house).
    """

    chunk: Chunk
    score: float
    lexical: float
    semantic: float
    topical: float
    rerank: float = 0.0
    collection: str = HOUSE
    collection_name: str = ""

    @property
    def weak(self) -> bool:
        """The passage may well have nothing to do with the question."""
        return self.score < WEAK_SCORE

    @property
    def title(self) -> str:
        """The title of the document it stands in."""
        return self.chunk.meta.get("title", "")
