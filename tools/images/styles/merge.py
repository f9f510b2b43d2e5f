"""How styles and a wish become prompts: Fooocus' rule (each style its own entry) and A1111's (styles wrap one another)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tools.images.styles.model import PLACE, Style

__all__ = ["Merged", "merge", "merge_nested"]


@dataclass(frozen=True)
class Merged:
    """Entries, each to be encoded as a chunk of its own (Fooocus) or joined by commas where a backend takes one text."""

    positive: tuple[str, ...]
    negative: tuple[str, ...]

    def joined(self) -> tuple[str, str]:
        return ", ".join(self.positive), ", ".join(self.negative)


def merge(prompt: str, negative: str = "", styles: Sequence[Style] = (), expansion: str = "") -> Merged:
    """Fooocus' rule: every style is applied to the bare first line of `prompt`, and nothing is joined.

    A prompt that no style has a place for goes first; further lines of `prompt` follow the styles; the person's negative is
    always an entry of its own behind the styles' negatives; the expansion comes last; empty entries are dropped.
    """
    lines = _lines([prompt])
    task = lines[0] if lines else ""
    positive = _lines(style.prompt.replace(PLACE, task) for style in styles)
    if not any(style.has_place for style in styles):
        positive.insert(0, task)
    positive += [*lines[1:], expansion]
    against = _lines([*(style.negative for style in styles), negative])
    return Merged(tuple(entry for entry in positive if entry.strip()), tuple(against))


def merge_nested(prompt: str, negative: str = "", styles: Sequence[Style] = ()) -> tuple[str, str]:
    """A1111's rule: the second style wraps what the first made; a style without a place is appended behind a comma."""
    for style in styles:
        prompt = _wrap(prompt, style.prompt)
        negative = _wrap(negative, style.negative)
    return prompt, negative


def _wrap(text: str, style: str) -> str:
    if PLACE in style:
        return style.replace(PLACE, text)
    return ", ".join(part for part in (text.strip(), style.strip()) if part)


def _lines(texts: Iterable[str]) -> list[str]:
    return [line.strip() for text in texts for line in text.splitlines() if line.strip()]
