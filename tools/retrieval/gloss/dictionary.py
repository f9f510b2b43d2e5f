"""The words of the table and what each means in English: CC-CEDICT, the glossary, and the English words themselves.

Part of the build (`python -m tools.retrieval.gloss.build`), not of what a search loads.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.chinese import fold

__all__ = ["Lexicon", "build_lexicon", "clean_senses", "read_glossary"]

# More senses than these are shades that blur the vector; they also cost encoding time.
_SENSES = 5
# English words that come in whatever they explain.
_COMMON = 28_000
# Terms of the glossary are common among its readers, whatever a corpus of the web says.
_GLOSSARY_PROBABILITY = 1e-6
_CHINESE = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_ENGLISH = re.compile("[a-z]+(?:'[a-z]+)?")
# What a dictionary says about a word instead of what the word means.
_NO_MEANING = re.compile(
    r"^(?:CL:|surname |Taiwan pr|also pr|pr\. |\(?used in |variant of|old variant|erhua variant|Japanese variant|see also|see |"
    r"also written|also called|abbr\. for .*\||euphemistic variant|nonstandard|unofficial variant|component in|radical in|"
    r"Kangxi radical|two-character surname|\(bound form\)$)",
    re.IGNORECASE,
)
_SAME_AS = re.compile(
    r"(?:variant of|^see(?: also)?|also written|abbr\. (?:for|of)|same as|equivalent to) ([^\s\[\]|()]+)(?:\|([^\s\[\]()]+))?\["
)
# 五筆字型|五笔字型[wu3 bi3 zi4 xing2] inside a gloss: the characters say nothing to an English model.
_INLAID = re.compile(r"[^\s\[\]()]*[\u3400-\u9fff][^\s\[\]()]*(?:\[[^\]]*\])?|\[[^\]]*\]")
_ASIDE = re.compile(r"\([^()]*\)")


@dataclass
class Lexicon:
    """Every word of the table (folded) with its probability in running text and its English senses, best first."""

    words: list[str] = field(default_factory=list)
    senses: list[Sequence[str]] = field(default_factory=list)
    probability: list[float] = field(default_factory=list)

    def add(self, word: str, senses: Sequence[str], probability: float) -> None:
        self.words.append(word)
        self.senses.append(senses)
        self.probability.append(probability)


def build_lexicon(
    entries: Iterable[Mapping[str, Any]],
    glossary: Mapping[str, Sequence[str]],
    chinese: Mapping[str, float],
    english: Mapping[str, float],
) -> Lexicon:
    """The lexicon of CC-CEDICT `entries`, `glossary` terms, and common English words.

    `chinese` and `english` give each word's probability in running text; a word they lack gets half the least they know.
    A Chinese word they lack comes in only at two to four characters, the length of names; an English word comes in if it
    is common or if some Chinese word is explained with it.
    """
    meanings = _meanings(entries)
    for term, senses in glossary.items():
        # The glossary is written for this project's readers, so its senses come first.
        meanings[term] = [*senses, *meanings.get(term, [])][:_SENSES]
    lexicon = Lexicon()
    least = min(chinese.values()) / 2
    explaining = {word for senses in glossary.values() for sense in senses for word in _ENGLISH.findall(sense.lower())}
    for word in sorted(filter(_CHINESE.fullmatch, meanings)):
        if word in glossary:
            lexicon.add(word, meanings[word], max(chinese.get(word, 0.0), _GLOSSARY_PROBABILITY))
        elif word in chinese or 2 <= len(word) <= 4:
            lexicon.add(word, meanings[word], chinese.get(word, least))
        explaining.update(found for sense in meanings[word] for found in _ENGLISH.findall(sense.lower()))
    ranked = sorted(english, key=lambda word: (-english[word], word))
    wanted = {word for word in ranked[:_COMMON] if _ENGLISH.fullmatch(word)}
    wanted |= {word for word in explaining if word in english and len(word) > 1}
    # i人, 22k and 森77 are words; 94 (就是) stays a number, and what has a space is two words.
    wanted |= {term for term in glossary if not _CHINESE.fullmatch(term) and not re.search(r"\s|^\d+$", term)}
    for word in sorted(wanted):
        lexicon.add(word, glossary.get(word, [word]), english.get(word, _GLOSSARY_PROBABILITY))
    return lexicon


def read_glossary(path: Path) -> dict[str, list[str]]:
    """Folded term -> glosses of a CSV file with the columns term and gloss; senses are divided by `;`."""
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        found: dict[str, list[str]] = {}
        for row in csv.DictReader(file):
            senses = [sense.strip() for sense in row["gloss"].split(";") if sense.strip()]
            found.setdefault(fold(row["term"].strip()), []).extend(senses)
        return found


def clean_senses(definitions: Sequence[str]) -> list[str]:
    """What an English model should read of a CC-CEDICT entry's definitions, in order."""
    senses = []
    for definition in definitions:
        if _NO_MEANING.match(definition):
            continue
        for part in definition.split(";"):
            plain = _INLAID.sub(" ", part)
            # An aside explains (see ...), labels (coll.) or completes; only when nothing else is left is it the meaning.
            bare = _ASIDE.sub(" ", plain)
            chosen = bare if re.search("[A-Za-z]{2}", bare) else plain.replace("(", " ").replace(")", " ")
            chosen = re.sub(r"\s+", " ", chosen).strip(" ,.:;!?\"'")
            chosen = re.sub(r"^(?:to|fig\.|lit\.|idiom:?) ", "", chosen)
            if re.search("[A-Za-z0-9]", chosen):
                senses.append(chosen)
    return list(dict.fromkeys(senses))


def _meanings(entries: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Folded word -> English senses; words that only point at another word get that one's senses."""
    common: dict[str, list[str]] = {}
    names: dict[str, list[str]] = {}
    same: dict[str, list[str]] = {}
    for entry in entries:
        keys = dict.fromkeys((fold(entry["simplified"]), fold(entry["traditional"])))
        senses = clean_senses(entry["definitions"])
        # 东 is "east" before it is a surname or a place: capitalised readings are proper names.
        store = names if entry["pinyin"][:1].isupper() else common
        for key in keys:
            store.setdefault(key, []).extend(senses)
            for definition in entry["definitions"]:
                for found in _SAME_AS.finditer(definition):
                    same.setdefault(key, []).append(fold(found[2] or found[1]))
    found_senses = {
        key: list(dict.fromkeys([*common.get(key, []), *names.get(key, [])]))
        for key in dict.fromkeys([*common, *names])
    }
    resolved = {}
    for key, senses in found_senses.items():
        pointed = [sense for other in same.get(key, []) if other != key for sense in found_senses.get(other, [])]
        every = list(dict.fromkeys([*senses, *pointed]))[:_SENSES]
        if every:
            resolved[key] = every
    return resolved
