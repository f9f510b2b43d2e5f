"""HTML of strangers as a tree to look around in: nothing runs, nothing is fetched, nesting may be as deep as it likes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tools.news.web.address import safe_link

if TYPE_CHECKING:
    from lxml.html import HtmlElement

__all__ = ["base_of", "linked_data", "meta", "page_tree", "words"]

_MOST_CHARACTERS = 3_000_000
_MOST_SCRIPTS = 20
_LONGEST_SCRIPT = 500_000
_MOST_OBJECTS = 3_000
_SILENT = frozenset(("script", "style", "noscript", "template", "svg"))


def page_tree(text: str) -> HtmlElement | None:
    """The tree of a page, its first 3 million characters; None where nothing is left of it."""
    from lxml import etree, html

    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        return html.document_fromstring(text[:_MOST_CHARACTERS].encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None


def base_of(root: HtmlElement, url: str) -> str:
    """What relative links of the page start from: its <base>, if that is a web address, else its own."""
    base = root.find(".//base[@href]")
    return (safe_link(base.get("href", ""), url) if base is not None else None) or url


def words(element: HtmlElement, skip: frozenset[HtmlElement] = frozenset()) -> str:
    """The text inside an element on one line, without scripts and the elements in `skip`."""
    from lxml import etree

    parts: list[str] = []
    hidden = 0
    for event, inner in etree.iterwalk(element, events=("start", "end")):
        silent = inner.tag in _SILENT or inner in skip
        if event == "start":
            hidden += silent
            text = inner.text
        else:
            hidden -= silent
            text = inner.tail if inner is not element else ""
            parts.append(" " if inner.tag not in ("b", "i", "em", "strong", "span", "a", "u") else "")
        if text and not hidden:
            parts.append(text)
    return " ".join("".join(parts).split())


def meta(root: HtmlElement) -> dict[str, str]:
    """The page's meta tags by lower-case name, property or itemprop; the first of each."""
    found: dict[str, str] = {}
    for element in root.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        content = element.get("content") or ""
        if name and content.strip():
            found.setdefault(name.strip().lower(), content.strip())
    return found


def linked_data(root: HtmlElement) -> Iterator[dict[str, Any]]:
    """Every object of the page's JSON-LD, outer ones first; blocks that are no JSON are passed over."""
    scripts = [
        each for each in root.iter("script") if (each.get("type") or "").strip().lower() == "application/ld+json"
    ]
    seen = 0
    for script in scripts[:_MOST_SCRIPTS]:
        try:
            waiting = [json.loads((script.text or "")[:_LONGEST_SCRIPT], strict=False)]
        except (ValueError, RecursionError):
            continue
        while waiting and seen < _MOST_OBJECTS:
            value = waiting.pop(0)
            seen += 1
            if isinstance(value, dict):
                yield value
                waiting += [inner for inner in value.values() if isinstance(inner, dict | list)]
            elif isinstance(value, list):
                waiting += [inner for inner in value if isinstance(inner, dict | list)]
