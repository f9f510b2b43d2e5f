"""Why a reply is not there, in words."""

from __future__ import annotations

from pathlib import Path

from tools.llm import LLMError
from tools.words import Lang, Words

__all__ = ["why"]

_WORDS = Path(__file__).with_name("reasons.yaml")


def why(error: str, lang: Lang) -> str:
    """A kind of failure (`Reply.error`) in words; the kind itself where nobody has words for it."""
    for lines in (Words.load(_WORDS), Words.load(Path(LLMError.words_file))):
        if lines.has(f"why_{error}"):
            return lines.say(f"why_{error}", lang)
    return error
