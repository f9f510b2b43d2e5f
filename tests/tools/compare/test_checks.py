"""Checks in code: each passes and fails, and one that could never work is refused when it is read."""

from __future__ import annotations

from typing import Any

import pytest

from tools.compare import CHECK_KINDS, BadCheck, CheckResult, parse_checks, run_checks

SCHEMA = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "pattern": "^(a+)+$"}}}


def told(raw: Any, reply: str) -> CheckResult:
    [result] = run_checks(reply, parse_checks(raw))
    assert set(result.why) == {"zh", "en"} and all(result.why.values())
    return result


@pytest.mark.parametrize(
    ("raw", "good", "bad"),
    [
        ({"contains": "ＡＢＣ"}, "這裡有 abc", "這裡沒有"),
        ({"contains": ["台北", "台南"]}, "台北到台南", "台北到台中"),
        ({"contains": "臺灣"}, "臺灣很美", "台灣很美"),
        ({"excludes": ["抱歉", "無法"]}, "好的", "抱歉，不行"),
        ({"regex": r"^\d{4}-\d\d$"}, "2026-11", "2026 年 11 月"),
        ("json", '{"a": [1, 2]}', '{"a": [1, 2'),
        ("json", '```json\n{"a": 1}\n```', '好的：\n```json\n{"a": 1}\n```'),
        ("json", "[]", "NaN"),
        ({"json_schema": SCHEMA}, '{"name": "aaa"}', '{"name": 3}'),
        ({"min_length": 3}, "  三個字  ", "  兩個  "),
        ({"max_length": "3"}, "三個字", "總共四字"),
        ({"language": "zh-TW"}, "今天天氣很好", "今天天气很好，我们去玩"),
        ({"language": "zh"}, "今天天气很好，我们去玩", "The weather is fine"),
        ({"language": "en"}, "The weather is fine", "今天天氣很好"),
        ("no_simplified", "這是繁體，「简体」在引號裡", "這是简体"),
    ],
)
def test_each_kind_passes_and_fails(raw: Any, good: str, bad: str) -> None:
    assert told(raw, good).ok is True
    assert told(raw, bad).ok is False


def test_every_kind_is_tested_above() -> None:
    marks = test_each_kind_passes_and_fails.pytestmark  # type: ignore[attr-defined]
    raws = [row[0] for row in marks[0].args[1]]
    assert {raw if isinstance(raw, str) else next(iter(raw)) for raw in raws} == set(CHECK_KINDS)


def test_what_cannot_be_told_is_neither_passed_nor_failed() -> None:
    """Stops: a reply that fails because an expression ran out of time."""
    assert told({"regex": "(a|b|ab)*d$"}, "ab" * 200 + "d!").ok is None
    assert told({"language": "zh-TW"}, "123 456").ok is None


def test_a_deep_reply_is_no_crash() -> None:
    assert told("json", "[" * 100_000).ok is False
    tree = {"$ref": "#/$defs/t", "$defs": {"t": {"type": "array", "items": {"$ref": "#/$defs/t"}}}}
    assert told({"json_schema": tree}, "[" * 30 + "]" * 30).ok is True


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("bogus", "check_unknown"),
        (3, "check_shape"),
        ({}, "check_shape"),
        ({"contains": ""}, "check_wants_text"),
        ({"contains": None}, "check_wants_text"),
        ({"contains": [{"a": 1}]}, "check_wants_text"),
        ({"regex": "("}, "check_regex"),
        ({"regex": ""}, "check_wants_pattern"),
        ({"regex": "(?:a{1000}){1000}"}, "check_heavy"),
        ({"regex": "x" * 501}, "check_heavy"),
        ({"max_length": -1}, "check_wants_count"),
        ({"max_length": True}, "check_wants_count"),
        ({"min_length": "many"}, "check_wants_count"),
        ({"language": "fr"}, "check_wants_language"),
        ({"no_simplified": False}, "check_wants_switch"),
        ({"json_schema": "x"}, "check_wants_object"),
        ({"json_schema": {"type": "objekt"}}, "check_schema"),
        ({"json_schema": {"$ref": "http://127.0.0.1:1/s"}}, "check_schema"),
        ({"json_schema": {"$ref": "#/nowhere"}}, "check_schema"),
        ({"json_schema": {"$ref": "#"}}, "check_schema"),
        ({"json_schema": {"patternProperties": {"(a+)+$": {}}}}, "check_schema"),
        (["json"] * 51, "check_many"),
    ],
)
def test_a_check_that_cannot_work_is_refused_at_once(raw: Any, key: str) -> None:
    """Stops: forty requests spent before a check turns out to be nonsense."""
    with pytest.raises(BadCheck) as caught:
        parse_checks(raw)
    assert caught.value.key == key and caught.value.message("en") and caught.value.message("zh")


def test_the_ways_to_write_checks_are_one() -> None:
    long = parse_checks([{"kind": "contains", "value": "台北", "name": "地點"}, "json"])
    assert [(check.kind, check.value, check.label) for check in long] == [
        ("contains", "台北", "地點"),
        ("json", None, "json"),
    ]
    assert parse_checks({"contains": "台北", "json": True}) == parse_checks([{"contains": "台北"}, "json"])
    assert parse_checks(long) == long and parse_checks(None) == [] == parse_checks("")
