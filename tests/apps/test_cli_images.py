"""`finale images …` as a person types it: the queue shown and changed, a picture painted again, bad pictures refused in a line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from tools.images.backend import HOUSE, Offer
from tools.images.queue import ImageQueue, Order
from tools.images.recipe import Recipe, encode, read_recipe

A1111 = (
    "a castle on a hill, <lora:ink:0.7>\nNegative prompt: blurry\n"
    "Steps: 25, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 42, Size: 1024x1024, Model: somebodys-model"
)


def finale(*args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "apps.cli", "images", *args]
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", env=dict(os.environ), timeout=120, check=False
    )


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    lines = done.stderr.strip().splitlines()
    assert done.returncode and len(lines) == 1 and lines[0].startswith("✗ "), done.stderr
    assert "Traceback" not in done.stderr and done.stdout == ""
    return lines[0]


def sticker(folder: Path, n: int, subject: str = "柴犬") -> Order:
    sheet = {"character": {"subject": subject, "seed": n}, "scene": {"expression": "happy", "caption": ""}}
    return Order(Recipe(seed=n, width=64, height=64, sheet=sheet), folder / f"{n}.png", Offer(HOUSE, "house"))


def with_text(path: Path, **chunks: str) -> Path:
    info = PngImagePlugin.PngInfo()
    for name, text in chunks.items():
        info.add_text(name, text)
    Image.new("RGB", (8, 8)).save(path, pnginfo=info)
    return path


def test_the_queue_from_the_first_to_the_last(own_home: Path, tmp_path: Path) -> None:
    """Stops: a job that is shown otherwise than it is, or changed otherwise than asked."""
    assert "沒有等待中的圖片" in finale().stdout
    with ImageQueue(own_home) as queue:
        one, two, bad, four = queue.add("run-1", [*(sticker(tmp_path, n) for n in (1, 2)), sticker(tmp_path, 3, "外星怪獸X"),
                                                  sticker(tmp_path, 4)])  # fmt: skip
        assert (taken := queue.take("house")) and taken.id == one  # by somebody who dies right then
    assert "finale images list" in one_line(finale("move", "99"))
    assert str(one) in one_line(finale("move", str(one)))
    assert json.loads(finale("move", str(four), "--before", str(two), "--json").stdout) == {"waiting": [four, two, bad]}
    assert "取消" in finale("cancel", str(two)).stdout
    rows = {row["id"]: row for row in json.loads(finale("list", "--all", "--json").stdout)["jobs"]}
    assert [rows[id]["state"] for id in (one, two, bad, four)] == ["interrupted", "cancelled", "waiting", "waiting"]
    assert rows[four]["batch"] == "run-1" and rows[four]["path"] == str(tmp_path / "4.png") and rows[four]["seed"] == 4
    worked = finale("work", "--json")
    value = json.loads(worked.stdout)
    assert worked.returncode == 1 and (value["done"], value["failed"]) == (2, 1), (
        "what failed is told by the exit status"
    )
    assert "外星怪獸X" in worked.stderr and sorted(path.name for path in tmp_path.iterdir()) == ["1.png", "4.png"]
    shown = finale("list")
    assert "失敗" in shown.stdout and "外星怪獸X" in shown.stdout.replace("\n", "") and "1.png" not in shown.stdout
    assert "等待" in finale("retry", str(two)).stdout and "沒有結束" in one_line(finale("retry", str(two)))
    finale("cancel", str(bad))
    done = finale("work")
    assert done.returncode == 0 and "畫好 1 張" in done.stdout and (tmp_path / "2.png").exists()


def test_a_sticker_painted_again(tmp_path: Path) -> None:
    """Stops: `again` that gives another picture, or overwrites the first one."""
    order = sticker(tmp_path, 5)
    with ImageQueue(Path(os.environ["FINALE_HOME"])) as queue:
        queue.add("a", [order])
    assert finale("work").returncode == 0
    again = finale("again", str(order.path), "--out", str(tmp_path / "再來"), "--json")
    value = json.loads(again.stdout)
    assert again.returncode == 0 and value["agent"] == "redraw" and value["requests"] == 0
    path = Path(value["output"]["images"][0]["path"])
    with Image.open(path) as new, Image.open(order.path) as old:
        assert new.tobytes() == old.tobytes() and new.size == (64, 64)
    assert path.parent == tmp_path / "再來" and (first := read_recipe(path)) and first.seed == 5


def test_the_recipe_of_another_program(tmp_path: Path) -> None:
    """Stops: another program's recipe drawn with something else in silence, or a missing model not told."""
    picture = with_text(tmp_path / "a1111.png", parameters=A1111)
    printed = json.loads(finale("again", str(picture), "--print", "--json").stdout)
    assert (printed["prompt"][:8], printed["seed"], printed["sampler"]) == ("a castle", 42, "DPM++ 2M Karras")
    assert "somebodys-model" in finale("again", str(picture), "--print").stdout
    done = finale("again", str(picture))
    assert done.returncode == 1 and "FINALE_IMAGE_MODEL" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "said"),
    [("none", "找不到"), ("text", "不是我們能讀的圖片"), ("plain", "沒有配方"), ("huge", "20000"), ("cut", "壞了")],
)
def test_bad_pictures(tmp_path: Path, name: str, said: str) -> None:
    """Stops: a stack trace, or a filled memory, from a file that a stranger sent."""
    path = tmp_path / f"{name}.png"
    if name == "text":
        path.write_text("hello")
    elif name == "plain":
        Image.new("RGB", (8, 8)).save(path)
    elif name == "huge":
        Image.new("1", (20_000, 20_000)).save(path)
    elif name == "cut":
        path.write_bytes(encode(Image.new("RGB", (8, 8)), "PNG")[:20])
    assert said in one_line(finale("again", str(path)))


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"prompt": "__import__('os').system('touch hacked')", "seed": "9" * 400}),
        "Steps: " + "9" * 5_000 + ", Size: 99999999x99999999, Seed: -1",
        json.dumps({"1": {"class_type": "KSampler", "inputs": {"seed": ["1", 0], "model": ["1", 0]}}}),
        "[" * 50_000,
    ],
)
def test_hostile_recipes(tmp_path: Path, text: str) -> None:
    """Stops: text in a picture that is evaluated, followed in circles, or ends in a stack trace."""
    done = finale("again", str(with_text(tmp_path / "hostile.png", parameters=text, prompt=text)))
    assert done.returncode in (1, 2) and "Traceback" not in done.stderr and done.stderr.strip().count("✗") == 1
    assert not Path("hacked").exists()
