"""The same story once: finds reprints by the runs of characters they share, whatever was cut, added or converted.

The measure is containment: of all runs of five letters (signs and spaces aside, both scripts as one) in the shorter text, how
many stand in the longer one too. A reprint with a footer, with paragraphs dropped, in Simplified characters or inside a longer
piece keeps most of them; two reports of one event hardly share any. That two stories tell of one event in different words is
another question: `likely_same_event` gives a hint, for a model to decide in a request that is made anyway.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from tools.chinese import fold
from tools.news.model import Article, Permission

__all__ = ["Group", "containment", "group", "likely_same_event"]

_RUN = 5
_SAME = 0.6  # measured: every reprint is above, no pair of different stories
_SAME_FAR = 0.75  # farther apart in time than the window: yesterday's stock report has today's words
_WINDOW = timedelta(hours=36)
_SHORT = 60  # letters under which a text says less than its title
_SAME_TITLE, _TITLE_LETTERS = 0.75, 10
_PART = 0.5  # a copy with less than this of the longer text's length may also be one of several stories in it
_LIKE_TITLE = 0.3
_FURNITURE = 3  # a line that one source has under so many different titles belongs to none of them
_LOOKED_AT = 8  # groups, those that share most with a text, that it is compared with in full
_AS_LONG = 0.9  # lengths that count as the same when the main one is chosen
_NOT_LETTER = re.compile(r"[\W_]+")
_FIGURE = re.compile(r"\d+(?:\.\d+)?")
_MOST_LETTERS = 60_000
_LONG = 8_000  # letters from which a quarter of the runs is kept and compared
_MOST_ROUNDS = 4  # of taking roundups out; one inside another is rare
# Reports of one mould (earthquakes, exchange rates) share their words but not their figures.
_MOULD, _FIGURES = 600, 3  # letters that such a report has at most, figures at least
_SAME_FIGURES, _SURE = 0.5, 0.92  # with fewer figures the same it takes this much of the words
_NOTICE = 400  # letters that a notice in a story's place (for subscribers only, cookies) may have


@dataclass(frozen=True)
class Group:
    """One story: the article to show, and its copies in the order they were given."""

    main: Article
    copies: tuple[Article, ...] = ()

    @property
    def articles(self) -> tuple[Article, ...]:
        """All of them, the main one first."""
        return (self.main, *self.copies)


@dataclass(frozen=True)
class _Print:
    """An article's fingerprint."""

    at: int
    article: Article
    runs: frozenset[str]
    marks: frozenset[str]
    letters: int
    title: frozenset[str] = field(repr=False)
    title_letters: int
    figures: frozenset[str]
    title_figures: frozenset[str]


def group(articles: Sequence[Article], *, permission: Mapping[str, Permission] | None = None) -> list[Group]:
    """Articles by story, in the order in which each story first appears.

    `permission` by source name: the main one of a group is one whose text may be used, if there is one; of those the longest,
    of equally long ones the earliest. No two articles are put together only because a third resembles both.
    """
    left, done = _prints(articles), []
    for _ in range(_MOST_ROUNDS):
        placed = _place(left)
        # A roundup hides that what it holds are stories of their own: without it they find their copies.
        roundups = [own for members in placed if (own := _roundup(members))]
        if not roundups:
            break
        done += roundups
        taken = {one.at for own in roundups for one in own}
        left = [one for one in left if one.at not in taken]
    else:
        placed = _place(left)
    found = _join_short([*done, *placed])
    for members in found:
        members.sort(key=lambda one: one.at)
    return [_group(members, permission or {}) for members in sorted(found, key=lambda members: members[0].at)]


def _place(prints: Sequence[_Print]) -> list[list[_Print]]:
    """From the longest down, each text is compared with the first of each group only: those share hardly any runs, so that
    this is linear, and nothing joins a group whose first it does not resemble."""
    placed: list[list[_Print]] = []
    by_run: dict[str, list[int]] = defaultdict(list)
    for each in sorted(prints, key=lambda one: (-one.letters, one.at)):
        home = _home(each, placed, by_run)
        if home is None:
            placed.append([each])
            for run in each.marks:
                by_run[run].append(len(placed) - 1)
        else:
            placed[home].append(each)
    return placed


def containment(one: str, other: str) -> float:
    """How much of the shorter text the longer one holds, 0 to 1."""
    return _contained(_runs(_letters(one)), _runs(_letters(other)))


def likely_same_event(one: Article, other: Article) -> float:
    """How likely two articles tell of the same event, 0 to 1: by their titles' characters, the names and figures that both
    hold, and how near in time they are. A hint, not a verdict: above .5 it is worth asking."""
    if _contained(_runs(_letters(one.text)), _runs(_letters(other.text))) >= _SAME:
        return 1.0
    titles = _overlap(_pairs(one.title), _pairs(other.title))
    names = _overlap(_names(one), _names(other))
    if one.published and other.published:
        hours = abs(one.published.timestamp() - other.published.timestamp()) / 3600
        near = math.exp(-hours / (_WINDOW.total_seconds() / 3600))
    else:
        near = 0.5
    return round((0.55 * titles + 0.45 * names) * (0.6 + 0.4 * near), 3)


def _letters(text: str) -> str:
    return _NOT_LETTER.sub("", fold(text[:_MOST_LETTERS]))


def _runs(letters: str) -> frozenset[str]:
    return frozenset([letters[at : at + _RUN] for at in range(len(letters) - _RUN + 1)])


def _marks(runs: frozenset[str]) -> frozenset[str]:
    """A quarter of the runs, the same ones in every text: enough to find a text by, a quarter of the work."""
    return frozenset(run for run in runs if (ord(run[0]) + 7 * ord(run[2]) + 3 * ord(run[4])) % 4 == 0) or runs


def _pairs(text: str) -> frozenset[str]:
    letters = _letters(text)
    return frozenset(letters[at : at + 2] for at in range(len(letters) - 1))


def _contained(one: frozenset[str], other: frozenset[str]) -> float:
    least = min(len(one), len(other))
    return len(one & other) / least if least else 0.0


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Dice: the shared part of both together."""
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def _prints(articles: Sequence[Article]) -> list[_Print]:
    folded = [fold(one.text[:_MOST_LETTERS]) for one in articles]
    lines = [[_NOT_LETTER.sub("", line) for line in text.split("\n")] for text in folded]
    titles = [_pairs(article.title) for article in articles]
    # A helpline, an app, a notice under its stories says nothing about two of them. Titles that are alike are one story's.
    under: dict[tuple[str, str], list[frozenset[str]]] = defaultdict(list)
    for article, title, own in zip(articles, titles, lines, strict=True):
        for line in filter(None, own):
            unlike = under[article.source, line]
            if len(unlike) < _FURNITURE and all(_overlap(title, other) < _LIKE_TITLE for other in unlike):
                unlike.append(title)
    prints = []
    for at, (article, title, own) in enumerate(zip(articles, titles, lines, strict=True)):
        letters = "".join(line for line in own if line and len(under[article.source, line]) < _FURNITURE)
        runs = _runs(letters)
        marks = _marks(runs)
        heading = fold(article.title)
        prints.append(
            _Print(
                at,
                article,
                runs if len(letters) <= _LONG else marks,
                marks,
                len(letters),
                title,
                len(_NOT_LETTER.sub("", heading)),
                frozenset(_FIGURE.findall(folded[at])),
                frozenset(_FIGURE.findall(heading)),
            )
        )
    return prints


def _home(each: _Print, placed: Sequence[Sequence[_Print]], by_run: Mapping[str, Sequence[int]]) -> int | None:
    """The group whose first article holds this one's text; of several the one that holds most."""
    if each.letters < _SHORT:
        return None
    shared = Counter(at for run in each.marks for at in by_run.get(run, ()))
    best, most = None, 0.0
    for at, _ in shared.most_common(_LOOKED_AT):
        first = placed[at][0]
        held = _held(each, first)
        if held > most and held >= _needed(each, first):
            best, most = at, held
    return best


def _held(one: _Print, other: _Print) -> float:
    if max(one.letters, other.letters) > _LONG:
        return _contained(one.marks, other.marks)
    return _contained(one.runs, other.runs)


def _needed(one: _Print, other: _Print) -> float:
    """The containment from which two texts are the same; above 1 where they are not however much they share."""
    house = one.article.source == other.article.source != ""
    if house and max(one.letters, other.letters) < _NOTICE and _overlap(one.title, other.title) < _LIKE_TITLE:
        return math.inf
    fewer = min(one.figures, other.figures, key=len)
    alike = max(one.letters, other.letters) < _MOULD
    if alike and len(fewer) >= _FIGURES and len(one.figures & other.figures) < _SAME_FIGURES * len(fewer):
        return _SURE
    return _SAME if _near(one.article, other.article) else _SAME_FAR


def _near(one: Article, other: Article) -> bool:
    """Within the window, as far as is known."""
    if not one.published or not other.published:
        return True
    return abs(one.published.timestamp() - other.published.timestamp()) <= _WINDOW.total_seconds()


def _roundup(members: Sequence[_Print]) -> list[_Print]:
    """The roundup of a group with what is the same as it, [] where it has none: a text that holds several stories which have
    nothing in common. What has its title, or most of its length, is the same as it."""
    first, own, parts = members[0], [members[0]], list[_Print]()
    for one in members[1:]:
        if one.letters >= _PART * first.letters or _overlap(one.title, first.title) >= _LIKE_TITLE:
            own.append(one)
        elif not any(_held(one, part) >= _SAME for part in parts):
            parts.append(one)
    return own if len(parts) > 1 else []


def _join_short(groups: Sequence[list[_Print]]) -> list[list[_Print]]:
    """Articles with next to no text (headline only) join the group that has their title and time, if just one has."""
    found: list[list[_Print]] = []
    by_pair: dict[str, set[int]] = defaultdict(set)
    for members in sorted(groups, key=lambda one: one[0].letters < _SHORT):
        one, at = members[0], len(found)
        if one.letters < _SHORT:
            shared = Counter(near for pair in one.title for near in by_pair.get(pair, ()))
            homes = [
                near
                for near, count in shared.items()
                if count >= _SAME_TITLE * len(one.title) / 2 and any(_same_title(one, other) for other in found[near])
            ]
            if len(homes) == 1:
                at = homes[0]
        if at == len(found):
            found.append([])
        found[at] += members
        for other in members:
            for pair in other.title:
                by_pair[pair].add(at)
    return found


def _same_title(one: _Print, other: _Print) -> bool:
    return (
        min(one.title_letters, other.title_letters) >= _TITLE_LETTERS
        and _overlap(one.title, other.title) >= _SAME_TITLE
        and one.title_figures == other.title_figures
        and _near(one.article, other.article)
    )


def _group(members: Sequence[_Print], permission: Mapping[str, Permission]) -> Group:
    usable = [one for one in members if permission.get(one.article.source, "llm") == "llm"] or list(members)
    longest = max(one.letters for one in usable)
    best = min(
        (one for one in usable if one.letters >= _AS_LONG * longest),
        key=lambda one: (
            one.article.published is None,
            one.article.published.timestamp() if one.article.published else 0,
            one.at,
        ),
    )
    return Group(best.article, tuple(one.article for one in members if one is not best))


_NAME = re.compile(
    r"「[^」]{2,12}」|《[^》]{2,20}》|【[^】]{2,12}】|\b[A-Z][\w-]{2,}(?: [A-Z][\w-]+)*|\d[\d,.]*(?:%|萬|億|兆|人|元|歲|公里|級|度)?"
)
_FEW_NAMES = 4


def _names(article: Article) -> frozenset[str]:
    """Quoted words, Latin names and figures of the title and the first lines, and runs of three Chinese characters there
    that the text comes back to."""
    head = f"{article.title}\n{article.text[:300] or article.teaser[:300]}"
    found = {fold(name).strip("「」《》【】 ") for name in _NAME.findall(head)}
    letters, body = _letters(head), _letters(article.text[:4000])
    often = (letters[at : at + 3] for at in range(len(letters) - 2))
    found |= {run for run in often if "\u4e00" <= run[0] <= "\u9fff" and body.count(run) >= _FEW_NAMES}
    return frozenset(name for name in found if len(name) > 1)
