"""How much a folded text resembles the labelled cases: the crisis gate's ear.

Each short piece of a text (characters and words, two or three in a row) has a weight for each question that is asked of it,
learned from tests/data/crisis_cases.csv by `python -m benchmarks.crisis --learn`. Nothing is ever learned from users.
The table is `rag_data/hotlines/learned.json`; weighing a text is a look-up and a sum, the same on every machine.
"""

from __future__ import annotations

import functools
import json
import math
import re
from itertools import pairwise
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from tools.settings import data_dir

__all__ = [
    "MOST",
    "QUESTIONS",
    "STRANGE",
    "WINDOW",
    "LearnedFile",
    "Odds",
    "Question",
    "learned",
    "likeness",
    "norm",
    "pieces",
    "windows",
]

Question = Literal["alarm", "uneasy", "self", "other", "violence"]
Odds = dict[Question, float]

# alarm: does it speak of harm; uneasy: is it anything but everyday talk; then, who or what an alarm is about
QUESTIONS: tuple[Question, ...] = get_args(Question)

WINDOW = 90  # characters of one window of a long text, about two sentences
MOST = 60  # sentences of a long text that are heard at most
STRANGE = 0.3  # what a piece that no case has counts in a text's length, relative to the rarest known one

_TOKEN = re.compile(r"[a-z0-9]+|[^\sa-z0-9\x1f]")
_TYPE = re.compile("[ei][ns][tf][jp]s?")  # which of the sixteen types is named says nothing here, nor does which number
_SENTENCE = re.compile(r"[^\n]+")


class LearnedFile(BaseModel):
    """learned.json. `pieces[piece]`: how telling the piece is (its inverse document frequency), then its weight for each
    of `questions`; all numbers but `scale` are `scale` times too large."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    note: str
    questions: tuple[Question, ...]
    scale: int
    rarest: int
    bias: tuple[int, ...]
    pieces: dict[str, tuple[int, ...]]


@functools.cache
def learned() -> LearnedFile:
    text = (data_dir() / "hotlines" / "learned.json").read_text(encoding="utf-8")
    return LearnedFile.model_construct(**json.loads(text))  # a test validates the file; here every start would pay


def pieces(key: str) -> set[str]:
    """What is weighed of a folded text: its characters or words, pairs and triples of them, pairs with one left out between;
    and the beginnings and insides of Latin words, which survive a wrong letter."""
    tokens = ["^", *map(_common, _TOKEN.findall(key)), "$"]
    seen = set(tokens)
    seen.update(" ".join(pair) for pair in pairwise(tokens))
    for one, two, three in zip(tokens, tokens[1:], tokens[2:], strict=False):
        seen.add(f"{one} {two} {three}")
        seen.add(f"{one}_{three}")
    for word in tokens:
        if len(word) > 3 and word.isascii():
            seen.add("<" + word[:4])
            seen.update("~" + word[at : at + 3] for at in range(len(word) - 2))
    return seen


def _common(token: str) -> str:
    if token.isdecimal() and len(token) > 1:
        return "00"
    return "mbti" if _TYPE.fullmatch(token) else token


def norm(squares: float, strangers: int, rarest: float) -> float:
    """The length of a text that its weights are divided by: unknown pieces count, so that a text of which little is known
    is not judged by that little."""
    return math.sqrt(squares + STRANGE * strangers * rarest * rarest) or 1.0


def windows(key: str) -> list[str]:
    """A long folded text sentence by sentence, and each two that are short together; none for a text of one window.

    Of a very long text only the first and the last MOST / 2 are heard.
    """
    if len(key) <= WINDOW:
        return []
    sentences = [found[0][start : start + WINDOW] for found in _SENTENCE.finditer(key) for start in _starts(found[0])]
    sentences = sentences if len(sentences) <= MOST else sentences[: MOST // 2] + sentences[-MOST // 2 :]
    pairs = pairwise(sentences)
    return [*sentences, *(f"{one}\n{two}" for one, two in pairs if len(one) + len(two) < WINDOW)]


def _starts(sentence: str) -> range:
    return range(0, max(1, len(sentence) - WINDOW // 3), WINDOW // 2)


def likeness(key: str) -> Odds:
    """How probable a yes to each question is, from 0 to 1."""
    table, seen = learned(), pieces(key)
    known = [line for piece in seen if (line := table.pieces.get(piece))]
    length = norm(sum(telling * telling for telling, *_ in known), len(seen) - len(known), table.rarest)
    scores = [0] * len(table.questions)
    for telling, *weights in known:
        for place, weight in enumerate(weights):
            scores[place] += telling * weight
    sums = (bias / table.scale + score / length / table.scale for bias, score in zip(table.bias, scores, strict=True))
    return {question: 1 / (1 + math.exp(-total)) for question, total in zip(table.questions, sums, strict=True)}
