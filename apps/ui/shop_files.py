"""A shop's files: the examples that come with Finale, the shops a person has saved, and what is uploaded or pasted."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from agents.copywriter import BadShop, NoSuchFile, Shop, load_shop
from tools.settings import data_dir
from tools.storage import writing

__all__ = ["ending_of", "from_bytes", "products_beside", "save_shop", "shop_files"]

_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
_PRODUCTS = (".csv", ".tsv", ".jsonl", ".json", ".yaml", ".yml")
Loaded = TypeVar("Loaded")


def shop_files(home: Path) -> dict[str, str]:
    """The shops there are: path -> name. The person's own come first; a file that is no shop is left out."""
    found: dict[str, str] = {}
    for folder in (home / "shops", data_dir() / "shops"):
        for path in sorted(folder.glob("*.yaml")) if folder.is_dir() else ():
            if path.name.startswith("_"):
                continue
            try:
                found[str(path)] = load_shop(path).name
            except (BadShop, NoSuchFile):
                continue  # a product's file, or one that somebody broke: uploading it says what is wrong
    return found


def products_beside(shop: str) -> Path | None:
    """The product file that comes with an example shop, None for a shop without one."""
    path = Path(shop)
    beside = sorted(path.parent.glob(f"{path.stem}-*")) if path.parent == data_dir() / "shops" else []
    return next((one for one in beside if one.suffix in _PRODUCTS), None)


def save_shop(home: Path, shop: Shop) -> Path:
    """Write a shop to FINALE_HOME/shops under its name, in the form that `finale copy --shop` reads.

    Raises:
        StorageError: the folder cannot be written.
    """
    import yaml

    told = shop.model_dump(mode="json")
    told["facts"] = {fact.label: fact.value for fact in shop.facts}
    path = home / "shops" / f"{_UNSAFE.sub('', shop.name).strip('. _') or 'shop'}.yaml"
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(yaml.safe_dump(told, allow_unicode=True, sort_keys=False), encoding="utf-8")
        part.replace(path)
    return path


def from_bytes(data: bytes, name: str, load: Callable[[Path], Loaded]) -> Loaded:
    """What `load` makes of an uploaded file; its mistakes name the file as the person knows it."""
    with tempfile.TemporaryDirectory(prefix="finale-") as folder:
        path = Path(folder) / (_UNSAFE.sub("", Path(name).name)[-80:] or "file")
        path.write_bytes(data)
        return load(path)


def ending_of(text: str) -> str:
    """The ending that a pasted text would have as a file: a table, JSON, JSON lines or YAML."""
    start: Any = text.lstrip()
    first = start.splitlines()[0] if start else ""
    if start[:1] == "[":
        return ".json"
    if start[:1] == "{":
        return ".jsonl" if first.rstrip().endswith("}") else ".json"
    if re.match(r"(?:- )?[^,\t]+: ?", first) and "\t" not in first:
        return ".yaml"
    return ".csv"
