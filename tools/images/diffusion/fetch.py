"""A model from the hub: only the files that are needed, with progress, taken up again where it stopped; never a pickle."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from tools.images.backend.errors import MissingWeights, NotSdxl, PaintCancelled, UnsafeWeights
from tools.images.diffusion.find import MODELS, PICKLES, Found, check_file, check_folder, check_index

__all__ = ["fetch", "fetch_files", "needed"]

Progress = Callable[[int, int], None]
Choose = Callable[[Mapping[str, int]], list[str]]

_ASK_S = 10.0  # how long the hub may take to answer at all
_INDEX = "model_index.json"
_PARTS = ("scheduler", "text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2", "unet", "vae")


def fetch(found: Found, on_progress: Progress, cancelled: Callable[[], bool]) -> Path:
    """Fetch a hub model into the hub's cache; returns its folder or file, checked. What is there already is not fetched again.

    Args:
        on_progress: Called with (bytes there, bytes in all).
        cancelled: Asked at each piece; what has come so far stays and is gone on with the next time.

    Raises:
        MissingWeights: the hub does not answer, may not be asked (HF_HUB_OFFLINE), or has no such model for us.
        NotSdxl, UnsafeWeights: it is none of ours; told before its weights come, where its index says so.
        PaintCancelled
    """
    if found.file:
        path = fetch_files(found, lambda there: [found.file], on_progress, cancelled)[0]
        check_file(path)
        return path
    index = fetch_files(found, lambda there: [_INDEX], lambda done, of: None, cancelled)[0]
    check_index(index.parent)
    fetch_files(found, lambda there: _whole(found, there), on_progress, cancelled)
    check_folder(index.parent)
    return index.parent


def fetch_files(found: Found, choose: Choose, on_progress: Progress, cancelled: Callable[[], bool]) -> list[Path]:
    """Fetch the files that `choose` takes from {name: bytes} of a repository; their places in the cache, in that order.

    Raises:
        MissingWeights, PaintCancelled
    """
    import httpx2
    from huggingface_hub import HfApi, errors, hf_hub_download

    try:
        # Asked first, with a limit: a download alone tries again for minutes where there is no network.
        told = HfApi().model_info(found.repo, revision=found.revision or None, files_metadata=True, timeout=_ASK_S)
        sizes = {each.rfilename: each.size or 0 for each in told.siblings or []}
        names = choose(sizes)
        total = sum(sizes.get(name, 0) for name in names)
        bar = _bar(lambda done: on_progress(min(done, total), total), cancelled)
        paths = []
        for name in names:
            if cancelled():
                raise PaintCancelled
            # The first by the revision's name, so that the cache learns which commit that is; the others of that very commit.
            revision = told.sha if paths else found.revision or None
            paths.append(Path(hf_hub_download(found.repo, name, revision=revision, tqdm_class=bar)))
            bar.finished(sizes.get(name, 0))
        return paths
    # One that asks for a login (gated) is a RepositoryNotFoundError too.
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError, errors.RemoteEntryNotFoundError) as error:
        raise MissingWeights("weights_refused", model=found.model) from error
    except (errors.XetDownloadError, httpx2.HTTPError, OSError, ValueError) as error:
        why = type(error).__name__
        raise MissingWeights("weights_not_fetched", model=found.model, repo=found.repo, why=why) from error


def needed(files: Iterable[str]) -> list[str]:
    """Which files of a repository are taken: configs, tokenizers, and one set of .safetensors for each part.

    The fp16 set where there is one: half the bytes, and what a GPU works with. Nothing in sub-folders of parts, no pickles.
    """
    names = sorted(files)
    taken = []
    for name in names:
        path = PurePosixPath(name)
        if name == _INDEX or (len(path.parts) == 2 and path.parts[0] in _PARTS and _wanted(path, names)):
            taken.append(name)
    return taken


def _wanted(path: PurePosixPath, names: list[str]) -> bool:
    if path.suffix in (".json", ".txt") and not path.name.endswith(".index.json"):
        return True
    if not path.name.endswith((".safetensors", ".safetensors.index.json")):
        return False
    halves = any(name.startswith(f"{path.parts[0]}/") and ".fp16" in name and "safetensors" in name for name in names)
    return ".fp16" in path.name if halves else not any(mark in path.name for mark in (".non_ema", ".fp32", ".ema"))


def _whole(found: Found, there: Mapping[str, int]) -> list[str]:
    """All that the pipeline needs.

    Raises:
        UnsafeWeights: a part's weights are there as pickles only.
        NotSdxl: a part has no weights at all.
    """
    names = needed(there)
    for part in MODELS:
        if not any(name.startswith(f"{part}/") and name.endswith(".safetensors") for name in names):
            if any(name.startswith(f"{part}/") and name.endswith(PICKLES) for name in there):
                raise UnsafeWeights(model=f"{found.repo}/{part}")
            raise NotSdxl("not_a_model", model=found.model)
    return names


def _bar(told: Callable[[int], None], cancelled: Callable[[], bool]) -> Any:
    """A progress bar class for the hub's client that draws nothing: it tells how much is there, and stops when asked to."""
    from tqdm import tqdm

    class Bar(tqdm):
        before = 0  # bytes of the files that are finished

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            kwargs.pop("name", None)
            super().__init__(*args, **{**kwargs, "disable": True})
            self.came = int(kwargs.get("initial") or 0)

        def update(self, n: float | None = 1) -> None:
            self.came += int(n or 0)
            if cancelled():
                raise PaintCancelled
            told(Bar.before + self.came)

        @classmethod
        def finished(cls, size: int) -> None:
            cls.before += size
            told(cls.before)

    return Bar
