"""Each page, driven headless: what it shows at first, what a click does, what it says when something is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from agents import post
from agents.run import open_runs
from tests.apps.pages import HOME, click, settle, text
from tests.doubles.openrouter import Fault, OpenRouterDouble
from tests.kit import KEY


def test_home_shows_the_apps_and_how_it_works_without_a_key(app) -> None:
    shown = text(app())
    assert "諮詢室" in shown and "貼文" in shown and "離線作答" in shown


def test_home_shows_what_is_left_today(app, double: OpenRouterDouble) -> None:
    open_runs().gateway.catalogue.listing()
    post.run(topic="雨天的校園")
    shown = text(app())
    assert "48" in shown and "雨天的校園" in str([button.label for button in app().button])


def test_the_example_on_home_writes_a_post_with_one_click(app) -> None:
    test = settle(click(app(), "雨天的校園"))
    assert [record.title for record in open_runs().history()] == ["雨天的校園"]
    assert "大綱" in text(test) and "離線作答" in text(test)


def test_a_post_from_a_typed_topic(app, double: OpenRouterDouble) -> None:
    test = app("post")
    test.text_input(key="post_topic").set_value("期末專題發表會")
    test = settle(click(test, "寫貼文"))
    shown = text(test)
    result = open_runs().result(open_runs().history(1)[0].id)
    assert all(point[:8] in shown for point in result.output.plan.points) and result.output.post[:12] in shown
    assert result.models["write"] in shown and len(double.requests) == 2


def test_an_empty_topic_says_so_and_starts_nothing(app) -> None:
    test = click(app("post"), "寫貼文")
    assert "主題是空的" in text(test) and open_runs().history() == []


def test_a_reload_finds_the_run_again(app) -> None:
    result = post.run(topic="雨天的校園")
    fresh = AppTest.from_file(HOME, default_timeout=30).run()
    fresh.switch_page("pages/post.py")
    fresh.query_params["run"] = result.run
    fresh.run()
    assert result.output.post[:12] in text(fresh)


def test_an_example_question_is_answered_with_sources(app) -> None:
    test = app("counselor")
    test.selectbox(key="counsel_type").set_value("INFP").run()
    test = settle(click(test, "不知道未來可以做什麼"))
    shown = text(test)
    assert "INFP 工作與方向" in shown and "離線作答" in shown and "[1]" in shown
    assert any("？" in button.label for button in test.button)


def test_a_second_question_joins_the_conversation(app) -> None:
    test = app("counselor")
    test.chat_input[0].set_value("壓力很大怎麼辦").run()
    settle(test)
    test.chat_input[0].set_value("那和家人怎麼說").run()
    shown = text(settle(test))
    assert "壓力很大怎麼辦" in shown and "那和家人怎麼說" in shown and len(open_runs().history()) == 2


def test_a_crisis_shows_hotlines_and_is_not_kept(app) -> None:
    test = app("counselor")
    test.chat_input[0].set_value("我不想活了").run()
    shown = text(test)
    assert not test.exception and "1925" in shown and "沒有存下來" in shown and open_runs().history() == []


def test_type_and_tone_are_remembered(app) -> None:
    test = app("counselor")
    test.selectbox(key="counsel_type").set_value("ESTJ").run()
    assert app("counselor").selectbox(key="counsel_type").value == "ESTJ"


def test_hostile_text_is_shown_as_text(app) -> None:
    hostile = "<script>alert(1)</script> ![x](http://127.0.0.1:9/x.png) **粗** $x$ :red[紅]"
    test = app("post")
    test.text_input(key="post_topic").set_value(hostile)
    test = settle(click(test, "寫貼文"))
    for part in test.markdown:
        if "alert" in part.value:
            assert "<script>" not in part.value.replace("\\<", "") and "![x](" not in part.value
            assert not part.allow_html


def test_a_failed_model_is_told_quietly(app, double: OpenRouterDouble) -> None:
    double.default(Fault.PROVIDER_502)
    test = app("post")
    test.text_input(key="post_topic").set_value("雨天的校園")
    test = settle(click(test, "寫貼文"))
    assert "離線作答" in text(test) and any("則提醒" in expander.label for expander in test.expander)
    assert any("請模型補答" in button.label for button in test.button)
    double.default(Fault.OK)
    test = settle(click(test, "請模型補答"))
    assert open_runs().result(open_runs().history(1)[0].id).offline_steps == []


def test_history_opens_and_deletes_a_run(app) -> None:
    result = post.run(topic="雨天的校園")
    test = click(app("history"), "雨天的校園")
    assert result.output.post[:12] in text(test)
    test.button(key="delete-yes").click().run()
    assert not test.exception and open_runs().history() == []


def test_history_searches(app) -> None:
    post.run(topic="雨天的校園")
    post.run(topic="早餐店的新口味")
    test = app("history")
    test.text_input(key="history_search").set_value("早餐").run()
    labels = " ".join(button.label for button in test.button)
    assert "早餐店的新口味" in labels and "雨天的校園" not in labels


def test_an_unknown_run_in_the_address_is_told(app) -> None:
    test = AppTest.from_file(HOME, default_timeout=30).run()
    test.switch_page("pages/history.py")
    test.query_params["run"] = "20200101-deadbeef"
    test.run()
    assert not test.exception and "找不到" in text(test)


def test_the_key_is_saved_shown_by_its_end_only_and_removed(app, monkeypatch, own_home: Path) -> None:
    monkeypatch.delenv("OPENROUTER_API_KEY")
    monkeypatch.setenv("OPENROUTER_BASE_URL", "http://127.0.0.1:9/api/v1")
    test = app("settings")
    next(field for field in test.text_input if field.label == "金鑰").set_value(KEY)
    click(test, "儲存金鑰")
    assert (own_home / "settings.json").stat().st_mode & 0o777 == 0o600
    shown = app("settings")
    everything = text(shown) + str([field.value for field in shown.text_input])
    assert KEY not in everything and KEY[-4:] in everything
    click(shown, "移除金鑰")
    assert KEY not in (own_home / "settings.json").read_text()


def test_a_bad_server_address_is_told(app) -> None:
    test = app("settings")
    next(field for field in test.text_input if field.label == "伺服器位址").set_value("localhost")
    assert "http://" in text(click(test, "儲存位址"))


def test_the_connection_test_spends_no_request(app, double: OpenRouterDouble) -> None:
    test = click(app("settings"), "測試連線")
    assert any("連線成功" in item.value for item in test.success) and not double.requests


def test_a_folder_that_cannot_be_used_is_one_sentence(monkeypatch) -> None:
    monkeypatch.setenv("FINALE_HOME", "/proc/nowhere/finale")
    test = AppTest.from_file(HOME, default_timeout=30).run()
    assert not test.exception and "FINALE_HOME" in test.error[0].value


@pytest.mark.parametrize("page", ["overview", "counselor", "post", "library", "history", "settings"])
def test_every_page_speaks_english_too(app, page: str, monkeypatch) -> None:
    monkeypatch.setenv("FINALE_LANG", "en")
    test = app(page)
    words = text(test)
    cjk = [c for c in words.replace("繁體中文", "") if "\u4e00" <= c <= "\u9fff"]
    assert len(cjk) <= 2, words
