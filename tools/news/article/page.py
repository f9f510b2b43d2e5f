"""A stranger's page as a tree that is safe to work on: decoded, of bounded size and depth, without what no reader sees.

Nothing is fetched or run: lxml is told to stay off the network, reads no DTD and resolves no entity of a file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tools.news.web.charset import decode_body

if TYPE_CHECKING:
    from lxml.html import HtmlElement

__all__ = ["MAX_CHARACTERS", "parse", "prune", "readable"]

# The largest page of the corpora has 3.3 million characters, most of them scripts. What comes after is not read.
MAX_CHARACTERS = 6_000_000
_MAX_TAGS = 40_000  # real pages have at most 12,000; what the extractors need grows with them
_SLIPS = 0.0005  # the end of the page may be cut within a character, and editors err
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_DROPPED = (
    "script", "style", "noscript", "template", "svg", "math", "canvas", "iframe", "object", "embed", "audio",
)  # fmt: skip


def readable(page: bytes | str) -> str:
    """The page's characters, at most `MAX_CHARACTERS`, without those that XML cannot hold."""
    if isinstance(page, bytes):
        page = _decoded(page[: 4 * MAX_CHARACTERS])
    return _CONTROLS.sub(" ", page[:MAX_CHARACTERS])


def _decoded(data: bytes) -> str:
    """Saved pages are UTF-8 more often than they say: their declaration stays when they are converted, and no other
    encoding's text is UTF-8 by chance. GB 18030 would read nearly anything."""
    if not data.isascii() and b"\0" not in data[:1000]:
        text = data.decode("utf-8", "replace")
        if text.count("\ufffd") <= _SLIPS * len(text):
            return text
    return decode_body(data)


def parse(text: str) -> HtmlElement | None:
    """The tree of a page; None where there is nothing to make one of. Of too many tags only the first are kept."""
    from lxml import etree, html

    end = _end_of_tags(text)
    # The text is decoded already, so the parser is told so; huge_tree off bounds the depth of nesting.
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        return html.document_fromstring(text[:end].encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None


def _end_of_tags(text: str) -> int:
    """Where the text has to end so that no more than `_MAX_TAGS` tags begin in it."""
    if text.count("<") <= _MAX_TAGS:
        return len(text)
    at = -1
    for _ in range(_MAX_TAGS):
        at = text.find("<", at + 1)
    return at


def prune(root: HtmlElement) -> None:
    """Take scripts, styles and frames out of the tree, in place; the text after them stays."""
    for element in list(root.iter(*_DROPPED)):
        if element.getparent() is not None:
            element.drop_tree()
