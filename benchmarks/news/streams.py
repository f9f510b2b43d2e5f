"""Pages made harder: a real page with other real stories put behind its own, as pages that never end have them.

Such pages are where every extractor errs, and rare in the corpora; without them nobody learns that the story at the title
matters and not the longest one.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks.news.corpora import Sample
from tools.news.article.blocks import key
from tools.news.article.page import parse, readable

if TYPE_CHECKING:
    from lxml.html import HtmlElement

__all__ = ["make_streams"]

_NAMES = (
    "",
    "stream",
    "list",
    "item",
    "flow__content",
    "block",
    "wrap",
    "row",
    "box",
    "module",
    "post",
    "news-list",
    "x-a1",
)
_OVER = ("Recommended", "More stories", "你可能還想看", "相关推荐", "熱門", "")
_LINE = 20  # letters of a line that is surely a paragraph


def make_streams(samples: Sequence[Sample], count: int, seed: int = 7) -> list[Sample]:
    """At most `count` new pages, half of them Chinese where there are Chinese ones; the same for the same seed."""
    rng = random.Random(seed)
    chinese = [sample for sample in samples if sample.cjk]
    other = [sample for sample in samples if not sample.cjk]
    made = []
    for number in range(count):
        group = chinese if (number % 2 or not other) and len(chinese) > 4 else other
        if len(group) > 4:
            sample = rng.choice(group)
            rest = [each for each in rng.sample(group, min(9, len(group))) if each.id != sample.id]
            new = _harder(sample, rest, rng)
            if new:
                made.append(replace(new, id=f"stream-{number}-{sample.id}"))
    return made


def _lines(sample: Sample) -> list[str]:
    return [line for line in sample.body.split("\n") if len(key(line)) >= _LINE]


def _harder(sample: Sample, rest: Sequence[Sample], rng: random.Random) -> Sample | None:
    from lxml import html

    root = parse(readable(sample.page))
    lines = {key(line) for line in _lines(sample)}
    if root is None:
        return None
    paragraphs = [e for e in root.iter("p", "div", "span") if key("".join(e.itertext())) in lines]
    core = _core(paragraphs)
    if core is None:
        return None
    body = sample.body
    if rng.random() < 0.6 and len(paragraphs) > 3:
        body = _shorten(sample, core, paragraphs, rng.choice((1, 2, 3)))
    place = core
    for _ in range(rng.choice((1, 1, 2, 3))):
        above = place.getparent()
        if above is not None and above.tag not in ("html", "body"):
            place = above
    parent = place.getparent()
    if parent is None:
        return None
    kind = rng.choice((_list, _list, _stories, _teasers))
    parent.insert(parent.index(place) + 1, kind(rest, rng))
    return replace(sample, page=html.tostring(root, encoding="utf-8"), body=body)


def _core(paragraphs: Sequence[HtmlElement]) -> HtmlElement | None:
    """The smallest element with nearly all of the story's paragraphs."""
    held: Counter[HtmlElement] = Counter(above for each in paragraphs for above in each.iterancestors())
    for above in paragraphs[0].iterancestors() if paragraphs else ():
        if held[above] >= 0.8 * len(paragraphs):
            return None if above.tag in ("body", "html") else above
    return None


def _shorten(sample: Sample, core: HtmlElement, paragraphs: Sequence[HtmlElement], keep: int) -> str:
    """Leave only the first paragraphs of the story: short ones are the hard case. Returns what is left."""
    for each in paragraphs[keep:]:
        if each.getparent() is not None:
            each.getparent().remove(each)
    kept = set(paragraphs[:keep])
    for each in list(core.iter("div", "ul", "ol", "section", "table", "blockquote")):
        within = any(above in kept for above in each.iterancestors()) or any(below in kept for below in each.iter())
        if not within and each is not core and each.getparent() is not None and len("".join(each.itertext())) > 60:
            each.getparent().remove(each)
    return "\n".join(_lines(sample)[:keep])


def _title(sample: Sample) -> str:
    return sample.title or sample.body[:30]


def _list(rest: Sequence[Sample], rng: random.Random) -> HtmlElement:
    """A list of other stories, each with its title and the beginning of its text."""
    from lxml.html import builder as E

    inner, outer = rng.choice(_NAMES), rng.choice(_NAMES)
    items = []
    for each in rest[: rng.randint(4, 9)]:
        text = " ".join(_lines(each)[: rng.choice((1, 1, 2, 3))])
        title = rng.choice((E.H3(E.A(_title(each), href="#")), E.H3(_title(each)), E.A(_title(each), href="#")))
        item = E.DIV(title, E.DIV(rng.choice(("法新社", "3 hours ago", "聯合新聞網"))), E.P(text))
        item.set("class", inner)
        items.append(item)
    whole = E.UL(*map(E.LI, items)) if rng.random() < 0.5 else E.DIV(*items)
    whole.set("class", outer)
    return E.DIV(E.DIV(rng.choice(_OVER)), whole)


def _stories(rest: Sequence[Sample], rng: random.Random, lines: int | None = None) -> HtmlElement:
    """The next stories in full."""
    from lxml.html import builder as E

    inner = rng.choice(_NAMES)
    heading, frame = rng.choice((E.H1, E.H2)), E.ARTICLE if lines or rng.random() < 0.3 else E.DIV
    stories = []
    for each in rest[: 6 if lines else rng.choice((1, 1, 2, 3))]:
        title = _title(each) if rng.random() < 0.5 else E.A(_title(each), href="#")
        story = frame(heading(title), E.DIV(*map(E.P, _lines(each)[:lines])))
        story.set("class", inner)
        stories.append(story)
    whole = E.DIV(*stories)
    whole.set("class", rng.choice(_NAMES))
    return whole


def _teasers(rest: Sequence[Sample], rng: random.Random) -> HtmlElement:
    """The beginnings of other stories, each an article of its own."""
    return _stories(rest, rng, rng.choice((1, 2)))
