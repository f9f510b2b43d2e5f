"""How like a topic a story is, where no model is asked: by the subjects of the wish and the words they are told in."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from agents.digest.topic_wish import Group, Part, Wish, read_wish
from agents.digest.topic_words import Lexicon, lexicon, plain

if TYPE_CHECKING:
    import numpy as np

__all__ = ["likenesses"]

# Chosen on one half of a set of topics over one day's stories, whole and with every second cue left out; none is sharp.
_TITLE = 1.7  # a word in the title says that much more
_NAME, _CUE, _HINT = 1.3, 0.95, 0.4
_ENOUGH = 1.1  # evidence at which a story is on the subject by 1 - 1/e
_STEEP = 1.25  # above 1, a second word adds more than the first
_SOFT, _BORNE_OUT = 0.2, 0.4  # the most that nearness alone can say, and what it adds to words
_INCLUDED = 0.95  # what a story on baseball is of one on sport
_OTHERS = 0.35  # what a story on a subject is of one on a thing among it
_ASIDE = 0.4  # what a subject loses that a story only touches
_PLAIN, _COLOUR = 0.58, 0.5  # what is left of a story without any facet of the wish, and what a facet gives
_PLAIN_REST, _REST = 0.85, 0.25  # the same for words that name no known subject
_WEAKEST = 0.6  # its share in a conjunction
_WELCOME = 0.5  # of a story about which the wish says nothing
_DAY = 60  # stories of an ordinary day: on smaller ones rarity says less


def likenesses(topic: str, texts: Sequence[str]) -> list[float]:
    """For each text (its first line is the title) how like the topic it is, 0 to 1; from .4 on it is on the topic.

    How rare a word is and how near is near, the texts say among themselves: the day's stories are given together.
    """
    if not texts:
        return []
    words = lexicon()
    return _Day(words, texts).scores(read_wish(topic, words))


class _Day:
    """The stories of one day and what stands in them."""

    def __init__(self, words: Lexicon, texts: Sequence[str]) -> None:
        self._lexicon = words
        self._texts = [plain(text) for text in texts]
        self._found: list[dict[str, float]] = []  # word -> 1, or more where the title has it
        for text in self._texts:
            title = len(text.partition("\n")[0])
            seen: dict[str, float] = {}
            for one in words.find(text):
                seen[one.word] = max(seen.get(one.word, 0.0), _TITLE if one.start < title else 1.0)
            self._found.append(seen)
        counts = Counter(word for seen in self._found for word in seen)
        most = math.log(max(_DAY, len(texts)))
        self._near = _Near(self._texts)
        self._says = {
            word: max(0.25, 1.0 - math.log(count) / most) * self._near.weight(word) for word, count in counts.items()
        }
        self._evidence = [self._weigh(seen) for seen in self._found]
        subjects = {name for name, one in words.concepts.items() if not (one.facet or one.means)}
        self._most = [
            max((value for name, value in of.items() if name in subjects), default=0.0) for of in self._evidence
        ]
        self._known: dict[str, np.ndarray] = {}

    def scores(self, wish: Wish) -> list[float]:
        import numpy as np

        score = np.zeros(len(self._texts))
        for groups in wish.wanted:
            score = np.maximum(score, _all_of([self._group(group) for group in groups]))
        if wish.wanted:
            if wish.rest:
                score *= _PLAIN_REST + _REST * self._words(wish.rest)
        elif wish.rest:
            score = self._words(wish.rest)
        elif wish.facets:
            score = np.max([self._concept(name) for names in wish.facets for name in names], axis=0)
        if wish.facets and (wish.wanted or wish.rest):
            met = [np.max([self._facet(name) for name in names], axis=0) for names in wish.facets]
            score *= _PLAIN + _COLOUR * np.mean(met, axis=0)
        if not (wish.wanted or wish.rest or wish.facets):
            score += _WELCOME  # told nothing, or only what not to bring: all the others may come
        for part in wish.unwanted:
            score *= 1.0 - 0.75 * self._part(part)
        for part in wish.lightly:
            score *= 1.0 - 0.4 * self._part(part)
        if wish.unwanted_rest:
            score *= 1.0 - 0.75 * self._words(wish.unwanted_rest)
        return [float(one) for one in np.clip(np.nan_to_num(score), 0.0, 1.0)]

    def _group(self, group: Group) -> np.ndarray:
        import numpy as np

        return np.max([self._part(part) for part in group.parts], axis=0)

    def _part(self, part: Part) -> np.ndarray:
        import numpy as np

        score = np.max([self._concept(name) for name in part.concepts], axis=0)
        if part.broad:
            return score
        spelt = (part.word, part.word.removesuffix("s"))
        said = np.array([min(1.0, 0.7 * max(seen.get(one, 0.0) for one in spelt)) for seen in self._found])
        # The other language's word for it lies next to it; another thing of the subject (流感 for 登革熱) does not.
        meant = np.clip((self._near.words(part.word) - 0.5) / 0.2, _OTHERS, 1.0)
        return np.maximum(said, meant * score)

    def _concept(self, name: str) -> np.ndarray:
        """How far each story is on this subject, or on one that it includes."""
        import numpy as np

        if name not in self._known:
            concept = self._lexicon.concepts[name]
            evidence = self._told(name)
            said = 1.0 - np.exp(-((evidence / _ENOUGH) ** _STEEP))
            # Nearness bears a word out; without any it says little, as all of a day's stories are near something.
            soft = self._nearness(" ".join([*concept.names, *concept.cues[:20]]))
            score = 1.0 - (1.0 - said) * (1.0 - soft * (_SOFT + _BORNE_OUT * said))
            self._known[name] = score  # before the others, so that a circle ends
            for other in concept.includes:
                score = np.maximum(score, _INCLUDED * self._concept(other))
            self._known[name] = score
        return self._known[name]

    def _told(self, name: str) -> np.ndarray:
        """The evidence for a subject in each story, less where the story is rather about another one.

        Not so for facets, and not for means: a story of AI on a farm is one of AI whatever it says of the farm.
        """
        import numpy as np

        concept = self._lexicon.concepts[name]
        evidence = np.array([seen.get(name, 0.0) for seen in self._evidence])
        if concept.facet or concept.means:
            return evidence
        family = {name, *concept.includes}
        share = [
            max(seen.get(one, 0.0) for one in family) / most if most else 1.0
            for seen, most in zip(self._evidence, self._most, strict=True)
        ]
        return evidence * (1.0 - _ASIDE + _ASIDE * np.minimum(1.0, np.array(share)))

    def _weigh(self, seen: dict[str, float]) -> dict[str, float]:
        """The evidence in one story for every concept."""
        total: dict[str, float] = {}
        for word, place in seen.items():
            counted: set[str] = set()
            # A name that is a hint as well (工作) says as little as a hint.
            for table, weight in (
                (self._lexicon.hints, _HINT),
                (self._lexicon.names, _NAME),
                (self._lexicon.cues, _CUE),
            ):
                names = [name for name in table.get(word, ()) if name not in counted]
                counted.update(names)
                for name in names:
                    total[name] = total.get(name, 0.0) + weight * place * self._says[word] / len(names) ** 0.3
        return total

    def _facet(self, name: str) -> np.ndarray:
        """How far each story has this facet, 0 to 1; down to -0.5 where its words are those of another kind of story."""
        import numpy as np

        other = [
            sum(p for word, p in seen.items() if name in self._lexicon.against.get(word, ())) for seen in self._found
        ]
        return self._concept(name) - 0.5 * (1.0 - np.exp(-np.array(other)))

    def _words(self, words: str) -> np.ndarray:
        """How far each story is about words that name no known subject: they stand in it, or it is near them."""
        import numpy as np

        return np.maximum(0.9 * self._near.shares(words), 0.75 * self._nearness(words))

    def _nearness(self, words: str) -> np.ndarray:
        return self._near.of(words)


class _Near:
    """How near stories are to some words by the gloss table, 0 (like most of the day) to 1."""

    def __init__(self, texts: Sequence[str]) -> None:
        from tools.retrieval import GlossEmbedder

        self._embedder = GlossEmbedder()
        self._rows = self._embedder.embed(texts)
        self._texts = texts
        self._bags = [frozenset(self._embedder.words(text).ids.tolist()) for text in texts]

    def weight(self, word: str) -> float:
        """How much a word says, 0.1 for one that stands everywhere to 1; a single character says little in Chinese."""
        bag = self._embedder.words(word)
        known = float(bag.weights.max()) if len(bag.ids) else 0.5
        return max(0.1, min(1.0, (known - 0.1) / 0.75)) * (0.35 if len(word) == 1 else 1.0)

    def shares(self, words: str) -> np.ndarray:
        """The share of the words that stand in each story, by what they say."""
        import numpy as np

        asked = self._embedder.words(words)
        if not len(asked.ids):
            return np.zeros(len(self._bags))
        weights = dict(zip(asked.ids.tolist(), asked.weights.tolist(), strict=True))
        total = sum(weights.values()) or 1.0
        return np.array([sum(weight for id_, weight in weights.items() if id_ in bag) / total for bag in self._bags])

    def words(self, words: str) -> np.ndarray:
        """How near each story's nearest words are to these, one by one, 0 to 1."""
        from tools.retrieval.maxsim import MaxSim

        return MaxSim(self._embedder, self._texts).scores(words, range(len(self._texts)))

    def of(self, words: str) -> np.ndarray:
        """How far each story stands out from the day's others in being near these words, 0 to 1."""
        import numpy as np

        cosines = self._rows @ self._embedder.embed([words])[0]
        middle = float(np.median(cosines))
        spread = max(0.04, 1.5 * float(np.median(np.abs(cosines - middle))))
        return np.clip(((cosines - middle) / spread - 1.5) / 3.0, 0.0, 1.0)


def _all_of(scores: Iterable[np.ndarray]) -> np.ndarray:
    """A conjunction: the weakest counts most, the geometric mean of all the rest."""
    import numpy as np

    stacked = np.stack(list(scores))
    mean = np.exp(np.log(np.maximum(stacked, 0.01)).mean(axis=0))
    return _WEAKEST * stacked.min(axis=0) + (1.0 - _WEAKEST) * mean
