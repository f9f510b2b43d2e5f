"""Many rows in one question: nothing is lost, doubled or answered under another row's id."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field

from agents.events import Event
from agents.prompts import Prompt
from agents.rows import RowStep
from agents.step import Answer
from tests.doubles.openrouter import Fault, OpenRouterDouble
from tools.llm import open_gateway


class Score(BaseModel):
    id: str
    about: str
    score: int = Field(ge=0, le=10)


class Context:
    """A StepContext of its own, without a run."""

    def __init__(self) -> None:
        self.gateway = open_gateway()
        self.run, self.lang, self.offline, self.version, self.purpose = "r", "zh", False, "", "interactive"
        self.ceiling = None
        self.events: list[Event] = []
        self.kept: dict[tuple[str, str], Answer] = {}

    def emit(self, event: Event) -> None:
        self.events.append(event)

    def cancelled(self) -> bool:
        return False

    def model_for(self, step: str) -> str:
        return ""

    def recall(self, step: str, slot: str) -> Answer | None:
        answer = self.kept.get((step, slot))
        return answer if answer and answer.by == "model" else None

    def remember(self, step: str, slot: str, answer: Answer) -> None:
        self.kept[step, slot] = answer


ROWS = [{"id": f"a{n}", "title": f"第{n}篇談的是{topic}"} for n, topic in enumerate("貓狗魚鳥花樹山海雲雨雪風")]


@pytest.fixture
def step(tmp_path: Path) -> RowStep:
    path = tmp_path / "score.md"
    lines = "# user\n{% for row in rows %}\nROW {{ row.id }} {{ row.title }}\n{% endfor %}\n"
    path.write_text(lines, encoding="utf-8")
    return RowStep(
        name="score",
        prompt=Prompt(path),
        row=Score,
        offline=lambda inputs, row: {"id": row["id"], "about": row["title"][-1], "score": 0},
        what={"zh": "評分", "en": "Scoring"},
        size=6,
        problem=lambda inputs, row, value: "" if value["about"] in row["title"] else "another row's",
    )


def asked_ids(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    return re.findall(r"ROW (\w+) 第\d+篇談的是(.)", json.dumps(body, ensure_ascii=False))


def replies(change: Callable[[list[dict[str, Any]], int], list[Any]]) -> Callable[[Mapping[str, Any]], str]:
    """What the double says: right rows, spoilt by `change(rows, number of the request)`."""
    count = 0

    def say(body: Mapping[str, Any]) -> str:
        nonlocal count
        count += 1
        rows = [{"id": name, "about": topic, "score": 7} for name, topic in asked_ids(body)]
        return json.dumps({"rows": change(rows, count)}, ensure_ascii=False)

    return say


def by_model(answers: Mapping[str, Answer]) -> list[str]:
    return [name for name, answer in answers.items() if answer.by == "model"]


def test_rows_come_back_in_order_in_as_few_requests_as_batches(step: RowStep, double: OpenRouterDouble) -> None:
    double.say(replies(lambda rows, n: rows[::-1]))
    context = Context()
    answers = step.ask(ROWS, {}, context)
    assert list(answers) == [row["id"] for row in ROWS] and len(by_model(answers)) == 12
    assert len(double.requests) == 2 == step.requests(12)
    assert all(answers[row["id"]].value["about"] == row["title"][-1] for row in ROWS)


SPOILT = {
    "two are missing": lambda rows, n: rows[2:],
    "one has a wrong type": lambda rows, n: [{**rows[0], "score": "很高"}, *rows[1:]],
    "one is out of range": lambda rows, n: [{**rows[0], "score": 11}, *rows[1:]],
    "one comes twice and differs": lambda rows, n: [*rows, {**rows[0], "score": 1}],
    "two are swapped": lambda rows, n: [{**rows[0], "id": rows[1]["id"]}, {**rows[1], "id": rows[0]["id"]}, *rows[2:]],
    "one is under an unknown id": lambda rows, n: [{**rows[0], "id": "zz"}, *rows[1:]],
    "one is not even a row": lambda rows, n: ["？", *rows[1:]],
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_only_what_is_missing_is_asked_again(step: RowStep, double: OpenRouterDouble, spoil: Callable) -> None:
    double.say(replies(lambda rows, n: spoil(rows, n) if n == 1 else rows))
    answers = step.ask(ROWS[:6], {}, Context())
    assert len(by_model(answers)) == 6 and len(double.requests) == 2
    assert 1 <= len(asked_ids(double.requests[1].body)) <= 2
    assert all(answers[row["id"]].value["about"] == row["title"][-1] for row in ROWS[:6])


def test_what_stays_missing_is_answered_offline_row_by_row(step: RowStep, double: OpenRouterDouble) -> None:
    double.say(replies(lambda rows, n: [row for row in rows if row["id"] != "a3"]))
    context = Context()
    answers = step.ask(ROWS[:6], {}, context)
    assert [name for name in answers if answers[name].by == "offline"] == ["a3"] and len(double.requests) == 2
    assert answers["a3"].value == {"id": "a3", "about": "鳥", "score": 0}
    assert context.events[-1].value == {"rows": 6, "offline": 1}


def test_ids_as_numbers_and_the_same_row_twice_are_fine(step: RowStep, double: OpenRouterDouble) -> None:
    rows = [{"id": "7", "title": "第7篇談的是貓"}, {"id": "8", "title": "第8篇談的是狗"}]
    double.say(replies(lambda found, n: [{**row, "id": int(row["id"])} for row in found] * 2))
    answers = step.ask(rows, {}, Context())
    assert by_model(answers) == ["7", "8"] and len(double.requests) == 1


def test_a_second_run_asks_only_for_rows_without_a_model(step: RowStep, double: OpenRouterDouble) -> None:
    double.everyone([Fault.OK, *[Fault.PROVIDER_502] * 9])
    double.say(replies(lambda rows, n: rows))
    context = Context()
    first = step.ask(ROWS, {}, context)
    assert len(by_model(first)) == 6
    before = len(double.requests)
    double.everyone([])
    second = step.ask(ROWS, {}, context)
    assert len(by_model(second)) == 12 and len(double.requests) == before + 1
    assert {name for name, _ in asked_ids(double.requests[-1].body)} == {row["id"] for row in ROWS[6:]}


def test_a_spent_day_stops_asking_and_keeps_what_is_there(step: RowStep, double: OpenRouterDouble) -> None:
    double.spend(49)
    double.say(replies(lambda rows, n: rows))
    context = Context()
    answers = step.ask(ROWS, {}, context)
    assert len(by_model(answers)) == 6 and len(double.requests) == 1
    assert {answers[row["id"]].why for row in ROWS[6:]} == {"quota_spent"}


def test_offline_on_request_sends_nothing(step: RowStep, double: OpenRouterDouble) -> None:
    context = Context()
    context.offline = True
    answers = step.ask(ROWS, {}, context)
    assert not by_model(answers) and not double.requests


@pytest.mark.parametrize("fault", [Fault.MISSING_ROWS, Fault.DUPLICATED_ROWS, Fault.FENCED_JSON, Fault.CUT_JSON])
def test_the_doubles_own_spoilt_rows(step: RowStep, double: OpenRouterDouble, fault: Fault) -> None:
    double.everyone([fault])
    loose = RowStep(**{**step.__dict__, "problem": lambda inputs, row, value: ""})
    answers = loose.ask(ROWS[:6], {}, Context())
    assert set(answers) == {row["id"] for row in ROWS[:6]} and len(double.requests) <= 3
