"""What is gathered and what is not: permissions, slow sites, stubs, upgrades on the same stories, inputs that are none."""

from __future__ import annotations

import json

import pytest

from agents import digest
from agents.digest.stories import in_taiwan, without_title
from agents.errors import BadInput
from agents.run import open_runs
from tests.agents.digest.kit import editor, publish, story
from tests.doubles.newssite import NewsSite, Trouble
from tests.doubles.openrouter import OpenRouterDouble
from tests.kit import KEY
from tools.news.web import Pace


def full_feed(site: NewsSite, body: str, **headers: str) -> str:
    feed = (
        '<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>小報</title><item><title>漁港啟用新冷凍庫</title><link>{site.url('/a')}</link><description>漁港今天啟用冷凍庫。"
        f"</description><content:encoded><![CDATA[<p>{body}</p>]]></content:encoded></item></channel></rss>"
    )
    site.put("/full.xml", feed, "application/rss+xml", headers=headers)
    return site.url("/full.xml")


BODY = "漁港今天啟用新的冷凍庫，可以放下三百噸漁獲。漁會表示，漁民不必再急著賤價出清，預計每年多賺兩成。" * 8


@pytest.mark.parametrize("said", ["robots", "header"])
def test_a_feeds_own_full_text_is_not_used_where_the_site_says_no(
    site: NewsSite, double: OpenRouterDouble, said: str
) -> None:
    if said == "robots":
        site.robots("User-agent: *\nContent-Signal: ai-input=no\nAllow: /\n")
    headers = {"Content-Signal": "ai-input=no"} if said == "header" else {}
    double.say(editor)
    run = digest.run(sources=[full_feed(site, BODY, **headers)])
    sent = json.dumps([request.body for request in double.requests], ensure_ascii=False)
    assert run.output.articles[0].text == "" and "三百噸" not in sent and "啟用冷凍庫" in sent


def test_a_feeds_full_text_is_used_where_nothing_speaks_against_it(site: NewsSite) -> None:
    run = digest.run(sources=[full_feed(site, BODY)])
    assert "三百噸" in run.output.articles[0].text and not site.asked("/a")


def test_an_upgrade_works_on_the_stories_it_had(site: NewsSite, monkeypatch: pytest.MonkeyPatch) -> None:
    feed = publish(site, [story(n) for n in range(3)])
    first = digest.run(sources=[feed])
    assert first.offline_steps
    site.put("/feed.xml", "gone", status=404)
    for n in range(3):
        site.put(story(n).path, "gone", status=404)
    with OpenRouterDouble(key=KEY) as double:
        monkeypatch.setenv("OPENROUTER_API_KEY", KEY)
        monkeypatch.setenv("OPENROUTER_BASE_URL", double.base_url)
        double.say(editor)
        runs = open_runs()
        for _ in runs.follow(runs.upgrade(first.run), runs.last_event(first.run)):
            pass
        better = runs.result(first.run)
    assert better.offline_steps == [] and {a.id for a in better.output.articles} == {
        a.id for a in first.output.articles
    }
    assert all(article.text and article.summary_by == "model" for article in better.output.articles)


def test_a_run_that_was_begun_offline_asks_when_it_is_upgraded(double: OpenRouterDouble) -> None:
    double.say(editor)
    run = digest.run(paste=["漁港啟用新冷凍庫\n" + BODY], offline=True)
    assert run.requests == 0
    runs = open_runs()
    for _ in runs.follow(runs.upgrade(run.run), runs.last_event(run.run)):
        pass
    assert runs.result(run.run).offline_steps == [] and double.requests


def test_a_site_that_keeps_us_waiting_is_left_after_two_pages(site: NewsSite, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = Pace(total_s=0.6)
    monkeypatch.setattr("tools.news.web.fetch.Pace", lambda: quick)
    stories = [story(n) for n in range(6)]
    feed = publish(site, stories)
    for one in stories:
        site.trouble(one.path, Trouble.DRIP_BODY)
    run = digest.run(sources=[feed])
    assert len(run.output.articles) == 6 and all(article.summary for article in run.output.articles)
    assert sum("略過" in article.trouble for article in run.output.articles) == 4


def test_a_notice_in_a_storys_place_does_not_become_the_story(site: NewsSite) -> None:
    one = story(3)
    feed = publish(site, [one])
    site.put(
        one.path,
        "<html><body><article><p>請先登入並訂閱才能閱讀全文。Checking your browser.</p></article></body></html>",
    )
    shown = digest.run(sources=[feed]).output.articles[0]
    assert shown.text == "" and shown.trouble and one.teaser[:12] in shown.summary


def test_a_story_of_one_character_is_a_story(site: NewsSite) -> None:
    assert digest.run(paste=["字"]).output.articles[0].title == "字"


@pytest.mark.parametrize(
    "given",
    [
        {"paste": ["  \n"]},
        {"paste": ["題\n文。"] * 60},
        {"sources": ["file:///etc/passwd"]},
        {"sources": ["http://[bad"]},
        {"sources": ["javascript:alert(1)"]},
        {"paste": ["題\n內文。"], "weights": {"nosuch": 3}},
        {"paste": ["題\n內文。"], "weights": {"usable": 99}},
        {"paste": ["題\n內文。"], "limit": 0},
        {"paste": ["題\n內文。"], "mute": ["x" * 400]},
        {"paste": ["題\n內文。"], "nonsense": 1},
    ],
)
def test_what_cannot_be_used_is_bad_input_and_starts_nothing(given: dict) -> None:
    with pytest.raises(BadInput):
        digest.run(**given)
    assert open_runs().history() == []


def test_japanese_stays_and_a_brands_kana_does_not_shield_simplified_text() -> None:
    assert in_taiwan("日本の国会で新しい法案が発表された") == "日本の国会で新しい法案が発表された"
    assert "軟體" in in_taiwan("奈雪の茶今天发布点单软件，用户可以下载") and "软" not in in_taiwan("奈雪の茶发布软件")


def test_a_title_repeated_as_the_first_line_is_no_news() -> None:
    assert without_title("漁港 啟用\n今天開工。", "漁港啟用") == "今天開工。"
    assert without_title("漁港啟用", "漁港啟用") == "漁港啟用"
