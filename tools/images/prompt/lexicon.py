"""The offline lexicon (rag_data/styles/lexicon.yaml): Chinese words, either script, to the English that a prompt says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tools.chinese import fold
from tools.images.prompt.errors import BadPromptData
from tools.settings import data_dir

__all__ = ["KINDS", "NOUNS", "PHRASES", "Entry", "Lexicon", "lexicon"]

NOUNS = frozenset({"subject", "food", "prop", "wear", "body"})
PHRASES = frozenset({"place", "weather", "time", "relation_word"})
KINDS = (*sorted(NOUNS), *sorted(PHRASES), "colour", "count", "classifier", "look", "expression", "action", "action_on")
KINDS = (*KINDS, "relation", "style")


@dataclass(frozen=True)
class Entry:
    """One word: its kind, the English, the Chinese it was found by."""

    kind: str
    en: str
    zh: str


@dataclass(frozen=True)
class Lexicon:
    """`words` and `classifiers` by the folded Chinese; `english` kinds by the English; `mass` and `plurals` for grammar."""

    words: dict[str, Entry]
    classifiers: dict[str, Entry]
    english: dict[str, str]
    mass: frozenset[str]
    plurals: dict[str, str]
    longest_zh: int

    def longest(self, text: str, at: int, *, classifier: bool = False) -> tuple[Entry, int] | None:
        """The longest word that stands in the folded `text` at `at`, with its length in characters."""
        table = self.classifiers if classifier else self.words
        for size in range(min(self.longest_zh, len(text) - at), 0, -1):
            if entry := table.get(text[at : at + size]):
                return entry, size
        return None


def same_length_fold(text: str) -> str:
    """`text` folded for matching (either script, width and case as one), character by character, so that places agree."""
    folded = fold(text)
    if len(folded) == len(text):
        return folded
    return "".join(one if len(one := fold(char)) == 1 else char for char in text)


@cache
def lexicon(path: Path | None = None) -> Lexicon:
    """The lexicon, read once a process.

    Raises:
        BadPromptData: the file is missing, has an unknown kind, or a Chinese word stands in it twice.
    """
    import yaml

    path = path or data_dir() / "styles" / "lexicon.yaml"
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadPromptData(file=path.name, where="-", detail=str(error).splitlines()[0]) from error
    if not isinstance(data, dict):
        raise BadPromptData(file=path.name, where="-", detail="kinds with words are needed")
    grammar = data.pop("english", None) or {}
    words: dict[str, Entry] = {}
    classifiers: dict[str, Entry] = {}
    english: dict[str, str] = {}
    for kind, lines in data.items():
        if kind not in KINDS or not isinstance(lines, dict):
            raise BadPromptData(file=path.name, where=str(kind), detail="no such kind of words")
        for en, aliases in lines.items():
            if not isinstance(en, str) or not isinstance(aliases, str) or not aliases.split():
                raise BadPromptData(file=path.name, where=f"{kind}.{en}", detail="a text of Chinese words is needed")
            english.setdefault(en, kind)
            # A classifier counts only behind a number, so its words (頭, 面, 杯) may be nouns elsewhere.
            table = classifiers if kind == "classifier" else words
            for zh in aliases.split():
                key = same_length_fold(zh)
                if key in table and table[key].en != en:
                    raise BadPromptData(file=path.name, where=f"{kind}.{en}", detail=f"{zh} stands twice")
                table[key] = Entry(kind, en, zh)
    try:
        plurals = dict(pair.split(":") for pair in str(grammar.get("plural", "")).split())
    except ValueError:
        raise BadPromptData(file=path.name, where="english.plural", detail="one:many is needed") from None
    mass = frozenset(str(grammar.get("mass", "")).split())
    longest = max(map(len, [*words, *classifiers]), default=0)
    return Lexicon(words, classifiers, english, mass, plurals, longest)
