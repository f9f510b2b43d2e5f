"""Models from the hub: only what is needed, with progress, gone on with after a break; clear lines where it cannot be had."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import huggingface_hub.constants
import pytest

from tests.doubles.hub import HubDouble
from tools.images.backend.errors import MissingWeights, NotSdxl, PaintCancelled, UnsafeWeights
from tools.images.backend.model import Painting, Stage
from tools.images.diffusion import look, open_sdxl
from tools.images.diffusion.fetch import fetch, needed
from tools.images.diffusion.paint import SdxlBackend

REPO = "artist/tiny-sdxl"


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def hub(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubDouble]:
    extra = {"README.md": b"# tiny", "unet/diffusion_pytorch_model.bin": b"pickle", "sample.png": b"x" * 1000}
    with HubDouble(REPO, {**files_of(models / "tiny"), **extra}) as double:
        template = double.url + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", double.url)
        monkeypatch.setattr(huggingface_hub.constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_DISABLE_XET", True)
        # Else the whole model comes in one piece.
        monkeypatch.setattr(huggingface_hub.constants, "DOWNLOAD_CHUNK_SIZE", 10_000)
        yield double


def never() -> bool:
    return False


def test_a_model_is_fetched_with_progress_and_painted_with(
    hub: HubDouble, models: Path, shared: SdxlBackend, paint: Callable[..., Painting]
) -> None:
    seen: list[tuple[int, int]] = []
    found = look(REPO, models)
    assert found.kind == "hub not fetched"
    fetch(found, lambda done, of: seen.append((done, of)), never)
    assert seen == sorted(seen) and seen[-1][0] == seen[-1][1] > 100_000
    taken = {path.split("/", 5)[-1] for method, path, _ in hub.asked if method == "GET" and "/resolve/" in path}
    assert "unet/diffusion_pytorch_model.safetensors" in taken
    assert not any(name.endswith((".bin", ".md", ".png")) for name in taken)
    assert look(REPO, models).kind == "hub cached"
    asked = len(hub.asked)
    stages: list[Stage] = []
    painting = paint(open_sdxl(REPO, device="cpu", folder=models), stages.append)
    assert len(hub.asked) == asked  # what is here is not asked for again
    assert painting.picture.tobytes() == paint(shared).picture.tobytes() and painting.recipe.model == REPO


def test_a_download_that_was_stopped_goes_on_where_it_was(hub: HubDouble, models: Path) -> None:
    there: list[int] = []

    def half() -> bool:
        return bool(there) and there[-1] > 200_000

    found = look(REPO, models)
    with pytest.raises(PaintCancelled):
        fetch(found, lambda done, of: there.append(done), half)
    assert look(REPO, models).kind == "hub not fetched"
    before = len(hub.asked)
    folder = fetch(found, lambda done, of: None, never)
    again = {path.split("/", 5)[-1] for method, path, _ in hub.asked[before:] if method == "GET"}
    assert "text_encoder/model.safetensors" not in again  # it was whole
    assert files_of(models / "tiny").items() <= files_of(folder).items()


def test_a_connection_that_breaks_is_taken_up_by_range(hub: HubDouble, models: Path) -> None:
    hub.break_after = [50_000]
    folder = fetch(look(REPO, models), lambda done, of: None, never)
    assert any(asked.startswith("bytes=") for _, _, asked in hub.asked)
    assert files_of(models / "tiny").items() <= files_of(folder).items()


def test_another_kind_of_model_is_told_before_its_weights_come(hub: HubDouble, models: Path) -> None:
    hub.files["model_index.json"] = b'{"_class_name": "StableDiffusionPipeline"}'
    with pytest.raises(NotSdxl):
        fetch(look(REPO, models), lambda done, of: None, never)
    assert not any("safetensors" in path for _, path, _ in hub.asked)


def test_a_repository_of_pickles_is_not_fetched(hub: HubDouble, models: Path) -> None:
    del hub.files["unet/diffusion_pytorch_model.safetensors"]
    with pytest.raises(UnsafeWeights):
        fetch(look(REPO, models), lambda done, of: None, never)
    assert not any("safetensors" in path for _, path, _ in hub.asked)


def test_a_name_the_hub_does_not_know_is_told(hub: HubDouble, models: Path) -> None:
    with pytest.raises(MissingWeights) as told:
        fetch(look("artist/nothing", models), lambda done, of: None, never)
    assert told.value.key == "weights_refused" and "artist/nothing" in told.value.message()


def test_without_a_network_the_line_says_how_to_fetch_by_hand(
    models: Path, paint: Callable[..., Painting], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    backend = open_sdxl(REPO, device="cpu", folder=models)
    with pytest.raises(MissingWeights) as told:  # the guard of the tests lets nothing out
        paint(backend)
    assert told.value.key == "weights_not_fetched" and f"hf download {REPO}" in told.value.message("en")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(MissingWeights) as told:
        paint(backend)
    assert told.value.params["why"] == "OfflineModeIsEnabled"


def test_of_two_precisions_one_is_taken() -> None:
    weights = [
        f"unet/diffusion_pytorch_model{kind}" for kind in (".safetensors", ".fp16.safetensors", ".non_ema.safetensors")
    ]
    others = [
        "model_index.json",
        "unet/config.json",
        "vae/x.safetensors",
        "vae_1_0/x.safetensors",
        "unet/old/x.safetensors",
    ]
    pickles = ["vae/x.bin", "unet/model.ckpt", "sd_xl_base_1.0.safetensors", "unet/model.onnx", "tokenizer/merges.txt"]
    taken = needed([*weights, *others, *pickles])
    assert taken == [
        "model_index.json",
        "tokenizer/merges.txt",
        "unet/config.json",
        "unet/diffusion_pytorch_model.fp16.safetensors",
        "vae/x.safetensors",
    ]
