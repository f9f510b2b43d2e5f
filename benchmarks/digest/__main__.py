"""What a digest of a day's news costs: requests, and time against what its parts take alone.

    python -m benchmarks.digest [--stories 100] [--shown 20]

A site and a model on loopback serve it; requests are counted at the model. Ratios are of one run on one machine.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.digest", description=__doc__.splitlines()[0])
    parser.add_argument("--stories", type=int, default=100)
    parser.add_argument("--shown", type=int, default=20)
    given = parser.parse_args(argv)
    from tests.agents.digest.kit import editor, publish, story
    from tests.doubles.newssite import NewsSite
    from tests.doubles.openrouter import OpenRouterDouble
    from tests.kit import KEY

    with tempfile.TemporaryDirectory() as home, NewsSite() as site, OpenRouterDouble(key=KEY) as model:
        os.environ.update(
            FINALE_HOME=home, FINALE_ENV_FILE=os.devnull, FINALE_ALLOW_ORIGINS=site.origin,
            OPENROUTER_API_KEY=KEY, OPENROUTER_BASE_URL=model.base_url,
        )  # fmt: skip
        from agents import digest
        from agents.digest.order import resorted

        model.say(editor)
        wanted = {"sources": [publish(site, [story(n) for n in range(given.stories)])], "limit": given.shown}
        offline, alone = _timed(lambda: digest.run("公共服務", offline=True, **wanted))
        asked, with_model = _timed(lambda: digest.run("公共服務", **wanted))
        counted = len(model.requests)
        again, rerun = _timed(lambda: digest.run("公共服務", **wanted))
        more = len(model.requests) - counted
        weights = {one["id"]: 5.0 - one["weight"] for one in asked.output.rubric["criteria"]}
        _, sort = _timed(lambda: [resorted(asked.output, weights) for _ in range(20)])
        pages = sum(seen.path.startswith("/story/") for seen in site.seen)
    print("| what | requests | seconds | of the first run |")
    print("|---|---:|---:|---:|")
    print(
        f"| {given.stories} stories, {len(offline.output.articles)} shown, without a model | 0 | {alone:.1f} | {alone / with_model:.2f} |"
    )
    print(f"| the same with a model | {counted} | {with_model:.1f} | 1.00 |")
    print(
        f"| again, nothing changed ({len(again.output.articles)} shown) | {more} | {rerun:.1f} | {rerun / with_model:.2f} |"
    )
    print(f"| sorted anew by other weights | 0 | {sort / 20:.4f} | {sort / 20 / with_model:.5f} |")
    print(f"\n{pages} pages of stories were fetched in the three runs.")


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    began = time.perf_counter()
    done = work()
    return done, time.perf_counter() - began


if __name__ == "__main__":
    main()
