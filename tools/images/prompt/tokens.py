"""How many CLIP tokens a text takes: by the real tokenizer where its files are at hand, else by a count that is never too low.

The small count: CLIP cuts a text into runs (letters, single digits, runs of signs), and the pairs of bytes it then joins can only
make a run shorter. So a run never takes more tokens than UTF-8 bytes. For English words that are common in prompts the true
number is kept in rag_data/styles/clip_words.txt, measured with CLIP's own vocabulary; any other run counts its bytes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tools.images.prompt.errors import BadPromptData
from tools.images.prompt.syntax import without_loras
from tools.settings import data_dir

__all__ = ["LIMIT", "Counter", "clip_counter", "small_counter"]

LIMIT = 75  # content tokens of one CLIP chunk: 77 less its two end marks
_HUB_IDS = (
    ("openai/clip-vit-large-patch14", ""),
    ("stabilityai/stable-diffusion-xl-base-1.0", "tokenizer/"),
)


@dataclass(frozen=True)
class Counter:
    """Counts content tokens (without start and end mark). `exact`: by the real tokenizer; else never too low."""

    name: str
    exact: bool
    raw: Callable[[str], int]

    def __call__(self, text: str) -> int:
        """Tokens of `text` as a text encoder gets it: LoRA tags count nothing, weight marks count as written."""
        return self.raw(without_loras(text))


def clip_counter(folder: Path | None = None) -> Counter:
    """The real tokenizer from `folder` (vocab.json and merges.txt) or from the hub's cache on this machine; else the small one.

    Nothing is fetched. `transformers` is imported only when the files are there.
    """
    files = (folder / "vocab.json", folder / "merges.txt") if folder else _cached()
    if files and all(path.is_file() for path in files):
        try:
            return _real(*files)
        except ImportError:
            pass  # the files without the library: counted by the small one
    return small_counter()


@cache
def small_counter() -> Counter:
    """The bundled count. Never below CLIP's own; equal to it for text of common words."""
    table = _table(data_dir() / "styles" / "clip_words.txt")
    return Counter("small", False, lambda text: _at_most(text, table))


def _cached() -> tuple[Path, Path] | None:
    try:
        from huggingface_hub import try_to_load_from_cache
    except ImportError:
        return None
    for repo, inside in _HUB_IDS:
        found = [try_to_load_from_cache(repo, inside + name) for name in ("vocab.json", "merges.txt")]
        if all(isinstance(path, str) for path in found):
            return Path(str(found[0])), Path(str(found[1]))
    return None


@cache
def _real(vocab: Path, merges: Path) -> Counter:
    from transformers import CLIPTokenizer

    tokenizer = CLIPTokenizer.from_pretrained(str(vocab.parent), local_files_only=True)
    return Counter(
        "clip", True, lambda text: len(tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])
    )


def _at_most(text: str, table: dict[str, int]) -> int:
    # Composing and lowering can both lengthen a text; the larger byte count of a run before and after is the safe one.
    return max(_runs(form, table) for form in (text.lower(), unicodedata.normalize("NFC", text).lower()))


def _runs(text: str, table: dict[str, int]) -> int:
    import regex

    total = 0
    for run in regex.findall(r"'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+", text):
        total += table.get(run) or len(run.encode("utf-8", "replace"))
    return total


@cache
def _table(path: Path) -> dict[str, int]:
    """`count: word word …` a line."""
    table: dict[str, int] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadPromptData(file=path.name, where="-", detail=str(error)) from error
    for n, line in enumerate(lines, 1):
        if line.startswith("#") or not line.strip():
            continue
        count, colon, words = line.partition(":")
        if not colon or not count.strip().isdigit():
            raise BadPromptData(file=path.name, where=f"line {n}", detail="count: word word is needed")
        table.update(dict.fromkeys(words.split(), int(count)))
    return table
