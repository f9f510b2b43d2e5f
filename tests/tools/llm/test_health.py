"""What is learnt of models from real traffic, and the order that follows from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.doubles.openrouter import Clock
from tests.tools.llm.kit import START
from tools.llm import ROUTER, Model
from tools.llm.health import Health
from tools.llm.ledger import Ledger

A, B, C = (Model(id=f"{vendor}/one:free") for vendor in ("amber", "birch", "cedar"))
A2 = Model(id="amber/two:free", intelligence=1)
ANY = Model(id=ROUTER)


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


@pytest.fixture
def health(home: Path, clock: Clock) -> Health:
    return Health(Ledger(home, clock), "http://server/v1")


def order(health: Health, *models: Model, structured: bool = False) -> list[str]:
    return [model.id.removesuffix(":free") for model in health.ranked(list(models), structured=structured)]


def test_who_fails_goes_to_the_end_until_it_has_cooled(health: Health, clock: Clock) -> None:
    """Stops: the same busy model asked first again and again; or never again."""
    good = Model(id="amber/one:free", intelligence=40)
    assert order(health, B, good)[0] == "amber/one"
    health.lost(good.id, "busy")
    assert order(health, B, good) == ["birch/one", "amber/one"]
    clock.advance(46)
    health.won(good.id)
    assert order(health, B, good)[0] == "amber/one"


def test_cooling_grows_and_ends_with_a_success(health: Health, clock: Clock) -> None:
    """Stops: a saturated model hammered every 45 s for hours; or a lock that grows for ever."""
    waits = []
    for _ in range(12):
        health.lost(A.id, "busy")
        waits.append(health.of(A.id).cooling_until - clock())
    assert waits[:3] == [45, 90, 180] and max(waits) == 1_800
    health.won(A.id)
    assert health.of(A.id).cooling_until <= clock()
    health.lost(A.id, "busy")
    assert health.of(A.id).cooling_until - clock() == 45


def test_the_servers_hint_is_honoured(health: Health, clock: Clock) -> None:
    """Stops: asking before Retry-After; or waiting a week because a server said so."""
    health.lost(A.id, "busy", retry_after=300)
    assert health.of(A.id).cooling_until - clock() >= 300
    health.lost(B.id, "busy", retry_after=7 * 86_400)
    assert health.of(B.id).cooling_until - clock() <= 86_400


def test_a_question_that_was_too_long_is_not_the_models_fault(health: Health, clock: Clock) -> None:
    """Stops: a healthy model left alone because of one long text."""
    for kind in ("too_long", "bad_request", "moderated"):
        health.lost(A.id, kind)
    assert health.of(A.id).cooling_until <= clock()
    health.lost(B.id, "gone")
    health.lost(B.id, "too_long")
    assert health.of(B.id).cooling_until - clock() == 21_600, "a milder failure ends no longer rest"


def test_vendors_alternate_and_the_router_is_last(health: Health) -> None:
    """Stops: three candidates of one vendor failing together; a random model preferred to a known one."""
    smart = Model(id="amber/one:free", intelligence=60)
    also = Model(id="amber/two:free", intelligence=50)
    assert order(health, ANY, also, smart, B, C)[0] == "amber/one"
    assert {"birch/one", "cedar/one"} == set(order(health, ANY, also, smart, B, C)[1:3])
    assert order(health, ANY, also, smart, B, C)[-1] == ROUTER
    for model in (smart, also, B, C):
        health.lost(model.id, "gone")
    assert order(health, ANY, also, smart, B, C)[-1] == ROUTER


def test_no_candidate_is_lost_or_doubled(health: Health) -> None:
    """Stops: a model that is never asked because of how the list is spread."""
    many = [Model(id=f"v{number % 4}/m{number}:free") for number in range(23)]
    health.lost(many[3].id, "busy")
    ranked = health.ranked([*many, ANY], structured=True)
    assert len(ranked) == 24 and set(ranked) == {*many, ANY}


def test_schema_counts_where_a_form_is_wanted(health: Health) -> None:
    """Stops: typed answers asked of models that cannot give them while others can."""
    able = Model(id="cedar/able:free", structured="schema")
    smart = Model(id="amber/smart:free", intelligence=25)
    assert order(health, smart, able)[0] == "amber/smart"
    assert order(health, smart, able, structured=True)[0] == "cedar/able"


def test_what_a_model_lacks_is_kept_and_shared(home: Path, health: Health, clock: Clock) -> None:
    """Stops: every process learning the same refusal anew; one server's models judged by another's."""
    health.lacks(A.id, "schema")
    health.lacks(A.id, "object")
    health.lacks(A.id, "schema")
    other = Ledger(home, clock)
    assert Health(other, "http://server/v1").of(A.id).lacks == {"schema", "object"}
    assert Health(other, "http://else/v1").of(A.id).lacks == frozenset()
