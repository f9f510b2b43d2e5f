"""One source as the list shows it, put together from what is shipped, what a person chose and what robots.txt said."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from tools.news.model import Permission, Source, SourceKind
from tools.news.sources.defaults import DefaultList, Shipped, Spoken
from tools.news.sources.errors import BadChange
from tools.news.sources.opml import Outline
from tools.news.sources.text import plain
from tools.words import Lang, Words

__all__ = ["LONGEST_NAME", "Listed", "checked", "checked_permission", "of_default", "of_own", "place_of", "topics_of"]

LONGEST_NAME = 80
_MOST_TOPICS, _LONGEST_TOPIC = 5, 20
_KINDS: tuple[SourceKind, ...] = ("auto", "feed", "sitemap", "list", "page")
_LANGUAGE = re.compile(r"(?:[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3})?")
_WORDS = Path(__file__).with_name("messages.yaml")


@dataclass(frozen=True)
class Listed:
    """A source as the list shows it: `own` if a person added it, `edited` if they changed a default one.

    `why` is the reason of the permission; `warning` is there where the address is known not to work.
    """

    source: Source
    topics: tuple[str, ...]
    own: bool
    edited: bool
    why: Spoken
    evidence: str = ""
    warning: Spoken | None = None

    def message(self, lang: Lang = "zh") -> str:
        """Why the source has its permission."""
        return self.why.say(lang)


def of_default(
    shipped: Shipped, choice: sqlite3.Row | None, robots: Permission | None, defaults: DefaultList
) -> Listed:
    """A shipped source with a person's changes."""
    chosen: dict[str, Any] = {key: choice[key] for key in choice.keys() if choice[key] is not None} if choice else {}  # noqa: SIM118
    permission, decided, why = _permission(
        chosen.get("permission"), robots, shipped.permission, defaults.reasons[shipped.why]
    )
    source = Source(
        shipped.id,
        chosen.get("url", shipped.url),
        chosen.get("name", shipped.name),
        chosen.get("kind", shipped.kind),
        permission,
        decided,
        chosen.get("language", shipped.language),
        bool(chosen.get("enabled", shipped.enabled)),
    )
    topics = tuple(json.loads(chosen["topics"])) if "topics" in chosen else shipped.topics
    edited = bool(chosen.keys() - {"id", "hidden", "enabled", "permission"})
    return Listed(source, topics, False, edited, why, shipped.evidence)


def of_own(row: sqlite3.Row, choice: sqlite3.Row | None, robots: Permission | None, defaults: DefaultList) -> Listed:
    """A person's own source; a site that has spoken about AI for all its addresses sets the permission it starts with."""
    rule = defaults.rule_for(row["url"])
    start = rule.permission if rule else "llm"
    reason = defaults.reasons[rule.why] if rule else _spoken("permission_own")
    permission, decided, why = _permission(choice["permission"] if choice else None, robots, start, reason)
    enabled = bool(choice["enabled"]) if choice and choice["enabled"] is not None else True
    source = Source(row["id"], row["url"], row["name"], row["kind"], permission, decided, row["language"], enabled)
    return Listed(source, tuple(json.loads(row["topics"])), True, False, why, warning=defaults.warning(row["url"]))


def _permission(
    person: Permission | None, robots: Permission | None, default: Permission, why: Spoken
) -> tuple[Permission, Literal["default", "robots", "person"], Spoken]:
    """A person beats robots, robots beat the default."""
    if person:
        return person, "person", _spoken("permission_person")
    if robots:
        return robots, "robots", _spoken(f"permission_robots_{robots}")
    return default, "default", why


def _spoken(key: str) -> Spoken:
    words = Words.load(_WORDS)
    return Spoken(zh=words.say(key, "zh"), en=words.say(key, "en"))


def place_of(url: str) -> str:
    """The same for addresses that differ in http or https, www and a final slash."""
    parts = urlsplit(url)
    host = (parts.netloc.lower()).removeprefix("www.")
    return f"{host}{parts.path.rstrip('/')}{'?' if parts.query else ''}{parts.query}"


def checked(
    *,
    name: str | None = None,
    kind: str | None = None,
    language: str | None = None,
    topics: Sequence[str] | None = None,
) -> dict[str, str]:
    """The values that were given, as they are stored.

    Raises:
        BadChange: one of them does not fit.
    """
    values: dict[str, str] = {}
    if name is not None:
        values["name"] = plain(name, LONGEST_NAME + 1)
        if not 1 <= len(values["name"]) <= LONGEST_NAME:
            raise BadChange("bad_change_name", most=LONGEST_NAME)
    if kind is not None:
        values["kind"] = _one_of(kind, _KINDS, "bad_change_kind")
    if language is not None:
        if not _LANGUAGE.fullmatch(language):
            raise BadChange("bad_change_language", value=plain(language, 40))
        values["language"] = language
    if topics is not None:
        tidy = [plain(topic, _LONGEST_TOPIC + 1) for topic in dict.fromkeys(topics)]
        if len(tidy) > _MOST_TOPICS or not all(1 <= len(topic) <= _LONGEST_TOPIC for topic in tidy):
            raise BadChange("bad_change_topics", most=_MOST_TOPICS, longest=_LONGEST_TOPIC)
        values["topics"] = json.dumps(tidy, ensure_ascii=False)
    return values


def checked_permission(value: str | None) -> str | None:
    """`value`, if it is a permission or None.

    Raises:
        BadChange: it is something else.
    """
    return None if value is None else _one_of(value, get_args(Permission), "bad_change_permission")


def _one_of(value: str, known: Sequence[str], code: str) -> str:
    if value not in known:
        raise BadChange(code, value=plain(value, 40), known="、".join(known))
    return value


def topics_of(outline: Outline) -> tuple[str, ...]:
    """The folders of an outline that can be topics, the innermost ones first."""
    fitting = [folder for folder in reversed(outline.folders) if len(folder) <= _LONGEST_TOPIC]
    return tuple(dict.fromkeys(fitting))[:_MOST_TOPICS]
