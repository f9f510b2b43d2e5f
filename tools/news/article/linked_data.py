"""What a page says of itself for machines: JSON-LD and meta tags. Claims of a stranger, read as text and never followed."""

from __future__ import annotations

import html
import json
import re
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from tools.news.article.blocks import key

if TYPE_CHECKING:
    from lxml.html import HtmlElement

__all__ = ["article_nodes", "meta", "state_nodes", "strings"]

_LINKED = re.compile(r"""\btype\s*=\s*["']?application/ld\+json""", re.IGNORECASE)
_ASSIGNED = re.compile(r"\s{0,20}(?:(?:window\.)?[\w.$]{1,60}\s{0,5}=)?\s{0,20}(?=\{)")
_OPEN, _CLOSE = re.compile("<script", re.IGNORECASE), re.compile("</script", re.IGNORECASE)
_DECODER = json.JSONDecoder(strict=False)
_MOST_SCRIPTS, _LONGEST_SCRIPT, _MOST_NODES, _LONGEST = 30, 2_000_000, 20_000, 300_000
_STORIES = re.compile(r"article|posting|report|newsstory|liveblog", re.IGNORECASE)
_EVERY = re.compile(r"[\[{]")


def article_nodes(page: str) -> list[dict[str, Any]]:
    """The objects of a page's JSON-LD that describe a story, outermost first. What is not JSON is passed over."""
    found: list[dict[str, Any]] = []
    linked = (script for attributes, script in _scripts(page) if _LINKED.search(attributes))
    for script in islice(linked, _MOST_SCRIPTS):
        try:
            data = json.loads(_bare(script), strict=False)
        except (ValueError, RecursionError):
            continue
        found += [node for node in _nodes(data) if _STORIES.search(" ".join(strings(node.get("@type"))))]
    return found


def state_nodes(page: str, title: str) -> list[dict[str, Any]]:
    """The objects named `title` in the data that a page hands to its own scripts (Next.js, Redux, Nuxt and their like).

    Pages that scripts build often state the time of a story nowhere else.
    """
    whole, found = key(title), []
    if len(whole) < 6:
        return []
    marks = (title[:12], json.dumps(title[:12])[1:-1])
    told = (script for _, script in _scripts(page) if any(mark in script for mark in marks))
    for script in islice(told, _MOST_SCRIPTS):
        begin = _ASSIGNED.match(script)
        try:
            data = _DECODER.raw_decode(script, begin.end())[0] if begin else None
        except (ValueError, RecursionError):
            continue
        found += [
            node for node in _nodes(data) if any(key(name) == whole for name in strings(node, "title", "headline"))
        ]
    return found


def _scripts(page: str) -> Iterator[tuple[str, str]]:
    """The attributes and the content of each script. Looks at every character once, whatever is left open."""
    at = 0
    while (begin := _OPEN.search(page, at)) and (end := page.find(">", begin.end())) >= 0:
        close = _CLOSE.search(page, end)
        if close is None:
            return
        if close.start() - end <= _LONGEST_SCRIPT:
            yield page[begin.end() : min(end, begin.end() + 600)], page[end + 1 : close.start()]
        at = close.end()


def _bare(script: str) -> str:
    """Without the comment or CDATA marks that some systems put around the JSON."""
    script = script.replace("<![CDATA[", "").replace("]]>", "")
    begin = _EVERY.search(script)
    end = max(script.rfind("}"), script.rfind("]"))
    return script[begin.start() : end + 1] if begin else ""


def _nodes(data: Any) -> Iterator[dict[str, Any]]:
    waiting, seen = deque([data]), 0
    while waiting and seen < _MOST_NODES:
        node = waiting.popleft()
        seen += 1
        if isinstance(node, dict):
            yield node
            waiting += [each for each in node.values() if isinstance(each, dict | list)]
        elif isinstance(node, list):
            waiting += [each for each in node if isinstance(each, dict | list)]


def strings(value: Any, *names: str) -> list[str]:
    """The texts in a value of JSON-LD: itself, the `names` of an object (the first that it has), or those of each in a list."""
    out: list[str] = []
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            each = next((each[name] for name in names if isinstance(each.get(name), str)), None)
        if isinstance(each, str) and each.strip():
            out.append(html.unescape(each[:_LONGEST]).strip())
    return out


def meta(root: HtmlElement, *names: str) -> list[str]:
    """The contents of the meta tags with one of these names (name, property or itemprop), in the order of `names`."""
    by_name: dict[str, list[str]] = {}
    for tag in root.iter("meta"):
        for attribute in ("property", "name", "itemprop"):
            name = (tag.get(attribute) or "").lower()
            content = (tag.get("content") or "").strip()
            if name and content:
                by_name.setdefault(name, []).append(content[:2000])
    return [content for name in names for content in by_name.get(name, ())]
