"""Cutting a prompt to what one CLIP chunk holds: at clause borders, never inside a mark, a quote or a part that must stay whole."""

from __future__ import annotations

from collections.abc import Sequence

from tools.images.prompt.syntax import pieces
from tools.images.prompt.tokens import LIMIT, Counter

__all__ = ["chunks", "clauses", "fit"]

_BORDERS = ",，;；\n"


def clauses(text: str) -> list[str]:
    """The clauses of a prompt, each stripped; a comma inside a mark or a quote is no border."""
    found = [""]
    for piece in pieces(text):
        if piece.kind != "text":
            found[-1] += piece.text
            continue
        for char in piece.text:
            if char in _BORDERS:
                found.append("")
            else:
                found[-1] += char
    return [clause.strip() for clause in found if clause.strip()]


def fit(parts: Sequence[str], counter: Counter, limit: int = LIMIT) -> tuple[list[str], list[str]]:
    """(what fits, what does not): clauses are taken in order as long as all of them, joined by commas, stay within `limit`.

    A clause that does not fit is left out whole, and shorter ones behind it may still be taken.
    """
    kept: list[str] = []
    left: list[str] = []
    for part in parts:
        if counter(", ".join([*kept, part])) <= limit:
            kept.append(part)
        else:
            left.append(part)
    return kept, left


def chunks(text: str, counter: Counter, limit: int = LIMIT, whole: Sequence[str] = ()) -> list[str]:
    """The whole text as chunks of at most `limit` tokens each, nothing lost, for backends that take long prompts.

    Borders are commas; a clause that alone is too long is cut between words, but never inside a mark, a quote or a phrase of
    `whole`. A phrase of `whole` that is too long by itself is cut between its words after all, and a word as long as a page between
    its letters: what is left too long is at most one mark or quote that is longer than a chunk.
    """
    units: list[tuple[str, str]] = []  # (glue in front of it, text)
    for clause in clauses(text):
        parts = [clause] if counter(clause) <= limit else _words(clause, whole)
        parts = [piece for part in parts for piece in (_harder(part, limit) if counter(part) > limit else [part])]
        units += [(", " if n == 0 else " ", part) for n, part in enumerate(parts)]
    found: list[str] = []
    for glue, unit in units:
        joined = found[-1] + glue + unit if found else unit
        if found and counter(joined) <= limit:
            found[-1] = joined
        else:
            found.append(unit)
    return found


def _harder(part: str, limit: int) -> list[str]:
    size = limit // 4  # no letter takes more than four tokens
    return [
        word if pieces(word)[0].kind != "text" else word[at : at + size]
        for word in _words(part, ())
        for at in (range(0, len(word), size) if pieces(word)[0].kind == "text" else (0,))
    ]


def _words(clause: str, whole: Sequence[str]) -> list[str]:
    """The clause cut at spaces that lie outside marks, quotes and the phrases of `whole`."""
    closed = [False] * len(clause)
    for piece in pieces(clause):
        if piece.kind != "text":
            closed[piece.start : piece.start + len(piece.text)] = [True] * len(piece.text)
    for phrase in whole:
        at = clause.find(phrase) if phrase else -1
        while at >= 0:
            closed[at : at + len(phrase)] = [True] * len(phrase)
            at = clause.find(phrase, at + len(phrase))
    found = [""]
    for char, shut in zip(clause, closed, strict=True):
        if char.isspace() and not shut:
            found.append("")
        else:
            found[-1] += char
    return [word for word in found if word]
