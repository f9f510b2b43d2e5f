"""How much a folded text resembles the labelled cases: a small linear model beside the rules of the crisis gate.

Rules know the words they were given. This model weighs all short pieces of a text, learned from tests/data/crisis_cases.csv,
and so also hears what no rule foresaw. It is a table in `rag_data/hotlines/learned.json`: pieces, and for each what it
says for every kind. `python -m benchmarks.crisis --learn` writes it anew; nothing is ever learned from users.
"""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Iterator
from itertools import combinations, pairwise

from pydantic import BaseModel, ConfigDict

from agents.counselor.gate_data import CrisisKind
from agents.counselor.gate_rules import STRUCK, rules
from tools.settings import data_dir

__all__ = ["WINDOW", "LearnedFile", "likeness", "pieces", "windows"]

WINDOW = 90  # characters above which a text is heard sentence by sentence

_TOKEN = re.compile(r"[a-z0-9]+|\x1e+|[^\sa-z0-9\x1f]")  # an idiom that was struck out is one token
_SENTENCE = re.compile(r"[^\n]+")


class LearnedFile(BaseModel):
    """learned.json. `pieces[piece]`: how telling the piece is (its inverse document frequency), then its weight for each
    of `kinds`; all numbers but `scale` are `scale` times too large."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    note: str
    kinds: tuple[CrisisKind, ...]
    scale: int
    bias: tuple[int, ...]
    pieces: dict[str, tuple[int, ...]]


@functools.cache
def _learned() -> LearnedFile:
    text = (data_dir() / "hotlines" / "learned.json").read_text(encoding="utf-8")
    return LearnedFile.model_construct(**json.loads(text))  # a test validates the file; here every start would pay


def pieces(key: str) -> set[str]:
    """What the model sees of a folded text: its characters or words, pairs and triples of them; the beginnings and
    insides of Latin words, which survive a wrong letter; the concepts of signals.yaml in it, and each two of them."""
    tokens = ["^", *(token if token.strip(STRUCK) else "*" for token in _TOKEN.findall(key)), "$"]
    seen = set(tokens)
    seen.update(" ".join(pair) for pair in pairwise(tokens))
    seen.update(" ".join(triple) for triple in zip(tokens, tokens[1:], tokens[2:], strict=False))
    for word in tokens:
        if len(word) > 3 and word.isascii():
            seen.add("<" + word[:4])
            seen.update("~" + word[at : at + 3] for at in range(len(word) - 2))
    topics = rules().topics(key)
    seen.update("=" + topic for topic in topics)
    seen.update("+".join(two) for two in combinations(topics, 2))
    return seen


def windows(key: str) -> Iterator[str]:
    """The folded text itself, or for a long one its sentences, each with the next."""
    if len(key) <= WINDOW:
        yield key
        return
    sentences = [found[0][start : start + WINDOW] for found in _SENTENCE.finditer(key) for start in _starts(found[0])]
    for one, two in zip(sentences, [*sentences[1:], ""], strict=True):
        yield one if len(one) + len(two) > WINDOW else f"{one}\n{two}"


def _starts(sentence: str) -> range:
    return range(0, max(1, len(sentence) - WINDOW // 3), WINDOW // 2)


def likeness(key: str) -> dict[CrisisKind, float]:
    """How probable each kind is for one window, as the model sees it; the values add up to 1."""
    learned = _learned()
    known = [line for piece in pieces(key) if (line := learned.pieces.get(piece))]
    norm = learned.scale * (math.sqrt(sum(telling * telling for telling, *_ in known)) or 1.0)
    scores = [value / learned.scale for value in learned.bias]
    for telling, *weights in known:
        for place, weight in enumerate(weights):
            scores[place] += telling * weight / norm
    highest = max(scores)
    odds = [math.exp(score - highest) for score in scores]
    return {CrisisKind(kind): odd / sum(odds) for kind, odd in zip(learned.kinds, odds, strict=True)}
