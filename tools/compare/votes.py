"""Blind votes: which two replies to show next, on which sides, and what a judge asked in both orders has said. Stores nothing."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from tools.compare.model import Reply, Vote, Winner

__all__ = ["Pair", "judge_verdict", "next_pair", "vote"]


@dataclass(frozen=True)
class Pair:
    """Two replies to one prompt as they are shown: without their models' names until the vote is given."""

    prompt_id: str
    left: Reply
    right: Reply


def next_pair(replies: Sequence[Reply], votes: Sequence[Vote], seed: int = 0) -> Pair | None:
    """The pair that is to be judged next by a person; None when every pair has been, or no two models answered one prompt.

    The two models with the fewest votes between them come first, then the prompt with the fewest votes of theirs. Sides, and
    what is equal in that, follow from `seed` alone: the same state shows the same pair, on every reload. Only models that
    answered are shown: one that was down lost nothing.
    """
    by_prompt: dict[str, dict[str, list[Reply]]] = defaultdict(lambda: defaultdict(list))
    for reply in replies:
        if reply.answered:
            by_prompt[reply.prompt_id][reply.model].append(reply)
    given = [vote for vote in votes if vote.by == "person"]
    of_pair = Counter(_key(vote.left, vote.right) for vote in given)
    of_prompt = Counter((vote.prompt, _key(vote.left, vote.right)) for vote in given)
    shown = {frozenset((vote.left_reply, vote.right_reply)) for vote in given}
    best: tuple[tuple[int, int, str], Pair] | None = None
    for prompt_id, of_model in by_prompt.items():
        for one, other in combinations(sorted(of_model), 2):
            key = _key(one, other)
            order = (of_pair[key], of_prompt[prompt_id, key], _dice(seed, prompt_id, *key))
            if best is not None and order >= best[0]:
                continue
            pair = _unseen(of_model[one], of_model[other], shown, of_prompt[prompt_id, key])
            if pair:
                best = order, _seated(prompt_id, *pair, seed)
    return best[1] if best else None


def vote(pair: Pair, winner: Winner, at: str) -> Vote:
    """A person's vote on `pair`; `at` is an ISO date with zone."""
    return Vote(
        prompt=pair.prompt_id,
        left=pair.left.model,
        right=pair.right.model,
        winner=winner,
        at=at,
        left_reply=pair.left.id,
        right_reply=pair.right.id,
    )


def judge_verdict(first: Winner | None, second: Winner | None) -> Winner | None:
    """What a judge that was asked twice says of the sides as they stood the first time.

    `second` is its answer with the sides changed, so that "left" twice is the same seat twice and no opinion: a disagreement is a
    tie (Zheng et al., "Judging LLM-as-a-judge", NeurIPS 2023, section 3.4). None where either answer is missing: no data.
    """
    if first is None or second is None:
        return None
    turned: dict[Winner, Winner] = {"left": "right", "right": "left", "tie": "tie"}
    return first if first == turned[second] else "tie"


def _key(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one <= other else (other, one)


def _unseen(
    ones: Sequence[Reply], others: Sequence[Reply], shown: set[frozenset[str]], votes: int
) -> tuple[Reply, Reply] | None:
    """The first two repeats that were not shown together; votes without ids of replies count for one combination each."""
    couples = [(one, other) for one in ones for other in others]
    if votes >= len(couples):
        return None
    return next((couple for couple in couples if frozenset((couple[0].id, couple[1].id)) not in shown), None)


def _seated(prompt_id: str, one: Reply, other: Reply, seed: int) -> Pair:
    turned = int(_dice(seed, "side", prompt_id, one.id, other.id), 16) % 2
    return Pair(prompt_id, other, one) if turned else Pair(prompt_id, one, other)


def _dice(seed: int, *parts: str) -> str:
    """Hexadecimal digits that look random and are the same on every machine."""
    return hashlib.sha256("\x1f".join([str(seed), *parts]).encode("utf-8", "replace")).hexdigest()[:16]
