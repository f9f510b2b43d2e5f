"""A wish: what a person asks to see, in one word or many, understood part by part without a model."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from tools.images.prompt.chinese import read_chinese
from tools.images.prompt.errors import WishEmpty, WishTooLong
from tools.images.prompt.parts import Part
from tools.images.prompt.refuse import refuse, refused_topic
from tools.images.prompt.syntax import pieces, quotes
from tools.images.prompt.western import read_western

__all__ = ["MOST_CHARACTERS", "Wish", "wish"]

MOST_CHARACTERS = 2000


@dataclass(frozen=True)
class Wish:
    """`clauses`: the wish in English, in order; `against`: what it does not want; `parts`: everything it says, each with the
    words that carry it; `quoted`: words to be written as a caption, as they are."""

    text: str
    clauses: tuple[str, ...]
    against: tuple[str, ...]
    parts: tuple[Part, ...]

    @property
    def quoted(self) -> tuple[str, ...]:
        return tuple(quotes(self.text))

    @property
    def unknown(self) -> tuple[str, ...]:
        """Words nobody here can translate; they stand in the prompt as the person wrote them."""
        return tuple(part.text for part in self.parts if not part.known and not part.text.isascii())

    def of(self, kind: str) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.kind == kind)


# The word that denies, at the start of a denied part.
_NOT = re.compile(
    r"^\s*(?:(?:with)?out|no|not|never|不要有?|不想要|沒有|没有|沒|没|不含|不|別|别|無|无|免)\s*", re.IGNORECASE
)


def wish(text: str) -> Wish:
    """The wish of `text`, in Chinese of either script, English, or both mixed.

    Raises:
        WishEmpty: nothing to draw is said.
        WishTooLong: more than MOST_CHARACTERS characters.
        WishRefused: it asks for what is not drawn.
    """
    if len(text) > MOST_CHARACTERS:
        raise WishTooLong(length=len(text), most=MOST_CHARACTERS)
    shown = "".join(char for char in text if unicodedata.category(char) != "Cf")  # nothing invisible cuts a word in two
    clean = "".join(char if char.isprintable() or char == "\n" else " " for char in shown).strip()
    if not re.search(r"\w", clean):
        raise WishEmpty()
    outside = _outside_quotes(clean)
    # Kana make it Japanese, which nobody here reads: it is carried as written rather than read as broken Chinese.
    chinese = re.search(r"[㐀-鿿]", outside) and not re.search(r"[ぁ-ゖァ-ヺ]", outside)
    said = read_chinese(clean) if chinese else read_western(clean)
    unique = tuple(dict.fromkeys(said.parts))
    wanted = clean
    for part in unique:
        # "no gore" asks for none of what is refused; "no clothes" asks for what is, and stays as it is.
        if part.kind == "negation" and refused_topic(_NOT.sub("", part.text)):
            wanted = wanted.replace(part.text, " ")
    refuse(wanted)
    return Wish(text, tuple(said.clauses), tuple(dict.fromkeys(said.against)), unique)


def _outside_quotes(text: str) -> str:
    return "".join(piece.text for piece in pieces(text) if piece.kind == "text") or text
