"""Writes a report's three files, each whole or not at all."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tools.compare.errors import ReportNotWritten
from tools.compare.model import Comparison
from tools.compare.report.html import as_html
from tools.compare.report.tables import as_csv, as_json
from tools.words import Lang

__all__ = ["ReportFiles", "write_report"]


@dataclass(frozen=True)
class ReportFiles:
    """Where the files are."""

    html: Path
    csv: Path
    json: Path


def write_report(
    comparison: Comparison,
    folder: Path,
    *,
    lang: Lang = "zh",
    earlier: Comparison | None = None,
    name: str = "compare",
) -> ReportFiles:
    """Writes `name`.html, .csv and .json into `folder`, which is made where it is not there; earlier files are replaced.

    Raises:
        ReportNotWritten: the folder cannot be made or written.
    """
    files = ReportFiles(*(folder / f"{name}.{kind}" for kind in ("html", "csv", "json")))
    made = (as_html(comparison, lang, earlier), as_csv(comparison), as_json(comparison))
    for path, text in zip((files.html, files.csv, files.json), made, strict=True):
        _write(path, text)
    return files


def _write(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            # A reply may hold half of a surrogate pair, which no file can.
            part.write_bytes(text.encode("utf-8", "replace"))
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise ReportNotWritten(path=str(path), why=error.strerror or type(error).__name__) from error
