"""The digest as a whole: what it costs, what it shows and why not, and what survives a kill."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agents import digest
from agents.digest import DigestOutput
from agents.digest.shown import arranged, default_weights
from agents.run import open_runs
from tests.agents.digest.kit import asked_rows, editor, publish, story
from tests.doubles.newssite import NewsSite, Trouble
from tests.doubles.openrouter import Fault, OpenRouterDouble
from tools.chinese import inspect

ROOT = Path(__file__).resolve().parents[3]
TOPIC = "公共服務的 AI 應用"


def seen(output: DigestOutput) -> int:
    return len(output.articles) + len(output.dropped)


def test_a_hundred_stories_cost_twelve_requests_at_most_and_an_unchanged_rerun_none(
    site: NewsSite, double: OpenRouterDouble
) -> None:
    feed = publish(site, [story(n) for n in range(100)])
    double.say(editor)
    first = digest.run(TOPIC, sources=[feed])
    assert first.status == "done" and first.offline_steps == [] and len(first.output.articles) == 20
    assert first.requests == len(double.requests) <= 12
    before = len(double.requests)
    second = digest.run(TOPIC, sources=[feed])
    assert second.requests == 0 and len(double.requests) == before
    assert [one.id for one in second.output.articles] == [one.id for one in first.output.articles]
    assert [one.summary for one in second.output.articles] == [one.summary for one in first.output.articles]


def test_a_new_story_alone_is_paid_for(site: NewsSite, double: OpenRouterDouble) -> None:
    double.say(editor)
    digest.run(TOPIC, sources=[publish(site, [story(n) for n in range(12)])])
    before = len(double.requests)
    digest.run(TOPIC, sources=[publish(site, [story(n) for n in range(13)])])
    asked = [row["title"] for request in double.requests[before:] for row in asked_rows(request.body)]
    assert set(asked) == {story(12).title}


def test_where_models_fail_the_promise_holds_and_the_rest_is_offline(site: NewsSite, double: OpenRouterDouble) -> None:
    feed = publish(site, [story(n) for n in range(100)])
    double.say(editor)
    double.everyone([Fault.PROVIDER_502, Fault.PROVIDER_502, Fault.OK] * 30)
    run = digest.run(TOPIC, sources=[feed])
    assert run.requests == len(double.requests) <= 12
    assert run.status == "partial" and run.offline_steps and len(run.output.articles) == 20
    assert all(one.summary for one in run.output.articles)
    double.everyone([])
    runs = open_runs()
    for _ in runs.follow(runs.upgrade(run.run), runs.last_event(run.run)):
        pass
    better = runs.result(run.run)
    assert better.status == "done" and better.offline_steps == []
    assert better.requests - run.requests <= 12


def test_offline_everything_is_labelled_and_each_story_has_its_place(site: NewsSite) -> None:
    feed = publish(site, [story(n) for n in range(30)])
    run = digest.run(sources=[feed], limit=5)
    assert run.requests == 0 and run.offline_steps == ["judge", "summarise"] and run.status == "done"
    assert all(one.summary_by == "offline" for one in run.output.articles)
    assert all(reason.by == "offline" for one in run.output.articles for reason in one.reasons.values())
    assert seen(run.output) == 30 and all(one.detail for one in run.output.dropped)
    for one in run.output.articles:
        assert all(sentence in one.text for sentence in one.summary.split("。") if sentence)


def test_the_topic_decides_offline_too(site: NewsSite) -> None:
    pages = [("急診分流用 AI 先看一遍", "台中的醫院把急診分流交給 AI 系統先看一遍，護理師再確認，候診時間少了兩成。")]
    pages += [
        (f"第{n}屆美食節登場", f"美食節今天登場，第{n}攤賣的是肉圓與米糕，遊客排隊兩小時才吃到。") for n in range(5)
    ]
    paste = "\n---\n".join(f"{title}\n{text}" for title, text in pages)
    run = digest.run("醫院怎麼用 AI 看病人", paste=[paste])
    assert run.output.articles[0].title == pages[0][0]
    assert {one.why for one in run.output.dropped} <= {"topic"} and len(run.output.dropped) >= 3


def test_where_nothing_seems_on_topic_offline_the_nearest_are_shown_and_said_to_be_that() -> None:
    paste = (
        "早餐店用 AI 排班\n高雄一家早餐店今天宣布導入 AI 排班系統，離職率少了三成。\n---\n"
        "樂天逆轉勝\n樂天在大巨蛋以五比三逆轉獲勝，球迷到場。\n---\n豪雨特報\n氣象署發布豪雨特報，山區慎防坍方。"
    )
    run = digest.run("AI 法規", paste=[paste])
    assert [one.title for one in run.output.articles] == ["早餐店用 AI 排班"] and seen(run.output) == 3
    assert any("最接近" in warning for warning in run.warnings)


def test_every_reason_to_leave_a_story_out_is_told(site: NewsSite, double: OpenRouterDouble) -> None:
    stories = [story(n) for n in range(8)]
    old, future = story(100, hours_old=90), story(101, hours_old=-72)  # a date ahead of us is taken for none
    copy = story(3)
    site.put("/copy", copy.html.replace("小報", "鄰報"))
    feed = publish(site, [*stories, old, future])
    second = (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>鄰報</title><item><title>{copy.title}（轉載）</title>'
        f"<link>{site.url('/copy')}</link><description>{copy.teaser}</description></item>"
        f"<item><title>看不到的一則</title><link>{site.url('/gone')}</link></item></channel></rss>"
    )
    site.put("/second.xml", second, "application/rss+xml")
    site.put("/gone", "x", status=404)
    double.say(editor)
    run = digest.run(TOPIC, sources=[feed, site.url("/second.xml")], limit=5)
    assert seen(run.output) == 12
    whys = Counter(one.why for one in run.output.dropped)
    assert whys["date"] == 1 and whys["duplicate"] == 1 and whys["fetch"] == 1 and whys["score"] >= 2
    repeated = next(one for one in run.output.dropped if one.why == "duplicate")
    assert copy.title in repeated.title and copy.title in repeated.detail and repeated.source in ("小報", "鄰報")


def test_one_bad_source_stops_nothing_and_says_why(site: NewsSite) -> None:
    good = publish(site, [story(n) for n in range(3)])
    site.trouble("/bad.xml", Trouble.RESET)
    site.put("/worse.xml", "<rss><channel><item>", "application/rss+xml")
    run = digest.run(sources=[good, site.url("/bad.xml"), site.url("/worse.xml")])
    assert len(run.output.articles) == 3
    lines = {line["url"]: line for line in run.output.sources}
    assert lines[good]["entries"] == 3 and lines[good]["why"] == ""
    assert lines[site.url("/bad.xml")]["why"] and any("/bad" in warning or "127" in warning for warning in run.warnings)


def test_a_site_that_does_not_want_its_text_used_is_shown_by_its_headline(
    site: NewsSite, double: OpenRouterDouble
) -> None:
    site.robots("User-agent: *\nContent-Signal: ai-input=no\nAllow: /\n")
    feed = publish(site, [story(n) for n in range(3)])
    double.say(editor)
    run = digest.run(sources=[feed])
    assert len(run.output.articles) == 3 and all(one.text == "" for one in run.output.articles)
    sent = json.dumps([request.body for request in double.requests], ensure_ascii=False)
    assert story(0).teaser in sent and story(0).paragraphs[2][:40] not in sent


def test_other_weights_sort_anew_without_a_request_and_bring_up_what_was_below(
    site: NewsSite, double: OpenRouterDouble
) -> None:
    double.say(editor)
    run = digest.run(sources=[publish(site, [story(n) for n in range(30)])], limit=5)
    before = len(double.requests)
    weights = {one["id"]: 0.0 for one in run.output.rubric["criteria"]} | {"solid": 5.0}
    anew = arranged(run.output, weights)
    judged = [*run.output.articles, *(one for one in run.output.dropped if one.why == "score")]
    best = sorted((one.reasons["solid"].score for one in judged), reverse=True)[:5]
    assert [one.score for one in anew.articles] == best and len(double.requests) == before
    assert {one.id for one in anew.articles} - {one.id for one in run.output.articles}
    ids = [one.id for one in (*anew.articles, *anew.dropped)]
    assert len(ids) == len(set(ids)) == 30  # each story is in its place once: shown, or left out with its reason
    own = default_weights(run.output)
    assert [one.id for one in arranged(run.output, own).articles] == [one.id for one in run.output.articles]


def test_simplified_and_foreign_sources_come_out_in_taiwans_characters(
    site: NewsSite, double: OpenRouterDouble
) -> None:
    text = "高雄一家软件公司今天宣布推出视频处理服务，用户可以免费下载程序，预计明年服务器会扩大到全国。" * 4
    site.put("/cn", f"<html><body><article><h1>软件公司推出服务</h1><p>{text}</p><p>{text}</p></article></body></html>")
    feed = (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>简体报</title><item><title>软件公司推出视频服务</title>'
        f"<link>{site.url('/cn')}</link><description>{text[:60]}</description></item></channel></rss>"
    )
    site.put("/cn.xml", feed, "application/rss+xml")
    double.say(editor)
    for offline in (True, False):
        run = digest.run(sources=[site.url("/cn.xml")], offline=offline)
        said = json.dumps(run.output.model_dump(mode="json"), ensure_ascii=False)
        assert inspect(said).simplified_count == 0 and "軟體" in said


def test_a_killed_run_goes_on_and_asks_nothing_twice(site: NewsSite, double: OpenRouterDouble, own_home: Path) -> None:
    feed = publish(site, [story(n) for n in range(60)])
    double.say(editor)
    double.set_latency(first=0.4)
    child = subprocess.Popen(
        [sys.executable, "-m", "apps.cli", "digest", "--source", feed, "--json"],
        cwd=ROOT, env=os.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    double.wait_for(3, timeout=60)
    child.send_signal(signal.SIGKILL)
    child.wait()
    double.set_latency()
    runs = open_runs()
    record = runs.history(1, "digest")[0]
    deadline = time.monotonic() + 20
    while runs.alive(record.id) and time.monotonic() < deadline:
        time.sleep(0.05)
    runs.resume(record.id)
    for _ in runs.follow(record.id):
        pass
    result = runs.result(record.id)
    asked = Counter(row["id"] for request in double.requests for row in asked_rows(request.body) if not row["problem"])
    assert result.status == "done" and len(result.output.articles) == 20
    # Judged, judged again near the cut, summarised: three at most, and what was in the air when it died.
    assert len(double.requests) <= 12 + 1 and max(asked.values()) <= 4


def test_a_reader_may_want_any_length_and_points(site: NewsSite, double: OpenRouterDouble) -> None:
    double.say(editor)
    run = digest.run(sources=[publish(site, [story(1)])], length=60, points=["花多少錢", "對誰有用"])
    system = next(
        r.body["messages"][0]["content"] for r in double.requests if "要點：" in r.body["messages"][0]["content"]
    )
    assert re.search(r"45 到 75 個字", system) and "花多少錢" in system
    assert set(run.output.articles[0].points) == {"花多少錢", "對誰有用"}


def test_a_pasted_text_and_a_saved_page_are_sources_like_others() -> None:
    page = story(5).html
    run = digest.run(paste=["店家用 AI 排班\n高雄一家早餐店今天宣布導入 AI 排班系統，離職率少了三成。", page])
    titles = {one.title for one in run.output.articles}
    assert "店家用 AI 排班" in titles and any(story(5).title in title for title in titles)
    assert all(one.source for one in run.output.articles)


def test_a_pasted_story_is_never_too_old() -> None:
    old = (datetime.now(UTC) - timedelta(days=900)).strftime("%Y-%m-%d")
    run = digest.run(paste=[f"三年前的新聞\n{old}\n台南的農民當時導入自動灌溉，省下三成的水，預計擴大。"])
    assert len(run.output.articles) == 1
