"""Stories as plain data: made of what is announced or pasted, sifted, without what is muted, each once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from agents.digest.mutes import MuteRule, as_mutes
from tools.news.model import Article, Entry, Source, article_id

if TYPE_CHECKING:
    from tools.news.mute import Mutes

__all__ = [
    "LONGEST",
    "as_article",
    "as_named",
    "as_story",
    "in_taiwan",
    "muted",
    "mutes_of",
    "once",
    "pasted_stories",
    "sift",
    "without_title",
]

_FUTURE = timedelta(hours=2)
_TEASER = 400
_KANA = re.compile(r"[\u3041-\u30ff]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_JAPANESE = 0.15  # share of kana in a Japanese text; a の in a brand's name is less
LONGEST = 60_000  # characters of a story that are kept: as many as muted words are looked for in

Story = dict[str, Any]


def in_taiwan(text: str) -> str:
    """`text` in Taiwan's characters and words. Japanese stays: its characters only look like Simplified ones."""
    from tools.chinese import to_taiwan

    kana, han = len(_KANA.findall(text)), len(_HAN.findall(text))
    return text if kana > _JAPANESE * (kana + han) else to_taiwan(text).text


def without_title(text: str, title: str) -> str:
    """`text` without a first line that only repeats the title: it would be summarised as news of its own."""
    first, _, rest = text.partition("\n")
    return rest.strip() if rest.strip() and _bare(first) == _bare(title) else text


def _bare(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _short(id: str) -> str:
    """Half an id tells a day's stories apart, and a model has to write each one down."""
    return id[:10]


def as_story(source: Source, entry: Entry) -> Story:
    """An announced story."""
    return {
        "id": _short(article_id(entry.url, entry.title + entry.teaser)),
        "title": in_taiwan(entry.title),
        "url": entry.url,
        "source": source.name,
        "source_id": source.id,
        "permission": source.permission,
        "published": entry.published.isoformat() if entry.published else "",
        "date_from": entry.date_from,
        "author": in_taiwan(entry.author),
        "asked": source.permission_from == "person",
        "teaser": in_taiwan(entry.teaser or entry.body[:_TEASER]),
        "text": in_taiwan(entry.body[:LONGEST]) if source.permission == "llm" else "",
        "agreement": 1.0,
        "extractor": "feed" if entry.body else "",
    }


def pasted_stories(texts: Sequence[str], named: str) -> list[Story]:
    """Stories a person brought; `named` is the source they are shown under where they name none."""
    from tools.news.article import pasted

    return [
        {
            "id": _short(article.id),
            "title": in_taiwan(article.title),
            "url": article.url,
            "source": article.source or named,
            "source_id": "paste",
            "permission": "llm",
            "published": article.published.isoformat() if article.published else "",
            "date_from": article.date_from,
            "author": in_taiwan(article.author),
            "asked": True,
            "teaser": in_taiwan(article.text[:_TEASER]),
            "text": in_taiwan(article.text[:LONGEST]),
            "agreement": article.agreement,
            "extractor": article.extractor or "paste",
        }
        for text in texts
        for article in pasted(text)
    ]


def as_article(story: Mapping[str, Any]) -> Article:
    """A story as the tools take it."""
    return Article(
        id=story["id"],
        url=story["url"],
        title=story["title"],
        source=story["source"],
        text=story["text"] or story["teaser"],
        published=datetime.fromisoformat(story["published"]) if story["published"] else None,
        author=story["author"],
        teaser=story["teaser"],
    )


def sift(stories: Sequence[Story], hours: int, now: datetime) -> tuple[list[Story], list[tuple[Story, str]]]:
    """Stories young enough, the newest first, each address once; and the others with their reason (date, duplicate).

    A story without a date stays, after all that have one: many pages tell none, and dropping them would hide whole sites.
    So does one that a person brought, whatever its date.
    """
    kept: dict[str, Story] = {}
    left: list[tuple[Story, str]] = []
    oldest = now - timedelta(hours=hours)
    for story in stories:
        at = datetime.fromisoformat(story["published"]) if story["published"] else None
        if story["id"] in kept:
            left.append((story, "duplicate"))
        elif at and story["source_id"] != "paste" and not oldest <= at <= now + _FUTURE:
            left.append((story, "date"))
        else:
            kept[story["id"]] = story
    brought = [story for story in kept.values() if story["source_id"] == "paste"]
    read = [story for story in kept.values() if story["source_id"] != "paste"]
    dated = [story for story in read if story["published"]]
    dated.sort(key=lambda story: -datetime.fromisoformat(story["published"]).timestamp())
    return [*brought, *dated, *(story for story in read if not story["published"])], left


def mutes_of(rules: Sequence[Mapping[str, Any]]) -> Mutes:
    """A run's rules as the tool takes them."""
    return as_mutes([MuteRule.model_validate(rule) for rule in rules])


def as_named(words: str) -> Article:
    """A few words as an article, for a rule to look at."""
    return Article(id="", url="", title=words, source=words, text="")


def muted(stories: Sequence[Story], rules: Sequence[Mapping[str, Any]]) -> tuple[list[Story], list[tuple[Story, Any]]]:
    """The stories that no rule hides, and those that one does with what it found (tools.news.mute.Hidden)."""
    if not rules:
        return list(stories), []
    mutes = mutes_of(rules)
    kept, hidden = [], []
    for story in stories:
        found = mutes.check(as_article(story))
        if found:
            hidden.append((story, found))
        else:
            kept.append(story)
    return kept, hidden


def once(stories: Sequence[Story]) -> tuple[list[Story], list[tuple[Story, str]]]:
    """Each story once, its copies named on it; and the copies with the title they repeat."""
    from tools.news.same import group

    by_id = {story["id"]: dict(story) for story in stories}
    permission = {story["source"]: story["permission"] for story in stories}
    copies = []
    for one in group([as_article(story) for story in stories], permission=permission):
        main = by_id[one.main.id]
        for copy in one.copies:
            other = by_id.pop(copy.id)
            main["copies"] = [*main.get("copies", []), {name: other[name] for name in ("source", "url", "title")}]
            copies.append((other, main["title"]))
    return [by_id[story["id"]] for story in stories if story["id"] in by_id], copies
