"""LoRAs: found by name in the person's folder, checked before they are loaded, gone again before the next picture.

Files of kohya's layout and of diffusers/peft are read, as `.safetensors` only.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tools.images.backend.errors import BadLora, UnsafeWeights
from tools.images.diffusion.find import PICKLES
from tools.images.diffusion.header import NotWhole, lora_kind, read_header
from tools.images.diffusion.memory import is_out_of_memory
from tools.images.prompt import loras as inline_loras
from tools.images.recipe import Lora, Recipe

__all__ = ["Loras", "find_lora", "wanted"]

_FOLDERS = ("loras", "lora", "Lora")


def wanted(recipe: Recipe) -> tuple[Lora, ...]:
    """The LoRAs of a recipe: its own list, then the tags in its prompt; the first of each name. One of weight 0 is none."""
    found: dict[str, Lora] = {}
    for each in (*recipe.loras, *(Lora(tag.name, tag.weight) for tag in inline_loras(recipe.prompt))):
        found.setdefault(each.name, each)
    return tuple(each for each in found.values() if each.weight)


def find_lora(name: str, folder: Path) -> Path:
    """The file of a LoRA: a path, or a name below `folder` with or without its ending, in any sub-folder.

    A name may come from a stranger's picture: it reaches no file outside `folder` but by a whole path to a .safetensors file.

    Raises:
        BadLora: there is none. UnsafeWeights: the name is that of a pickle.
    """
    if name.lower().endswith(PICKLES):
        raise UnsafeWeights(model=Path(name).name)
    whole = Path(name).expanduser()
    if whole.is_absolute() and whole.suffix == ".safetensors" and whole.is_file():
        return whole
    stem = Path(name.replace("\\", "/")).name.removesuffix(".safetensors")
    for place in _FOLDERS:
        for path in sorted((folder / place).rglob("*.safetensors")):
            if path.stem == stem:
                return path
    raise BadLora(lora=name, folder=folder / _FOLDERS[0])


class Loras:
    """The LoRAs that one pipeline carries now; brought to what each picture wants, and kept while it stays the same."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._carried: tuple[tuple[Path, int, float], ...] = ()

    def bring(self, pipe: Any, loras: Iterable[Lora]) -> None:
        """Make `pipe` carry exactly these.

        Raises:
            BadLora: one is missing, broken or of another kind; the pipeline carries none then.
            UnsafeWeights: one is a pickle.
        """
        files = [(lora, find_lora(lora.name, self._folder)) for lora in loras]
        carried = tuple((path, path.stat().st_mtime_ns, lora.weight) for lora, path in files)
        if carried == self._carried:
            return
        self.drop(pipe)
        for lora, path in files:
            _check(lora.name, path, pipe.unet.config.cross_attention_dim)
        try:
            for n, (lora, path) in enumerate(files):
                _load(pipe, lora.name, path, f"lora_{n}")
            if files:
                pipe.set_adapters([f"lora_{n}" for n in range(len(files))], [lora.weight for lora, _ in files])
        except BaseException:
            self._carried = ((Path(), 0, 0.0),)  # some may be in: `drop` has something to do
            self.drop(pipe)
            raise
        self._carried = carried

    def drop(self, pipe: Any) -> None:
        """Make `pipe` carry none, as it was loaded."""
        if self._carried:
            pipe.unload_lora_weights()
            self._carried = ()


def _check(name: str, path: Path, context: int) -> None:
    try:
        kind = lora_kind(read_header(path), context)
    except (NotWhole, OSError) as error:
        raise BadLora("lora_broken", lora=name, why=error) from error
    if not kind:
        raise BadLora("lora_broken", lora=name, why="lora_up / lora_down?")
    if kind != "SDXL":
        raise BadLora("lora_other", lora=name, kind=kind)


def _load(pipe: Any, name: str, path: Path, adapter: str) -> None:
    from safetensors import SafetensorError

    try:
        pipe.load_lora_weights(str(path.parent), weight_name=path.name, adapter_name=adapter, local_files_only=True)
    except (ValueError, KeyError, RuntimeError, SafetensorError, OSError) as error:
        if is_out_of_memory(error):
            raise
        # Keys no layout knows, or shapes that do not fit: the library says which, at length.
        raise BadLora("lora_broken", lora=name, why=" ".join(str(error).split())[:160]) from error
