"""Which model of the catalogue answers, which refuses by its own nature, and what the answer costs."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime
from typing import Any

from tests.doubles import answers
from tests.doubles.faults import Failure, Fault
from tests.doubles.records import Recorded
from tests.doubles.replies import THOUGHT, Reply

Rows = list[dict[str, Any]]
_numbers = itertools.count(1)


def row_of(models: Rows, model: str) -> dict[str, Any] | None:
    """The catalogue row of an id, following a `~vendor/x-latest` alias."""
    row = next((each for each in models if each.get("id") == model), None)
    target = (row or {}).get("alias_target", {}).get("slug")
    return next((each for each in models if each.get("id") == target), row) if target else row


def bills(row: dict[str, Any]) -> bool:
    """True when a call is charged: any price that is not zero, or output other than text (Lyria's zeros lie)."""
    outputs = (row.get("architecture") or {}).get("output_modalities", ["text"])
    if row.get("id", "").endswith(":free") or row.get("id") == "openrouter/free":
        return False
    return outputs != ["text"] or any(str(price) not in ("0", "0.0") for price in (row.get("pricing") or {}).values())


def expired(row: dict[str, Any], now: float) -> bool:
    """True after the row's `expiration_date` (UTC)."""
    last = row.get("expiration_date")
    return bool(last) and datetime.fromtimestamp(now, UTC).date().isoformat() > last


def refusal(
    models: Rows, model: str, body: dict[str, Any], now: float, credits: float, plain: bool, known: bool
) -> Fault | None:
    """The failure that an unscripted call to `model` meets by itself, or None. `known` ids need no row."""
    row = row_of(models, model)
    if plain:
        return None if row or known else Fault.GONE_404
    if row is None:
        return None if known else Fault.INVALID_MODEL_400
    if expired(row, now):
        return Fault.GONE_404
    wishes = body.get("provider") if isinstance(body.get("provider"), dict) else {}
    if bills(row):
        ceiling = wishes.get("max_price")
        if isinstance(ceiling, dict) and all(float(price) == 0 for price in ceiling.values()):
            return Fault.NO_PARAMS_404
        return Fault.CREDITS_402 if credits <= 0 else None
    if wishes.get("data_collection") == "deny":
        return Fault.PRIVACY_404
    if wishes.get("zdr"):
        return Fault.PRIVACY_GUARDRAIL_404
    listed = set(row.get("supported_parameters") or [])
    if body.get("tools") and "tools" not in listed:
        return Fault.NO_TOOLS_404
    if wishes.get("require_parameters"):
        wanted = body.get("response_format") or {}
        if wanted.get("type") == "json_schema":  # measured: refused on every free model, listed or not
            return Fault.NO_PARAMS_404
        if {"response_format", "tools", "seed", "temperature", "stop"} & set(body) - listed:
            return Fault.NO_PARAMS_404
    return None


def any_free(models: Rows, now: float, busy: set[str], rng: random.Random) -> str | None:
    """What `openrouter/free` picks: a free, living model outside `busy`; never itself."""
    ids = [
        row["id"]
        for row in models
        if row.get("id", "").endswith(":free")
        and not expired(row, now)
        and row["id"] not in busy
        and "safety" not in row["id"]
    ]
    return rng.choice(ids) if ids else None


def not_pulled(model: str) -> Failure:
    """Ollama's answer to a model it does not have; `code` is null there."""
    text = f'model "{model}" not found, try pulling it first'
    return Failure(404, {"error": {"message": text, "type": "api_error", "param": None, "code": None}})


def dated(models: Rows, model: str) -> str:
    """The permanent slug of a model with its `:free` kept, as chat answers sometimes carry it."""
    row = row_of(models, model) or {}
    slug = row.get("canonical_slug") or f"{model.split(':')[0]}-20260420"
    slug = slug if slug != model.split(":")[0] else f"{slug}-20260420"
    return slug + (":free" if model.endswith(":free") else "")


def reply(
    models: Rows,
    served: str,
    record: Recorded,
    fault: Fault,
    seed: int,
    said: str | None,
    plain: bool,
    rng: random.Random,
) -> Reply:
    """The answer of `served`, with its thoughts, its end and its price."""
    body, row = record.body, row_of(models, served) or {}
    text = answers.compose(body, served, seed, fault, said)
    number = next(_numbers)
    made = Reply(
        id=f"chatcmpl-{number}" if plain else f"gen-{int(record.at)}-{number:04d}{rng.getrandbits(64):016x}",
        model=dated(models, served) if fault is Fault.DATED_MODEL else row.get("id", served),
        created=int(record.at),
        text=text,
        prompt_tokens=sum(len(each) for each in answers.texts(body)) + 8,
        fault=fault,
        reasoning=None if plain else thought(row, body),
        plain=plain,
        want_usage=not plain or bool((body.get("stream_options") or {}).get("include_usage")),
    )
    limit = body.get("max_completion_tokens") or body.get("max_tokens")
    if fault is Fault.LENGTH_EMPTY:
        made.text, made.finish = "", "length"
        made.reasoning = (THOUGHT * 200)[: limit or 1024]
    elif fault is Fault.EMPTY_CONTENT:
        made.text = ""
    elif fault in (Fault.LOOP, Fault.CUT_JSON):
        made.finish = "length"
    if isinstance(limit, int) and made.completion_tokens > limit:
        made.reasoning = (made.reasoning or "")[:limit] or None
        made.text, made.finish = made.text[: limit - len(made.reasoning or "")], "length"
    if fault is Fault.COSTS_MONEY:
        made.cost = 0.002
    elif not plain and row and bills(row):
        made.cost = price(row, made)
    return made


def thought(row: dict[str, Any], body: dict[str, Any]) -> str | None:
    """Reasoning text where the model thinks by default and the request neither disables nor hides it."""
    nature, wish = row.get("reasoning") or {}, body.get("reasoning")
    wish = wish if isinstance(wish, dict) else {}
    asked = wish.get("enabled", wish.get("effort", nature.get("default_enabled")))
    if nature.get("mandatory"):
        asked = True
    return THOUGHT if nature and asked and asked != "none" and not wish.get("exclude") else None


def price(row: dict[str, Any], made: Reply) -> float:
    """USD of one answer; a song of Lyria is 0.08 whatever its prices say."""
    if "audio" in (row.get("architecture") or {}).get("output_modalities", []):
        return 0.08
    prices = [max(0.0, float((row.get("pricing") or {}).get(kind, 0))) for kind in ("prompt", "completion")]
    return prices[0] * made.prompt_tokens + prices[1] * made.completion_tokens
