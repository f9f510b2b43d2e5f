"""The real pipeline behind the queue: a worker process with a tiny SDXL, killed within a picture and taken up again."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.doubles import tiny_sdxl
from tools.images.backend import AUTO, SDXL, chosen
from tools.images.queue import ImageQueue, Job, Order, drain
from tools.images.queue.drain import _processes
from tools.images.recipe import Recipe, read_made, read_recipe
from tools.settings import Settings


def test_a_killed_sdxl_worker_paints_the_same_picture(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stops: a diffused picture that comes out another one, or not at all, because its worker died."""
    tiny_sdxl.save(tmp_path / "models" / "tiny")
    monkeypatch.setenv("FINALE_IMAGE_FOLDER", str(tmp_path / "models"))
    monkeypatch.setenv("FINALE_IMAGE_MODEL", "tiny")
    monkeypatch.setenv("FINALE_IMAGE_DEVICE", "cpu")
    monkeypatch.setenv("FINALE_IMAGE_IDLE", "0.3")
    settings = Settings()
    offer = chosen(AUTO, settings)
    assert (offer.name, offer.device, offer.model, offer.ready) == (SDXL, "cpu", "tiny", True)
    wish = Recipe(prompt="a shiba dog", negative="text", seed=5, steps=40, width=64, height=64)
    killed: list[int] = []
    previews: list[bytes] = []

    def kill(jobs: Sequence[Job]) -> None:
        previews.extend(job.preview for job in jobs if job.preview)
        process = _processes.get((own_home, "cpu"))
        if process and not killed and jobs[0].state == "running" and jobs[0].done > 1:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            killed.append(process.pid)

    with ImageQueue(own_home) as queue:
        orders = [
            Order(wish, tmp_path / "killed.png", offer),
            Order(wish, tmp_path / "plain.png", offer),
            Order(replace(wish, seed=6), tmp_path / "other.png", offer),
            Order(replace(wish, prompt="<lora:none:1> a dog"), tmp_path / "bad.png", offer),
        ]
        queue.add("a", orders)
        one, two, other, bad = drain(queue, "a", settings, on_change=kill, cancelled=lambda: False)
    assert _processes[own_home, "cpu"].wait(timeout=60) == 0
    assert killed and (one.attempts, one.state, two.state, other.state) == (2, "done", "done", "done")
    assert one.sha256 == two.sha256 != other.sha256
    assert previews and previews[0].startswith(b"\xff\xd8")
    assert bad.state == "failed" and bad.problem and bad.problem.code == "lora_missing"
    made = read_recipe(one.path)
    assert made and made == one.made and (made.model, made.steps, made.seed) == ("tiny", 40, 5)
    assert read_made(one.path) == "trained"
