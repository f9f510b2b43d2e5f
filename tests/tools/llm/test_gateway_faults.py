"""Every captured misbehaviour, repeated until nothing is left to try: a typed outcome, and every request accounted for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.doubles.openrouter import Fault, OpenRouterDouble
from tests.tools.llm.kit import KEY, PROSE, ROOMY, SHORT, Ear, Plan, gateway, question
from tools.llm import (
    BadAnswer,
    CostsMoney,
    KeyRejected,
    NoCredit,
    NoModel,
    PrivacyBlocked,
    QuestionTooLong,
    QuotaSpent,
    Reply,
)

# What comes of a question when every attempt meets the fault. Where nothing stands here: NoModel.
OUTCOME = {
    Fault.OK: Reply,
    Fault.DATED_MODEL: Reply,
    Fault.SLOW_DRIP: Reply,
    Fault.SIMPLIFIED: Reply,
    Fault.LENGTH_EMPTY: Reply,
    Fault.COSTS_MONEY: CostsMoney,
    Fault.DAY_429: QuotaSpent,
    Fault.DAY_429_IN_200: QuotaSpent,
    Fault.KEY_401: KeyRejected,
    Fault.NO_KEY_401: KeyRejected,
    Fault.CREDITS_402: NoCredit,
    Fault.PRIVACY_404: PrivacyBlocked,
    Fault.PRIVACY_GUARDRAIL_404: PrivacyBlocked,
    Fault.CONTEXT_400: QuestionTooLong,
    Fault.FINISH_ERROR: Reply,  # what had arrived, marked as cut
    Fault.STREAM_ERROR_CHUNK: Reply,
    Fault.STREAM_RESET: Reply,
    Fault.STREAM_NO_DONE: Reply,
    Fault.FENCED_JSON: Reply,
    Fault.PROSE_JSON: Reply,
    Fault.THINK_JSON: Reply,
    Fault.CONTROL_JSON: Reply,
    Fault.MISSING_ROWS: Reply,  # whole rows are the Step's to check; the form is right
    Fault.DUPLICATED_ROWS: Reply,
    Fault.SWAPPED_ROWS: Reply,
    Fault.CUT_JSON: BadAnswer,
    Fault.WRONG_TYPES_JSON: BadAnswer,
    Fault.IGNORES_FORMAT: BadAnswer,
}
TYPED = [fault for fault in Fault if "JSON" in fault.name or "ROWS" in fault.name or fault is Fault.IGNORES_FORMAT]
TYPED = [fault for fault in TYPED if not fault.name.startswith("NOT_JSON")]
BROKEN_OFF = {Fault.FINISH_ERROR, Fault.STREAM_ERROR_CHUNK, Fault.STREAM_RESET, Fault.STREAM_NO_DONE}
SILENT = (Fault.HANG, Fault.KEEPALIVE_FOREVER)
ONE_REQUEST = (QuotaSpent, KeyRejected, NoCredit, CostsMoney)


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_has_a_typed_outcome_and_its_requests_are_known(
    home: Path, server: OpenRouterDouble, fault: Fault
) -> None:
    """Stops: an exception of an SDK, a retry storm, or a request that the ledger does not know of."""
    server.everyone(fault, repeat=True)
    if fault not in TYPED and fault is not Fault.LOOP:
        server.say(PROSE)
    desk, ear = gateway(home, server, limits=SHORT if fault in SILENT else ROOMY), Ear()
    got = ear.ask(desk, question(answer=Plan if fault in TYPED else None))
    assert type(got) is OUTCOME.get(fault, NoModel), got
    sent = len(server.requests)
    assert sent == desk.ledger.requests_of("r1")
    assert 1 <= sent <= 3 + (fault in TYPED)
    if isinstance(got, Reply):
        assert got.requests == sent and got.cut == (fault in BROKEN_OFF)
        assert PROSE.startswith(got.text[:20]) or fault in (*TYPED, Fault.SIMPLIFIED)
    else:
        assert "{" not in got.message("zh") + got.message("en")
        assert sent == 1 or not isinstance(got, ONE_REQUEST)
    assert KEY not in f"{got}{got!r}" and ear.lines() is not None
    assert all(len(each.models) <= 3 for each in server.requests)


@pytest.mark.parametrize("fault", [fault for fault in Fault if OUTCOME.get(fault) not in ONE_REQUEST])
def test_one_fault_is_survived(home: Path, server: OpenRouterDouble, fault: Fault) -> None:
    """Stops: giving up, or answering offline, because the first attempt had bad luck."""
    server.everyone([fault])
    if fault not in TYPED and fault is not Fault.LOOP:
        server.say(PROSE)
    desk = gateway(home, server, limits=SHORT if fault in SILENT else ROOMY)
    got = Ear().ask(desk, question(answer=Plan if fault in TYPED else None))
    assert isinstance(got, Reply) and not got.cut
    sent = len(server.requests)
    assert sent == desk.ledger.requests_of("r1") == got.requests <= 2
    assert got.value is None or Plan.model_validate(got.value)
