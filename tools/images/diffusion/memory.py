"""How a pipeline lies in memory: from whole on the device down to part by part, and the step down when memory runs out.

Pictures of a batch are always decoded one by one. Tiling decodes a picture in parts (diffusers, "Reduce memory usage"); offloading
keeps the models in main memory and brings each one (model), or each layer (sequential), to the device only while it works.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["MODES", "Memory", "free_on", "is_out_of_memory", "release", "weight_bytes"]

# In the order they are tried; each one keeps what those before it do.
MODES = ("whole", "vae tiling", "model offload", "sequential offload")
_GIB = 2**30
# What one SDXL picture of 1024 px takes beside the weights: about 2 GiB of activations, and 4 GiB more to decode it at once.
_WORK, _DECODE = 2 * _GIB, 4 * _GIB
_SHORT = ("out of memory", "can't allocate memory", "not enough memory", "alloc_failed")


@dataclass
class Memory:
    """The mode one loaded model is in on one device. It stays where it was brought to: the next picture is as large."""

    device: str
    mode: str = "whole"
    _placed: tuple[int, str] = (0, "")

    @classmethod
    def chosen(cls, device: str, weights: int, free: int | None) -> Memory:
        """The most generous mode that should fit. `weights`: bytes of the model; `free`: bytes free there, None: unknown."""
        if free is None or free >= weights + _WORK + _DECODE:
            return cls(device)
        if free >= weights + _WORK:
            return cls(device, "vae tiling")
        # The UNet alone has three quarters of SDXL's weights.
        return cls(device, "model offload" if free >= 0.75 * weights + _WORK else "sequential offload")

    @property
    def modes(self) -> Sequence[str]:
        """The modes there are on this device: main memory has no place to offload to."""
        return MODES[:2] if self.device == "cpu" else MODES

    def tighten(self) -> bool:
        """Go one step down; False where there is none left."""
        at = self.modes.index(self.mode) + 1
        if at >= len(self.modes):
            return False
        self.mode = self.modes[at]
        return True

    def place(self, pipe: Any) -> None:
        """Bring a pipeline into this mode. Pipelines that share models may be placed in turn; nothing is done twice."""
        if self._placed == (id(pipe), self.mode):
            return
        level = MODES.index(self.mode)
        (pipe.vae.enable_tiling if level >= 1 else pipe.vae.disable_tiling)()
        if self.mode == "model offload":
            pipe.enable_model_cpu_offload(device=self.device)
        elif self.mode == "sequential offload":
            pipe.enable_sequential_cpu_offload(device=self.device)
        else:
            pipe.to(self.device)
        self._placed = (id(pipe), self.mode)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether this says that memory ran out: CUDA has a class for it, the CPU and MPS allocators say it in words."""
    import torch

    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(short in str(error).lower() for short in _SHORT)


def release(device: str) -> None:
    """Give back what a failed picture left. Call it when its exception, whose frames hold the tensors, is gone."""
    import torch

    gc.collect()
    if device.startswith("cuda"):
        torch.cuda.empty_cache()
    elif device == "mps":
        torch.mps.empty_cache()


def free_on(device: str) -> int | None:
    """Bytes free on a device; None where that does not limit (main memory swaps) or is not told."""
    import torch

    if not device.startswith("cuda"):
        return None
    return int(torch.cuda.mem_get_info(torch.device(device))[0])


def weight_bytes(pipe: Any) -> int:
    """Bytes of all weights of a pipeline."""
    import torch

    models = [each for each in pipe.components.values() if isinstance(each, torch.nn.Module)]
    return sum(value.numel() * value.element_size() for model in models for value in model.parameters())
