"""The words of the news by subject: rag_data/feeds/topics.yaml, and where they stand in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from tools.settings import data_dir

__all__ = ["Concept", "Found", "Lexicon", "lexicon", "plain", "read_topics"]

_Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_GAP = re.compile(rf"(?<=[{_HAN}])[^\S\n]+|[^\S\n]+(?=[{_HAN}])")
_US = re.compile(r"\bU\.S\.(?:A\.)?|\bUSA?\b")  # folded, the country is a pronoun
_PREFIX_FROM = 5  # shorter Latin words must end where the text's word ends: "ai" is not in "aid"
_ENDING = re.compile(r"(?:'s|s|es)?(?![a-z0-9])")


class Concept(BaseModel):
    """One subject. A name is what readers call it, a cue stands in its stories, a hint stands elsewhere too.

    A word `against` stands in stories of another kind. `facet`: it colours a subject and is none itself. `means`: a thing
    that others are done with (AI), so that with another subject it asks for both.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    names: tuple[_Word, ...] = Field(min_length=2, max_length=40)
    cues: tuple[_Word, ...] = Field(min_length=5, max_length=100)
    hints: tuple[_Word, ...] = Field((), max_length=40)
    against: tuple[_Word, ...] = Field((), max_length=60)
    includes: tuple[str, ...] = ()
    facet: bool = False
    means: bool = False


def _included_exist(concepts: dict[str, Concept]) -> dict[str, Concept]:
    for name, concept in concepts.items():
        lost = [one for one in concept.includes if one not in concepts or concepts[one].facet]
        if lost:
            raise ValueError(f"{name} includes {lost[0]}, which is no subject of this file")
    return concepts


_Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{1,30}$")]
_Concepts = Annotated[dict[_Id, Concept], AfterValidator(_included_exist)]


@dataclass(frozen=True)
class Found:
    """A word of the lexicon in a text, from `start` up to `end`."""

    start: int
    end: int
    word: str


class Lexicon:
    """All words of all concepts; read-only once built."""

    def __init__(self, concepts: dict[str, Concept]) -> None:
        self.concepts = concepts
        self.names: dict[str, list[str]] = {}  # folded word -> the concepts it names
        self.cues: dict[str, list[str]] = {}
        self.hints: dict[str, list[str]] = {}
        self.against: dict[str, list[str]] = {}
        for kind in ("names", "cues", "hints", "against"):
            table = getattr(self, kind)
            for key, concept in concepts.items():
                for word in {plain(word) for word in getattr(concept, kind)}:
                    table.setdefault(word, []).append(key)
        words = {*self.names, *self.cues, *self.hints, *self.against}
        self._from: dict[str, list[str]] = {}
        for word in sorted(words, key=len, reverse=True):
            self._from.setdefault(word[:2], []).append(word)

    def find(self, text: str) -> list[Found]:
        """The words in a `plain` text, without those that stand inside a longer one (機器人 in 聊天機器人).

        Latin words stay: AI in "AI 伺服器" is still AI.
        """
        found: list[Found] = []
        reach = {True: 0, False: 0}  # where the furthest word so far ends, of Latin ones and of others
        for one in self._all(text):
            latin = one.word.isascii()
            if one.end > reach[latin]:
                reach[latin] = one.end
                found.append(one)
        return found

    def _all(self, text: str) -> Iterator[Found]:
        """Every word at every place, longest first at each place."""
        for start in range(len(text)):
            for key in (text[start : start + 2], text[start]):
                for word in self._from.get(key, ()):
                    if text.startswith(word, start) and _stands(text, word, start):
                        yield Found(start, start + len(word), word)
                if len(text) == start + 1:
                    break


def _stands(text: str, word: str, start: int) -> bool:
    """Latin words begin where a word begins, and short ones end where it ends."""
    if word[0].isascii() and word[0].isalnum() and start and text[start - 1].isascii() and text[start - 1].isalnum():
        return False
    last = word[-1]
    if not (last.isascii() and last.isalnum()):
        return True
    end = start + len(word)
    return (len(word) >= _PREFIX_FROM and last.isalpha()) or _ENDING.match(text, end) is not None


def plain(text: str) -> str:
    """A text as it is matched: folded, and without the gaps between Chinese and other words."""
    from tools.chinese import fold

    return _GAP.sub("", fold(_US.sub("united states", text.encode("utf-8", "replace").decode("utf-8"))))


def read_topics(path: Path | None = None) -> dict[str, Concept]:
    """The subjects of the file at `path`, by default of the one that ships with Finale, by name.

    Raises:
        BadDocument: the file is missing or breaks the schema.
    """
    from tools.retrieval.yaml_list import read_list

    return read_list(path or data_dir() / "feeds" / "topics.yaml", TypeAdapter(_Concepts))


@cache
def lexicon() -> Lexicon:
    """The lexicon of the shipped subjects, read once."""
    return Lexicon(read_topics())
