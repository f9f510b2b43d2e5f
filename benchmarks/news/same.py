"""Reprints found and different stories kept apart, on the texts of the corpora. `python -m benchmarks.news ... --same`."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping, Sequence

from benchmarks.news.corpora import Sample
from tools.chinese_tables import fold_table
from tools.news.model import Article, article_id
from tools.news.same import group

__all__ = ["measure_same"]

_COUNT = 300
_FOOTER = "本文由本站授權轉載，版權所有，未經同意不得轉載。更多精彩內容請追蹤我們的粉絲專頁與官方帳號。Read more on our site and follow us for updates."
_SENTENCE = re.compile(r"[^。！？.!?\n]+[。！？.!?\n]*")


def _article(at: int, text: str, source: str) -> Article:
    return Article(
        id=article_id(f"https://{source}/{at}"),
        url=f"https://{source}/{at}",
        title=f"{source} {at}",
        source=source,
        text=text,
    )


def _changes(rng: random.Random, filler: Sequence[str]) -> Mapping[str, Callable[[str], str]]:
    sentences = [sentence for text in filler for sentence in _SENTENCE.findall(text)]

    def dropped(text: str) -> str:
        parts = _SENTENCE.findall(text)
        return "".join(part for at, part in enumerate(parts) if at % 5 != 2) if len(parts) >= 5 else text

    def noisy(text: str) -> str:
        return "".join(rng.choice("的是在有人 e a") if rng.random() < 0.04 else char for char in text)

    def shuffled(text: str) -> str:
        parts = _SENTENCE.findall(text)
        rng.shuffle(parts)
        return "".join(parts)

    def inside(text: str) -> str:
        around = ""
        while len(around) < 2 * len(text):
            around += rng.choice(sentences)
        return around[: len(text)] + "\n" + text + "\n" + around[len(text) : 2 * len(text)]

    return {
        "footer added": lambda text: f"{text}\n{_FOOTER}",
        "1 in 5 sentences dropped": dropped,
        "first half": lambda text: text[: len(text) // 2],
        "4 % of characters changed": noisy,
        "shuffled": shuffled,
        "inside a text 3 times as long": inside,
        "Simplified copy": lambda text: text.translate(fold_table()),
    }


def measure_same(corpora: Mapping[str, Sequence[Sample]]) -> None:
    """Print how many reprints of each kind are found among 300 stories, and how many different ones are put together."""
    texts = [sample.body for samples in corpora.values() for sample in samples if len(sample.body) >= 120]
    rng = random.Random(11)
    rng.shuffle(texts)
    stories, filler = texts[:_COUNT], texts[_COUNT:] or texts[:10]
    originals = [_article(at, text, "first") for at, text in enumerate(stories)]
    began = time.process_time()
    groups = group(originals)
    seconds = time.process_time() - began
    print(f"{len(originals)} stories: {len(originals) - len(groups)} false pairs, {seconds:.2f} s CPU")
    for name, change in _changes(rng, filler).items():
        copies = [_article(at, change(text), "second") for at, text in enumerate(stories)]
        began = time.process_time()
        home = {article.url: at for at, each in enumerate(group([*originals, *copies])) for article in each.articles}
        seconds = time.process_time() - began
        found = sum(home[f"https://first/{at}"] == home[f"https://second/{at}"] for at in range(len(stories)))
        wrong = len({home[f"https://first/{at}"] for at in range(len(stories))})
        print(
            f"{name:<32}{found / len(stories):>7.3f} found{len(stories) - wrong:>4} false{seconds:>7.2f} s for {2 * len(stories)}"
        )
