"""Why a picture was not painted.

PaintError                a family name; raised itself where one order cannot be painted as it stands
├── PaintCancelled        the person stopped it: nothing is wrong
├── NoSuchBackend         no backend or device has this name
├── PackageMissing        the libraries that run a model are not installed
├── MissingWeights        the model is not on this machine and could not be fetched
├── NotSdxl               the file holds a model of another kind
├── UnsafeWeights         the file may run code when it is opened (pickle)
├── BadLora               a LoRA is missing, broken, or made for another kind of model
└── OutOfMemory           the memory did not suffice in the most frugal mode either
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from tools.errors import FinaleError

__all__ = [
    "BadLora",
    "MissingWeights",
    "NoSuchBackend",
    "NotSdxl",
    "OutOfMemory",
    "PackageMissing",
    "PaintCancelled",
    "PaintError",
    "UnsafeWeights",
]


class PaintError(FinaleError):
    """Raised for an order that no backend could paint as it stands; key `paint_not_numbers` where the model's numbers overflow."""

    code = "paint_failed"
    words_file: ClassVar[Path] = Path(__file__).with_name("messages.yaml")


class PaintCancelled(PaintError):
    """Raised within one step after the person asked to stop; there is no picture then."""

    code = "paint_cancelled"


class NoSuchBackend(PaintError):
    """Raised when no backend has this name; key `no_such_device` where it is the device that is not there."""

    code = "no_such_backend"


class PackageMissing(PaintError):
    """Raised when torch or diffusers is not installed."""

    code = "package_missing"


class MissingWeights(PaintError):
    """Raised when a model cannot be had.

    Keys: `weights_missing` (no such file or folder), `no_model` (none is set), `weights_not_fetched` (the hub does not
    answer, or may not be asked), `weights_refused` (the hub has no such model, or asks for a login), `weights_broken`
    (the file is cut short), `words_missing` (a single file lacks CLIP's vocabulary).
    """

    code = "weights_missing"


class NotSdxl(PaintError):
    """Raised, before anything is loaded, for a model of another kind.

    Keys: `not_a_model` where it is none that we know, `sdxl_other_size` for a single file whose size must be told beside it.
    """

    code = "not_sdxl"


class UnsafeWeights(PaintError):
    """Raised for .ckpt, .pt and .bin files: opening one may run code that somebody put into it."""

    code = "unsafe_weights"


class BadLora(PaintError):
    """Raised for a LoRA that is not there (key `lora_missing`), broken (`lora_broken`) or of another kind (`lora_other`)."""

    code = "lora_missing"


class OutOfMemory(PaintError):
    """Raised when every step down to the most frugal mode was tried; key `out_of_memory_loading` where the model alone is too large."""

    code = "out_of_memory"
