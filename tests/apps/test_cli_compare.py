"""`finale compare` as a process: the contract's fields, plans, prompts from files and from the history."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.agents.compare.kit import GEMMA, GLM, SUPER
from tests.doubles.openrouter import Fault, OpenRouterDouble


def finale(*args: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "apps.cli", *args]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, encoding="utf-8", timeout=120)


def envelope(*args: str, **more: Any) -> dict[str, Any]:
    done = finale("compare", *args, "--json", **more)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_contract(double: OpenRouterDouble) -> None:
    double.script(GEMMA, [Fault.GONE_404])
    done = envelope("用一句話介紹台南", "--models", f"{GLM},{GEMMA},offline", "--repeat", "2", "--out", "報告")
    assert done["agent"] == "compare" and done["status"] == "done" and done["requests"] == 3
    fields = {"prompt", "model", "served_by", "text", "ttft_s", "seconds", "tokens", "error", "simplified_chars"}
    assert len(done["output"]["replies"]) == 6 and all(fields <= set(row) for row in done["output"]["replies"])
    assert {row["model"] for row in done["output"]["ranking"]} == {GLM, GEMMA, "offline"}
    assert Path(done["output"]["report"]).name == "compare.html" and Path("報告/compare.csv").is_file()
    assert done["models"][GLM] == GLM


def test_a_person_sees_a_table_and_the_replies(double: OpenRouterDouble) -> None:
    double.say("台南是一座古都。", model=GLM)
    double.script(GEMMA, [Fault.HARNESS_403])
    done = finale("compare", "用一句話介紹台南", "--models", f"{GLM},{GEMMA}")
    assert done.returncode == 0 and "台南是一座古都。" in done.stdout and "1/1" in done.stdout and "0/1" in done.stdout
    assert "agentic harnesses" in done.stdout and "2 次請求" in done.stderr


def test_a_plan_sends_nothing(double: OpenRouterDouble) -> None:
    done = finale("compare", "雨天", "--models", f"{GLM},{SUPER}", "--repeat", "10", "--plan")
    assert done.returncode == 0 and "20 次請求；今天還剩 50 次" in done.stdout
    told = json.loads(finale("compare", "雨天", "--models", f"{GLM},{SUPER}", "--plan", "--json").stdout)
    assert told["requests"] == 2 and told["fits"] and told["remaining"] == 50 and not double.requests


def test_prompts_come_from_files_and_broken_rows_are_named(double: OpenRouterDouble) -> None:
    Path("題目.csv").write_text("prompt,city\n介紹{{city}},台南\n介紹{{city}},\n", encoding="utf-8")
    Path("題目.txt").write_text("# 筆記\n雨天\n\n晴天\n", encoding="utf-8")
    assert [row["prompt"] for row in envelope("題目.txt", "--models", GLM)["output"]["replies"]] == ["雨天", "晴天"]
    Path("壞.jsonl").write_text('{"prompt": "好"}\n{"nothing": 1}\n', encoding="utf-8")
    broken = finale("compare", "壞.jsonl", "--models", GLM)
    assert broken.returncode == 2 and "第 2 列" in broken.stderr and "--skip-broken" in broken.stderr
    rest = envelope("壞.jsonl", "--models", GLM, "--skip-broken")
    assert [row["prompt"] for row in rest["output"]["replies"]] == ["好"]
    missing = finale("compare", "沒有這個檔案.csv", "--models", GLM)
    assert missing.returncode == 2 and "沒有這個檔案.csv" in missing.stderr


def test_earlier_runs_are_prompts_of_a_step(double: OpenRouterDouble) -> None:
    finale("post", "雨天的校園", "--offline")
    done = envelope("last:5", "--step", "post.plan", "--models", GLM)
    assert len(done["output"]["replies"]) == 1 and "雨天的校園" in done["output"]["replies"][0]["prompt"]
    assert finale("compare", "last:5", "--models", GLM).returncode == 2


def test_variants_and_standard_input(double: OpenRouterDouble) -> None:
    done = envelope(
        "-", "--variant", f"冷={GLM},temperature=0.1", "--variant", f"熱={GLM},temperature=1.5", stdin="雨天"
    )
    assert sorted(call.body["temperature"] for call in double.requests) == [0.1, 1.5]
    assert {row["model"] for row in done["output"]["replies"]} == {"冷", "熱"}
    pair = envelope("雨天", "--step", "post", "--variant", f"對=plan:{GLM},write:{SUPER}")
    assert pair["models"]["對"] == f"{GLM} → {SUPER}"
    assert finale("compare", "雨天", "--variant", "沒有等號").returncode == 2
