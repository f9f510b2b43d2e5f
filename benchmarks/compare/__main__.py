"""`python -m benchmarks.compare`: time, lateness and memory of a comparison, measured at a double of OpenRouter.

pace    6 models × 20 prompts with given latencies, on an account without and with a minute that fills up
memory  2,000 replies in one run
"""

from __future__ import annotations

import argparse

from benchmarks.compare.memory import measure_memory
from benchmarks.compare.pace import measure_pace


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--per-minute", type=int, nargs="*", default=[1_000, 60], help="requests a minute, one run each"
    )
    parser.add_argument(
        "--replies", type=int, default=2_000, help="replies of the run that memory is measured on; 0: none"
    )
    given = parser.parse_args()
    if given.per_minute:
        print(
            f"{'pace':<8}{'a minute':>9}{'replies':>9}{'wall s':>9}{'bound s':>9}{'ratio':>7}"
            f"{'late ms':>9}{'95 %':>7}{'worst':>7}{'events/s':>10}"
        )
    for per_minute in given.per_minute:
        pace = measure_pace(per_minute)
        median, usual, worst = pace.late
        print(
            f"{'':<8}{per_minute:>9}{pace.replies:>9}{pace.wall:>9.1f}{pace.bound:>9.1f}{pace.wall / pace.bound:>7.3f}"
            f"{median:>9.0f}{usual:>7.0f}{worst:>7.0f}{pace.events:>10.0f}"
        )
    if given.replies:
        memory = measure_memory(given.replies)
        print(f"\n{'memory':<8}{'replies':>9}{'MB':>9}")
        for replies, held in memory.held:
            print(f"{'':<8}{replies:>9}{held:>9.1f}")
        print(f"{'':<8}{'result':>9}{memory.end:>9.1f}   ({memory.seconds:.0f} s)")


if __name__ == "__main__":
    main()
