"""What the house artist makes of a wish: who is drawn, in which colours and with what on, and the usual scenes of a pack.

Everything is mapped to words the artist knows; what has none is named in `notes`, for the person to be told.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from tools.images.artist import (
    Expression,
    Subject,
    expressions,
    match_expression,
    match_subject,
    poses,
    props,
    subjects,
)
from tools.images.prompt import Part, Wish
from tools.settings import data_dir
from tools.words import Lang

__all__ = ["Cast", "artist_data", "cast", "scenes", "usual_scenes"]

MOST_CAPTION = 16
_WORN = ("head", "neck", "eyes")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ArtistData(_Strict):
    """rag_data/styles/artist.yaml."""

    styles: dict[str, str]
    colours: dict[str, str]
    stand_in: str


class Usual(_Strict):
    """A row of rag_data/styles/captions.yaml."""

    expression: str
    pose: str = ""
    props: list[str] = []
    zh: str = Field(min_length=1, max_length=MOST_CAPTION)
    en: str = Field(min_length=1, max_length=MOST_CAPTION)


@dataclass(frozen=True)
class Cast:
    """The character: arguments of the artist's Character. `notes` are (key of messages.yaml, parameters)."""

    subject: str
    palette: dict[str, str]
    accessories: tuple[str, ...]
    style: str
    notes: tuple[tuple[str, dict[str, str]], ...] = ()


@cache
def artist_data() -> ArtistData:
    return ArtistData.model_validate(_yaml("artist.yaml"))


@cache
def _usual() -> tuple[Usual, ...]:
    return tuple(TypeAdapter(list[Usual]).validate_python(_yaml("captions.yaml")))


def _yaml(name: str) -> Any:
    import yaml

    return yaml.safe_load((data_dir() / "styles" / name).read_text(encoding="utf-8"))


def usual_scenes(count: int, lang: Lang, quoted: Sequence[str] = ()) -> list[dict[str, Any]]:
    """`count` scenes people use the most; words that the wish quotes are captions before any of ours."""
    found = [
        {"expression": row.expression, "pose": row.pose, "props": list(row.props), "caption": getattr(row, lang)}
        for row in _usual()[:count]
    ]
    for scene, words in zip(found, quoted, strict=False):
        scene["caption"] = plain_caption(words)
        matched = match_expression(words)
        if matched:
            scene.update(expression=matched.id, pose="", props=[])
    return found


def scenes(
    planned: Sequence[dict[str, Any]], count: int, lang: Lang, quoted: Sequence[str]
) -> tuple[list[dict[str, Any]], int]:
    """(`count` scenes in words the artist knows, how many rows of `planned` had to be changed or filled in).

    What a row names that the artist does not know becomes what is usual in its place; a scene that stands there already is
    replaced; the words that the wish quotes stay captions.
    """
    usual = usual_scenes(len(_usual()), lang)
    done: list[dict[str, Any]] = []
    changed = 0
    for row in planned[:count]:
        face = _face(str(row.get("expression", "")), str(row.get("caption", "")))
        if face is None:
            changed += 1
            continue
        stance = _named(poses(), str(row.get("pose", "")))
        held = [prop for name in row.get("props", []) if (prop := _named(props(), str(name)))]
        scene = {
            "expression": face,
            "pose": stance,
            "props": held[:2],
            "caption": plain_caption(row.get("caption", "")),
        }
        asked = (bool(row.get("pose")), len(row.get("props", [])[:2]))
        changed += (bool(stance), len(scene["props"])) != asked
        if any(_same(scene, other) for other in done):
            changed += 1
            continue
        done.append(scene)
    for scene in usual:
        if len(done) < count and scene["caption"] not in {one["caption"] for one in done}:
            done.append(scene)
            changed += 1
    done += usual[: max(0, count - len(done))]
    said = {one["caption"] for one in done}
    for place, words in enumerate(plain_caption(one) for one in quoted[:count]):
        if words and words not in said:
            done[place] = {**usual_scenes(count, lang, quoted)[place]}
            changed += 1
    return done[:count], changed


def cast(wish: Wish, style: str, said: str = "", prompt: str = "") -> Cast:
    """The character of `wish`. `said` is the subject in other words (a model's), `prompt` the wish in English.

    The person's own words come first; where the artist has not learned the subject, somebody stands in, and is named.
    """
    notes: list[tuple[str, dict[str, str]]] = []
    named = wish.of("subject")
    wanted = " ".join(part.text for part in named) or wish.text
    against = " ".join(part.text for part in wish.of("negation"))
    own = [*(part.text for part in named), wish.text]
    others = ["" if said == artist_data().stand_in else said, prompt]
    subject = _first(own) or _first(others)
    if subject is None:
        subject = next(one for one in subjects() if one.id == artist_data().stand_in)
        notes.append(("stand_in", {"wanted": wanted[:40], "zh": subject.zh, "en": subject.en}))
    elif not any(_is(subject, part) for part in named) and (named or _first(own) is None):
        notes.append(("nearest", {"wanted": wanted[:40], "zh": subject.zh, "en": subject.en}))
    # "a corgi puppy" is one, though both words name an animal.
    pairs = [f"{one.text} {two.text}" in wish.text for one, two in pairwise(named)]
    if not all(pairs) or any(not part.words.startswith(("one ", "a ", "an ")) for part in wish.of("count")):
        notes.append(("only_one", {"zh": subject.zh, "en": subject.en}))
    drawn = artist_data().styles.get(style)
    if drawn is None:
        notes.append(("style_near", {"style": style}))
    return Cast(
        subject.id, _palette(wish, subject), _accessories(wish.text, against, subject), drawn or "kawaii", tuple(notes)
    )


def _first(texts: Sequence[str]) -> Subject | None:
    return next((one for text in texts if text and (one := match_subject(text))), None)


def _is(subject: Subject, part: Part) -> bool:
    """Whether a part of the wish names this very subject: its head stands last in both languages (小柴犬, a corgi puppy)."""
    names = [unicodedata.normalize("NFKC", name).casefold() for name in (subject.id.replace("_", " "), *subject.names)]
    said = [text.casefold().rstrip() for text in (part.text, part.words)]
    return any(text.endswith((name, f"{name}s", f"{name}es")) for text in said for name in names)


def _palette(wish: Wish, subject: Subject) -> dict[str, str]:
    if "main" not in subject.palette:
        return {}
    # A red scarf makes no red dog: a colour is the subject's where its words end in the subject.
    own = [part for part in wish.of("colour") if _is(subject, part)]
    names = [word for part in own for word in part.words.lower().split()]
    found = [artist_data().colours[name] for name in names if name in artist_data().colours]
    return {"main": found[0]} if found else {}


def _accessories(text: str, against: str, subject: Subject) -> tuple[str, ...]:
    plain, own = unicodedata.normalize("NFKC", text).casefold(), {name.casefold() for name in subject.names}
    found = []
    for prop in props():
        names = [name.casefold() for name in prop.names if len(name) > 1 and name.casefold() not in own]
        if any(name in plain and name not in against for name in names):
            found.append(prop)
    if not found and "帽" in plain and "帽" not in against:
        found = [prop for prop in props() if prop.id == "hat"]
    worn = [prop.id for prop in found if prop.where in _WORN][:2]
    held = [prop.id for prop in found if prop.where not in _WORN][:1]
    return tuple([*worn, *held])


def _face(words: str, caption: str) -> str | None:
    found = {one.id: one for one in expressions()}.get(words.strip()) or match_expression(words)
    found = found or (match_expression(caption) if caption else None)
    return found.id if isinstance(found, Expression) else None


def _named(known: Sequence[Any], words: str) -> str:
    wanted = unicodedata.normalize("NFKC", words).casefold().strip().replace("_", " ")
    for one in known if wanted else ():
        if wanted in {one.id.replace("_", " "), *(name.casefold() for name in one.names)}:
            return str(one.id)
    return ""


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    if one["caption"] and one["caption"] == other["caption"]:
        return True
    return all(one[name] == other[name] for name in ("expression", "pose", "props"))


def plain_caption(words: Any) -> str:
    """One short line of letters a font has: no emoji, no control characters."""
    kept = "".join(c for c in str(words) if unicodedata.category(c) not in ("So", "Cs", "Cn", "Co", "Cc", "Cf", "Sk"))
    return " ".join(kept.strip('「」『』"“” ').split())[:MOST_CAPTION].strip()
