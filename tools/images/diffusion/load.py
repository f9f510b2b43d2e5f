"""An SDXL pipeline from what was found: a diffusers folder or a single file, without asking the network."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.images.backend.errors import MissingWeights, NoSuchBackend, NotSdxl, OutOfMemory, PackageMissing
from tools.images.diffusion.architecture import clip_words, is_ordinary, write_configs
from tools.images.diffusion.fetch import fetch_files
from tools.images.diffusion.find import Found, companion, weights_of
from tools.images.diffusion.header import read_header
from tools.images.diffusion.memory import is_out_of_memory

__all__ = ["Loaded", "device_named", "load", "precision", "require_packages"]

_PACKAGES = ("torch", "diffusers", "transformers", "accelerate", "safetensors", "peft")


@dataclass(frozen=True)
class Loaded:
    """A text-to-image pipeline in main memory, and what its recipe will say of the model."""

    pipe: Any
    name: str
    digest: str  # the first ten digits of the sha256 of the (UNet's) weights, as A1111's "Model hash"


def require_packages() -> None:
    """Look for the libraries that SDXL needs, without importing them.

    Raises:
        PackageMissing: one is not installed.
    """
    import importlib.util

    if absent := [name for name in _PACKAGES if importlib.util.find_spec(name) is None]:
        raise PackageMissing(packages="、".join(absent))
    # Read when OpenMP starts: threads that spin while they wait make a busy machine many times slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def device_named(device: str) -> str:
    """The full name of a device that torch has here; "" is the best one. The number of CPU threads is left as it is: it
    decides how sums are rounded, and so the picture.

    Raises:
        NoSuchBackend: there is no such device.
    """
    import torch

    there = [f"cuda:{n}" for n in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    there += ["mps"] if torch.backends.mps.is_available() else []
    there += ["cpu"]
    wanted = {"": there[0], "cuda": "cuda:0"}.get(device, device)
    if wanted not in there:
        raise NoSuchBackend("no_such_device", name=device[:40], known="、".join(there))
    return wanted


def precision(device: str) -> Any:
    """Half precision on accelerators, full on the CPU, where half is slower."""
    import torch

    return torch.float32 if device == "cpu" else torch.float16


def load(found: Found, device: str, folder: Path, cancelled: Callable[[], bool]) -> Loaded:
    """The pipeline of a model that is on this machine, still in main memory.

    Raises:
        MissingWeights: a file is broken, or CLIP's vocabulary for a single file cannot be had.
        NotSdxl: a single file of unusual size without its configs beside it.
        OutOfMemory: main memory does not hold it.
    """
    from safetensors import SafetensorError

    assert found.path is not None
    _quieten()
    try:
        pipe = (_from_file if found.path.is_file() else _from_folder)(found, device, folder, cancelled)
    except (OSError, ValueError, KeyError, RuntimeError, TypeError, SafetensorError) as error:
        if is_out_of_memory(error):
            raise OutOfMemory("out_of_memory_loading", model=found.path.name) from None
        why = " ".join(str(error).split())[:160]
        raise MissingWeights("weights_broken", file=found.path.name, why=why) from error
    pipe.set_progress_bar_config(disable=True)
    if found.path.is_file():
        name, weights = found.path.stem, found.path
    else:
        name, weights = found.path.name, weights_of(found.path, "unet")[0]
    return Loaded(pipe, found.model if found.repo else name, _digest(weights))


def _from_folder(found: Found, device: str, folder: Path, cancelled: Callable[[], bool]) -> Any:
    from diffusers import StableDiffusionXLPipeline

    halves = any((found.path / "unet").glob("*.fp16*.safetensors"))  # type: ignore[operator]
    only = halves and all(".fp16" in each.name for each in weights_of(found.path, "unet"))  # type: ignore[arg-type]
    return StableDiffusionXLPipeline.from_pretrained(
        found.path,
        dtype=precision(device),
        variant="fp16" if only or (halves and device != "cpu") else None,
        use_safetensors=True,
        local_files_only=True,
        add_watermarker=False,  # what we make is marked in the file, where it can be read
    )


def _from_file(found: Found, device: str, folder: Path, cancelled: Callable[[], bool]) -> Any:
    from diffusers import StableDiffusionXLPipeline

    path = found.path
    assert path is not None
    header = read_header(path)
    with tempfile.TemporaryDirectory(prefix="finale-sdxl-") as made:
        configs = companion(path)
        if configs is None:
            if not is_ordinary(header):
                raise NotSdxl("sdxl_other_size", model=path.name, folder=path.with_suffix(""))
            words = clip_words(path.name, folder, lambda repo, file: _fetch_one(repo, file, cancelled))
            configs = write_configs(Path(made), header, words)
        return StableDiffusionXLPipeline.from_single_file(
            str(path),
            config=str(configs),
            dtype=precision(device),
            local_files_only=True,
            add_watermarker=False,
        )


def _fetch_one(repo: str, file: str, cancelled: Callable[[], bool]) -> Path:
    return fetch_files(
        Found("hub not fetched", repo, repo=repo), lambda there: [file], lambda done, of: None, cancelled
    )[0]


def _digest(path: Path) -> str:
    """A hub file lies under its own sha256; any other one is read."""
    blob = path.resolve().name
    if len(blob) == 64 and all(letter in "0123456789abcdef" for letter in blob):
        return blob[:10]
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:10]


def _quieten() -> None:
    """The libraries draw bars and write advice to stderr; what a person must know comes through our own errors and notes."""
    import diffusers.utils.logging
    import transformers.utils.logging

    for each in (diffusers.utils.logging, transformers.utils.logging):
        each.set_verbosity_error()
        each.disable_progress_bar()
    logging.getLogger("diffusers").propagate = False
