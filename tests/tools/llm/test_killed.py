"""A process killed in the middle of a question: what was answered is kept, what was sent stays counted."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.doubles.openrouter import Fault, OpenRouterDouble
from tests.tools.llm.kit import KEY, Plan, ask, gateway, question
from tools.llm import Limits, Reply

CHILD = """
import sys
from pathlib import Path
from tests.tools.llm.kit import Plan, question
from tools.llm import Gateway
home, url, key, typed = sys.argv[1:]
gateway = Gateway(Path(home), url, key, own_server=True)
reply = gateway.ask(question(answer=Plan if typed else None))
print(reply.model, flush=True)
sys.stdin.readline()
"""


@contextmanager
def child(home: Path, server: OpenRouterDouble, typed: str = "") -> Iterator[subprocess.Popen[str]]:
    """A process that asks one question and then waits; killed without warning at the end."""
    command = [sys.executable, "-c", CHILD, str(home), server.base_url, server.key, typed]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=30)


def test_an_answer_is_on_disk_before_it_is_given(home: Path) -> None:
    """Stops: an answer that was paid for lost with the process that asked."""
    with OpenRouterDouble(key=KEY) as server:
        with child(home, server, "typed") as process:
            assert process.stdout
            model = process.stdout.readline().strip()
        got = ask(gateway(home, server), question(answer=Plan))
        assert isinstance(got, Reply) and got.stored and got.model == model
        assert Plan.model_validate(got.value) and len(server.requests) == 1


def test_a_request_in_flight_stays_counted(home: Path) -> None:
    """Stops: a killed process giving back a request that the server has counted."""
    with OpenRouterDouble(key=KEY) as server:
        server.everyone([Fault.HANG])
        with child(home, server):
            server.wait_for(1, timeout=60)
        desk = gateway(home, server, limits=Limits(connect=2, first=5, between=5, total=10))
        assert (desk.ledger.requests_of("r1"), desk.quota().used) == (1, 1)
        assert isinstance(ask(desk), Reply)
        assert desk.ledger.requests_of("r1") == 2 == len(server.requests)
