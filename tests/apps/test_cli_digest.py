"""`finale digest` and `finale news …` as a person types them: one JSON object, one line for an error, files where asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agents.digest.kit import editor, publish, story
from tests.doubles.newssite import NewsSite
from tests.doubles.openrouter import OpenRouterDouble

PASTE = "店家用 AI 排班\n高雄一家早餐店今天宣布導入 AI 排班系統，離職率少了三成，預計推廣到兩百家店。\n---\n歌手演唱會秒殺\n粉絲今天排隊搶票。"


def finale(*args: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "apps.cli", *args],
        capture_output=True, text=True, encoding="utf-8", env=dict(os.environ), timeout=120, check=False, input=given,
    )  # fmt: skip


def refused(*args: str) -> str:
    done = finale(*args)
    lines = done.stderr.strip().splitlines()
    assert done.returncode == 2 and lines[-1].startswith("✗ ") and "Traceback" not in done.stderr, done.stderr
    return lines[-1]


@pytest.fixture
def paste(tmp_path: Path) -> str:
    path = tmp_path / "文章.txt"
    path.write_text(PASTE, encoding="utf-8")
    return str(path)


@pytest.fixture
def feed(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with NewsSite() as site:
        monkeypatch.setenv("FINALE_ALLOW_ORIGINS", site.origin)
        yield publish(site, [story(n) for n in range(6)])


def test_the_envelope_is_that_of_the_contract(feed: str, double: OpenRouterDouble) -> None:
    double.say(editor)
    done = finale("digest", "--source", feed, "--topic", "公共服務", "--mute", "不會有的詞", "--limit", "3", "--json")
    value = json.loads(done.stdout)
    assert done.returncode == 0 and value["agent"] == "digest" and value["requests"] == len(double.requests)
    article = value["output"]["articles"][0]
    wanted = {"title", "url", "source", "published", "score", "reasons", "brief", "summary", "text"}
    assert wanted <= set(article) and {"score", "why"} <= set(next(iter(article["reasons"].values())))
    assert len(value["output"]["articles"]) == 3
    assert all({"title", "url", "why"} <= set(one) for one in value["output"]["dropped"])


def test_plan_says_the_most_before_anything_is_sent(feed: str, double: OpenRouterDouble) -> None:
    done = finale("digest", "--source", feed, "--plan", "--json")
    assert json.loads(done.stdout)["requests_max"] == 12 and not double.requests


def test_pasted_files_and_standard_input_need_no_network(paste: str) -> None:
    done = finale("digest", "--paste", paste)
    assert done.returncode == 0 and "店家用 AI 排班" in done.stdout and "1. [" in done.stdout
    piped = finale("digest", "--paste", "-", "--json", given=PASTE)
    assert len(json.loads(piped.stdout)["output"]["articles"]) == 2


@pytest.mark.parametrize("form", ["md", "html", "json"])
def test_out_writes_a_document_by_its_ending(paste: str, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"今天.{form}"
    assert finale("digest", "--paste", paste, "--out", str(out)).returncode == 0
    assert "店家用 AI 排班" in out.read_text(encoding="utf-8")


def test_what_cannot_be_used_is_told_before_anything_starts(paste: str, tmp_path: Path) -> None:
    assert "不存在.txt" in refused("digest", "--paste", "不存在.txt")
    assert "99" in refused("digest", "--paste", paste, "--weight", "usable=99")
    assert "usable=5" in refused("digest", "--paste", paste, "--weight", "usable")
    assert ".html" in refused("digest", "--paste", paste, "--out", "今天.pdf")
    assert "應用優先" in refused("digest", "--paste", paste, "--rubric", "沒有這份")
    bad = tmp_path / "壞.yaml"
    bad.write_text("name: 壞\ncriteria: [{id: x}]\n", encoding="utf-8")
    assert "壞.yaml" in refused("digest", "--paste", paste, "--rubric", str(bad))
    picture = tmp_path / "圖.png"
    picture.write_bytes(bytes(range(256)) * 40)
    assert "不是文字" in refused("digest", "--paste", str(picture))
    assert finale("runs", "list", "--json").stdout.count('"run"') == 0


def test_ones_own_rubric_and_weights_decide(paste: str, tmp_path: Path) -> None:
    rubric = tmp_path / "我的.yaml"
    rubric.write_text(
        "name: 演唱會迷\ncriteria:\n  - {id: show, name: 演出, description: 和演唱會有關的給高分, cues: [演唱會, 歌手, 粉絲, 搶票]}\n",
        encoding="utf-8",
    )
    done = finale("digest", "--paste", paste, "--rubric", str(rubric), "--weight", "show=3", "--json")
    articles = json.loads(done.stdout)["output"]["articles"]
    assert articles[0]["title"] == "歌手演唱會秒殺" and articles[0]["reasons"]["show"]["score"] > 5


def test_the_wishes_that_are_kept_make_the_daily_digest(paste: str, feed: str, double: OpenRouterDouble) -> None:
    double.say(editor)
    assert finale("news", "mute", "演唱會", "--days", "3", "--except", "演唱會場館").returncode == 0
    assert "演唱會場館" in finale("news", "mutes").stdout
    done = finale("digest", "--mine", "--paste", paste, "--json")
    value = json.loads(done.stdout)["output"]
    assert [one["why"] for one in value["dropped"]] == ["mute"] and len(value["articles"]) == 1
    for line in finale("news", "sources", "--on", "--json").stdout.split('"id": "')[1:]:
        finale("news", "off", line.split('"')[0])
    assert finale("news", "add", feed, "--exactly", "--name", "小報").returncode == 0
    daily = json.loads(finale("digest", "--daily", "--json").stdout)
    assert {one["source"] for one in daily["output"]["articles"]} == {"小報"}
    assert finale("news", "unmute", "演唱會").returncode == 0 and "演唱會" not in finale("news", "mutes").stdout
    assert "演唱會" in refused("news", "unmute", "演唱會")


def test_a_sites_address_becomes_its_feed(monkeypatch: pytest.MonkeyPatch) -> None:
    with NewsSite() as site:
        monkeypatch.setenv("FINALE_ALLOW_ORIGINS", site.origin)
        publish(site, [story(1)])
        page = '<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head><body>站</body></html>'
        site.put("/", page)
        done = finale("news", "add", site.origin + "/")
        assert done.returncode == 0 and "/feed.xml" in done.stdout
    assert finale("news", "add", "http://169.254.169.254/latest", "--exactly").returncode in (1, 2)
    assert finale("news", "add", "file:///etc/passwd").returncode in (1, 2)


def test_sources_go_out_and_in_as_opml(tmp_path: Path) -> None:
    out = tmp_path / "來源.opml"
    assert finale("news", "export", "--out", str(out)).returncode == 0 and out.read_bytes().startswith(b"<?xml")
    assert "0" in finale("news", "import", str(out)).stdout
    out.write_text("這不是 OPML", encoding="utf-8")
    done = finale("news", "import", str(out))
    assert done.returncode in (1, 2) and "Traceback" not in done.stderr


def test_what_was_read_is_found_again_and_deleted(paste: str) -> None:
    finale("digest", "--paste", paste)
    rows = json.loads(finale("news", "archive", "排班", "--json").stdout)["articles"]
    assert [row["title"] for row in rows] == ["店家用 AI 排班"]
    assert finale("news", "archive", "--delete", rows[0]["id"]).returncode == 0
    assert json.loads(finale("news", "archive", "排班", "--json").stdout)["articles"] == []
    finale("news", "archive", "--clear")
    assert json.loads(finale("news", "archive", "--json").stdout)["articles"] == []


def test_the_schedule_is_one_line_for_cron_and_one_for_windows() -> None:
    done = finale("news", "schedule", "--at", "6:05")
    assert "5 6 * * * " in done.stdout and "/ST 06:05" in done.stdout and "digest --daily" in done.stdout
    assert "07:30" in refused("news", "schedule", "--at", "25:00")
