"""A comparison asks fairly, keeps what it has, and tells what it could not have."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from agents import compare
from agents.errors import BadInput
from agents.events import Answered, Artifact, Text
from agents.run import open_runs
from agents.view import view_of
from tests.agents.compare.kit import GEMMA, GLM, SUPER, THREE, cells, compared
from tests.doubles.openrouter import Fault, OpenRouterDouble
from tests.kit import KEY

PROMPTS = ["用一句話介紹台南", "雨天的校園", "怎麼準備面試"]


def test_every_prompt_goes_to_every_model_once_and_comes_back_as_rows(double: OpenRouterDouble) -> None:
    result = compared(PROMPTS)
    assert result.status == "done" and result.requests == 9 == len(double.requests)
    assert Counter(call.model for call in double.requests) == dict.fromkeys(THREE, 3)
    assert all(call.models == () for call in double.requests)  # nobody stands in for anybody
    rows = cells(result)
    assert len(rows) == 9 and {row["model"] for row in rows.values()} == set(THREE)
    for row in rows.values():
        assert row["text"] and row["served_by"] and row["seconds"] >= row["ttft_s"] > 0 and not row["error"]
        assert row["simplified_chars"] == 0 and row["length"] == len(row["text"]) and row["language"] == "zh-TW"
    assert [row["prompt"] for row in result.output.replies[:3]] == [PROMPTS[0]] * 3
    import pandas

    assert pandas.DataFrame(result.output.replies).groupby("model")["tokens"].sum().min() > 0


def test_every_model_gets_its_first_prompt_before_any_gets_its_second(double: OpenRouterDouble) -> None:
    double.set_latency(first=1.0, model=GEMMA)
    compared(PROMPTS, repeats=2)
    order = [call.model for call in double.requests]
    assert set(order[:3]) == set(THREE)


def test_where_requests_are_scarce_no_model_gets_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    with OpenRouterDouble(key=KEY, daily=9) as server:
        monkeypatch.setenv("OPENROUTER_API_KEY", KEY)
        monkeypatch.setenv("OPENROUTER_BASE_URL", server.base_url)
        server.set_latency(first=1.0, model=GEMMA)  # the others could ask four times before it asks twice
        result = compared([f"第 {n} 題" for n in range(6)])
        asked = Counter(call.model for call in server.requests)
    assert asked == dict.fromkeys(THREE, 3) and result.status == "partial"
    left = [row for row in result.output.replies if row["error"]]
    assert [row["error"] for row in left] == ["quota_spent"] * 9 and "9/9" in left[0]["error_text"]


def test_a_spent_day_is_continued_the_next_and_nothing_is_asked_twice(
    double: OpenRouterDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    double.spend(44)
    runs = open_runs()
    result = compared(PROMPTS)
    assert result.status == "partial" and len(double.requests) == 6
    double.clock.advance(86_400)
    ahead = time.time
    monkeypatch.setattr(runs.gateway.ledger, "clock", lambda: ahead() + 86_400)
    runs.resume(result.run)
    for _ in runs.follow(result.run, runs.last_event(result.run)):
        pass
    again = runs.result(result.run)
    assert again.status == "done" and again.requests == 9 == len(double.requests)
    before, after = cells(result), cells(again)
    assert [key for key in before if before[key]["text"] and before[key] != after[key]] == []
    assert all(row["text"] for row in after.values())


def test_a_background_job_leaves_a_fifth_of_the_day(double: OpenRouterDouble) -> None:
    double.spend(37)
    result = compared(PROMPTS, purpose="background")
    assert len(double.requests) == 3 and result.status == "partial"


def test_a_budget_is_kept_and_taking_it_up_again_goes_on(double: OpenRouterDouble) -> None:
    result = compared(PROMPTS, budget=4)
    assert result.requests == 4 and result.status == "partial"
    assert Counter(row["error"] for row in result.output.replies) == {"": 4, "run_limit": 5}
    runs = open_runs()
    runs.resume(result.run)
    for _ in runs.follow(result.run, runs.last_event(result.run)):
        pass
    assert runs.result(result.run).requests == 8


def test_kill_9_then_resume_asks_nothing_that_was_answered(double: OpenRouterDouble) -> None:
    double.set_latency(first=0.5)
    given = [
        "-m",
        "apps.cli",
        "compare",
        "雨天的校園",
        "--models",
        ",".join(THREE),
        "--repeat",
        "3",
        "--use-all",
        "--json",
    ]
    process = subprocess.Popen([sys.executable, *given], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    double.wait_for(5, 60)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    runs = open_runs()
    run = runs.history(1)[0]
    assert run.status == "interrupted"
    kept = [step for step, answer in runs.store.answers(run.id) if answer.by == "model"]
    before = len(double.requests)
    runs.resume(run.id)
    for _ in runs.follow(run.id, runs.last_event(run.id)):
        pass
    result = runs.result(run.id)
    # What had come whole but was not yet remembered is found among the stored replies.
    assert kept and 9 - before <= len(double.requests) - before <= 9 - len(kept)
    assert len(cells(result)) == 9 and all(row["text"] for row in result.output.replies)


def test_a_model_that_is_down_is_no_data_in_its_own_words(double: OpenRouterDouble) -> None:
    double.script(GEMMA, [Fault.GONE_404], repeat=True)
    double.script(SUPER, [Fault.UPSTREAM_429], repeat=True)
    result = compared([*PROMPTS, "四", "五"])
    asked = Counter(call.model for call in double.requests)
    assert asked == {GEMMA: 1, SUPER: 3, GLM: 5}  # one that is gone is not asked again, a busy one three times
    rows = cells(result)
    assert "No endpoints found" in rows["p1", GEMMA, 1]["error_text"] and rows["p2", GEMMA, 1]["error"] == "skipped"
    assert rows["p3", SUPER, 1]["error"] == "busy" and rows["p4", SUPER, 1]["error"] == "skipped"
    standing = {row["model"]: row for row in result.output.ranking}
    assert result.output.ranking[0]["model"] == GLM
    for model in (GEMMA, SUPER):
        assert (
            standing[model]["answered"] == 0 and standing[model]["leak"] is None and standing[model]["ttft_s"] is None
        )
    assert result.status == "done" and any(SUPER in line for line in result.warnings)


def test_all_models_down(double: OpenRouterDouble) -> None:
    double.default(Fault.OVERLOADED_503)
    result = compared(PROMPTS)
    assert result.status == "done" and {row["error"] for row in result.output.replies} == {"provider"}
    assert [row["answered"] for row in result.output.ranking] == [0, 0, 0]


def test_a_model_that_failed_can_be_asked_again_later(double: OpenRouterDouble) -> None:
    double.script(GEMMA, [Fault.GONE_404])
    result = compared(PROMPTS)
    runs = open_runs()
    runs.upgrade(result.run)
    for _ in runs.follow(result.run, runs.last_event(result.run)):
        pass
    rows = cells(runs.result(result.run))
    assert all(row["text"] for row in rows.values()) and len(double.requests) == 7 + 3


def test_an_unknown_model_is_named_and_the_others_run(double: OpenRouterDouble) -> None:
    result = compared(PROMPTS[0], ["vendor/none:free", GLM, "openai/gpt-5.4-nano"])
    assert [call.model for call in double.requests] == [GLM]
    assert {row["model"]: row["error"] for row in result.output.replies} == {
        "vendor/none:free": "unknown_model",
        GLM: "",
        "openai/gpt-5.4-nano": "unknown_model",  # it costs money
    }
    assert sum("vendor/none:free" in line for line in result.warnings) == 1


def test_without_a_key_only_the_offline_column_answers(
    double: OpenRouterDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "")
    monkeypatch.delenv("OPENROUTER_BASE_URL")
    result = compared(["雨天的校園"], [GLM, "offline"])
    rows = {row["model"]: row for row in result.output.replies}
    assert "雨天" in rows["offline"]["text"] and rows["offline"]["served_by"] == "offline"
    assert rows[GLM]["error"] == "no_key" and result.requests == 0 and not double.requests
    assert result.models["offline"] == "offline"


def test_two_runs_at_once_share_the_ledger_and_the_replies(double: OpenRouterDouble) -> None:
    double.set_latency(first=0.2)
    runs = open_runs()
    given = compare.prepared({"prompts": PROMPTS, "models": THREE}).model_dump(mode="json")
    started = [runs.start(compare.AGENT, given) for _ in range(2)]
    for run in started:
        for _ in runs.follow(run):
            pass
    one, other = (runs.result(run) for run in started)
    assert len(double.requests) == 9 == one.requests + other.requests  # who came second found the reply stored
    assert [row["text"] for row in one.output.replies] == [row["text"] for row in other.output.replies]


def test_what_streams_adds_up_to_what_was_said(double: OpenRouterDouble) -> None:
    double.set_latency(first=0.05, per_token=0.01)
    events = list(compare.stream(PROMPTS[:2], THREE))
    view = view_of(events)
    rows = {row["id"]: row for row in view.envelope["output"]["replies"]}
    assert set(rows) == {f"{n}|{model}" for n in (1, 2) for model in THREE}
    for cell, row in rows.items():
        assert view.texts[cell].strip() == row["text"] and view.answers[cell].value["ttft_s"] == row["ttft_s"]
    for model in THREE:  # however many pieces a model sends, its column tells about ten times a second
        at = [event.at for event in events if isinstance(event, Text) and event.step == f"1|{model}"]
        assert len(at) > 2 and len(at) <= (at[-1] - at[0]) * 11.2 + 2
    assert sum(isinstance(event, Answered) for event in events) == 6


def test_html_in_a_reply_stays_text_and_a_loop_is_cut(double: OpenRouterDouble) -> None:
    evil = '<script>alert("x")</script><img src=x onerror=alert(1)>'
    double.say(evil, model=GLM)
    double.script(SUPER, [Fault.LOOP])
    rows = {row["model"]: row for row in compared(["說"], [GLM, SUPER], out="out").output.replies}
    assert rows[GLM]["text"] == evil
    assert rows[SUPER]["cut"] and len(rows[SUPER]["text"]) < 20 and not rows[SUPER]["error"]
    page = Path("out/compare.html").read_text(encoding="utf-8")
    assert evil not in page and "&lt;script&gt;" in page


def test_a_report_is_written_and_told(double: OpenRouterDouble) -> None:
    events = list(compare.stream(PROMPTS[:1], [GLM, "offline"], out="where/to"))
    paths = [event.path for event in events if isinstance(event, Artifact)]
    assert [path.rpartition(".")[2] for path in paths] == ["html", "csv", "json"] and all(map(os.path.isfile, paths))
    assert events[-1].envelope["output"]["report"] == paths[0]
    saved = json.loads(Path(paths[2]).read_text(encoding="utf-8"))
    assert saved["models"] == [GLM, "offline"] and saved["plan"]["requests"] == 1 and saved["replies"][0]["text"]
    later = compared(PROMPTS[:1], [GLM, SUPER], out="later", since=paths[2])
    assert later.output.report and not later.warnings
    runs = open_runs()
    for form in ("html", "csv", "json", "md"):
        assert GLM in runs.export(later.run, "zh", form)


def test_a_folder_that_cannot_be_made_costs_no_request(double: OpenRouterDouble) -> None:
    Path("file").touch()
    with pytest.raises(Exception, match="file"):
        compared(PROMPTS, out="file/below")
    assert not double.requests


def test_an_earlier_report_that_cannot_be_read_costs_no_request(double: OpenRouterDouble) -> None:
    Path("notes.json").write_text("[]", encoding="utf-8")
    for earlier in ("notes.json", "nowhere.json"):
        with pytest.raises(Exception, match=earlier):
            compared(PROMPTS, out="here", since=earlier)
    assert not double.requests


def test_why_nothing_was_asked_is_said_in_words(double: OpenRouterDouble) -> None:
    limited = {row["error"] for row in compared(PROMPTS, budget=1).output.replies} - {""}
    double.spend(48)
    spent = {row["error"] for row in compared(PROMPTS).output.replies} - {""}
    double.key = "sk-or-another"
    refused = {row["error"] for row in compared(PROMPTS[:1], fresh=True).output.replies} - {""}
    assert "run_limit" in limited and "quota_spent" in spent and refused
    assert all(compare.why(code, "zh") != code for code in spent | limited | refused)


def test_a_judge_sees_both_orders_and_is_counted(double: OpenRouterDouble) -> None:
    def say(body: dict) -> dict:
        asked = body["messages"][-1]["content"]
        if "回覆甲" not in asked:
            return "台南是台灣最早發展的城市。" if body["model"] == GLM else "不知道。"
        first = asked.index("台南是台灣最早") < asked.index("不知道。")
        return {"winner": "left" if first else "right", "why": "切題"}

    for model in THREE:
        double.say(say, model=model)
    result = compared(PROMPTS[:2], [GLM, GEMMA], judge=SUPER)
    votes = result.output.votes
    assert result.output.plan["judging"] == 4 and result.requests == 4 + 4 and result.output.plan["requests"] == 8
    assert [vote["by"] for vote in votes] == ["judge"] * 2
    assert all({"left": vote["left"], "right": vote["right"]}[vote["winner"]] == GLM for vote in votes)
    standing = {row["model"]: row for row in result.output.ranking}
    assert standing[GLM]["strength"] > 0 > standing[GEMMA]["strength"]
    assert standing[GLM]["rank"] is None  # a judge alone makes no rank
    double.say({"winner": "left", "why": "先看到的"}, model=SUPER)
    tied = compared(PROMPTS[:2], [GLM, GEMMA], judge=SUPER, fresh=True)
    assert {vote["winner"] for vote in tied.output.votes} == {"tie"}  # one that likes the first seat has no opinion


def test_a_2_mb_prompt_is_refused_before_anything_is_sent(double: OpenRouterDouble) -> None:
    with pytest.raises(BadInput) as raised:
        compared(["好", "長" * 700_000])
    assert "第 2 則" in raised.value.message("zh") and "200 KB" in raised.value.message("zh") and not double.requests
