"""Text as it comes from models, made fit to store: no half characters, no keys."""

from __future__ import annotations

import re
from typing import Any

from tools.llm.redact import redact

__all__ = ["Cleaner", "whole_characters"]

_BEGUN = re.compile(r"\b(?:s|sk|sk-[A-Za-z0-9_\-]*)\Z")
_LONGEST_KEY = 200


def whole_characters(value: Any) -> Any:
    """`value` (text, or plain data with texts in it) with surrogate halves joined, and lone ones replaced."""
    if isinstance(value, str):
        if value.isascii() or not any("\ud800" <= c <= "\udfff" for c in value):
            return value
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [whole_characters(item) for item in value]
    if isinstance(value, dict):
        return {whole_characters(name): whole_characters(item) for name, item in value.items()}
    return value


class Cleaner:
    """Cleans a text that arrives in pieces: a key or a character that is cut in two is held back until it is whole."""

    def __init__(self, secret: str | None) -> None:
        self._secret = secret or ""
        self._held = ""

    def feed(self, piece: str) -> str:
        """What of the text so far is safe to show now."""
        text = self._held + piece
        if self._secret:
            text = text.replace(self._secret, "[key]")
        safe = len(text) - self._unsure(text)
        self._held = text[safe:]
        return whole_characters(redact(text[:safe], self._secret))

    def close(self) -> str:
        """The rest."""
        rest, self._held = redact(self._held, self._secret), ""
        return whole_characters(rest)

    def _unsure(self, text: str) -> int:
        """How many characters at the end may yet become a key, or the second half of a character."""
        half = 1 if text and "\ud800" <= text[-1] <= "\udbff" else 0
        begun = _BEGUN.search(text[-_LONGEST_KEY:])
        growing = begun.end() - begun.start() if begun else 0
        longest = min(len(self._secret) - 1, len(text))
        own = next((n for n in range(longest, 0, -1) if text.endswith(self._secret[:n])), 0)
        return max(half, growing, own)
