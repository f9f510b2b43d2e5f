"""DOCX: paragraphs, tables and heading styles in reading order, tracked changes as if accepted."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from tools.retrieval.library.errors import DamagedFile
from tools.retrieval.library.readers.section import Outline, Reading, Watch

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["read_docx"]

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# Word writes its own styles' names in English whatever its language; people's styles may be called anything.
_NAMED = re.compile(r"(?:heading|標題)\s*([1-9])", re.IGNORECASE)
# Deleted words, codes behind fields, what is said a second time for old programs, sounds beside characters.
_SKIPPED = frozenset(
    (
        *(_W + name for name in ("del", "moveFrom", "instrText", "delText", "rt", "pPr", "sdtPr", "rPr")),
        _MC + "Fallback",
    )
)
_BREAKS = {_W + "tab": "\t", _W + "br": "\n", _W + "cr": "\n", _W + "noBreakHyphen": "-", _W + "ptab": "\t"}
_WRAPPERS = frozenset(_W + name for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"))
_BOX = _W + "txbxContent"
_TITLE = 0
_CONTENTS = -1
# A row longer than this is a page laid out with a table, not a row of values.
_ROW = 300
_STEP = 200  # blocks between two reports


def read_docx(data: bytes, watch: Watch) -> Reading:
    """Headings by style or outline level; tables row by row; text boxes after their paragraph.

    Headers, footers, notes and pictures are left out. The archive must have been looked at before (`kinds`).

    Raises:
        DamagedFile: it cannot be opened, or its parts do not fit together. OverLimit: it is too long.
    """
    import docx
    from lxml import etree

    try:
        # python-docx resolves no entity and follows no link to the outside.
        document = docx.Document(io.BytesIO(data))
        body = document.element.body
        reader = _Reader(_style_levels(document))
        for done, element in enumerate(body):
            if done % _STEP == 0:
                watch.step(done, len(body), "read")
                watch.within(reader.characters)
            reader.take(element)
    except (etree.LxmlError, BadZipFile, zlib.error, LookupError, ValueError, TypeError, AttributeError) as error:
        raise DamagedFile(file=watch.file, why=type(error).__name__) from error
    except (RuntimeError, OSError, EOFError, AssertionError) as error:  # nested too deep; cut off
        raise DamagedFile(file=watch.file, why=type(error).__name__) from error
    watch.within(reader.characters)
    return Reading("docx", reader.outline.sections(), reader.title)


def _style_levels(document: Any) -> dict[str, int]:
    """The heading level (1 to 9), `_TITLE` or `_CONTENTS` of every style that has one, by the style's id."""
    levels: dict[str, int] = {}
    parents: dict[str, str] = {}
    for style in document.styles.element.iter(_W + "style"):
        id_ = style.get(_W + "styleId") or ""
        name = _value(style.find(_W + "name")).strip().lower()
        parents[id_] = _value(style.find(_W + "basedOn"))
        named = _NAMED.fullmatch(name)
        outline = _value(style.find(f"{_W}pPr/{_W}outlineLvl"))
        if named:
            levels[id_] = int(named[1])
        elif name == "title":
            levels[id_] = _TITLE
        elif name.startswith("toc "):
            levels[id_] = _CONTENTS
        elif outline.isdecimal() and int(outline) < 9:
            levels[id_] = int(outline) + 1
    for id_ in parents:
        at, seen = id_, {id_}
        while at not in levels and parents.get(at) and parents[at] not in seen:
            at = parents[at]
            seen.add(at)
        if at in levels:
            levels[id_] = levels[at]
    return levels


def _value(element: _Element | None) -> str:
    return "" if element is None else element.get(_W + "val") or ""


class _Reader:
    """Walks the body: python-docx's own paragraphs leave out what stands in content controls and tracked changes."""

    def __init__(self, levels: dict[str, int]) -> None:
        self.outline = Outline()
        self.title = ""
        self.characters = 0
        self._levels = levels

    def take(self, element: _Element) -> None:
        for block in _blocks(element):
            if block.tag == _W + "p":
                self._paragraph(block)
            else:
                self._table(block)

    def _paragraph(self, paragraph: _Element) -> None:
        text = _text(paragraph)
        self.characters += len(text)
        level = self._level(paragraph)
        if level is None:
            self.outline.block(text)
        elif level == _TITLE:
            self.title = self.title or " ".join(text.split())
            self.outline.heading(level, text)
        elif level != _CONTENTS:
            self.outline.heading(level, text)
        for box in paragraph.iter(_BOX):
            if _own(box, paragraph):
                for element in box:
                    self.take(element)

    def _level(self, paragraph: _Element) -> int | None:
        own = _value(paragraph.find(f"{_W}pPr/{_W}outlineLvl"))
        if own.isdecimal():
            return int(own) + 1 if int(own) < 9 else None
        return self._levels.get(_value(paragraph.find(f"{_W}pPr/{_W}pStyle")))

    def _table(self, table: _Element) -> None:
        rows: list[str] = []
        for row in _rows(table):
            cells = [[block for child in cell for block in _blocks(child)] for cell in row]
            words = [" ".join(" ".join(_all_text(block).split()) for block in cell).strip() for cell in cells]
            if sum(map(len, words)) <= _ROW:
                line = " | ".join(filter(None, words))
                self.characters += len(line)
                rows += [line] if line else []
                continue
            self.outline.block("\n".join(rows))
            rows = []
            for cell in row:
                for child in cell:
                    self.take(child)
        self.outline.block("\n".join(rows))


def _own(box: _Element, paragraph: _Element) -> bool:
    """Whether a text box is the paragraph's own: neither in another box nor said a second time for old programs."""
    for parent in box.iterancestors():
        if parent is paragraph:
            return True
        if parent.tag in (_BOX, _MC + "Fallback"):
            return False
    return False


def _blocks(element: _Element) -> Iterator[_Element]:
    """The paragraphs and tables that `element` is or wraps."""
    if element.tag in (_W + "p", _W + "tbl"):
        yield element
    elif element.tag in _WRAPPERS:
        for child in element:
            yield from _blocks(child)


def _rows(table: _Element) -> Iterator[list[_Element]]:
    for row in table.iter(_W + "tr"):
        if next(row.iterancestors(_W + "tbl"), None) is table:
            yield [cell for cell in row.iter(_W + "tc") if next(cell.iterancestors(_W + "tr"), None) is row]


def _all_text(block: _Element) -> str:
    """The words of a paragraph, or of every paragraph of a table inside a cell."""
    if block.tag == _W + "p":
        return _text(block)
    return " ".join(_text(paragraph) for paragraph in block.iter(_W + "p"))


def _text(element: _Element) -> str:
    """The visible words of a paragraph, text boxes apart."""
    parts: list[str] = []
    for child in element:
        tag = child.tag
        if tag in _SKIPPED or tag == _BOX or (tag == _W + "r" and child.find(f"{_W}rPr/{_W}vanish") is not None):
            continue
        if tag in (_W + "t", _M + "t"):
            parts.append(child.text or "")
        elif tag in _BREAKS:
            parts.append("" if child.get(_W + "type") == "page" else _BREAKS[tag])
        else:
            parts.append(_text(child))
    return "".join(parts)
