"""What a person does not want to read: words and expressions that hide a story, however they are spelled, and what they hid.

A word is found through full-width letters, spaces and signs between its characters, zero-width characters, either script and
either case. What is found shows why (the rule, the place, the words around it), so that a wrong hit (a temple's name that
contains a politician's) is undone by an exception instead of by giving up the rule.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import ClassVar, Literal, cast

from tools.errors import FinaleError
from tools.news.model import Article
from tools.news.mute_find import BadPattern, Finder, Text, finder
from tools.words import Lang, Words

__all__ = ["FIELDS", "Field", "Hidden", "Hit", "Mute", "MuteRuleBad", "Mutes"]

Field = Literal["title", "body", "author", "source"]
FIELDS: tuple[Field, ...] = ("title", "body", "author", "source")
_TAIPEI = timezone(timedelta(hours=8))
_AROUND = 12  # characters of context on each side of a hit
_MOST_HITS = 5


class MuteRuleBad(FinaleError):
    """Raised when a rule is made that could never work: empty, too long, no expression, one that takes too long, no such field."""

    code = "mute_rule_bad"
    words_file: ClassVar[Path] = Path(__file__).with_name("messages.yaml")

    def message(self, lang: Lang = "zh") -> str:
        words = Words.load(self.words_file)
        why = words.say(f"why_{self.params['why']}", lang, **self.params)
        return words.say(self.key, lang, **{**self.params, "why": why})


@dataclass(frozen=True)
class Mute:
    """A rule, as plain data: whoever keeps rules stores these fields.

    `pattern` is a word, or an expression between slashes (/…/, with m or s behind it where wanted; case never counts).
    `exceptions` are phrases: a hit that one of them overlaps and goes beyond does not count (清德宮, or 依賴, for 賴清德).
    `allowed` are the ids of articles shown all the same. After the day `until` the rule rests.
    """

    pattern: str
    fields: tuple[Field, ...] = FIELDS
    until: date | None = None
    exceptions: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    enabled: bool = True

    @property
    def id(self) -> str:
        """The same for the same pattern and fields."""
        return hashlib.sha256("\n".join([self.pattern, *sorted(self.fields)]).encode("utf-8", "replace")).hexdigest()[
            :12
        ]

    def allow(self, article: Article) -> Mute:
        """The rule with an exception for this one article: undo of one hit."""
        return replace(self, allowed=tuple(dict.fromkeys([*self.allowed, article.id])))

    def rests(self, now: datetime) -> bool:
        """Whether the rule is off or over; the day ends at midnight in Taiwan."""
        return not self.enabled or (self.until is not None and now.astimezone(_TAIPEI).date() > self.until)


@dataclass(frozen=True)
class Hit:
    """Where a rule struck: the words as the article has them, with what stands around them."""

    where: Field
    words: str
    before: str
    after: str

    @property
    def context(self) -> str:
        """One line to show, the words in 【】."""
        return f"{self.before}【{self.words}】{self.after}"


@dataclass(frozen=True)
class Hidden:
    """A story that is not shown, and why."""

    article: Article
    rule: Mute
    hits: tuple[Hit, ...]

    @property
    def where(self) -> tuple[Field, ...]:
        """The fields in which the rule struck."""
        return tuple(dict.fromkeys(hit.where for hit in self.hits))

    @property
    def words(self) -> tuple[str, ...]:
        """What was found, each spelling once."""
        return tuple(dict.fromkeys(hit.words for hit in self.hits))


class Mutes:
    """The rules of one person, made ready.

    Raises:
        MuteRuleBad: one of the rules could never work; it names the rule and says why.
    """

    def __init__(self, rules: Iterable[Mute] = ()) -> None:
        self._rules = [(rule, _finder(rule)) for rule in rules]

    @classmethod
    def of(cls, patterns: Iterable[str]) -> Mutes:
        """Rules of nothing but their words or expressions.

        Raises:
            MuteRuleBad: as above.
        """
        return cls(Mute(pattern) for pattern in patterns)

    @property
    def rules(self) -> tuple[Mute, ...]:
        return tuple(rule for rule, _ in self._rules)

    @property
    def exhausted(self) -> tuple[Mute, ...]:
        """Rules whose expression ran out of time on some text, where it found nothing: a person should be told."""
        return tuple(rule for rule, each in self._rules if each.exhausted)

    def check(self, article: Article, *, now: datetime | None = None) -> Hidden | None:
        """Why this article is hidden: the first rule that strikes; None where it is shown."""
        now = now or datetime.now(_TAIPEI)
        texts: dict[Field, Text] = {}
        for rule, each in self._rules:
            if rule.rests(now) or article.id in rule.allowed:
                continue
            hits: list[Hit] = []
            for where in rule.fields:
                if where not in texts:
                    texts[where] = Text(_field(article, where))
                for shown, begin, end in each.find(texts[where]):
                    hits.append(_hit(where, shown, begin, end))
                    if len(hits) >= _MOST_HITS:
                        return Hidden(article, rule, tuple(hits))
            if hits:
                return Hidden(article, rule, tuple(hits))
        return None

    def split(self, articles: Sequence[Article], *, now: datetime | None = None) -> tuple[list[Article], list[Hidden]]:
        """The articles that are shown, and those that are not with their reasons; each in the given order."""
        shown, hidden = [], []
        for article in articles:
            found = self.check(article, now=now)
            if found:
                hidden.append(found)
            else:
                shown.append(article)
        return shown, hidden


def _finder(rule: Mute) -> Finder:
    if not rule.fields or any(name not in FIELDS for name in rule.fields):
        raise MuteRuleBad(pattern=rule.pattern[:40], why="field", fields="、".join(FIELDS))
    try:
        return finder(rule.pattern, tuple(rule.exceptions))
    except BadPattern as error:
        raise MuteRuleBad(pattern=rule.pattern[:40], why=error.why, **error.params) from error


def _field(article: Article, where: Field) -> str:
    if where == "body":
        return f"{article.teaser}\n\n{article.text}"
    return cast(str, getattr(article, where))


def _hit(where: Field, text: str, begin: int, end: int) -> Hit:
    before = " ".join(text[max(0, begin - _AROUND) : begin].split())
    after = " ".join(text[end : end + _AROUND].split())
    return Hit(where, " ".join(text[begin:end].split()), before, after)
