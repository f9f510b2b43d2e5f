"""`python -m benchmarks.news`: body, title, date and author of stories, on corpora that you fetched yourself.

    python -m benchmarks.news --saeb DIR --fundus DIR --zh DIR [--zh DIR] [--single] [--worst 5]
    python -m benchmarks.news --saeb DIR --fundus DIR --zh DIR --train tools/news/article/weights.yaml

Pages are split in two halves by their names: the weights are trained on the first, the second is held out.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from benchmarks.news.corpora import Sample, read_fundus, read_saeb, read_zh
from benchmarks.news.score import Counts, compare, f1, macro, same_authors, same_day
from tools.news.article import Extraction, extract
from tools.news.article.title import same_title

_HEAD = (
    f"{'corpus':<10}{'half':<9}{'pages':>6}{'F1':>8}{'P':>7}{'R':>7}{'<.5':>5}"
    f"{'title':>8}{'like':>7}{'date':>7}{'author':>8}{'pages/s':>9}"
)


@dataclass(frozen=True)
class Measured:
    """One page's results; None where the corpus does not know."""

    sample: Sample
    counts: Counts
    title: bool | None
    title_like: bool | None
    date: bool | None
    author: bool | None
    seconds: float
    single: dict[str, Counts]


def measure(sample: Sample, *, single: bool) -> Measured:
    """Extract one page and compare."""
    began = time.process_time()
    seen_at = sample.seen_at.replace(tzinfo=UTC) if sample.seen_at and not sample.seen_at.tzinfo else sample.seen_at
    found = extract(sample.page, sample.url, now=seen_at)
    seconds = time.process_time() - began
    title = " ".join(sample.title.split()) if sample.title else None
    return Measured(
        sample=sample,
        counts=compare(sample.body, found.text, cjk=sample.cjk),
        title=None if title is None else title == found.title,
        title_like=None if title is None else same_title(title, found.title),
        date=same_day(sample.date, found.published) if sample.date else None,
        author=same_authors(sample.authors, found.author) if sample.authors else None,
        seconds=seconds,
        single=_single(sample, found) if single else {},
    )


def _single(sample: Sample, found: Extraction) -> dict[str, Counts]:
    texts = {name: found.candidates.get(name, "") for name in ("fast", "precise", "readable", "data")}
    return {name: compare(sample.body, text, cjk=sample.cjk) for name, text in texts.items()}


def _share(values: Sequence[bool | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{sum(known) / len(known):.3f}" if known else "–"


def _line(name: str, half: str, pages: Sequence[Measured]) -> str:
    total = macro([page.counts for page in pages])
    low = sum(f1(page.counts) < 0.5 for page in pages)
    return (
        f"{name:<10}{half:<9}{len(pages):>6}{total.f1:>8.4f}{total.precision:>7.3f}{total.recall:>7.3f}{low:>5}"
        f"{_share([page.title for page in pages]):>8}{_share([page.title_like for page in pages]):>7}"
        f"{_share([page.date for page in pages]):>7}{_share([page.author for page in pages]):>8}"
        f"{len(pages) / sum(page.seconds for page in pages):>9.1f}"
    )


def report(name: str, samples: Sequence[Sample], *, single: bool, worst: int) -> None:
    """Measure a corpus and print its lines."""
    pages = [measure(sample, single=single) for sample in samples]
    halves: dict[str, Callable[[Measured], bool]] = {
        "tuned": lambda page: page.sample.tuned,
        "held out": lambda page: not page.sample.tuned,
        "all": lambda page: True,
    }
    for half, belongs in halves.items():
        chosen = [page for page in pages if belongs(page)]
        if chosen:
            print(_line(name, half, chosen), flush=True)
    for voice in pages[0].single if single else ():
        alone = macro([page.single[voice] for page in pages])
        print(f"{'':<10}{voice:<9}{'':>6}{alone.f1:>8.4f}{alone.precision:>7.3f}{alone.recall:>7.3f}")
    for page in sorted(pages, key=lambda each: f1(each.counts))[:worst]:
        print(f"    {f1(page.counts):.2f}  {page.sample.id[:24]:<26}{page.sample.url[:90]}")


def main() -> None:
    """Read the corpora that were given, and print the table or train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--saeb", type=Path)
    parser.add_argument("--fundus", type=Path)
    parser.add_argument("--zh", type=Path, action="append", default=[])
    parser.add_argument("--single", action="store_true", help="also each extractor alone")
    parser.add_argument("--worst", type=int, default=0, metavar="N", help="name the N worst pages of each corpus")
    parser.add_argument("--train", type=Path, metavar="FILE", help="train on the first halves and write the weights")
    parser.add_argument("--same", action="store_true", help="instead: reprints among the texts of the corpora")
    given = parser.parse_args()
    corpora = {"saeb": read_saeb(given.saeb)} if given.saeb else {}
    corpora |= {"fundus": read_fundus(given.fundus)} if given.fundus else {}
    corpora |= {folder.resolve().name[:9]: read_zh(folder) for folder in given.zh}
    if not corpora:
        parser.error("name at least one corpus: --saeb, --fundus or --zh")
    if given.train:
        from benchmarks.news.train import train

        train(corpora, given.train)
        return
    if given.same:
        from benchmarks.news.same import measure_same

        measure_same(corpora)
        return
    print(_HEAD)
    for name, samples in corpora.items():
        report(name, samples, single=given.single, worst=given.worst)


if __name__ == "__main__":
    main()
