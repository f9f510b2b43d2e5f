"""Prompts from lines and files: what each kind means, and what is wrong told by line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.compare import MAX_PROMPT, MAX_ROWS, BadCheck, BadPrompts, Prompts, parse_prompts, read_prompts, source_of


def texts(prompts: Prompts) -> list[str]:
    return [item.text for item in prompts.items]


def lines(prompts: Prompts) -> list[int]:
    return [problem.line for problem in prompts.problems]


def test_a_line_is_one_prompt_as_it_stands() -> None:
    """Stops: a person's own braces taken for a variable, or their two lines for two prompts."""
    read = read_prompts("第一行\n{{x}} 是什麼")
    assert texts(read) == ["第一行\n{{x}} 是什麼"] and not read.problems


def test_text_files_by_line_and_by_block() -> None:
    assert texts(parse_prompts("# 註\n你好\n\n  再見 {{x}} \n", "a.txt")) == ["你好", "再見 {{x}}"]
    blocks = parse_prompts("---\n# 註\n第一段\n# 標題\n\n還是第一段\n---\n\n---\n第二段\n", "a.txt")
    assert texts(blocks) == ["第一段\n# 標題\n\n還是第一段", "第二段"]
    assert [item.id for item in blocks.items] == ["p1", "p2"]


def test_a_table_fills_its_variables_and_names_its_broken_rows() -> None:
    """Stops: a row with a missing cell asked with a hole in it, or a whole file refused for one row."""
    data = (
        "id,prompt,city,checks\n"
        'a,"介紹{{city}}，\n好嗎",台北,"{contains: 台北, max_length: 200}"\n'
        "b,沒有逗號的列\n"
        "c,介紹{{ city }}與{{人}},台南,\n"
        ",普通,x,bogus\n"
        "a,代號重複,x,no_simplified\n"
        "d,{{city}},{{city}},\n"
    )
    read = parse_prompts(data, "a.csv")
    assert texts(read) == ["介紹台北，\n好嗎", "{{city}}"]
    assert [check.label for check in read.items[0].checks] == ["contains: 台北", "max_length: 200"]
    assert read.items[0].variables == {"city": "台北"}
    assert lines(read) == [4, 5, 6, 7]
    told = [problem.message["zh"] for problem in read.problems]
    assert "2 欄" in told[0] and "人" in told[1] and "bogus" in told[2] and "第 2 行" in told[3]
    assert all(problem.message["en"] for problem in read.problems)


def test_yaml_gives_every_prompt_every_row_of_variables() -> None:
    data = """
system: 用{{city}}人的口氣
checks: no_simplified
prompts:
  - 介紹{{city}}
  - id: food
    prompt: "{{city}}吃{{what}}"
    checks: {max_length: 50}
variables:
  - {city: 台北}
  - {city: 台南, what: 牛肉湯}
  - 三
"""
    read = parse_prompts(data, "a.yaml")
    assert [(item.id, item.text, item.system) for item in read.items] == [
        ("p1", "介紹台北", "用台北人的口氣"),
        ("p2", "介紹台南", "用台南人的口氣"),
        ("food-2", "台南吃牛肉湯", "用台南人的口氣"),
    ]
    assert [len(item.checks) for item in read.items] == [1, 1, 2]
    assert lines(read) == [10, 12]


def test_yaml_keeps_what_looks_like_a_date() -> None:
    """Stops: a variable 2026-01-02 that becomes a date, and 2026-13-45 that becomes a traceback."""
    read = parse_prompts("- {prompt: '{{d}}', d: 2026-01-02}\n- {prompt: '{{d}}', d: 2026-13-45}", "a.yaml")
    assert texts(read) == ["2026-01-02", "2026-13-45"]


def test_jsonl_row_by_row() -> None:
    rows = ['{"prompt": "嗨 {{n}}", "n": 3}', "{broken", '"純文字"', '{"prompt": "\\ud800"}', '{"n": 1}', "[1]"]
    read = parse_prompts("\n".join(rows), "a.jsonl")
    assert texts(read) == ["嗨 3", "純文字"] and lines(read) == [2, 4, 5, 6]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp950"])
def test_encodings_of_taiwan(encoding: str) -> None:
    data = "prompt,city\n請介紹{{city}}的夜市與小吃,台中\n".encode(encoding)
    assert texts(parse_prompts(data, "a.csv")) == ["請介紹台中的夜市與小吃"]


@pytest.mark.parametrize(
    ("data", "name", "key"),
    [
        ("prompt,n\n简体字文件的内容很多很多\n".encode("gbk"), "a.csv", "prompts_encoding"),
        (b"prompt\n\x00\x01", "a.csv", "prompts_encoding"),
        ("", "a.txt", "prompts_empty"),
        ("# 只有註解\n", "a.txt", "prompts_empty"),
        ("x", "a.docx", "prompts_kind"),
        ("a,b\n1,2\n", "a.csv", "prompts_column"),
        ("prompt,a,a\n1,2,3\n", "a.csv", "prompts_headers"),
        ("a: [1\nb: }", "a.yaml", "prompts_syntax"),
        ("[" * 5000, "a.yaml", "prompts_syntax"),
        ("prompts: 3", "a.yaml", "prompts_shape"),
        ("a: &a [x, x]\nprompts: [*a, *a]", "a.yaml", "prompts_alias"),
        ("a\n" * (MAX_ROWS + 1), "a.txt", "prompts_many"),
        ("x" * 20_000_001, "a.txt", "prompts_large"),
    ],
)
def test_files_that_are_no_prompts(data: bytes | str, name: str, key: str) -> None:
    """Stops: a traceback, or mojibake asked of ten models."""
    with pytest.raises(BadPrompts) as caught:
        parse_prompts(data, name)
    assert caught.value.key == key and caught.value.message("en") != caught.value.message("zh")


def test_a_prompt_of_two_megabytes_is_named() -> None:
    read = parse_prompts("短\n" + "字" * 700_000 + "\n也短\n", "a.txt")
    assert texts(read) == ["短", "也短"]
    [problem] = read.problems
    assert (
        problem.line == 2 and "2,100 KB" in problem.message["zh"] and str(MAX_PROMPT // 1000) in problem.message["zh"]
    )
    assert read_prompts("字" * 700_000).problems and not read_prompts("字" * 700_000).items


def test_a_long_cell_is_read() -> None:
    """Stops: the csv module's own limit of 128 KB."""
    data = "prompt\n" + json.dumps("字" * 60_000, ensure_ascii=False) + "\n"
    assert len(texts(parse_prompts(data, "a.csv"))[0]) == 60_000


def test_a_check_for_all_that_cannot_work_stops_the_file() -> None:
    with pytest.raises(BadCheck):
        parse_prompts("prompts: [a]\nchecks: {regex: '('}", "a.yaml")


def test_what_a_command_line_means(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stops: a mistyped file name sent to ten models as a prompt."""
    monkeypatch.chdir(tmp_path)
    Path("有 空格.txt").write_text("一\n二\n", encoding="utf-8")
    assert texts(read_prompts(source_of("有 空格.txt"))) == ["一", "二"]
    assert source_of("prompts.yaml") == Path("prompts.yaml")
    for line in ("台北的天氣？", "what is in a.txt", "x" * 10_000, "a\0b"):
        assert source_of(line) == line
    with pytest.raises(BadPrompts, match=r"prompts\.yaml"):
        read_prompts(source_of("prompts.yaml"))
    with pytest.raises(BadPrompts):
        read_prompts(tmp_path)
