"""The failures of the double as the real openai client and raw HTTP see them."""

from __future__ import annotations

import http.client
import json
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import openai
import pytest

from tests.doubles.asking import START, A, B, ask, client, raw, said
from tests.doubles.faults import IN_200, STATUS
from tests.doubles.openrouter import Fault, OpenRouterDouble

MIDNIGHT_MS = int(datetime(2026, 8, 23, tzinfo=UTC).timestamp() * 1000)

REFUSALS = [
    (Fault.DAY_429, "free-models-per-day", "openrouter_free_tier_daily"),
    (Fault.MINUTE_429, "free-models-per-min", "openrouter_free_tier_per_minute"),
    (Fault.MODEL_CAP_429, "limited to 8 requests per minute", None),
    (Fault.UPSTREAM_429, "Provider returned error", "upstream_provider_shared_pool"),
    (Fault.UPSTREAM_429_RETRY_AFTER, "Provider returned error", "upstream_provider_shared_pool"),
    (Fault.KEY_401, "User not found.", None),
    (Fault.NO_KEY_401, "Missing Authentication header", None),
    (Fault.CREDITS_402, "Insufficient credits", "openrouter_credits"),
    (Fault.HARNESS_403, "only available on agentic harnesses", None),
    (Fault.MODERATION_403, "flagged", None),
    (Fault.GONE_404, f"No endpoints found for {A}.", None),
    (Fault.PAID_NOW_404, "use this slug instead: nvidia/nemotron-3-super-120b-a12b", None),
    (Fault.PRIVACY_404, "data policy (Free model publication)", None),
    (Fault.PRIVACY_GUARDRAIL_404, "guardrail restrictions and data policy", None),
    (Fault.NO_TOOLS_404, "No endpoints found that support tool use", None),
    (Fault.NO_PARAMS_404, "can handle the requested parameters", None),
    (Fault.INVALID_MODEL_400, "is not a valid model ID", None),
    (Fault.CONTEXT_400, "maximum context length is 262144 tokens", None),
    (Fault.MODELS_CAP_400, "'models' array must have 3 items or fewer.", None),
    (Fault.BAD_REQUEST_400, "messages", None),
    (Fault.TIMEOUT_408, "timed out", None),
    (Fault.ERROR_500, "Internal Server Error", None),
    (Fault.PROVIDER_502, "Provider returned error", None),
    (Fault.OVERLOADED_503, "No backends available", None),
    (Fault.OVERLOADED_529, "Provider returned error", None),
]


@pytest.mark.parametrize(("fault", "text", "source"), REFUSALS, ids=[row[0].value for row in REFUSALS])
@pytest.mark.parametrize("stream", [False, True])
def test_refusals_have_their_status_and_text(
    server: OpenRouterDouble, fault: Fault, text: str, source: str | None, stream: bool
) -> None:
    server.script(A, fault)
    with pytest.raises(openai.APIStatusError) as caught:
        ask(server, stream=stream)
    error = caught.value
    assert (error.status_code, error.body["code"]) == (STATUS[fault], STATUS[fault])
    assert text in error.body["message"]
    assert error.body.get("metadata", {}).get("limit_source") == source
    assert server.requests[-1].outcome is fault and server.requests[-1].status == STATUS[fault]
    assert server.counted == (0 if fault in (Fault.KEY_401, Fault.NO_KEY_401) else 1)


def test_where_the_limits_stand(server: OpenRouterDouble) -> None:
    server.script(A, [Fault.DAY_429, Fault.MINUTE_429, Fault.UPSTREAM_429, Fault.UPSTREAM_429_RETRY_AFTER])
    errors = []
    for _ in range(4):
        with pytest.raises(openai.RateLimitError) as caught:
            ask(server)
        errors.append(caught.value)
    day, minute, upstream, hinted = errors
    assert day.response.headers["X-RateLimit-Reset"] == str(MIDNIGHT_MS)
    assert day.body["metadata"]["headers"]["X-RateLimit-Limit"] == "50"
    assert "X-RateLimit-Reset" not in minute.response.headers
    assert minute.body["metadata"]["headers"]["X-RateLimit-Reset"] == str(int(START.timestamp() + 30) * 1000)
    assert "Retry-After" not in upstream.response.headers and upstream.body["metadata"]["is_byok"] is False
    assert hinted.response.headers["Retry-After"] == "37"


@pytest.mark.parametrize("fault", list(IN_200))
def test_error_inside_200(server: OpenRouterDouble, fault: Fault) -> None:
    server.script(A, [fault, fault])
    answer = ask(server)
    assert answer.choices is None and answer.error["code"] == STATUS[IN_200[fault]]
    with pytest.raises(openai.APIError) as caught:
        list(ask(server, stream=True))
    assert not isinstance(caught.value, openai.APIStatusError)
    assert caught.value.body["code"] == STATUS[IN_200[fault]]


def test_answers_without_an_answer(server: OpenRouterDouble) -> None:
    server.script(A, [Fault.CHOICES_NULL, Fault.FINISH_ERROR, Fault.EMPTY_CONTENT])
    assert ask(server).choices is None
    choice = ask(server).choices[0]
    assert choice.finish_reason == "error" and choice.error["code"] == 502 and choice.message.content
    choice = ask(server).choices[0]
    assert choice.message.content is None and choice.finish_reason == "stop"


def test_length_empty_is_cured_by_more_tokens(server: OpenRouterDouble) -> None:
    server.script(A, Fault.LENGTH_EMPTY, repeat=True)
    for _ in range(2):
        choice = ask(server, max_tokens=800).choices[0]
        assert choice.finish_reason == "length" and choice.message.content is None and choice.message.reasoning
    assert ask(server, max_tokens=3000).choices[0].finish_reason == "stop"


def test_small_max_tokens_cut_the_text(server: OpenRouterDouble) -> None:
    choice = ask(server, model=B, max_tokens=20).choices[0]
    assert choice.finish_reason == "length" and len(choice.message.content) == 20


def test_html_of_portal_and_gateway(server: OpenRouterDouble) -> None:
    server.script(A, [Fault.NOT_JSON, Fault.NOT_JSON_502])
    response, _ = raw(server)
    assert response.status == 200 and response.getheader("Content-Type", "").startswith("text/html")
    response, _ = raw(server)
    assert response.status == 502 and b"Bad Gateway" in response.read()


def test_good_body_comes_behind_whitespace(server: OpenRouterDouble) -> None:
    response, _ = raw(server)
    data = response.read()
    assert data[:1] == b"\n" and data.lstrip() != data
    answer = json.loads(data)
    assert response.getheader("X-Generation-Id") == answer["id"] and answer["id"].startswith("gen-")
    assert answer["usage"]["cost"] == 0 and answer["provider"] == "Nvidia"
    assert not [name for name in response.headers if name.lower().startswith("x-ratelimit")]


def test_good_stream_line_by_line(server: OpenRouterDouble) -> None:
    response, _ = raw(server, stream=True)
    lines = [line for line in response.read().decode().split("\n\n") if line]
    assert lines[0] == ": OPENROUTER PROCESSING" and lines[-1] == "data: [DONE]"
    events = [json.loads(line.removeprefix("data: ")) for line in lines[1:-1]]
    assert events[-1]["choices"] == [] and events[-1]["usage"]["completion_tokens"] > 0
    assert events[-2]["choices"][0]["finish_reason"] == "stop"
    text = "".join(event["choices"][0]["delta"]["content"] for event in events[:-1])
    assert text == said(server, "你好")


def collect(server: OpenRouterDouble, fault: Fault) -> tuple[str, list[str], Exception | None]:
    server.script(A, fault)
    text, ends = "", []
    try:
        for chunk in ask(server, stream=True):
            for choice in chunk.choices or []:
                text += choice.delta.content or ""
                ends += [choice.finish_reason] if choice.finish_reason else []
    except (openai.APIError, httpx2.HTTPError) as error:
        return text, ends, error
    return text, ends, None


def test_streams_that_break(server: OpenRouterDouble) -> None:
    whole, ends, error = collect(server, Fault.OK)
    assert ends == ["stop"] and error is None
    text, ends, error = collect(server, Fault.STREAM_ERROR_CHUNK)
    assert text and whole.startswith(text) and text != whole and isinstance(error, openai.APIError)
    assert error.body["code"] == 502 and not isinstance(error, openai.APIStatusError)
    text, ends, error = collect(server, Fault.STREAM_RESET)
    assert text and whole.startswith(text) and text != whole and error is not None and not ends
    text, ends, error = collect(server, Fault.STREAM_NO_DONE)
    assert text and text != whole and error is None and not ends
    text, ends, error = collect(server, Fault.FINISH_ERROR)
    assert text and text != whole and error is None and ends == ["error"]
    assert collect(server, Fault.EMPTY_CONTENT) == ("", ["stop"], None)
    assert collect(server, Fault.CHOICES_NULL) == ("", [], None)
    server.drip = 0.002
    assert collect(server, Fault.SLOW_DRIP) == (whole, ["stop"], None)


def test_a_reset_is_a_reset(server: OpenRouterDouble) -> None:
    server.script(A, Fault.STREAM_RESET)
    response, _ = raw(server, stream=True)
    with pytest.raises(ConnectionResetError):
        while response.readline():
            pass


def test_broken_bodies_without_a_stream(server: OpenRouterDouble) -> None:
    server.script(A, [Fault.STREAM_NO_DONE, Fault.STREAM_RESET])
    response, _ = raw(server)
    with pytest.raises(ValueError):
        json.loads(response.read())
    response, _ = raw(server)
    with pytest.raises((ConnectionResetError, http.client.IncompleteRead)):
        response.read()


def test_keepalive_goes_on_until_the_client_leaves(server: OpenRouterDouble) -> None:
    server.drip = 0.005
    server.script(A, [Fault.KEEPALIVE_FOREVER, Fault.KEEPALIVE_FOREVER])
    response, link = raw(server, stream=True)
    assert {response.readline() for _ in range(20)} == {b": OPENROUTER PROCESSING\n", b"\n"}
    response.close()
    link.close()
    assert server.wait_disconnect() == [A]
    response, link = raw(server)
    assert response.read(200).strip() == b""


def test_hang_never_answers(server: OpenRouterDouble) -> None:
    server.script(A, Fault.HANG)
    with pytest.raises(openai.APITimeoutError):
        client(server, timeout=0.2).chat.completions.create(model=A, messages=[{"role": "user", "content": "嗨"}])
    assert server.requests[-1].status == 0 and server.counted == 1


def test_latency_is_per_model(server: OpenRouterDouble) -> None:
    server.set_latency(first=30.0, model=B)
    assert said(server)
    with pytest.raises((openai.APITimeoutError, httpx2.TimeoutException)):
        list(client(server, timeout=0.1).chat.completions.create(
            model=B, messages=[{"role": "user", "content": "嗨"}], stream=True, timeout=0.1
        ))  # fmt: skip


# What the openai client makes of it: facts the gateway must know


def test_the_client_takes_a_portal_for_an_answer(server: OpenRouterDouble) -> None:
    server.script(A, Fault.NOT_JSON, repeat=True)
    assert isinstance(ask(server), str)
    assert list(ask(server, stream=True)) == []


def test_every_fault_is_seen_in_these_files() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_openrouter*.py"))
    unseen = [fault for fault in Fault if f"Fault.{fault.name}" not in text and fault not in IN_200]
    assert unseen == []
