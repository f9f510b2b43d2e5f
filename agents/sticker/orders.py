"""What is to be drawn for a sheet: one recipe for each sticker, for the house artist or for a diffusion model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from agents.sticker.house import cast
from tools.images.artist import expressions, poses, props
from tools.images.backend import HOUSE, SIDE, Offer
from tools.images.prompt import Wish, clauses, clip_counter, fit, wish
from tools.images.queue import Order
from tools.images.recipe import Recipe

__all__ = ["comparison", "orders", "scene_prompt"]


def orders(
    inputs: Mapping[str, Any], expanded: Mapping[str, Any], artist: Offer, folder: Path, *, letters: bool
) -> list[Order]:
    """The stickers of a sheet in its order, for `artist`; `letters`: with captions.

    A diffusion model gets each scene in words, and no caption: letters are set afterwards, since it cannot write them.
    """
    said = wish(inputs["theme"])
    plain = _plain(inputs, expanded, said)
    found = []
    for n, scene in enumerate(expanded["sheet"]["stickers"], 1):
        told = {**scene, "caption": scene["caption"] if letters else ""}
        recipe = replace(plain, sheet={**plain.sheet, "scene": told})
        if artist.name != HOUSE:
            prompt = scene_prompt(expanded["prompt"], scene, said)
            recipe = _diffused(replace(recipe, prompt=prompt), inputs, artist.model)
        found.append(Order(recipe, folder / f"{n:02d}.png", artist))
    return found


def comparison(inputs: Mapping[str, Any], expanded: Mapping[str, Any], artist: Offer, folder: Path) -> dict[str, Order]:
    """Two pictures of the same seed: `short` of the theme as it was given, `long` of the expanded prompt."""
    said = wish(inputs["theme"])
    plain = _plain(inputs, expanded, said)
    scenes = {
        "short": {"expression": "neutral", "pose": "", "props": [], "caption": ""},
        "long": {**expanded["sheet"]["stickers"][0], "caption": ""},
    }
    prompts = {"short": inputs["theme"], "long": expanded["prompt"]}
    found = {}
    for which, scene in scenes.items():
        recipe = replace(plain, prompt=prompts[which], sheet={**plain.sheet, "scene": scene})
        if which == "short":
            bare = {**plain.sheet["character"], "style": "kawaii", "accessories": []}
            recipe = replace(recipe, negative="", styles=(), sheet={"character": bare, "scene": scene})
        if artist.name != HOUSE:
            # The drawing would lead both alike: what the words alone do is the question here.
            recipe = _diffused(recipe, {**inputs, "guide": ""}, artist.model)
        found[which] = Order(recipe, folder / f"{which}.png", artist)
    return found


def scene_prompt(prompt: str, scene: Mapping[str, Any], said: Wish) -> str:
    """The prompt of one sticker: what carries the wish first, then the scene, then the rest, within what CLIP reads.

    A prompt that is longer than that already (a person's own) is kept whole, and the scene put behind its first clause.
    """
    counter = clip_counter()
    parts = clauses(prompt)
    carrying = [part for part in parts if any(one.lower() in part.lower() for one in said.clauses)] or parts[:1]
    rest = [part for part in parts if part not in carrying]
    scene_parts = [words for words in _in_words(scene) if words.lower() not in prompt.lower()]
    ordered = [*carrying, *scene_parts, *rest]
    whole = ", ".join(ordered)
    if counter(prompt) > 75 or counter(whole) <= 75:
        return whole
    return ", ".join(fit(ordered, counter)[0])


def _in_words(scene: Mapping[str, Any]) -> list[str]:
    """The scene's face, stance and things in English words."""
    faces = {one.id: one.en.lower() for one in expressions()}
    stances = {one.id: one.en.lower() for one in poses()}
    things = {one.id: one.en.lower() for one in props()}
    found = [faces.get(scene["expression"], ""), stances.get(scene.get("pose", ""), "")]
    return [
        *(one for one in found if one),
        *(f"with {_article(things[one])}" for one in scene.get("props", []) if one in things),
    ]


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _plain(inputs: Mapping[str, Any], expanded: Mapping[str, Any], said: Wish) -> Recipe:
    """The recipe that all stickers of a sheet share, as the house artist takes it."""
    who = cast(said, inputs["style"], expanded["sheet"]["subject"], expanded["prompt"])
    character = {
        "subject": who.subject,
        "palette": who.palette,
        "accessories": list(who.accessories),
        "style": who.style,
        "seed": inputs["seed"],
    }
    return Recipe(
        prompt=expanded["prompt"],
        negative=expanded["negative"],
        seed=inputs["seed"],
        width=inputs["size"] or SIDE,
        height=inputs["size"] or SIDE,
        model="house artist",
        styles=(inputs["style"],),
        made="drawn",
        sheet={"character": character},
    )


def _diffused(recipe: Recipe, inputs: Mapping[str, Any], model: str) -> Recipe:
    """The same picture as an order for a diffusion model; what is not said is the model's own."""
    sheet = dict(recipe.sheet)
    if inputs["guide"]:
        sheet["guide"] = {"kind": inputs["guide"], "strength": inputs["strength"]}
    side = inputs["size"] or None
    return replace(
        recipe, model=model, made="trained", width=side, height=side, sheet=sheet,
        steps=inputs["steps"], cfg=inputs["cfg"], sampler=inputs["sampler"],
    )  # fmt: skip
