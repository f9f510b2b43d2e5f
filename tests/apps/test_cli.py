"""The command line keeps its contract: one JSON object, the exit status, one clear line for what went wrong."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.doubles.openrouter import Fault, OpenRouterDouble
from tests.kit import KEY

TYPES = [a + b + c + d for a in "IE" for b in "NS" for c in "FT" for d in "JP"]
ENVELOPE = {"run", "agent", "status", "requests", "offline_steps", "models", "warnings", "output"}


def finale(*args: str, stdin: str | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """`finale ARGS`, with `env` on top of the test's environment."""
    command = [sys.executable, "-m", "apps.cli", *args]
    surroundings = {**os.environ, **env}
    return subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=surroundings,
        timeout=120,
        check=False,
    )


def one_json(done: subprocess.CompletedProcess[str]) -> dict:
    """The one object on standard output, and nothing else."""
    return json.loads(done.stdout)


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """The one line on standard error that says what went wrong."""
    lines = [line for line in done.stderr.splitlines() if line.startswith("✗")]
    assert len(lines) == 1 and "Traceback" not in done.stderr
    return lines[0]


def test_counsel_without_network_and_key() -> None:
    done = finale("counsel", "不知道未來可以做什麼，覺得很迷惘", "--type", "INFP", "--json")
    envelope = one_json(done)
    output = envelope["output"]
    assert done.returncode == 0 and set(envelope) == ENVELOPE and envelope["agent"] == "counselor"
    assert envelope["status"] == "done" and envelope["requests"] == 0 and envelope["offline_steps"] == ["answer"]
    assert output["sources"] and {source["type"] for source in output["sources"]} == {"INFP"}
    assert {"n", "type", "topic", "text", "score"} <= set(output["sources"][0])
    cited = {int(part.split("]")[0]) for part in output["answer"].split("[")[1:] if part.split("]")[0].isdigit()}
    assert cited == {source["n"] for source in output["sources"]} and output["crisis"] is False
    assert 2 <= len(output["follow_ups"]) <= 3


def test_post_without_network_and_key() -> None:
    done = finale("post", "雨天的校園", "--json")
    envelope = one_json(done)
    assert done.returncode == 0 and envelope["offline_steps"] == ["plan", "write"]
    assert len(envelope["output"]["plan"]["points"]) >= 3 and "雨" in envelope["output"]["post"]


def test_a_person_reads_the_same_without_json() -> None:
    done = finale("post", "雨天的校園")
    assert done.returncode == 0 and "【貼文】" in done.stdout and "離線作答" in done.stderr


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("counsel", "最近很迷惘", "--type", "INFX"), "INFX"),
        (("counsel", "   ", "--type", "INFP"), "空"),
        (("counsel", "迷" * 20_000, "--type", "INFP"), "20,000"),
        (("counsel", "最近很迷惘", "--tone", "兇"), "溫暖"),
        (("post", ""), "空"),
        (("post", "雨" * 600), "600"),
        (("post", "雨天", "--lang", "fr"), "fr"),
    ],
)
def test_bad_input_is_wrong_usage_with_one_line(args: tuple[str, ...], words: str, own_home: Path) -> None:
    done = finale(*args, "--json")
    envelope = one_json(done)
    assert done.returncode == 2 and words in one_line(done)
    assert envelope["status"] == "failed" and set(envelope) == ENVELOPE
    assert json.loads(finale("runs", "list", "--json").stdout) == {"runs": []}


def test_missing_arguments_are_wrong_usage() -> None:
    assert finale("counsel").returncode == 2
    assert finale("post", "x", "--no-such-option").returncode == 2


def test_an_english_question_is_answered_and_the_language_told() -> None:
    envelope = one_json(finale("counsel", "I feel lost about my career after graduation", "--type", "ENTJ", "--json"))
    assert envelope["output"]["sources"][0]["type"] == "ENTJ"
    assert any("英文" in warning for warning in envelope["warnings"])


@pytest.mark.parametrize("text", ["我不想活了", "想割腕", "I want to kill myself", "我朋友說他想自殺，怎麼辦"])
def test_a_crisis_gets_hotlines_reaches_no_model_and_no_store(
    text: str, double: OpenRouterDouble, own_home: Path
) -> None:
    done = finale("counsel", text, "--type", "INFP", "--json")
    envelope = one_json(done)
    assert done.returncode == 0 and envelope["output"]["crisis"] is True
    for number in ("1925", "1995", "1980", "110", "119"):
        assert number in envelope["output"]["answer"]
    assert not double.requests and not double.fetches
    stored = b"".join(path.read_bytes() for path in own_home.rglob("*") if path.is_file())
    assert text.encode() not in stored


def test_a_crisis_is_answered_whatever_else_is_wrong() -> None:
    done = finale("counsel", "我不想活了", "--type", "XXXX", "--json", FINALE_HOME="/proc/nowhere/finale")
    assert done.returncode == 0 and "1925" in one_json(done)["output"]["answer"]


def test_a_home_that_cannot_be_written_is_one_clear_line() -> None:
    done = finale("post", "雨天的校園", "--json", FINALE_HOME="/proc/nowhere/finale")
    assert done.returncode == 1 and "FINALE_HOME" in one_line(done) and one_json(done)["status"] == "failed"


def test_a_home_that_is_a_file_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    done = finale("quota", FINALE_HOME=str(tmp_path / "file" / "home"))
    assert done.returncode == 1 and "FINALE_HOME" in one_line(done)


def test_a_wrong_key_is_told_and_the_work_done_all_the_same(double: OpenRouterDouble) -> None:
    done = finale("post", "雨天的校園", "--json", OPENROUTER_API_KEY="sk-or-v1-wrong-0000000000")
    envelope = one_json(done)
    assert done.returncode == 0 and envelope["output"]["post"] and not double.requests
    assert any("OPENROUTER_API_KEY" in warning for warning in envelope["warnings"])
    assert "sk-or-v1-wrong" not in done.stdout + done.stderr


def test_plan_says_the_cost_and_sends_nothing(double: OpenRouterDouble) -> None:
    done = finale("post", "雨天的校園", "--plan", "--json")
    plan = one_json(done)
    assert (plan["requests_min"], plan["remaining"]) == (2, 50) and not double.requests
    assert "不需要" in finale("post", "雨天的校園", "--plan", OPENROUTER_API_KEY="", OPENROUTER_BASE_URL="").stdout


def test_models_come_from_the_server_then_from_the_copy_then_from_the_seed(double: OpenRouterDouble) -> None:
    live = one_json(finale("models", "--json"))
    assert live["state"] == "live" and all(model["free"] for model in live["models"])
    everything = one_json(finale("models", "--all", "--json"))
    assert {"paid", "classifier", "batch", "alias"} <= {model["out"] for model in everything["models"]}
    seed = one_json(finale("models", "--json", OPENROUTER_BASE_URL="", OPENROUTER_API_KEY=""))
    assert seed["state"] == "seed" and seed["models"]
    assert "free" in finale("models").stdout


def test_quota_is_what_the_server_counts(double: OpenRouterDouble) -> None:
    double.spend(7)
    quota = one_json(finale("quota", "--json"))
    assert (quota["used"], quota["remaining"], quota["limit"]) == (7, 43, 50) and quota["confirmed"]
    assert "43" in finale("quota").stdout
    assert "離線" in finale("quota", OPENROUTER_API_KEY="", OPENROUTER_BASE_URL="").stdout


def test_runs_list_show_upgrade(double: OpenRouterDouble) -> None:
    offline = one_json(finale("post", "雨天的校園", "--offline", "--json"))
    assert offline["offline_steps"] == ["plan", "write"] and not double.requests
    listed = one_json(finale("runs", "list", "--json"))["runs"]
    assert [run["run"] for run in listed] == [offline["run"]] and listed[0]["title"] == "雨天的校園"
    shown = one_json(finale("runs", "show", offline["run"], "--json"))
    assert shown["output"] == offline["output"] and shown["inputs"] == {"topic": "雨天的校園"}
    assert offline["output"]["post"][:20] in finale("runs", "show", offline["run"]).stdout
    assert finale("runs").stdout.count("雨天的校園") == 1


def test_runs_of_an_unknown_id_is_one_line() -> None:
    for verb in ("show", "resume", "upgrade", "delete"):
        done = finale("runs", verb, "20200101-deadbeef")
        assert done.returncode == 1 and "20200101-deadbeef" in one_line(done)


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(double: OpenRouterDouble) -> None:
    double.everyone([Fault.OK, Fault.HANG])
    command = [sys.executable, "-m", "apps.cli", "post", "雨天的校園", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8")
    double.wait_for(2, 60)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    envelope = json.loads(out)
    assert process.returncode == 1 and "Traceback" not in err
    resumed = one_json(finale("runs", "resume", envelope["run"], "--json"))
    assert resumed["status"] == "done" and len(double.requests) == 3


def test_help_names_every_command_and_imports_nothing_heavy() -> None:
    assert all(name in finale("--help").stdout for name in ("post", "counsel", "models", "quota", "runs", "apps"))
    code = "import sys, apps.cli; print([m for m in ('pydantic','langgraph','openai','chromadb','streamlit') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_language_of_the_interface_can_be_english() -> None:
    assert "Which free models" in finale("--help", FINALE_LANG="en").stdout
    done = finale("counsel", "x", "--type", "INFX", FINALE_LANG="en")
    assert "is not an MBTI type" in one_line(done)


def test_text_can_come_from_standard_input() -> None:
    assert "雨" in one_json(finale("post", "-", "--json", stdin="雨天的校園\n"))["output"]["post"]


def test_apps_lists_the_pages_and_a_taken_port_is_one_line() -> None:
    assert "counselor" in finale("apps", "--list").stdout
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = finale("apps", "--no-browser", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1 and "--port" in one_line(done)


def test_the_key_never_shows(double: OpenRouterDouble) -> None:
    for args in (("post", "雨天的校園"), ("quota",), ("models",), ("runs",)):
        done = finale(*args)
        assert KEY not in done.stdout + done.stderr


def test_the_very_first_start_asks_nothing_and_serves(own_home: Path) -> None:
    """Stops: Streamlit asking a new person for an e-mail address, which leaves `make run` waiting for ever."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    env = {**os.environ, "HOME": str(own_home / "newcomer"), "BROWSER": "true"}
    command = [sys.executable, "-m", "apps.cli", "apps", "--port", str(port)]
    process = subprocess.Popen(
        command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=10) as answer:
            assert answer.status == 200
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
