"""How like a topic a story is, where no model is asked: by the words of what is wanted, and against those of what is not."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["likenesses", "wishes_of"]

# Up to the end of its clause, what follows these is not wanted.
_NOT = re.compile(
    r"(?:不要|不想看?|不談|不含|不包括|排除|除了|別|\b(?:not|no|without|except|excluding)\b)([^，。；,;.!！?？]*)", re.I
)
# Words about the wish and not about the news.
_ABOUT = re.compile(
    r"我?(?:想|要)(?:知道|看|讀|找|了解)?(?:的是)?|最近的?|今天的?|有關|關於|相關的?|方面的?|新聞|消息|要有|具體(?:的|一點)?|案例|怎麼|如何|什麼|哪些"
    r"|\b(?:news|about|latest|recent|any|the|of|on|in|how)\b",
    re.I,
)
_NONE, _FULL = (
    0.06,
    0.25,
)  # ranker scores of a story that has nothing to do with a topic, and of one that is all about it


def wishes_of(topic: str) -> tuple[str, str]:
    """What is wanted and what is not, e.g. ("AI 對工作的影響", "產品")."""
    unwanted = " ".join(match.strip() for match in _NOT.findall(topic) if match.strip())
    wanted = _ABOUT.sub(" ", _NOT.sub(" ", topic))
    wanted = " ".join(re.sub(r"[，。；、,;.!！?？]", " ", wanted).split())
    return wanted or topic, unwanted


def likenesses(topic: str, texts: Sequence[str]) -> list[float]:
    """For each text how like the topic it is, 0 to 1."""
    wanted, unwanted = wishes_of(topic)
    found = _scores(wanted, texts)
    if unwanted:
        against = _scores(unwanted, texts)
        found = [one / 2 if other > max(one, 0.5) else one for one, other in zip(found, against, strict=True)]
    return found


def _scores(words: str, texts: Sequence[str]) -> list[float]:
    from tools.retrieval import GlossEmbedder, Ranker

    embedder = GlossEmbedder()
    scores = [0.0] * len(texts)
    for ranked in Ranker(texts, embedder.embed(texts), embedder).rank(words):
        scores[ranked.position] = min(1.0, max(0.0, (ranked.score - _NONE) / (_FULL - _NONE)))
    return scores
