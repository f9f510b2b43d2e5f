"""Who is drawn: the characters of a wish among those the house artist knows, with their colours and what they wear.

A wish may name up to three (兩隻貓, a dog and a cat); they are drawn together, in its order.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from pydantic import BaseModel, ConfigDict

from tools.images.artist import MOST_TOGETHER, Subject, match_subject, props, subjects
from tools.images.prompt import Part, Wish, lexicon
from tools.settings import data_dir

__all__ = ["Cast", "artist_data", "cast"]

_WORN = ("head", "neck", "eyes")
_MANY = {"a pair of": 2, "two": 2, "2": 2, "three": 3, "3": 3, "one": 1, "1": 1, "a": 1, "an": 1}
_JOINED = re.compile(r"\s*(?:,|&|\+|,?\s*\band\b|\bwith\b)\s*(?:[\w-]+\s+){0,4}", re.IGNORECASE)


class ArtistData(BaseModel):
    """rag_data/styles/artist.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    styles: dict[str, str]
    colours: dict[str, str]
    near: dict[str, str]
    stand_in: str


@dataclass(frozen=True)
class Cast:
    """The character: arguments of the artist's Character. `subject` names several as the artist does ("cat+shiba"); `palette`
    has `main`, or `2.main` for the second of them, and the names of props. `notes` are (key of messages.yaml, parameters)."""

    subject: str
    palette: dict[str, str]
    accessories: tuple[str, ...]
    style: str
    notes: tuple[tuple[str, dict[str, str]], ...] = ()


@cache
def artist_data() -> ArtistData:
    import yaml

    path = data_dir() / "styles" / "artist.yaml"
    return ArtistData.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def cast(wish: Wish, style: str, said: str = "", prompt: str = "") -> Cast:
    """The characters of `wish`. `said` is the subject in other words (a model's), `prompt` the wish in English.

    The person's own words come first; where the artist has not learned the subject, what is nearest or somebody else stands in,
    and is named.
    """
    notes: list[tuple[str, dict[str, str]]] = []
    named = _heads(wish)
    wanted = " ".join(part.text for part in named) or wish.text
    hidden = {part for part in named if part.text.isascii() and " " not in part.text and not match_subject(wish.text)}
    who = [(part, found) for part in named if part not in hidden and (found := _subject_of(part))]
    lead = who[0][1] if who else None
    if lead is None:
        own = [] if any(part.known for part in named) else [part.text for part in named]
        others = ["" if said == artist_data().stand_in else said, *([] if own else [prompt])]
        lead = _first([*own, *([] if named else [wish.text]), *others])
        if lead is None:
            lead = next(one for one in subjects() if one.id == artist_data().stand_in)
            notes.append(("stand_in", {"wanted": wanted[:40], "zh": lead.zh, "en": lead.en}))
        elif named:
            notes.append(("nearest", {"wanted": wanted[:40], "zh": lead.zh, "en": lead.en}))
    elif not _is(lead, who[0][0]):
        notes.append(("nearest", {"wanted": who[0][0].text[:40], "zh": lead.zh, "en": lead.en}))
    together = [(part, one) for part, one in who for _ in range(_count(wish, part))] or [(None, lead)]
    left_out = len(together) > MOST_TOGETHER or len(who) < len(named)
    together = together[:MOST_TOGETHER]
    if left_out and who:
        zh, en = (
            joint.join(dict.fromkeys(getattr(one, lang) for _, one in together))
            for lang, joint in (("zh", "、"), ("en", ", "))
        )
        notes.append(("only_one", {"zh": zh, "en": en}))
    drawn = artist_data().styles.get(style)
    if drawn is None:
        notes.append(("style_near", {"style": style}))
    everybody = [one for _, one in together]
    accessories = _accessories(wish, everybody)
    return Cast(
        "+".join(one.id for one in everybody),
        {**_palette(wish, together), **_dyes(wish, accessories)},
        accessories,
        drawn or "kawaii",
        tuple(notes),
    )


def _heads(wish: Wish) -> list[Part]:
    """The parts that name who is in the picture; a word that only says more of the last one (a corgi puppy) is not another."""
    found: list[Part] = []
    for part in wish.of("subject"):
        between = wish.text.partition(found[-1].text)[2].partition(part.text)[0] if found else ""
        if found and part.text.isascii() and not _JOINED.fullmatch(between):
            if f"{found[-1].text} {part.text}" in wish.text and _subject_of(found[-1]) is None:
                found[-1] = part
            continue
        found.append(part)
    return found


def _subject_of(part: Part) -> Subject | None:
    """The artist's subject that a part of a wish names as a whole, by its own words or by what they are in English."""
    entry = lexicon().words.get(_folded(part.text))
    english = entry.en if entry else part.text.casefold()
    for name in (part.text, english, english.removesuffix("s"), artist_data().near.get(english, "")):
        plain = unicodedata.normalize("NFKC", name).casefold().strip()
        for one in subjects() if plain else ():
            if plain in {one.id, one.id.replace("_", " "), *(known.casefold() for known in one.names)}:
                return one
    if entry is None:
        return match_subject(part.text)
    return match_subject(english.rpartition(" ")[2]) if " " in english and entry.kind == "subject" else None


def _folded(text: str) -> str:
    from tools.images.prompt.lexicon import same_length_fold

    return same_length_fold(text)


def _first(texts: Sequence[str]) -> Subject | None:
    return next((one for text in texts if text and (one := match_subject(text))), None)


def _count(wish: Wish, part: Part) -> int:
    """How many of `part` are wished for: more than the artist draws in one picture counts as one more than that."""
    for count in wish.of("count"):
        if count.words == part.words or (part.text.isascii() and part.words.startswith(count.words)):
            first = count.words.casefold()
            number = next((n for word, n in _MANY.items() if first == word or first.startswith(f"{word} ")), 0)
            return number or MOST_TOGETHER + 1
    return 1


def _is(subject: Subject, part: Part) -> bool:
    """Whether a part of the wish names this very subject: its head stands last in both languages (小柴犬, a corgi puppy)."""
    names = [unicodedata.normalize("NFKC", name).casefold() for name in (subject.id.replace("_", " "), *subject.names)]
    said = [text.casefold().rstrip() for text in (part.text, part.words)]
    return any(text.endswith((name, f"{name}s", f"{name}es")) for text in said for name in names)


def _colour(part: Part) -> str:
    """What a colour of the wish is on paper, or ""."""
    known = artist_data().colours
    words = part.words.lower()
    return next((known[name] for name in sorted(known, key=len, reverse=True) if re.search(rf"\b{name}\b", words)), "")


def _palette(wish: Wish, together: Sequence[tuple[Part | None, Subject]]) -> dict[str, str]:
    """A red scarf makes no red dog: a colour is a subject's where its words end in the subject."""
    found: dict[str, str] = {}
    for n, (named, subject) in enumerate(together, 1):
        place = "" if n == 1 else f"{n}."
        own = [part for part in wish.of("colour") if _is(subject, part) or (named and named.words.endswith(part.words))]
        colour = next((colour for part in own if (colour := _colour(part))), "")
        if colour and "main" in subject.palette:
            found[f"{place}main"] = colour
        elif n > 1 and subject.variants and subject in [one for _, one in together[: n - 1]]:
            found[f"{place}variant"] = list(subject.variants)[(n - 2) % len(subject.variants)]
    return found


def _accessories(wish: Wish, together: Sequence[Subject]) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKC", wish.text).casefold()
    against = " ".join(part.text for part in wish.of("negation"))
    own = {name.casefold() for subject in together for name in subject.names}
    own |= {part.text for part in wish.of("subject") if _folded(part.text) in lexicon().words}
    found = []
    for prop in props():
        names = [name.casefold() for name in prop.names if len(name) > 1 and name.casefold() not in own]
        if any(_stands(name, plain) and name not in against for name in names):
            found.append(prop)
    if not found and "帽" in plain and "帽" not in against:
        found = [prop for prop in props() if prop.id == "hat"]
    worn = [prop.id for prop in found if prop.where in _WORN][:2]
    held = [prop.id for prop in found if prop.where not in _WORN][:1]
    return tuple([*worn, *held])


def _stands(name: str, text: str) -> bool:
    """A Chinese name anywhere, an English one from the start of a word (scarfed), so that no tea is found in a teacher."""
    if not name.isascii():
        return name in text
    return re.search(rf"(?<![a-z]){re.escape(name)}(?:s|es|n?ed)?(?![a-z])", text) is not None


def _dyes(wish: Wish, accessories: Sequence[str]) -> dict[str, str]:
    """The colours that the wish gives to what is worn or held, by prop."""
    found: dict[str, str] = {}
    known = {prop.id: prop for prop in props()}
    for name in accessories:
        names = [one.casefold() for one in (name, *known[name].names)]
        for part in wish.of("colour"):
            words = re.sub(r"-(\w+?)n?ed$", r" \1", part.words.casefold())
            tail = words.rpartition(" ")[2]
            if any(words.endswith((one, f"{one}s")) or one == tail for one in names) and (colour := _colour(part)):
                found.setdefault(name, colour)
    return found
