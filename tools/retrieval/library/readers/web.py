"""HTML: the main text of a page by trafilatura, or all that can be seen of it. Nothing is ever fetched."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tools.retrieval.library.cleaning import one_line
from tools.retrieval.library.errors import DamagedFile, OverLimit
from tools.retrieval.library.limits import MAX_HEADING, MAX_TAGS
from tools.retrieval.library.readers.decode import declared_encoding
from tools.retrieval.library.readers.plain import decoded
from tools.retrieval.library.readers.section import Outline, Reading, Section, Watch

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["read_html"]

# What is not text for a reader, and the sounds that ruby sets beside characters.
_DROPPED = re.compile(
    "head|script|style|noscript|template|svg|iframe|object|embed|applet|canvas|audio|video|select|button|input|"
    "textarea|rt|rp"
)
_AROUND = frozenset(("nav", "aside", "footer"))
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?:\.0+)?(?:px|em|rem|pt|%)?\s*(?:;|\Z)"
)
# Tags that begin a new line of text; trafilatura's own names among them.
_BLOCKS = re.compile(
    "p|div|section|article|main|header|footer|nav|aside|li|dt|dd|dl|ul|ol|pre|blockquote|figure|figcaption|table|tr|"
    "caption|form|fieldset|address|details|summary|hr|body|center|item|list|row|quote|ab"
)
_ROWS = frozenset(("li", "item", "tr", "row", "dt", "dd"))
_CELLS = frozenset(("td", "th", "cell"))
_BREAKS = frozenset(("br", "lb"))
_HEADING = re.compile(r"h([1-6])")
# trafilatura counts letters and was made for long English pages; with this even a short Chinese page keeps its form.
_LEAST_CHARACTERS = "20"
# If it finds less than this of what can be seen outside links and page furniture, it mistook the page.
_MAIN_SHARE = 0.5
_FLAT_SHARE = 0.8
# A page with more elements is a book; finding its main text would take minutes.
_MAX_ELEMENTS = 20_000
_PIECE = 500_000  # characters read, and
_STEP = 10_000  # elements looked at, before somebody may stop it


def read_html(data: bytes, watch: Watch) -> Reading:
    """The main text with its headings h1 to h6. Scripts, styles and what a reader would not see are left out.

    Raises:
        DamagedFile: no tree can be made of it. OverLimit: too many tags, or too long. UnsupportedKind: as for text.
        ReadingCancelled: asked again and again on the way.
    """
    from lxml import etree, html

    source, notes = decoded(data, watch, declared_encoding(data))
    if not source.strip():
        return Reading("html", (), notes=notes)
    tags = source.count("<")
    if tags > MAX_TAGS:
        raise OverLimit("too_many_tags", file=watch.file, tags=f"{tags:,}", limit=f"{MAX_TAGS:,}")
    # Its own idea of the encoding is overruled, since the text is decoded already. It reads no DTD and no entity file.
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        for start in range(0, len(source), _PIECE):
            watch.step(0, 1, "read")
            parser.feed(source[start : start + _PIECE].encode("utf-8", "replace"))
        root = parser.close()
        if root is None:  # nothing but comments and spaces
            return Reading("html", (), notes=notes)
    except (etree.LxmlError, ValueError) as error:
        raise DamagedFile(file=watch.file, why=type(error).__name__) from error
    title = one_line("".join(root.xpath("string(//title)")), MAX_HEADING)
    first = one_line("".join(root.xpath("string(//h1)")), MAX_HEADING)
    _strip(root, watch)
    sections = _main(root, watch)
    watch.within(sum(len(section.text) for section in sections))
    return Reading("html", sections, title or first, notes=notes)


def _strip(root: _Element, watch: Watch) -> None:
    """Take out, in place, what no reader sees; the text after an element stays."""
    hidden = [element for element in root.iter() if isinstance(element.tag, str) and _unseen(element)]
    for n, element in enumerate(hidden):
        if n % _STEP == 0:
            watch.step(0, 1, "read")
        parent = element.getparent()
        if parent is None:
            continue
        tail = element.tail or ""
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + tail
        else:
            parent.text = (parent.text or "") + tail
        parent.remove(element)


def _unseen(element: _Element) -> bool:
    return (
        _DROPPED.fullmatch(element.tag) is not None
        or element.get("hidden") is not None
        or bool(_HIDDEN.search((element.get("style") or "").lower()))
    )


def _main(root: _Element, watch: Watch) -> tuple[Section, ...]:
    """What trafilatura holds for the main text, unless that leaves out most of the page."""
    import copy

    import trafilatura
    from trafilatura.settings import use_config

    body = root.find("body")
    body = root if body is None else body
    config = use_config()
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", _LEAST_CHARACTERS)
    seen = _sections(body, watch)
    if sum(1 for _ in root.iter()) > _MAX_ELEMENTS:
        return seen
    try:
        found = trafilatura.bare_extraction(
            copy.deepcopy(root), include_comments=False, include_tables=True, favor_recall=True, config=config
        )
    except (RecursionError, ValueError, TypeError, AttributeError, LookupError):
        found = None  # a page it cannot bear is read without it
    if found is None or found.body is None:
        return seen
    main = _sections(found.body, watch)
    # When unsure it gives everything as one run, and the headings are lost.
    flat = not any(section.headings for section in main) and _length(main) > _FLAT_SHARE * _length(seen)
    return seen if flat or _length(main) < _MAIN_SHARE * _unlinked(body) else main


def _length(sections: tuple[Section, ...]) -> int:
    return sum(len("".join(section.text.split())) + sum(map(len, section.headings[-1:])) for section in sections)


def _unlinked(body: _Element) -> int:
    """How many characters stand outside links and page furniture."""
    from lxml import etree

    total = skipping = 0
    for event, element in etree.iterwalk(body, events=("start", "end")):
        around = element.tag in _AROUND or element.tag == "a"
        if event == "start":
            skipping += around
            text = element.text
        else:
            skipping -= around
            text = element.tail if element is not body else ""
        if not skipping and text:
            total += len("".join(text.split()))
    return total


def _sections(body: _Element, watch: Watch) -> tuple[Section, ...]:
    """Headings and blocks of a tree in order, without recursion: strangers' pages nest as deep as they like."""
    from lxml import etree

    outline, line, level = Outline(), _Line(), 0
    for n, (event, element) in enumerate(etree.iterwalk(body, events=("start", "end"))):
        if n % _STEP == 0:
            watch.step(0, 1, "read")
        tag = element.tag
        heading = _level(element)
        if event == "start":
            if heading:
                line.flush(outline)
                level = heading
            elif not level and _BLOCKS.fullmatch(tag):
                line.flush(outline, tight=_in_row(element.getparent()))
            elif tag in _CELLS:
                line.cell()
            elif tag in _BREAKS:
                line.add(" " if level else "\n", keep=True)
            line.add(element.text, keep=_keeps(element))
            continue
        if heading:
            outline.heading(level, line.take())
            level = 0
        elif not level and _BLOCKS.fullmatch(tag):
            line.flush(outline, tight=_in_row(element))
        if element is not body:
            line.add(element.tail, keep=_keeps(element.getparent()))
    line.flush(outline)
    return outline.sections()


def _level(element: _Element) -> int:
    """1 to 6 for a heading, else 0. trafilatura says <head rend="h2">, and a plain <head> for <summary>."""
    found = _HEADING.fullmatch(element.get("rend") or "") if element.tag == "head" else _HEADING.fullmatch(element.tag)
    return int(found[1]) if found else 0


def _in_row(element: _Element | None) -> bool:
    return element is not None and element.tag in _ROWS


def _keeps(element: _Element | None) -> bool:
    return element is not None and element.tag in ("pre", "quote")


class _Line:
    """The text of the block being read; spaces and line ends of the source count as one space."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    def add(self, text: str | None, *, keep: bool = False) -> None:
        if text:
            self._parts.append(text if keep else re.sub(r"[ \t\r\n]+", " ", text))

    def cell(self) -> None:
        if "".join(self._parts[-1:]).strip():
            self._parts.append(" | ")

    def take(self) -> str:
        text = "".join(self._parts)
        self._parts = []
        return "\n".join(line.strip(" ") for line in text.split("\n"))

    def flush(self, outline: Outline, *, tight: bool = False) -> None:
        outline.block(self.take(), tight=tight)
