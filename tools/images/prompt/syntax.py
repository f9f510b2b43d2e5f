"""The marks inside a prompt, found and kept byte for byte: `(a:1.2)`, `((a))`, `[a]`, `<lora:x:0.7>`, `__wild__`, quoted text.

The pieces of a text, joined, are the text again. What only looks like a mark (a bracket that never closes) is plain text.
Weights follow A1111's rule: `(a)` is 1.1, `[a]` is 1/1.1, nested marks multiply, `(a:1.2)` is 1.2, `\\(` is a bracket.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

__all__ = ["Lora", "Piece", "loras", "pieces", "quotes", "weights", "without_loras"]

Kind = Literal["text", "weight", "lora", "wild", "quote"]
_DEEPEST = 40
_LORA = re.compile(r"<(?:lora|lyco|hypernet):([^<>:]+)(?::([^<>:]*))?(?::[^<>]*)?>")
_WILD = re.compile(r"__[\w./*-]+?__")
_QUOTE = re.compile(r"「[^「」\n]+」|『[^『』\n]+』|“[^“”\n]+”|\"[^\"\n]+\"|(?<![\w'])'[^'\n]+'(?!\w)|‘[^‘’\n]+’(?!\w)")
_PAIRS = {"(": ")", "[": "]"}


@dataclass(frozen=True)
class Piece:
    """A stretch of the text; `text` is exactly what stood there."""

    kind: Kind
    text: str
    start: int

    @property
    def inner(self) -> str:
        """A quote without its marks; any other piece as it is."""
        return self.text[1:-1] if self.kind == "quote" else self.text


@dataclass(frozen=True)
class Lora:
    """An inline LoRA tag; a weight that is no number counts as 1."""

    name: str
    weight: float


def pieces(text: str) -> list[Piece]:
    """The text cut into plain stretches and marks, in order; nothing is lost and nothing overlaps."""
    found: list[Piece] = []
    plain = at = 0
    while at < len(text):
        mark = _mark(text, at)
        if mark is None:
            at += 2 if text[at] == "\\" else 1
            continue
        if plain < at:
            found.append(Piece("text", text[plain:at], plain))
        found.append(mark)
        at = plain = at + len(mark.text)
    if plain < len(text):
        found.append(Piece("text", text[plain:], plain))
    return found


def _mark(text: str, at: int) -> Piece | None:
    char = text[at]
    if char in _PAIRS:
        end = _closing(text, at)
        # One bare bracket around a word is what people write in prose too; it is kept all the same.
        return Piece("weight", text[at:end], at) if end else None
    for first, pattern, kind in (("<", _LORA, "lora"), ("_", _WILD, "wild"), ("「『“\"'‘", _QUOTE, "quote")):
        if char in first and (found := pattern.match(text, at)):
            return Piece(kind, found[0], at)  # type: ignore[arg-type]
    return None


def _closing(text: str, at: int) -> int:
    """The place behind the bracket that closes the one at `at`; 0 where none does."""
    stack: list[str] = []
    while at < len(text):
        char = text[at]
        if char == "\\":
            at += 1
        elif char in _PAIRS:
            stack.append(_PAIRS[char])
            if len(stack) > _DEEPEST:
                return 0
        elif char in ")]":
            if stack.pop() != char:
                return 0
            if not stack:
                return at + 1
        at += 1
    return 0


def loras(text: str) -> list[Lora]:
    """The LoRA tags of a text in order, the first of each name."""
    found: dict[str, Lora] = {}
    for match in _LORA.finditer(text):
        number = re.fullmatch(r"\s*(-?\d{1,3}(?:\.\d{1,6})?|-?\.\d{1,6})\s*", match[2] or "")
        found.setdefault(match[1].strip(), Lora(match[1].strip(), float(number[1]) if number else 1.0))
    return list(found.values())


def without_loras(text: str) -> str:
    """The text that reaches the text encoder: LoRA tags never do."""
    return _LORA.sub("", text)


def quotes(text: str) -> list[str]:
    """What stands in quotation marks, without them."""
    return [piece.inner for piece in pieces(text) if piece.kind == "quote"]


def weights(text: str) -> list[tuple[str, float]]:
    """The text without its weight marks, in stretches of one weight (A1111's rule); tags of LoRAs are left out."""
    return [(part, round(weight, 6)) for part, weight in _weigh(without_loras(text), 1.0) if part]


def _weigh(text: str, weight: float) -> list[tuple[str, float]]:
    out: list[tuple[str, float]] = []
    for piece in pieces(text):
        if piece.kind != "weight":
            plain = re.sub(r"\\([()\[\]])", r"\1", piece.text)
            if out and out[-1][1] == weight:
                out[-1] = (out[-1][0] + plain, weight)
            else:
                out.append((plain, weight))
            continue
        inner = piece.text[1:-1]
        number = re.search(r":\s*([+-]?\d{0,3}(?:\.\d{1,6})?)\s*$", inner) if piece.text[0] == "(" else None
        if number and any(char.isdigit() for char in number[1]):
            out += _weigh(inner[: number.start()], weight * float(number[1]))
        else:
            out += _weigh(inner, weight * 1.1 if piece.text[0] == "(" else weight / 1.1)
    return out
