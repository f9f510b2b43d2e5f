"""Whether a page itself says that it may be given to a language model: headers and meta tags. Pure.

Read are X-Robots-Tag and `<meta name="robots">` with `noai`, Content-Signal with `ai-input`, and `tdm-reservation`
(W3C TDM Reservation Protocol) as header or meta. Its file /.well-known/tdmrep.json is not asked for.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from tools.news.web.robots import AiInput, merge_ai, signal_of

__all__ = ["page_ai_input"]

_HEAD = 131_072
_META = re.compile(r"<meta\b([^>]{1,1000})>", re.I)
_ATTRIBUTE = re.compile(
    r"\b(name|http-equiv|content)\s*=\s*(?:\"([^\"]{0,500})\"|'([^']{0,500})'|([^\s\"'>]{1,200}))", re.I
)
_NO = {"noai", "noaiinput", "noml"}


def page_ai_input(headers: Mapping[str, str], text: str, product: str) -> AiInput:
    """What `headers` (lower-case names) and the beginning of an HTML `text` say to a reader called `product`."""
    said = [_robots_tag(headers.get("x-robots-tag", ""), product.lower()), signal_of(headers.get("content-signal", ""))]
    if headers.get("tdm-reservation", "").strip() == "1":
        said.append("no")
    for tag in _META.findall(text[:_HEAD]):
        found = {name.lower(): html.unescape(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(tag)}
        name = (found.get("name") or found.get("http-equiv") or "").strip().lower()
        content = found.get("content", "")
        if name in ("robots", product.lower()):
            said.append("no" if _words(content) & _NO else "unknown")
        elif name == "tdm-reservation":
            said.append("no" if content.strip() == "1" else "unknown")
        elif name == "content-signal":
            said.append(signal_of(content))
    return merge_ai(*said)


def _words(value: str) -> set[str]:
    return {word.strip().lower() for word in value.split(",")}


def _robots_tag(value: str, product: str) -> AiInput:
    """X-Robots-Tag may name a robot before its words: `otherbot: noai, noindex` is not for us."""
    ours = True
    for word in value.split(","):
        who, colon, rest = word.partition(":")
        if colon and who.strip().lower() not in (
            "unavailable_after",
            "max-snippet",
            "max-image-preview",
            "max-video-preview",
        ):
            ours = who.strip().lower() in (product, "*")
            word = rest
        if ours and word.strip().lower() in _NO:
            return "no"
    return "unknown"
