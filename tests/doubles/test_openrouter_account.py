"""Limits, key, fallback, catalogue, the plain server, and the life of the double."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import openai
import pytest
from openai import OpenAI

from tests.doubles.asking import START, A, B, C, ask, ask_outcome, client, get, raw, said
from tests.doubles.openrouter import Fault, OpenRouterDouble

# Limits


def test_minute_limit_and_its_reset(server: OpenRouterDouble) -> None:
    outcomes = [ask_outcome(server) for _ in range(22)]
    assert outcomes == [Fault.OK] * 20 + [Fault.MINUTE_429] * 2
    server.clock.advance(29)
    assert ask_outcome(server) is Fault.MINUTE_429
    server.clock.advance(1)
    assert ask_outcome(server) is Fault.OK
    assert server.counted == 24 == len(server.requests)


def test_sliding_window_is_stricter_than_the_clock_minute() -> None:
    with OpenRouterDouble(start=START, window="sliding", per_minute=2) as server:
        assert [ask_outcome(server) for _ in range(3)] == [Fault.OK, Fault.OK, Fault.MINUTE_429]
        server.clock.advance(45)
        assert ask_outcome(server) is Fault.MINUTE_429
        server.clock.advance(16)
        assert ask_outcome(server) is Fault.OK


def test_day_limit_counts_failures_and_ends_at_midnight() -> None:
    with OpenRouterDouble(start=START, daily=4) as server:
        server.script(A, [Fault.PROVIDER_502, Fault.ERROR_IN_200])
        server.spend(1)
        outcomes = [ask_outcome(server) for _ in range(6)]
        assert outcomes == [Fault.PROVIDER_502, Fault.ERROR_IN_200, Fault.OK] + [Fault.DAY_429] * 3
        counter = get(server, "/key", server.key).json()["data"]["free_model_daily_requests"]
        assert counter == {"used": 7, "limit": 4, "remaining": 0}
        server.clock.advance(16 * 3600)
        assert server.counted == 0 and ask_outcome(server) is Fault.OK


def test_funded_account_and_wrong_keys() -> None:
    with OpenRouterDouble(start=START, daily=1000) as server:
        server.spend(1000)
        with pytest.raises(openai.RateLimitError, match="free-models-per-day-high-balance"):
            ask(server)
        assert get(server, "/key", server.key).json()["data"]["is_free_tier"] is False
        for key, text in ((None, "Missing Authentication"), ("sk-or-other", "User not found")):
            response = get(server, "/auth/key", key)
            assert response.status_code == 401 and text in response.json()["error"]["message"]
        stranger = OpenAI(base_url=server.base_url, api_key="sk-or-other", max_retries=0)
        with pytest.raises(openai.AuthenticationError):
            stranger.chat.completions.create(model=A, messages=[{"role": "user", "content": "嗨"}])
        assert server.counted == 1001


def test_key_counter_is_up_to_a_minute_old_and_may_be_absent(server: OpenRouterDouble) -> None:
    def used() -> int:
        return get(server, "/key", server.key).json()["data"]["free_model_daily_requests"]["used"]

    assert used() == 0
    ask(server)
    assert used() == 0
    server.clock.advance(60)
    assert used() == 1
    server.key_has_counter = False
    assert "free_model_daily_requests" not in get(server, "/key", server.key).json()["data"]
    assert get(server, "/credits", server.key).status_code == 403
    assert server.counted == 1 and server.fetches.count("/key") == 4


def test_eight_threads_are_counted_exactly(server: OpenRouterDouble) -> None:
    with ThreadPoolExecutor(8) as pool:
        statuses = Counter(pool.map(lambda _: raw(server)[0].status, range(40)))
    assert statuses == {200: 20, 429: 20}
    assert server.counted == 40 and Counter(one.outcome for one in server.requests)[Fault.MINUTE_429] == 20


# Routing


def test_fallback_list_is_one_count(server: OpenRouterDouble) -> None:
    server.script(A, Fault.UPSTREAM_429)
    server.script(B, Fault.GONE_404)
    answer = ask(server, extra_body={"models": [A, B, C]})
    assert answer.model == C and answer.provider == "Z.AI" and server.counted == 1
    call = server.requests[-1]
    assert call.attempts == ((A, Fault.UPSTREAM_429), (B, Fault.GONE_404), (C, Fault.OK))
    assert (call.served, call.models, call.status) == (C, (A, B, C), 200)


def test_fallback_that_fails_or_may_not_be_tried(server: OpenRouterDouble) -> None:
    server.everyone([Fault.UPSTREAM_429, Fault.PROVIDER_502, Fault.OVERLOADED_529])
    with pytest.raises(openai.APIStatusError) as caught:
        ask(server, extra_body={"models": [A, B, C]})
    assert caught.value.status_code == 529
    assert [one["code"] for one in caught.value.body["metadata"]["previous_errors"]] == [429, 502]
    with pytest.raises(openai.BadRequestError, match="3 items or fewer"):
        ask(server, extra_body={"models": [A, B, C, "openrouter/free"]})
    server.script(A, Fault.DAY_429)
    with pytest.raises(openai.RateLimitError, match="free-models-per-day"):
        ask(server, extra_body={"models": [A, B]})
    server.script(A, Fault.ERROR_IN_200)
    assert ask(server, extra_body={"models": [A, B]}).choices is None
    assert server.counted == 4


def test_the_catalogue_rules_without_a_script(server: OpenRouterDouble) -> None:
    expected = {
        "meta/no-such-model:free": (400, "is not a valid model ID"),
        "qwen/qwen3.8-27b": (402, "Insufficient credits"),
        "google/lyria-3-pro-preview": (402, "Insufficient credits"),
        "openrouter/auto": (402, "Insufficient credits"),
    }
    for model, (status, text) in expected.items():
        with pytest.raises(openai.APIStatusError, match=text) as caught:
            ask(server, model=model)
        assert caught.value.status_code == status
    for wish, text in (
        ({"data_collection": "deny"}, "data policy"),
        ({"zdr": True}, "guardrail"),
        ({"require_parameters": True}, "requested parameters"),
    ):
        with pytest.raises(openai.NotFoundError, match=text):
            ask(server, response_format={"type": "json_schema", "json_schema": {}}, extra_body={"provider": wish})
    server.clock.advance(3 * 86_400)  # two days past 2026-08-24
    with pytest.raises(openai.NotFoundError, match="No endpoints found for nvidia/nemotron-nano-9b-v2:free"):
        ask(server, model="nvidia/nemotron-nano-9b-v2:free")
    server.script("made/up:free", Fault.OK)
    assert said(server, model="made/up:free")
    assert said(server, model="nvidia/nemotron-3.5-content-safety:free") == '{"User Safety": "safe"}'
    server.credits = 5.0
    assert ask(server, model="google/lyria-3-pro-preview").usage.cost == 0.08 == server.spent


def test_free_router_names_who_served(server: OpenRouterDouble) -> None:
    served = {ask(server, f"第 {n} 題", model="openrouter/free").model for n in range(12)}
    assert len(served) > 2 and all(model.endswith(":free") and "safety" not in model for model in served)


def test_default_and_flaky(server: OpenRouterDouble) -> None:
    server.default(Fault.PROVIDER_502)
    server.script(A, [Fault.OK])
    assert [ask_outcome(server) for _ in range(2)] == [Fault.OK, Fault.PROVIDER_502]
    server.default(Fault.OK)
    server.flaky = 0.5
    outcomes = []
    for _ in range(30):
        outcomes.append(ask_outcome(server))
        server.clock.advance(60)
    assert 5 < sum(outcome is Fault.OK for outcome in outcomes) < 25


def test_catalogue_needs_no_key_holds_the_traps_and_can_fail(server: OpenRouterDouble) -> None:
    body = get(server, "/models").json()
    rows = {row["id"]: row for row in body["data"]}
    assert body["total_count"] == len(rows) == 35
    assert sum(name.endswith(":free") for name in rows) == 18
    assert rows["google/lyria-3-pro-preview"]["pricing"]["prompt"] == "0"
    assert rows["openrouter/auto"]["pricing"]["prompt"] == "-1"
    assert sum(name.endswith(":batch") for name in rows) == 3 == sum(name.startswith("~") for name in rows)
    server.models = [rows[A]]
    assert [row["id"] for row in get(server, "/models").json()["data"]] == [A]
    server.fail("/models", Fault.PROVIDER_502)
    assert get(server, "/models").status_code == 502
    server.fail("/models", Fault.NOT_JSON)
    assert "text/html" in get(server, "/models").headers["Content-Type"]
    server.fail("/models", None)
    assert get(server, "/models").status_code == 200 and server.counted == 0
    assert get(server, "/nowhere").status_code == 404


def test_plain_mode_is_ollama() -> None:
    with OpenRouterDouble(plain=True, daily=1, per_minute=1) as server:
        listing = get(server, "/models").json()
        assert listing["object"] == "list" and {"id", "object", "created", "owned_by"} == set(listing["data"][0])
        assert get(server, "/key").status_code == 404
        model = listing["data"][0]["id"]
        for _ in range(3):
            answer = ask(server, model=model, extra_body={"models": ["a", "b", "c", "d"]})
        assert answer.model == model and not hasattr(answer.usage, "cost") and not hasattr(answer, "provider")
        chunks = list(ask(server, model=model, stream=True))
        assert chunks[-1].choices and chunks[-1].usage is None
        with pytest.raises(openai.NotFoundError) as caught:
            ask(server, model=A)
        assert caught.value.body["code"] is None and "pulling it first" in caught.value.body["message"]


# Life


def test_stop_cuts_kept_alive_clients_and_start_takes_the_same_port(server: OpenRouterDouble) -> None:
    with client(server) as kept:
        ask_kept = lambda: kept.chat.completions.create(model=A, messages=[{"role": "user", "content": "嗨"}])  # noqa: E731
        assert ask_kept().model == A
        address = server.base_url
        server.stop()
        with pytest.raises(openai.APIConnectionError):
            ask_kept()
        server.start()
        assert server.base_url == address and ask_kept().model == A and server.counted == 2


def test_by_hand() -> None:
    command = [sys.executable, "-m", "tests.doubles.openrouter"]
    root = Path(__file__).parents[2]
    usage = subprocess.run([*command, "--help"], cwd=root, capture_output=True, text=True, check=True).stdout
    assert all(option in usage for option in ("--port", "--flaky", "--plain", "--latency-first"))
    with subprocess.Popen([*command, "--key", "sk-or-hand"], cwd=root, stdout=subprocess.PIPE, text=True) as process:
        try:
            lines = dict(process.stdout.readline().strip().split("=", 1) for _ in range(2))
            assert lines["OPENROUTER_API_KEY"] == "sk-or-hand"
            link = OpenAI(base_url=lines["OPENROUTER_BASE_URL"], api_key="sk-or-hand", max_retries=0)
            assert link.chat.completions.create(
                model="openrouter/free", messages=[{"role": "user", "content": "嗨"}]
            ).choices
            assert " 200 ok " in process.stdout.readline()
        finally:
            process.terminate()
