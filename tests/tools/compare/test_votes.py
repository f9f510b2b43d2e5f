"""Which pair is shown next, and what a judge asked twice has said."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest

from tools.compare import Reply, judge_verdict, next_pair
from tools.compare import vote as voted
from tools.compare.model import Vote, Winner


def reply(prompt: str, model: str, repeat: int = 1, **more: str) -> Reply:
    given = {"text": "好"} | more
    return Reply(id=f"{prompt}|{model}|{repeat}", prompt_id=prompt, model=model, repeat=repeat, **given)


REPLIES = [reply(prompt, model) for prompt in ("p", "q", "r") for model in ("a", "b", "c")]


def test_all_pairs_once_the_least_voted_first() -> None:
    votes: list[Vote] = []
    for at in range(9):
        pair = next_pair(REPLIES, votes, seed=2)
        assert pair is not None and pair.left.prompt_id == pair.right.prompt_id == pair.prompt_id
        votes.append(voted(pair, "tie", "2026-11-20T20:00:00+08:00"))
        counts = Counter(tuple(sorted((each.left, each.right))) for each in votes)
        assert max(counts.values()) == at // 3 + 1
    assert next_pair(REPLIES, votes, seed=2) is None
    assert len({(each.prompt, *sorted((each.left, each.right))) for each in votes}) == 9


def test_the_same_state_shows_the_same_pair_and_sides_change() -> None:
    assert next_pair(REPLIES, [], 4) == next_pair(list(reversed(REPLIES)), [], 4)
    first = [next_pair(REPLIES, [], seed) for seed in range(40)]
    sides = Counter(pair.left.model < pair.right.model for pair in first if pair)
    assert min(sides[True], sides[False]) >= 8
    assert len({(pair.prompt_id, pair.left.model, pair.right.model) for pair in first if pair}) > 6


def test_only_models_that_answered_are_judged() -> None:
    """Stops: a model that was down losing votes."""
    replies = [reply("p", "a"), reply("p", "b", error="busy", text=""), reply("p", "c", text="  ")]
    assert next_pair(replies, []) is None
    assert next_pair([*replies, reply("q", "b")], []) is None
    pair = next_pair([*replies, reply("p", "d")], [])
    assert pair is not None and {pair.left.model, pair.right.model} == {"a", "d"}


def test_repeats_are_shown_in_turn_and_a_judges_votes_do_not_count() -> None:
    replies = [reply("p", model, repeat) for model in "ab" for repeat in (1, 2)]
    votes: list[Vote] = []
    seen = set()
    while pair := next_pair(replies, votes):
        seen.add(frozenset((pair.left.id, pair.right.id)))
        votes += [voted(pair, "left", ""), voted(pair, "left", "").model_copy(update={"by": "judge"})]
    assert len(seen) == 4 and len(votes) == 8


@pytest.mark.parametrize(("first", "second"), list(product(["left", "right", "tie", None], repeat=2)))
def test_a_judge_is_believed_only_when_the_seat_does_not_matter(first: Winner | None, second: Winner | None) -> None:
    verdict = judge_verdict(first, second)
    if first is None or second is None:
        assert verdict is None
    elif (first, second) in (("left", "right"), ("right", "left")):
        assert verdict == first
    else:
        assert verdict == "tie"
