"""The little English grammar a prompt needs: plurals, articles, and a noun with its count, looks and colours in order."""

from __future__ import annotations

from tools.images.prompt.lexicon import lexicon

__all__ = ["article", "is_plural", "noun_of", "plural", "without_article"]

_ARTICLES = ("a ", "an ", "the ", "its ")


def plural(noun: str) -> str:
    """cat -> cats, box -> boxes, puppy -> puppies, glasses -> glasses; irregular ones from the lexicon; the last word counts."""
    head, space, word = noun.rpartition(" ")
    lex = lexicon()
    if word in lex.mass or is_plural(noun):
        return noun
    if word in lex.plurals:
        many = lex.plurals[word]
    elif word.endswith(("s", "x", "z", "ch", "sh")):
        many = word + "es"
    elif word.endswith("y") and word[-2:-1] not in tuple("aeiou"):
        many = word[:-1] + "ies"
    else:
        many = word + "s"
    return head + space + many


def is_plural(noun: str) -> bool:
    """Whether a noun of the lexicon is plural by itself (glasses, noodles, eyes); one in -ss, -us or -is is not."""
    word = noun.rpartition(" ")[2]
    return word.endswith("s") and not word.endswith(("ss", "us", "is", "claus")) and word not in lexicon().plurals


def article(phrase: str, noun: str) -> str:
    """`phrase` with a or an, or as it is where its noun takes none."""
    word = noun.rpartition(" ")[2]
    lex = lexicon()
    if word in lex.mass or is_plural(noun) or noun in lex.mass:
        return phrase
    if noun in ("sun", "moon", "earth"):
        return f"the {phrase}"
    first = phrase.lstrip("(").lower()
    vowel = first[:1] in tuple("aeiou") and not first.startswith(("uni", "one", "ufo", "eu"))
    return f"{'an' if vowel else 'a'} {phrase}"


def without_article(phrase: str) -> str:
    for start in _ARTICLES:
        if phrase.startswith(start):
            return phrase[len(start) :]
    return phrase


def noun_of(place: str) -> str:
    """The noun phrase inside a place: "in a forest" -> "a forest", "at home" -> "home"."""
    return place.partition(" ")[2] or place
