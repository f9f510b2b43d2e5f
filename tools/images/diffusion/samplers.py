"""Samplers by the names people know, for the schedulers of diffusers; and the few-step families with their own defaults.

The same sampler is "DPM++ 2M Karras" in A1111, "dpmpp_2m" with "karras" in ComfyUI and Fooocus, "dpmpp_2m_k" in InvokeAI.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["DEFAULT", "SAMPLERS", "Family", "Sampler", "family_of", "make_scheduler", "sampler_named"]


@dataclass(frozen=True, slots=True)
class Sampler:
    """A scheduler class of diffusers with what sets it apart.

    Attributes:
        schedules: The noise schedules it can take, besides its own ("").
        step: Extra arguments of the pipeline's call.
    """

    name: str
    scheduler: str
    options: Mapping[str, Any] = field(default_factory=dict)
    schedules: tuple[str, ...] = ()
    step: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Family:
    """Models distilled to few steps: what they take where the recipe does not say. `cfg` of 1 is none."""

    name: str
    sampler: str
    steps: int
    cfg: float = 1.0


_SIGMAS = ("karras", "exponential", "beta", "trailing")
# Clipping samples to ±1 suits pixels, not latents: diffusers' default for DDIM ruins SDXL's pictures. One alpha at the end, as in
# the training schedule, keeps DDIM and TCD from ending on a step that was never trained.
_LATENT = {"clip_sample": False, "set_alpha_to_one": False}
DEFAULT = "Euler"
SAMPLERS = {
    sampler.name: sampler
    for sampler in (
        Sampler("Euler", "EulerDiscreteScheduler", {}, _SIGMAS),
        Sampler("Euler a", "EulerAncestralDiscreteScheduler", {}, ("trailing",)),
        Sampler("Heun", "HeunDiscreteScheduler", {}, _SIGMAS),
        Sampler("DPM++ 2M", "DPMSolverMultistepScheduler", {"euler_at_final": True}, _SIGMAS),
        Sampler("DPM++ 2M SDE", "DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++"}, _SIGMAS),
        # The singlestep solver has no leading or trailing spacing; an odd number of steps ends on a first-order one.
        Sampler(
            "DPM++ SDE",
            "DPMSolverSinglestepScheduler",
            {"algorithm_type": "sde-dpmsolver++", "lower_order_final": True},
            ("karras", "exponential", "beta"),
        ),
        Sampler("UniPC", "UniPCMultistepScheduler", {}, _SIGMAS),
        Sampler("DDIM", "DDIMScheduler", _LATENT, ("trailing",)),
        Sampler("LCM", "LCMScheduler", _LATENT),
        Sampler("TCD", "TCDScheduler", _LATENT, step={"eta": 0.3}),  # gamma of the paper's examples (Zheng et al. 2024)
        Sampler("Lightning", "EulerDiscreteScheduler", {"timestep_spacing": "trailing"}),
    )
}
_FEW = {
    # Steps and guidance of the model cards: ByteDance/SDXL-Lightning, latent-consistency/lcm-lora-sdxl,
    # ByteDance/Hyper-SD, stabilityai/sdxl-turbo.
    "lightning": Family("Lightning", "Lightning", 4),
    "lcm": Family("LCM", "LCM", 8),
    "hyper": Family("Hyper-SD", "TCD", 8),
    "turbo": Family("Turbo", "Euler a", 4),
}
_WORDS = {
    "lightning": re.compile(r"(?<![a-z])lightning(?![a-z])"),
    "lcm": re.compile(r"(?<![a-z])lcm(?![a-z])"),
    "hyper": re.compile(r"(?<![a-z])hyper[-_ ]?(?:sd|sdxl)(?![a-z])"),
    "turbo": re.compile(r"(?<![a-z])turbo(?![a-z])"),
}
_STEPS = re.compile(r"(?<!\d)(1|2|4|8|12|16)[-_ ]?steps?(?![a-z])")
_SPELLED = {
    "eulerancestral": "Euler a",
    "eulera": "Euler a",
    "euler": "Euler",
    "heun": "Heun",
    "dpmpp2m": "DPM++ 2M",
    "dpmpp2msde": "DPM++ 2M SDE",
    "dpmppsde": "DPM++ SDE",
    "dpmpp2ssde": "DPM++ SDE",
    "unipc": "UniPC",
    "unipcbh2": "UniPC",
    "ddim": "DDIM",
    "lcm": "LCM",
    "tcd": "TCD",
    "lightning": "Lightning",
}
_SCHEDULES = {
    "karras": "karras",
    "k": "karras",
    "exponential": "exponential",
    "beta": "beta",
    "sgmuniform": "trailing",
    "turbo": "trailing",
    "trailing": "trailing",
}
_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "": {},
    "karras": {"use_karras_sigmas": True},
    "exponential": {"use_exponential_sigmas": True},
    "beta": {"use_beta_sigmas": True},
    "trailing": {"timestep_spacing": "trailing"},
}


def sampler_named(name: str, schedule: str = "") -> tuple[Sampler, str] | None:
    """The sampler that a recipe means, in any program's spelling, and its schedule ("" for its own); None where unknown.

    A schedule the sampler cannot take, or an unknown one ("normal", "simple"), is left to the sampler.
    """
    key = re.sub(r"[^a-z0-9]", "", name.lower().replace("+", "p"))
    wanted = _SCHEDULES.get(re.sub(r"[^a-z]", "", schedule.lower()), "")
    for ending, meant in _SCHEDULES.items():
        if key not in _SPELLED and key.endswith(ending):
            key, wanted = key.removesuffix(ending), meant
    key = key if key in _SPELLED else key.removesuffix("gpu")
    if key not in _SPELLED:
        return None
    sampler = SAMPLERS[_SPELLED[key]]
    return sampler, wanted if wanted in sampler.schedules else ""


def make_scheduler(sampler: Sampler, schedule: str, base: Mapping[str, Any]) -> Any:
    """A scheduler for the model whose own scheduler has the config `base`: its noise range and prediction type stay."""
    import diffusers

    # What the model's own scheduler chose among these is not what this sampler chooses.
    choices = {"use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas", "algorithm_type", "solver_order"}
    kept = {key: value for key, value in base.items() if key not in choices and not key.startswith("_")}
    return getattr(diffusers, sampler.scheduler).from_config({**kept, **sampler.options, **_OPTIONS[schedule]})


def family_of(*names: str) -> Family | None:
    """The few-step family that a model's or LoRA's name tells, with the steps where the name says them ("…_4step_lora")."""
    for name in names:
        lower = name.lower()
        for key, word in _WORDS.items():
            if word.search(lower):
                told = _STEPS.search(lower)
                family = _FEW[key]
                return Family(family.name, family.sampler, int(told[1]) if told else family.steps, family.cfg)
    return None
