"""How likely each topic is for a question, before any single passage is ranked.

Two witnesses, because each sees what the other misses: the cues people wrote into topics.yaml, and the words that all
passages of a topic use. One passage of 300 characters holds few of the words of a question; the sixteen passages that
share its topic hold many more (cluster-based retrieval: Liu & Croft 2004, "Cluster-Based Retrieval Using Language Models").
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from tools.retrieval.chunk import Chunk
from tools.retrieval.tokens import tokenize
from tools.retrieval.topics import Topics

__all__ = ["TopicModel"]

# Chosen on the questions marked `tuned`; half or double of any of them costs at most two points of R@1 there.
_CUE_COUNT = 10  # a cue's token counts as much as ten occurrences in passages
_SMOOTHING = 10_000.0  # Dirichlet prior, in tokens
_TEMPERATURE = 4.0  # tokens overlap (每天, 每, 天), so their evidence is divided before it is believed
_CUES = 0.5  # how much the cues count beside the passages' words


class TopicModel:
    """Read-only once built; `passages` are all passages of the collection, whatever their type."""

    def __init__(self, topics: Topics, passages: Sequence[Chunk]) -> None:
        self._topics = topics
        self._counts: dict[str, Counter[str]] = {topic.topic: Counter() for topic in topics}
        for passage in passages:
            self._counts.setdefault(passage.topic, Counter()).update(tokenize(passage.searched_text()))
        for topic in topics:
            for cue in topic.words():
                self._counts[topic.topic].update(dict.fromkeys(tokenize(cue), _CUE_COUNT))
        self._lengths = {topic: counts.total() for topic, counts in self._counts.items()}
        self._all: Counter[str] = Counter()
        for counts in self._counts.values():
            self._all.update(counts)

    def prior(self, query: str) -> dict[str, float]:
        """Topic -> 0..1 for every topic; 0 everywhere if nothing in `query` says anything about any of them."""
        cues = self._topics.prior(query)
        words = self._by_words(query)
        return {topic: _CUES * cues.get(topic, 0.0) + (1 - _CUES) * words.get(topic, 0.0) for topic in self._counts}

    def _by_words(self, query: str) -> dict[str, float]:
        """The posterior of a smoothed unigram model, less what blind guessing would give."""
        tokens = [token for token in dict.fromkeys(tokenize(query)) if token in self._all]
        if not tokens:
            return {}
        total = self._all.total()
        evidence = {}
        for topic, counts in self._counts.items():
            evidence[topic] = sum(
                math.log((counts[token] * total / self._all[token] + _SMOOTHING) / (self._lengths[topic] + _SMOOTHING))
                for token in tokens
            )
        best = max(evidence.values())
        weights = {topic: math.exp((value - best) / _TEMPERATURE) for topic, value in evidence.items()}
        chance = 1 / len(weights)
        whole = sum(weights.values())
        return {topic: max(0.0, (weight / whole - chance) / (1 - chance)) for topic, weight in weights.items()}
