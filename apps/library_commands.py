"""What `finale library …` does: a person's own texts from the command line. Imported only when such a command runs."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from apps.options import LANG, say
from tools.errors import FinaleError
from tools.retrieval.library import Added, BadName, Collection, Document, Library
from tools.settings import Settings

__all__ = [
    "collection_ids",
    "library_add_command",
    "library_delete_command",
    "library_list_command",
    "library_prefer_command",
    "library_rename_command",
    "library_show_command",
]

_PARTS = 10  # a long file reports its progress this many times


def collection_ids(names: Sequence[str]) -> list[str]:
    """The ids of the collections with these names or ids.

    Raises:
        CollectionMissing: one of them does not exist.
    """
    with Library(Settings().home) as library:
        return [library.get(name).id for name in names]


def library_add_command(files: Sequence[str], name: str, as_json: bool) -> None:
    """Add files one by one; one that cannot be read does not keep the others out, but fails the command."""
    with _opened(as_json) as library:
        added: list[dict[str, Any]] = []
        failed: list[dict[str, Any]] = []
        for file in files:
            try:
                done = library.add(Path(file), collection=name, on_progress=_Telling(file))
            except BadName:
                raise
            except FinaleError as error:
                failed.append({"file": file, "error": error.message(LANG)})
                typer.echo(say("failed", what=error.message(LANG)), err=True)
                continue
            added.append({"file": file, **_added(done)})
            if not as_json:
                _tell(done)
        if as_json:
            _dump({"added": added, "failed": failed})
        if failed:
            raise typer.Exit(1)


def library_list_command(as_json: bool) -> None:
    """Print every collection."""
    with _opened(as_json) as library:
        found = library.collections()
        if as_json:
            lost = library.lost()
            warnings = {"warnings": [say("library_set_aside", path=lost)]} if lost else {}
            _dump({"collections": [_collection(collection) for collection in found], **warnings})
        elif not found:
            typer.echo(say("library_none"))
        else:
            rows = [_collection_row(collection) for collection in found]
            heads = [say("col_collection"), say("col_documents"), say("col_passages"), ""]
            _table(heads, rows, numbers=(1, 2))


def library_show_command(name: str, as_json: bool) -> None:
    """Print one collection and its documents."""
    with _opened(as_json) as library:
        collection = library.get(name)
        if as_json:
            _dump(_collection(collection))
            return
        typer.echo(f"{collection.name}  {_preferred(collection)}".rstrip())
        if not collection.documents:
            typer.echo(say("library_empty"))
            return
        heads = [say("col_document"), say("col_kind"), say("col_pages"), say("col_passages"), say("col_added")]
        _table(heads, [_document_row(document) for document in collection.documents], numbers=(2, 3))


def library_delete_command(name: str, file: str) -> None:
    """Delete a collection, or one document of it."""
    with _opened(False) as library:
        collection = library.get(name)
        if file:
            library.delete_document(collection.id, file)
            typer.echo(say("library_document_deleted", name=collection.name, file=file))
            return
        library.delete(collection.id)
        typer.echo(say("library_deleted", name=collection.name, count=len(collection.documents)))


def library_rename_command(name: str, new: str) -> None:
    """Give a collection another name."""
    with _opened(False) as library:
        collection = library.get(name)
        renamed = library.rename(collection.id, new)
        typer.echo(say("library_renamed", name=collection.name, new=renamed.name))


def library_prefer_command(name: str, off: bool) -> None:
    """Search a collection unasked, or no longer."""
    with _opened(False) as library:
        collection = library.prefer(library.get(name).id, not off)
        typer.echo(say("library_not_preferred" if off else "library_preferred", name=collection.name))


@contextlib.contextmanager
def _opened(as_json: bool) -> Iterator[Library]:
    """The library; errors become one line on standard error and the exit status, with --json also an object."""
    try:
        with Library(Settings().home) as library:
            lost = library.lost()
            if lost:
                typer.echo(say("warning", what=say("library_set_aside", path=lost)), err=True)
            yield library
        return
    except FinaleError as error:
        message, status = error.message(LANG), 2 if isinstance(error, BadName) else 1
    except KeyboardInterrupt:  # nothing is stored of a file that was being read
        message, status = say("library_stopped"), 1
    if as_json:
        _dump({"status": "failed", "error": message})
    typer.echo(say("failed", what=message), err=True)
    raise typer.Exit(status)


class _Telling:
    """Shows on standard error how far a long file is."""

    def __init__(self, file: str) -> None:
        self._file = Path(file).name
        self._shown = 0

    def __call__(self, done: int, of: int, what: str) -> None:
        part = done * _PARTS // max(of, 1)
        if what == "read" and of > _PARTS and part > self._shown:
            self._shown = part
            typer.echo(say("progress", what=say("library_reading", file=self._file, done=done, of=of)), err=True)


def _tell(done: Added) -> None:
    if done.status != "unchanged":
        params = {"name": done.collection.name, "file": done.document.name, "passages": done.passages}
        typer.echo(say("library_added", **params))
    for note in done.notes:
        typer.echo(note.message(LANG))


def _added(done: Added) -> dict[str, Any]:
    return {
        "status": done.status,
        "collection": {"id": done.collection.id, "name": done.collection.name},
        "document": _document(done.document),
        "passages": done.passages,
        "pages": done.pages,
        "notes": [note.message(LANG) for note in done.notes],
    }


def _collection(collection: Collection) -> dict[str, Any]:
    return {
        "id": collection.id,
        "name": collection.name,
        "preferred": collection.preferred,
        "passages": collection.passages,
        "documents": [_document(document) for document in collection.documents],
    }


def _document(document: Document) -> dict[str, Any]:
    return {name: getattr(document, name) for name in Document.__dataclass_fields__}


def _preferred(collection: Collection) -> str:
    return say("library_is_preferred") if collection.preferred else ""


def _collection_row(collection: Collection) -> list[str]:
    return [collection.name, str(len(collection.documents)), str(collection.passages), _preferred(collection)]


def _document_row(document: Document) -> list[str]:
    when = time.strftime("%m/%d %H:%M", time.localtime(document.added))
    return [document.name, document.kind, str(document.pages or "—"), str(document.passages), when]


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for at, head in enumerate(heads):
        table.add_column(head, overflow="fold", justify="right" if at in numbers else "left")
    for row in rows:
        table.add_row(*map(Text, row))  # a name in [brackets] is a name, no markup
    Console().print(table)


def _dump(value: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
    sys.stdout.flush()
