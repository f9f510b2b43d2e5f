"""The files of a comparison's report: written at its end, where a folder was named."""

from __future__ import annotations

from pathlib import Path

from agents.compare.say import Unusable
from agents.context import RunContext
from agents.errors import BadInput
from agents.events import Artifact, Warned
from tools.compare import CompareError, Comparison

__all__ = ["readable", "writable", "written"]

_TYPES = {"html": "text/html", "csv": "text/csv", "json": "application/json"}


def writable(folder: Path) -> None:
    """Make `folder`, so that a run does not find out at its end that it cannot.

    Raises:
        BadInput: it cannot be made, or is a file.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput("cannot_write", path=folder, why=error.strerror or type(error).__name__) from error


def readable(path: Path) -> None:
    """Read an earlier report, so that a run of days does not find out at its end that it cannot.

    Raises:
        BadInput: it is not there, or is no comparison's JSON.
    """
    from tools.compare.report import read_comparison

    try:
        read_comparison(path)
    except CompareError as error:
        raise Unusable(error) from error


def written(comparison: Comparison, folder: Path, since: str, context: RunContext) -> str:
    """The path of the HTML report; "" with a warning where it could not be written: the result stands all the same."""
    from tools.compare.report import read_comparison, write_report

    earlier = None
    try:
        earlier = read_comparison(Path(since)) if since else None
    except CompareError as error:
        context.emit(Warned(code=error.key, message=error.message(context.lang)))
    try:
        files = write_report(comparison, folder, lang=context.lang, earlier=earlier)
    except CompareError as error:
        context.emit(Warned(code=error.key, message=error.message(context.lang)))
        return ""
    for kind in _TYPES:
        path = getattr(files, kind)
        context.emit(Artifact(path=str(path), media_type=_TYPES[kind], title=path.name))
    return str(files.html)
