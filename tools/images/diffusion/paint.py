"""SDXL as a backend: one model on one device paints recipes, step by step, within the memory there is."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tools.images.backend.errors import OutOfMemory, PaintCancelled
from tools.images.backend.model import Painting, Stage
from tools.images.diffusion import memory
from tools.images.diffusion.control import FOLDER, find_controlnet
from tools.images.diffusion.decode import decode, encode, guard
from tools.images.diffusion.embed import embed
from tools.images.diffusion.fetch import fetch
from tools.images.diffusion.find import Found
from tools.images.diffusion.guide import drawing, edges
from tools.images.diffusion.load import Loaded, load, precision
from tools.images.diffusion.loras import Loras, wanted
from tools.images.diffusion.plan import Plan, plan_for
from tools.images.diffusion.preview import Colours, colours_of, preview, watched
from tools.images.diffusion.runners import runner_for
from tools.images.diffusion.samplers import make_scheduler
from tools.images.recipe import Recipe

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["SdxlBackend"]

T = TypeVar("T")
_LEAST = 512  # below this SDXL paints no picture worth having, so it is not made smaller than that
_TOLD = {
    "vae tiling": "note_memory_tiling",
    "model offload": "note_memory_offload",
    "sequential offload": "note_memory_layers",
}
logger = logging.getLogger(__name__)


class _TooLarge(Exception):
    """This many pictures of this size fit in no mode."""


class SdxlBackend:
    """The model is loaded, and fetched where it must be, with the first picture; it stays loaded.

    While a model is fetched, `Stage.done` and `Stage.of` count megabytes, and there is no preview.
    """

    name = "sdxl"

    def __init__(self, found: Found, device: str, folder: Path) -> None:
        self.device = device
        self._found = found
        self._folder = folder
        self._loaded: Loaded | None = None
        self._loras = Loras(folder)
        self._memory = memory.Memory(device)
        self._runners: dict[str, Any] = {}
        self._colours: Colours | None = None

    def paint(self, recipe: Recipe, *, on_stage: Callable[[Stage], None], cancelled: Callable[[], bool]) -> Painting:
        """The picture of `recipe`, as `Backend.paint`.

        Raises:
            PaintCancelled, PaintError (see tools/images/backend/errors.py), ArtistError (a guide that cannot be drawn)
        """
        seeds = [] if recipe.seed is None else [recipe.seed]
        return self.paint_batch(recipe, seeds or [-1], on_stage=on_stage, cancelled=cancelled)[0]

    def paint_batch(
        self,
        recipe: Recipe,
        seeds: Sequence[int],
        *,
        on_stage: Callable[[Stage], None],
        cancelled: Callable[[], bool],
    ) -> list[Painting]:
        """One picture for each seed, all at once: faster on a GPU. A picture may differ by a rounding from the one painted alone.

        Raises: as `paint`.
        """
        pipe = self._ready(on_stage, cancelled)
        plans = [self._plan(replace(recipe, seed=seed)) for seed in seeds]
        before = self._memory.mode
        while True:
            try:
                made = self._painted(pipe, plans, on_stage, cancelled)
                return made if self._memory.mode == before else _noted(made, _TOLD[self._memory.mode])
            except _TooLarge:
                pass
            if len(plans) > 1:
                made = [self.paint(replace(recipe, seed=s), on_stage=on_stage, cancelled=cancelled) for s in seeds]
                return _noted(made, "note_memory_batch")
            plans = [self._smaller(plans[0])]

    def _ready(self, on_stage: Callable[[Stage], None], cancelled: Callable[[], bool]) -> Any:
        """The loaded pipeline; loads it the first time."""
        if self._loaded is None:
            if self._found.path is None:
                path = fetch(self._found, lambda done, of: on_stage(Stage(done >> 20, of >> 20)), cancelled)
                kind = "hub cached" if self._found.repo else self._found.kind
                self._found = replace(self._found, kind=kind, path=path)
            _stop_if(cancelled)
            loaded = load(self._found, self.device, self._folder, cancelled)
            guard(loaded.pipe)
            weights = memory.weight_bytes(loaded.pipe)
            self._memory = memory.Memory.chosen(self.device, weights, memory.free_on(self.device))
            self._loaded = loaded
        return self._loaded.pipe

    def _plan(self, recipe: Recipe) -> Plan:
        assert self._loaded is not None
        pipe, found = self._loaded.pipe, self._found
        aliases = (found.model, found.repo, found.path.name if found.path else "", self._loaded.digest)
        side = pipe.default_sample_size * pipe.vae_scale_factor
        plan = plan_for(recipe, model=self._loaded.name, aliases=aliases, loras=wanted(recipe), side=side)
        if plan.guide == "edges" and find_controlnet(self._folder, pipe.unet.config.cross_attention_dim) is None:
            plan = replace(plan, guide="img2img").noted("note_guide_img2img", folder=self._folder / FOLDER)
        return replace(plan, recipe=replace(plan.recipe, model_hash=self._loaded.digest))

    def _painted(
        self, pipe: Any, plans: list[Plan], on_stage: Callable[[Stage], None], cancelled: Callable[[], bool]
    ) -> list[Painting]:
        """All pictures of plans that differ in their seed only.

        Raises:
            _TooLarge
        """
        plan = plans[0]
        many = len(plans) > 1
        latents = self._within(lambda: self._denoised(pipe, plans, on_stage, cancelled), many)
        _stop_if(cancelled)
        name = plan.recipe.model

        def decoded() -> list[Any]:
            runner = self._runner(pipe, plan)
            self._memory.place(runner)
            return decode(runner, latents, name)

        pictures = self._within(decoded, many)
        extra = {**plan.recipe.extra, "device": self.device, "memory": self._memory.mode}
        made = [replace(each.recipe, extra=extra) for each in plans]
        return [Painting(*each) for each in zip(pictures, made, (plan.notes for plan in plans), strict=True)]

    def _denoised(
        self, pipe: Any, plans: list[Plan], on_stage: Callable[[Stage], None], cancelled: Callable[[], bool]
    ) -> Tensor:
        """The latents of all plans, on the device."""
        import torch

        plan = plans[0]
        recipe = plan.recipe
        runner = self._runner(pipe, plan)
        self._memory.place(runner)
        self._loras.bring(runner, recipe.loras)  # it renews the hooks of the pipeline it is given
        if self._colours is None:
            self._colours = colours_of(pipe.vae)
        _stop_if(cancelled)
        runner.scheduler = make_scheduler(plan.sampler, plan.schedule, pipe.scheduler.config)
        with watched(runner.scheduler) as seen:

            def told(pipeline: Any, step: int, time: Any, state: dict[str, Any]) -> dict[str, Any]:
                _stop_if(cancelled)
                latents = seen.latents if seen.latents is not None else state["latents"]
                on_stage(Stage(step + 1, pipeline.num_timesteps, preview(latents[0], self._colours)))
                return state

            try:
                return runner(
                    **embed(pipe, recipe.prompt, recipe.negative).arguments(),
                    **self._shape(runner, plan),
                    **plan.sampler.step,
                    num_images_per_prompt=len(plans),
                    num_inference_steps=plan.steps,
                    guidance_scale=recipe.cfg,
                    # Noise from the CPU, also that of ancestral steps: the same on every device.
                    generator=[torch.Generator("cpu").manual_seed(each.recipe.seed or 0) for each in plans],
                    callback_on_step_end=told,
                    output_type="latent",
                ).images
            finally:
                runner.maybe_free_model_hooks()

    def _runner(self, pipe: Any, plan: Plan) -> Any:
        """The pipeline for this kind of guide; all share the same models."""
        if plan.guide not in self._runners:
            self._runners[plan.guide] = runner_for(pipe, plan.guide, self._folder, precision(self.device))
        return self._runners[plan.guide]

    def _shape(self, runner: Any, plan: Plan) -> dict[str, Any]:
        """What the pipeline is told of the picture's size and of the drawing it follows."""
        width, height = plan.size
        if not plan.guide:
            return {"width": width, "height": height}
        drawn = drawing(plan.recipe, plan.size)
        if plan.guide == "img2img":
            return {"image": encode(runner, drawn), "strength": plan.strength}
        hint = {"image": edges(drawn), "controlnet_conditioning_scale": plan.strength}
        return {**hint, "width": width, "height": height}

    def _within(self, action: Callable[[], T], many: bool) -> T:
        """What `action` gives, in the most generous mode in which memory suffices.

        Raises:
            _TooLarge: in none; or at once where a batch can be painted one by one instead.
        """
        while True:
            try:
                return action()
            except (RuntimeError, MemoryError) as error:
                if not memory.is_out_of_memory(error):
                    raise
            # The error is gone here, and its frames with the tensors in them.
            memory.release(self.device)
            if many or not self._memory.tighten():
                raise _TooLarge
            logger.warning("out of memory on %s: %s from now on", self.device, self._memory.mode)

    def _smaller(self, plan: Plan) -> Plan:
        """A smaller picture of the same.

        Raises:
            OutOfMemory: it is as small as it may be.
        """
        smaller = plan.smaller(_LEAST)
        if smaller is None:
            width, height = plan.size
            raise OutOfMemory(device=self.device, width=width, height=height)
        return smaller


def _noted(paintings: list[Painting], key: str) -> list[Painting]:
    return [replace(each, notes=(*each.notes, (key, {}))) for each in paintings]


def _stop_if(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise PaintCancelled
