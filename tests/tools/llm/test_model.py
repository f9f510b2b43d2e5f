"""Which rows of a model list are free text models, and what is read from them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.doubles.openrouter import OLLAMA, catalogue
from tests.tools.llm.kit import GLM, NOW
from tools.llm import ROUTER, Model, why_not_free
from tools.llm.model import parse_model

# Every row of the double's catalogue that is not a free text model on 22 August 2026, and why.
TRAPS = {
    "~z-ai/glm-latest": "alias",
    "~openai/gpt-mini-latest": "alias",
    "~google/gemini-flash-latest": "alias",
    "google/gemini-3.7-flash:batch": "batch",
    "z-ai/glm-5.2:batch": "batch",
    "nvidia/nemotron-3-ultra-550b-a55b:batch": "batch",
    "openrouter/fusion": "router",
    "openrouter/auto": "router",
    "google/gemini-3.1-flash-image": "modality",
    "google/lyria-3-pro-preview": "modality",  # zero prices, and 0.08 USD a song
    "nvidia/nemotron-3.5-content-safety:free": "classifier",
    "qwen/qwen3.8-27b": "paid",
    "google/gemini-3.7-flash": "paid",
    "inclusionai/ring-2.6-1t": "paid",
    "openai/gpt-5.4-nano": "paid",
    "z-ai/glm-4.5": "paid",
}
ZERO = {"prompt": "0", "completion": "0"}


def row(name: str = "vendor/model", **fields: Any) -> dict[str, Any]:
    return {"id": name, "pricing": dict(ZERO), "architecture": {"output_modalities": ["text"]}, **fields}


def test_every_trap_row_of_a_true_list_is_told_apart() -> None:
    """Stops: a song, a classifier, an alias or a priced model asked as if it were free."""
    told = {each["id"]: why_not_free(each, NOW) for each in catalogue()}
    assert {name: why for name, why in told.items() if why} == TRAPS
    assert len(told) - len(TRAPS) == 19


def test_zero_price_without_the_suffix_is_free() -> None:
    """Stops: free models without `:free` (stealth/…, the router) never being used."""
    rows = {each["id"]: each for each in catalogue()}
    assert why_not_free(rows["stealth/ox-alpha"], NOW) == "" == why_not_free(rows[ROUTER], NOW)


def test_a_model_goes_out_the_day_after_its_date() -> None:
    """Stops: a model dropped on its last day, or asked after it."""
    last = row("nvidia/nemotron-nano-9b-v2:free", expiration_date="2026-08-24")
    midnight = 1_787_616_000.0  # 2026-08-25 00:00 UTC
    assert why_not_free(last, midnight - 1) == ""
    assert why_not_free(last, midnight + 1) == "expired"


@pytest.mark.parametrize("date", [None, "", "soon", 0, 20260824, "9999-99-99", ["2026-01-01"]])
def test_a_date_that_is_none_hides_nothing(date: object) -> None:
    """Stops: a row lost, or an exception, because its date is null or nonsense."""
    assert why_not_free(row(expiration_date=date), NOW) == ""


@pytest.mark.parametrize(
    "prices",
    [
        {"prompt": "0", "completion": "0", "request": "0.01"},
        {"prompt": "0", "completion": "0", "image": 0.001},
        {"prompt": "0", "completion": "0", "overrides": [{"prompt": "1"}]},
        {"prompt": "0", "completion": "free"},
        {"prompt": "0", "completion": "-1"},
        {"prompt": "0", "completion": float("nan")},
        {"prompt": "0"},
        {"prompt": None, "completion": None},
        {},
        None,
    ],
)
def test_a_price_that_is_hidden_or_unknown_is_no_free_price(prices: object) -> None:
    """Stops: a model billed because its price stood elsewhere, or was not told at all."""
    assert why_not_free(row(pricing=prices), NOW) == "paid"
    assert why_not_free(row("vendor/model:free", pricing=prices), NOW) == ""


@pytest.mark.parametrize("prices", [ZERO, {"prompt": 0, "completion": 0.0}, ZERO | {"discount": 0, "image": None}])
def test_a_zero_is_a_zero_however_it_is_written(prices: dict[str, Any]) -> None:
    """Stops: free models thrown away because a server writes numbers where another writes strings."""
    assert why_not_free(row(pricing=prices), NOW) == ""


@pytest.mark.parametrize(
    ("name", "architecture", "why"),
    [
        ("respan/span-1:free", {"output_modalities": ["decisions"]}, "modality"),
        ("vendor/llama-guard-9:free", {"output_modalities": ["text"]}, "classifier"),
        ("vendor/omni-moderation:free", None, "classifier"),
        ("vendor/ears:free", {"input_modalities": ["audio"], "output_modalities": ["text"]}, "modality"),
        ("vendor/eyes:free", {"input_modalities": ["image", "text"], "output_modalities": ["text"]}, ""),
        ("vendor/plain:free", {"input_modalities": None, "output_modalities": None}, ""),
        ("vendor/plain:free", None, ""),
    ],
)
def test_what_a_model_takes_and_gives(name: str, architecture: object, why: str) -> None:
    """Stops: a model that gives no text, or judges text, being asked to write."""
    assert why_not_free(row(name, architecture=architecture), NOW) == why


def test_facts_are_read_where_they_stand() -> None:
    """Stops: a wrong context, or a schema sent to a model that takes none."""
    models = {each["id"]: parse_model(each, NOW) for each in catalogue()}
    glm, lfm = models[GLM], models["liquid/lfm-2.5-2.6b:free"]
    assert glm and (glm.context, glm.structured, glm.reasoning_default, glm.vendor) == (256_000, "schema", True, "z-ai")
    assert lfm and lfm.reasoning_mandatory and lfm.reasoning_default
    gemma = models["google/gemma-4-31b-it:free"]
    assert gemma and (gemma.structured, gemma.vision, gemma.reasoning_default) == ("object", True, False)
    nano = models["cohere/north-mini-code:free"]
    assert nano and (nano.structured, nano.vision) == ("", False)


def test_a_row_of_nulls_is_still_a_model() -> None:
    """Stops: a KeyError or TypeError on the nulls that real lists hold."""
    fields = set().union(*catalogue()) - {"id", "pricing"}
    assert "top_provider" in fields and "reasoning" in fields
    empty = {"id": "vendor/new:free", "pricing": ZERO} | dict.fromkeys(fields)
    assert parse_model(empty, NOW) == Model(id="vendor/new:free", name="vendor/new:free")
    half = empty | {"top_provider": {"context_length": None}, "benchmarks": {"artificial_analysis": None}}
    assert parse_model(half, NOW) == parse_model({"id": "vendor/new:free", "pricing": ZERO}, NOW)


@pytest.mark.parametrize("name", [None, "", "  ", 7, ["a"]])
def test_a_row_without_an_id_is_no_model(name: object) -> None:
    """Stops: a request for a model called None."""
    assert parse_model({"id": name, "pricing": ZERO}, NOW) is None
    assert parse_model({}, NOW) is None


def test_rows_without_prices_are_of_ones_own_server() -> None:
    """Stops: Ollama's models called paid, or its embedder asked to write."""
    for each in OLLAMA:
        model = parse_model(each, NOW)
        assert model and model.free and model.id == each["id"]
    embedder = parse_model({"id": "nomic-embed-text:latest"}, NOW)
    assert embedder and not embedder.free
