"""What well-kept extractors take for a story's text. Each is one voice; none of them is believed alone.

All come with trafilatura: its quick and its careful reading, and its readability (the rules of Arc90's original). Tried and
left out, because the vote does not get better with them: jusText, resiliparse, readability-lxml, goose3.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tools.news.article.blocks import split, tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml.html import HtmlElement

__all__ = ["takes"]

# Seconds after which no further extractor is begun. Each alone is bounded by the bounds of the tree.
_BUDGET = 4.0
_LONGEST = 400_000
# How a hostile page can make an extractor fail; it then has no voice.
_FAILURES = (RecursionError, ValueError, TypeError, AttributeError, LookupError, AssertionError, ArithmeticError)


def takes(root: HtmlElement, *, budget: float = _BUDGET) -> dict[str, str]:
    """The text that each extractor takes from a page, by its name: `fast`, `precise`, `readable`; "" where it found none.

    `root` is not changed. If nobody finds anything, `plain` stands in: the long blocks that are not links.
    """
    from lxml import etree

    began, found = time.monotonic(), {}
    extractors: dict[str, Callable[[HtmlElement], str]] = {"fast": _fast, "precise": _precise, "readable": _readable}
    for name, extract in extractors.items():
        if time.monotonic() - began > budget:
            break
        try:
            found[name] = extract(root)[:_LONGEST]
        except (*_FAILURES, etree.LxmlError):
            found[name] = ""
    if not any(text.strip() for text in found.values()):
        found["plain"] = _plain(root)
    return found


def _fast(root: HtmlElement) -> str:
    import trafilatura

    return trafilatura.extract(root, fast=True, include_comments=False) or ""


def _precise(root: HtmlElement) -> str:
    import trafilatura

    return trafilatura.extract(root, favor_precision=True, include_comments=False) or ""


def _readable(root: HtmlElement) -> str:
    import copy

    from lxml import html
    from trafilatura.readability_lxml import Document

    summary = Document(copy.deepcopy(root)).summary()
    if not summary.strip():
        return ""
    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
    return "\n".join(block.text for block in split(html.document_fromstring(summary.encode("utf-8"), parser)).blocks)


def _plain(root: HtmlElement) -> str:
    blocks = split(root).blocks
    return "\n".join(
        block.text for block in blocks if tokens(block.text) >= 20 and block.linked < 0.3 * len(block.text)
    )
