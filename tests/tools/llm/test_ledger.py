"""One account's requests: granted before they are sent, counted as the server counts them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.doubles.openrouter import Clock
from tests.tools.llm.kit import KEY, START
from tools.llm import QuotaSpent
from tools.llm.ledger import Grant, Ledger, account_id, day_end

ME = account_id("http://server/v1", KEY)
HOUR = 3_600


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


@pytest.fixture
def ledger(home: Path, clock: Clock) -> Ledger:
    return Ledger(home, clock)


def reserve(ledger: Ledger, *, account: str = ME, limited: bool = True, run: str = "r1") -> Grant:
    return ledger.reserve(account, limited=limited, purpose="interactive", run=run, step="s", model="a/b:free")


def spend(ledger: Ledger, count: int, clock: Clock, apart: float = 4.0) -> None:
    for _ in range(count):
        assert not reserve(ledger).wait_until
        clock.advance(apart)


def remaining(ledger: Ledger, account: str = ME) -> int:
    return ledger.quota(account, limited=True).remaining


def test_the_fifty_first_of_a_day_is_refused_until_midnight_utc(ledger: Ledger, clock: Clock) -> None:
    """Stops: a 51st request, and a reset told in the wrong time zone."""
    spend(ledger, 50, clock)
    with pytest.raises(QuotaSpent) as caught:
        reserve(ledger)
    midnight = datetime(2026, 8, 23, tzinfo=UTC).timestamp()
    assert caught.value.until == midnight == day_end(clock()) and "50/50" in str(caught.value)
    clock.advance(midnight - clock() - 0.5)
    with pytest.raises(QuotaSpent):
        reserve(ledger)
    clock.advance(0.5)
    assert reserve(ledger).id and remaining(ledger) == 49


def test_never_a_twenty_first_in_any_sixty_seconds(ledger: Ledger, clock: Clock) -> None:
    """Stops: a burst across the turn of a minute, which a server with a sliding window refuses."""
    granted = []
    for _ in range(200):
        try:
            grant = reserve(ledger)
        except QuotaSpent:
            break
        if grant.wait_until:
            assert grant.id == 0 and grant.wait_until > clock()
            clock.advance(1.0)
        else:
            granted.append(clock())
            clock.advance(0.2)
    assert len(granted) == 50
    for place, first in enumerate(granted[:-20]):
        assert granted[place + 20] - first > 60


def test_waiting_as_long_as_told_is_enough(ledger: Ledger, clock: Clock) -> None:
    """Stops: a wait that ends too early, so that the caller spins, or one of a whole minute after the last request."""
    spend(ledger, 20, clock, apart=1.0)
    until = reserve(ledger).wait_until
    assert until == pytest.approx(START.timestamp() + 61)
    clock.advance(until - clock())
    assert reserve(ledger).id
    assert remaining(ledger) == 29


def test_a_refused_wait_counts_nothing(ledger: Ledger, clock: Clock) -> None:
    """Stops: the day being eaten by asking whether the minute is free."""
    spend(ledger, 20, clock, apart=0.1)
    for _ in range(10):
        assert reserve(ledger).wait_until
    assert remaining(ledger) == 30 and ledger.requests_of("r1") == 20


def test_what_never_left_is_given_back(ledger: Ledger) -> None:
    """Stops: a day lost to a cable that was not plugged in."""
    ledger.settle(reserve(ledger), "connect", sent=False)
    ledger.settle(reserve(ledger), "busy")
    ledger.settle(reserve(ledger), "key", counted=False)
    quota = ledger.quota(ME, limited=True)
    assert (quota.used, quota.minute_used, ledger.requests_of("r1")) == (1, 2, 2)


def test_a_request_that_was_never_settled_stays_counted(home: Path, ledger: Ledger, clock: Clock) -> None:
    """Stops: a killed process making room for requests that the server has counted."""
    reserve(ledger)
    ledger.database.close()
    again = Ledger(home, clock)
    assert remaining(again) == 49 and again.requests_of("r1") == 1


def test_accounts_and_runs_are_kept_apart(ledger: Ledger) -> None:
    """Stops: one account's limit holding another, or a run paying for its neighbour."""
    other = account_id("http://server/v1", "sk-or-another-key")
    reserve(ledger)
    reserve(ledger, account=other, run="r2")
    reserve(ledger, account=other, run="r2")
    assert (remaining(ledger), remaining(ledger, other)) == (49, 48)
    assert (ledger.requests_of("r1"), ledger.requests_of("r2"), ledger.requests_of("none")) == (1, 2, 0)
    assert KEY not in ME and ME != other != account_id("http://else/v1", "sk-or-another-key")


def test_ones_own_server_has_no_limits(ledger: Ledger) -> None:
    """Stops: Ollama's user waiting for OpenRouter's minute."""
    for _ in range(70):
        assert reserve(ledger, limited=False).id
    quota = ledger.quota(ME, limited=False)
    assert quota.used == 70 and not quota.limited


def test_the_servers_count_is_taken_over(ledger: Ledger, clock: Clock) -> None:
    """Stops: requests that other programs made coming as a surprise at the 51st."""
    spend(ledger, 3, clock)
    ledger.observe(ME, used=40, limit=50)
    assert remaining(ledger) == 10
    clock.advance(1)
    spend(ledger, 2, clock)
    assert remaining(ledger) == 8
    ledger.observe(ME, used=41)
    assert remaining(ledger) == 8, "the server's answer may be a minute old"
    ledger.observe(ME, used=10)
    assert remaining(ledger) == 8


def test_a_bigger_limit_is_believed(ledger: Ledger, clock: Clock) -> None:
    """Stops: a person who bought credits held at 50."""
    ledger.observe(ME, used=1060, limit=1000)
    assert remaining(ledger) == 0
    clock.advance(24 * HOUR)
    assert remaining(ledger) == 1000
    for nonsense in (0, -5, None):
        ledger.observe(ME, limit=nonsense)
    assert remaining(ledger) == 1000


def test_a_day_that_the_server_closed_stays_closed(ledger: Ledger, clock: Clock) -> None:
    """Stops: a counter that is a minute old, or missing, opening the day again for one more refusal."""
    spend(ledger, 2, clock)
    ledger.close_day(ME, limit=50)
    ledger.observe(ME, used=43, limit=50)
    assert remaining(ledger) == 0
    clock.advance(HOUR)
    ledger.observe(ME, used=0)
    with pytest.raises(QuotaSpent):
        reserve(ledger)
    clock.advance(16 * HOUR)
    assert remaining(ledger) == 50


def test_yesterdays_count_is_not_todays(ledger: Ledger, clock: Clock) -> None:
    """Stops: a day that starts with yesterday's number."""
    ledger.observe(ME, used=30)
    spend(ledger, 5, clock)
    clock.advance(16 * HOUR)
    quota = ledger.quota(ME, limited=True)
    assert (quota.used, quota.confirmed_at) == (0, None)


def test_a_held_minute_grants_nothing_before_its_end(ledger: Ledger, clock: Clock) -> None:
    """Stops: more refusals while the server says that the minute is full, and a hold made shorter by a second one."""
    ledger.hold(ME, clock() + 25, limit=16)
    ledger.hold(ME, clock() + 5)
    assert reserve(ledger).wait_until == clock() + 25
    clock.advance(25)
    spend(ledger, 16, clock, apart=0.1)
    assert reserve(ledger).wait_until and ledger.quota(ME, limited=True).minute_limit == 16


def test_a_clock_set_back_does_not_stop_the_account(ledger: Ledger, clock: Clock) -> None:
    """Stops: eight hours of waiting after a laptop's clock was corrected by eight hours."""
    spend(ledger, 20, clock, apart=0.1)
    ledger.hold(ME, clock() + 30)
    clock.advance(-8 * HOUR)
    assert reserve(ledger).id
    assert remaining(ledger) == 29


def test_a_refused_key_is_remembered_for_a_while(ledger: Ledger, clock: Clock) -> None:
    """Stops: every step of a run asking again with the same wrong key; or a good key locked out for good."""
    assert ledger.rejected(ME) is None
    ledger.reject(ME, "key", "User not found.", 300)
    assert ledger.rejected(ME) == ("key", "User not found.")
    clock.advance(301)
    assert ledger.rejected(ME) is None
