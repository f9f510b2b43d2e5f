"""What a question is about, before any single passage is ranked: how likely each topic is, and whether any is.

Three witnesses, because each sees what the others miss: the cues people wrote into topics.yaml, where they stand in the
question; the words that all passages of a topic use (one passage of 300 characters holds few of the words of a question,
the sixteen that share its topic many more: Liu & Croft 2004, "Cluster-Based Retrieval Using Language Models"); and how near
the question's words lie to a topic's cues, which catches what nobody wrote down, in both languages.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tools.retrieval.chunk import Chunk
from tools.retrieval.nearness import Nearness, WordEmbedder
from tools.retrieval.tokens import tokenize
from tools.retrieval.topics import Topics

__all__ = ["Gist", "TopicModel"]

# Chosen on the questions marked `tuned`, each with the cues that stand in it taken out of the list first: a question
# nobody foresaw has none. Half or double of any of these costs at most two points of R@1 there.
_CUE_COUNT = 10  # a cue's token counts as much as ten occurrences in passages
_SMOOTHING = 10_000.0  # Dirichlet prior, in tokens
_TEMPERATURE = 4.0  # tokens overlap (每天, 每, 天), so their evidence is divided before it is believed
_NEAR_TEMPERATURE = 0.08
# A question is the house's where it lies nearer to a topic than to what the notes say nothing of, by more than this.
_MARGIN = 0.05
_STEEPNESS = 8.0


@dataclass(frozen=True)
class Gist:
    """What a question is about: `prior` has 0..1 for every topic, `concern` says how surely it is any of them, 0..1."""

    prior: dict[str, float]
    concern: float


class TopicModel:
    """Read-only once built; `passages` are all passages of the collection, whatever their type.

    `elsewhere` are the words of questions that the passages say nothing of, one text a matter.
    """

    def __init__(
        self, topics: Topics, passages: Sequence[Chunk], elsewhere: Sequence[str], embedder: WordEmbedder
    ) -> None:
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
        self._named = [topic.topic for topic in topics]
        cues = ["\n".join([topic.title_zh, topic.title_en, *topic.cues()]) for topic in topics]
        self._near = Nearness(embedder, [*cues, *elsewhere])

    def gist(self, query: str) -> Gist:
        """What `query` is about; a prior of 0 everywhere if nothing in it says anything about any topic."""
        here = len(self._named)
        words, whole = self._near.of(query)
        cues, counted = self._topics.prior(query), self._by_words(query)
        near = _shares({topic: float(words[i]) / _NEAR_TEMPERATURE for i, topic in enumerate(self._named)})
        if not words.any():
            near = {}
        prior = {
            topic: (cues.get(topic, 0.0) + counted.get(topic, 0.0) + near.get(topic, 0.0)) / 3 for topic in self._counts
        }
        if len(words) == here:
            return Gist(prior, 1.0)
        margin = (words[:here].max() - words[here:].max() + whole[:here].max() - whole[here:].max()) / 2
        return Gist(prior, 1 / (1 + math.exp(-_STEEPNESS * (float(margin) - _MARGIN))))

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
        return _shares({topic: value / _TEMPERATURE for topic, value in evidence.items()})


def _shares(evidence: dict[str, float]) -> dict[str, float]:
    """The posterior of log evidence, less what blind guessing would give: 0..1 for each."""
    best = max(evidence.values())
    weights = {topic: math.exp(value - best) for topic, value in evidence.items()}
    chance, whole = 1 / len(weights), sum(weights.values())
    return {topic: max(0.0, (weight / whole - chance) / (1 - chance)) for topic, weight in weights.items()}
