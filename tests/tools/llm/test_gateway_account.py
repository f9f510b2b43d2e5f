"""The account: its key, its day, its minute, and a person who wants to stop."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.doubles.openrouter import Clock, Fault, OpenRouterDouble
from tests.tools.llm.kit import KEY, START, Ear, ask, gateway, question
from tools.llm import Cancelled, Gateway, KeyRejected, NoKey, NoModel, NoReply, QuotaSpent, Reply, Unreachable


def test_the_same_question_costs_one_request(home: Path, server: OpenRouterDouble, prose: str) -> None:
    """Stops: paying twice for one answer, in this process or the next; or a new version answered with the old text."""
    desk, ear = gateway(home, server), Ear()
    first = ask(desk)
    again = ear.ask(gateway(home, server), question())
    assert isinstance(first, Reply) and isinstance(again, Reply)
    assert (again.text, again.model, again.stored, again.requests) == (first.text, first.model, True, 0)
    assert ear.shown == {1: first.text} and len(server.requests) == 1
    for changed in ({"version": "2"}, {"temperature": 0.1}, {"max_tokens": 99}, {"model": first.model}):
        assert isinstance(ask(desk, question(**changed)), Reply)
    assert len(server.requests) == 5


def test_a_stored_reply_needs_neither_key_nor_server(home: Path, server: OpenRouterDouble, prose: str) -> None:
    """Stops: an answer that was paid for being out of reach without a network."""
    ask(gateway(home, server))
    server.stop()
    got = ask(Gateway(home, server.base_url, None, clock=server.clock))
    assert isinstance(got, Reply) and got.stored and got.text == prose


def test_a_refused_key_is_not_tried_again_by_the_next_question(
    home: Path, server: OpenRouterDouble, prose: str
) -> None:
    """Stops: every step of a run sending the same wrong key; or a key mended at the server locked out for long."""
    server.everyone([Fault.KEY_401])
    assert isinstance(ask(gateway(home, server)), KeyRejected)
    again = ask(gateway(home, server), question("另一題"))
    assert isinstance(again, KeyRejected) and "User not found." in str(again) and len(server.requests) == 1
    assert gateway(home, server).quota().used == 0, "a refused key is not counted there"
    server.clock.advance(301)
    assert isinstance(ask(gateway(home, server)), Reply)


@pytest.mark.parametrize(
    "key", ["sk-or-v1-abc def0123456789", "sk-or-v1-0123\nX-Evil: 1", "我的金鑰：sk-or-v1-5f3c9a7e", "ｓｋ-or"]
)
def test_a_key_that_cannot_be_a_key_is_told_at_once(home: Path, server: OpenRouterDouble, key: str) -> None:
    """Stops: "check your network" for a key pasted with a space, a line break or full-width letters."""
    got = ask(gateway(home, server, key=key))
    assert isinstance(got, KeyRejected) and server.requests == [] == server.fetches
    assert key not in f"{got}{got.message('en')}" and gateway(home, server, key=key).quota(refresh=True).used == 0


def test_no_key_no_connection(home: Path, server: OpenRouterDouble) -> None:
    """Stops: a machine without a key talking to OpenRouter; a question that waits for nothing."""
    desk = gateway(home, server, key=None, own_server=False)
    assert not desk.usable and isinstance(ask(desk), NoKey)
    assert isinstance(ask(Gateway(home, "https://openrouter.ai/api/v1", None)), NoKey)
    assert server.fetches == [] and server.requests == []


def test_a_spent_day_is_spent_for_every_question(home: Path, server: OpenRouterDouble, prose: str) -> None:
    """Stops: refusals collected all day; a reset told wrongly; a day that stays closed for ever."""
    server.everyone([Fault.DAY_429])
    got = ask(gateway(home, server))
    midnight = datetime(2026, 8, 23, tzinfo=UTC).timestamp()
    assert isinstance(got, QuotaSpent) and got.until == midnight
    second = ask(gateway(home, server), question("另一題"))
    assert isinstance(second, QuotaSpent) and second.until == midnight and len(server.requests) == 1
    assert gateway(home, server).quota().remaining == 0
    server.clock.advance(midnight - server.clock() + 1)
    assert isinstance(ask(gateway(home, server)), Reply)


@pytest.mark.parametrize("counter", [True, False])
def test_a_spent_day_stays_spent_when_the_count_is_looked_up_again(home: Path, counter: bool) -> None:
    """Stops: one more refusal every ten minutes because the server has no counter, or an old one."""
    with OpenRouterDouble(key=KEY, start=START, key_has_counter=counter) as server:
        desk = gateway(home, server)
        desk.quota(refresh=True)  # the server's counter is now a minute old at most
        server.spend(50)
        assert isinstance(ask(desk), QuotaSpent)
        desk.quota(refresh=True)
        for _ in range(4):
            server.clock.advance(700)
            assert isinstance(ask(desk), QuotaSpent)
        assert len(server.requests) == 1


def test_the_servers_count_comes_first(home: Path, server: OpenRouterDouble, prose: str) -> None:
    """Stops: "50 left" on the page after a phone has spent 48 of them."""
    server.spend(48)
    desk = gateway(home, server)
    assert desk.quota(refresh=True).remaining == 2
    server.clock.advance(1)
    assert isinstance(ask(desk), Reply)
    assert desk.quota().remaining == 1
    assert isinstance(ask(desk, question("二")), Reply)
    assert isinstance(ask(desk, question("三")), QuotaSpent)
    assert len(server.requests) == 2 and server.counted == 50


def test_a_day_of_questions_is_never_refused_by_the_server(home: Path, server: OpenRouterDouble, prose: str) -> None:
    """Stops: a 21st request in a minute or a 51st in a day; a wait nobody was told of."""
    server.account.window = "sliding"
    desk, ear = gateway(home, server), Ear()
    outcomes = [type(ear.ask(desk, question(f"第{number}題"))) for number in range(52)]
    assert outcomes == [Reply] * 50 + [QuotaSpent] * 2
    assert {request.outcome for request in server.requests} == {Fault.OK} and server.counted == 50
    assert ear.keys.count("waiting_minute") == 2 and any("20" in line for line in ear.lines())


def test_a_full_minute_holds_everybody_and_then_goes_on(home: Path, server: OpenRouterDouble, prose: str) -> None:
    """Stops: another model tried although the account is full; or the question given up."""
    server.everyone([Fault.MINUTE_429])
    ear = Ear()
    got = ear.ask(gateway(home, server), question())
    assert isinstance(got, Reply) and got.requests == 2 and ear.keys == ["waiting_minute"]
    assert server.requests[1].at >= START.timestamp() + 30, "the server named the next minute"
    assert server.requests[0].model == server.requests[1].model


def test_a_full_minute_is_waited_for_although_the_clocks_differ(
    home: Path, server: OpenRouterDouble, prose: str
) -> None:
    """Stops: a machine whose clock is ahead sending again at once, since the reset seems to be past."""
    ahead = Clock(START.timestamp() + 300)

    def sleep(seconds: float) -> None:
        ahead.advance(seconds)
        server.clock.advance(seconds)

    server.everyone([Fault.MINUTE_429])
    got = ask(gateway(home, server, clock=ahead, sleep=sleep))
    assert isinstance(got, Reply) and server.requests[1].at - server.requests[0].at >= 30


@pytest.mark.parametrize("fault", [Fault.HANG, Fault.KEEPALIVE_FOREVER])
def test_stopping_while_nothing_comes(home: Path, server: OpenRouterDouble, fault: Fault) -> None:
    """Stops: a stop button that waits for a server which says nothing."""
    server.everyone([fault])
    stop = threading.Event()
    server.on_request = lambda request: stop.set()
    desk = gateway(home, server)
    assert isinstance(ask(desk, cancelled=stop.is_set), Cancelled)
    assert len(server.requests) == 1 == desk.ledger.requests_of("r1")


def test_stopping_keeps_what_was_shown(home: Path, server: OpenRouterDouble, prose: str) -> None:
    """Stops: half a page vanishing because its reader had read enough."""
    server.drip = 0.02
    server.everyone([Fault.SLOW_DRIP])
    ear = Ear()
    got = ear.ask(gateway(home, server), question(), cancelled=lambda: len(ear.shown.get(1, "")) > 20)
    assert isinstance(got, Cancelled) and len(got.partial) > 20 and prose.startswith(got.partial)
    assert server.wait_disconnect()


def test_stopping_before_anything_was_sent_sends_nothing(home: Path, server: OpenRouterDouble) -> None:
    """Stops: a request spent on a question that nobody waits for any more."""
    desk = gateway(home, server)
    assert isinstance(ask(desk, cancelled=lambda: True), Cancelled)
    assert server.requests == [] and desk.quota().used == 0


def test_stopping_between_two_attempts_sends_no_second(home: Path, server: OpenRouterDouble) -> None:
    """Stops: one more request after the stop button, because the first attempt failed just then."""
    server.everyone(Fault.PROVIDER_502, repeat=True)
    ear = Ear()
    got = ear.ask(gateway(home, server), question(), cancelled=lambda: "attempt_failed" in ear.keys)
    assert isinstance(got, Cancelled) and len(server.requests) == 1


def test_stopping_while_the_minute_is_full(home: Path, server: OpenRouterDouble, prose: str) -> None:
    """Stops: a wait of a minute that cannot be left."""
    desk = gateway(home, server)
    for number in range(20):
        assert isinstance(ask(desk, question(f"第{number}題")), Reply)
    ear = Ear()
    got = ear.ask(desk, question(), cancelled=lambda: "waiting_minute" in ear.keys)
    assert isinstance(got, Cancelled) and len(server.requests) == 20


def test_a_server_that_is_away_costs_nothing(home: Path, server: OpenRouterDouble, prose: str) -> None:
    """Stops: a day's requests counted for a cable that was out; every question waiting for the same dead server."""
    desk = gateway(home, server)
    desk.catalogue.listing()
    server.stop()
    got = ask(desk)
    assert isinstance(got, Unreachable) and server.base_url in str(got)
    assert desk.quota().used == 0 == desk.ledger.requests_of("r1")
    server.clock.advance(7_200)
    assert isinstance(ask(desk), Unreachable)
    server.start()
    assert isinstance(ask(desk), Unreachable), "it is left alone for a minute"
    server.clock.advance(61)
    assert isinstance(ask(desk), Reply)


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "seed"])
def test_a_list_that_fails_does_not_stop_a_server_that_answers(
    home: Path, server: OpenRouterDouble, prose: str, kept: bool
) -> None:
    """Stops: an hour offline because one page of the server, not the one that answers, was down."""
    if kept:
        gateway(home, server).catalogue.listing()
        server.clock.advance(7_200)
    server.fail("/models", Fault.PROVIDER_502)
    ear = Ear()
    got = ear.ask(gateway(home, server), question())
    assert isinstance(got, Reply) and ear.keys[0] == "catalogue_stale" and "2026-08-22" in ear.lines()[0]


def test_nothing_to_ask(home: Path, server: OpenRouterDouble) -> None:
    """Stops: an IndexError when a server lists no free model at all."""
    server.models = [each for each in server.models if each["id"] == "openai/gpt-5.4-nano"]
    got = ask(gateway(home, server))
    assert isinstance(got, NoModel) and isinstance(got, NoReply) and server.requests == []
