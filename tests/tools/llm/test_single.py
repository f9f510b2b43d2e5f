"""One question to exactly one model: what happens is the result, in the server's own words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.doubles.openrouter import Fault, OpenRouterDouble
from tests.tools.llm.kit import GEMMA, GLM, PROSE, SHORT, SUPER, Plan, gateway, odd_server, question, sse
from tools.llm import Cancelled, Gateway, KeyRejected, Notice, QuotaSpent, RunLimit, Trial, UnknownModel, Unreachable


def tried(home: Path, server: OpenRouterDouble, model: str = GLM, **more: Any) -> Trial:
    return gateway(home, server, limits=SHORT).trial(question(model=model, **more))


def test_one_request_to_that_model_and_no_other(home: Path, server: OpenRouterDouble, prose: str) -> None:
    trial = tried(home, server)
    assert trial.text == prose and trial.answered and not trial.error and trial.served_by.startswith("z-ai/glm-5.2")
    assert [(call.model, call.models) for call in server.requests] == [(GLM, ())]
    assert trial.requests == 1 and trial.prompt_tokens > 0 and trial.completion_tokens >= len(prose)


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (Fault.UPSTREAM_429, "busy", "temporarily rate-limited upstream"),
        (Fault.MODEL_CAP_429, "model_cap", "High demand"),
        (Fault.GONE_404, "gone", "No endpoints found"),
        (Fault.HARNESS_403, "forbidden", "agentic harnesses"),
        (Fault.PROVIDER_502, "provider", ""),
        (Fault.ERROR_IN_200, "provider", ""),
        (Fault.EMPTY_CONTENT, "empty", ""),
        (Fault.LENGTH_EMPTY, "empty", "length"),
        (Fault.CONTEXT_400, "too_long", "maximum context length"),
    ],
)
def test_a_failure_is_the_result_in_its_own_words(
    home: Path, server: OpenRouterDouble, fault: Fault, kind: str, words: str
) -> None:
    server.script(GLM, [fault])
    trial = tried(home, server)
    assert trial.error == kind and words in trial.error_text and not trial.answered
    assert len(server.requests) == 1 == server.counted  # it counts, and nothing is tried again


def test_what_failed_is_asked_again_and_what_was_answered_is_not(home: Path, server: OpenRouterDouble) -> None:
    server.script(GLM, [Fault.UPSTREAM_429])
    assert tried(home, server).error == "busy"
    first, again = tried(home, server), tried(home, server)
    assert len(server.requests) == 2 and again == replace(first, stored=True, requests=0)
    assert first.seconds and again.seconds == first.seconds  # the times it had then
    assert not tried(home, server, version="2").stored  # a repeat is another question
    assert not tried(home, server, model=SUPER).stored


def test_a_reply_to_a_question_of_an_agent_is_no_trial(home: Path, server: OpenRouterDouble) -> None:
    gateway(home, server).ask(question(model=GLM))
    assert not tried(home, server).stored  # that one may have been served by another model


@pytest.mark.parametrize("fault", [Fault.STREAM_RESET, Fault.STREAM_NO_DONE, Fault.STREAM_ERROR_CHUNK])
def test_what_broke_off_is_kept_as_far_as_it_came(
    home: Path, server: OpenRouterDouble, prose: str, fault: Fault
) -> None:
    server.script(GLM, [fault])
    trial = tried(home, server)
    assert trial.error in ("broken", "provider") and 0 < len(trial.text) < len(prose) and prose.startswith(trial.text)


def test_endless_repetition_is_cut_and_marked(home: Path, server: OpenRouterDouble) -> None:
    server.script(GLM, [Fault.LOOP])
    trial = tried(home, server)
    assert trial.cut and trial.finish_reason == "loop" and trial.answered  # it answered, badly
    assert trial.text == "我們我們我們…"


def test_thought_and_text_have_their_own_times(home: Path) -> None:
    def said(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        usage = {"prompt_tokens": 3, "completion_tokens": 9, "completion_tokens_details": {"reasoning_tokens": 5}}
        return {"id": "g", "model": GLM, "choices": [choice], "usage": usage}

    body = sse(said({"reasoning": "先想想"}), said({"content": "答案在這裡。"}), said({}, "stop"))
    thoughts: list[str] = []
    with odd_server(lambda: body) as (url, _):
        opened = Gateway(home, url, "sk-or-v1-odd-000000", limits=SHORT)
        trial = opened.trial(question(model=GLM), on_thought=lambda: thoughts.append("!"))
    assert trial.first_thought_s is not None and trial.first_text_s is not None
    assert 0 <= trial.first_thought_s <= trial.first_text_s <= (trial.seconds or 0)
    assert thoughts == ["!"] and trial.reasoning_tokens == 5 and trial.text == "答案在這裡。"


def test_waiting_for_the_minute_is_no_time_of_the_model(home: Path, server: OpenRouterDouble, prose: str) -> None:
    opened = gateway(home, server)
    notices: list[Notice] = []
    granted: list[float] = []
    begun = server.clock()
    trials = [
        opened.trial(
            question(model=GLM, version=str(n)),
            notify=notices.append,
            on_granted=lambda: granted.append(server.clock()),
        )
        for n in range(21)
    ]
    assert server.clock() - begun > 55 and all((trial.seconds or 99) < 50 for trial in trials)
    assert {notice.key for notice in notices} == {"waiting_minute"} and len(granted) == 21


def test_a_full_minute_of_the_account_says_nothing_of_the_model(home: Path, server: OpenRouterDouble) -> None:
    server.everyone([Fault.MINUTE_429])
    trial = gateway(home, server).trial(question(model=GLM))
    assert not trial.error and [call.outcome for call in server.requests] == [Fault.MINUTE_429, Fault.OK]


def test_what_ends_the_account_is_raised(home: Path, server: OpenRouterDouble) -> None:
    server.everyone([Fault.DAY_429])
    with pytest.raises(QuotaSpent):
        tried(home, server)
    with pytest.raises(KeyRejected):
        gateway(home, server, key="sk-or-v1-wrong-0000").trial(question(model=GLM))
    with pytest.raises(RunLimit):
        tried(home, server, ceiling=0)
    with pytest.raises(Cancelled):
        gateway(home, server).trial(question(model=GLM), cancelled=lambda: True)
    with pytest.raises(Unreachable):
        Gateway(home, "http://127.0.0.1:9/api/v1", server.key).trial(question(model=GLM))


@pytest.mark.parametrize("name", ["vendor/none:free", "openai/gpt-5.4-nano"])
def test_a_model_that_is_not_there_or_not_free_is_never_asked(home: Path, server: OpenRouterDouble, name: str) -> None:
    with pytest.raises(UnknownModel) as raised:
        tried(home, server, model=name)
    assert name in raised.value.message("zh") and not server.requests


def test_an_answer_in_the_wanted_form_and_one_that_is_not(home: Path, server: OpenRouterDouble) -> None:
    good = tried(home, server, answer=Plan)
    assert set(good.value) == {"points", "tone", "length"}
    server.script(SUPER, [Fault.WRONG_TYPES_JSON])
    bad = tried(home, server, model=SUPER, answer=Plan)
    assert bad.error == "bad_answer" and bad.error_text and bad.text and bad.value is None and bad.answered
    assert len(server.requests) == 2  # no repair: what came is the result


def test_what_replies_are_like_is_remembered_and_said(home: Path, server: OpenRouterDouble) -> None:
    server.say(PROSE, model=GLM)
    server.say("这个软件的质量很好，我们的设计说明了问题。", model=SUPER)
    opened = gateway(home, server)
    for n in range(4):
        opened.trial(question(model=GLM, version=str(n)))
        opened.trial(question(model=SUPER, version=str(n)))
        opened.trial(question(model=GEMMA, version=str(n), answer=Plan))
    known = opened.health.all()
    assert known[GLM].traits.replies == 4 and known[GLM].traits.leak_share == 0 and known[GLM].traits.first_text_s
    assert known[SUPER].traits.leak_share == 1 and "常有簡體" in known[SUPER].traits.phrase("zh")
    assert known[GEMMA].traits.formed_share == 1 and "守格式" in known[GEMMA].traits.phrase("zh")
    assert known[GLM].traits.phrase("en") == "fast" and known[SUPER].traits.phrase("zh") == "快、常有簡體"


def test_a_model_that_leaks_is_tried_after_one_that_does_not(home: Path, server: OpenRouterDouble) -> None:
    opened = gateway(home, server)
    server.say("这个软件的质量很好，我们的设计说明了问题。")
    pair = [model for model in opened.catalogue.listing().free if model.id in (GLM, SUPER)]
    first = opened.health.ranked(pair, structured=False)[0]
    other = next(model for model in pair if model is not first)
    for n in range(4):
        opened.health.won(other.id)
        opened.trial(question(model=first.id, version=str(n)))
    assert [model.id for model in opened.health.ranked(pair, structured=False)] == [other.id, first.id]


def test_a_2_mb_question_is_a_result_too(home: Path, server: OpenRouterDouble) -> None:
    server.script(GLM, [Fault.CONTEXT_400])
    trial = tried(home, server, text="長" * 700_000)
    assert trial.error == "too_long" and not trial.answered
