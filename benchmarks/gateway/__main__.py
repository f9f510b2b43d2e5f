"""`python -m benchmarks.gateway`: requests, waiting and overhead of the gateway, counted at a double of OpenRouter.

luck      100 questions one after another, with failures of every kind, on a virtual clock
pressure  4 processes asking at once on one account, on a clock that runs faster: is a limit ever broken?
overhead  what the gateway adds to a bare call of the SDK, on the real clock
"""

from __future__ import annotations

import argparse

from benchmarks.gateway.luck import measure_luck
from benchmarks.gateway.overhead import measure_overhead
from benchmarks.gateway.pressure import measure_pressure


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--repeat", type=int, default=1, help=argparse.SUPPRESS)
    given = parser.parse_args()
    print(
        f"{'luck':<10}{'requests':>10}{'fewest':>8}{'ratio':>7}{'answered':>10}{'wall s':>9}{'bound s':>9}{'ratio':>7}"
    )
    for seed in range(given.seeds):
        luck = measure_luck(given.calls, seed)
        ratio, wall = luck.requests / luck.fewest, luck.wall / luck.bound
        print(
            f"seed {seed:<5}{luck.requests:>10}{luck.fewest:>8}{ratio:>7.2f}{luck.answered:>10}"
            f"{luck.wall:>9.0f}{luck.bound:>9.0f}{wall:>7.2f}"
        )
    pressure = measure_pressure()
    print(f"\n{'pressure':<10}{'processes':>10}{'sent':>6}{'a day':>7}{'most in 60 s':>14}{'refused':>9}")
    print(
        f"{'':<10}{pressure.processes:>10}{pressure.sent:>6}{pressure.daily:>7}"
        f"{pressure.most_in_a_minute:>14}{pressure.refused:>9}"
    )
    overhead = measure_overhead(given.calls)
    print(f"\n{'overhead':<10}{'bare ms':>10}{'gateway ms':>12}{'of it disk':>12}{'added ms':>10}{'p95 ms':>8}")
    print(
        f"{'':<10}{overhead.bare:>10.1f}{overhead.through:>12.1f}{overhead.disk:>12.1f}"
        f"{overhead.added:>10.1f}{overhead.added_p95:>8.1f}"
    )


if __name__ == "__main__":
    main()
