"""A run survives whatever happens to it, and never asks twice for what it has."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agents import load_agent, post
from agents.context import RunOptions
from agents.errors import NothingLeft, RunBusy, UnknownAgent, UnknownRun
from agents.events import Answered, Failed, Result, Text, Warned, event_from_json
from agents.run import open_runs
from agents.view import view_of
from tests.doubles.openrouter import Fault, OpenRouterDouble
from tests.kit import KEY
from tools.settings import Settings


def child(*args: str) -> subprocess.Popen[str]:
    """`finale ARGS` as a real process."""
    command = [sys.executable, "-m", "apps.cli", *args]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8")


def test_a_run_uses_one_request_a_step_and_tells_who_answered(double: OpenRouterDouble) -> None:
    result = post.run(topic="雨天的校園")
    assert result.status == "done" and result.requests == len(double.requests) == 2
    assert set(result.models) == {"plan", "write"} and "offline" not in result.models.values()
    assert result.offline_steps == [] and result.output.post and len(result.output.plan.points) >= 2


def test_the_same_question_again_costs_nothing(double: OpenRouterDouble) -> None:
    first = post.run(topic="雨天的校園")
    again = post.run(topic="雨天的校園")
    assert len(double.requests) == 2 and again.requests == 0 and again.output == first.output


def test_fresh_asks_anew(double: OpenRouterDouble) -> None:
    post.run(topic="雨天的校園")
    post.run(topic="雨天的校園", fresh=True)
    assert len(double.requests) == 4


def test_without_a_key_nothing_is_sent_and_everything_is_answered(double: OpenRouterDouble, monkeypatch) -> None:
    monkeypatch.delenv("OPENROUTER_BASE_URL")
    monkeypatch.setenv("OPENROUTER_API_KEY", "")
    result = post.run(topic="雨天的校園")
    assert result.status == "done" and result.offline_steps == ["plan", "write"] and result.requests == 0
    assert result.models == {"plan": "offline", "write": "offline"} and not double.requests


def test_events_are_stored_in_order_and_come_back_as_they_were(double: OpenRouterDouble) -> None:
    streamed = list(post.stream(topic="雨天的校園"))
    runs = open_runs()
    record = runs.history(1)[0]
    stored = runs.store.events(record.id)
    assert [event.seq for event in streamed] == list(range(1, len(streamed) + 1))
    assert stored == streamed == [event_from_json(event.model_dump_json()) for event in streamed]
    text = "".join(event.text for event in streamed if isinstance(event, Text) and event.step == "write")
    answer = next(event for event in streamed if isinstance(event, Answered) and event.step == "write")
    assert text.strip() == answer.value.strip()
    assert isinstance(streamed[-1], Result)


@pytest.mark.parametrize("seen", [1, 2], ids=["while planning", "while writing"])
def test_kill_9_then_resume_asks_nothing_that_was_answered(double: OpenRouterDouble, seen: int) -> None:
    double.set_latency(first=0.4, per_token=0.02)
    process = child("post", "雨天的校園", "--json")
    double.wait_for(seen, 60)
    time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    double.set_latency()
    run = open_runs().history(1)[0]
    assert run.status == "interrupted"
    done = child("runs", "resume", run.id, "--json")
    out, err = done.communicate(timeout=60)
    assert done.returncode == 0, err
    envelope = json.loads(out)
    # One request per step, and the one that was in the air when the process died.
    assert envelope["status"] == "done" and len(double.requests) == 3 == envelope["requests"]
    assert envelope["output"]["post"] and not envelope["offline_steps"]


def test_kill_9_at_random_moments_loses_nothing_and_repeats_only_what_was_in_the_air(double: OpenRouterDouble) -> None:
    dice = random.Random(7)
    double.set_latency(first=0.15, per_token=0.004)
    process, kills, envelope = child("post", "期末專題發表會", "--json"), 0, None
    for _ in range(6):
        time.sleep(dice.uniform(0.6, 2.2))
        if process.poll() is not None:
            break
        process.kill()
        process.wait()
        kills += 1
        records = open_runs().history(1)
        args = ("runs", "resume", records[0].id) if records else ("post", "期末專題發表會")
        process = child(*args, "--json")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    envelope = json.loads(out)
    assert envelope["output"]["post"]
    # A kill between the grant and the sending leaves a request counted that never went out: the safe side.
    assert len(double.requests) <= 2 + kills and envelope["requests"] <= len(double.requests) + kills


def test_resuming_a_finished_run_gives_its_result_and_costs_nothing(double: OpenRouterDouble) -> None:
    result = post.run(topic="雨天的校園")
    runs = open_runs()
    runs.resume(result.run)
    assert runs.result(result.run).output == result.output and len(double.requests) == 2


def test_upgrade_asks_only_what_was_answered_offline(double: OpenRouterDouble) -> None:
    double.everyone([Fault.PROVIDER_502] * 9)  # three requests of three candidates each: the plan fails
    before = post.run(topic="雨天的校園")
    assert before.offline_steps == ["plan"] and before.models["write"] != "offline"
    sent = len(double.requests)
    runs = open_runs()
    runs.upgrade(before.run)
    list(runs.follow(before.run))
    after = runs.result(before.run)
    assert len(double.requests) == sent + 1 and after.offline_steps == []
    assert after.output.post == before.output.post  # a model had written it: it is not asked again
    assert after.warnings != before.warnings
    with pytest.raises(NothingLeft):
        runs.upgrade(before.run)


def test_a_run_stopped_by_the_quota_is_partial_and_goes_on_tomorrow(double: OpenRouterDouble) -> None:
    double.spend(49)
    today = post.run(topic="雨天的校園")
    assert today.status == "partial" and today.offline_steps == ["write"] and len(double.requests) == 1
    assert any("額度" in warning for warning in today.warnings)
    double.clock.advance(86_400)
    runs = open_runs()
    ledger = runs.gateway.ledger
    real = ledger.clock
    ledger.clock = lambda: real() + 86_400
    try:
        runs.resume(today.run)
        list(runs.follow(today.run))
    finally:
        ledger.clock = real
    tomorrow = runs.result(today.run)
    assert tomorrow.status == "done" and tomorrow.offline_steps == [] and len(double.requests) == 2
    assert tomorrow.output.plan == today.output.plan


def test_stop_ends_soon_keeps_what_is_there_and_resumes(double: OpenRouterDouble) -> None:
    double.everyone([Fault.OK, Fault.HANG])
    runs = open_runs()
    run = runs.start(load_agent("post"), {"topic": "雨天的校園"})
    double.wait_for(2, 60)
    runs.stop(run)
    last = list(runs.follow(run))[-1]
    assert isinstance(last, Failed) and last.stopped and runs.store.get(run).status == "stopped"
    runs.resume(run)
    events = list(runs.follow(run, last.seq))
    assert isinstance(events[-1], Result) and len(double.requests) == 3


def test_stop_reaches_a_run_of_another_process(double: OpenRouterDouble) -> None:
    double.everyone([Fault.HANG])
    process = child("post", "雨天的校園", "--json")
    double.wait_for(1, 60)
    runs = open_runs()
    run = runs.history(1)[0].id
    runs.stop(run)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 1 and json.loads(out)["status"] == "failed" and json.loads(out)["run"] == run


def test_a_run_is_worked_on_once_at_a_time(double: OpenRouterDouble) -> None:
    double.everyone([Fault.HANG])
    process = child("post", "雨天的校園", "--json")
    double.wait_for(1, 60)
    runs = open_runs()
    run = runs.history(1)[0]
    assert run.status == "running" and runs.alive(run.id)
    with pytest.raises(RunBusy):
        runs.resume(run.id)
    with pytest.raises(RunBusy):
        runs.delete(run.id)
    process.kill()
    process.wait()


def test_wanted_models_are_asked_first_and_a_failure_names_them(double: OpenRouterDouble) -> None:
    planner, writer = "nvidia/nemotron-3-super-120b-a12b:free", "google/gemma-4-31b-it:free"
    result = post.run(topic="雨天的校園", planner=planner, writer=writer)
    assert result.models == {"plan": planner, "write": writer}
    assert [request.model for request in double.requests] == [planner, writer]
    double.script(planner, [Fault.GONE_404], repeat=True)
    again = post.run(topic="另一個主題", planner=planner, writer=writer)
    assert again.models["plan"] != planner and any(planner in warning for warning in again.warnings)


def test_a_model_that_does_not_exist_is_told_by_name_and_another_used(double: OpenRouterDouble) -> None:
    result = post.run(topic="雨天的校園", planner="nobody/nothing:free")
    assert result.models["plan"] not in ("offline", "nobody/nothing:free")
    assert any("nobody/nothing:free" in warning for warning in result.warnings)
    assert all(request.model != "nobody/nothing:free" for request in double.requests)


def test_a_refused_key_is_told_once_and_not_tried_again(double: OpenRouterDouble, monkeypatch) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-v1-wrong-key-000000")
    result = post.run(topic="雨天的校園")
    assert result.status == "done" and result.offline_steps == ["plan", "write"]
    # The key's own page says so, which is no counted request.
    assert not double.requests and sum("金鑰" in warning for warning in result.warnings) == 1


def test_simplified_text_is_repaired_and_reported(double: OpenRouterDouble) -> None:
    from tools.chinese import inspect

    double.default(Fault.SIMPLIFIED)
    events = list(post.stream(topic="雨天的校園"))
    result = events[-1].envelope
    assert inspect(result["output"]["post"]).clean
    assert all(inspect(point).clean for point in result["output"]["plan"]["points"])
    assert any("簡體" in warning for warning in result["warnings"])
    assert all(not inspect(event.text).simplified for event in events if isinstance(event, Text))


def test_a_stream_that_breaks_and_starts_over_shows_one_text(double: OpenRouterDouble) -> None:
    plan_done = [Fault.OK]
    double.everyone([*plan_done, Fault.STREAM_ERROR_CHUNK, Fault.OK])
    view = view_of(post.stream(topic="雨天的校園"))
    assert view.texts["write"].strip() == view.answers["write"].value.strip()
    assert any(isinstance(w, Warned) for w in view.warnings)


def test_keys_are_stored_nowhere(double: OpenRouterDouble, own_home: Path) -> None:
    post.run(topic=f"我的金鑰是 {KEY} 請保密，還有 sk-or-v1-aaaabbbbcccc")
    for path in own_home.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert KEY.encode() not in data and b"sk-or-v1-aaaabbbbcccc" not in data, path.name
    assert all(KEY not in json.dumps(request.body, ensure_ascii=False) for request in double.requests)


@pytest.mark.parametrize("name", ["runs.db", "checkpoints.db", "ledger.db"])
def test_a_damaged_file_is_kept_under_another_name_and_work_goes_on(name: str, own_home: Path) -> None:
    first = child("post", "雨天的校園", "--json")
    first.communicate(timeout=60)
    for suffix in ("", "-wal", "-shm"):
        (own_home / f"{name}{suffix}").unlink(missing_ok=True)
    (own_home / name).write_bytes(b"this is no database at all" * 500)
    again = child("post", "雨天的校園", "--json")
    out, err = again.communicate(timeout=60)
    assert again.returncode == 0 and json.loads(out)["status"] == "done", err
    kept = [path for path in own_home.iterdir() if path.name.startswith(f"{name}.damaged-")]
    assert kept and kept[0].read_bytes().startswith(b"this is no database")
    assert sqlite3.connect(own_home / name).execute("PRAGMA quick_check").fetchone() == ("ok",)


def test_history_titles_ids_and_deletion(double: OpenRouterDouble) -> None:
    result = post.run(topic="雨天的校園", offline=True)
    runs = open_runs()
    record = runs.history(10)[0]
    assert record.title == "雨天的校園" and record.status == "done"
    assert runs.store.get(result.run[:12]).id == result.run
    runs.delete(result.run)
    with pytest.raises(UnknownRun):
        runs.store.get(result.run)
    assert runs.store.events(result.run) == [] and not double.requests


def test_unknown_names_are_told() -> None:
    with pytest.raises(UnknownAgent, match="counselor"):
        load_agent("astrologer")
    with pytest.raises(UnknownRun, match="finale runs list"):
        open_runs().resume("20200101-ffffffff")


def test_a_plain_server_without_key_prices_or_quota_just_works(monkeypatch, own_home: Path) -> None:
    with OpenRouterDouble(plain=True) as ollama:
        monkeypatch.setenv("OPENROUTER_BASE_URL", ollama.base_url)
        result = post.run(topic="雨天的校園")
        assert result.offline_steps == [] and result.requests == len(ollama.requests) == 2
        assert not any({"models", "provider", "reasoning"} & set(request.body) for request in ollama.requests)
        assert open_runs().gateway.quota().limited is False


def test_an_endpoint_that_is_not_there_answers_offline_and_says_so(monkeypatch) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", KEY)
    monkeypatch.setenv("OPENROUTER_BASE_URL", "http://127.0.0.1:9/api/v1")
    result = post.run(topic="雨天的校園")
    assert result.offline_steps == ["plan", "write"] and result.requests == 0
    assert any("127.0.0.1:9" in warning for warning in result.warnings)


def test_two_processes_on_one_ledger_never_overdraw(double: OpenRouterDouble) -> None:
    double.spend(44)
    processes = [child("post", f"主題{n}", "--json") for n in range(4)]
    envelopes = [json.loads(process.communicate(timeout=120)[0]) for process in processes]
    assert double.counted <= 50 and len(double.requests) == sum(envelope["requests"] for envelope in envelopes) == 6
    assert all(envelope["output"]["post"] for envelope in envelopes)


def test_options_reach_the_run_and_settings_give_defaults(double: OpenRouterDouble) -> None:
    runs = open_runs(Settings(finale_models={"*": "z-ai/glm-5.2:free"}))
    run = runs.start(load_agent("post"), {"topic": "雨天的校園"}, RunOptions({"write": "google/gemma-4-31b-it:free"}))
    list(runs.follow(run))
    assert [request.model for request in double.requests] == ["z-ai/glm-5.2:free", "google/gemma-4-31b-it:free"]
    assert os.environ["FINALE_HOME"] == str(runs.home)
