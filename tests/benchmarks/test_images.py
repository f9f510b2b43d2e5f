"""The pieces of `benchmarks.images` measure what they say: the same pictures on both sides, the real sizes, real packs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.images import full, house, pipeline


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Any:
    import torch

    threads = torch.get_num_threads()
    yield pipeline.opened(tmp_path_factory.mktemp("bench"))
    torch.set_num_threads(threads)


def test_both_sides_paint_the_same_picture(bench: Any) -> None:
    """Stops: a ratio of two different jobs. A pixel may be rounded the other way."""
    found = bench.overhead(steps=3, repeat=1)
    assert found.apart <= 1 and found.bare > 0 and found.ratio > 0
    one, other = bench._bare("dog", 1, 3), bench._bare("dog", 2, 3)
    assert pipeline._apart(one, other) > 20  # what would not be the same is seen


def test_a_batch_gives_the_pictures_of_one_by_one(bench: Any) -> None:
    found = bench.batch(count=3, steps=2)
    assert found.apart <= 2 and found.singly > 0 and found.together > 0


def test_reuse_counts_the_runs_of_the_encoders(bench: Any) -> None:
    assert bench.reuse(repeat=1).runs == (2, 1, 0)


def test_a_wider_model_is_a_model(tmp_path: Path) -> None:
    wide = pipeline.opened(tmp_path, (64, 128))
    assert wide.overhead(steps=2, repeat=1).apart <= 1
    assert wide.pipe.unet.config.block_out_channels[-1] == 128


def test_the_artist_is_measured_and_its_pack_passes(tmp_path: Path) -> None:
    drawn = house.draw_stickers(2, "kawaii")
    assert 0 < drawn.drawn <= drawn.slowest
    _, paths = house.draw_pack(tmp_path, 8)
    assert len({path.read_bytes() for path in paths}) == 8
    found = house.export(paths, "line", tmp_path / "line")
    assert found.written and found.stickers == 8


def test_the_full_size_is_sdxls_to_the_last_weight(tmp_path: Path) -> None:
    pipe = full.built("meta", tmp_path)
    sizes = {name: sum(each.numel() for each in getattr(pipe, name).parameters()) for name in full.PARAMETERS}
    assert sizes == full.PARAMETERS
