"""What a person changed in finished copy: kept in a file beside the run's own, so that a reload loses nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.copywriter import ProductCopy, Rule, Shop
from agents.copywriter.evidence import evidence_of, sentences
from agents.copywriter.products import Product
from agents.copywriter.tracing import findings
from agents.copywriter.voice import voice_report
from tools.storage import writing
from tools.words import Lang

__all__ = ["FIELDS", "changed", "edits_of", "keep_edit", "untraced"]

FIELDS = ("title", "bullets", "description", "social", "alt")
_FILE = "edits.json"
Edits = dict[str, dict[str, Any]]


def edits_of(folder: Path) -> Edits:
    """The changes kept in `folder`: product id -> its fields. None, or a file that somebody broke, is no changes."""
    try:
        told = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    found: Edits = {}
    for id, fields in told.items() if isinstance(told, dict) else ():
        if isinstance(fields, dict) and all(_sound(fields.get(name), name) for name in FIELDS):
            found[id] = {name: fields[name] for name in FIELDS}
    return found


def keep_edit(folder: Path, id: str, fields: Mapping[str, Any] | None) -> None:
    """Keep one product's fields, None for going back to what was written.

    Raises:
        StorageError: the folder cannot be written.
    """
    edits = edits_of(folder)
    edits.pop(id, None)
    if fields is not None:
        edits[id] = dict(fields)
    path = folder / _FILE
    with writing(path):
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(edits, ensure_ascii=False, indent=1), encoding="utf-8")
        part.replace(path)


def changed(copies: Sequence[ProductCopy], edits: Edits, shop: Shop, lang: Lang) -> list[ProductCopy]:
    """The copies with the changes in them; the voice of a changed one is checked anew."""
    return [_changed(copy, edits[copy.id], shop, lang) if copy.id in edits else copy for copy in copies]


def untraced(copy: ProductCopy, shop: Shop, product: Product) -> list[str]:
    """What a changed copy claims that stands in no fact: the person decides, but is told."""
    evidence = evidence_of(shop, product)
    texts = [copy.title, *copy.bullets, copy.description, copy.social.split("\n#")[0], copy.alt]
    found = [one for text in texts for sentence in sentences(text) for one in findings(sentence, evidence)]
    return list(dict.fromkeys(one.claim for one in found if one.fact is None))


def _changed(copy: ProductCopy, fields: Mapping[str, Any], shop: Shop, lang: Lang) -> ProductCopy:
    text = "\n".join([fields["title"], *fields["bullets"], fields["description"], fields["social"], fields["alt"]])
    voice = [Rule.model_validate(one) for one in voice_report(fields, shop, Counter(), 0, lang)]
    kept = [one for one in copy.kept if one.claim in text]
    return copy.model_copy(update={**fields, "voice": voice, "kept": kept})


def _sound(value: Any, name: str) -> bool:
    if name == "bullets":
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    return isinstance(value, str)
