"""A recipe with nothing left open: what is really done for one picture, and what differs from what was asked. Needs no torch."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from tools.images.diffusion.samplers import DEFAULT, SAMPLERS, Sampler, family_of, sampler_named
from tools.images.recipe import Lora, Recipe

__all__ = ["LARGEST", "Note", "Plan", "plan_for"]

Note = tuple[str, Mapping[str, Any]]

LARGEST = 2048  # pixels of a side; a recipe from a stranger's picture may ask for anything
_STEP = 8  # one latent pixel
_STEPS, _CFG = 30, 5.0  # where neither the recipe nor a few-step family says
_MOST_STEPS, _MOST_CFG = 200, 50.0
_STRENGTH = {"img2img": 0.6, "edges": 0.8}


@dataclass(frozen=True)
class Plan:
    """What one call of the pipeline does.

    Attributes:
        recipe: The order, with every open value filled in; `sampler` and `scheduler` as we name them.
        sampler, schedule: For `make_scheduler`.
        guide: How the house artist's drawing is used; "" where it is not. strength: in (0, 1].
        notes: What was done otherwise than asked.
    """

    recipe: Recipe
    sampler: Sampler
    schedule: str
    guide: Literal["", "img2img", "edges"] = ""
    strength: float = 1.0
    notes: tuple[Note, ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.recipe.width or 0, self.recipe.height or 0

    @property
    def steps(self) -> int:
        """Steps to ask the scheduler for: drawing over a picture takes only the last part of them, and at least one."""
        asked = self.recipe.steps or 1
        return max(asked, -int(-1 // self.strength)) if self.guide == "img2img" else asked

    def noted(self, key: str, **params: Any) -> Plan:
        """The same with one note more."""
        return replace(self, notes=(*self.notes, (key, params)))

    def smaller(self, least: int) -> Plan | None:
        """Three quarters of each side, told in a note; None where a side would be below `least`."""
        width, height = (max(_STEP, int(side * 0.75) // _STEP * _STEP) for side in self.size)
        if min(width, height) < least:
            return None
        told = replace(self, recipe=replace(self.recipe, width=width, height=height))
        return told.noted("note_memory_smaller", width=width, height=height)


def plan_for(recipe: Recipe, *, model: str, aliases: tuple[str, ...], loras: tuple[Lora, ...], side: int) -> Plan:
    """What is done for `recipe`.

    Args:
        model, aliases: The loaded model's name, and the others that mean the same.
        loras: Those of the recipe and of its prompt.
        side: Pixels of a side that the model was made for.
    """
    family = family_of(recipe.sampler, *(lora.name for lora in loras), model)
    named = sampler_named(recipe.sampler, recipe.scheduler)
    fallback = SAMPLERS[family.sampler if family else DEFAULT]
    sampler, schedule = named or sampler_named(fallback.name, recipe.scheduler) or (fallback, "")
    width, height = _fitting(recipe.width or side), _fitting(recipe.height or recipe.width or side)
    guide, strength = _guide(recipe)
    steps = recipe.steps if recipe.steps and recipe.steps > 0 else family.steps if family else _STEPS
    cfg = recipe.cfg if recipe.cfg is not None else family.cfg if family else _CFG
    seed = secrets.randbelow(2**32) if recipe.seed in (None, -1) else recipe.seed % 2**64
    done = replace(
        recipe,
        seed=seed,
        steps=min(steps, _MOST_STEPS),
        cfg=min(max(cfg, 0.0), _MOST_CFG),
        sampler=sampler.name,
        scheduler=schedule,
        width=width,
        height=height,
        model=model,
        loras=loras,
        made="trained",
        program="finale",
    )
    plan = Plan(done, sampler, schedule, guide, strength)
    if (recipe.width or width, recipe.height or height) != (width, height):
        asked = f"{recipe.width or width} × {recipe.height or height}"
        plan = plan.noted("note_size_rounded", asked=asked, used=f"{width} × {height}", step=_STEP, most=LARGEST)
    if recipe.sampler and named is None and not (family and family_of(recipe.sampler)):
        plan = plan.noted("note_sampler_unknown", asked=recipe.sampler[:60], used=sampler.name)
    if recipe.model and recipe.model not in (model, *aliases):
        plan = plan.noted("note_model_other", asked=recipe.model[:120], used=model)
    return plan


def _fitting(side: int) -> int:
    return max(_STEP, min(LARGEST, round(side / _STEP) * _STEP))


def _guide(recipe: Recipe) -> tuple[Any, float]:
    """How the drawing is used, from `recipe.sheet["guide"]`; ("", 1.0) where that says nothing we know."""
    told = recipe.sheet.get("guide")
    kind = told.get("kind") if isinstance(told, Mapping) else None
    if kind not in _STRENGTH:
        return "", 1.0
    strength = told.get("strength")
    if not isinstance(strength, int | float) or isinstance(strength, bool) or not 0 < strength <= 1:
        strength = _STRENGTH[kind]
    return kind, float(strength)
