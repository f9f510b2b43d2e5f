"""Which of the sixteen types a heading or a file's name speaks of."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

__all__ = ["type_of", "types_in"]

# A whole word: nothing of the Latin alphabet and no digit beside it, though Chinese may stand there ("我是INFP人").
# INFP-T and INFPs are INFP.
_CODE = re.compile(r"(?<![A-Z0-9])([EI][SN][TF][JP])(?:-[AT]|S)?(?![A-Z0-9])")


def types_in(text: str) -> frozenset[str]:
    """The distinct type codes in `text`, full-width and lower-case ones included."""
    return frozenset(_CODE.findall(unicodedata.normalize("NFKC", text).upper()))


def type_of(headings: Sequence[str], default: str) -> str:
    """The type that the passages under `headings` (outermost first) are about, or "".

    The nearest heading that names any type decides: one type is the answer, several are none. Where no heading names
    one, `default` (what the file's name says) holds.
    """
    for heading in reversed(headings):
        named = types_in(heading)
        if named:
            return next(iter(named)) if len(named) == 1 else ""
    return default
