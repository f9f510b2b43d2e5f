"""The data files of the artist, read once and checked against their schema; names in Chinese or English are found in them."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from tools.images.artist.model import Expression, Pose, Prop, Style, Subject, UnknownWord
from tools.images.prompt.english import plural
from tools.images.prompt.lexicon import same_length_fold

__all__ = [
    "expression",
    "expressions",
    "match_expression",
    "match_subject",
    "pose",
    "poses",
    "prop",
    "props",
    "style",
    "styles",
    "subject",
    "subjects",
]

FOLDER = Path(__file__).with_name("data")
_ALONE = frozenset(
    "貓狗兔熊豬鴨蛙猴鹿獅"
)  # one letter that names the animal wherever no longer word holds it (not 象: 現象)
_Item = TypeVar("_Item", Subject, Expression, Pose, Prop, Style)


def _read(path: Path, made: type[_Item]) -> dict[str, _Item]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    rows: dict[str, dict[str, Any]] = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    return {key: made.model_validate({"id": key, **row}) for key, row in rows.items()}


@cache
def _subjects() -> dict[str, Subject]:
    found: dict[str, Subject] = {}
    for path in sorted((FOLDER / "subjects").glob("*.yaml")):
        rows = _read(path, Subject)
        if twice := found.keys() & rows.keys():
            raise ValueError(f"{path.name}: {', '.join(sorted(twice))} stands in another file too")
        found.update(rows)
    return found


@cache
def _expressions() -> dict[str, Expression]:
    return _read(FOLDER / "expressions.yaml", Expression)


@cache
def _poses() -> dict[str, Pose]:
    return _read(FOLDER / "poses.yaml", Pose)


@cache
def _props() -> dict[str, Prop]:
    return _read(FOLDER / "props.yaml", Prop)


@cache
def _styles() -> dict[str, Style]:
    return _read(FOLDER / "styles.yaml", Style)


def subjects() -> tuple[Subject, ...]:
    return tuple(_subjects().values())


def expressions() -> tuple[Expression, ...]:
    return tuple(_expressions().values())


def poses() -> tuple[Pose, ...]:
    return tuple(_poses().values())


def props() -> tuple[Prop, ...]:
    return tuple(_props().values())


def styles() -> tuple[Style, ...]:
    return tuple(_styles().values())


def subject(word: str) -> Subject:
    """The subject by id or any of its names.

    Raises:
        UnknownWord: there is none.
    """
    return _get(_subjects(), word, "subject")


def expression(word: str) -> Expression:
    return _get(_expressions(), word, "expression")


def pose(word: str) -> Pose:
    return _get(_poses(), word, "pose")


def prop(word: str) -> Prop:
    return _get(_props(), word, "prop")


def style(word: str) -> Style:
    return _get(_styles(), word, "style")


def match_subject(text: str) -> Subject | None:
    """The subject that `text` names: as a whole, or the longest name found inside it (橘色的柴犬 -> 柴犬).

    A name counts only where no longer word holds it: 海狗 is no dog, 熱狗 neither; such words are those of the prompt lexicon and of
    `apart.yaml`. Of names equally long the first is taken.
    """
    plain = _plain(text)[:500]
    for key, item in _subjects().items():
        if plain == key.replace("_", " ") or plain in map(_plain, item.names):
            return item
    found = _cut(same_length_fold(plain))
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _cut(text: str) -> list[tuple[int, Subject]]:
    """(length of the name, subject) of every name in the folded `text`, in order; the longest word wins at each place."""
    table, longest = _names()
    found: list[tuple[int, Subject]] = []
    at = 0
    while at < len(text):
        for size in range(min(longest, len(text) - at), 0, -1):
            word = text[at : at + size]
            if word not in table:
                continue
            if word.isascii() and (_letter(text, at - 1) or _letter(text, at + size)):
                continue
            if (item := table[word]) is not None:
                found.append((size, item))
            at += size - 1
            break
        at += 1
    return found


def _letter(text: str, at: int) -> bool:
    return 0 <= at < len(text) and "a" <= text[at] <= "z"


@cache
def _names() -> tuple[dict[str, Subject | None], int]:
    """Every name in a text -> its subject, None for words that only look like one; and the length of the longest."""
    import yaml

    from tools.images.prompt.lexicon import NOUNS, lexicon

    apart = yaml.safe_load((FOLDER / "apart.yaml").read_text(encoding="utf-8"))
    known = lexicon()
    words = {word for word in known.words if len(word) > 1}
    words |= {same_length_fold(word) for word in apart["zh"].split()}
    for en in [*(en for en, kind in known.english.items() if kind in NOUNS and " " in en), *apart["en"]]:
        words |= {en, plural(en)}
    table: dict[str, Subject | None] = dict.fromkeys(words)
    for key, item in _subjects().items():
        for name in (key.replace("_", " "), *item.names):
            plain = same_length_fold(_plain(name))
            if plain.isascii():
                table.setdefault(plural(plain), item)
            if plain.isascii() or len(plain) > 1 or name in _ALONE:
                table[plain] = item
    return table, max(map(len, table))


def match_expression(text: str) -> Expression | None:
    return _match(_expressions(), text)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _get(items: dict[str, _Item], word: str, kind: str) -> _Item:
    if word in items:
        return items[word]
    wanted = _plain(word)
    for item in items.values():
        if any(_plain(name) == wanted for name in item.names):
            return item
    raise UnknownWord(kind=kind, word=word[:40], known="、".join(list(items)[:60]))


def _match(items: dict[str, _Item], text: str) -> _Item | None:
    wanted = _plain(text)[:500]
    best: tuple[int, _Item] | None = None
    for key, item in items.items():
        for name in (key.replace("_", " "), *item.names):
            name = _plain(name)
            if name == wanted:
                return item
            if len(name) > (best[0] if best else 0) and _holds(wanted, name):
                best = (len(name), item)
    return best[1] if best else None


def _holds(text: str, name: str) -> bool:
    if not name.isascii():  # one Chinese letter alone is too often part of another word
        return len(name) > 1 and name in text
    return re.search(rf"(?<![a-z]){re.escape(name)}(?:e?s)?(?![a-z])", text) is not None
