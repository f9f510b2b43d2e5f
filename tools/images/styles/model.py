"""A style: words put around a wish. And the lock that keeps one style, word for word, through a whole pack or shop."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tools.images.styles.errors import BadStyleFile, StyleChanged

__all__ = ["PLACE", "Style", "StyleLock"]

PLACE = "{prompt}"  # where the wish goes; replaced once as plain text, never formatted


@dataclass(frozen=True)
class Style:
    """`prompt` may hold `{prompt}`; without it the style only adds words. Either side may be empty."""

    id: str
    name_zh: str
    name_en: str
    prompt: str = ""
    negative: str = ""
    source: str = "house"

    @property
    def has_place(self) -> bool:
        return PLACE in self.prompt

    @property
    def hash(self) -> str:
        """16 hex digits over the words alone: a new name does not change the pictures, so it does not change the hash."""
        words = json.dumps([self.prompt, self.negative], ensure_ascii=False)
        return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def lock(self) -> StyleLock:
        return StyleLock(style=self, hash=self.hash)


@dataclass(frozen=True)
class StyleLock:
    """A style frozen with its hash, so that the twenty-fourth picture has the words of the first."""

    style: Style
    hash: str

    def as_dict(self) -> dict[str, str]:
        """Plain data for a recipe or a shop profile."""
        style = self.style
        return {
            "id": style.id,
            "name_zh": style.name_zh,
            "name_en": style.name_en,
            "prompt": style.prompt,
            "negative": style.negative,
            "source": style.source,
            "hash": self.hash,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> StyleLock:
        """The lock that `as_dict` wrote.

        Raises:
            BadStyleFile: a field is missing or is no text.
            StyleChanged: the words are not those that the hash was taken of.
        """
        names = ("id", "name_zh", "name_en", "prompt", "negative", "source", "hash")
        for name in names:
            if not isinstance(data.get(name), str):
                raise BadStyleFile(file="style lock", where=name, detail="a text is needed here")
        style = Style(**{name: data[name] for name in names if name != "hash"})
        lock = cls(style=style, hash=data["hash"])
        lock.check(style)
        return lock

    def check(self, style: Style) -> None:
        """Raises StyleChanged unless `style` still has the locked words."""
        if style.hash != self.hash:
            raise StyleChanged(name=style.name_zh, was=self.hash, now=style.hash)
