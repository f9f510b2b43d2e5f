"""Stickers by SDXL, whole: a tiny checkpoint in the real pipeline, painted by the worker process, cut out and packed."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents import sticker
from agents.errors import RunFailed
from agents.events import Artifact, Failed, Progress
from agents.run import open_runs
from tests.doubles import tiny_sdxl
from tools.images.packs import validate
from tools.images.queue import ImageQueue
from tools.images.queue.drain import _processes
from tools.images.recipe import read_made, read_recipe
from tools.settings import Settings


@pytest.fixture
def checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A tiny SDXL in the folder of one's own models; the worker that it starts ends with the test."""
    tiny_sdxl.save(tmp_path / "models" / "tiny")
    monkeypatch.setenv("FINALE_IMAGE_FOLDER", str(tmp_path / "models"))
    monkeypatch.setenv("FINALE_IMAGE_MODEL", "tiny")
    monkeypatch.setenv("FINALE_IMAGE_DEVICE", "cpu")
    yield "tiny"
    for process in list(_processes.values()):
        process.terminate()
        process.wait(timeout=30)
    _processes.clear()


def test_stickers_are_diffused_cut_and_packed(checkpoint: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = sticker.run(
        "柴犬", count=3, seed=4, steps=3, size=64, guide="img2img", strength=0.7, pack="telegram", compare=True,
        out=out, offline=True,
    )  # fmt: skip
    output = done.output
    assert done.status == "done" and output.drawn_by == "tiny" and len(output.images) == 3
    assert [(image.width, image.height, image.seed) for image in output.images] == [(64, 64, 4)] * 3
    assert all("shiba inu" in image.prompt for image in output.images)
    assert len({image.prompt for image in output.images}) == 3  # each with its own scene in words
    assert len({Path(image.path).read_bytes() for image in output.images}) == 3
    recipe = read_recipe(out / "01.png")
    assert (
        recipe
        and (recipe.model, recipe.steps, recipe.seed) == ("tiny", 3, 4)
        and read_made(out / "01.png") == "trained"
    )
    assert recipe.sheet["guide"] == {"kind": "img2img", "strength": 0.7} and len(recipe.model_hash) >= 10
    assert str(tmp_path).encode() not in (out / "01.png").read_bytes()
    assert {one.which for one in output.compared} == {"short", "long"}
    # Noise has no flat background, so the stickers are cards, which is told; the pack is one the platform takes.
    assert output.pack and validate(Path(output.pack.path), "telegram") == []
    assert any("圓角" in line for line in done.warnings) and read_made(Path(output.pack.files[0])) == "trained"
    again = sticker.redraw(recipe.to_json(), out=tmp_path / "again")
    assert (tmp_path / "again" / "01.png").exists() and again.output.drawn_by == "tiny"
    first, second = (read_recipe(path) for path in (out / "01.png", tmp_path / "again" / "01.png"))
    assert first and second and (first.prompt, first.seed, first.steps) == (second.prompt, second.seed, second.steps)


def test_a_stopped_run_keeps_its_pictures_and_goes_on_with_the_same_model(checkpoint: str, tmp_path: Path) -> None:
    runs = open_runs(Settings())
    from agents.sticker import AGENT

    given = {"theme": "貓", "count": 3, "steps": 60, "size": 64, "artist": "sdxl", "out": str(tmp_path / "out")}
    run = runs.start(AGENT, given)
    steps = []
    for event in runs.follow(run):
        if isinstance(event, Progress) and event.step == "draw":
            steps.append(event.what)
        if isinstance(event, Artifact):
            runs.stop(run)
    assert any("步" in what for what in steps)
    last = runs.store.events(run)[-1]
    assert isinstance(last, Failed) and last.stopped
    painted = {path.name: path.read_bytes() for path in (tmp_path / "out").glob("*.png")}
    assert 1 <= len(painted) < 3
    process = next(iter(_processes.values()))
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=30)
    runs.resume(run)
    list(runs.follow(run))
    assert len(ImageQueue(runs.home).jobs(run)) == 3
    result = runs.result(run)
    assert len(result.output.images) == 3 and result.output.drawn_by == "tiny"
    assert {name: (tmp_path / "out" / name).read_bytes() for name in painted} == painted
    runs.delete(run)
    assert ImageQueue(runs.home).jobs() == [] and len(list((tmp_path / "out").glob("*.png"))) == 3


def test_without_weights_sdxl_says_how_to_get_them_and_auto_draws_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FINALE_IMAGE_MODEL", str(tmp_path / "gone"))
    with pytest.raises(RunFailed, match="gone"):
        sticker.run("柴犬", count=2, artist="sdxl", out=tmp_path / "a", offline=True)
    done = sticker.run("柴犬", count=2, out=tmp_path / "b", offline=True)
    assert done.output.drawn_by == "house artist" and len(done.output.images) == 2
    for process in list(_processes.values()):
        process.terminate()
        process.wait(timeout=30)
    _processes.clear()


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("model.ckpt", b"\x80\x04K\x00.", "safetensors"),
        ("cut.safetensors", b"\xff\x00\x00\x00\x00\x00\x00\x00{", "cut.safetensors"),
    ],
)
def test_a_checkpoint_that_cannot_be_used_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, data: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(data)
    monkeypatch.setenv("FINALE_IMAGE_MODEL", str(tmp_path / name))
    with pytest.raises(RunFailed, match=told) as caught:
        sticker.run("柴犬", count=1, artist="sdxl", out=tmp_path / "out", offline=True)
    assert "\n" not in str(caught.value) and "Traceback" not in str(caught.value)
    with ImageQueue(Settings().home) as queue:
        assert [job.state for job in queue.jobs()] == ["failed"]
    for process in list(_processes.values()):
        process.terminate()
        process.wait(timeout=30)
    _processes.clear()
