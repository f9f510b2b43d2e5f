"""A page as the blocks of text that a reader sees one under the other, each with the containers it stands in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

__all__ = ["HEADINGS", "Block", "Container", "Page", "key", "split", "tokens"]

HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
# What is not text for a reader, and the sounds that ruby sets beside characters.
_UNSEEN = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "svg",
        "math",
        "canvas",
        "iframe",
        "object",
        "embed",
        "audio",
        "video",
        "head",
        "select",
        "option",
        "button",
        "textarea",
        "input",
        "map",
        "rt",
        "rp",
    ]
)
_BLOCKS = HEADINGS | frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "main",
        "header",
        "footer",
        "nav",
        "aside",
        "li",
        "dt",
        "dd",
        "dl",
        "ul",
        "ol",
        "pre",
        "blockquote",
        "figure",
        "figcaption",
        "table",
        "tbody",
        "thead",
        "tr",
        "td",
        "th",
        "caption",
        "form",
        "fieldset",
        "address",
        "details",
        "summary",
        "hr",
        "body",
        "center",
        "html",
        "picture",
    ]
)
# Bounds for hostile pages; the longest real story of the corpora has 2,400 blocks and 90,000 characters on its page.
MAX_BLOCKS, MAX_TEXT, MAX_BLOCK = 6_000, 600_000, 40_000
# One character of Chinese, Japanese or Korean counts as a word; elsewhere a word is what stands between spaces and signs.
_CJK = "\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af"
_TOKEN = re.compile(f"[{_CJK}]|[^\\W{_CJK}_]+")
_NOT_KEY = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Container:
    """An element that makes a block: its tag, its class, id and itemprop in one string, and the one around it (-1: none)."""

    tag: str
    names: str
    parent: int
    hidden: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text between two breaks. `linked` is how many of its characters are links; `path` the containers, outermost first."""

    text: str
    linked: int
    path: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """All blocks of a page in order, with the containers that their paths point at."""

    blocks: tuple[Block, ...]
    containers: tuple[Container, ...]


def tokens(text: str) -> int:
    """The length of a text in words; a Chinese character is one."""
    return len(_TOKEN.findall(text))


def key(text: str) -> str:
    """A text's letters and digits alone, in lower case: what two copies of it have in common."""
    return _NOT_KEY.sub("", text).lower()


def split(root: HtmlElement) -> Page:
    """The blocks of a page's body. Without recursion; of a page beyond all bounds only the beginning."""
    from lxml import etree

    body = root.find("body")
    body = root if body is None else body
    builder = _Builder()
    unseen = 0
    for event, element in etree.iterwalk(body, events=("start", "end", "comment", "pi")):
        tag = element.tag
        if builder.full:
            break
        if event in ("comment", "pi"):
            if not unseen:
                builder.add(element.tail)
        elif not isinstance(tag, str):
            continue
        elif event == "start":
            unseen += tag in _UNSEEN
            if not unseen:
                builder.enter(element, tag)
        else:
            if tag in _UNSEEN:
                unseen -= 1
            elif not unseen:
                builder.leave(tag)
            if not unseen and element is not body:
                builder.add(element.tail)
    builder.flush()
    return Page(tuple(builder.blocks), tuple(builder.containers))


class _Builder:
    """Collects text until a block-level element begins or ends."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.containers: list[Container] = []
        self._path: list[int] = []
        self._parts: list[str] = []
        self._linked = self._links = self._length = self._total = 0

    @property
    def full(self) -> bool:
        return len(self.blocks) >= MAX_BLOCKS or self._total >= MAX_TEXT

    def enter(self, element: HtmlElement, tag: str) -> None:
        if tag in _BLOCKS:
            self.flush()
            names = " ".join(filter(None, (element.get("class"), element.get("id"), element.get("itemprop"))))
            style = (element.get("style") or "")[:200].replace(" ", "").lower()
            hidden = "display:none" in style or element.get("hidden") is not None
            self.containers.append(Container(tag, names[:120], self._path[-1] if self._path else -1, hidden))
            self._path.append(len(self.containers) - 1)
        elif tag == "br":
            self.flush()
        elif tag == "a":
            self._links += 1
        self.add(element.text)

    def leave(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.flush()
            self._path.pop()
        elif tag == "a":
            self._links -= 1

    def add(self, text: str | None) -> None:
        if text and self._length < MAX_BLOCK:
            text = text[: MAX_BLOCK - self._length]
            self._parts.append(text)
            self._length += len(text)
            if self._links > 0:
                self._linked += len(text.strip())

    def flush(self) -> None:
        text = " ".join("".join(self._parts).split())
        if text and not self.full:
            self.blocks.append(Block(text, min(self._linked, len(text)), tuple(self._path)))
            self._total += len(text)
        self._parts, self._linked, self._length = [], 0, 0
