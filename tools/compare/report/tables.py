"""A comparison as JSON (all of it, readable again) and as CSV (a row per reply, safe and readable in Excel)."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from pydantic import ValidationError

from tools.compare.errors import BadReport
from tools.compare.model import Comparison, Reply

__all__ = ["as_csv", "as_json", "read_comparison"]

_MOST_JSON = 500_000_000  # bytes
_CELL = 32_000  # characters; Excel breaks a longer cell over several rows
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS = (
    "prompt_id",
    "prompt",
    "model",
    "repeat",
    "served_by",
    "provider",
    "text",
    "thought_s",
    "ttft_s",
    "seconds",
    "tokens",
    "tokens_s",
    "finish",
    "error",
    "error_text",
    "length",
    "language",
    "simplified_chars",
    "terms",
    "leak",
    "checks_passed",
    "checks_told",
    "checks_failed",
    "cut",
    "stored",
)


def as_json(comparison: Comparison) -> str:
    """Everything, to be read again by `read_comparison`."""
    # Not pydantic's own writer: it refuses a text with half of a surrogate pair, which a model may send.
    text = json.dumps(comparison.model_dump(mode="python"), ensure_ascii=False, indent=2)
    return text.encode("utf-8", "replace").decode() + "\n"


def read_comparison(path: Path) -> Comparison:
    """A comparison from its JSON.

    Raises:
        BadReport: the file cannot be read, or is no such JSON.
    """
    try:
        if path.stat().st_size > _MOST_JSON:
            raise BadReport(name=path.name, detail=f"> {_MOST_JSON // 1_000_000} MB")
        read = Comparison.model_validate_json(path.read_bytes())
    except OSError as error:
        raise BadReport(name=path.name, detail=error.strerror or str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadReport(name=path.name, detail=f"{where} {first['msg']}".strip()[:120]) from error
    if not read.replies and not read.prompts:
        raise BadReport(name=path.name, detail="replies")
    return read


def as_csv(comparison: Comparison) -> str:
    """A row per reply, with a mark for UTF-8 at the top. A text that a spreadsheet would take for a formula gets an apostrophe
    before it; a text beyond what a cell holds is cut, and ends in ….

    Write it with newline="" so that its line ends stay.
    """
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(_COLUMNS)
    texts = comparison.texts()
    for reply in comparison.replies:
        rows.writerow([_cell(value) for value in _values(reply, texts[reply.prompt_id][0])])
    return "\ufeff" + out.getvalue()


def _values(reply: Reply, prompt: str) -> list[object]:
    told = [result for result in reply.checks if result.ok is not None]
    own: dict[str, object] = {
        "prompt": prompt,
        "checks_passed": sum(bool(result.ok) for result in told) if told else None,
        "checks_told": len(told) if told else None,
        "checks_failed": "、".join(result.name for result in told if not result.ok),
    }
    return [own[name] if name in own else getattr(reply, name) for name in _COLUMNS]


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return int(value)
    if not isinstance(value, str):
        return value
    text = value.replace("\0", "").encode("utf-8", "replace").decode()
    text = text if len(text) <= _CELL else text[: _CELL - 1] + "…"
    return "'" + text if text.lstrip(" \n\u3000").startswith(_FORMULA) or text.startswith(_FORMULA) else text
