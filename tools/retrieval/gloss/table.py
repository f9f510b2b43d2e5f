"""The table as it lies on disk: a vocabulary, four-bit vectors, and how common each word is.

    meta.json      what the files must be (sizes, levels, digest) and where they come from
    words.txt      one folded word a line, in the order of the rows
    vectors.npy    (words, dims / 2) uint8, two dimensions a byte, read through the memory map
    weights.npy    (words, 2) float16: natural logarithm of the probability in running text, and weight in a sum

Four bits are enough: after whitening every dimension is close to normal, and sixteen Lloyd-Max levels (Max 1960,
"Quantizing for Minimum Distortion") leave a cosine of .995 with the unrounded vector.
"""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.retrieval.gloss.errors import GlossError
from tools.settings import data_dir

if TYPE_CHECKING:
    import numpy as np

__all__ = ["FORMAT", "Table", "digest", "load_table", "pack", "write_table"]

FORMAT = 1
_FILES = ("words.txt", "vectors.npy", "weights.npy")


@dataclass(frozen=True)
class Table:
    """Read-only and safe for many threads."""

    words: list[str]
    ids: dict[str, int]
    packed: np.ndarray
    log_probability: np.ndarray
    weight: np.ndarray
    pairs: np.ndarray
    dims: int
    floor: float
    revision: str

    def __len__(self) -> int:
        return len(self.words)

    def rows(self, ids: np.ndarray) -> np.ndarray:
        """(len(ids), dims) float32, rows of length 1; every id in 0..len(self)-1."""
        import numpy as np

        rows = self.pairs.take(self.packed[ids]).view(np.float32)
        return rows / np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]


def load_table(folder: Path | None = None) -> Table:
    """The table in `folder` (the one that ships with Finale); each folder is read once a process.

    Raises:
        GlossError: a file is missing, or is not what meta.json says it is.
    """
    return _load(folder or data_dir() / "gloss")


@functools.cache
def _load(folder: Path) -> Table:
    import numpy as np

    try:
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        for name in _FILES:
            if (folder / name).stat().st_size != meta["sizes"][name]:
                raise GlossError(path=folder / name, why="size")
        words = (folder / "words.txt").read_text(encoding="utf-8").split("\n")
        packed = np.load(folder / "vectors.npy", mmap_mode="r", allow_pickle=False)
        weights = np.load(folder / "weights.npy", allow_pickle=False).astype(np.float32)
        levels = np.array(meta["levels"], dtype=np.float32)
        dims, floor, revision = int(meta["dims"]), float(meta["floor"]), str(meta["revision"])
    except FileNotFoundError as error:
        raise GlossError("gloss_missing", path=error.filename or folder) from error
    except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
        raise GlossError(path=folder, why=f"{type(error).__name__}: {error}") from error
    if meta["format"] != FORMAT or packed.shape != (len(words), dims // 2) or weights.shape != (len(words), 2):
        raise GlossError(path=folder, why="shape")
    # A byte looked up as a pair is several times faster than shifting nibbles apart; a complex number is two floats.
    pairs = np.stack([np.repeat(levels, 16), np.tile(levels, 16)], axis=1).reshape(-1).view(np.complex64)
    ids = dict(zip(words, range(len(words)), strict=True))
    return Table(words, ids, packed, weights[:, 0], weights[:, 1], pairs, dims, floor, revision)


def pack(vectors: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """(n, dims) float32 as (n, dims / 2) uint8: each value as the number of its nearest level."""
    import numpy as np

    edges = (levels[1:] + levels[:-1]) / 2
    codes = np.searchsorted(edges, vectors.astype(np.float32)).astype(np.uint8)
    return codes[:, 0::2] << 4 | codes[:, 1::2]


def write_table(folder: Path, words: list[str], vectors: np.ndarray, weights: np.ndarray, meta: dict[str, Any]) -> str:
    """Write all files; returns the revision. `vectors` (n, dims) with rows of length 1, `weights` (n, 2)."""
    import numpy as np

    folder.mkdir(parents=True, exist_ok=True)
    scaled = vectors * np.sqrt(vectors.shape[1])
    levels = _lloyd_max(scaled[:: max(1, len(scaled) // 5000)].ravel())
    (folder / "words.txt").write_bytes("\n".join(words).encode("utf-8"))
    np.save(folder / "vectors.npy", pack(scaled, levels))
    np.save(folder / "weights.npy", weights.astype(np.float16))
    revision = digest(folder)
    sizes = {name: (folder / name).stat().st_size for name in _FILES}
    told = {"format": FORMAT, "revision": revision, "words": len(words), "dims": vectors.shape[1], "sizes": sizes}
    told["levels"] = [round(float(level), 6) for level in levels]
    (folder / "meta.json").write_text(
        json.dumps({**told, **meta}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return revision


def digest(folder: Path) -> str:
    """The revision of what lies in `folder`: changes whenever a text could get another vector."""
    hashed = hashlib.sha256()
    for name in _FILES:
        hashed.update((folder / name).read_bytes())
    return hashed.hexdigest()[:12]


def _lloyd_max(sample: np.ndarray) -> np.ndarray:
    """Sixteen levels with the least mean squared error on `sample`, ascending."""
    import numpy as np

    ordered = np.sort(sample.astype(np.float64))
    levels = np.quantile(ordered, (np.arange(16) + 0.5) / 16)
    sums = np.concatenate([[0.0], np.cumsum(ordered)])
    for _ in range(200):
        cuts = np.concatenate([[0], np.searchsorted(ordered, (levels[1:] + levels[:-1]) / 2), [len(ordered)]])
        levels = np.diff(sums[cuts]) / np.maximum(np.diff(cuts), 1)
    return levels.astype(np.float32)
