"""Which SDXL model a setting names, and whether it lies on this machine. Looks at names, headers and configs; loads no torch."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tools.images.backend.errors import MissingWeights, NotSdxl, UnsafeWeights
from tools.images.diffusion.header import NotWhole, checkpoint_kind, read_header

__all__ = ["MODELS", "PICKLES", "Found", "check_file", "check_folder", "check_index", "companion", "look", "weights_of"]

PICKLES = (".ckpt", ".pt", ".pth", ".bin", ".pkl")
# "owner/name", "owner/name@revision", "owner/name/file.safetensors".
_HUB = re.compile(r"(?P<repo>[\w][\w.-]*/[\w][\w.-]*)(?:@(?P<revision>[\w./-]+)|/(?P<file>[\w./-]+\.safetensors))?")
# Pipelines of diffusers whose parts are those of SDXL's text-to-image pipeline.
_CLASSES = ("StableDiffusionXLPipeline", "StableDiffusionXLImg2ImgPipeline")
_LIBRARIES = ("diffusers", "transformers", "stable_diffusion_xl", None)
MODELS = ("unet", "vae", "text_encoder", "text_encoder_2")
# What such a repository is when it is no SDXL: the class in its model_index.json, by its beginning.
_OTHERS = {
    "StableDiffusion3": "Stable Diffusion 3",
    "StableDiffusionXL": "SDXL (other task)",
    "StableDiffusion": "Stable Diffusion 1.x / 2.x",
    "Flux": "FLUX",
}


@dataclass(frozen=True, slots=True)
class Found:
    """Where a model is.

    Attributes:
        kind: A diffusers folder; a single .safetensors file; the same from the hub, in its cache or still to be fetched;
            or nothing, where none is set.
        path: The folder or the file; None while it is not on this machine.
        repo, revision, file: For a hub model: its name, the revision ("" for the newest), a single file in it.
    """

    kind: Literal["folder", "file", "hub cached", "hub not fetched", "nothing"]
    model: str = ""
    path: Path | None = None
    repo: str = ""
    revision: str = ""
    file: str = ""

    @property
    def ready(self) -> bool:
        """Whether it can be loaded as it is."""
        return self.path is not None


def look(model: str, folder: Path) -> Found:
    """Find a model by what the setting says: a path, a name inside `folder`, or a hub id. Nothing is fetched.

    Raises:
        MissingWeights: there is no such file, or it is cut short.
        NotSdxl: it is a model of another kind.
        UnsafeWeights: it is a pickle.
    """
    model = model.strip()
    if not model:
        return Found("nothing")
    if model.lower().endswith(PICKLES):
        raise UnsafeWeights(model=Path(model).name)
    for path in (Path(model).expanduser(), folder / model, folder / "checkpoints" / model):
        if path.is_dir():
            check_folder(path)
            return Found("folder", model, path)
        if path.is_file():
            check_file(path)
            return Found("file", model, path)
    named = _HUB.fullmatch(model)
    if named is None:
        raise MissingWeights(model=model, folder=folder)
    repo, revision, file = named["repo"], named["revision"] or "", named["file"] or ""
    path = _cached(repo, revision, file)
    return Found("hub cached" if path else "hub not fetched", model, path, repo, revision, file)


def check_file(path: Path) -> None:
    """Whether a single file can be loaded, by its header.

    Raises:
        MissingWeights: it is cut short or cannot be read.
        NotSdxl: it holds something else than a whole SDXL checkpoint.
        UnsafeWeights: it is no .safetensors file.
    """
    if path.suffix.lower() != ".safetensors":
        raise UnsafeWeights(model=path.name)
    try:
        kind = checkpoint_kind(read_header(path))
    except (NotWhole, OSError) as error:
        raise MissingWeights("weights_broken", file=path.name, why=error) from error
    if not kind:
        raise NotSdxl("not_a_model", model=path.name)
    if kind != "SDXL":
        raise NotSdxl(model=path.name, kind=kind)


def check_folder(path: Path) -> None:
    """Whether a diffusers folder can be loaded, by its index and the headers of its weights.

    Raises:
        MissingWeights: a part is missing or cut short.
        NotSdxl: its pipeline is another one, or brings code of its own.
        UnsafeWeights: its weights are pickles only.
    """
    check_index(path)
    for part in MODELS:
        _check_part(path, part)


def check_index(path: Path) -> None:
    """What model_index.json alone tells of a folder.

    Raises:
        NotSdxl: its pipeline is another one, or brings code of its own.
    """
    index = _json(path / "model_index.json")
    name = str(index.get("_class_name", ""))
    if not name:
        raise NotSdxl("not_a_model", model=path.name)
    parts = {key: value for key, value in index.items() if isinstance(value, list) and len(value) == 2}
    if name not in _CLASSES or any(parts.get(part, [None])[0] is None for part in MODELS):
        kind = next((said for start, said in _OTHERS.items() if name.startswith(start)), name[:60])
        raise NotSdxl(model=path.name, kind=kind)
    if any(library not in _LIBRARIES for library, _ in parts.values()):
        raise NotSdxl("not_a_model", model=path.name)  # a part in a module of the repository's own is code


def companion(path: Path) -> Path | None:
    """The configs of a single file that is no ordinary SDXL: a diffusers folder without weights, named as the file is."""
    beside = path.with_suffix("")
    return beside if (beside / "model_index.json").is_file() else None


def weights_of(folder: Path, part: str) -> list[Path]:
    """The .safetensors files of one part of a pipeline: those of full precision, else those of a variant such as fp16."""
    files = sorted((folder / part).glob("*.safetensors"))
    plain = [file for file in files if ".fp16" not in file.name and ".non_ema" not in file.name]
    return plain or files


def _check_part(folder: Path, part: str) -> None:
    files = weights_of(folder, part)
    if not files:
        if any(each.suffix in PICKLES for each in (folder / part).glob("*")):
            raise UnsafeWeights(model=f"{folder.name}/{part}")
        raise MissingWeights("weights_broken", file=f"{folder.name}/{part}", why="*.safetensors")
    shards = {name for index in (folder / part).glob("*.safetensors.index.json") for name in _shards(index)}
    if missing := sorted(name for name in shards if not (folder / part / name).is_file()):
        raise MissingWeights("weights_broken", file=f"{part}/{missing[0]}", why=f"{len(missing)} / {len(shards)}")
    for file in files:
        try:
            read_header(file)
        except (NotWhole, OSError) as error:
            raise MissingWeights("weights_broken", file=f"{part}/{file.name}", why=error) from error


def _shards(index: Path) -> set[str]:
    """The files an index names, of the precision that will be loaded."""
    files = _json(index).get("weight_map")
    named = {name for name in files.values() if isinstance(name, str)} if isinstance(files, dict) else set()
    # The index of a precision that is not here at all is not the one that is loaded.
    return named if any((index.parent / name).is_file() for name in named) else set()


def _json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _cached(repo: str, revision: str, file: str) -> Path | None:
    """The hub cache's folder or file for a model, where it is whole."""
    try:
        import huggingface_hub
    except ImportError:
        return None
    found = huggingface_hub.try_to_load_from_cache(repo, file or "model_index.json", revision=revision or None)
    if not isinstance(found, str):
        return None
    path = Path(found) if file else Path(found).parent
    try:
        (check_file if file else check_folder)(path)
    except MissingWeights:
        return None  # a download that stopped half way: it goes on when the model is opened
    return path
