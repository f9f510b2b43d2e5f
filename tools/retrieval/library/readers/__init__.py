"""One reader for each kind of file; `read` chooses by the file's beginning."""

from __future__ import annotations

from tools.retrieval.library.errors import NoText
from tools.retrieval.library.readers.kinds import SUPPORTED, expected_kind, kind_of
from tools.retrieval.library.readers.section import Progress, Reading, Section, Watch
from tools.retrieval.library.records import Note

__all__ = ["SUPPORTED", "Progress", "Reading", "Section", "Watch", "read"]


def read(data: bytes, watch: Watch) -> Reading:
    """The text of a file called `watch.file`, in sections.

    Raises:
        LibraryError: as the classes of `errors` say; nothing else comes from a broken file.
    """
    watch.step(0, 1, "read")
    if not data.strip(b"\0 \t\r\n"):
        raise NoText(file=watch.file)
    kind = kind_of(data, watch.file)
    if kind == "pdf":
        from tools.retrieval.library.readers.paged import read_pdf as reader
    elif kind == "docx":
        from tools.retrieval.library.readers.word import read_docx as reader
    elif kind == "html":
        from tools.retrieval.library.readers.web import read_html as reader
    elif kind == "markdown":
        from tools.retrieval.library.readers.plain import read_markdown as reader
    else:
        from tools.retrieval.library.readers.plain import read_text as reader
    reading = reader(data, watch)
    if not any(section.text.strip() for section in reading.sections):
        raise NoText(file=watch.file)
    expected = expected_kind(watch.file)
    if expected == kind or (expected == "text" and kind == "markdown"):
        return reading
    return _noted(reading, Note("recognised", {"file": watch.file, "kind": kind}))


def _noted(reading: Reading, note: Note) -> Reading:
    from dataclasses import replace

    return replace(reading, notes=(*reading.notes, note))
