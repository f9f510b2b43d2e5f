"""The report: one file that needs nothing, shows what models wrote as text, and can be made again from its JSON."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Literal

import lxml.html
import pytest

from tests.tools.compare.kit import HOSTILE, MODELS, sample
from tools.compare import BadReport, Comparison, PromptItem, Reply, ReportNotWritten
from tools.compare.report import as_csv, as_html, read_comparison, write_report

DATA = Path(__file__).resolve().parents[2] / "data" / "compare_sample.json"


def page(
    comparison: Comparison, lang: Literal["zh", "en"] = "zh", earlier: Comparison | None = None
) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(as_html(comparison, lang, earlier))


def test_it_loads_and_runs_nothing() -> None:
    """Stops: a report that a model's reply can make call home."""
    text = as_html(sample())
    tree = lxml.html.document_fromstring(text)
    for bad in (
        "//script",
        "//img",
        "//link",
        "//iframe",
        "//object",
        "//a",
        "//form",
        "//@src",
        "//@href",
        "//@onerror",
    ):
        assert not tree.xpath(bad), bad
    assert "url(" not in text and "@import" not in text
    assert "default-src 'none'" in tree.xpath("//meta[@http-equiv]/@content")[0]


def test_what_models_write_is_text() -> None:
    tree = page(sample())
    shown = [each.text_content() for each in tree.xpath("//article//div[contains(@class,'text')]")]
    assert any(HOSTILE in each for each in shown)
    evil = '"><script>1</script>{{ 7*7 }}{% raw %}'
    rows = [
        Reply(
            id="1",
            prompt_id=evil,
            prompt=evil,
            model=evil,
            text=evil,
            served_by=evil,
            provider=evil,
            finish=evil,
            language=evil,
        ),
        Reply(id="2", prompt_id=evil, model=evil, error=evil, error_text=evil, ttft_s=1.0),
    ]
    comparison = Comparison(
        run=evil, title=evil, made=evil, replies=rows, settings={evil: evil}, plan={evil: [evil]},
        catalogue={evil: evil}, notes=[evil], prompts=[PromptItem(id=evil, text=evil, system=evil, variables={evil: evil})],
    )  # fmt: skip
    tree = page(comparison)
    assert not tree.xpath("//script") and evil in tree.text_content() and tree.xpath("//title/text()") == [evil]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_charts_tables_and_words_are_there(lang: Literal["zh", "en"]) -> None:
    comparison = sample()
    tree = page(comparison, lang)
    charts = tree.xpath("//div[@class='chart']")
    assert len(charts) == 7  # three of speed, checks, votes, judge, leak
    assert tree.get("lang") == {"zh": "zh-Hant-TW", "en": "en"}[lang]
    dots = charts[0].xpath(".//*[@class='dot']")
    timed = [row for row in comparison.replies if row.answered and row.ttft_s is not None]
    assert len(dots) == len(timed) > 20
    places = [float(value.rstrip("%")) for value in tree.xpath("//*[name()='circle']/@cx | //*[name()='rect']/@x")]
    assert places and all(0 <= place <= 100 for place in places)
    assert len(tree.xpath("//article")) == len(comparison.prompts) * len(MODELS)
    text = tree.text_content()
    assert {"zh": "沒有資料", "en": "no data"}[lang] in text
    for part in ("temporarily rate-limited upstream", comparison.run, "Chutes", "max_tokens"):
        assert part in text
    if lang == "en":
        assert not re.search(
            "[\u4e00-\u9fff]{2}", "".join(tree.xpath("//h1/text()|//h2/text()|//th/text()|//dt/text()"))
        )


def test_a_model_that_was_down_is_a_dash_not_a_zero() -> None:
    row = next(row for row in page(sample()).xpath("//table[1]/tbody/tr") if MODELS[3] in row.text_content())
    assert [cell.text_content() for cell in row.xpath("./td")][1:] == ["0／12", "—", "—", "—", "—", "—", "—"]


def test_few_votes_show_an_interval_and_no_rank() -> None:
    text = page(sample(votes=8)).text_content()
    assert "不到 20 票" in text and "並列" not in text
    tree = page(sample(votes=24))
    assert "不到 20 票" in tree.text_content()  # two of each 24 are the judge's, and the judge's own chart has few


def test_repeats_fold_behind_the_first() -> None:
    tree = page(sample(repeats=3))
    assert len(tree.xpath("//article/details")) == 20 and "另外 2 次" in tree.text_content()
    assert not page(sample(repeats=1)).xpath("//article/details")


def test_nothing_at_all_is_a_page_too() -> None:
    for comparison in (Comparison(), Comparison(models=["m"], prompts=[PromptItem(id="p", text="嗨")])):
        assert "沒有任何回覆" in page(comparison).text_content()


def test_a_step_is_shown_by_what_its_replies_say_was_asked() -> None:
    comparison = Comparison(
        models=["m"],
        prompts=[PromptItem(id="p", text="")],
        replies=[Reply(id="1", prompt_id="p", prompt="topic: 貓", model="m", text="喵")],
    )
    assert "topic: 貓" in page(comparison).xpath("//summary")[0].text_content() and "topic: 貓" in as_csv(comparison)


def test_spreadsheets_get_no_formulas_and_every_row() -> None:
    comparison = sample()
    bad = ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1"]
    rows = [Reply(id=f"x{n}", prompt_id="tea", model=MODELS[0], text=text) for n, text in enumerate(bad)]
    long = Reply(id="y", prompt_id="tea", model=MODELS[0], text="字" * 40_000)
    text = as_csv(comparison.model_copy(update={"replies": [*comparison.replies, *rows, long]}))
    assert text.startswith("\ufeffprompt_id,prompt,model")
    table = list(csv.DictReader(io.StringIO(text[1:], newline="")))
    assert len(table) == len(comparison.replies) + 9
    for row in table:
        for cell in row.values():
            assert not cell.lstrip(" \n\u3000").startswith(("=", "+", "-", "@", "\t", "\r")), cell
    assert [row["text"] for row in table[-9:-1]] == ["'" + each for each in bad]
    assert len(table[-1]["text"]) == 32_000 and table[-1]["text"].endswith("…")
    by_id = zip(table, comparison.replies, strict=False)
    assert all(float(row["ttft_s"]) == reply.ttft_s for row, reply in by_id if reply.ttft_s is not None)


def test_json_is_all_of_it(tmp_path: Path) -> None:
    comparison = sample()
    files = write_report(comparison, tmp_path / "new" / "folder", earlier=sample(week=0))
    assert read_comparison(files.json) == comparison
    assert files.html.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert files.csv.read_bytes().startswith(b"\xef\xbb\xbf") and b"\r\r\n" not in files.csv.read_bytes()
    assert sorted(path.name for path in files.html.parent.iterdir()) == ["compare.csv", "compare.html", "compare.json"]


def test_half_a_character_from_a_model_breaks_nothing(tmp_path: Path) -> None:
    rows = [Reply(id="1", prompt_id="p", prompt="問", model="m", text="好\ud800\0")]
    files = write_report(Comparison(replies=rows), tmp_path)
    assert read_comparison(files.json).replies[0].text.startswith("好")


def test_a_report_of_an_earlier_finale_is_still_read() -> None:
    """The sample in tests/data is what version 0.1 wrote: what it holds must stay readable, and make a page."""
    old = read_comparison(DATA)
    assert len(old.replies) == 40 and old.models == MODELS and old.votes and old.prompts[0].checks
    assert len(page(sample(), earlier=old).xpath("//ul[@class='changes']/li")) > 0


def test_what_is_no_report_is_told(tmp_path: Path) -> None:
    for name, text in (("a.json", "{"), ("b.json", '{"replies": 3}'), ("c.json", "{}"), ("d.json", "[]")):
        (tmp_path / name).write_text(text, encoding="utf-8")
        with pytest.raises(BadReport, match=name):
            read_comparison(tmp_path / name)
    with pytest.raises(BadReport):
        read_comparison(tmp_path / "none.json")


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ReportNotWritten, match="file"):
        write_report(sample(repeats=1), tmp_path / "file")
