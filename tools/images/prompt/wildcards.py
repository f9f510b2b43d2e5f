"""Wildcards: `__name__` (a line of a list), `{a|b}` (one of these, `{0.7::a|b}` weighted, `{2$$a|b|c}` two of them), `[[a, b]]`.

Choices come from a generator seeded by the caller: the same seed gives the same text. Lists are data: a line may hold further
wildcards, to a depth of eight, and nothing else in it means anything.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.images.prompt.errors import WildcardUnknown

__all__ = ["arrays", "expand_wildcards", "read_lists", "wildcard_names"]

_NAME = re.compile(r"__([\w./-]+?)__")
_CHOICE = re.compile(r"\{([^{}]*\|[^{}]*)\}")
_ARRAY = re.compile(r"\[\[([^\[\]]+)\]\]")
_DEEPEST = 8
_LONGEST = 20_000


def wildcard_names(text: str) -> list[str]:
    """The lists that a text asks for, each once, in order."""
    return list(dict.fromkeys(_NAME.findall(text)))


def read_lists(folder: Path) -> dict[str, list[str]]:
    """Every `name.txt` below `folder` as a list, by its path without the ending; empty lines and `#` lines are no entries."""
    lists = {}
    for path in sorted(folder.rglob("*.txt")):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        name = path.relative_to(folder).with_suffix("").as_posix()
        lists[name] = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    return lists


def expand_wildcards(text: str, lists: Mapping[str, Sequence[str]], seed: int) -> str:
    """The text with every choice made.

    Raises:
        WildcardUnknown: a list is missing or empty, or lists call each other deeper than eight times.
    """
    dice = random.Random(seed)

    def line(match: re.Match[str]) -> str:
        entries = lists.get(match[1])
        if not entries:
            raise WildcardUnknown(name=match[1])
        return dice.choice(entries)

    for _ in range(_DEEPEST):
        step = _NAME.sub(line, _CHOICE.sub(lambda match: _choose(match[1], dice), text))
        settled = step == text
        text = step
        if settled or len(text) > _LONGEST:
            break
    names = wildcard_names(text)
    if names or len(text) > _LONGEST:
        raise WildcardUnknown(name=names[0] if names else "…")
    return text


def _choose(inner: str, dice: random.Random) -> str:
    count = 1
    found = re.match(r"\s*(\d{1,2})\$\$", inner)
    if found:
        count, inner = int(found[1]), inner[found.end() :]
    options: list[tuple[str, float]] = []
    for option in inner.split("|"):
        weighted = re.match(r"\s*(\d{1,4}(?:\.\d{1,4})?)::", option)
        options.append((option[weighted.end() :], float(weighted[1])) if weighted else (option, 1.0))
    chosen = []
    while options and len(chosen) < count:
        weights = [weight for _, weight in options]
        at = dice.choices(range(len(options)), weights if sum(weights) > 0 else None)[0]
        chosen.append(options.pop(at)[0].strip())
    return ", ".join(chosen)


def arrays(text: str, most: int = 64) -> list[str]:
    """One text for every element of each `[[a, b]]`, in order, at most `most` of them."""
    found = [text]
    while len(found) <= most and (match := _ARRAY.search(found[0])):
        elements = [element.strip() for element in match[1].split(",") if element.strip()] or [""]
        found = [one.replace(match[0], element, 1) for one in found for element in elements]
    return found[:most]
