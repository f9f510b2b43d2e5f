"""Reading what a shop brings: text in whatever character set Taiwan's programs write, and YAML whose mistakes have a line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agents.copywriter.errors import BadShop, NoSuchFile

__all__ = ["line_of", "read_text", "read_yaml"]

_MOST_BYTES = 4 * 1024 * 1024


def read_text(path: Path) -> str:
    """The text of a file: UTF-8 with or without a mark, UTF-16 with one (Excel's Unicode text), or Big5.

    Raises:
        NoSuchFile: it cannot be read, is larger than 4 MiB, or is no text.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise NoSuchFile(path=str(path)[:200].replace("\0", "?"), why=why) from error
    if len(data) > _MOST_BYTES:
        raise NoSuchFile("file_large", path=path, most=_MOST_BYTES // 1024 // 1024)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp950", "big5hkscs")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise NoSuchFile("no_text", path=path)


def read_yaml(path: Path) -> tuple[Any, Any]:
    """The data of a YAML file, and its nodes for `line_of`.

    Raises:
        NoSuchFile: it cannot be read.
        BadShop: it is no YAML; says the line.
    """
    import yaml

    text = read_text(path)
    try:
        return yaml.safe_load(text), yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = str(getattr(error, "problem", None) or error)[:120]
        line = mark.line + 1 if mark else 0
        raise BadShop(file=path.name, field="YAML", kind="yaml", said=said, line=line, allowed=said) from error
    except (ValueError, RecursionError) as error:  # a date that is none, brackets without end
        raise BadShop(
            file=path.name, field="YAML", kind="yaml", said=str(error)[:120], allowed=str(error)[:120]
        ) from None


def line_of(node: Any, where: tuple[str | int, ...], names: Mapping[str, Mapping[str, str]]) -> int:
    """The line (from 1) in which the value at `where` stands, or the nearest thing around it; 0 where there is none.

    `names` are the other names of keys, by the key of the mapping they stand in ("" for the file).
    """
    line = 0
    known = names.get("", {})
    for step in where:
        if node is None:
            break
        line = node.start_mark.line + 1
        found = None
        if isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
            found = node.value[step]
            line = (found[0] if isinstance(found, tuple) else found).start_mark.line + 1
            node = found[1] if isinstance(found, tuple) else found
            continue
        for pair in node.value if isinstance(node.value, list) else ():
            if isinstance(pair, tuple) and known.get(str(pair[0].value), str(pair[0].value)) == str(step):
                found = pair
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
        known = names.get(str(step), {})
    return line
