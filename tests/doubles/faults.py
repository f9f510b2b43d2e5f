"""What OpenRouter answers when it does not answer: every captured failure, by name.

The bodies, headers and status codes are those seen on the real service. None of the helpful fields
(`limit_source`, `availability`, `error_type`) is always there, so each failure carries only what its capture had.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Fault(StrEnum):
    """One outcome of a chat call. The first block answers; the rest fail or answer badly."""

    OK = "ok"
    DATED_MODEL = "dated_model"  # answers well; `model` is the permanent dated slug
    COSTS_MONEY = "costs_money"  # answers well; usage.cost is 0.002
    # Refused before generation: an HTTP status of their own.
    DAY_429 = "day_429"
    MINUTE_429 = "minute_429"
    MODEL_CAP_429 = "model_cap_429"
    UPSTREAM_429 = "upstream_429"
    UPSTREAM_429_RETRY_AFTER = "upstream_429_retry_after"
    KEY_401 = "key_401"
    NO_KEY_401 = "no_key_401"
    CREDITS_402 = "credits_402"
    HARNESS_403 = "harness_403"
    MODERATION_403 = "moderation_403"
    GONE_404 = "gone_404"
    PAID_NOW_404 = "paid_now_404"
    PRIVACY_404 = "privacy_404"
    PRIVACY_GUARDRAIL_404 = "privacy_guardrail_404"
    NO_TOOLS_404 = "no_tools_404"
    NO_PARAMS_404 = "no_params_404"
    INVALID_MODEL_400 = "invalid_model_400"
    CONTEXT_400 = "context_400"
    MODELS_CAP_400 = "models_cap_400"
    BAD_REQUEST_400 = "bad_request_400"
    TIMEOUT_408 = "timeout_408"
    ERROR_500 = "error_500"
    PROVIDER_502 = "provider_502"
    OVERLOADED_503 = "overloaded_503"
    OVERLOADED_529 = "overloaded_529"
    NOT_JSON_502 = "not_json_502"  # the HTML of a gateway, status 502
    # HTTP 200, and then no answer.
    NOT_JSON = "not_json"  # the HTML of a log-in portal, status 200
    ERROR_IN_200 = "error_in_200"  # 502 in the body; in a stream it is the first payload
    UPSTREAM_429_IN_200 = "upstream_429_in_200"
    DAY_429_IN_200 = "day_429_in_200"
    CHOICES_NULL = "choices_null"
    FINISH_ERROR = "finish_error"
    EMPTY_CONTENT = "empty_content"
    LENGTH_EMPTY = "length_empty"  # reasoning ate max_tokens; a larger max_tokens is answered
    # Broken while answering; without a stream they cut the body instead.
    STREAM_ERROR_CHUNK = "stream_error_chunk"
    STREAM_RESET = "stream_reset"
    STREAM_NO_DONE = "stream_no_done"
    KEEPALIVE_FOREVER = "keepalive_forever"
    HANG = "hang"
    SLOW_DRIP = "slow_drip"
    # A complete answer with bad content.
    FENCED_JSON = "fenced_json"
    PROSE_JSON = "prose_json"
    THINK_JSON = "think_json"
    CUT_JSON = "cut_json"
    CONTROL_JSON = "control_json"
    WRONG_TYPES_JSON = "wrong_types_json"
    IGNORES_FORMAT = "ignores_format"  # prose where a schema was asked
    MISSING_ROWS = "missing_rows"
    DUPLICATED_ROWS = "duplicated_rows"
    SWAPPED_ROWS = "swapped_rows"  # right ids, other order
    SIMPLIFIED = "simplified"
    LOOP = "loop"


STATUS: dict[Fault, int] = {
    fault: int(fault.value.split("_")[-1])
    for fault in Fault
    if fault.value[-3:].isdigit() and not fault.value.endswith("_in_200")
} | {Fault.UPSTREAM_429_RETRY_AFTER: 429}

# About the account or the request itself: another model of the same request cannot help.
ACCOUNT_WIDE = frozenset(
    {
        Fault.DAY_429,
        Fault.MINUTE_429,
        Fault.KEY_401,
        Fault.NO_KEY_401,
        Fault.CREDITS_402,
        Fault.MODELS_CAP_400,
        Fault.BAD_REQUEST_400,
        Fault.NOT_JSON_502,
    }
)
FALLS_BACK = frozenset(STATUS) - ACCOUNT_WIDE

IN_200: dict[Fault, Fault] = {
    Fault.ERROR_IN_200: Fault.PROVIDER_502,
    Fault.UPSTREAM_429_IN_200: Fault.UPSTREAM_429,
    Fault.DAY_429_IN_200: Fault.DAY_429,
}

CONFIGURE = " Configure: https://openrouter.ai/settings/privacy"
ROUTING = ". To learn more about provider routing, visit: https://openrouter.ai/docs/provider-routing"

# Failures whose text depends on the model id alone; the others are put together in `_told`.
MESSAGES: dict[Fault, str] = {
    Fault.MODEL_CAP_429: "Rate limit exceeded: limit_rpm/{base}/8a1c2f3e. High demand for {model} on OpenRouter - "
    "limited to 8 requests per minute. Please retry shortly.",
    Fault.KEY_401: "User not found.",
    Fault.NO_KEY_401: "Missing Authentication header",
    Fault.CREDITS_402: "Insufficient credits. Add more using https://openrouter.ai/settings/credits",
    Fault.HARNESS_403: "{model} is only available on agentic harnesses. Try plugging it into a coding agent.",
    Fault.GONE_404: "No endpoints found for {model}.",
    Fault.PAID_NOW_404: "This model is unavailable for free. The paid version is available now - "
    "use this slug instead: {base}",
    Fault.PRIVACY_404: "No endpoints found matching your data policy (Free model publication)." + CONFIGURE,
    Fault.NO_TOOLS_404: "No endpoints found that support tool use" + ROUTING,
    Fault.NO_PARAMS_404: "No endpoints found that can handle the requested parameters" + ROUTING,
    Fault.MODELS_CAP_400: "'models' array must have 3 items or fewer.",
    Fault.BAD_REQUEST_400: 'Input required: specify "prompt" or "messages"',
    Fault.TIMEOUT_408: "Request timed out. Please try again later.",
    Fault.ERROR_500: "Internal Server Error",
    Fault.OVERLOADED_529: "Provider returned error",
}
METADATA: dict[Fault, dict[str, Any]] = {
    Fault.CREDITS_402: {"limit_source": "openrouter_credits"},
    Fault.TIMEOUT_408: {"error_type": "timeout"},
    Fault.ERROR_500: {"error_type": "server"},
    Fault.OVERLOADED_529: {"error_type": "provider_overloaded"},
}

PORTAL_HTML = "<!DOCTYPE html>\n<html><head><title>校園網路登入</title></head><body><h1>請先登入</h1></body></html>\n"
GATEWAY_HTML = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"
)

PROVIDERS = {
    "nvidia": "Nvidia",
    "google": "Google AI Studio",
    "z-ai": "Z.AI",
    "poolside": "Poolside",
    "cohere": "Cohere",
    "liquid": "Liquid",
    "thinkingmachines": "Thinking Machines",
    "dots-studio": "Dots Studio",
    "inclusionai": "Novita",
    "openai": "OpenAI",
}


@dataclass(frozen=True)
class Scene:
    """What a failure's text needs to know about the call."""

    model: str = ""
    context_length: int = 131_072
    daily: int = 50
    per_minute: int = 20
    day_reset_ms: int = 0
    minute_reset_ms: int = 0


@dataclass(frozen=True)
class Failure:
    """A failure as it goes over the wire: `status`, JSON `body`, extra `headers`."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


def provider_of(model: str) -> str:
    """A plausible provider name for a model id."""
    vendor = model.lstrip("~").split("/")[0]
    return PROVIDERS.get(vendor, vendor.title() or "Unknown")


def failure(fault: Fault, scene: Scene) -> Failure:
    """The captured status, body and headers of `fault`. Raises KeyError for a fault that has no status."""
    status = STATUS[fault]
    told = _told(fault, scene)
    error: dict[str, Any] = {"message": told.message, "code": status}
    if told.metadata:
        error["metadata"] = told.metadata
    body: dict[str, Any] = {"error": error | told.beside}
    if status not in (401, 500, 503):
        body["user_id"] = "user_2wQx7LmT0aFZkExample"
    return Failure(status, body, told.headers)


@dataclass(frozen=True)
class _Told:
    """A failure's message, its `metadata`, the fields beside `metadata`, and response headers."""

    message: str
    metadata: dict[str, Any] = field(default_factory=dict)
    beside: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


def _limit(limit: int, reset_ms: int) -> dict[str, str]:
    return {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset_ms)}


def _availability(code: str, model: str, **more: Any) -> dict[str, Any]:
    return {"availability": {"code": code, "retryable": False, "requested_models": [model], **more}}


def _told(fault: Fault, scene: Scene) -> _Told:
    if fault in MESSAGES:
        base = scene.model.split(":")[0]
        return _Told(MESSAGES[fault].format(model=scene.model, base=base), dict(METADATA.get(fault, {})))
    model, provider = scene.model, provider_of(scene.model)
    match fault:
        case Fault.DAY_429:
            limit = _limit(scene.daily, scene.day_reset_ms)
            text = "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day"
            if scene.daily >= 1000:
                text = "Rate limit exceeded: free-models-per-day-high-balance. "
            source = {"limit_source": "openrouter_free_tier_daily", "remedy_hint": "Wait for the daily reset."}
            return _Told(text, {"headers": limit, **source, "provider_name": None}, headers=limit)
        case Fault.MINUTE_429:  # this capture had the limit only inside the body
            limit = _limit(scene.per_minute, scene.minute_reset_ms)
            source = {"limit_source": "openrouter_free_tier_per_minute", "provider_name": None}
            return _Told("Rate limit exceeded: free-models-per-min. ", {"headers": limit, **source})
        case Fault.UPSTREAM_429 | Fault.UPSTREAM_429_RETRY_AFTER:
            raw = f"{model} is temporarily rate-limited upstream. Please retry shortly, or add your own key"
            metadata: dict[str, Any] = {
                "raw": f"{raw} to accumulate your rate limits: https://openrouter.ai/settings/integrations",
                "provider_name": provider,
                "is_byok": False,
                "provider_error_code": "429",
                "limit_source": "upstream_provider_shared_pool",
            }
            if fault is Fault.UPSTREAM_429:
                return _Told("Provider returned error", metadata)
            hint = {"Retry-After": "37"}
            metadata |= {"retry_after_seconds": 37, "headers": hint}
            return _Told("Provider returned error", metadata, headers=hint)
        case Fault.MODERATION_403:
            text = f'{provider} requires moderation. Your input was flagged for "self-harm". No credits were charged.'
            slug = {"provider_name": provider, "model_slug": model.split(":")[0]}
            return _Told(text, {"reasons": ["self-harm"], "flagged_input": "…", **slug})
        case Fault.PRIVACY_GUARDRAIL_404:
            text = "No endpoints available matching your guardrail restrictions and data policy." + CONFIGURE
            excluded = _availability("privacy_restricted", model, excluded_by=["enable_free_model_training"])
            return _Told(text, beside=excluded)
        case Fault.INVALID_MODEL_400:
            return _Told(f"{model} is not a valid model ID", beside=_availability("model_not_found", model))
        case Fault.CONTEXT_400:
            size, asked = scene.context_length, scene.context_length + 5120
            text = (
                f"This endpoint's maximum context length is {size} tokens. However, you requested about {asked} tokens "
                f"({asked - 4096} of text input, 4096 in the output). Please reduce the length of either one."
            )
            return _Told(text, {"error_type": "context_length_exceeded"})
        case Fault.PROVIDER_502:
            raw = "upstream connect error or disconnect/reset before headers"
            kind = {"provider_name": provider, "error_type": "provider_unavailable"}
            return _Told("Provider returned error", {"raw": raw, **kind})
        case Fault.OVERLOADED_503:
            waiting = _availability("temporarily_unavailable", model)
            waiting["availability"]["retryable"] = True
            return _Told("No backends available", beside=waiting)
    raise KeyError(fault)
