"""`python -m benchmarks.startup`: the median wall time of commands that a person waits for, and its ratio to `python -c pass`."""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "finale --help": ["-m", "apps.cli", "--help"],
    "finale quota": ["-m", "apps.cli", "quota"],
    "finale post (offline)": ["-m", "apps.cli", "post", "雨天的校園", "--offline"],
    "finale counsel (offline)": ["-m", "apps.cli", "counsel", "最近很迷惘", "--type", "INFP", "--offline"],
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=7)
    repeat = parser.parse_args().repeat
    root = Path(__file__).resolve().parents[2]
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "FINALE_HOME": home, "OPENROUTER_API_KEY": "", "PYTHONPATH": str(root)}
        base = 0.0
        print(f"{'command':<28}{'median ms':>10}{'x python':>10}")
        for name, args in COMMANDS.items():
            times = []
            for _ in range(repeat + 1):
                began = time.perf_counter()
                subprocess.run([sys.executable, *args], env=env, check=True, capture_output=True)
                times.append(time.perf_counter() - began)
            median = statistics.median(times[1:])  # the first one warms the disk, and builds the index
            base = base or median
            print(f"{name:<28}{median * 1000:>10.0f}{median / base:>10.1f}")


if __name__ == "__main__":
    main()
