"""Typed answers out of whatever a model wrote."""

from __future__ import annotations

import json
import random

import pytest
from pydantic import BaseModel, Field

from tests.tools.llm.kit import Plan
from tools.llm.structured import NotParsed, parse_answer, schema_instruction, strip_thinking

GOOD = '{"points": ["雨聲", "操場"], "tone": "安靜", "length": 3}'
WANTED = Plan(points=["雨聲", "操場"], tone="安靜", length=3)
OTHER = '{"points": ["草稿"], "tone": "草稿", "length": 1}'


class Row(BaseModel):
    id: str
    score: float = 0


class Table(BaseModel):
    rows: list[Row] = Field(default_factory=list)
    note: str = ""


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"\n\n   \t{GOOD}\n",
        f"```json\n{GOOD}\n```",
        f"```\n{GOOD}\n```",
        f"```JSON\n{GOOD}",
        f"好的，以下是結果：\n\n{GOOD}\n\n如果需要調整，請告訴我！",
        f"我用 {{主題}} 的格式來寫：{GOOD}",
        f"先是空的 {{}}，再來是 {GOOD}",
        f"格式 [1] 如下\n```json\n{GOOD}\n```\n以上 {{完}}",
        f"<think>先看 {OTHER} 再說</think>{GOOD}",
        f"<thinking>\n{{'points':</thinking>\n{GOOD}",
        f"<THINK>a</THINK> <reasoning>b</reasoning> {GOOD}",
        f"[{GOOD}]",
        f'[{{"x": 1}}, {GOOD}]',
        f'{{"draft": true}}\n{GOOD}',
        GOOD.replace('"', "'"),
        GOOD[:-1] + ",}",
        GOOD[:-1],
        GOOD.replace('"points"', "points"),
        GOOD.replace("3}", '"3"}'),
        "// 結果\n" + GOOD,
    ],
)
def test_recovered(text: str) -> None:
    """Stops: a request spent on asking again for what was already there."""
    assert parse_answer(text, Plan) == WANTED


def test_control_characters_inside_strings() -> None:
    """Stops: an answer thrown away for a raw line break inside a string."""
    text = GOOD.replace("雨聲", "雨\n\t\x0b聲")
    assert parse_answer(text, Plan) == Plan(points=["雨\n\t\x0b聲", "操場"], tone="安靜", length=3)


def test_a_fence_inside_a_string_is_text() -> None:
    """Stops: code inside an answer taken for the answer."""
    text = json.dumps({"points": ["```python\nprint()\n```"], "tone": "a", "length": 1})
    assert parse_answer(text, Plan).points == ["```python\nprint()\n```"]


def test_a_cut_table_keeps_its_outer_object() -> None:
    """Stops: an inner row, whose fields all have defaults elsewhere, taken for the whole answer."""
    text = '{"note": "全部", "rows": [{"id": "a", "score": 7}, {"id": "b", "sco'
    table = parse_answer(text, Table)
    assert table.note == "全部" and [row.id for row in table.rows][:1] == ["a"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "今天天氣很好。",
        "null",
        "[]",
        "[1, 2, 3]",
        "{}",
        '"text"',
        "<think>" + GOOD,
        '{"points": "雨聲、操場", "tone": "安靜", "length": 3}',
        '{"points": ["雨聲"], "tone": "安靜", "length": "大約七分"}',
        '{"points": null, "tone": null, "length": null}',
        '{"points": ["雨聲"], "tone": "安靜"}',
        '{"points": ["雨聲"], "tone": "安靜", "length": NaN}',
        '{"points": ["雨聲"], "tone": "安靜", "length": 1e999}',
        '{"answer": ' + GOOD[:-4],
    ],
)
def test_not_recovered(text: str) -> None:
    """Stops: an answer of the wrong form passed on as if it were right, or an exception of another kind."""
    with pytest.raises(NotParsed) as caught:
        parse_answer(text, Plan)
    assert 0 < len(str(caught.value)) < 600


def test_the_reason_is_that_of_the_nearest_reading() -> None:
    """Stops: a repair asked for with a complaint about something that was never the answer."""
    text = '說明 {"note": 1}\n```json\n{"points": ["雨聲"], "tone": "安靜", "length": "七"}\n```\n見 {"x": 2}'
    with pytest.raises(NotParsed, match=r"^length: "):
        parse_answer(text, Plan)


def noise(count: int, letters: str) -> str:
    dice = random.Random(7)
    return "".join(dice.choices(letters, k=count))


@pytest.mark.parametrize(
    "text",
    [
        "[" * 10_000,
        "{" * 10_000,
        '{"a":' * 10_000,
        '{"points":' + "[" * 10_000,
        '{"points":' + "[" * 10_000 + "]" * 10_000 + "}",
        '[{"a":' * 5_000,
        "{" + "}{" * 20_000,
        "```" * 100_000,
        "<think>" * 100_000,
        "{" + '"' * 100_001,
        '{"length": ' + "9" * 5_000 + "}",
        noise(1_000_000, 'abc{}[]",:\\我 \n`<>'),
        "{" + noise(1_000_000, 'abc[]",:我 \n'),
        "x" * 1_000_000,
    ],
    ids=lambda text: f"{text[:12]!r} {len(text)}",
)
def test_hostile_text_is_only_not_parsed(text: str) -> None:
    """Stops: a RecursionError or a minute of computing because of what a model wrote."""
    with pytest.raises(NotParsed):
        parse_answer(text, Plan)


def test_an_answer_amid_noise_is_found() -> None:
    """Stops: the limits against hostile text hiding a good answer that comes with a long preface."""
    assert parse_answer("說明。" * 50_000 + GOOD, Plan) == WANTED
    assert parse_answer(GOOD + "說明 {略}。" * 20_000, Plan) == WANTED


def test_thinking_is_taken_out() -> None:
    """Stops: a person shown what the model only thought."""
    assert strip_thinking("<think>嗯</think>\n答案 <b>粗</b>") == "答案 <b>粗</b>"
    assert strip_thinking("答案<think>沒有關起來") == "答案"
    assert strip_thinking("a < b <thinker> c") == "a < b <thinker> c"


def test_the_instruction_holds_the_schema() -> None:
    """Stops: a model without structured output never told what is wanted."""
    told = schema_instruction(Plan)
    assert json.dumps(Plan.model_json_schema(), ensure_ascii=False) in told and "JSON" in told
