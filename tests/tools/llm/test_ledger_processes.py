"""The ledger between processes that compete, die, or find it damaged."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.doubles.openrouter import Clock
from tests.tools.llm.kit import NOW, START
from tools.llm.ledger import Ledger

WORKER = """
import sys
from pathlib import Path
from tools.llm.errors import QuotaSpent
from tools.llm.ledger import Ledger

home, at, count = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
ledger = Ledger(home, lambda: at, per_minute=int(sys.argv[4]))
granted = waiting = spent = 0
for number in range(count):
    try:
        grant = ledger.reserve("me", limited=True, purpose="interactive", run="r", step="s", model="m")
    except QuotaSpent:
        spent += 1
        continue
    if grant.wait_until:
        waiting += 1
        continue
    granted += 1
    ledger.settle(grant, "ok")
print(granted, waiting, spent, flush=True)
sys.stdin.readline()
"""


def compete(home: Path, at: float, count: int, processes: int = 4, per_minute: int = 20) -> list[tuple[int, int, int]]:
    """Let `processes` reserve `count` times each, all at once; (granted, told to wait, refused) of each."""
    command = [sys.executable, "-c", WORKER, str(home), str(at), str(count), str(per_minute)]
    workers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(processes)
    ]
    try:
        for worker in workers:
            assert worker.stdout and worker.stdout.readline() == "ready\n"
        for worker in workers:
            assert worker.stdin
            worker.stdin.write("go\n")
            worker.stdin.flush()
        counts = []
        for worker in workers:
            assert worker.stdout
            counts.append(tuple(int(number) for number in worker.stdout.readline().split()))
        return counts  # type: ignore[return-value]
    finally:
        for worker in workers:
            worker.communicate("bye\n", timeout=30)


def test_four_processes_never_overdraw_a_day(home: Path) -> None:
    """Stops: two processes both taking the last request of the day."""
    clock = Clock(START)
    ledger = Ledger(home, clock, per_minute=1_000)
    ledger.observe("me", used=0, limit=70)
    counts = compete(home, NOW, 40, per_minute=1_000)
    assert sum(granted for granted, _, _ in counts) == 70
    assert sum(spent for _, _, spent in counts) == 4 * 40 - 70
    quota = ledger.quota("me", limited=True)
    assert (quota.used, quota.remaining, ledger.requests_of("r")) == (70, 0, 70)


def test_a_damaged_ledger_is_kept_and_a_new_one_works(home: Path) -> None:
    """Stops: an app that never starts again after a damaged file, or one that deletes it."""
    (home / "ledger.db").write_bytes(b"this is no database at all" * 400)
    ledger = Ledger(home, Clock(START))
    aside = ledger.database.set_aside
    assert aside and aside.read_bytes().startswith(b"this is no database")
    assert aside.name.startswith("ledger.db.damaged-")
    assert ledger.reserve("me", limited=True, purpose="interactive", run="r", step="s", model="m").id
    again = Ledger(home, Clock(START))
    assert again.database.set_aside is None and again.requests_of("r") == 1


def test_processes_that_find_it_damaged_together_share_one_new_minute(home: Path) -> None:
    """Stops: a second process setting the first one's new ledger aside; a 21st request as each counts only its own."""
    (home / "ledger.db").write_bytes(b"this is no database at all" * 400)
    counts = compete(home, NOW, 40)
    assert sum(granted for granted, _, _ in counts) == 20
    assert sum(waiting for _, waiting, _ in counts) == 4 * 40 - 20
    assert Ledger(home, Clock(START)).requests_of("r") == 20
    assert len([path for path in home.glob("ledger.db.damaged-*") if not path.name.endswith(("-wal", "-shm"))]) == 1
