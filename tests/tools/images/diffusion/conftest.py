"""A person's folder of models, made once: the tiny SDXL as a folder and as a file, its LoRAs in two layouts, a ControlNet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.doubles import tiny_sdxl, tiny_sdxl_file
from tools.images.backend.model import Painting, Stage
from tools.images.diffusion import open_sdxl
from tools.images.diffusion.paint import SdxlBackend
from tools.images.recipe import Recipe


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Threads of so small a model wait for each other longer than they work, above all on a busy machine."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    tiny_sdxl.save(folder / "tiny")
    tiny_sdxl_file.save_file(tiny_sdxl.build(folder / "words"), folder / "single.safetensors")
    for layout in ("diffusers", "kohya"):
        tiny_sdxl.lora(folder / "loras", layout)
    return folder


@pytest.fixture(scope="session")
def shared(models: Path) -> SdxlBackend:
    """One backend with the model loaded; tests that leave it changed open their own."""
    return open_sdxl("tiny", device="cpu", folder=models)


def ask(backend: SdxlBackend, on_stage: Callable[[Stage], None] = lambda stage: None, **order: object) -> Painting:
    """Paint a small picture, with no wish to stop."""
    recipe = Recipe(**{"prompt": "shiba dog, red scarf", "seed": 1, "steps": 3, **order})
    return backend.paint(recipe, on_stage=on_stage, cancelled=lambda: False)


@pytest.fixture
def paint() -> Callable[..., Painting]:
    return ask
