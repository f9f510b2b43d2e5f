"""A product is its facts: what its file says of it, under names that the house knows where it can."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from agents.copywriter import data

__all__ = ["MOST_NAME", "MOST_PRODUCTS", "BadRow", "Fact", "Product", "Products", "Skipped", "facts_of", "product_of"]

MOST_PRODUCTS = 500
MOST_NAME = 60
MOST_VALUE = 600
MOST_FACTS = 40
_UNIT_IN_LABEL = re.compile(r"^(.+?)\s*[(（\[]\s*(.+?)\s*[)）\]]$")
_BARE = re.compile(r"^[\d.,\s×xX*\-–~～]*\d$")
_MONEY = re.compile(r"^(?:NT\$|NTD|TWD|\$|新台幣)\s*([\d,.]+)\s*元?$", re.I)


class BadRow(ValueError):
    """Raised when a row is no product: `key` of messages.yaml and its parameters say why."""

    def __init__(self, key: str, **params: Any) -> None:
        super().__init__(key)
        self.key, self.params = key, params


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Fact(_Data):
    """One fact. `id` is the house's name for its kind, "" for a kind of the shop's own."""

    id: str = Field("", max_length=24)
    label: str = Field(max_length=MOST_NAME)
    value: str = Field(max_length=MOST_VALUE + 40)


class Product(_Data):
    """One product; `id` is its place in the file."""

    id: str = Field(max_length=12)
    name: str = Field(min_length=1, max_length=MOST_NAME)
    facts: list[Fact] = Field(default_factory=list, max_length=MOST_FACTS)

    def first(self, id: str) -> str:
        """The value of the first fact of that kind, "" where there is none."""
        return next((fact.value for fact in self.facts if fact.id == id), "")


class Skipped(_Data):
    """A row that was left out: its line, and why (a key of messages.yaml and its parameters)."""

    line: int
    key: str
    params: dict[str, Any] = {}


class Products(_Data):
    """All of a file: what can be written about, and what was left out."""

    file: str = ""
    products: list[Product] = Field(min_length=1, max_length=MOST_PRODUCTS)
    skipped: list[Skipped] = []


def facts_of(row: Mapping[Any, Any]) -> list[Fact]:
    """The facts of one row; what is empty, or none of a customer's business (stock, cost), is left out.

    Raises:
        BadRow: a value is no text, number or list of those, or is too long.
    """
    found: list[Fact] = []
    for key, value in row.items():
        label = _clean(str(key)) if key is not None else ""
        text = _text(label, value)
        if not label or not text:
            continue
        known, unit = data.fields().fact(label), ""
        named = None if known else _UNIT_IN_LABEL.match(label)
        if named:  # 重量(公克)
            label, unit = named[1], named[2]
            known = data.fields().fact(label)
        if known and known.kind == "internal":
            continue
        text = _with_unit(text, unit or (known.unit if known else ""))
        if len(text) > MOST_VALUE:
            raise BadRow("row_long", field=label, most=MOST_VALUE)
        if known and label.isascii():
            label = known.zh
        found.append(Fact(id=known.id if known else "", label=label[:MOST_NAME], value=text))
    if len(found) > MOST_FACTS:
        raise BadRow("row_facts", most=MOST_FACTS)
    return found


def product_of(row: Mapping[Any, Any], n: int) -> Product:
    """The `n`-th product of a file.

    Raises:
        BadRow: the row has no name, or a value that is none.
    """
    inner = next((row[key] for key in ("facts", "事實") if isinstance(row.get(key), Mapping)), None)
    if inner is not None:
        row = {**{key: one for key, one in row.items() if key not in ("facts", "事實")}, **inner}
    facts = facts_of(row)
    names = [fact.value for fact in facts if fact.id == "name"]
    name = " ".join(names[0].split()) if names else ""
    if not name:
        raise BadRow("row_name")
    if len(name) > MOST_NAME:
        raise BadRow("row_long", field="品名", most=MOST_NAME)
    return Product(id=f"{n:03d}", name=name, facts=[fact for fact in facts if fact.id != "name"])


def _text(label: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, str | int | float):
        return _clean(f"{value:g}" if isinstance(value, float) else str(value))
    if isinstance(value, list) and all(isinstance(one, str | int | float) for one in value):
        return "、".join(filter(None, (_clean(str(one)) for one in value)))
    if hasattr(value, "isoformat"):  # YAML reads 2026-11-20 as a date
        return str(value.isoformat())
    raise BadRow("row_value", field=label[:MOST_NAME])


def _with_unit(text: str, unit: str) -> str:
    """A bare number gets what it is counted in; a price is written in 元."""
    from agents.copywriter.measures import plain

    money = _MONEY.match(plain(text))
    if money:
        return f"{money[1]} 元"
    return f"{text} {unit}" if unit and _BARE.match(plain(text)) else text


def _clean(text: str) -> str:
    kept = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs", "Cf"))
    return "\n".join(" ".join(line.split()) for line in kept.splitlines()).strip()
