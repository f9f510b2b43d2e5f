"""Which backends there are: told without loading a model library, chosen by what is ready."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools.images.backend import AUTO, HOUSE, SDXL, HouseBackend, NoSuchBackend, chosen, offers, open_backend
from tools.images.backend.choose import _device
from tools.settings import Settings


def test_offers_load_no_model_library() -> None:
    """Stops: a page that waits seconds for torch only to show a choice."""
    code = (
        "import sys; from tools.settings import Settings; from tools.images.backend import offers;"
        "offers(Settings(finale_image_model='owner/name'));"
        "sys.exit(str([name for name in ('torch', 'diffusers', 'transformers') if name in sys.modules] or ''))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "", done.stderr


def test_without_a_model_the_house_artist_draws() -> None:
    """Stops: a machine without weights that shows an error where it could draw."""
    sdxl, house = offers(Settings())
    assert (sdxl.name, sdxl.ready, house.name, house.ready, house.device) == (SDXL, False, HOUSE, True, "house")
    assert "FINALE_IMAGE_MODEL" in sdxl.why["zh"] and sdxl.why["zh"] != sdxl.why["en"] and house.why == {}
    assert chosen(AUTO, Settings()) == house and chosen(SDXL, Settings()) == sdxl
    assert isinstance(open_backend(AUTO, Settings()), HouseBackend)


@pytest.mark.parametrize(
    ("model", "said"),
    [("no/such/model.safetensors", "model.safetensors"), ("old.ckpt", ".safetensors"), ("owner/name", "owner/name")],
)
def test_a_model_that_is_not_there_is_told(model: str, said: str) -> None:
    """Stops: `auto` that starts a download of gigabytes unasked, or fails where the house artist could draw."""
    settings = Settings(finale_image_model=model)
    sdxl = chosen(SDXL, settings)
    assert not sdxl.ready and said in sdxl.why["zh"] and said in sdxl.why["en"] and sdxl.model == model
    assert chosen(AUTO, settings).name == HOUSE


def test_a_folder_of_ones_own_is_not_shown() -> None:
    """Stops: a person's folders on a page that others see."""
    sdxl = chosen(SDXL, Settings(finale_image_model="/home/mei/secret/anime.safetensors", finale_image_device="cpu"))
    assert sdxl.label == {"zh": "SDXL（anime.safetensors · cpu）", "en": "SDXL (anime.safetensors · cpu)"}
    hub = chosen(SDXL, Settings(finale_image_model="owner/name@main", finale_image_device="cuda"))
    assert "owner/name@main" in hub.label["zh"] and hub.device == "cuda:0"


def test_a_packages_absence_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stops: an ImportError where a line should say what to install."""
    import importlib.util

    whole = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "diffusers" else whole(name))
    sdxl = chosen(SDXL, Settings(finale_image_model="owner/name"))
    assert not sdxl.ready and "diffusers" in sdxl.why["zh"] and "pip install" in sdxl.why["en"]


def test_no_such_backend() -> None:
    """Stops: a typing mistake that silently draws with something else."""
    with pytest.raises(NoSuchBackend) as error:
        open_backend("midjourney", Settings())
    assert "midjourney" in error.value.message("zh") and HOUSE in error.value.message("zh")


def test_devices(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Stops: two names for one device, which two processes would then load their models onto."""
    assert [_device(name) for name in ("cuda", "cuda:1", "cpu", "mps")] == ["cuda:0", "cuda:1", "cpu", "mps"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert _device("") in ("cpu", "mps")
