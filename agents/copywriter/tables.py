"""Product files: one product as YAML, many as CSV or JSON lines. A broken row is named by its line; the others go on."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agents.copywriter import data
from agents.copywriter.errors import BadProducts, BadShop
from agents.copywriter.files_in import line_of, read_text, read_yaml
from agents.copywriter.products import MOST_PRODUCTS, BadRow, Product, Products, Skipped, product_of

__all__ = ["load_products"]

_LISTS = ("products", "商品")
Row = tuple[int, Mapping[Any, Any] | BadRow]


def load_products(which: str | Path | Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> Products:
    """The products of a file (.yaml, .csv, .tsv, .jsonl; by its content where the ending says nothing), or of plain data.

    Raises:
        NoSuchFile: there is no such file, or it is no text.
        BadShop: it is no YAML.
        BadProducts: it holds no product that can be used, or too many.
    """
    if isinstance(which, Mapping) and "products" in which and "skipped" in which:
        try:
            return Products.model_validate(which)
        except ValidationError as error:
            raise BadProducts(detail=str(error.errors()[0]["msg"])[:100]) from error
    if isinstance(which, str | Path):
        path = Path(which).expanduser()
        shown, rows = path.name, list(_rows_of_file(path))
    else:
        given = _listed(which) if isinstance(which, Mapping) else list(which) if isinstance(which, list | tuple) else []
        shown, rows = "", [(n, _mapping(one)) for n, one in enumerate(given, 1)]
    return _products(shown, rows)


def _products(shown: str, rows: Sequence[Row]) -> Products:
    found: list[Product] = []
    skipped: list[Skipped] = []
    for line, row in rows:
        try:
            if isinstance(row, BadRow):
                raise row
            found.append(product_of(row, len(found) + 1))
        except BadRow as why:
            skipped.append(Skipped(line=line, key=why.key, params=why.params))
        if len(found) > MOST_PRODUCTS:
            raise BadProducts("too_many", file=shown, detail=MOST_PRODUCTS)
    if not found:
        raise _none(shown, skipped)
    return Products(file=shown, products=found, skipped=skipped)


def _none(shown: str, skipped: Sequence[Skipped]) -> BadProducts:
    if not skipped:
        return BadProducts(file=shown)
    first = skipped[0]
    return BadProducts("bad_product", file=shown, line=first.line, detail=(first.key, first.params))


def _rows_of_file(path: Path) -> Iterator[Row]:
    ending = path.suffix.lower()
    if ending in (".yaml", ".yml"):
        yield from _yaml_rows(path)
        return
    text = read_text(path)
    first = text.lstrip()[:1]
    if ending in (".jsonl", ".ndjson") or (ending not in (".csv", ".tsv", ".txt") and first == "{"):
        yield from _json_rows(text)
    elif ending == ".json":
        yield from _json_file(path, text)
    else:
        yield from _csv_rows(path.name, text)


def _yaml_rows(path: Path) -> Iterator[Row]:
    value, node = read_yaml(path)
    if not isinstance(value, Mapping | list):
        raise BadShop(file=path.name, field="YAML", kind="no_mapping")
    given = _listed(value) if isinstance(value, Mapping) else value
    inside = next((name for name in _LISTS if isinstance(value, Mapping) and isinstance(value.get(name), list)), None)
    for n, one in enumerate(given):
        where = (inside, n) if inside else (n,) if isinstance(value, list) else ()
        yield line_of(node, where, {}) or 1, _mapping(one)


def _json_rows(text: str) -> Iterator[Row]:
    for line, row in enumerate(text.splitlines(), 1):
        if not row.strip():
            continue
        try:
            yield line, _mapping(json.loads(row))
        except (ValueError, RecursionError):
            yield line, BadRow("row_json")


def _json_file(path: Path, text: str) -> Iterator[Row]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadProducts(file=path.name, detail=str(error)[:100]) from error
    given = _listed(value) if isinstance(value, Mapping) else value if isinstance(value, list) else [value]
    for n, one in enumerate(given, 1):
        yield n, _mapping(one)


def _listed(value: Mapping[Any, Any]) -> list[Any]:
    return next((list(value[name]) for name in _LISTS if isinstance(value.get(name), list)), [value])


def _mapping(value: Any) -> Mapping[Any, Any] | BadRow:
    return value if isinstance(value, Mapping) else BadRow("row_json")


def _csv_rows(shown: str, text: str) -> Iterator[Row]:
    """Rows with the line they begin in. A quote that never closes costs its own row alone: reading goes on a line below."""
    lines = text.splitlines(keepends=True)
    head = next((n for n, line in enumerate(lines) if line.strip()), None)
    if head is None:
        return
    mark = max(",\t;；，", key=lambda one: lines[head].count(one))
    if mark in "；，":  # typed by hand in a Chinese keyboard's commas
        raise BadProducts("no_name_column", file=shown, detail=lines[head].strip()[:80])
    header: list[str] | None = None
    at = head
    while at < len(lines):
        reader = csv.reader(lines[at:], delimiter=mark, strict=True)
        begun = 0
        try:
            for cells in reader:
                line, begun = at + begun + 1, reader.line_num
                if header is None:
                    header = [cell.strip() for cell in cells]
                    if not any((known := data.fields().fact(cell)) and known.id == "name" for cell in header):
                        raise BadProducts("no_name_column", file=shown, detail="、".join(header)[:80])
                elif any(cell.strip() for cell in cells):
                    yield line, _cells(header, cells)
            return
        except csv.Error:
            if header is None:
                raise BadProducts("no_name_column", file=shown, detail=lines[head].strip()[:80]) from None
            yield at + begun + 1, BadRow("row_quotes")
            at += begun + 1


def _cells(header: Sequence[str], cells: list[str]) -> Mapping[str, str] | BadRow:
    while len(cells) > len(header) and not cells[-1].strip():
        cells.pop()
    if len(cells) != len(header):
        return BadRow("row_columns", found=len(cells), wanted=len(header))
    row: dict[str, str] = {}
    for name, cell in zip(header, cells, strict=True):
        if name:
            row[name] = "、".join(filter(None, (row.get(name, ""), cell.strip())))
    return row
