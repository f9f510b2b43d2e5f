"""A data file that is one YAML list with a schema; what is wrong with it is said with the file and the place."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from tools.retrieval.errors import BadDocument

__all__ = ["read_list"]

T = TypeVar("T")


def read_list(path: Path, schema: TypeAdapter[T]) -> T:
    """What `path` holds, checked against `schema`.

    Raises:
        BadDocument: the file is missing, is no YAML, or breaks the schema.
    """
    import yaml

    try:
        return schema.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise BadDocument(file=path.name, line=1, why="field", field=path.name, detail=str(error)) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        detail = getattr(error, "problem", None) or type(error).__name__
        line = mark.line + 1 if mark else 1
        raise BadDocument(file=path.name, line=line, why="bad_front_matter", detail=detail) from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or path.name
        raise BadDocument(file=path.name, line=1, why="field", field=field, detail=first["msg"]) from error
