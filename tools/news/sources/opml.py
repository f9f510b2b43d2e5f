"""OPML in and out: the list of sources as every feed reader exchanges it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

from tools.news.sources.decode import to_text
from tools.news.sources.errors import BadOpml, TooManySources
from tools.news.sources.sniff import from_root, look
from tools.news.sources.text import plain
from tools.news.sources.xmltree import local, tree
from tools.news.web.address import safe_link

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["MAX_OUTLINES", "Opml", "Outline", "read_opml", "write_opml"]

MAX_OUTLINES = 1_000
_MOST_BYTES = 5_000_000
_DEEPEST = 50


@dataclass(frozen=True)
class Outline:
    """One source of an OPML file. `folders` are the outlines around it, outermost first; `feed` is False for a web page."""

    url: str
    name: str
    site: str = ""
    folders: tuple[str, ...] = ()
    language: str = ""
    feed: bool = True


@dataclass(frozen=True)
class Opml:
    """What an OPML file holds; `refused` counts the outlines whose address is none we would ask."""

    title: str
    outlines: tuple[Outline, ...]
    refused: int = 0
    repeated: int = 0


def read_opml(body: bytes, content_type: str = "") -> Opml:
    """The sources of an OPML file of version 1 or 2, nested as it likes; declarations and entities in it are ignored.

    Raises:
        BadOpml: it is no OPML, larger than 5 MB, or holds no source.
        TooManySources: it names more than 1,000.
    """
    text = to_text(body, content_type) if len(body) <= _MOST_BYTES else ""
    seen = look(text)
    root = tree(from_root(text, seen)) if seen.root == "opml" else None
    if root is None:
        raise BadOpml
    title = next((plain(element.text, 120) for element in root.iter() if local(element) == "title"), "")
    found: dict[str, Outline] = {}
    refused = repeated = 0
    for element, folders in _outlines(root):
        address = _attribute(element, "xmlurl") or (
            _attribute(element, "url") if _attribute(element, "type") == "link" else ""
        )
        if not address:
            continue
        url = safe_link(address)
        if url is None:
            refused += 1
        elif url in found:
            repeated += 1
        elif len(found) == MAX_OUTLINES:
            raise TooManySources(most=MAX_OUTLINES)
        else:
            found[url] = _outline(element, url, folders)
    if not found and not refused:
        raise BadOpml
    return Opml(title, tuple(found.values()), refused, repeated)


def _outlines(root: _Element) -> Iterable[tuple[_Element, tuple[str, ...]]]:
    """Every outline with the names of those around it, without recursion."""
    from lxml import etree

    around: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if local(element) != "outline":
            continue
        if event == "start":
            yield element, tuple(name for name in around[:_DEEPEST] if name)
            around.append(_name(element))
        else:
            around.pop()


def _outline(element: _Element, url: str, folders: tuple[str, ...]) -> Outline:
    language = _attribute(element, "language")
    return Outline(
        url,
        _name(element) or url,
        safe_link(_attribute(element, "htmlurl")) or "" if _attribute(element, "htmlurl") else "",
        folders,
        language if len(language) <= 20 and language.replace("-", "").isalnum() else "",
        bool(_attribute(element, "xmlurl")),
    )


def _name(element: _Element) -> str:
    return plain(_attribute(element, "text") or _attribute(element, "title"), 80)


def _attribute(element: _Element, name: str) -> str:
    """Readers disagree on the case of xmlUrl."""
    return next((value.strip() for key, value in element.attrib.items() if str(key).lower() == name), "")


def write_opml(outlines: Iterable[Outline], title: str, now: datetime) -> bytes:
    """An OPML 2.0 file in UTF-8, with its folders. Pages that are no feeds become outlines of type link."""
    from lxml import etree

    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = plain(title)
    etree.SubElement(head, "dateCreated").text = format_datetime(now)
    body = etree.SubElement(root, "body")
    groups: dict[tuple[str, ...], _Element] = {(): body}
    for outline in outlines:
        for depth in range(1, len(outline.folders) + 1):
            path = outline.folders[:depth]
            if path not in groups:
                groups[path] = etree.SubElement(
                    groups[path[:-1]], "outline", text=plain(path[-1]), title=plain(path[-1])
                )
        name = plain(outline.name)
        element = etree.SubElement(groups[outline.folders], "outline", text=name, title=name)
        element.set("type", "rss" if outline.feed else "link")
        element.set("xmlUrl" if outline.feed else "url", outline.url)
        for key, value in (("htmlUrl", outline.site), ("language", outline.language)):
            if value:
                element.set(key, value)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
