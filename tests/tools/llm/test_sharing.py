"""One account, many askers: what background jobs leave to people, and the same question asked twice at once."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.doubles.openrouter import Fault, OpenRouterDouble
from tests.tools.llm.kit import START, gateway, question
from tools.llm import Cancelled, PrivacyBlocked, QuotaSpent


def test_a_background_job_leaves_a_fifth_of_the_day_to_people(own_home: Path) -> None:
    """Stops: a comparison run that burns the day before noon."""
    with OpenRouterDouble(key="sk-or-v1-test-000000", start=START, window="sliding") as server:
        gate = gateway(own_home, server)
        for number in range(40):
            gate.ask(question(f"第 {number} 題", purpose="background"))
        with pytest.raises(QuotaSpent) as kept:
            gate.ask(question("再一題", purpose="background"))
        assert kept.value.key == "quota_kept" and "10" in str(kept.value) and "接續" in str(kept.value)
        for number in range(10):
            gate.ask(question(f"有人在等 {number}"))
        with pytest.raises(QuotaSpent) as spent:
            gate.ask(question("最後一題"))
        assert spent.value.key == "quota_spent" and server.counted == 50


def test_a_background_job_leaves_a_quarter_of_the_minute_to_people(own_home: Path) -> None:
    """Stops: a person waiting a minute because a job has just filled it."""
    with OpenRouterDouble(key="sk-or-v1-test-000000", start=START, window="sliding") as server:
        gate = gateway(own_home, server)
        for number in range(15):
            gate.ask(question(f"第 {number} 題", purpose="background"))
        before = server.clock()
        for number in range(5):
            gate.ask(question(f"有人在等 {number}"))
        assert server.clock() == before  # nobody had to wait
        gate.ask(question("第 15 題", purpose="background"))
        assert server.clock() - before >= 60


def test_the_same_question_asked_at_once_is_paid_once(own_home: Path) -> None:
    """Stops: two tabs, or a double click, paying twice."""
    with OpenRouterDouble(key="sk-or-v1-test-000000") as server:
        server.set_latency(first=0.5)
        gates = [gateway(own_home, server) for _ in range(2)]
        replies = []
        threads = [
            threading.Thread(target=lambda gate=gate: replies.append(gate.ask(question("同一題"))))
            for gate in gates * 2
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(server.requests) == 1 and len({reply.text for reply in replies}) == 1
        assert sorted(reply.stored for reply in replies) == [False, True, True, True]
        assert not list((own_home / "locks").glob("q-*"))


def test_waiting_for_another_who_asks_the_same_can_be_stopped(own_home: Path) -> None:
    """Stops: a stop button that does nothing while another tab asks."""
    with OpenRouterDouble(key="sk-or-v1-test-000000") as server:
        server.set_latency(first=2.0)
        gate = gateway(own_home, server)
        other = threading.Thread(target=lambda: gate.ask(question("同一題")))
        other.start()
        server.wait_for(1, 30)
        with pytest.raises(Cancelled):
            gate.ask(question("同一題"), cancelled=lambda: True)
        other.join()
        assert len(server.requests) == 1


@pytest.mark.parametrize("fault", [Fault.PRIVACY_404, Fault.PRIVACY_GUARDRAIL_404])
def test_privacy_switches_cost_two_requests_and_then_none(own_home: Path, fault: Fault) -> None:
    """Stops: a day burnt on an account whose switches exclude every free model."""
    with OpenRouterDouble(key="sk-or-v1-test-000000", start=START) as server:
        server.default(fault)
        gate = gateway(own_home, server)
        with pytest.raises(PrivacyBlocked) as blocked:
            gate.ask(question("第一題"))
        assert len(server.requests) == 2
        for switch in ("may train on inputs", "may publish prompts", "ZDR Endpoints Only"):
            assert switch in str(blocked.value)
        with pytest.raises(PrivacyBlocked):
            gate.ask(question("第二題"))
        assert len(server.requests) == 2
        server.default(Fault.OK)
        server.clock.advance(130)
        assert gate.ask(question("第二題")).text
