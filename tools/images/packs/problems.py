"""What is wrong with a pack or a picture, named so that a person can act on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tools.errors import FinaleError
from tools.words import Lang, Words

__all__ = ["WARNINGS", "Problem"]

_WORDS = Path(__file__).with_name("problems.yaml")
# These do not stop an upload; everything else does.
WARNINGS = frozenset(
    [
        "halo_on_dark",
        "halo_on_light",
        "unmarked",
        "left_out",
        "surplus",
        "caption_lost",
        "quality_lowered",
        "text_cut",
        "carded",
    ]
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. `file` is "" where it is the pack's; `fixed` where it has been put right already.

    A parameter may be an error of ours: its line then stands in the problem's, in the same language.
    """

    code: str
    file: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    fixed: bool = False

    @property
    def serious(self) -> bool:
        """Whether the platform would turn the pack away for it."""
        return not self.fixed and self.code not in WARNINGS

    def as_fixed(self) -> Problem:
        return replace(self, fixed=True)

    def message(self, lang: Lang = "zh") -> str:
        """One line for a person: what is wrong, with the value, and what to do."""
        told = {
            name: value.message(lang) if isinstance(value, FinaleError) else value
            for name, value in self.params.items()
        }
        return Words.load(_WORDS).say(self.code, lang, file=self.file, **told)

    def to_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "file": self.file,
            "fixed": self.fixed,
            "serious": self.serious,
            "zh": self.message("zh"),
            "en": self.message("en"),
        }
