"""What is muted is seen nowhere but in the hidden list, whichever way it would come in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from agents import digest
from agents.digest.reader import Reader
from agents.errors import BadInput
from agents.run import open_runs
from tests.agents.digest.kit import editor, publish, story
from tests.doubles.newssite import NewsSite
from tests.doubles.openrouter import OpenRouterDouble

WORD = "門神樂團"


def shown(run: digest.RunResult) -> str:
    """Everything of a run but its list of what was left out."""
    output = run.output.model_dump(mode="json")
    output.pop("dropped")
    return json.dumps(output, ensure_ascii=False)


def with_word(n: int, where: str) -> Any:
    one = story(n)
    if where == "title":
        return type(one)(one.path, f"{WORD}也用了 {one.title}", one.teaser, one.paragraphs, one.published)
    if where == "teaser":
        return type(one)(one.path, one.title, f"{one.teaser}{WORD}也在場。", one.paragraphs, one.published)
    lines = (*one.paragraphs[:2], f"{one.paragraphs[2]}{WORD}在閉幕時演出。", *one.paragraphs[3:])
    return type(one)(one.path, one.title, one.teaser, lines, one.published)


@pytest.mark.parametrize("where", ["title", "teaser", "text"])
def test_a_muted_word_leaks_nowhere(site: NewsSite, double: OpenRouterDouble, where: str) -> None:
    feed = publish(site, [*(story(n) for n in range(4)), with_word(9, where)])
    double.say(editor)
    run = digest.run(sources=[feed], mute=[WORD])
    assert len(run.output.articles) == 4 and WORD not in shown(run)
    hidden = [one for one in run.output.dropped if one.why == "mute"]
    assert len(hidden) == 1 and hidden[0].rule == WORD and WORD in "".join(hidden[0].matched)
    documents = [open_runs().export(run.run, "zh", form) for form in ("md", "html")]
    assert not any(WORD in document for document in documents)
    if where != "text":  # found before anything was paid for
        assert WORD not in json.dumps([request.body for request in double.requests], ensure_ascii=False)


def test_a_word_that_only_the_summary_brings_in_hides_the_story(site: NewsSite, double: OpenRouterDouble) -> None:
    def translator(body: Mapping[str, Any]) -> str:
        rows = json.loads(editor(body))["rows"]
        for row in rows:
            if "summary" in row and row["id"] == rows[0]["id"]:
                row["brief"] = f"{row['brief']}，{WORD}"
        return json.dumps({"rows": rows}, ensure_ascii=False)

    double.say(translator)
    run = digest.run(sources=[publish(site, [story(n) for n in range(4)])], mute=[WORD])
    assert len(run.output.articles) == 3 and WORD not in shown(run)
    assert [one.why for one in run.output.dropped] == ["mute"]


def test_the_temple_stays_where_the_politician_goes(site: NewsSite) -> None:
    paste = "依賴清德宮的信眾\n台南依賴清德宮今天啟用導覽系統，遊客可以用手機聽故事。\n---\n賴清德出席活動\n總統賴清德今天出席活動致詞。"
    rule = {"pattern": "賴清德", "exceptions": ["依賴清德宮"]}
    run = digest.run(paste=[paste], mute=[rule])
    assert [one.title for one in run.output.articles] == ["依賴清德宮的信眾"]
    hidden = next(one for one in run.output.dropped if one.why == "mute")
    assert "【賴清德】" in hidden.matched[0]


def test_one_story_can_be_let_through(own_home: Any) -> None:
    paste = f"{WORD}的新歌\n{WORD}今天發表新歌，採用 AI 混音，售票系統也改版。"
    hidden = digest.run(paste=[paste], mute=[WORD]).output.dropped[0]
    rule = digest.MuteRule(pattern=WORD, allowed=[hidden.id])
    assert len(digest.run(paste=[paste], mute=[rule]).output.articles) == 1


def test_rules_that_could_never_work_are_refused_before_anything_starts() -> None:
    for bad in ("/(/", "   ​ ", "/.*/", "x" * 300):
        with pytest.raises(BadInput):
            digest.run(paste=["題\n內文內文內文內文。"], mute=[bad, "好詞"])
    assert open_runs().history() == []


def test_a_reader_keeps_rules_with_their_days_and_undoes_them(own_home: Any) -> None:
    reader = Reader(own_home)
    past = date.today() - timedelta(days=2)
    reader.mute(digest.MuteRule(pattern=WORD, until=past))
    reader.mute(digest.MuteRule(pattern="跨年", exceptions=["跨年度"]))
    again = Reader(own_home).wishes()
    assert [rule.pattern for rule in again.mute] == [WORD, "跨年"] and again.mute[0].until == past
    paste = f"{WORD}的新歌\n{WORD}今天發表新歌，採用 AI 混音。"
    assert len(digest.run(**{**again.inputs(), "paste": [paste]}).output.articles) == 1  # its days are over
    reader.allow("跨年", "abc")
    assert reader.wishes().mute[1].allowed == ["abc"]
    assert [rule.pattern for rule in reader.unmute(WORD).mute] == ["跨年"]
    with pytest.raises(BadInput):
        reader.mute(digest.MuteRule(pattern="/(/"))
    assert len(reader.wishes().mute) == 1


def test_what_is_muted_later_leaves_the_documents_too(site: NewsSite, own_home: Any) -> None:
    run = digest.run(sources=[publish(site, [*(story(n) for n in range(3)), with_word(9, "text")])])
    assert WORD in open_runs().export(run.run, "zh", "json")
    Reader(own_home).mute(digest.MuteRule(pattern=WORD))
    for form in ("md", "html"):
        assert WORD not in open_runs().export(run.run, "zh", form)
    output = json.loads(open_runs().export(run.run, "zh", "json"))["output"]
    assert len(output["articles"]) == 3 and WORD not in json.dumps(output["articles"], ensure_ascii=False)
    assert [one["rule"] for one in output["dropped"] if one["why"] == "mute"] == [WORD]
