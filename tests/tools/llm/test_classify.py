"""What an error means: every captured body, and bodies nobody has seen yet."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.doubles.faults import STATUS, Fault, Scene, failure
from tests.tools.llm.kit import GLM, NOW
from tools.llm.classify import ACCOUNT_KINDS, Failure, classify

SCENE = Scene(GLM, 256_000, 50, 20, int((NOW + 57_570) * 1000), int((NOW + 30) * 1000))
KINDS = {
    Fault.DAY_429: "day",
    Fault.MINUTE_429: "minute",
    Fault.MODEL_CAP_429: "model_cap",
    Fault.UPSTREAM_429: "busy",
    Fault.UPSTREAM_429_RETRY_AFTER: "busy",
    Fault.KEY_401: "key",
    Fault.NO_KEY_401: "key",
    Fault.CREDITS_402: "credit",
    Fault.HARNESS_403: "forbidden",
    Fault.MODERATION_403: "moderated",
    Fault.GONE_404: "gone",
    Fault.PAID_NOW_404: "gone",
    Fault.PRIVACY_404: "privacy",
    Fault.PRIVACY_GUARDRAIL_404: "privacy",
    Fault.NO_TOOLS_404: "capability",
    Fault.NO_PARAMS_404: "capability",
    Fault.INVALID_MODEL_400: "invalid_model",
    Fault.CONTEXT_400: "too_long",
    Fault.MODELS_CAP_400: "bad_request",
    Fault.BAD_REQUEST_400: "bad_request",
    Fault.TIMEOUT_408: "timeout",
    Fault.ERROR_500: "provider",
    Fault.PROVIDER_502: "provider",
    Fault.OVERLOADED_503: "provider",
    Fault.OVERLOADED_529: "provider",
}


def read(fault: Fault, *, inside_200: bool = False, scene: Scene = SCENE) -> Failure:
    captured = failure(fault, scene)
    status, headers = (200, {}) if inside_200 else (captured.status, captured.headers)
    return classify(status, captured.body["error"], headers, NOW)


def test_the_table_knows_every_captured_failure() -> None:
    """Stops: a new capture that nobody gave a meaning."""
    assert set(KINDS) == set(STATUS) - {Fault.NOT_JSON_502}


@pytest.mark.parametrize("inside_200", [False, True], ids=["status", "in 200"])
@pytest.mark.parametrize("fault", KINDS)
def test_every_captured_body(fault: Fault, inside_200: bool) -> None:
    """Stops: one cause answered like another, above all the four 429s; an error inside HTTP 200 read as another."""
    assert read(fault, inside_200=inside_200).kind == KINDS[fault]


@pytest.mark.parametrize("fault", KINDS)
def test_every_captured_body_without_its_helpful_fields(fault: Fault) -> None:
    """Stops: trusting fields that are not always there; the text alone must do."""
    captured = failure(fault, SCENE)
    bare = {"code": captured.body["error"]["code"], "message": captured.body["error"]["message"]}
    assert classify(captured.status, bare, {}, NOW).kind == KINDS[fault]


def test_the_funded_account_has_another_text() -> None:
    """Stops: the thousand-a-day refusal read as a busy model and tried again all day."""
    funded = read(Fault.DAY_429, scene=Scene(GLM, 256_000, 1000, 20, 0, 0))
    assert (funded.kind, funded.limit) == ("day", 1000)


@pytest.mark.parametrize("inside_200", [False, True])
def test_limits_and_resets_are_read_from_header_and_body(inside_200: bool) -> None:
    """Stops: milliseconds taken for seconds, or a reset missed because it stood in the body."""
    day, minute = read(Fault.DAY_429, inside_200=inside_200), read(Fault.MINUTE_429, inside_200=inside_200)
    assert (day.limit, day.reset_at) == (50, NOW + 57_570)
    assert (minute.limit, minute.reset_at) == (20, NOW + 30)
    seconds = classify(429, {"message": "free-models-per-min"}, {"x-ratelimit-reset": str(int(NOW + 9))}, NOW)
    ahead = classify(429, {"message": "free-models-per-min"}, {"X-RateLimit-Reset": "12"}, NOW)
    assert (seconds.reset_at, ahead.reset_at) == (int(NOW + 9), NOW + 12)


def test_a_hint_to_wait_is_read() -> None:
    """Stops: a model asked again before the time its server named."""
    assert read(Fault.UPSTREAM_429_RETRY_AFTER).retry_after == 37
    assert read(Fault.UPSTREAM_429).retry_after is None
    assert classify(503, {"message": "x"}, {"Retry-After": "Fri, 21 Aug 2026 07:28:00 GMT"}, NOW).retry_after is None


def test_a_capability_is_named_where_it_was_ours() -> None:
    """Stops: a model thrown away that only refused the schema."""
    assert read(Fault.NO_PARAMS_404).capability == "schema"
    assert read(Fault.NO_TOOLS_404).capability == ""
    told = classify(400, {"message": "response_format json_object is not supported"}, {}, NOW)
    assert (told.kind, told.capability) == ("capability", "object")


@pytest.mark.parametrize("kind", ["day", "minute", "key", "credit"])
def test_what_concerns_the_account_is_marked(kind: str) -> None:
    """Stops: other models tried although the account itself is refused."""
    assert kind in ACCOUNT_KINDS


ODD: list[Any] = [
    None,
    "",
    "plain text",
    "<html>502</html>",
    b"bytes",
    0,
    7.5,
    True,
    [],
    ["a"],
    {},
    {"message": None},
    {"message": {"deep": ["er"]}, "code": {}},
    {"message": 5, "code": "abc", "metadata": "text"},
    {"message": "x", "code": True, "metadata": ["list"], "availability": "text"},
    {"message": "x", "code": float("nan"), "metadata": {"raw": {"a": 1}, "headers": ["h"]}},
    {"message": "x", "code": 10**400, "metadata": {"headers": {"X-RateLimit-Limit": "inf", "X-RateLimit-Reset": "inf"}}},
    {"message": "free-models-per-day", "metadata": {"headers": {"X-RateLimit-Limit": 10**400, "Retry-After": "9" * 5_000}}},
    {"message": "free-models-per-min", "metadata": {"headers": {"X-RateLimit-Reset": -1, 5: 6, None: None}}},
    {"message": "x", "metadata": {"retry_after_seconds": [1], "model_slug": {"a": 1}, "limit_source": 3, "error_type": []}},
    {"message": "x", "metadata": {"previous_errors": [1, None, {"model": 5, "code": "x"}, {}]}},
    {"message": "x", "metadata": {"previous_errors": {"model": "a"}}},
    {"error": {"message": "nested"}},
]  # fmt: skip


@pytest.mark.parametrize("status", [200, 302, 400, 404, 418, 429, 500, 599, 999, 0])
@pytest.mark.parametrize("error", ODD, ids=lambda error: repr(error)[:40])
def test_a_shape_nobody_has_seen_raises_nothing(error: Any, status: int) -> None:
    """Stops: an odd error body becoming a second error that no agent expects."""
    told = classify(status, error, {"Retry-After": "soon", "X-RateLimit-Limit": "nan"}, NOW)
    assert told.kind and isinstance(told.detail, str)
    json.dumps(told.detail)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(413, "too_long"), (422, "bad_request"), (418, "unknown"), (504, "timeout"), (524, "timeout"), (599, "provider")],
)
def test_a_status_alone_says_something(status: int, kind: str) -> None:
    """Stops: a proxy's error page without JSON being read as nothing at all."""
    assert classify(status, None, {}, NOW).kind == kind
