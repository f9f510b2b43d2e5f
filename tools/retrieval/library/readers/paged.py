"""PDF: the text of its pages, in lines as they were meant, under the headings of its outline."""

from __future__ import annotations

import io
import logging
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tools.retrieval.library.cleaning import one_line
from tools.retrieval.library.errors import DamagedFile, EncryptedFile, NoText, OverLimit
from tools.retrieval.library.limits import MAX_HEADING, MAX_PAGES
from tools.retrieval.library.readers.lines import flowing, page_lines, without_running
from tools.retrieval.library.readers.section import Reading, Section, Watch
from tools.retrieval.library.records import Note

if TYPE_CHECKING:
    from pypdf import PdfReader

__all__ = ["read_pdf"]

logger = logging.getLogger(__name__)

# What pypdf lets through when a file contradicts itself, beside its own errors.
_BROKEN = (ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, OSError, RuntimeError, TypeError,
           ValueError, zlib.error)  # fmt: skip
# A page drawn with more than this is a map or a chart; reading it would take minutes and hold no sentences.
_MAX_OPERATIONS = 400_000
_MAX_STREAM = 20_000_000
_MAX_MARKS = 2_000  # entries of an outline
# Text whose characters are no characters: a font that does not say what its glyphs mean.
_NO_LETTERS = 0.2
_TOP_SCRIPTS = 0.8
_ENOUGH = 50


def read_pdf(data: bytes, watch: Watch) -> Reading:
    """All pages as one text. Lines broken inside a sentence are joined; headers and footers that repeat are dropped.

    Sections follow the outline; without one there is a single section whose passages are known by their pages.

    Raises:
        EncryptedFile: it needs a password. NoText: `scanned` or `garbled`. DamagedFile: no page can be read.
        OverLimit: too many pages or characters. ReadingCancelled: between two pages.
    """
    import pypdf
    from pypdf.errors import PyPdfError

    with pypdf.apply_configuration(
        stream_parsing_work_maximum_count=_MAX_OPERATIONS,
        zlib_maximum_output_length=_MAX_STREAM,
        disable_legacy_handling=True,
    ):
        try:
            reader = pypdf.PdfReader(io.BytesIO(data))
            if reader.is_encrypted and not reader.decrypt(""):
                raise EncryptedFile(file=watch.file)
            count = len(reader.pages)
        except pypdf.errors.DependencyError as error:  # a cipher that is not installed
            raise EncryptedFile(file=watch.file) from error
        except (PyPdfError, *_BROKEN) as error:
            raise DamagedFile(file=watch.file, why=type(error).__name__) from error
        if count > MAX_PAGES:
            raise OverLimit("too_many_pages", file=watch.file, pages=count, limit=MAX_PAGES)
        texts, failed = _pages(reader, count, watch, (PyPdfError, *_BROKEN))
        if len(failed) == count:
            raise DamagedFile(file=watch.file, why="pages")
        marks = _outline(reader, (PyPdfError, *_BROKEN))
    _check(texts, watch)
    text, pages = flowing(without_running([page_lines(text) for text in texts]))
    empty = [number for number, page in enumerate(texts, 1) if not page.strip() and number not in failed]
    notes = (
        *((Note("unread_pages", {"pages": _ranges(failed)}),) if failed else ()),
        *((Note("empty_pages", {"pages": _ranges(empty)}),) if empty else ()),
    )
    return Reading("pdf", tuple(_sections(text, pages, marks)), pages=count, notes=notes)


def _pages(
    reader: PdfReader, count: int, watch: Watch, broken: tuple[type[Exception], ...]
) -> tuple[list[str], list[int]]:
    """The raw text of every page ("" for one that cannot be read), and the numbers of those that could not."""
    texts, failed, total = [], [], 0
    for number in range(count):
        watch.step(number, count, "read")
        try:
            text = reader.pages[number].extract_text()
        except broken as error:
            logger.info("page %d of %s cannot be read: %s", number + 1, watch.file, type(error).__name__)
            text = ""
            failed.append(number + 1)
        texts.append(text)
        total += len(text)
        watch.within(total)
    watch.step(count, count, "read")
    return texts, failed


def _check(texts: Sequence[str], watch: Watch) -> None:
    letters = "".join("".join(texts).split())
    if sum(character.isalnum() for character in letters) < max(1, len(texts) // 4):
        raise NoText("scanned", file=watch.file)
    if len(letters) < _ENOUGH:
        return
    strange = sum(unicodedata.category(character) in ("Cc", "Cn", "Co", "Cs") for character in letters)
    strange += letters.count("\ufffd")
    rows = Counter(_script(character) for character in letters)
    top = sum(count for _, count in rows.most_common(5))
    if strange > _NO_LETTERS * len(letters) or top < _TOP_SCRIPTS * len(letters):
        raise NoText("garbled", file=watch.file)


def _script(character: str) -> str:
    """Which of the rows of Unicode a character stands in, Chinese and its punctuation being one."""
    code = ord(character)
    east = 0x2E80 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0xFE10 <= code <= 0xFFEF or code >= 0x20000
    return "east" if east or 0x2000 <= code <= 0x2BFF else str(code >> 8)


def _outline(reader: PdfReader, broken: tuple[type[Exception], ...]) -> list[tuple[int, int, str]]:
    """(page from 1, level from 1, title) of every entry, in order; [] where the outline cannot be read."""
    found: list[tuple[int, int, str]] = []

    def walk(entries: list, level: int) -> Iterator[tuple[int, int, str]]:
        for entry in entries:
            if isinstance(entry, list):
                yield from walk(entry, level + 1)
                continue
            page = reader.get_destination_page_number(entry)
            title = one_line(str(entry.title or ""), MAX_HEADING)
            if page is not None and page >= 0 and title:
                yield page + 1, level, title

    try:
        found.extend(walk(reader.outline, 1))
    except broken as error:
        logger.info("an outline cannot be read: %s", type(error).__name__)
    return sorted(found[:_MAX_MARKS], key=lambda mark: mark[0])


def _sections(
    text: str, pages: tuple[tuple[int, int], ...], marks: Sequence[tuple[int, int, str]]
) -> Iterator[Section]:
    """The text cut where the outline's titles stand, or at the tops of their pages."""
    starts = {page: offset for offset, page in reversed(pages)}
    cuts: list[tuple[int, int, tuple[str, ...]]] = [(0, 0, ())]  # where its title starts, where that ends, the path
    path: list[tuple[int, str]] = []
    for page, level, title in marks:
        path = [*[step for step in path if step[0] < level], (level, title)]
        if page not in starts:
            continue
        top = max(cuts[-1][1], starts[page])
        bottom = next((offset for offset, number in pages if number > page), len(text))
        cuts.append((*(_title_line(text, top, bottom, title) or (top, top)), tuple(name for _, name in path)))
    for (title_start, start, headings), (end, _, after) in zip(cuts, [*cuts[1:], (len(text), 0, ())], strict=True):
        if not text[start:end].strip():
            if after[: len(headings)] == headings:
                continue  # its own sections follow, and bear its title
            start = title_start
        if text[start:end].strip():
            inner = tuple((max(offset - start, 0), page) for offset, page in pages if offset < end)
            yield Section(headings, text[start:end], _covering(inner))


def _covering(pages: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """Of several pages that start at 0, the last: the others end before the section begins."""
    zero = [mark for mark in pages if mark[0] == 0]
    return (*zero[-1:], *(mark for mark in pages if mark[0] > 0))


def _title_line(text: str, start: int, end: int, title: str) -> tuple[int, int] | None:
    """The span of the line that says just `title`, spaces, signs and width apart."""
    wanted = _bare(title)
    for match in re.finditer(r"[^\n]+", text[start:end]):
        if len(match[0]) < 3 * len(title) + 20 and _bare(match[0]) == wanted:
            return start + match.start(), start + match.end()
    return None


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).casefold()


def _ranges(numbers: Sequence[int]) -> str:
    """1, 2, 3, 7 as "1–3, 7"."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(f"{first}–{last}" if last > first else str(first) for first, last in spans)
