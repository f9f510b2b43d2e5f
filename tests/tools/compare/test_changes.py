"""What changed since last week, and what only chance moved."""

from __future__ import annotations

from typing import Any

from tests.tools.compare.kit import MODELS, sample
from tools.compare import Comparison, PromptItem, Reply
from tools.compare.report import as_html, changes


def comparison(times: list[float], *, leaks: int = 0, prompts: int = 12, **more: Any) -> Comparison:
    items = [PromptItem(id=f"p{n}", text=f"題目{n}") for n in range(prompts)]
    replies = [
        Reply(
            id=f"{n}", prompt_id=f"p{n}", model="m", text="好", served_by="m-2026", ttft_s=times[n % len(times)],
            characters=10, simplified_chars=int(n < leaks), leak=n < leaks,
        )
        for n in range(prompts)
    ]  # fmt: skip
    return Comparison(**({"models": ["m"], "prompts": items, "replies": replies} | more))


def kinds(old: Comparison, new: Comparison) -> list[tuple[str, str]]:
    return [(change.kind, change.model) for change in changes(old, new)]


def test_the_same_twice_is_no_change() -> None:
    for same in (sample(), comparison([1.0, 1.2])):
        assert changes(same, same) == []


def test_chance_is_no_change() -> None:
    """Stops: a weekly alarm for a median that wandered."""
    assert kinds(comparison([1.0, 1.5, 0.8]), comparison([1.2, 1.6, 0.9])) == []
    assert kinds(comparison([1.0], leaks=1), comparison([1.0], leaks=3)) == []
    assert kinds(comparison([1.0]), comparison([1.05])) == []


def test_what_is_more_than_chance_is_told_with_its_numbers() -> None:
    found = changes(comparison([1.0, 1.2]), comparison([3.0, 3.4], leaks=9))
    assert [change.kind for change in found] == ["ttft", "leak"]
    assert "1.1" in found[0].said["zh"] and "3.2" in found[0].said["en"] and "75%" in found[1].said["zh"]


def test_models_that_come_go_fall_silent_and_speak_again() -> None:
    old, new = comparison([1.0]), comparison([1.0])
    silent = old.model_copy(update={"replies": [Reply(id="1", prompt_id="p0", model="m", error="busy")]})
    assert kinds(old, silent) == [("down", "m")] and kinds(silent, old) == [("back", "m")]
    other = [reply.model_copy(update={"model": "n"}) for reply in new.replies]
    assert kinds(old, new.model_copy(update={"models": ["n"], "replies": other})) == [("joined", "n"), ("left", "m")]
    swapped = [reply.model_copy(update={"served_by": "m-2027"}) for reply in new.replies]
    assert kinds(old, new.model_copy(update={"replies": swapped})) == [("served", "m")]


def test_only_the_same_prompts_are_compared() -> None:
    """Stops: harder prompts read as a worse model."""
    old, new = comparison([1.0], prompts=6), comparison([1.0], prompts=12)
    slow = [
        reply if int(reply.id) < 6 else reply.model_copy(update={"ttft_s": 30.0, "leak": True}) for reply in new.replies
    ]
    found = changes(old, new.model_copy(update={"replies": slow}))
    assert [change.kind for change in found] == ["prompts"] and "6" in found[0].said["zh"]


def test_settings_and_ranks() -> None:
    old, new = comparison([1.0], settings={"temperature": 0.2}), comparison([1.0], settings={"temperature": 0.9})
    assert kinds(old, new) == [("settings", "")]
    votes = sample(votes=60).votes
    turned = [vote.model_copy(update={"left": vote.right, "right": vote.left}) for vote in votes]
    ranked = [sample().model_copy(update={"votes": each}) for each in (votes, turned)]
    assert ("rank", MODELS[0]) in kinds(*ranked)


def test_the_page_tells_them() -> None:
    told = as_html(sample(week=1), "zh", sample())
    assert "和上次相比" in told and "首字從" in told and "和上次相比" not in as_html(sample())
    assert "沒有超出誤差的變化" in as_html(sample(), "zh", sample())
