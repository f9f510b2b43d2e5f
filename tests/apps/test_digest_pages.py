"""The digest page, driven headless: a sample, weights that re-sort, words that hide, one's own rubric."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from agents import digest
from agents.digest.reader import Reader
from agents.digest.rubric import load_rubric, rubric_names, save_rubric
from agents.errors import BadInput
from agents.run import open_runs
from tests.agents.digest.kit import editor, publish, story
from tests.apps.pages import click, settle, text
from tests.doubles.newssite import NewsSite
from tests.doubles.openrouter import OpenRouterDouble
from tools.news.sources import Sources

Open = Callable[..., AppTest]
PASTE = "店家用 AI 排班\n高雄一家早餐店今天宣布導入 AI 排班系統，離職率少了三成，預計推廣到兩百家店。\n---\n歌手演唱會秒殺\n粉絲今天排隊搶票，場館表示將加開一場。"


@pytest.fixture
def feed(monkeypatch: pytest.MonkeyPatch, own_home: Path) -> Iterator[str]:
    """A site with six stories, the only source that is switched on."""
    with NewsSite() as site:
        monkeypatch.setenv("FINALE_ALLOW_ORIGINS", site.origin)
        address = publish(site, [story(n) for n in range(6)])
        listed = Sources(own_home, allow_origins=[site.origin])
        for one in listed.list(enabled=True):
            listed.enable(one.source.id, False)
        listed.add(address, name="小報")
        listed.close()
        yield address


def test_an_example_runs_with_one_click_and_no_network(app: Open) -> None:
    test = settle(click(app("digest"), "範例文章"))
    shown = text(test)
    assert "離線作答" in shown and "早餐店" in shown and "離線摘錄原句" in shown


def test_the_button_reads_the_sources_and_keeps_the_wishes(
    app: Open, feed: str, double: OpenRouterDouble, own_home: Path
) -> None:
    double.say(editor)
    test = app("digest")
    test.text_input(key="digest_topic").set_value("公共服務的 AI")
    settle(click(test, "整理新聞"))
    assert "小報" in text(test) and "模型摘要" in text(test)
    assert Reader(own_home).wishes().topic == "公共服務的 AI"
    assert open_runs().history(1)[0].agent == "digest"


def test_the_newest_digest_is_there_when_the_page_opens(app: Open) -> None:
    digest.run(paste=[PASTE])
    assert "店家用 AI 排班" in text(app("digest")) + "".join(button.label for button in app("digest").button).replace(
        "\\", ""
    )


def test_a_slider_sorts_anew_and_is_kept(app: Open, feed: str, double: OpenRouterDouble, own_home: Path) -> None:
    double.say(editor)
    run = digest.run(sources=[feed], limit=3)
    before = len(double.requests)
    test = app("digest", run=run.run)
    for id in ("concrete", "usable", "new"):
        test.slider(key=f"weight-{run.run}-{id}").set_value(0.0).run()
    assert not test.exception and "已依新的比重重排" in text(test)
    assert Reader(own_home).wishes().weights["usable"] == 0.0 and len(double.requests) == before


def test_a_newly_muted_word_hides_at_once_and_everything_hidden_says_why(app: Open, own_home: Path) -> None:
    run = digest.run(paste=[PASTE], mute=["歌手"])
    Reader(own_home).mute(digest.MuteRule(pattern="歌手"))
    test = app("digest", run=run.run)
    assert "含有靜音詞：歌手" in text(test) and "【歌手】演唱會秒殺" in text(test)
    click(test, "仍要看這則")
    assert Reader(own_home).wishes().mute[0].allowed == [run.output.dropped[0].id]
    Reader(own_home).mute(digest.MuteRule(pattern="早餐店"))
    assert "因為新的靜音詞先藏起來了" in text(app("digest", run=run.run))


def test_web_text_is_shown_as_text(app: Open) -> None:
    nasty = "<script>alert(1)</script> ![x](https://evil.example/x.png) **粗體**\n店家今天宣布推出服務，預計擴大。"
    run = digest.run(paste=[nasty])
    test = app("digest", run=run.run)
    raw = "\n".join(str(part.value) for part in (*test.markdown, *test.caption, *test.subheader))
    assert "![x](" not in raw and "\\*\\*粗體" in raw and "<script>alert" not in raw


def test_history_opens_a_digest_on_its_own_page(app: Open) -> None:
    digest.run(paste=[PASTE], topic="店家的新科技")
    shown = text(click(app("history"), "店家的新科技"))
    assert "照你自己的標準讀今天的新聞" in shown and "店家的新科技" in shown


def test_ones_own_rubric_is_kept_by_name_and_never_replaces_a_shipped_one(own_home: Path) -> None:
    mine = load_rubric(
        {"name": "小店觀點", "criteria": [{"id": "c1", "name": "便宜", "description": "便宜或免費的給高分"}]}
    )
    save_rubric(mine)
    assert rubric_names()[-1] == "小店觀點" and load_rubric("小店觀點").criteria[0].name.zh == "便宜"
    assert digest.run(paste=[PASTE], rubric="小店觀點").output.rubric["name"]["zh"] == "小店觀點"
    for name in ("應用優先", "../逃出去", "a/b"):
        with pytest.raises(BadInput):
            save_rubric(mine.model_copy(update={"name": mine.name.model_copy(update={"zh": name})}))
