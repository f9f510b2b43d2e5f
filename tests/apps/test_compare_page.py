"""The comparison page, driven headless: the plan before the start, replies beside each other, votes, reports, what cannot run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from agents import compare, post
from agents.compare import given_votes
from agents.run import open_runs
from apps.ui.compare_report import made_of
from tests.agents.compare.kit import GEMMA, GLM, SUPER
from tests.apps.pages import click, settle, text
from tests.doubles.openrouter import Fault, OpenRouterDouble
from tools.compare.report import as_json

Open = Callable[..., AppTest]


def shown(test: AppTest) -> str:
    """What a person reads, the small tables of numbers too."""
    tables = [part.value for part in test.html if "cmp-" in part.value and "<style" not in part.value[:80]]
    return "\n".join([text(test), *tables])


def tab(test: AppTest, run: str, name: str) -> AppTest:
    test.session_state[f"compare-tab-{run}"] = name
    test.run()
    assert not test.exception, test.exception
    return test


def wish(test: AppTest, prompts: str, *models: str) -> AppTest:
    test.text_area(key="compare_text").set_value(prompts)
    test.multiselect(key="compare_models").set_value(list(models))
    test.run()
    assert not test.exception, test.exception
    return test


def newest() -> str:
    return open_runs().history(1, "compare")[0].id


def compared(*models: str, **more: object) -> str:
    return compare.run(["雨天", "晴天"], list(models), purpose="interactive", **more).run


def test_an_example_runs_offline_with_one_click(app: Open) -> None:
    test = settle(click(app("compare"), "介紹台南的早餐"))
    assert "離線作答（不用模型）" in shown(test) and "完成" in shown(test) and "0 次請求" in shown(test)
    assert test.query_params["run"] == newest()


def test_the_plan_is_told_before_anything_is_sent(app: Open, double: OpenRouterDouble) -> None:
    test = wish(app("compare"), "雨天\n晴天\n颱風天", GLM, GEMMA, "offline")
    assert "6 次請求；今天還剩 50 次" in text(test)
    test.checkbox(key="compare_by_line").uncheck().run()
    assert "2 次請求" in text(test)
    test.selectbox(key="compare_judge").set_value(SUPER).run()
    assert "8 次請求" in text(test) and not double.requests  # three pairs of columns, each in both orders
    assert not wish(test, "", GLM).button(key="compare_start").value
    assert test.button(key="compare_start").disabled


def test_where_the_day_is_short_a_person_chooses(app: Open, double: OpenRouterDouble) -> None:
    double.spend(42)
    test = wish(app("compare"), "\n".join(f"題目{n}" for n in range(9)), GLM, GEMMA)
    assert "18 次請求" in text(test) and test.radio
    test.checkbox(key="compare_use_all").check().run()
    assert test.radio[0].proto.captions[0] == "前 4 則，共 9 則"
    settle(click(test, "開始比較"))
    assert len(open_runs().store.get(newest()).inputs["prompts"]) == 4 and len(double.requests) == 8


def test_columns_show_what_was_measured_and_errors_in_their_own_words(app: Open, double: OpenRouterDouble) -> None:
    double.say("台南的早餐從牛肉湯開始。", model=GLM)
    double.say("推荐台南的软件和网络信息。", model=GEMMA)
    double.script(SUPER, [Fault.GONE_404])
    test = settle(click(wish(app("compare"), "介紹台南", GLM, GEMMA, SUPER, "offline"), "開始比較"))
    read = shown(test)
    assert "台南的早餐從牛肉湯開始。" in read and "首字" in read and " token<" in read
    assert "混用簡體或大陸用語" in read and "No endpoints found" in read and "沒有資料" in read
    tab(test, newest(), "數字")
    assert "0/1" in shown(test) and "沒有回覆的" in shown(test) and "cmp-dots" in shown(test)
    assert any("再問沒有資料的 1 則" in button.label for button in test.button)


def test_replies_are_text_and_never_html(app: Open, double: OpenRouterDouble) -> None:
    double.say("<img src=x onerror=alert(1)> ![p](http://10.0.0.1/p.png) **粗**")
    run = compared(GLM)
    test = app("compare", run=run)
    raw = "\n".join(str(part.value) for part in (*test.markdown, *test.caption, *test.subheader))
    assert "\\<img" in raw and "![p](" not in raw and "\\*\\*粗" in raw
    assert not any("onerror" in part.value for part in test.html)


def test_votes_are_blind_kept_and_told_with_too_few_said(app: Open, double: OpenRouterDouble) -> None:
    for model, said in ((GLM, "甲的回覆"), (GEMMA, "乙的回覆")):
        double.say(said, model=model)
    run = compared(GLM, GEMMA)
    test = tab(app("compare", run=run), run, "盲測投票")
    read = shown(test)
    assert "甲的回覆" in read and "乙的回覆" in read and GLM not in read and GEMMA not in read
    test.button(key="vote-left").click().run()
    assert "剛才" in text(test) and GLM in text(test)
    assert [vote.winner for vote in given_votes(open_runs().store, run)] == ["left"]
    test.button(key="vote-skip").click().run()
    assert "剩下的都是跳過的" in text(test) and len(given_votes(open_runs().store, run)) == 1
    assert "票數還太少" in text(test)
    click(test, "再看跳過的 1 組").button(key="vote-tie").click().run()
    assert "每一組都看過了" in text(test)
    exported = json.loads(open_runs().export(run, form="json"))
    assert [vote["winner"] for vote in exported["votes"]] == ["left", "tie"]  # the command line takes them out too
    made = made_of(open_runs(), open_runs().store.get(run))
    assert sorted(vote.winner for vote in made.votes) == ["left", "tie"]


def test_names_can_be_hidden_until_one_has_voted(app: Open, double: OpenRouterDouble) -> None:
    run = compared(GLM, GEMMA)
    test = app("compare", run=run)
    assert GLM.split("/")[1] in shown(test)
    test.toggle(key="compare_masked").set_value(True).run()
    read = "\n".join(part.value for part in test.html)
    assert "模型 甲" in read and "模型 乙" in read and "glm" not in read and "gemma" not in read


def test_two_runs_do_not_mix(app: Open, double: OpenRouterDouble) -> None:
    double.say("第一次的回覆")
    first = compared(GLM)
    double.say("第二次的回覆")
    second = compared(GLM, temperature=0.1)
    one, other = app("compare", run=first), app("compare", run=second)
    assert "第一次的回覆" in shown(one) and "第二次的回覆" not in shown(one)
    assert "第二次的回覆" in shown(other) and "第一次的回覆" not in shown(other)


def test_a_run_that_the_day_cut_short_is_taken_up_again(app: Open, double: OpenRouterDouble) -> None:
    run = compared(GLM, budget=1)
    assert open_runs().store.get(run).status == "partial"
    test = app("compare", run=run)
    assert "還有 1 則沒有問到" in text(test)
    settle(click(test, "接續"))
    assert len(double.requests) == 2 and open_runs().store.get(run).status == "done"


def test_a_run_that_was_killed_is_told_and_taken_up_again(app: Open, double: OpenRouterDouble) -> None:
    inputs = compare.prepared({"prompts": ["雨天"], "models": [GLM]}).model_dump(mode="json")
    run = open_runs().store.create("compare", "雨天", inputs, {"lang": "zh", "purpose": "interactive"})
    test = app("compare", run=run)
    assert "這次執行中斷了" in text(test)
    settle(click(test, "接續"))
    assert open_runs().store.get(run).status == "done" and "完成" in shown(test)


def test_the_report_tells_what_changed_since_an_earlier_one(app: Open, double: OpenRouterDouble) -> None:
    first, second = compared(GLM), compared(GLM, GEMMA, fresh=True)
    test = tab(app("compare", run=second), second, "報告")
    test.selectbox(key=f"since-{second}").set_value(first).run()
    assert "這次新加入" in text(test)
    assert [button.label for button in test.get("download_button")]


def test_an_earlier_report_may_come_as_a_file(app: Open, double: OpenRouterDouble) -> None:
    old, run = compared(GLM), compared(GLM, GEMMA, fresh=True)
    kept = as_json(made_of(open_runs(), open_runs().store.get(old))).encode()
    test = tab(app("compare", run=run), run, "報告")
    test.file_uploader(key=f"since-file-{run}").upload("上週.json", kept, "application/json").run()
    assert "這次新加入" in text(test)
    test.file_uploader(key=f"since-file-{run}").upload("別的.json", b'{"a": ', "application/json").run()
    assert test.error and not test.exception


def test_what_cannot_run_is_said_before_the_start(app: Open, double: OpenRouterDouble) -> None:
    test = wish(app("compare"), "長" * 700_000, GLM)
    assert "上限是 200 KB" in text(test) and test.button(key="compare_start").disabled
    assert "找不到：沒有/這個:free" in text(wish(test, "雨天", GLM, "沒有/這個:free"))
    assert not double.requests


def test_a_file_with_a_broken_row_names_its_line(app: Open, double: OpenRouterDouble) -> None:
    test = app("compare")
    test.segmented_control(key="compare_source").set_value("file").run()
    rows = '{"prompt": "雨天"}\n{"nothing": 1}\n{"prompt": "晴天"}\n'
    test.file_uploader(key="compare_file").upload("題目.jsonl", rows.encode(), "application/jsonl").run()
    assert "1 列不能用" in text(test) and "第 2 列" in text(test) and test.button(key="compare_start").disabled
    test.checkbox(key="compare_skip_broken").check().run()
    test.multiselect(key="compare_models").set_value([GLM]).run()
    assert "2 次請求" in text(test)


def test_a_step_is_compared_on_earlier_runs(app: Open, double: OpenRouterDouble) -> None:
    post.run(topic="雨天的校園")
    test = app("compare")
    test.segmented_control(key="compare_source").set_value("history").run()
    test.selectbox(key="compare_step").set_value("post.plan").run()
    test.multiselect(key="compare_models").set_value(["offline"]).run()
    settle(click(test, "開始比較"))
    record = open_runs().store.get(newest())
    assert record.inputs["step"] == "post.plan" and record.inputs["prompts"][0]["inputs"]["topic"] == "雨天的校園"


@pytest.mark.parametrize("stale", ["20200101-00000000", "../../etc", "?"])
def test_a_stale_link_is_an_empty_page(app: Open, stale: str) -> None:
    assert "點一個例子離線試跑" in text(app("compare", run=stale))


def test_history_opens_a_comparison_on_its_own_page(app: Open, own_home: Path) -> None:
    compare.run("說明一下", ["offline"])
    assert "並排看" in [one.label for one in click(app("history"), "說明一下").tabs]


def test_what_is_stored_counts_for_what_fits_today(app: Open, double: OpenRouterDouble) -> None:
    double.spend(30)
    compare.run([f"題目{n}" for n in range(4)], [GLM, GEMMA], purpose="interactive")
    # Twelve are left now, ten of them kept for others: what is stored, and one prompt more.
    test = wish(app("compare"), "\n".join(f"題目{n}" for n in range(9)), GLM, GEMMA)
    assert test.radio[0].proto.captions[0] == "前 5 則，共 9 則"


def test_every_menu_says_the_same_of_a_model(app: Open, double: OpenRouterDouble) -> None:
    double.say("雨天的時候，台南的巷子特別安靜。", model=GLM)
    compared(GLM)
    open_runs().gateway.health.lost(GEMMA, "busy", 600)
    here = app("compare").multiselect(key="compare_models").options
    there = app("post").selectbox(key="post_planner").options
    for model, told in ((GLM, "2/2"), (GEMMA, "休息中")):
        label = next(label for label in here if label.startswith(model))
        assert told in label and label in there
