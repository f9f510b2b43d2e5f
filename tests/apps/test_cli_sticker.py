"""`finale expand` and `finale sticker` as a person types them: one JSON object, one line for an error, files where asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agents import sticker
from tools.images.packs import validate


def finale(*args: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "apps.cli", *args],
        capture_output=True, text=True, encoding="utf-8", env=dict(os.environ), timeout=120, check=False, input=given,
    )  # fmt: skip


def test_the_sticker_envelope_is_that_of_the_contract(tmp_path: Path) -> None:
    done = finale(
        "sticker", "柴犬", "--count", "8", "--pack", "line", "--out", str(tmp_path / "圖"), "--seed", "3", "--json"
    )
    value = json.loads(done.stdout)
    assert done.returncode == 0 and value["agent"] == "sticker" and value["status"] == "done" and value["requests"] == 0
    output: dict[str, Any] = value["output"]
    assert {"prompt", "negative", "kept", "tokens", "images", "pack", "sheet", "drawn_by"} <= set(output)
    assert {"path", "seed", "width", "height"} <= set(output["images"][0]) and output["images"][0]["seed"] == 3
    assert {"path", "files", "problems"} == set(output["pack"])
    assert validate(Path(output["pack"]["path"]), "line") == [] and all(
        Path(one).exists() for one in output["pack"]["files"]
    )
    assert "畫貼圖 8／8" in done.stderr


def test_expand_gives_the_prompt_alone(own_home: Path) -> None:
    done = finale("expand", "兩隻紅色的貓", "--style", "線稿", "--json")
    value = json.loads(done.stdout)
    assert done.returncode == 0 and value["agent"] == "expand" and value["output"]["kept"]["紅色"] == "red cats"
    assert {"prompt", "negative", "kept", "tokens"} <= set(value["output"]) and value["output"]["style"] == "line-art"
    assert not (own_home / "stickers").exists()
    spoken = finale("expand", "-", "--lang", "en", given="a blue dragon\n")
    assert spoken.returncode == 0 and "blue dragon" in spoken.stdout and "【" in spoken.stdout


def test_a_person_sees_where_the_files_are_and_finds_the_run_again() -> None:
    done = finale("sticker", "珍珠奶茶", "--count", "2", "--no-captions")
    assert done.returncode == 0 and "02.png" in done.stdout and "內建畫師" in done.stdout
    listed = json.loads(finale("runs", "list", "--json").stdout)["runs"]
    shown = finale("runs", "show", listed[0]["run"])
    assert listed[0]["agent"] == "sticker" and shown.returncode == 0 and "02.png" in shown.stdout
    assert finale("runs", "export", listed[0]["run"], "--as", "json").returncode == 0


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("sticker", ""), "主題是空的"),
        (("sticker", "貓" * 5_000), "500"),
        (("expand", "貓", "--style", "不存在的風格"), "不存在的風格"),
        (("sticker", "貓", "--pack", "wechat"), "wechat"),
        (("sticker", "貓", "--count", "99"), "40"),
    ],
)
def test_bad_input_is_one_line_and_status_two(args: tuple[str, ...], told: str) -> None:
    done = finale(*args)
    lines = done.stderr.strip().splitlines()
    assert done.returncode == 2 and lines[-1].startswith("✗ ") and told in lines[-1] and "Traceback" not in done.stderr
    assert json.loads(finale(*args, "--json").stdout)["status"] == "failed"


def test_plan_says_that_nothing_is_asked_without_a_key() -> None:
    assert json.loads(finale("sticker", "貓", "--plan", "--json").stdout)["requests_max"] == 0


def test_the_history_page_shows_these_runs(app: Callable[..., Any], tmp_path: Path) -> None:
    drawn = sticker.run("柴犬", count=1, out=tmp_path, offline=True)
    told = sticker.expand("兩隻貓", offline=True)
    page = app("history")
    assert {f"chip-{drawn.run}", f"chip-{told.run}"} <= {button.key for button in page.button}
    for run in (drawn.run, told.run):
        page = app("history", run=run)
        assert not page.exception and any("展開主題" in text.value for text in page.markdown)
