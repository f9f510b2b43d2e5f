"""Contradictions in a prompt: day and night, sun and rain, a happy face that cries, two colours or two numbers for one noun."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tools.images.prompt.english import plural
from tools.images.prompt.errors import BadPromptData
from tools.images.prompt.lexicon import NOUNS, lexicon
from tools.settings import data_dir

__all__ = ["Contradiction", "clashes", "contradictions"]

_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve")


@dataclass(frozen=True)
class Contradiction:
    """Two stretches of text that cannot both be drawn; `why` is opposite, colour or count."""

    why: str
    first: str
    second: str


def contradictions(text: str, *, single: bool = False) -> list[Contradiction]:
    """What quarrels within one prompt. With `single` (one subject) moods and poses are compared as well.

    A red cat and a blue cat are two cats; colours quarrel only where they stand in a row before one noun ("red blue cat").
    """
    found = _opposites(text, text, single)
    colours = _colour_words()
    for match in re.finditer(rf"\b({colours})[ ,]+({colours})\s+({_noun_words()})\b", text, re.IGNORECASE):
        pair = f"{match[1]} {match[2]}".lower()
        if (
            match[1].lower() != match[2].lower()
            and lexicon().english.get(pair) != "colour"
            and match[2].lower() != "orange"
        ):
            found.append(Contradiction("colour", f"{match[1]} {match[3]}", f"{match[2]} {match[3]}"))
    return found


def clashes(wish: str, added: str, *, single: bool = True) -> list[Contradiction]:
    """What the words `added` (by a style or an expansion) say against the wish: opposites, another colour or number of its nouns."""
    found = _opposites(wish, added, single)
    for why, words in (("colour", _colour_words()), ("count", "|".join(_NUMBERS))):
        had, new = _bound(wish, words), _bound(added, words)
        for noun in had.keys() & new.keys():
            found += [
                Contradiction(why, f"{one} {noun}", f"{other} {noun}")
                for one in sorted(had[noun])
                for other in sorted(new[noun] - had[noun])
            ]
    return found


def _opposites(first: str, second: str, single: bool) -> list[Contradiction]:
    found = []
    for sides in _table()["scene"] + (_table()["single"] if single else []):
        for n, one in enumerate(sides):
            hit = re.search(rf"(?<![\w-])(?:{one})(?![\w-])", first, re.IGNORECASE)
            for m, other in enumerate(sides):
                against = (
                    re.search(rf"(?<![\w-])(?:{other})(?![\w-])", second, re.IGNORECASE) if hit and m != n else None
                )
                if hit and against and not (first == second and m < n):
                    found.append(Contradiction("opposite", hit[0], against[0]))
    return found


def _bound(text: str, words: str) -> dict[str, set[str]]:
    """noun in the singular -> the colours (or numbers) that stand before it, with up to three other words between."""
    found: dict[str, set[str]] = {}
    singular = _singular()
    for match in re.finditer(rf"\b({words})\s+(?:(?!and\b)[\w-]+\s+){{0,3}}?({_noun_words()})\b", text, re.IGNORECASE):
        noun = match[2].lower()
        found.setdefault(singular.get(noun, noun), set()).add(match[1].lower())
    return found


@cache
def _nouns() -> tuple[str, ...]:
    return tuple(en for en, kind in lexicon().english.items() if kind in NOUNS)


@cache
def _singular() -> dict[str, str]:
    return {plural(noun): noun for noun in _nouns()}


@cache
def _noun_words() -> str:
    every = {*_nouns(), *map(plural, _nouns())}
    return "|".join(re.escape(noun) for noun in sorted(every, key=lambda noun: (-len(noun), noun)))


@cache
def _colour_words() -> str:
    colours = [en for en, kind in lexicon().english.items() if kind == "colour"]
    return "|".join(re.escape(colour) for colour in sorted(colours, key=lambda colour: (-len(colour), colour)))


@cache
def _table(path: Path | None = None) -> dict[str, list[Sequence[str]]]:
    import yaml

    path = path or data_dir() / "styles" / "opposites.yaml"
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadPromptData(file=path.name, where="-", detail=str(error).splitlines()[0]) from error
    for key in ("scene", "single"):
        lines = data.get(key) if isinstance(data, dict) else None
        if not isinstance(lines, list) or not all(
            isinstance(sides, list) and len(sides) > 1 and all(isinstance(side, str) and side for side in sides)
            for sides in lines
        ):
            raise BadPromptData(file=path.name, where=key, detail="lists of sides are needed")
    # The words are plain: only "|" between them means anything.
    return {key: [["|".join(map(re.escape, side.split("|"))) for side in sides] for sides in data[key]] for key in data}
