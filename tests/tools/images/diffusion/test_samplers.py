"""Samplers by any program's names, and few-step models told by their names."""

from __future__ import annotations

import pytest

from tools.images.diffusion.plan import LARGEST, plan_for
from tools.images.diffusion.samplers import SAMPLERS, family_of, make_scheduler, sampler_named
from tools.images.recipe import Lora, Recipe

BASE = {
    "_class_name": "EulerDiscreteScheduler",
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "prediction_type": "v_prediction",
    "timestep_spacing": "leading",
    "steps_offset": 1,
    "use_karras_sigmas": True,
}


@pytest.mark.parametrize(
    ("name", "schedule", "wanted"),
    [
        ("DPM++ 2M Karras", "", ("DPM++ 2M", "karras")),
        ("DPM++ 2M", "Karras", ("DPM++ 2M", "karras")),
        ("dpmpp_2m", "karras", ("DPM++ 2M", "karras")),
        ("dpmpp_2m_k", "", ("DPM++ 2M", "karras")),
        ("dpmpp_2m_sde_gpu", "karras", ("DPM++ 2M SDE", "karras")),
        ("DPM++ 2M SDE Exponential", "", ("DPM++ 2M SDE", "exponential")),
        ("DPM++ SDE Karras", "", ("DPM++ SDE", "karras")),
        ("dpmpp_sde_gpu", "karras", ("DPM++ SDE", "karras")),
        ("Euler a", "Automatic", ("Euler a", "")),
        ("euler_ancestral", "normal", ("Euler a", "")),
        ("euler_a", "", ("Euler a", "")),
        ("euler", "sgm_uniform", ("Euler", "trailing")),
        ("euler_k", "", ("Euler", "karras")),
        ("Euler a", "Karras", ("Euler a", "")),
        ("uni_pc_bh2", "simple", ("UniPC", "")),
        ("DDIM", "ddim_uniform", ("DDIM", "")),
        ("heun", "beta", ("Heun", "beta")),
        ("lcm", "lcm", ("LCM", "")),
        ("tcd", "tcd", ("TCD", "")),
    ],
)
def test_names_of_other_programs_mean_the_same(name: str, schedule: str, wanted: tuple[str, str]) -> None:
    found = sampler_named(name, schedule)
    assert found is not None and (found[0].name, found[1]) == wanted


@pytest.mark.parametrize("name", ["", "Restart", "k", "karras", "__import__('os')"])
def test_an_unknown_name_is_none(name: str) -> None:
    assert sampler_named(name) is None


@pytest.mark.parametrize("name", SAMPLERS)
def test_the_models_own_noise_and_prediction_stay(name: str) -> None:
    sampler = SAMPLERS[name]
    for schedule in ("", *sampler.schedules):
        config = make_scheduler(sampler, schedule, BASE).config
        assert (config.prediction_type, config.beta_end) == ("v_prediction", 0.012)
        assert bool(config.get("use_karras_sigmas")) is (schedule == "karras")
        assert not config.get("clip_sample")
    if name == "Lightning":
        assert make_scheduler(sampler, "", BASE).config.timestep_spacing == "trailing"


@pytest.mark.parametrize(
    ("name", "family", "sampler", "steps"),
    [
        ("sdxl_lightning_4step_lora", "Lightning", "Lightning", 4),
        ("ByteDance/SDXL-Lightning/sdxl_lightning_2step.safetensors", "Lightning", "Lightning", 2),
        ("Hyper-SDXL-8steps-lora", "Hyper-SD", "TCD", 8),
        ("latent-consistency/lcm-lora-sdxl", "LCM", "LCM", 8),
        ("stabilityai/sdxl-turbo", "Turbo", "Euler a", 4),
    ],
)
def test_few_step_models_are_told_by_name(name: str, family: str, sampler: str, steps: int) -> None:
    found = family_of("", name)
    assert found is not None
    assert (found.name, found.sampler, found.steps, found.cfg) == (family, sampler, steps, 1.0)


@pytest.mark.parametrize("name", ["juggernautXL_v9", "hyperrealism", "calcmix", "turbonet", "white-lightningrod"])
def test_other_names_tell_nothing(name: str) -> None:
    assert family_of(name) is None


def planned(recipe: Recipe, model: str = "base", loras: tuple[Lora, ...] = ()):
    return plan_for(recipe, model=model, aliases=(), loras=loras, side=1024)


def test_a_few_step_lora_brings_its_defaults_and_the_recipe_overrules_them() -> None:
    lightning = (Lora("sdxl_lightning_8step_lora"),)
    recipe = planned(Recipe(prompt="dog", seed=1), loras=lightning).recipe
    assert (recipe.steps, recipe.cfg, recipe.sampler, recipe.width) == (8, 1.0, "Lightning", 1024)
    recipe = planned(Recipe(prompt="dog", seed=1, steps=6, cfg=2, sampler="Euler a"), loras=lightning).recipe
    assert (recipe.steps, recipe.cfg, recipe.sampler) == (6, 2, "Euler a")
    plan = planned(Recipe(prompt="dog", sampler="Turbo"))
    assert (plan.recipe.steps, plan.recipe.sampler, plan.notes) == (4, "Euler a", ())


def test_what_a_strangers_recipe_asks_for_is_kept_in_bounds() -> None:
    plan = planned(Recipe(prompt="x", seed=-5, steps=10**9, cfg=1e9, width=65_535, height=1))
    assert plan.size == (LARGEST, 8)
    assert (plan.recipe.steps, plan.recipe.cfg, plan.recipe.seed) == (200, 50.0, 2**64 - 5)
    assert [key for key, _ in plan.notes] == ["note_size_rounded"]
    for odd in ({"kind": "rm -rf"}, {"kind": "img2img", "strength": "much"}, "img2img", None):
        assert planned(Recipe(prompt="x", sheet={"guide": odd})).strength in (0.6, 1.0)


def test_drawing_over_a_picture_takes_at_least_one_step() -> None:
    for strength, steps in ((0.05, 4), (0.3, 1), (1.0, 1), (0.9, 8)):
        plan = planned(Recipe(prompt="x", steps=steps, sheet={"guide": {"kind": "img2img", "strength": strength}}))
        assert int(plan.steps * strength) >= 1 and plan.steps >= steps
