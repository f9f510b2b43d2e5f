"""A model's replies in numbers: what is missing stays missing."""

from __future__ import annotations

from tests.tools.compare.kit import MODELS, sample
from tools.compare import NOT_ASKED, OFFLINE, CheckResult, Reply, in_order, rank, summarise


def test_a_model_that_was_down_has_no_data_and_no_bad_score() -> None:
    down = next(each for each in summarise(sample().replies, MODELS) if each.model == MODELS[3])
    assert (down.asked, down.answered, down.errors) == (12, 0, {"busy": 12})
    assert down.passed is down.leak is down.ttft is down.seconds is down.simplified is None


def test_errors_do_not_weigh_on_what_was_answered() -> None:
    rows = sample().replies
    before = {each.model: each for each in summarise(rows)}
    more = [Reply(id=f"x{n}", prompt_id="tea", model=MODELS[0], error="timeout", seconds=60.0) for n in range(9)]
    after = {each.model: each for each in summarise([*rows, *more])}
    one, other = before[MODELS[0]], after[MODELS[0]]
    assert (other.asked, other.errors) == (one.asked + 9, {"timeout": 9})
    assert (one.passed, one.leak, one.ttft, one.seconds) == (other.passed, other.leak, other.ttft, other.seconds)


def test_what_still_waits_was_not_asked() -> None:
    rows = [
        Reply(id="1", prompt_id="p", model="m", text="好"),
        Reply(id="2", prompt_id="q", model="m", error=NOT_ASKED),
    ]
    [summary] = summarise(rows)
    assert (summary.asked, summary.answered) == (1, 1)


def test_an_english_reply_says_nothing_of_traditional_chinese() -> None:
    """Stops: a model that answers in English shown as the cleanest."""
    [summary] = summarise([Reply(id="1", prompt_id="p", model="m", text="fine", characters=0, leak=False)])
    assert summary.leak is None and summary.simplified is None


def test_a_check_without_verdict_is_left_out() -> None:
    results = [CheckResult(name="a", ok=True), CheckResult(name="b", ok=None), CheckResult(name="c", ok=False)]
    [summary] = summarise([Reply(id="1", prompt_id="p", model="m", text="好", checks=results)])
    assert summary.passed is not None and (summary.passed.value, summary.passed.n) == (0.5, 2)


def test_order_by_votes_then_checks_and_the_silent_last() -> None:
    comparison = sample()
    summaries = summarise(comparison.replies, MODELS)
    by_checks = [each.model for each in in_order(summaries)]
    assert by_checks[-1] == MODELS[3] and by_checks.index(MODELS[0]) < by_checks.index(MODELS[1])
    by_votes = [each.model for each in in_order(summaries, rank(comparison.votes))]
    assert by_votes[:3] == [MODELS[0], MODELS[1], OFFLINE]
