"""`finale copy` as a person types it: one JSON object, one line for an error, files where asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.agents.copywriter.kit import author
from tests.doubles.openrouter import OpenRouterDouble
from tools.settings import data_dir

SHOP = str(data_dir() / "shops" / "鹿港手工皂.yaml")
SOAPS = str(data_dir() / "shops" / "鹿港手工皂-商品.csv")


def finale(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "apps.cli", *args],
        capture_output=True, text=True, encoding="utf-8", env=dict(os.environ), timeout=120, check=False,
    )  # fmt: skip


def test_the_envelope_is_that_of_the_contract(double: OpenRouterDouble, tmp_path: Path) -> None:
    double.say(author)
    done = finale("copy", "--shop", SHOP, "--product", SOAPS, "--out", str(tmp_path / "出"), "--json")
    value = json.loads(done.stdout)
    assert done.returncode == 0 and value["agent"] == "copywriter" and value["status"] == "done"
    assert value["requests"] == len(double.requests) == 4 and value["models"]["copy"] != "offline"
    output = value["output"]
    assert {"products", "shop", "files"} <= set(output) and len(output["products"]) == 4
    product = output["products"][0]
    wanted = {"name", "title", "bullets", "description", "social", "alt", "kept", "removed", "voice", "pictures"}
    assert wanted <= set(product)
    assert {"claim", "fact"} == set(product["kept"][0]) and {"rule", "ok", "note"} == set(product["voice"][0])
    assert all(Path(path).exists() for path in output["files"]) and output["shop"]["name"] == "鹿港小巷手工皂"
    assert "寫文案 4／4" in done.stderr


def test_without_a_key_a_person_reads_the_copy_and_finds_the_run_again() -> None:
    done = finale("copy", "--shop", SHOP, "--product", SOAPS)
    assert done.returncode == 0 and "【洛神花皂" in done.stdout and "想聞聞看的話" in done.stdout
    assert "文案.zip" in done.stdout and "離線作答" in done.stderr
    listed = json.loads(finale("runs", "list", "--json").stdout)["runs"]
    assert listed[0]["agent"] == "copywriter" and "等 4 件" in listed[0]["title"]
    assert "洛神花皂" in finale("runs", "show", listed[0]["run"]).stdout
    assert "洛神花皂" in finale("runs", "export", listed[0]["run"], "--as", "csv").stdout


def test_plan_says_the_most_before_anything_is_sent(double: OpenRouterDouble) -> None:
    done = finale("copy", "--shop", SHOP, "--product", SOAPS, "--plan", "--json")
    assert json.loads(done.stdout)["requests_min"] == 4 and json.loads(done.stdout)["requests_max"] == 7
    assert not double.requests


@pytest.mark.parametrize(
    ("shop", "product", "more", "told"),
    [
        (SHOP, "沒有.csv", (), "沒有.csv"),
        ("沒有.yaml", SOAPS, (), "沒有.yaml"),
        (SOAPS, SOAPS, (), "店家檔"),
        (SHOP, SHOP, (), "語氣"),
        (SHOP, SOAPS, ("--pictures", "99"), "8"),
        (SHOP, SOAPS, ("--style", "沒有這種"), "沒有這種"),
    ],
)
def test_bad_input_is_one_line_and_status_two(shop: str, product: str, more: tuple[str, ...], told: str) -> None:
    done = finale("copy", "--shop", shop, "--product", product, *more)
    lines = done.stderr.strip().splitlines()
    assert done.returncode == 2 and lines[-1].startswith("✗ ") and told in lines[-1] and "Traceback" not in done.stderr
    assert (
        json.loads(finale("copy", "--shop", shop, "--product", product, *more, "--json").stdout)["status"] == "failed"
    )


def test_without_its_files_the_command_says_how_it_is_used() -> None:
    assert finale("copy").returncode == 2
