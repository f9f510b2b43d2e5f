"""The list of models: live, kept, seed, and whatever a server may send instead of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.doubles.openrouter import Fault, OpenRouterDouble
from tests.tools.llm.kit import GLM, KEY, START
from tools.llm import Catalogue

HOUR = 3_600


def catalogue_of(home: Path, server: OpenRouterDouble) -> Catalogue:
    return Catalogue(home, server.base_url, KEY, server.clock)


def copy_of(home: Path) -> Path:
    (path,) = (home / "cache").glob("models-*.json")
    return path


def test_a_live_list_is_asked_for_once_an_hour(home: Path, server: OpenRouterDouble) -> None:
    """Stops: one fetch for every question, or a list that is never renewed."""
    catalogue = catalogue_of(home, server)
    first = catalogue.listing()
    assert (first.state, first.priced, len(first.free)) == ("live", True, 19)
    assert catalogue.listing() is first and catalogue_of(home, server).listing().models == first.models
    assert server.fetches == ["/models"]
    server.clock.advance(HOUR + 1)
    server.models = [each for each in server.models if each["id"] != GLM]
    assert catalogue.listing().find(GLM) is None
    assert server.fetches == ["/models"] * 2 and server.counted == 0


def test_live_then_kept_then_seed(home: Path, server: OpenRouterDouble, own_home: Path) -> None:
    """Stops: no models at all once the server is gone, or a list said to be live that is not."""
    fresh = catalogue_of(home, server).listing()
    server.stop()
    server.clock.advance(HOUR + 1)
    kept = catalogue_of(home, server).listing()
    assert (kept.state, kept.models, kept.fetched_at) == ("kept", fresh.models, fresh.fetched_at)
    assert kept.error and KEY not in kept.error
    copy_of(home).unlink()
    seed = catalogue_of(home, server).listing()
    assert seed.state == "seed" and seed.priced and len(seed.free) > 5 and seed.date.startswith("2026-08-22")


def test_offline_never_asks(home: Path, server: OpenRouterDouble) -> None:
    """Stops: a page that only draws a number going to the network."""
    assert catalogue_of(home, server).listing(offline=True).state == "seed"
    assert server.fetches == []


def test_refresh_asks_although_the_copy_is_fresh(home: Path, server: OpenRouterDouble) -> None:
    """Stops: `finale models --refresh` showing yesterday's list."""
    catalogue = catalogue_of(home, server)
    catalogue.listing()
    server.models = [each for each in server.models if each["id"] == GLM]
    assert [model.id for model in catalogue.listing(refresh=True).models] == [GLM]
    assert [model.id for model in catalogue_of(home, server).listing().models] == [GLM]


@pytest.mark.parametrize(
    "damage", ["", "{", "null", "[]", '{"fetched_at": 1}', '{"body": {"data": []}, "fetched_at": "x"}', "[" * 100_000]
)
def test_a_damaged_copy_counts_as_none(home: Path, server: OpenRouterDouble, damage: str) -> None:
    """Stops: a half-written copy keeping every app from starting."""
    catalogue_of(home, server).listing()
    copy_of(home).write_text(damage, encoding="utf-8")
    assert catalogue_of(home, server).listing().state == "live"
    copy_of(home).write_bytes(b"\xff\xfe\x00")
    server.stop()
    assert catalogue_of(home, server).listing().state == "seed"


def test_a_copy_dated_tomorrow_is_not_fresh_for_ever(home: Path, server: OpenRouterDouble) -> None:
    """Stops: a laptop whose clock was ahead once using that day's list until then."""
    catalogue_of(home, server).listing()
    document = json.loads(copy_of(home).read_text(encoding="utf-8"))
    copy_of(home).write_text(json.dumps(document | {"fetched_at": START.timestamp() + 30 * 86_400}), encoding="utf-8")
    catalogue_of(home, server).listing()
    assert server.fetches == ["/models"] * 2


def test_a_server_that_is_away_is_left_alone_for_a_minute(home: Path, server: OpenRouterDouble) -> None:
    """Stops: every question waiting for the same dead server, or never trying it again."""
    catalogue = catalogue_of(home, server)
    assert not catalogue.unreachable
    server.stop()
    assert catalogue.listing().error and catalogue.unreachable
    server.start()
    assert catalogue.listing().state == "seed" and server.fetches == []
    server.clock.advance(61)
    assert not catalogue.unreachable
    assert catalogue.listing().state == "live" and server.fetches == ["/models"]


@pytest.mark.parametrize("fault", [Fault.PROVIDER_502, Fault.NOT_JSON, Fault.NOT_JSON_502, Fault.KEY_401])
def test_an_answer_that_is_no_list_leaves_the_good_copy(home: Path, server: OpenRouterDouble, fault: Fault) -> None:
    """Stops: the log-in page of a campus network overwriting the list."""
    good = catalogue_of(home, server).listing()
    server.clock.advance(HOUR + 1)
    server.fail("/models", fault)
    kept = catalogue_of(home, server).listing()
    assert (kept.state, kept.models) == ("kept", good.models)


MALFORMED: list[Any] = [
    7,
    "model",
    None,
    [],
    {"id": None},
    {"id": "a/nan:free", "pricing": {}, "context_length": "many"},
    {"id": "a/list:free", "pricing": {}, "architecture": "text->text"},
    {"id": "a/params:free", "pricing": {}, "supported_parameters": 5},
    {"id": "a/bench:free", "pricing": {}, "benchmarks": [1]},
    {"id": "a/inf:free", "pricing": {}, "context_length": float("inf")},
    {"id": "a/price", "pricing": [1]},
]


@pytest.mark.parametrize("bad", MALFORMED, ids=str)
def test_one_malformed_row_hides_no_other(home: Path, server: OpenRouterDouble, bad: Any) -> None:
    """Stops: a single odd row taking the whole list away."""
    server.models = [bad, next(each for each in server.models if each["id"] == GLM)]
    listing = catalogue_of(home, server).listing()
    assert listing.state == "live" and [model.id for model in listing.free if model.id == GLM] == [GLM]


def test_a_row_without_a_price_among_priced_ones_is_not_free(home: Path, server: OpenRouterDouble) -> None:
    """Stops: a paid model taken for free because its row came without a price."""
    server.models = [{"id": "openai/gpt-6"}, {"id": "vendor/new:free"}, *server.models]
    listing = catalogue_of(home, server).listing()
    free = {model.id for model in listing.free}
    assert listing.priced and "openai/gpt-6" not in free and "vendor/new:free" in free


def test_ollama_has_no_prices(home: Path) -> None:
    """Stops: the daily limit of a free key counted against one's own server."""
    with OpenRouterDouble(plain=True) as server:
        listing = Catalogue(home, server.base_url, None).listing()
    assert listing.state == "live" and not listing.priced
    assert [model.id for model in listing.free] == ["qwen3:4b", "gemma3:4b", "llama3.2:3b"]


def test_a_disk_that_refuses_costs_only_the_copy(home: Path, server: OpenRouterDouble) -> None:
    """Stops: no answer because the copy of the list could not be written."""
    (home / "cache").write_text("a file where the folder should be", encoding="utf-8")
    assert catalogue_of(home, server).listing().state == "live"


def test_an_empty_list_is_no_list(home: Path, server: OpenRouterDouble) -> None:
    """Stops: a server's hiccup (an empty list) forgetting every model."""
    catalogue_of(home, server).listing()
    server.models = []
    assert catalogue_of(home, server).listing(refresh=True).state == "kept"
