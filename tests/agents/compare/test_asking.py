"""What can be compared: prompts, steps of agents on saved inputs, temperatures, pairs of a planner and a writer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents import compare, post
from agents.compare.state import CompareInputs
from agents.compare.turns import Turns
from agents.errors import BadInput
from agents.run import open_runs
from agents.view import view_of
from tests.agents.compare.kit import GEMMA, GLM, SUPER, THREE, cells, compared
from tests.doubles.openrouter import Fault, OpenRouterDouble


def test_planners_are_compared_on_the_last_posts(double: OpenRouterDouble) -> None:
    topics = ["雨天的校園", "期末考", "社團招生"]
    for topic in topics:
        post.run(topic=topic)
    double.script(GEMMA, [Fault.WRONG_TYPES_JSON], repeat=True)
    sent = len(double.requests)
    prompts = compare.from_history(open_runs().history(3, "post"), "post.plan")
    result = compared(prompts, [GLM, GEMMA], step="post.plan")
    assert len(double.requests) - sent == 6
    asked = [call.body["messages"][1]["content"] for call in double.requests[sent:]]
    assert {topic for topic in topics for text in asked if topic in text} == set(topics)
    for row in result.output.replies:
        form = row["checks"][-1]
        assert row["text"] and not row["error"]  # a reply in the wrong form is a bad reply, not a missing one
        assert form["ok"] == (row["model"] == GLM) and (form["ok"] or form["why"]["zh"])
    assert [row["model"] for row in result.output.ranking] == [GLM, GEMMA]
    assert [row["passed"] for row in result.output.ranking] == [1.0, 0.0]


def test_a_writer_finds_the_plan_in_an_earlier_run(double: OpenRouterDouble) -> None:
    done = post.run(topic="雨天的校園")
    prompts = compare.from_history(open_runs().history(1, "post"), "post.write")
    compared(prompts, [GLM, "offline"], step="post.write")
    assert done.output.plan.points[0] in json.dumps(double.requests[-1].body, ensure_ascii=False)


def test_pairs_of_a_planner_and_a_writer(double: OpenRouterDouble) -> None:
    pairs = [
        {"name": "甲", "models": {"plan": GLM, "write": SUPER}},
        {"name": "乙", "models": {"plan": SUPER, "write": GLM}},
    ]
    double.say({"points": ["從天氣說起", "邀請讀者留言"], "tone": "溫暖", "length": 120}, model=GLM)
    result = compared(["雨天的校園"], [], variants=pairs, step="post")
    order = {}
    for call in double.requests:
        schema = "JSON Schema" in call.body["messages"][0]["content"]
        order.setdefault("plan" if schema else "write", []).append(call.model)
    assert sorted(order["plan"]) == sorted(order["write"]) == sorted([GLM, SUPER])
    rows = {row["model"]: row for row in result.output.replies}
    assert rows["甲"]["served_by"] == f"{GLM} → {SUPER}" and result.requests == 4
    written = next(call for call in double.requests if call.model == SUPER and "從天氣說起" in str(call.body))
    assert written  # what the planner said is what the writer got


def test_temperatures_and_system_prompts_are_columns(double: OpenRouterDouble) -> None:
    variants = [
        {"name": "冷", "model": GLM, "temperature": 0.1},
        {"name": "熱", "model": GLM, "temperature": 1.5, "max_tokens": 99, "system": "用一句話回答。"},
    ]
    compared(["雨天"], [], variants=variants, system="用台灣的正體中文。")
    seen = {call.body["temperature"]: call.body for call in double.requests}
    assert set(seen) == {0.1, 1.5} and seen[1.5]["max_tokens"] == 99
    assert [one["content"] for one in seen[0.1]["messages"]] == ["用台灣的正體中文。", "雨天"]
    assert [one["content"] for one in seen[1.5]["messages"]] == ["用一句話回答。", "雨天"]


def test_repeats_are_asked_anew_and_stored_replies_are_used(double: OpenRouterDouble) -> None:
    first = compared(["雨天"], [GLM], repeats=3)
    assert first.requests == 3
    again = compared(["雨天", "晴天"], [GLM], repeats=3)
    assert again.requests == 3 and again.output.plan["stored"] == 3 and again.output.plan["requests"] == 3
    rows = cells(again)
    assert [rows["p1", GLM, n]["stored"] for n in (1, 2, 3)] == [True] * 3
    assert rows["p1", GLM, 2]["seconds"] == cells(first)["p1", GLM, 2]["seconds"]
    assert compared(["雨天"], [GLM], repeats=3, fresh=True).requests == 3


def test_checks_of_a_file_are_run_on_replies(double: OpenRouterDouble) -> None:
    Path("p.yaml").write_text(
        "prompts:\n  - id: tainan\n    prompt: 用一句話介紹{{city}}\n    variables: {city: 台南}\n"
        "    checks: [no_simplified, {contains: 台南}, {max_length: 10}]\n",
        encoding="utf-8",
    )
    double.say("台南是一座古都，小吃很多，值得慢慢走。")
    row = compared(Path("p.yaml"), [GLM]).output.replies[0]
    assert row["prompt"] == "用一句話介紹台南" and [check["ok"] for check in row["checks"]] == [True, True, False]


def test_a_broken_row_is_named_by_line_and_nothing_runs(double: OpenRouterDouble) -> None:
    Path("p.jsonl").write_text('{"prompt": "好"}\n{"prompt": \n{"prompt": "也好"}\n', encoding="utf-8")
    with pytest.raises(BadInput) as raised:
        compared(Path("p.jsonl"), [GLM])
    assert "第 2 列" in raised.value.message("zh") and "2" in raised.value.message("en") and not double.requests
    items, problems = compare.from_file(Path("p.jsonl"), skip_broken=True)
    assert len(items) == 2 and [problem.line for problem in problems] == [2]
    assert compared(items, [GLM]).requests == 2


def test_best_and_all_are_named_before_the_start(double: OpenRouterDouble) -> None:
    for _ in range(5):
        open_runs().gateway.health.won(GEMMA)
        open_runs().gateway.health.lost(GLM, "busy")
    best = compare.prepared({"prompts": ["雨天"], "models": "best:2"})
    assert best.models[0] == GEMMA and len(best.models) == 2 and GLM not in best.models
    every = compare.prepared({"prompts": ["雨天"], "models": ["all", "offline"]})
    free = [model.id for model in open_runs().gateway.catalogue.listing().free]
    assert {*THREE, "offline"} <= set(every.models) and set(every.models) - {"offline"} < set(free)
    assert "openrouter/free" not in every.models  # a router is no model: its name says nothing of who answers


def test_the_plan_tells_what_is_left_and_when_the_rest_follows(double: OpenRouterDouble) -> None:
    double.spend(19)
    inputs = compare.prepared({"prompts": [f"第{n}題" for n in range(28)], "models": THREE})
    told = compare.plan(inputs, open_runs().gateway, purpose="interactive")
    assert (told.requests, told.remaining, told.today, told.fits) == (84, 31, 31, False)
    assert [count for _, count in told.later] == [50, 3] and not double.requests
    assert "84 次請求" in told.line("zh") and "31 次" in told.line("zh") and "53 次" in told.line("zh")
    assert "84 requests; 31 left today" in told.line("en") and "other 53 after" in told.line("en")
    behind = compare.plan(inputs, open_runs().gateway)
    assert (behind.kept, behind.today) == (10, 21) and "10 次" in behind.line("zh")
    budget = compare.plan(inputs.model_copy(update={"budget": 5}), open_runs().gateway, purpose="interactive")
    assert budget.today == 5 and "最多用 5 次" in budget.line("zh")
    # Its own limit ends it, not the day: nobody is told to wait for tomorrow.
    assert "接續" in budget.line("zh") and "之後" not in budget.line("zh") and "taken up again" in budget.line("en")


def test_the_plan_counts_no_judging_that_cannot_be(double: OpenRouterDouble) -> None:
    def told(models: list[str], judge: str) -> compare.Plan:
        inputs = compare.prepared({"prompts": ["雨天", "晴天"], "models": models, "judge": judge})
        return compare.plan(inputs, open_runs().gateway, purpose="interactive")

    absent = told([GLM, SUPER], "no/such:free")
    assert (absent.judging, absent.requests, absent.unknown) == (0, 4, ["no/such:free"])
    assert "no/such:free" in absent.line("zh") and told([GLM, SUPER], "offline").judging == 0
    half = told([GLM, "no/such:free", SUPER], GEMMA)
    assert (half.judging, half.requests) == (4, 8)  # one pair a prompt in both orders: the third column has no replies


def test_a_plan_without_a_key_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = compare.prepared({"prompts": ["雨天"], "models": ["offline", GLM]})
    told = compare.plan(inputs, open_runs().gateway)
    assert told.requests == 0 and told.cells == 2 and "金鑰" in told.line("zh")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"prompts": []}, "沒有提示詞"),
        ({"prompts": ["  "]}, "第 1 則"),
        ({"prompts": [7]}, "第 1 則"),
        ({"models": []}, "沒有要比較的模型"),
        ({"repeats": 11}, "repeats"),
        ({"temperature": 3}, "temperature"),
        ({"models": [f"a/{n}:free" for n in range(30)]}, "24"),
        ({"prompts": [{"id": "x", "text": "一"}, {"id": "x", "text": "二"}]}, "編號相同"),
        ({"variants": [{"name": "GLM", "model": GLM}, {"name": "GLM", "model": SUPER}]}, "同名"),
        ({"variants": [{"name": "無"}]}, "模型和名稱"),
        ({"step": "post.none"}, "post.plan"),
        ({"step": "counselor.answer"}, "passages"),
        (
            {"step": "post.write", "prompts": [{"inputs": {"topic": "雨", "points": 5, "tone": "", "length": 9}}]},
            "第 1 則",
        ),
        ({"prompts": [{"text": "好", "checks": [{"regex": "("}]}]}, "("),
        ({"since": "earlier.json"}, "--out"),
    ],
)
def test_what_cannot_be_compared_is_told(given: dict, said: str) -> None:
    with pytest.raises(BadInput) as raised:
        compare.AGENT.checked({"prompts": ["雨天"], "models": [GLM], **given})
    assert said in raised.value.message("zh") and raised.value.message("en")


def test_a_step_may_take_its_topic_from_a_line() -> None:
    inputs = compare.AGENT.checked({"prompts": ["雨天"], "models": ["offline"], "step": "post.plan"})
    assert isinstance(inputs, CompareInputs)
    row = compare.run(["雨天"], "offline", step="post").output.replies[0]
    assert "雨" in row["text"] and not row["text"].startswith("{")


def test_inputs_that_only_a_model_can_use_spoil_one_column(double: OpenRouterDouble) -> None:
    given = {"topic": 5, "points": ["一"], "tone": "溫暖", "length": 120}
    rows = {
        row["model"]: row for row in compared([{"inputs": given}], [GLM, "offline"], step="post.write").output.replies
    }
    assert rows[GLM]["text"] and rows["offline"]["error"] == "no_offline" and rows["offline"]["error_text"]


def test_a_pair_that_was_asked_before_shows_its_last_text_alone(double: OpenRouterDouble) -> None:
    given = {"variants": [{"name": "對", "models": {"plan": GLM, "write": SUPER}}], "step": "post"}
    for _ in range(2):
        view = view_of(compare.stream(["雨天"], [], **given))
        row = view.envelope["output"]["replies"][0]
        assert view.texts["1|對"].strip() == row["text"]
    assert row["stored"] and len(double.requests) == 2


class Patience:
    """Turns for columns a and b, in which whoever looks a third time in vain gives up waiting."""

    def __init__(self, scarce: bool = False) -> None:
        self.looks = 0
        self.turns = Turns(["a", "b"], scarce=lambda left: scarce, stopped=self._looked)

    def _looked(self) -> bool:
        self.looks += 1
        return self.looks > 2

    def takes(self, column: str) -> bool:
        self.looks = 0
        taken = self.turns.take(column, 5)
        self.turns.give(column)
        return taken


def test_nobody_begins_a_second_round_before_all_have_begun_the_first() -> None:
    patience = Patience()
    assert patience.takes("a") and not patience.takes("a")
    assert patience.takes("b")
    assert patience.takes("a") and patience.takes("a") and patience.takes("a")  # there is enough: each at its own pace


def test_where_it_is_scarce_nobody_gets_a_round_ahead() -> None:
    patience = Patience(scarce=True)
    assert patience.takes("a") and patience.takes("b") and patience.takes("a")
    assert not patience.takes("a") and patience.takes("b") and patience.takes("a")
    patience.turns.leave("b")  # nobody waits for a column that has left
    assert patience.takes("a") and patience.takes("a")


def test_one_at_a_time_asks_for_a_grant() -> None:
    patience = Patience()
    assert patience.turns.take("a", 5)
    patience.looks = 0
    assert not patience.turns.take("b", 5)  # a has not given its turn back
    patience.turns.give("a")
    assert patience.takes("b")
