"""Late interaction: every word of a question looks for its nearest word in a passage.

A sum of word vectors forgets which words it was made of; comparing word by word finds what matters in a passage about
many things, and works across languages where the words share a space (MaxSim: Khattab & Zaharia 2020, "ColBERT"). The
words of an answer stand close together, so half of a score is how well the best single sentence does.
A passage is kept as word ids only; vectors come from the table when they are needed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np

__all__ = ["MaxSim", "WordBag", "WordVectors", "similarity"]

_SENTENCE_END = re.compile(r"(?<=[。！？!?；;\n])|(?<=\.)\s+")


@dataclass(frozen=True)
class WordBag:
    """The distinct words of a text: `ids` (n,) int32 ascending, `weights` (n,) float32, how much each one says."""

    ids: np.ndarray
    weights: np.ndarray


@runtime_checkable
class WordVectors(Protocol):
    """What MaxSim needs of an embedder: its words and their vectors."""

    def words(self, text: str) -> WordBag:
        """The distinct words of `text`."""

    def vectors(self, ids: np.ndarray) -> np.ndarray:
        """(len(ids), dims) float32, rows of length 1."""


class MaxSim:
    """A re-ranker over a fixed list of texts; read-only once built, safe for many threads."""

    def __init__(self, words: WordVectors, texts: Sequence[str]) -> None:
        self._words = words
        self._texts = [_sentences(words, text) for text in texts]

    @classmethod
    def restored(cls, words: WordVectors, state: Mapping[str, np.ndarray]) -> MaxSim:
        """The re-ranker whose `state` this is, over the same table of words."""
        import numpy as np

        made = cls(words, ())
        sentences = np.split(state["words"], np.cumsum(state["sentences"])[:-1]) if len(state["sentences"]) else []
        ends = np.cumsum(state["texts"]).tolist()
        made._texts = [sentences[start:end] for start, end in zip([0, *ends], ends, strict=False)]
        return made

    def state(self) -> dict[str, np.ndarray]:
        """All there is to it, to be kept: the `words` of all sentences, how many each of the `sentences` has, and how many
        of these each of the `texts` has."""
        import numpy as np

        sentences = [sentence for text in self._texts for sentence in text]
        words = np.concatenate(sentences) if sentences else np.zeros(0, dtype=np.int32)
        return {
            "words": words,
            "sentences": np.array([len(sentence) for sentence in sentences], dtype=np.int32),
            "texts": np.array([len(text) for text in self._texts], dtype=np.int32),
        }

    def __len__(self) -> int:
        return len(self._texts)

    def scores(self, query: str, positions: Sequence[int]) -> np.ndarray:
        """How fully each of the texts at `positions` covers the words of `query`: (len(positions),) float32 in 0..1.

        The mean of what the whole text covers and what its best sentence covers. 1 means that one sentence holds every
        word of the query; an empty query or text scores 0.
        """
        import numpy as np

        asked = self._words.words(query)
        scores = np.zeros(len(positions), dtype=np.float32)
        found = [at for at, position in enumerate(positions) if self._texts[position]]
        if not len(asked.ids) or not found:
            return scores
        texts = [self._texts[positions[at]] for at in found]
        sentences = [sentence for text in texts for sentence in text]
        # Passages share most of their words: each distinct word is compared with the question once.
        distinct, place = np.unique(np.concatenate(sentences), return_inverse=True)
        near = np.maximum(self._words.vectors(distinct) @ self._words.vectors(asked.ids).T, 0.0)
        in_sentence = np.maximum.reduceat(near[place], _starts(sentences), axis=0)
        in_text = np.maximum.reduceat(in_sentence, _starts(texts), axis=0)
        weights = asked.weights / asked.weights.sum()
        best_sentence = np.maximum.reduceat(in_sentence @ weights, _starts(texts))
        scores[found] = np.clip((in_text @ weights + best_sentence) / 2, 0.0, 1.0)
        return scores


def _sentences(words: WordVectors, text: str) -> list[np.ndarray]:
    """The word ids of each sentence that has any."""
    bags = (words.words(sentence) for sentence in _SENTENCE_END.split(text) if sentence)
    return [bag.ids for bag in bags if len(bag.ids)]


def _starts(parts: Sequence[Sequence[object] | np.ndarray]) -> np.ndarray:
    """Where each part begins once all are joined."""
    import numpy as np

    return np.cumsum([0, *(len(part) for part in parts[:-1])])


def similarity(claim: str, text: str) -> float:
    """How far the words of `claim` are borne out by `text`, 0..1, in one language or across Chinese and English.

    Raises:
        GlossError: the gloss table is missing or damaged.
    """
    from tools.retrieval.gloss import GlossEmbedder

    return float(MaxSim(GlossEmbedder(), [text]).scores(claim, [0])[0])
