"""What the double says: good content that fits the request, and the ways it is spoiled."""

from __future__ import annotations

import json
import re

import opencc
import pytest
from pydantic import BaseModel, Field

from tests.doubles.asking import A, B, ask, said
from tests.doubles.openrouter import Fault, OpenRouterDouble


class Score(BaseModel):
    id: str
    score: int = Field(ge=1, le=10)
    why: str
    good: bool
    tags: list[str]


class Scores(BaseModel):
    rows: list[Score]


ROWS = (
    '評分以下文章。\n{"id": "a1", "title": "捷運動工"}\n{"id": "b2", "title": "颱風假"}\n{"id": "c3", "title": "球賽"}'
)


def rows_of(server: OpenRouterDouble, fault: Fault) -> str:
    server.script(A, fault)
    return said(server, f"{ROWS}\nJSON Schema:\n{json.dumps(Scores.model_json_schema())}")


# Content that is bad


def test_json_faults_break_what_they_say(server: OpenRouterDouble) -> None:
    good = rows_of(server, Fault.OK)
    ids = [row.id for row in Scores.model_validate_json(good).rows]
    assert ids == ["a1", "b2", "c3"]
    for fault in (Fault.FENCED_JSON, Fault.PROSE_JSON, Fault.THINK_JSON):
        text = rows_of(server, fault)
        with pytest.raises(ValueError):
            json.loads(text)
        assert json.loads(text[text.index('{"rows"' if fault is not Fault.FENCED_JSON else "{") :
                               text.rindex("}") + 1]) == json.loads(good)  # fmt: skip
    assert rows_of(server, Fault.FENCED_JSON).startswith("```json\n")
    assert rows_of(server, Fault.THINK_JSON).startswith("<think>")
    cut = rows_of(server, Fault.CUT_JSON)
    assert good.startswith(cut) and cut != good
    control = rows_of(server, Fault.CONTROL_JSON)
    with pytest.raises(json.JSONDecodeError):
        json.loads(control)
    assert [row["id"] for row in json.loads(control, strict=False)["rows"]] == ids
    with pytest.raises(ValueError):
        Scores.model_validate_json(rows_of(server, Fault.WRONG_TYPES_JSON))
    with pytest.raises(ValueError):
        json.loads(rows_of(server, Fault.IGNORES_FORMAT))


def test_row_faults(server: OpenRouterDouble) -> None:
    rows = {fault: Scores.model_validate_json(rows_of(server, fault)).rows for fault in (
        Fault.OK, Fault.MISSING_ROWS, Fault.DUPLICATED_ROWS, Fault.SWAPPED_ROWS)}  # fmt: skip
    assert [row.id for row in rows[Fault.MISSING_ROWS]] == ["a1", "c3"]
    assert [row.id for row in rows[Fault.DUPLICATED_ROWS]] == ["a1", "b2", "c3", "a1"]
    assert rows[Fault.SWAPPED_ROWS] == rows[Fault.OK][::-1]


def test_simplified_and_loop(server: OpenRouterDouble) -> None:
    to_simplified = opencc.OpenCC("t2s").convert
    good = said(server)
    server.script(A, [Fault.SIMPLIFIED, Fault.LOOP])
    drifted = said(server)
    assert to_simplified(good) != good and to_simplified(drifted) == drifted != good
    choice = ask(server).choices[0]
    assert choice.message.content == "我們" * 500 and choice.finish_reason == "length"


def test_money_and_dated_names(server: OpenRouterDouble) -> None:
    server.script(A, [Fault.COSTS_MONEY, Fault.DATED_MODEL])
    assert ask(server).usage.cost == 0.002 and server.spent == 0.002
    assert ask(server).model == "nvidia/nemotron-3-super-120b-a12b-20230311:free"


# Content that is good


def test_same_request_same_answer_and_others_differ(server: OpenRouterDouble) -> None:
    first = said(server)
    assert said(server) == first and 150 <= len(first) <= 250 and "期末報告" in first
    assert len({first, said(server, "怎麼選社團？"), said(server, model=B)}) == 3
    assert ask(server, model=B).choices[0].message.content == said(server, model=B)


def test_passages_are_cited(server: OpenRouterDouble) -> None:
    passages = "[1] 柴犬很固執。但聰明。\n[2] INFP 重視意義。\n[3] 每天散步兩次。\n[7] 梅雨季要除濕。"
    prompt = f"資料：\n{passages}\n\n問題：柴犬好養嗎？"
    text = said(server, prompt)
    sentences = {"柴犬很固執[1]。", "INFP 重視意義[2]。", "每天散步兩次[3]。", "梅雨季要除濕[7]。"}
    found = re.findall(r"[^。]+\[\d\]。", text)
    assert 3 <= len(found) <= 4 and set(found) <= sentences and "".join(found) == text


def test_schema_of_response_format_is_filled(server: OpenRouterDouble) -> None:
    class Point(BaseModel):
        title: str = Field(max_length=12)
        weight: float = Field(ge=0, le=1)
        kind: str | None = None

    class Plan(BaseModel):
        points: list[Point] = Field(min_length=4, max_length=6)
        answer: str = Field(min_length=30)
        mbti: str = Field(pattern="^[EI][NS][FT][JP]$")
        by_topic: dict[str, Point]

    schema = {"name": "plan", "strict": True, "schema": Plan.model_json_schema()}
    for number in range(20):
        text = said(server, f"第 {number} 題", response_format={"type": "json_schema", "json_schema": schema})
        plan = Plan.model_validate_json(text)
        assert re.search(r"[\u4e00-\u9fff]", plan.answer) and plan.by_topic
        server.clock.advance(60)


def test_say_replaces_the_content(server: OpenRouterDouble) -> None:
    server.say("固定的話")
    server.say(lambda body: {"last": body["messages"][-1]["content"]}, model=B)
    assert said(server) == "固定的話" and json.loads(said(server, "嗨", model=B)) == {"last": "嗨"}
    server.script(A, Fault.SIMPLIFIED)
    assert said(server) == opencc.OpenCC("t2s").convert("固定的話") != "固定的話"
