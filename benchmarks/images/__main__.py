"""`python -m benchmarks.images`: pictures, in ratios of one run, so that a slow or busy machine tells the same.

overhead  our SDXL backend beside a bare call of diffusers: same model, steps and seed (goal: at most 1.02)
batch     N pictures at once beside one by one
          apart: how far any pixel of the two differs, of 255
reuse     prompts encoded anew beside prompts kept
house     the house artist (goals: 50 ms a sticker, 5 s a pack of 24) and the export of packs
full      with --sdxl-size: modules of SDXL's real size with random weights, where there is a CUDA device
"""

from __future__ import annotations

import argparse
import os
import warnings
from pathlib import Path

from benchmarks.images import full, house, pipeline


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--count", type=int, default=8, help="pictures of a batch")
    parser.add_argument("--only", choices=["pipeline", "house", "full"], help="one part alone")
    parser.add_argument("--sdxl-size", action="store_true", help="also modules of SDXL's real size, on a GPU")
    given = parser.parse_args()
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    warnings.simplefilter("ignore", DeprecationWarning)
    if given.only in (None, "pipeline"):
        pipeline.in_folder(lambda folder: _pipeline(folder, given))
    if given.only in (None, "house"):
        pipeline.in_folder(_house)
    if given.sdxl_size or given.only == "full":
        _full(given.repeat)


def _pipeline(folder: Path, given: argparse.Namespace) -> None:
    print(f"{'overhead':<22}{'steps':>6}{'bare ms':>10}{'ours ms':>10}{'added ms':>10}{'ratio':>8}{'apart':>7}")
    models = {"tiny UNet, 64 px": ((), 64), "wider UNet, 128 px": ((96, 192), 128)}
    benches = {name: pipeline.opened(folder / str(n), *size) for n, (name, size) in enumerate(models.items())}
    for name, bench in benches.items():
        found = bench.overhead(given.steps, given.repeat)
        added = 1000 * (found.ours - found.bare)
        print(
            f"{name:<22}{given.steps:>6}{1000 * found.bare:>10.1f}{1000 * found.ours:>10.1f}{added:>10.1f}"
            f"{found.ratio:>8.3f}{found.apart:>7}"
        )
    print(f"\n{'batch':<22}{'count':>6}{'singly s':>10}{'at once s':>10}{'ratio':>8}{'apart':>7}")
    for name, bench in benches.items():
        batch = bench.batch(given.count, given.steps)
        print(
            f"{name:<22}{given.count:>6}{batch.singly:>10.2f}{batch.together:>10.2f}"
            f"{batch.together / batch.singly:>8.2f}{batch.apart:>7}"
        )
    reuse = next(iter(benches.values())).reuse(given.repeat)
    print(f"\n{'reuse':<22}{'ms':>10}{'x bare':>8}{'encoder runs':>14}")
    rows = (
        ("diffusers", reuse.bare, 2),
        ("first time", reuse.first, reuse.runs[0]),
        ("another scene", reuse.scene, reuse.runs[1]),
        ("the same again", reuse.again, reuse.runs[2]),
    )
    for name, seconds, runs in rows:
        print(f"{name:<22}{1000 * seconds:>10.2f}{seconds / reuse.bare:>8.2f}{runs:>14}")


def _house(folder: Path) -> None:
    print(f"\n{'house artist':<22}{'drawn ms':>10}{'slowest':>9}{'PNG ms':>8}")
    for style in house.style_names():
        drawn = house.draw_stickers(12, style)
        print(f"{style:<22}{drawn.drawn:>10.1f}{drawn.slowest:>9.1f}{drawn.written:>8.1f}")
    seconds, paths = house.draw_pack(folder)
    print(f"{f'pack of {len(paths)}':<22}{seconds:>9.2f} s{house.kilobytes(paths):>10.0f} KB each")
    print(f"\n{'export':<22}{'stickers':>9}{'seconds':>9}{'problems':>10}{'ZIP':>6}")
    for platform in ("line", "telegram", "whatsapp"):
        found = house.export(paths, platform, folder / platform)
        written = "yes" if found.written else "no"
        print(f"{platform:<22}{found.stickers:>9}{found.seconds:>9.2f}{found.problems:>10}{written:>6}")


def _full(repeat: int) -> None:
    if not (name := full.gpu()):
        print("\nfull: no GPU here (torch sees no CUDA device); modules of SDXL's size were not run")
        return
    speed = pipeline.in_folder(lambda folder: full.measure(folder, repeat))
    print(f"\n{'full, 1024 px, fp16':<34}{name}")
    print(f"{'30 steps':<34}{speed.thirty:>9.2f} s   goal 1.5")
    print(f"{'4 steps, no guidance':<34}{speed.four:>9.2f} s   goal 0.30")
    print(f"{'20 steps, four at once':<34}{1 / speed.batch:>9.2f} pictures a second   goal 1.5")
    print(f"{'previews at every step add':<34}{100 * speed.preview:>9.1f} %   goal 3")
    print(f"{'from stop to stopped':<34}{1000 * speed.cancel:>9.0f} ms   a step takes {1000 * speed.step:.0f}")
    print(f"{'most memory':<34}{speed.peak:>9.1f} GiB")


if __name__ == "__main__":
    main()
