"""What a question is about, read off the everyday words in it: no model, and the same in Chinese and in English.

Advice shares few words with the question it answers ("每天都不想去上班" and a passage on directions), so the words people
use are kept as cues in a data file, and a question's cues say how likely each topic is before any passage is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from tools.retrieval.yaml_list import read_list

__all__ = ["Topic", "Topics"]

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_LATIN = re.compile(r"[\x00-\u024f\u2019]+")
_ENDINGS = ("ies", "ing", "ed", "es", "s", "ly", "e", "y")


class Topic(BaseModel):
    """One topic of the knowledge files, named by the {#mark} of its sections."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    topic: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    title_zh: str = Field(min_length=1)
    title_en: str = Field(min_length=1)
    cues_zh: list[str] = Field(min_length=1)
    cues_en: list[str] = Field(min_length=1)

    def cues(self) -> list[str]:
        """Every cue, for matching as a whole."""
        return [*self.cues_zh, *self.cues_en]

    def words(self) -> list[str]:
        """The cues that may be taken apart into tokens: not English phrases, whose what, the and my fit any question."""
        return [*self.cues_zh, *(cue for cue in self.cues_en if " " not in cue)]


class Topics:
    """The topics in file order, and the prior they give to a question."""

    def __init__(self, topics: Sequence[Topic]) -> None:
        self._topics = {topic.topic: topic for topic in topics}

    @classmethod
    def load(cls, path: Path) -> Topics:
        """The topics of a YAML file.

        Raises:
            BadDocument: the file is missing, is no YAML, or breaks the schema.
        """
        return cls(read_list(path, TypeAdapter(list[Topic])))

    def __iter__(self) -> Iterator[Topic]:
        return iter(self._topics.values())

    def get(self, topic: str) -> Topic | None:
        return self._topics.get(topic)

    def prior(self, query: str) -> dict[str, float]:
        """How strongly the words of `query` point at each topic: topic -> 0..1, only topics that are pointed at.

        A topic's points are its cues' weights (a longer cue says more; one shared by topics is split between them).
        They are divided by the best topic's points + 1, so a single weak cue stays near .5 and agreement nears 1.
        """
        points: dict[str, float] = {}
        for cue, weight in self._found(query).items():
            owners = self._owners[cue]
            for topic in owners:
                points[topic] = points.get(topic, 0.0) + weight / len(owners)
        best = max(points.values(), default=0.0)
        return {topic: value / (best + 1.0) for topic, value in points.items()}

    def _found(self, query: str) -> Mapping[str, float]:
        """The cues in `query` with their weights, without those that lie inside a longer one."""
        from tools.chinese import fold

        folded = fold(query)
        found: dict[str, float] = {}
        covered = 0
        # By start, longest first: whatever ends within what came before lies inside a longer cue.
        for _, end, cue, weight in sorted(
            [*self._chinese_spans(folded), *self._english_spans(folded)], key=lambda span: (span[0], -span[1])
        ):
            if end > covered:
                covered = end
                found[cue] = weight
        return found

    def _chinese_spans(self, folded: str) -> list[tuple[int, int, str, float]]:
        spans = []
        for start in range(len(folded)):
            for length in self._lengths:
                cue = folded[start : start + length]
                if len(cue) == length and cue in self._owners and not _LATIN.fullmatch(cue):
                    spans.append((start, start + length, cue, min(length, 6) / 2))
        return spans

    def _english_spans(self, folded: str) -> list[tuple[int, int, str, float]]:
        words = [(word.start(), word.end(), _stem(word.group())) for word in _WORD.finditer(folded)]
        spans = []
        for first in range(len(words)):
            for count in range(1, min(self._words, len(words) - first) + 1):
                cue = " ".join(stem for _, _, stem in words[first : first + count])
                if cue in self._owners and _LATIN.fullmatch(cue):
                    spans.append((words[first][0], words[first + count - 1][1], cue, (1 + count) / 2))
        return spans

    @cached_property
    def _owners(self) -> dict[str, list[str]]:
        """Every cue as it is matched, with the topics it stands under."""
        from tools.chinese import fold

        owners: dict[str, list[str]] = {}
        for topic in self:
            keys = dict.fromkeys(_key(fold(cue)) for cue in topic.cues())
            for key in keys:
                owners.setdefault(key, []).append(topic.topic)
        return owners

    @cached_property
    def _lengths(self) -> list[int]:
        return sorted({len(cue) for cue in self._owners if not _LATIN.fullmatch(cue)})

    @cached_property
    def _words(self) -> int:
        return max((cue.count(" ") + 1 for cue in self._owners if _LATIN.fullmatch(cue)), default=0)


def _key(folded: str) -> str:
    """An English cue as stems with single spaces, a Chinese one as it is."""
    return " ".join(_stem(word) for word in _WORD.findall(folded)) if _LATIN.fullmatch(folded) else folded


def _stem(word: str) -> str:
    """A crude stem, the same for cue and question, so that jobs, job and studying, studies meet."""
    word = word.replace("\u2019", "'").removesuffix("'s")
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word.removesuffix(ending)
    return word
