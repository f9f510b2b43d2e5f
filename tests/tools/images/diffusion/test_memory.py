"""When memory runs out: a real error of the allocator inside the real pipeline, the step down, and the next picture."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tools.images.backend.errors import OutOfMemory
from tools.images.backend.model import Painting
from tools.images.diffusion import open_sdxl
from tools.images.diffusion.memory import Memory, is_out_of_memory
from tools.images.diffusion.paint import SdxlBackend
from tools.images.recipe import Lora, Recipe

Paint = Callable[..., Painting]
GIB = 2**30


class Short:
    """Memory that runs out in the first `times` calls of a module, where `when` says so of its input."""

    def __init__(self, times: int, when: Callable[[Any], bool] = lambda first: True) -> None:
        self.times, self.when = times, when
        self.calls = 0
        self.held: list[weakref.ref[Any]] = []

    def __call__(self, module: Any, given: tuple[Any, ...]) -> None:
        self.calls += 1
        if self.times and self.when(given[0]):
            self.times -= 1
            large = torch.zeros(1000)  # lies in the failing frame, as a picture's tensors do
            self.held.append(weakref.ref(large))
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")


@pytest.fixture
def backend(models: Path, paint: Paint) -> SdxlBackend:
    made = open_sdxl("tiny", device="cpu", folder=models)
    paint(made, steps=1)
    return made


def pipe_of(backend: SdxlBackend) -> Any:
    assert backend._loaded is not None
    return backend._loaded.pipe


def test_the_next_mode_is_taken_told_and_kept_and_the_seed_holds(backend: SdxlBackend, paint: Paint) -> None:
    whole = paint(backend)
    short = Short(1)
    pipe_of(backend).unet.register_forward_pre_hook(short)
    painting = paint(backend)
    assert painting.recipe.extra["memory"] == "vae tiling" and pipe_of(backend).vae.use_tiling
    assert [key for key, _ in painting.notes] == ["note_memory_tiling"]
    assert painting.recipe.seed == whole.recipe.seed and painting.picture.size == whole.picture.size
    assert short.calls == 1 + 3  # the step that failed, and then all three
    after = paint(backend)
    assert not after.notes and after.recipe.extra["memory"] == "vae tiling"
    assert after.picture.tobytes() == painting.picture.tobytes()


def test_what_the_failed_picture_held_is_gone(backend: SdxlBackend, paint: Paint) -> None:
    short = Short(1)
    pipe_of(backend).unet.register_forward_pre_hook(short)
    gc.disable()
    try:
        paint(backend)
    finally:
        gc.enable()
    assert [each() for each in short.held] == [None]


def test_decoding_anew_takes_no_step_again(backend: SdxlBackend, paint: Paint) -> None:
    runs: list[int] = []
    pipe_of(backend).unet.register_forward_hook(lambda *_: runs.append(1))
    pipe_of(backend).vae.decoder.register_forward_pre_hook(Short(1))
    assert paint(backend, steps=4).recipe.extra["memory"] == "vae tiling"
    assert len(runs) == 4


def test_after_the_last_mode_the_picture_is_made_smaller_and_told(
    backend: SdxlBackend, paint: Paint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[SdxlBackend.__module__], "_LEAST", 64)
    pipe_of(backend).unet.register_forward_pre_hook(Short(9, lambda latents: latents.shape[-1] > 20))
    painting = paint(backend, width=96, height=96, steps=1)
    assert painting.picture.size == (72, 72) == (painting.recipe.width, painting.recipe.height)
    assert [key for key, _ in painting.notes] == ["note_memory_smaller", "note_memory_tiling"]
    assert not paint(backend).notes


def test_when_nothing_helps_the_error_is_clear_and_the_next_job_works(backend: SdxlBackend, paint: Paint) -> None:
    short = Short(99)
    hook = pipe_of(backend).unet.register_forward_pre_hook(short)
    with pytest.raises(OutOfMemory) as told:
        paint(backend, loras=(Lora("kohya"),))
    assert "64 × 64" in told.value.message() and short.calls == 2
    hook.remove()
    assert paint(backend).picture.size == (64, 64)


def test_a_batch_that_is_too_large_is_painted_one_by_one(backend: SdxlBackend, paint: Paint) -> None:
    alone = [paint(backend, seed=seed).picture.tobytes() for seed in (1, 2)]
    pipe_of(backend).unet.register_forward_pre_hook(Short(99, lambda latents: len(latents) > 2))
    order = Recipe(prompt="shiba dog, red scarf", steps=3)
    made = backend.paint_batch(order, [1, 2], on_stage=lambda _: None, cancelled=lambda: False)
    assert [each.picture.tobytes() for each in made] == alone
    assert all("note_memory_batch" in dict(each.notes) for each in made)
    assert {each.recipe.extra["memory"] for each in made} == {"whole"}


def test_other_errors_are_no_lack_of_memory(backend: SdxlBackend, paint: Paint) -> None:
    def broken(module: Any, given: tuple[Any, ...]) -> None:
        raise RuntimeError("shapes do not match")

    hook = pipe_of(backend).unet.register_forward_pre_hook(broken)
    with pytest.raises(RuntimeError, match="shapes"):
        paint(backend)
    hook.remove()
    assert paint(backend).recipe.extra["memory"] == "whole"


def test_each_allocators_words_are_known() -> None:
    with pytest.raises(RuntimeError) as cpu:
        torch.empty(2**50)
    assert is_out_of_memory(cpu.value)
    assert is_out_of_memory(RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)")) and is_out_of_memory(
        MemoryError()
    )
    assert not is_out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))


@pytest.mark.parametrize(
    ("free", "mode"),
    [(None, "whole"), (24, "whole"), (10, "vae tiling"), (8, "model offload"), (4, "sequential offload")],
)
def test_the_first_mode_is_chosen_by_what_is_free(free: int | None, mode: str) -> None:
    weights = int(6.9 * GIB)
    memory = Memory.chosen("cuda:0", weights, None if free is None else free * GIB)
    assert memory.mode == mode
    steps = [memory.mode]
    while memory.tighten():
        steps.append(memory.mode)
    assert steps[-1] == "sequential offload" and len(set(steps)) == len(steps)


def test_main_memory_has_nowhere_to_offload_to() -> None:
    memory = Memory("cpu")
    assert memory.tighten() and not memory.tighten()
