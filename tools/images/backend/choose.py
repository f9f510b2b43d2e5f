"""Which backends there are on this machine, and which one is taken. Looks at files only: no model library is imported."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.errors import FinaleError
from tools.images.backend.errors import NoSuchBackend
from tools.images.backend.house import HOUSE, HouseBackend
from tools.images.backend.model import Backend
from tools.settings import Settings
from tools.words import Lang, Words

__all__ = ["AUTO", "HOUSE", "SDXL", "Offer", "chosen", "offers", "open_backend"]

AUTO = "auto"
SDXL = "sdxl"
_PACKAGES = ("torch", "diffusers", "transformers", "accelerate", "safetensors")
_WORDS = Path(__file__).with_name("messages.yaml")


@dataclass(frozen=True, slots=True)
class Offer:
    """A backend as it stands here.

    Attributes:
        device: What it would run on; one process works the jobs of one device.
        model: The checkpoint it would open: a folder, a file or a hub id; "" where it needs none.
        ready: It can paint now. One that is not may still be asked for: it then fetches what is missing, or says why not.
        label: Its name for people, by language.
        why: What is missing where it is not ready, by language; {} where nothing is.
    """

    name: str
    device: str
    model: str = ""
    ready: bool = True
    label: Mapping[Lang, str] = field(default_factory=dict)
    why: Mapping[Lang, str] = field(default_factory=dict)


def offers(settings: Settings) -> tuple[Offer, ...]:
    """Every backend, the best first. Never raises for what is missing: that is told in `why`."""
    why = _missing(settings)
    device = _device(settings.finale_image_device)
    model = settings.finale_image_model
    what = " · ".join(filter(None, (_short(model), device)))
    return (
        Offer(SDXL, device, model, not why, _both("offer_sdxl", what=what), why),
        Offer(HOUSE, HouseBackend.device, label=_both("offer_house")),
    )


def chosen(name: str, settings: Settings) -> Offer:
    """The offer of this name; "auto" is the first one that is ready.

    Raises:
        NoSuchBackend
    """
    there = offers(settings)
    for offer in there:
        if offer.name == name or (name == AUTO and offer.ready):
            return offer
    raise NoSuchBackend(name=name[:60], known="、".join((AUTO, *(offer.name for offer in there))))


def open_backend(name: str, settings: Settings) -> Backend:
    """The backend of this name, ready to paint; opening SDXL loads its model.

    Raises:
        NoSuchBackend
        PaintError: its model cannot be had, or its libraries are not installed.
    """
    offer = chosen(name, settings)
    if offer.name == HOUSE:
        return HouseBackend()
    from tools.images.diffusion import open_sdxl

    return open_sdxl(offer.model, device=offer.device, folder=settings.image_folder)


def _missing(settings: Settings) -> Mapping[Lang, str]:
    """What SDXL lacks here, as a line in both languages; {} where it can paint now."""
    absent = [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
    if absent:
        return _both("package_missing", packages="、".join(absent))
    if not settings.finale_image_model:
        return _both("no_model")
    from tools.images.diffusion import look

    try:
        found = look(settings.finale_image_model, settings.image_folder)
    except FinaleError as error:
        return {"zh": error.message("zh"), "en": error.message("en")}
    return {} if found.ready else _both("offer_not_fetched", model=settings.finale_image_model)


def _device(setting: str) -> str:
    """The device's full name. "" asks for the best there is, told by the driver's traces: asking torch takes seconds."""
    if setting == "cuda":
        return "cuda:0"
    if setting:
        return setting
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        return "mps"
    return "cuda:0" if _nvidia() and not _torch_for_cpu() else "cpu"


def _nvidia() -> bool:
    if os.environ.get("CUDA_VISIBLE_DEVICES", "0").strip() in ("", "-1"):
        return False
    if sys.platform == "win32":
        return (Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32" / "nvcuda.dll").exists()
    return Path("/proc/driver/nvidia/version").exists() or Path("/dev/nvidiactl").exists()


def _torch_for_cpu() -> bool:
    try:
        return "+cpu" in importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return True


def _short(model: str) -> str:
    """A checkpoint's name as a person knows it: no folders of theirs on a page."""
    return model if model.count("/") == 1 and not model.startswith((".", "/")) else Path(model).name


def _both(key: str, **params: Any) -> Mapping[Lang, str]:
    words = Words.load(_WORDS)
    return {"zh": words.say(key, "zh", **params), "en": words.say(key, "en", **params)}
