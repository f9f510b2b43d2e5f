"""Files of prompts as raw rows: text, YAML or JSON, JSONL, CSV and TSV, each row with its line. What a row means is not decided here."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.compare.errors import BadPrompts, said
from tools.compare.model import Said

__all__ = ["MAX_FILE", "SUFFIXES", "Raw", "Sheet", "Written", "read_sheet"]

MAX_FILE = 20_000_000  # bytes
PROMPT_COLUMNS = ("prompt", "text", "提示詞", "問題", "題目")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Big5 keeps the characters of everyday life in lead bytes A4 to C6: nearly all of a real text, half of another encoding's.
_PAIR = re.compile(rb"[\xa4-\xf9][\x40-\x7e\xa1-\xfe]")
_LEVEL_ONE_SHARE = 0.85


@dataclass(frozen=True)
class Raw:
    """One row: a text, a mapping, or a `problem` in place of both. `line` counts from 1."""

    line: int
    value: Any = None
    problem: Said | None = None


@dataclass(frozen=True)
class Sheet:
    """A file's rows; `common` holds what it says for all of them (system, checks), `variables` the rows that each prompt is filled
    with, where it has such. `variables_given`: whether `{{name}}` is a place to fill at all."""

    rows: list[Raw]
    common: Mapping[str, Any] = field(default_factory=dict)
    variables: list[Raw] = field(default_factory=list)
    variables_given: bool = True


def read_sheet(data: bytes | str, name: str) -> Sheet:
    """The rows of `data`, read as the ending of `name` says.

    Raises:
        BadPrompts: too large, of no known encoding or kind, or not of its kind's shape.
    """
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    reader = _READERS.get(suffix)
    if reader is None:
        raise BadPrompts("prompts_kind", name=name, kinds="、".join(SUFFIXES))
    size = len(data)
    if size > MAX_FILE:
        raise BadPrompts("prompts_large", name=name, size=f"{size / 1e6:.1f}", most=MAX_FILE // 1_000_000)
    return reader(data if isinstance(data, str) else _decoded(data, name), name)


def _decoded(data: bytes, name: str) -> str:
    encodings = [next((encoding for mark, encoding in _MARKS if data.startswith(mark)), "utf-8")]
    pairs = _PAIR.findall(data)
    if pairs and sum(pair[0] <= 0xC6 for pair in pairs) >= _LEVEL_ONE_SHARE * len(pairs):
        encodings += ["cp950", "big5hkscs"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise BadPrompts("prompts_encoding", name=name)


def _text(text: str, name: str) -> Sheet:
    """One prompt a line; with a line of `---` anywhere, the blocks between such lines. A line that begins with # is a note."""
    lines = text.splitlines()
    if not any(line.strip() == "---" for line in lines):
        found = [(at, line.strip()) for at, line in enumerate(lines, start=1)]
        rows = [Raw(at, line) for at, line in found if line and not line.startswith("#")]
        return Sheet(rows, variables_given=False)
    rows, block, begin = [], [], 1
    for at, line in enumerate([*lines, "---"], start=1):
        if line.strip() != "---":
            if block or (line.strip() and not line.startswith("#")):
                begin = begin if block else at
                block.append(line)
            continue
        whole = "\n".join(block).strip()
        if whole:
            rows.append(Raw(begin, whole))
        block = []
    return Sheet(rows, variables_given=False)


def _jsonl(text: str, name: str) -> Sheet:
    rows = []
    for at, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            rows.append(Raw(at, json.loads(line)))
        except (ValueError, RecursionError) as error:
            detail = getattr(error, "msg", "") or type(error).__name__
            rows.append(Raw(at, problem=said("row_syntax", detail=detail)))
    return Sheet(rows)


def _table(delimiter: str) -> Callable[[str, str], Sheet]:
    def read(text: str, name: str) -> Sheet:
        csv.field_size_limit(max(csv.field_size_limit(), MAX_FILE))  # the module's own limit is below that of a prompt
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        header: list[str] = []
        rows: list[Raw] = []
        while True:
            line = lines.line_num + 1
            try:
                cells = next(lines)
            except StopIteration:
                break
            except csv.Error as error:
                if not header:
                    raise BadPrompts("prompts_syntax", name=name, line=line, detail=str(error)) from error
                rows.append(Raw(line, problem=said("row_syntax", detail=str(error))))
                continue
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = _header([cell.strip() for cell in cells], name)
            elif len(cells) != len(header):
                rows.append(Raw(line, problem=said("row_columns", found=len(cells), wanted=len(header))))
            else:
                rows.append(Raw(line, _row(dict(zip(header, cells, strict=True)))))
        return Sheet(rows)

    return read


def _header(cells: list[str], name: str) -> list[str]:
    if not all(cells) or len(set(cells)) < len(cells):
        raise BadPrompts("prompts_headers", name=name, found="、".join(cells)[:120])
    if not any(cell.lower() in PROMPT_COLUMNS for cell in cells):
        raise BadPrompts("prompts_column", name=name, found="、".join(cells)[:120])
    return ["prompt" if cell.lower() in PROMPT_COLUMNS else cell for cell in cells]


def _row(cells: dict[str, str]) -> dict[str, Any]:
    """The cell of checks is written as in YAML: `no_simplified`, or `{contains: 台北, max_length: 200}`."""
    row: dict[str, Any] = {key: value for key, value in cells.items() if key != "checks"}
    if cells.get("checks", "").strip():
        row["checks"] = Written(cells["checks"])
    return row


class Written(str):
    """YAML in a cell, loaded with its row so that only that row fails."""

    def load(self) -> Any:
        """The value.

        Raises:
            ValueError: it is no YAML.
        """
        import yaml

        try:
            return _plain_yaml(str(self))[0]
        except (yaml.YAMLError, RecursionError) as error:
            raise ValueError(str(getattr(error, "problem", "") or type(error).__name__)) from error


def _yaml(text: str, name: str) -> Sheet:
    """A list of prompts, or a mapping with `prompts` and what holds for all: `system`, `checks`, `variables` (a list of rows)."""
    import yaml

    try:
        value, node = _plain_yaml(text)
    except _AliasUsed as error:
        raise BadPrompts("prompts_alias", name=name, line=error.line) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        detail = str(getattr(error, "problem", "") or type(error).__name__)
        raise BadPrompts("prompts_syntax", name=name, line=mark.line + 1 if mark else 1, detail=detail) from error
    except (RecursionError, ValueError) as error:  # a date such as 2026-13-45 is a ValueError
        raise BadPrompts("prompts_syntax", name=name, line=1, detail=str(error)[:80]) from error
    if value is None:
        return Sheet([])
    if isinstance(value, list):
        return Sheet(list(_items(value, node)))
    if not isinstance(value, dict) or not isinstance(value.get("prompts"), list):
        raise BadPrompts("prompts_shape", name=name)
    parts = {key.value: part for key, part in node.value}
    variables = value.get("variables") or []
    if not isinstance(variables, list):
        raise BadPrompts("prompts_shape", name=name)
    filled = list(_items(variables, parts["variables"])) if variables else []
    return Sheet(list(_items(value["prompts"], parts["prompts"])), value, filled)


def _items(values: list[Any], node: Any) -> Iterator[Raw]:
    for value, part in zip(values, node.value, strict=True):
        yield Raw(part.start_mark.line + 1, value)


class _AliasUsed(ValueError):
    def __init__(self, line: int) -> None:
        super().__init__("alias")
        self.line = line


def _plain_yaml(text: str) -> tuple[Any, Any]:
    """The value and the node of a YAML text without aliases, which could make a small file into an endless one."""
    import yaml

    class Plain(yaml.SafeLoader):
        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                raise _AliasUsed(self.peek_event().start_mark.line + 1)
            return super().compose_node(parent, index)

    # Dates and the like stay as they are written: a variable is text.
    Plain.yaml_implicit_resolvers = {
        char: [(tag, pattern) for tag, pattern in found if not tag.endswith("timestamp")]
        for char, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    loader = Plain(text)
    try:
        node = loader.get_single_node()
        return (None if node is None else loader.construct_document(node)), node
    finally:
        loader.dispose()


_READERS: dict[str, Callable[[str, str], Sheet]] = {
    ".txt": _text,
    ".md": _text,
    ".yaml": _yaml,
    ".yml": _yaml,
    ".json": _yaml,
    ".jsonl": _jsonl,
    ".csv": _table(","),
    ".tsv": _table("\t"),
}
SUFFIXES = tuple(_READERS)
