"""A muted word is found however it is spelled, a temple that contains it stays, and no expression can hold up the news."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from tools.news.model import Article, article_id
from tools.news.mute import FIELDS, Mute, MuteRuleBad, Mutes
from tools.words import Words

TAIPEI = timezone(timedelta(hours=8))
SPELLINGS = [
    "總統賴清德今天出席活動",
    "总统赖清德今天出席活动",
    "總統賴 清 德今天出席",
    "總統賴\u3000清\u3000德今天出席",
    "總統賴\u200b清\u200b德今天出席",
    "總統賴\u00ad清\ufeff德今天出席",
    "總統賴・清・德今天出席",
    "總統賴-清_德今天出席",
    "AI賴清德是什麼",
    "2026賴清德就職",
    "總統賴\n清德今天出席",
]


def story(title: str = "", text: str = "", **other: str) -> Article:
    return Article(
        id=article_id("", title + text), url="", title=title, source=other.pop("source", "測試報"), text=text, **other
    )


@pytest.mark.parametrize("spelled", SPELLINGS)
@pytest.mark.parametrize("rule", ["賴清德", "赖清德"])
def test_every_spelling_is_found_in_the_title_and_in_the_body(spelled: str, rule: str) -> None:
    mutes = Mutes([Mute(rule)])
    assert mutes.check(story(spelled)) is not None
    found = mutes.check(story("沒有他的標題", f"前面一段。\n\n{spelled}。\n\n後面一段。"))
    assert found is not None and found.where == ("body",) and found.rule.pattern == rule


@pytest.mark.parametrize(
    "spelled", ["TRUMP", "trump", "Ｔｒｕｍｐ", "T r u m p", "Tru\u200bmp", "川普（Trump）", "Trump's"]
)
def test_a_latin_word_is_found_in_any_case_and_width(spelled: str) -> None:
    assert Mutes.of(["Trump"]).check(story(f"美國 {spelled} 說"))


@pytest.mark.parametrize(
    ("rule", "innocent"),
    [
        ("AI", "He said it rained in Taipei"),
        ("therapist", "the rapist was caught"),
        ("5G", "重量 15Gb 的檔案"),
        ("12", "共 312 人"),
        ("賴清德", "信賴，清德里的居民"),
        ("賴清德", "大家都很信賴\n\n清德里今天停電"),
        ("台北", "台，北"),
    ],
)
def test_what_only_looks_like_the_word_is_shown(rule: str, innocent: str) -> None:
    assert Mutes.of([rule]).check(story(innocent)) is None


def test_a_hit_says_what_stood_where() -> None:
    found = Mutes.of(["賴清德"]).check(
        story("標題", "總統府發言人今天下午表示，總統賴 清 德將於明天上午前往花蓮視察災情並慰問居民。")
    )
    assert found is not None
    (hit,) = found.hits
    assert (hit.where, hit.words) == ("body", "賴 清 德")
    assert hit.context.count("【賴 清 德】") == 1 and hit.before.endswith("總統") and hit.after.startswith("將於明天")
    assert len(hit.before) <= 12 and len(hit.after) <= 12 and found.words == ("賴 清 德",)


@pytest.mark.parametrize("exception", ["依賴清德宮", "清德宮", "依賴", "依赖清德宫", "清 德 宮"])
def test_the_temple_stays_by_an_exception_and_the_politician_does_not(exception: str) -> None:
    mutes = Mutes([Mute("賴清德", exceptions=(exception,))])
    assert mutes.check(story("居民依賴清德宮的義診", "大家依賴清德宮。")) is None
    found = mutes.check(story("居民依賴清德宮的義診", "賴清德也去了。"))
    assert found is not None and [hit.words for hit in found.hits] == ["賴清德"]


def test_without_the_exception_the_temple_is_hidden_and_says_why() -> None:
    found = Mutes.of(["賴清德"]).check(story("居民依賴清德宮的義診"))
    assert found is not None and found.hits[0].context == "居民依【賴清德】宮的義診"


@pytest.mark.parametrize("exception", ["", " ", "清德", "賴清德", "別的詞"])
def test_an_exception_that_does_not_go_beyond_the_word_changes_nothing(exception: str) -> None:
    assert Mutes([Mute("賴清德", exceptions=(exception,))]).check(story("賴清德出訪"))


def test_one_story_is_let_through_by_name() -> None:
    one, other = story("賴清德出訪"), story("賴清德返國")
    rule = Mute("賴清德").allow(one).allow(one)
    shown, hidden = Mutes([rule]).split([one, other])
    assert shown == [one] and [each.article for each in hidden] == [other]
    assert rule.allowed == (one.id,) and rule.id == Mute("賴清德").id


def test_a_rule_rests_when_it_is_off_and_after_its_last_day_in_taiwan() -> None:
    article, rule = story("賴清德出訪"), Mute("賴清德", until=date(2026, 11, 20))
    mutes = Mutes([rule])
    assert mutes.check(article, now=datetime(2026, 11, 20, 23, 59, tzinfo=TAIPEI))
    assert mutes.check(article, now=datetime(2026, 11, 21, 0, 0, tzinfo=TAIPEI)) is None
    assert mutes.check(article, now=datetime(2026, 11, 20, 16, 0, tzinfo=UTC)) is None
    assert Mutes([Mute("賴清德", enabled=False)]).check(article) is None


@pytest.mark.parametrize("field", FIELDS)
def test_a_rule_looks_only_where_it_is_told_to(field: str) -> None:
    article = Article(id="1", url="", title="甲標題", source="乙日報", text="丙內文", author="丁記者", teaser="丙前言")
    words = {"title": "甲", "body": "丙", "author": "丁", "source": "乙"}
    found = Mutes([Mute(words[field], fields=(field,))]).check(article)  # type: ignore[arg-type]
    assert found is not None and found.where == (field,)
    others = [Mute(word, fields=(field,)) for name, word in words.items() if name != field]  # type: ignore[arg-type]
    assert Mutes(others).check(article) is None


def test_the_teaser_counts_as_body() -> None:
    assert Mutes([Mute("賴清德", fields=("body",))]).check(story("標題", teaser="賴清德今天"))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("/賴.?清.?德/", "总统赖清德出访"),
        ("/赖清德|卓荣泰/", "行政院長卓榮泰說"),
        ("/trump/", "Ｔｒｕｍｐ said"),
        ("/[一-龥]{2}彩開獎/", "大樂彩開獎了"),
        ("/^快訊/m", "標題\n快訊：地震"),
        (r"/(?=.*股價)(?!.*ETF).*漲停/", "台積電股價漲停"),
        (r"/(?=.*中獎)/", "發票中獎號碼"),
        (r"/\d{3,5}萬/", "賠償 ３０００萬元"),
    ],
)
def test_an_expression_is_found_in_either_script_and_width(pattern: str, text: str) -> None:
    mutes = Mutes.of([pattern])
    assert mutes.check(story("標題", text)) and not mutes.exhausted
    assert mutes.check(story("標題", "今天天氣很好")) is None


def test_exceptions_hold_for_expressions_too() -> None:
    mutes = Mutes([Mute("/賴.?清.?德/", exceptions=("清德宮",))])
    assert mutes.check(story("居民依賴清德宮的義診")) is None
    assert mutes.check(story("賴清德到依賴清德宮")) is not None


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("", "empty"),
        (" \u200b ", "empty"),
        ("。！", "empty"),
        ("字" * 201, "long"),
        ("/(賴/", "regex"),
        ("/[賴/", "regex"),
        ("/*賴/", "regex"),
        ("/.*/", "matches_all"),
        ("/./", "matches_all"),
        ("/賴?/", "matches_all"),
        ("/(a|aa)+$/", "heavy"),
        ("/(清|清)+德/", "heavy"),
        ("/(x{1000}){1000}/", "heavy"),
        ("/((x{500}){500}){500}/", "heavy"),
        ("/賴{99999999999999999999}/", "heavy"),
        ("/(?R)賴/", "needless"),
        ("/(賴){e<=9}/", "needless"),
        ("/(?x)(a{500}) {500}/", "needless"),
    ],
)
def test_a_bad_rule_is_refused_in_words(pattern: str, why: str) -> None:
    with pytest.raises(MuteRuleBad) as caught:
        Mutes([Mute("好的規則"), Mute(pattern)])
    assert caught.value.params["why"] == why
    for lang in ("zh", "en"):
        line = caught.value.message(lang)  # type: ignore[arg-type]
        assert pattern[:40] in line and "{" not in line.replace(pattern[:40], "")


@pytest.mark.parametrize("fields", [(), ("titel",), ("title", "url")])
def test_a_rule_for_no_field_is_refused(fields: tuple[str, ...]) -> None:
    with pytest.raises(MuteRuleBad, match="title、body"):
        Mutes([Mute("賴清德", fields=fields)])  # type: ignore[arg-type]


def test_every_reason_has_its_words() -> None:
    words = Words.load(MuteRuleBad.words_file)
    assert {f"why_{why}" for why in ("empty", "long", "regex", "heavy", "matches_all", "needless", "field")} <= set(
        words.keys()
    )


def test_an_expression_that_hangs_gives_up_and_is_named() -> None:
    # Backtracks over the story only, not over the probes; a child that may use 20 s of processor, so that a hang fails.
    code = """
import sys
from tools.news.model import Article
from tools.news.mute import Mutes
mutes = Mutes.of([r"/(?:\\w+\\W?)*?陳\\d未完/", "賴清德"])
stories = [Article(id=str(at), url="", title="", source="", text="陳 abc" * 20 + "一段很長的文字 " * 4000 + end)
           for at, end in enumerate(("", "", "", "", "賴清德"))]
shown, hidden = mutes.split(stories)
print(len(shown), [each.hits[0].words for each in hidden], [rule.pattern for rule in mutes.exhausted])
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=Path(__file__).resolve().parents[3],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (20, 20)),
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert done.stdout.startswith("4 ['賴清德'] [") and "未完" in done.stdout


def test_hits_are_few_and_rules_are_plain_data() -> None:
    found = Mutes.of(["賴清德"]).check(story("賴清德", "賴清德。" * 1000))
    assert found is not None and len(found.hits) == 5
    rule = Mute("賴清德", until=date(2026, 12, 1), exceptions=("清德宮",))
    kept = json.loads(json.dumps(asdict(rule), default=str))
    again = Mute(**{**kept, "until": date.fromisoformat(kept["until"])})
    assert again.id == rule.id and Mutes([again]).check(story("依賴清德宮")) is None


def test_hostile_text_is_only_text() -> None:
    mutes = Mutes.of(["賴清德", "/賴.清.德/"])
    for text in (
        "\0" * 100,
        "\ud800賴",
        "賴" * 100_000,
        "·" * 50_000,
        "\n" * 50_000,
        "賴\u0336清\u0336",
        "🙂" * 1000,
        "",
    ):
        assert mutes.check(story(text[:300], text)) is None
    assert mutes.check(story("賴\u0336清\u0336德\u0336"))
    for spelling in ("頼清徳", "賴\u3164清\u2800德", "賴﹣清‑德", "賴\ue000清德"):
        assert mutes.check(story(spelling)), spelling
    names = Mutes.of(["GPT-5", "AI"])
    assert all(names.check(story(text)) for text in ("GPT\u20115 登場", "GPT–5 登場", "他說 A.I. 很好", "A.I.來了"))
    assert names.check(story("SAID A.IX")) is None
