"""What is measured of one reply in code: length, language, script leak, endless repetition, tokens a second."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from tools.chinese import inspect

__all__ = ["Measured", "language", "loop_start", "measure", "tokens_per_second"]

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa]")
_HANGUL = re.compile(r"[\uac00-\ud7af]")
_WORD = re.compile(r"[A-Za-zÀ-ɏ]+(?:['’-][A-Za-z]+)*")
_NOT_PROSE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]{1,200}`|https?://\S+", re.DOTALL)
# A word of letters is read about as long as this many Chinese characters.
_WORD_WEIGHT = 1.5
# With as many Simplified-only characters among the Chinese ones a text is meant to be Simplified, not merely leaking.
_SIMPLIFIED_SHARE = 0.08
_SAMPLE = 20_000  # characters looked at for the language

_LOOP_CHARS = 160  # a repetition is endless from this length on …
_LOOP_TIMES = 4  # … and from so many times on
_LOOP_PERIOD = 1_500  # characters of the longest unit looked for
_MIN_SPAN = 0.05  # seconds between first and last token below which a speed is only noise


@dataclass(frozen=True)
class Measured:
    """Counts of one text. `length` is all characters, `characters` the Chinese ones; `simplified_chars` and `terms` stand outside
    quotations; `leak` is whether there is any of either; `loops` whether the text ends in endless repetition."""

    length: int
    language: str
    characters: int
    simplified_chars: int
    terms: int
    leak: bool
    loops: bool


def measure(text: str) -> Measured:
    """All counts of `text`. Terms that are good in Taiwan too (質量, 水平) count nowhere: alone they are no sign."""
    found = inspect(text)
    modes = _modes()
    certain = {"sure", "simplified"} if found.simplified_count else {"sure"}
    terms = sum(modes.get(mainland) in certain for mainland, _ in found.terms)
    return Measured(
        length=len(text),
        language=language(text),
        characters=found.characters,
        simplified_chars=found.simplified_count,
        terms=terms,
        leak=bool(found.simplified_count or terms),
        loops=loop_start(text) is not None,
    )


def language(text: str) -> str:
    """zh-TW, zh-CN, ja, ko, or en for letters of Latin script; "" where there are too few characters to tell.

    By the shares of scripts outside code and addresses. Chinese that both scripts write alike is zh-TW.
    """
    prose = _NOT_PROSE.sub(" ", text[:_SAMPLE])
    han, kana, hangul = (len(pattern.findall(prose)) for pattern in (_HAN, _KANA, _HANGUL))
    words = _WORD_WEIGHT * len(_WORD.findall(prose))
    asian = han + kana + hangul
    if not asian and not words:
        return ""
    if words >= asian:
        return "en"
    if hangul > han + kana:
        return "ko"
    if kana > 0.1 * (han + kana):
        return "ja"
    return "zh-CN" if inspect(prose).simplified_share > _SIMPLIFIED_SHARE else "zh-TW"


def loop_start(text: str) -> int | None:
    """Where an endless repetition at the end of `text` begins for the second time; None where there is none.

    What stands before that place is the reply with the repeated part once. A line of dashes or spaces is no repetition.
    """
    tail = text[-(_LOOP_TIMES + 1) * _LOOP_PERIOD :]
    for period in range(1, min(_LOOP_PERIOD, len(tail) // 2) + 1):
        if tail[-period:] != tail[-2 * period : -period]:
            continue
        unit = tail[-period:]
        times = 2
        while tail.endswith(unit, 0, len(tail) - times * period):
            times += 1
        if times >= _LOOP_TIMES and times * period >= _LOOP_CHARS and any(char.isalnum() for char in unit):
            return _first_repeat(text, period)
    return None


def tokens_per_second(tokens: int | None, first_s: float | None, seconds: float | None) -> float | None:
    """Speed after the first token: (tokens - 1) / (seconds - first_s); None where any part is missing or the span too short.

    `first_s` is the time of the first token of any kind where `tokens` counts reasoning, of the first visible one where not.
    """
    if tokens is None or first_s is None or seconds is None or tokens < 2 or seconds - first_s < _MIN_SPAN:
        return None
    return (tokens - 1) / (seconds - first_s)


def _first_repeat(text: str, period: int) -> int:
    """The place after the first unit of the periodic end of `text`."""
    begin = len(text) - period
    while begin > 0 and text[begin - 1] == text[begin - 1 + period]:
        begin -= 1
    return begin + period


@cache
def _modes() -> dict[str, str]:
    from tools.chinese_tables import terms

    return {term.mainland: term.mode for term in terms()}
