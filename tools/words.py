"""User-facing words, kept in YAML files: one key, a line in Traditional Chinese (`zh`) and one in English (`en`)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

__all__ = ["Lang", "Words"]

Lang = Literal["zh", "en"]


class Words:
    """The lines of one YAML file, looked up by key. A missing key or parameter is an error, so that it is seen in tests."""

    def __init__(self, lines: dict[str, dict[str, str]], name: str = "words") -> None:
        self._lines = lines
        self._name = name

    @classmethod
    def load(cls, path: Path) -> Words:
        """The words of `path`; each file is read once a process."""
        return _load(path)

    def say(self, key: str, lang: Lang = "zh", **params: Any) -> str:
        """The line for `key` with `{name}` places filled in.

        Parameters are only ever inserted, never interpreted: a value that holds braces stays as it is.

        Raises:
            KeyError: the file has no such key, or the line needs a parameter that was not given.
        """
        try:
            line = self._lines[key][lang]
        except KeyError:
            raise KeyError(f"{self._name} has no line {key!r} in {lang!r}") from None
        return line.format_map({name: str(value) for name, value in params.items()})

    def has(self, key: str) -> bool:
        return key in self._lines

    def keys(self) -> tuple[str, ...]:
        return tuple(self._lines)


@cache
def _load(path: Path) -> Words:
    import yaml

    with path.open(encoding="utf-8") as file:
        return Words(yaml.safe_load(file) or {}, path.name)
