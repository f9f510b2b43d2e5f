"""robots.txt as RFC 9309 reads it, with Crawl-delay and Content-Signal. Pure: text in, rules out.

Matching paths is Protego's, which knows wildcards and the longest match (Python's own robotparser knows neither). Which
group is ours is decided here: Content-Signal stands in groups too, which Protego does not show; and Protego alone files
every rule under every agent named above it, so that a robots.txt of 100 kB could take half a minute and 600 MB.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from protego import Protego

__all__ = ["LARGEST", "AiInput", "Rules", "merge_ai", "read_robots", "signal_of"]

AiInput = Literal["yes", "no", "unknown"]
LARGEST = 512_000
"""Bytes of a robots.txt that are read; RFC 9309 section 2.5 asks for at least 500 KiB."""

_ALLOW = {"allow"}
_DISALLOW = {"disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"}
_AGENT = {"user-agent", "useragent", "user agent"}
_MOST_SITEMAPS = 100
_SIGNAL = re.compile(r"(?:^|[\s,])ai-input\s*=\s*(yes|no)\b", re.I)


@dataclass(frozen=True)
class Rules:
    """What one site's robots.txt says to us. `delay` is the Crawl-delay in seconds as the site wrote it, or None."""

    delay: float | None = None
    ai_input: AiInput = "unknown"
    sitemaps: tuple[str, ...] = ()
    _paths: Protego | None = field(default=None, repr=False, compare=False)

    def allows(self, url: str) -> bool:
        """Whether `url`, of this site, may be fetched. robots.txt itself always may."""
        return self._paths is None or self._paths.can_fetch(url, "*")


def read_robots(text: str, agent: str) -> Rules:
    """The rules of `text` for the product token of `agent` ("FinaleNews/1.0 (…)" → finalenews), else those for "*".

    Groups that name the same agent count as one (RFC 9309 section 2.2.1). Lines that cannot be read are passed over.
    """
    token = re.split(r"[/\s]", agent.strip(), maxsplit=1)[0].lower()
    ours: dict[str, list[tuple[str, str]]] = {}
    sitemaps: list[str] = []
    named: set[str] = set()
    naming = False
    for line in text[:LARGEST].lstrip("\ufeff").splitlines():
        name, colon, value = line.partition("#")[0].partition(":")
        name, value = name.strip().lower(), value.strip()
        if not colon:
            continue
        if name in _AGENT:
            if not naming:
                named = set()
            naming = True
            # Only the groups that can be ours are kept, so that ten thousand names cost nothing.
            who = value.partition("/")[0].strip().lower()
            if who in (token, "*"):
                named.add(who)
                ours.setdefault(who, [])
        elif name in ("sitemap", "site-map"):
            if len(sitemaps) < _MOST_SITEMAPS:
                sitemaps.append(value)
        else:
            naming = False
            for who in named:
                ours[who].append((name, value))
    return _rules(ours.get(token, ours.get("*", [])), tuple(sitemaps))


def _rules(lines: list[tuple[str, str]], sitemaps: tuple[str, ...]) -> Rules:
    paths: list[str] = []
    delay: float | None = None
    signal: AiInput = "unknown"
    for name, value in lines:
        if name in _ALLOW or name in _DISALLOW:
            paths.append(f"{'Allow' if name in _ALLOW else 'Disallow'}: {value}")
        elif name in ("crawl-delay", "crawl delay"):
            delay = _seconds(value) if delay is None else delay
        elif name == "content-signal":
            signal = merge_ai(signal, signal_of(value))
    matcher = None
    if paths:
        from protego import Protego

        matcher = Protego.parse("\n".join(["User-agent: *", *dict.fromkeys(paths)]))
    return Rules(delay, signal, sitemaps, matcher)


def _seconds(value: str) -> float | None:
    try:
        seconds = float(value[:20])
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def signal_of(value: str) -> AiInput:
    """The ai-input of a Content-Signal value such as `search=yes, ai-input=no`; what is not said is unknown."""
    found = [said.lower() for said in _SIGNAL.findall(value[:2000])]
    return "no" if "no" in found else "yes" if found else "unknown"


def merge_ai(*said: AiInput) -> AiInput:
    """One answer out of several: a single no counts, then a yes."""
    return "no" if "no" in said else "yes" if "yes" in said else "unknown"
