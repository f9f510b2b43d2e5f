"""What a wish is made of once it is understood: parts with the English words that carry them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from tools.images.prompt.english import article, is_plural, plural

__all__ = ["Noun", "Part", "PartKind", "Said"]

PartKind = Literal[
    "subject",
    "count",
    "colour",
    "look",
    "expression",
    "action",
    "object",
    "relation",
    "place",
    "negation",
    "quote",
    "style",
    "syntax",
    "clause",
]
_ORDER = {"syntax": 0, "look": 1, "expression": 2, "colour": 3}
_SEVERAL = ("bouquet of", "bag of", "box of", "string of")


@dataclass(frozen=True)
class Part:
    """One thing the wish says. `text`: as the person wrote it; `words`: what carries it, contiguous, in the prompt (a negation:
    in the negative). `known` is false where the lexicon has no word and the person's own stands there untranslated."""

    kind: PartKind
    text: str
    words: str
    known: bool = True


@dataclass
class Noun:
    """A noun on its way to English: mods are (kind, English, source text)."""

    en: str
    text: str
    kind: str
    known: bool = True
    count: str = ""
    count_text: str = ""
    measure: str = ""
    mods: list[tuple[str, str, str]] = field(default_factory=list)
    posts: list[str] = field(default_factory=list)
    owned: bool = False  # "its": a part of the body behind a preposition

    def bare(self) -> str:
        """Looks, expressions, colours and the noun in number: "fluffy red cats"."""
        colours = [en for kind, en, _ in self.mods if kind == "colour"]
        others = [
            en
            for kind, en, _ in sorted(
                self.mods, key=lambda mod: _ORDER.get(mod[0], 1) - 2 * mod[1].endswith(("'s", "s'"))
            )
            if kind not in ("colour", "noun")
        ]
        many = (self.count not in ("", "one") and not self.measure) or self.measure in _SEVERAL
        noun = plural(self.en) if many and self.known else self.en
        noun = " ".join([*(en for kind, en, _ in self.mods if kind == "noun"), noun])
        return " ".join([*others, " and ".join(colours), noun] if colours else [*others, noun])

    def head(self) -> str:
        """With its count or article: "two fluffy red cats", "a cup of bubble tea"."""
        bare = self.bare()
        if self.measure:
            unit, _, of = self.measure.partition(" ")
            many = self.count not in ("", "one")
            return f"{self.count or 'a'} {plural(unit) if many else unit} {of} {bare}"
        if self.count:
            pair = self.count.endswith(" of")
            return f"{self.count} {plural(bare) if pair and self.known else bare}"
        if any(en.endswith(("'s", "s'")) for _, en, _ in self.mods):
            return bare  # "a cat's tail": the owner brought the article
        if not self.known or self.owned:
            return f"its {bare}" if self.owned else bare
        return article(bare, self.en)

    def full(self) -> str:
        """With what stands behind it: "a cat wearing a hat"."""
        words = [self.head()]
        for n, post in enumerate(self.posts):
            verb = post.partition(" ")[0].endswith("ing")
            words += ["and", post] if verb and n and self.posts[n - 1].partition(" ")[0].endswith("ing") else [post]
        return " ".join(words)

    def parts(self, kind: PartKind) -> list[Part]:
        head = self.head()
        found = [Part(kind, self.text, head, self.known)]
        if self.count:
            found.append(Part("count", self.count_text, head))
        colours = [(en, text) for of, en, text in self.mods if of == "colour"]
        bound = head.rpartition(" and ".join(en for en, _ in colours))[2] if colours else ""
        for of, en, text in self.mods:
            if of == "colour":
                # The colour counts as carried only right in front of its own noun.
                found.append(Part("colour", text, " and ".join(one for one, _ in colours) + bound))
            else:
                found.append(
                    Part("syntax" if of == "syntax" else "expression" if of == "expression" else "look", text, en)
                )
        return found

    @property
    def group(self) -> bool:
        return self.count not in ("", "one") or is_plural(self.en)


@dataclass
class Said:
    """What a reading of the wish gives: clauses of English in order, the parts, and what is not wanted."""

    clauses: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    against: list[str] = field(default_factory=list)
