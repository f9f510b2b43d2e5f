"""What the house artist makes of a wish: who is drawn (casting.py), and the usual scenes of a pack.

Everything is mapped to words the artist knows; what has none is named in `notes`, for the person to be told.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from agents.sticker.casting import Cast, artist_data, cast
from tools.images.artist import (
    Expression,
    expressions,
    match_expression,
    poses,
    props,
)
from tools.settings import data_dir
from tools.words import Lang

__all__ = ["Cast", "artist_data", "cast", "scenes", "understood", "usual_scenes"]

MOST_CAPTION = 16


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Usual(_Strict):
    """A row of rag_data/styles/captions.yaml."""

    expression: str
    pose: str = ""
    props: list[str] = []
    zh: str = Field(min_length=1, max_length=MOST_CAPTION)
    en: str = Field(min_length=1, max_length=MOST_CAPTION)


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
        scene, odd = understood(row)
        if scene is None:
            changed += 1
            continue
        changed += odd
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


def understood(row: Mapping[str, Any]) -> tuple[dict[str, Any] | None, bool]:
    """(the scene in words the artist knows, whether a pose or a prop was lost on the way); no scene without a known face."""
    face = _face(str(row.get("expression", "")), str(row.get("caption", "")))
    if face is None:
        return None, True
    stance = _named(poses(), str(row.get("pose", "")))
    held = [prop for name in row.get("props", []) if (prop := _named(props(), str(name)))][:2]
    scene = {"expression": face, "pose": stance, "props": held, "caption": plain_caption(row.get("caption", ""))}
    asked = (bool(row.get("pose")), len(row.get("props", [])[:2]))
    return scene, (bool(stance), len(held)) != asked


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
