"""The story of a page: its text, chosen block by block by a vote of extractors, with its title, author, time and language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from tools.news.article.blocks import Page, key, split, tokens
from tools.news.article.cover import cover
from tools.news.article.extractors import takes
from tools.news.article.facts import Head, author_of, date_of, language_of, read_head
from tools.news.article.features import VOTERS, Anchors
from tools.news.article.page import parse, prune, readable
from tools.news.article.vote import choose
from tools.news.model import DateFrom, Entry

if TYPE_CHECKING:
    from lxml.html import HtmlElement

__all__ = ["Ballot", "Extraction", "extract", "hold_ballot"]

# A text that the page states for machines, or the feed's own, replaces the vote's where the vote found less than this of it.
_PART = 0.6
_ENOUGH = 30  # words of a text that is worth it
_CELLS = frozenset(("td", "th"))


@dataclass(frozen=True)
class Extraction:
    """A story and how sure its text is.

    `extractor` says whose text it is: `vote`, `data` (the page's JSON-LD), `feed` or "" (nothing was found). `agreement`
    is how far the extractors' own texts, kept in `candidates`, are the same as it, 0 to 1 on the average.
    """

    text: str
    title: str = ""
    author: str = ""
    published: datetime | None = None
    date_from: DateFrom = "none"
    language: str = ""
    extractor: str = ""
    agreement: float = 0.0
    candidates: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ballot:
    """A page in blocks, what each extractor takes from it, and how much of each block each of them took."""

    root: HtmlElement
    page: Page
    head: Head
    anchors: Anchors
    candidates: dict[str, str]
    votes: dict[str, list[float]]


def hold_ballot(page: str | bytes, url: str = "", entry: Entry | None = None) -> Ballot | None:
    """Everything that `choose` decides on; None where the page has nothing to make a tree of."""
    text = readable(page)
    root = parse(text)
    if root is None:
        return None
    whole = split(root)
    head = read_head(text, root, whole, url, entry)
    prune(root)
    candidates = takes(root)
    if head.body:
        candidates["data"] = head.body
    keys = [key(block.text) for block in whole.blocks]
    votes = {_voice(name): cover(keys, found) for name, found in candidates.items()}
    return Ballot(root, whole, head, Anchors(head.title, head.teasers), candidates, votes)


def extract(page: str | bytes, url: str = "", *, entry: Entry | None = None, now: datetime | None = None) -> Extraction:
    """The story of an HTML page. Fetches nothing, runs nothing, and never raises for what the page holds.

    Args:
        page: as it came; bytes are decoded by what they declare and look like.
        url: where it is from; its host tells the site's name and time zone.
        entry: what the source announced. Its title and teaser help to find where the story begins, its date is believed
            before the page's, its full text stands in where the page has less.
        now: with a time zone; dates after it are not believed.

    Returns:
        Plain text, one empty line between paragraphs. All is "" where the page holds no story.
    """
    ballot = hold_ballot(page, url, entry)
    if ballot is None:
        return _from_feed(entry) if entry else Extraction("")
    head, whole, root, candidates = ballot.head, ballot.page, ballot.root, ballot.candidates
    story = choose(whole, ballot.votes, ballot.anchors)
    best = _laid_out(whole, story)
    extractor = "vote" if best else ""
    stated = [("data", head.body), ("feed", entry.body if entry else "")]
    for name, other in stated:
        if tokens(other) >= _ENOUGH and tokens(best) < _PART * tokens(other):
            best, extractor = _paragraphs(other), name
    if entry and entry.body:
        candidates["feed"] = entry.body
    published, date_from = date_of(head, root, whole, story, url, entry, now)
    return Extraction(
        text=best,
        title=head.title,
        author=author_of(head, root, whole, story, entry),
        published=published,
        date_from=date_from,
        language=language_of(best or head.title, root),
        extractor=extractor,
        agreement=_agreement(ballot, story) if extractor == "vote" else float(extractor == "feed"),
        candidates=candidates,
    )


def _from_feed(entry: Entry) -> Extraction:
    return Extraction(
        text=_paragraphs(entry.body),
        title=entry.title,
        author=entry.author,
        published=entry.published,
        date_from=entry.date_from,
        language=language_of(entry.body or entry.title),
        extractor="feed" if entry.body else "",
        agreement=1.0 if entry.body else 0.0,
        candidates={"feed": entry.body} if entry.body else {},
    )


def _voice(name: str) -> str:
    """Under which name a text votes: the stand-in for extractors that found nothing votes as one of them."""
    return name if name in VOTERS else "readable"


def _paragraphs(text: str) -> str:
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return "\n\n".join(line for line in lines if line)


def _laid_out(page: Page, story: Sequence[int]) -> str:
    """Blocks as paragraphs: an empty line between two, none between items of a list or lines of one element, | between cells."""
    parts: list[str] = []
    before: tuple[int, ...] = ()
    for at in story:
        block = page.blocks[at]
        if parts:
            parts.append(_joint(page, before, block.path))
        parts.append(block.text)
        before = block.path
    return "".join(parts)


def _joint(page: Page, before: tuple[int, ...], after: tuple[int, ...]) -> str:
    if not before or not after:
        return "\n\n"
    if before == after:
        return "\n"
    one, other = page.containers[before[-1]], page.containers[after[-1]]
    if one.parent == other.parent:
        if one.tag in _CELLS and other.tag in _CELLS:
            return " | "
        if one.tag == other.tag == "li":
            return "\n"
    return "\n\n"


def _agreement(ballot: Ballot, story: Sequence[int]) -> float:
    """The mean, over the extractors that found something, of how much of their text and the story's is the same (Dice)."""
    words = [tokens(block.text) for block in ballot.page.blocks]
    whole = sum(words[at] for at in story)
    scores = []
    for took in ballot.votes.values():
        taken = sum(count * share for count, share in zip(words, took, strict=True))
        if taken:
            scores.append(2 * sum(words[at] * took[at] for at in story) / (taken + whole))
    return round(sum(scores) / len(scores), 3) if scores else 0.0
