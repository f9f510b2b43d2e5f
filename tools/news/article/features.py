"""What can be said of each block of a page: who took it, what it looks like, and where it stands to the story's beginning.

Nothing here decides; `weights.yaml` says what each feature is worth, and is trained (see `benchmarks.news`).
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from tools.news.article.blocks import HEADINGS, Block, Page, key, tokens

__all__ = ["VOTERS", "Anchors", "describe", "names"]

# The extractors whose texts are votes. `data` is the body that a page states in its JSON-LD: few do, and then it is right.
VOTERS = ("fast", "precise", "readable", "data")
_ENDS = re.compile(r"[。！？!?.…」』”\"）)]\s*$")
_PAUSES = re.compile(r"[，。、；：！？,.;:!?]")
_DATE = re.compile(
    r"(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}|\d{1,2}:\d\d|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^[▲▼△▽●◆■※★➤►>»•→↑圖]")
_ITEMS = frozenset(("li", "article", "section", "div", "tr", "dl", "ul", "p"))
_STRONG = 15  # a block that most extractors took, and of so many words, is surely text
_LEAD = 20  # letters that two copies of a story's first sentence share


@dataclass(frozen=True)
class Anchors:
    """What is known of a story before its text: its title, and the short text that its source or page announces it with."""

    title: str = ""
    teasers: tuple[str, ...] = ()


@cache
def _hints() -> dict[str, re.Pattern[str]]:
    import yaml

    lists = yaml.safe_load(Path(__file__).with_name("hints.yaml").read_text(encoding="utf-8"))
    return {name: re.compile("|".join(lines), re.IGNORECASE) for name, lines in lists.items()}


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


@dataclass
class _View:
    """One page with the votes for it, and everything that its blocks' features share."""

    page: Page
    votes: Mapping[str, Sequence[float]]
    anchors: Anchors

    def __post_init__(self) -> None:
        self.blocks = self.page.blocks
        self.count = len(self.blocks)
        self.keys = [key(block.text) for block in self.blocks]
        self.words = [tokens(block.text) for block in self.blocks]
        took = [self.votes[name] for name in VOTERS if name != "data" and name in self.votes]
        self.agreed = [sum(each) / len(took) for each in zip(*took, strict=True)] if took else [0.0] * self.count
        self.mass = [words * share for words, share in zip(self.words, self.agreed, strict=True)]
        self.all = sum(self.mass) or 1.0
        self.strong = [at for at in range(self.count) if self.agreed[at] >= 0.5 and self.words[at] >= _STRONG]
        self.first, self.last = (self.strong[0], self.strong[-1]) if self.strong else (0, self.count - 1)
        self._weigh_containers()
        self._find_anchor()
        self._find_items()

    def _weigh_containers(self) -> None:
        self.held: dict[int, float] = defaultdict(float)
        self.full: dict[int, float] = defaultdict(float)
        self.inside: dict[int, int] = defaultdict(int)
        self.like_held: dict[tuple[str, ...], float] = defaultdict(float)
        self.like_full: dict[tuple[str, ...], float] = defaultdict(float)
        homes: dict[tuple[str, ...], set[int]] = defaultdict(set)
        self.likes = [self._like(block) for block in self.blocks]
        for at, block in enumerate(self.blocks):
            for container in block.path:
                self.held[container] += self.mass[at]
                self.full[container] += self.words[at]
                self.inside[container] += self.agreed[at] >= 0.5 and self.words[at] >= 10
            self.like_held[self.likes[at]] += self.mass[at]
            self.like_full[self.likes[at]] += self.words[at]
            homes[self.likes[at]].add(block.path[-2] if len(block.path) > 1 else -1)
        self.homes = {like: len(places) for like, places in homes.items()}
        self.core = 0
        for container in sorted(self.held):
            if self.held[container] >= 0.6 * self.all:
                self.core = container

    def _like(self, block: Block) -> tuple[str, ...]:
        """Blocks set alike: same tag and class, in containers of the same class."""
        inner = [self.page.containers[at] for at in block.path[-2:]]
        return (inner[-1].tag, inner[-1].names, inner[0].names) if inner else ()

    def _find_anchor(self) -> None:
        """The block where the story begins: the one most like the teaser, else the first sure one under the title."""
        title = key(self.anchors.title)
        near = [
            at
            for at, block in enumerate(self.keys)
            if len(block) >= 4
            and title
            and (
                block == title
                or (block in title and len(block) > 0.6 * len(title))
                or (title in block and len(block) < 1.6 * len(title))
            )
        ]
        teasers = [_pairs(each) for each in map(key, self.anchors.teasers) if len(each) >= _LEAD]
        self.told = [
            max((len(teaser & _pairs(block)) / len(teaser) for teaser in teasers), default=0.0)
            if len(block) >= _LEAD
            else 0.0
            for block in self.keys
        ]
        self.anchor, self.sure = -1, 0.0
        best = max(
            range(self.count), key=lambda at: (self.told[at] * (1 if self.agreed[at] >= 0.3 else 0.5), -at), default=-1
        )
        if best >= 0 and self.told[best] >= 0.6 and self.agreed[best] >= 0.3:
            self.anchor, self.sure = best, 1.0
        headings = (
            [at for at in near if self._tag(at) == "h1"] or [at for at in near if self._tag(at) in HEADINGS] or near
        )
        if self.anchor < 0 and headings:
            self.anchor = next((at for at in self.strong if at > headings[0]), -1)
        if self.anchor < 0 and self.strong:
            self.anchor = self.strong[0]
        self.heading = max((at for at in near if at <= max(0, self.anchor)), default=-1)
        self.title, self.title_pairs = title, _pairs(title)
        self.kin = frozenset(self.blocks[self.anchor].path) if self.anchor >= 0 else frozenset()

    def _tag(self, at: int) -> str:
        path = self.blocks[at].path
        return self.page.containers[path[-1]].tag if path else ""

    def _find_items(self) -> None:
        """Containers that repeat, at least three alike beside each other, and begin with a heading or with a link."""
        containers = self.page.containers
        beside: dict[tuple[int, str, str], list[int]] = defaultdict(list)
        for at, container in enumerate(containers):
            if container.tag in _ITEMS and (container.names or container.tag in ("li", "article")):
                names = "" if container.tag == "li" else container.names
                beside[container.parent, container.tag, names].append(at)
        repeated = {at for group in beside.values() if len(group) >= 3 for at in group}
        headed: set[int] = set()
        begun: dict[int, bool] = {}
        for at, block in enumerate(self.blocks):
            linked = block.linked > 0.8 * len(block.text)
            if self._tag(at) in HEADINGS or (linked and self.words[at] >= 4):
                headed.update(block.path)
            if self.words[at] >= 4:
                for container in block.path:
                    begun.setdefault(container, linked)
        self.items = repeated & headed
        self.linked_items = {at for at in repeated if begun.get(at)}
        self.other_titles = [0.0] * self.count
        if self.heading < 0 or not self.blocks[self.heading].path:
            return
        own = containers[self.blocks[self.heading].path[-1]]
        if not own.names and own.tag != "h1":
            return
        passed = 0.0
        for at in range(self.anchor + 1, self.count):
            path = self.blocks[at].path
            mine = containers[path[-1]] if path else None
            if mine and mine.tag == own.tag and mine.names == own.names and self.keys[at] != self.title:
                passed = 1.0
            self.other_titles[at] = passed


def describe(page: Page, votes: Mapping[str, Sequence[float]], anchors: Anchors) -> list[list[float]]:
    """One row of features for each block, in the order of `names()`. `votes` as `cover` gives them, by voter."""
    if not page.blocks:
        return []
    view = _View(page, votes, anchors)
    often = Counter(view.keys)
    seen: set[str] = set()
    rows, so_far = [], 0.0
    for at in range(view.count):
        row = _row(view, at)
        row["repeated"], row["repeats"] = float(often[view.keys[at]] > 1), float(view.keys[at] in seen)
        row["so_far"] = so_far / view.all
        so_far += view.mass[at]
        seen.add(view.keys[at])
        rows.append(list(row.values()))
    return rows


def names() -> tuple[str, ...]:
    """The names of the features, in order."""
    lone = Page((Block("x", 0, ()),), ())
    view = _View(lone, {}, Anchors())
    return (*_row(view, 0), "repeated", "repeats", "so_far")


def _row(view: _View, at: int) -> dict[str, float]:
    return {**_votes(view, at), **_words(view, at), **_place(view, at), **_home(view, at)}


def _votes(view: _View, at: int) -> dict[str, float]:
    agreed, mass, words = view.agreed, view.mass, view.words

    def near(other: int) -> float:
        return agreed[other] if 0 <= other < view.count else 0.0

    row = {f"took_{name}": view.votes[name][at] if name in view.votes else 0.0 for name in VOTERS}
    row |= {"agreed": agreed[at], "agreed_squared": agreed[at] ** 2, "agreed_all": float(agreed[at] >= 0.99)}
    row |= {"agreed_1_before": near(at - 1), "agreed_1_after": near(at + 1)}
    row |= {"agreed_2_before": near(at - 2), "agreed_2_after": near(at + 2)}
    row["agreed_both_sides"] = min(near(at - 1), near(at + 1))
    for side, around in (("before", range(max(0, at - 3), at)), ("after", range(at + 1, min(view.count, at + 4)))):
        row[f"agreed_3_{side}"] = sum(mass[i] for i in around) / max(1, sum(words[i] for i in around))
    return row


def _words(view: _View, at: int) -> dict[str, float]:
    block, words, hints = view.blocks[at], view.words[at], _hints()
    text, here = block.text, view.keys[at]
    head = text[:2000]
    linked = block.linked / len(text)
    boilerplate = bool(hints["boilerplate"].search(head))
    return {
        "length": min(1.0, math.log1p(words) / 6),
        "tiny": float(words <= 3),
        "short": float(words < 10),
        "long": float(words > 25),
        "linked": linked,
        "mostly_linked": float(linked > 0.5),
        "short_link": float(linked > 0.5 and words < 25),
        "ends_sentence": float(bool(_ENDS.search(text[-4:]))),
        "pauses": min(1.0, len(_PAUSES.findall(head)) / 8),
        "no_pause": float(not _PAUSES.search(head)),
        "ends_colon": float(text.endswith((":", "："))),
        "bullet": float(bool(_BULLET.match(text))),
        "no_letters": float(not here),
        "boilerplate": float(boilerplate),
        "short_boilerplate": float(boilerplate and words < 40),
        "short_date": float(words < 25 and bool(_DATE.search(head))),
        "short_byline": float(words < 25 and bool(hints["byline"].search(head))),
        "in_title": float(bool(here) and here in view.title and len(here) > 0.5 * len(view.title)),
        "like_title": len(view.title_pairs & _pairs(here[:400])) / max(1, min(len(view.title_pairs), len(here) - 1))
        if len(here) >= 6 and view.title_pairs
        else 0.0,
        "told": view.told[at],
    }


def _place(view: _View, at: int) -> dict[str, float]:
    return {
        "before_first": float(at < view.first),
        "after_last": float(at > view.last),
        "far_before_first": min(1.0, max(0, view.first - at) / 10),
        "far_after_last": min(1.0, max(0, at - view.last) / 10),
        "is_heading": float(at == view.heading),
        "before_heading": float(at < view.heading),
        "under_heading": float(view.heading < at <= view.heading + 2),
        "before_anchor": float(at < view.anchor),
        "from_anchor": min(1.0, abs(at - view.anchor) / 40),
        "is_anchor": float(at == view.anchor),
        "other_title": view.other_titles[at],
    }


def _home(view: _View, at: int) -> dict[str, float]:
    path = view.blocks[at].path
    chain = [view.page.containers[i] for i in path]
    tags = [container.tag for container in chain]
    tag = tags[-1] if tags else ""
    own = chain[-1].names if chain else ""
    foreign = [i for i in path if i not in view.kin]
    parent = path[-1] if path else -1
    above = path[-2] if len(path) > 1 else parent
    like = view.likes[at]
    shared = len(path) - len(foreign)
    mine, theirs = _article(view, path), _article(view, view.blocks[view.anchor].path if view.anchor >= 0 else ())
    row = {
        "in_core": float(view.core in path),
        "held_parent": view.held[parent] / max(1.0, view.full[parent]),
        "held_above": view.held[above] / max(1.0, view.full[above]),
        "weight_parent": view.held[parent] / view.all,
        "weight_above": view.held[above] / view.all,
        "company_above": min(1.0, view.inside[above] / 6),
        "alone_above": float(view.inside[above] <= 1),
        "held_like": view.like_held[like] / max(1.0, view.like_full[like]),
        "weight_like": view.like_held[like] / view.all,
        "homes_like": min(1.0, (view.homes.get(like, 1) - 1) / 6),
        "kin": shared / max(1, len(view.kin)),
        "kin_own": shared / max(1, len(path)),
        "levels_out": min(1.0, (len(view.kin) - shared) / 8),
        "set_as_anchor": float(view.anchor >= 0 and like == view.likes[view.anchor]),
        "sure_kin": view.sure * shared / max(1, len(view.kin)),
        "same_article": float(mine == theirs),
        "other_article": float(mine != theirs and mine >= 0),
        "item": float(any(i in view.items for i in foreign)),
        "linked_item": float(any(i in view.linked_items for i in foreign)),
        "hidden": float(any(container.hidden for container in chain)),
        "tag_p": float(tag == "p"),
        "tag_div": float(tag == "div"),
        "tag_heading": float(tag in HEADINGS),
        "tag_h1": float(tag == "h1"),
        "in_list": float("li" in tags[-3:]),
        "in_figure": float("figcaption" in tags[-3:] or "figure" in tags[-4:]),
        "in_table": float("table" in tags[-5:]),
        "in_form": float("form" in tags[-4:]),
        "in_quote": float("blockquote" in tags[-3:]),
    }
    row |= {f"in_{each}": float(each in tags) for each in ("aside", "footer", "header", "nav", "article")}
    row |= _called(own, " ".join(view.page.containers[i].names for i in foreign))
    return row


@lru_cache(maxsize=4096)
def _called(own: str, between: str) -> dict[str, float]:
    """What a block's container is called, and those that it stands in but the story's beginning does not."""
    hints = _hints()
    row = {}
    for name in ("around", "about", "picture"):
        row[f"named_{name}"] = float(bool(hints[name].search(own)))
        row[f"within_{name}"] = float(bool(hints[name].search(between)))
    for name in ("stream", "story"):
        row[f"within_{name}"] = float(bool(hints[name].search(between)))
    return row


def _article(view: _View, path: Sequence[int]) -> int:
    """The innermost <article> of a path, -1 for none."""
    return next((at for at in reversed(path) if view.page.containers[at].tag == "article"), -1)
