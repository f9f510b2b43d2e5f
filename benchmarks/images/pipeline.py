"""Our SDXL backend beside bare diffusers: the same model, prompt, steps and seed, in turns, in one process.

Seconds are those of the processor, not of the clock, with one thread: nothing here waits for anything, and so a machine that does
other things meanwhile tells the same.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.doubles import tiny_sdxl
from tools.images.diffusion import open_sdxl
from tools.images.diffusion.embed import embed
from tools.images.diffusion.keep import kept_by
from tools.images.recipe import Recipe

__all__ = ["Batch", "Bench", "Overhead", "Reuse", "opened"]

CFG, NEGATIVE = 5.0, "blurry, low quality"


@dataclass(frozen=True)
class Overhead:
    """Seconds of a picture, medians; `ratio` is the median of the pairs' ratios, `apart` how far pixels differ at most, of 255."""

    bare: float
    ours: float
    ratio: float
    apart: int


@dataclass(frozen=True)
class Batch:
    """Seconds of the same pictures one by one and all at once; how far their pixels differ at most, of 255."""

    singly: float
    together: float
    apart: int


@dataclass(frozen=True)
class Reuse:
    """Seconds to encode a prompt and its negative: by diffusers, by us the first time, and when only the scene is new."""

    bare: float
    first: float
    scene: float
    again: float
    runs: tuple[int, int, int]  # how often the encoders ran in each of ours


@dataclass
class Bench:
    """One model, loaded twice: by diffusers alone and by our backend."""

    bare: Any
    ours: Any
    side: int

    @property
    def pipe(self) -> Any:
        """The pipeline inside our backend."""
        return self.ours._loaded.pipe

    def overhead(self, steps: int, repeat: int) -> Overhead:
        """Both sides in turns, each repetition with a prompt that neither has met."""
        pairs, apart = [], 0
        for n in range(repeat + 1):
            prompt = f"a shiba dog sticker, scene number {n} of {steps} steps"
            bare, picture = timed(lambda prompt=prompt, n=n: self._bare(prompt, n, steps))
            ours, painted = timed(lambda prompt=prompt, n=n: self._ours(prompt, n, steps))
            pairs.append((bare, ours))
            apart = max(apart, _apart(picture, painted))
        pairs = pairs[1:]  # the first one warms
        bare, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
        return Overhead(bare, ours, statistics.median(ours / bare for bare, ours in pairs), apart)

    def batch(self, count: int, steps: int) -> Batch:
        """`count` seeds of one recipe."""
        recipe, seeds = self._recipe("a shiba dog sticker", 0, steps), list(range(count))
        options: dict[str, Any] = {"on_stage": lambda _: None, "cancelled": lambda: False}
        self.ours.paint_batch(recipe, seeds, **options)
        singly, alone = timed(lambda: [self.ours.paint_batch(recipe, [seed], **options)[0] for seed in seeds])
        together, many = timed(lambda: self.ours.paint_batch(recipe, seeds, **options))
        apart = max(_apart(one.picture, other.picture) for one, other in zip(alone, many, strict=True))
        return Batch(singly, together, apart)

    def reuse(self, repeat: int) -> Reuse:
        """A prompt of a style and a scene, as a pack asks for them: each picture another scene."""
        pipe, kept = self.pipe, kept_by(self.pipe)
        rows: list[tuple[float, ...]] = []
        runs = (0, 0, 0)
        for n in range(repeat + 1):
            one, other = f"a shiba dog waving, round {n}", f"a shiba dog crying, round {n}"
            against = f"{NEGATIVE} {n}"
            bare, _ = timed(lambda one=one, against=against: _encoded(pipe, one, against))
            counts = [kept.runs]
            first, _ = timed(lambda one=one, against=against: embed(pipe, one, against))
            counts.append(kept.runs)
            scene, _ = timed(lambda other=other, against=against: embed(pipe, other, against))
            counts.append(kept.runs)
            again, _ = timed(lambda other=other, against=against: embed(pipe, other, against))
            counts.append(kept.runs)
            rows.append((bare, first, scene, again))
            runs = (counts[1] - counts[0], counts[2] - counts[1], counts[3] - counts[2])
        return Reuse(*(statistics.median(column) for column in zip(*rows[1:], strict=True)), runs)

    def _bare(self, prompt: str, seed: int, steps: int) -> Any:
        import torch

        return self.bare(
            prompt,
            negative_prompt=NEGATIVE,
            num_inference_steps=steps,
            guidance_scale=CFG,
            width=self.side,
            height=self.side,
            generator=torch.Generator("cpu").manual_seed(seed),
        ).images[0]

    def _ours(self, prompt: str, seed: int, steps: int) -> Any:
        recipe = self._recipe(prompt, seed, steps)
        return self.ours.paint(recipe, on_stage=lambda _: None, cancelled=lambda: False).picture

    def _recipe(self, prompt: str, seed: int, steps: int) -> Recipe:
        size = {"width": self.side, "height": self.side}
        return Recipe(prompt=prompt, negative=NEGATIVE, seed=seed, steps=steps, cfg=CFG, sampler="Euler", **size)


def opened(folder: Path, widths: Sequence[int] = (), side: int = 64) -> Bench:
    """The tiny model of the tests on the CPU; `widths` (channels of its two UNet stages) make its steps cost more."""
    import torch
    from diffusers import StableDiffusionXLPipeline
    from diffusers.utils import logging as notices
    from transformers.utils import logging as more_notices

    torch.set_num_threads(1)
    notices.disable_progress_bar()
    more_notices.disable_progress_bar()
    made = tiny_sdxl.build(folder / "words")
    if widths:
        made.unet = _wider(made.unet, widths)
    path = folder / "model"
    made.save_pretrained(path, safe_serialization=True)
    bare = StableDiffusionXLPipeline.from_pretrained(path, local_files_only=True, add_watermarker=False)
    bare.set_progress_bar_config(disable=True)
    ours = open_sdxl(str(path), device="cpu", folder=folder)
    recipe = Recipe(prompt="x", seed=1, steps=1, width=side, height=side)
    ours.paint(recipe, on_stage=lambda _: None, cancelled=lambda: False)  # loads the model
    return Bench(bare, ours, side)


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    """(seconds of the processor, what it gives)."""
    began = time.process_time()
    result = action()
    return time.process_time() - began, result


def _wider(unet: Any, widths: Sequence[int]) -> Any:
    import torch
    from diffusers import UNet2DConditionModel

    torch.manual_seed(0)
    config = {**unet.config, "block_out_channels": tuple(widths)}
    return UNet2DConditionModel.from_config(config).eval()


def _encoded(pipe: Any, prompt: str, negative: str) -> Any:
    import torch

    with torch.no_grad():
        return pipe.encode_prompt(prompt, negative_prompt=negative)


def _apart(one: Any, other: Any) -> int:
    import numpy

    return int(numpy.abs(numpy.asarray(one, dtype=int) - numpy.asarray(other, dtype=int)).max())


def in_folder(action: Callable[[Path], Any]) -> Any:
    """What `action` gives in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="finale-bench-") as folder:
        return action(Path(folder))
