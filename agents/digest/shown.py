"""A finished digest as it is to be seen now: under other weights, and without what was muted since. Nothing is asked anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.digest.mutes import MuteRule, as_mutes
from agents.digest.order import together
from agents.digest.state import DigestArticle, DigestOutput, Dropped
from tools.news.model import Article
from tools.words import Lang, Words

__all__ = ["arranged", "default_weights"]

_WORDS = Path(__file__).with_name("messages.yaml")


def default_weights(output: DigestOutput) -> dict[str, float]:
    """The weights a digest was made with."""
    return {one["id"]: float(one["weight"]) for one in output.rubric.get("criteria", [])}


def arranged(
    output: DigestOutput, weights: Mapping[str, float] | None = None, rules: Sequence[MuteRule] = (), lang: Lang = "zh"
) -> DigestOutput:
    """`output` with the best stories under `weights`, as many as it was made for, and with what `rules` hide among the dropped.

    Stories that had been below the cut may come up; they have no summary, so their own teaser stands in for it.
    """
    if weights is None or dict(weights) == default_weights(output):
        articles, dropped = list(output.articles), list(output.dropped)
    else:
        articles, dropped = _sorted_anew(output, weights, lang)
    shown = []
    mutes = as_mutes(rules)
    for article in articles:
        found = mutes.check(_as_article(article))
        if found is None:
            shown.append(article)
            continue
        words = "、".join(dict.fromkeys(hit.words for hit in found.hits))
        hidden = _dropped(article, "mute", Words.load(_WORDS).say("why_mute", lang, words=words))
        update = {"matched": [hit.context for hit in found.hits], "rule": found.rule.pattern}
        dropped.append(hidden.model_copy(update=update))
    rubric = output.rubric
    if weights is not None:
        criteria = [{**one, "weight": weights.get(one["id"], one["weight"])} for one in rubric.get("criteria", [])]
        rubric = {**rubric, "criteria": criteria}
    return output.model_copy(update={"articles": shown, "dropped": dropped, "rubric": rubric})


def _sorted_anew(
    output: DigestOutput, weights: Mapping[str, float], lang: Lang
) -> tuple[list[DigestArticle], list[Dropped]]:
    rivals = [_from_below(story) for story in output.dropped if story.why == "score" and story.reasons]
    found = []
    for article in [*output.articles, *rivals]:
        judged = {
            "reasons": {name: {"score": reason.score} for name, reason in article.reasons.items()},
            "topic": {"score": article.topic.score if article.topic else 0.0},
        }
        found.append(article.model_copy(update={"score": round(together(judged, weights, bool(output.topic)), 2)}))
    found.sort(key=lambda article: (-article.score, article.id))
    best, rest = found[: output.limit], found[output.limit :]
    compared = {article.id for article in found}
    others = [story for story in output.dropped if story.id not in compared]
    words = Words.load(_WORDS)
    below = [_dropped(one, "score", words.say("why_score", lang, score=round(one.score, 1))) for one in rest]
    return best, [*others, *below]


def _from_below(story: Dropped) -> DigestArticle:
    copied = ("id", "title", "url", "source", "published", "teaser", "topic", "reasons")
    return DigestArticle(**{name: getattr(story, name) for name in copied}, score=0.0, brief=story.teaser[:90])


def _dropped(article: DigestArticle, why: Any, detail: str) -> Dropped:
    copied = ("id", "title", "url", "source", "published", "teaser", "score", "topic", "reasons")
    return Dropped(**{name: getattr(article, name) for name in copied}, why=why, detail=detail)


def _as_article(article: DigestArticle) -> Article:
    """A story with all that is shown of it, for a rule to look at."""
    topic = article.topic.why if article.topic else ""
    text = "\n".join([article.brief, article.summary, *article.points.values(), topic, article.text])
    return Article(
        id=article.id,
        url=article.url,
        title=article.title,
        source=article.source,
        text=text,
        author=article.author,
        teaser=article.teaser,
    )
