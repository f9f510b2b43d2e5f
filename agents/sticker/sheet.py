"""From a theme to a prompt that keeps it: offline by the lexicon's rules, or a model's answer checked and mended part by part."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from agents.sticker.house import cast, scenes, understood, usual_scenes
from tools.images.prompt import (
    LIMIT,
    Expanded,
    Part,
    Wish,
    clashes,
    clauses,
    clip_counter,
    fit,
    missing,
    to_prompt,
    wish,
)
from tools.images.styles import known_styles
from tools.words import Lang

__all__ = ["checked", "edited", "offline_sheet"]

_LETTER = re.compile(r"[^\W\d_]+")
_SMALL = frozenset(["a", "an", "the", "of", "and", "in", "on", "at", "with", "its", "his", "her", "to", "is", "one"])


def offline_sheet(theme: str, style: str, count: int, lang: Lang) -> dict[str, Any]:
    """The sheet without a model: the wish read by rules, and the scenes people use the most."""
    said = wish(theme)
    plain = to_prompt(said, known_styles().get(style))
    who = cast(said, style, prompt=plain.prompt)
    return {
        "subject": who.subject,
        "look": ", ".join(part.words for part in said.of("look")),
        "colours": [part.text for part in said.of("colour")],
        "prompt": plain.prompt,
        "negative": plain.negative,
        "kept": dict(plain.kept),
        "stickers": usual_scenes(count, lang, said.quoted),
    }


def checked(sheet: Mapping[str, Any], theme: str, style: str, count: int, lang: Lang) -> dict[str, Any]:
    """The sheet as ExpandOutput's data, after the checks: every part of the wish carried, at most 75 tokens, nothing said
    against the wish, scenes in the artist's words. `mended` counts what had to be put right.

    A prompt that fails is mended first (the wish's own words, then what the sheet adds that fits); what is left of it after
    that is the plain prompt of the rules, which always holds.
    """
    said = wish(theme)
    plain = to_prompt(said, known_styles().get(style))
    prompt, mended = _prompt(str(sheet["prompt"]), sheet.get("kept") or {}, said, plain)
    negative = _negative(str(sheet.get("negative", "")), said, plain)
    counter = clip_counter()
    kept, lost = _carried(said, plain, prompt, negative, sheet.get("kept") or {})
    who = cast(said, style, str(sheet["subject"]), plain.prompt)
    stickers, changed = scenes(list(sheet["stickers"]), count, lang, said.quoted)
    own = [clause.lower() for clause in said.clauses]
    return {
        "prompt": prompt,
        "negative": negative,
        "kept": kept,
        "tokens": counter(prompt),
        "left_out": lost,
        "added": [clause for clause in clauses(prompt) if not any(one in clause.lower() for one in own)],
        "style": style,
        "mended": mended + changed,
        "sheet": {
            "subject": who.subject,
            "look": str(sheet.get("look", "")),
            "colours": list(sheet.get("colours", [])),
            "prompt": prompt,
            "negative": negative,
            "kept": kept,
            "stickers": stickers,
        },
    }


def edited(sheet: Mapping[str, Any], theme: str, style: str, lang: Lang) -> dict[str, Any]:
    """The sheet of a person as ExpandOutput's data: the words stay theirs, whatever they say of the theme; only scenes are
    put into the artist's words. `mended` counts those that had to be changed.
    """
    said = wish(theme)
    plain = to_prompt(said, known_styles().get(style))
    prompt, negative = " ".join(str(sheet["prompt"]).split()), " ".join(str(sheet.get("negative", "")).split())
    kept, lost = _carried(said, plain, prompt, negative, sheet.get("kept") or {})
    usual = usual_scenes(len(sheet["stickers"]), lang)
    read = [understood(row) for row in sheet["stickers"]]
    stickers = [scene or {**usual[n], "caption": ""} for n, (scene, _) in enumerate(read)]
    changed = sum(odd for _, odd in read)
    own = [clause.lower() for clause in said.clauses]
    return {
        "prompt": prompt,
        "negative": negative,
        "kept": kept,
        "tokens": clip_counter()(prompt),
        "left_out": lost,
        "added": [clause for clause in clauses(prompt) if not any(one in clause.lower() for one in own)],
        "style": style,
        "mended": changed,
        "sheet": {**sheet, "prompt": prompt, "negative": negative, "kept": kept, "stickers": stickers},
    }


def _prompt(given: str, told: Mapping[str, str], said: Wish, plain: Expanded) -> tuple[str, int]:
    """(the prompt to use, how many repairs it took)."""
    counter = clip_counter()
    given = " ".join(given.split())
    wanted = ", ".join(said.clauses)
    if given == plain.prompt:
        return given, 0
    foreign = _foreign(given, plain.prompt)
    quarrel = clashes(wanted, given, single=len(said.of("subject")) <= 1)
    if not foreign and not quarrel and counter(given) <= LIMIT:
        lost = [part for part in missing(said, given, plain.negative) if not _told(part, told, given)]
        if not [part for part in lost if part.text not in plain.left_out]:
            return given, 0
    core = clauses(plain.prompt)
    fresh = [
        clause
        for clause in clauses(given)
        if not _foreign(clause, "")
        and clause.lower() not in plain.prompt.lower()
        and not clashes(wanted, clause, single=len(said.of("subject")) <= 1)
        and not _names(clause, " ".join(said.against))
    ]
    whole, _ = fit([*core, *fresh], counter) if counter(plain.prompt) <= LIMIT else (core, [])
    prompt = ", ".join(whole)
    if missing(said, prompt, plain.negative) and not missing(said, plain.prompt, plain.negative):
        prompt = plain.prompt
    return prompt, 1


def _negative(given: str, said: Wish, plain: Expanded) -> str:
    """The plain negative, with what the sheet adds that names nothing of the wish."""
    had = clauses(plain.negative)
    wanted = " ".join([*said.clauses, *(part.words for part in said.parts if part.kind != "negation")])
    known = {clause.lower() for clause in had}
    fresh = [
        clause
        for clause in clauses(" ".join(given.split()))
        if clause and clause.lower() not in known and not _foreign(clause, "") and not _names(clause, wanted)
    ]
    return ", ".join(fit([*had, *fresh], clip_counter())[0])


def _carried(
    said: Wish, plain: Expanded, prompt: str, negative: str, told: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """(part of the wish -> the words that carry it, parts that nothing carries), read off the finished texts."""
    lost = missing(said, prompt, negative)
    kept: dict[str, str] = {}
    left: list[str] = []
    for part in said.parts:
        if part not in lost:
            words = part.words
        elif words := _told(part, told, prompt):
            pass
        else:
            left.append(part.text)
            continue
        had = kept.get(part.text)
        kept[part.text] = words if had is None or words in had else f"{had} | {words}"
    return kept, list(dict.fromkeys(left))


def _told(part: Part, told: Mapping[str, str], prompt: str) -> str:
    """The words that a model says carry `part`, where they do: they stand in the prompt, and hold the part's own words.

    A word the lexicon does not know has no English to compare with: the model's is taken. Marks and quotes are never
    carried by anything but themselves.
    """
    words = str(told.get(part.text, "")).strip()
    if part.kind in ("syntax", "quote", "negation") or not words or words.lower() not in prompt.lower():
        return ""
    if not part.known and not part.text.isascii():
        return words if words.isascii() else ""
    need = {word for word in _LETTER.findall(part.words.lower())} - _SMALL
    return words if need and need <= set(_LETTER.findall(words.lower())) else ""


def _foreign(text: str, allowed: str) -> bool:
    """Letters that no English prompt has, apart from those of `allowed` (quotes, words without a translation)."""
    return any(not char.isascii() and char.isalpha() and char not in allowed for char in text)


def _names(clause: str, text: str) -> bool:
    words = set(_LETTER.findall(clause.lower())) - _SMALL
    return bool(words & (set(_LETTER.findall(text.lower())) - _SMALL))
