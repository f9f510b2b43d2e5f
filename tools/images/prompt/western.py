"""Reading an English wish: it stays word for word as it is, but what is not wanted moves to the negative; the rest is found again in it."""

from __future__ import annotations

import re
from functools import cache

from tools.images.prompt.cut import clauses
from tools.images.prompt.english import noun_of, plural
from tools.images.prompt.lexicon import NOUNS, PHRASES, lexicon
from tools.images.prompt.negation import split_negations
from tools.images.prompt.parts import Part, PartKind, Said
from tools.images.prompt.syntax import pieces

__all__ = ["read_western"]

_REQUEST = re.compile(
    r"^\s*(?:please\s+|can you\s+|could you\s+)?(?:draw|make|create|generate|design|i want|i'd like|i would like|give)\s+(?:me\s+)?"
    r"(?:(?:a|an|some)\s+(?:cute\s+)?(?:stickers?|pictures?|images?|drawings?)\s+of\s+)?",
    re.IGNORECASE,
)
_WORN = re.compile(r"(\w+)-(\w+?)(?:n?ed)", re.IGNORECASE)
_NUMBER = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
_KIND: dict[str, PartKind] = {"colour": "colour", "look": "look", "expression": "expression", "action": "action"}


def read_western(text: str) -> Said:
    """The clauses and the parts of a wish in Latin script."""
    trimmed = _REQUEST.sub("", text, count=1)
    core, against = split_negations(trimmed if trimmed.strip() else text)
    said = Said(clauses=clauses(core))
    for item, source in against:
        said.against.append(item)
        said.parts.append(Part("negation", source, item))
    for clause in said.clauses:
        said.parts.append(Part("clause", clause, clause, known=not _foreign(clause)))
        said.parts += _found(clause)
    return said


def _foreign(clause: str) -> bool:
    """Whether letters of another script stand outside marks and quotes."""
    plain = "".join(piece.text for piece in pieces(clause) if piece.kind == "text")
    return any(char.isalpha() and char > "ɏ" for char in plain)


def _found(clause: str) -> list[Part]:
    """What the lexicon knows of the words of a clause, colours and numbers bound to the noun that follows them."""
    parts: list[Part] = []
    for piece in pieces(clause):
        if piece.kind == "quote":
            parts.append(Part("quote", piece.text, piece.text))
        elif piece.kind != "text":
            parts.append(Part("syntax", piece.text, piece.text))
    kinds = _kinds()
    words = [(match[0], match.start(), match.end()) for match in re.finditer(r"[^\W_]+(?:['’-][^\W_]+)*", clause)]
    at, open_from = 0, -1
    waiting: list[tuple[PartKind, int, int]] = []  # colours and numbers before their noun: kind, start, end
    while at < len(words):
        size, kind = next(
            (
                (n, kinds[key])
                for n in range(min(4, len(words) - at), 0, -1)
                if (key := " ".join(word for word, _, _ in words[at : at + n]).lower()) in kinds
            ),
            (1, ""),
        )
        start, end = words[at][1], words[at + size - 1][2]
        span = clause[start:end]
        worn = _WORN.fullmatch(span)
        if worn and kinds.get(worn[1].lower()) == "colour" and kinds.get(worn[2].lower()) in ("wear", "prop", "body"):
            parts += [Part("colour", worn[1], span), Part("object", worn[2], span)]  # a red-scarfed shiba
        elif kind in ("colour", "count"):
            open_from = start if open_from < 0 else open_from
            waiting.append(("colour" if kind == "colour" else "count", start, end))
        elif kind in NOUNS:
            whole = clause[open_from if open_from >= 0 else start : end]
            parts.append(Part("subject" if kind == "subject" else "object", span, whole))
            # A colour is carried only in front of its own noun.
            parts += [Part(of, clause[of_start:of_end], clause[of_start:end]) for of, of_start, of_end in waiting]
            open_from, waiting = -1, []
        elif kind in PHRASES:
            parts.append(Part("place", span, span))
        elif kind in _KIND:
            parts.append(Part(_KIND[kind], span, span))
        elif kind == "relation":
            parts.append(Part("relation", span, span))
        at += size
    return [*parts, *(Part(of, clause[start:end], clause[start:end]) for of, start, end in waiting)]


@cache
def _kinds() -> dict[str, str]:
    table: dict[str, str] = {}
    for english, kind in lexicon().english.items():
        if kind in ("classifier", "action_on", "style"):
            continue
        table.setdefault(english, kind)
        if kind in NOUNS:
            table.setdefault(plural(english), kind)
        if kind in PHRASES:
            table.setdefault(noun_of(english).removeprefix("the ").removeprefix("a "), "prop")
    table.update(dict.fromkeys(_NUMBER, "count"))
    for short in (
        "shiba",
        "poodle",
        "lab",
        "teddy",
        "pup",
        "bunny",
        "kitty",
        "boba",
    ):  # what people say for a longer name
        table.setdefault(short, "subject")
        table.setdefault(plural(short), "subject")
    return table
