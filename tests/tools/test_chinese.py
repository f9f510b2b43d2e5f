"""The guard on real OpenCC: what must pass untouched, what must come right, and a stream that never depends on how it was split."""

from __future__ import annotations

import csv
import random
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tools.chinese import ClauseStream, fold, inspect, to_taiwan
from tools.chinese_tables import fold_table, script, term_pattern, terms
from tools.settings import data_dir

DATA = Path(__file__).parent.parent / "data"
KEEP = (DATA / "chinese_keep.txt").read_text(encoding="utf-8").splitlines()
with (DATA / "chinese_repair.tsv").open(encoding="utf-8", newline="") as _file:
    REPAIR = [(wrong, right) for wrong, right in csv.reader(_file, delimiter="\t", quoting=csv.QUOTE_NONE)]
MIXED = (
    "这个软件很好用，后来我们又试了很多次；请看 https://example.com/软件?a=1&b=[2] 的说明[1][12]。他说：「里面的数据坏了！」Really? Yes. 3.14 是圆周率\n"
    "写信到 a.b-c@mail.example.com.tw。`pip install 软件` 然后执行：\n```python\nprint('软件')  # 打印\n```\n「日本の国」和《软件工程》都在桌上，没有标点的一句话会一直"
    "写下去直到超过四十个字为止还是没有停下来的意思所以必须找一个地方切开才行https://台灣.example/说明(第一版)好\n皇后在公里之外，范先生也在。"
)


def _stream(text: str, cuts: list[int]) -> str:
    stream = ClauseStream()
    edges = [0, *sorted(cuts), len(text)]
    return "".join(stream.feed(text[start:stop]) for start, stop in pairwise(edges)) + stream.close()


def _simplified_in(text: str) -> set[str]:
    return set(text) & script().simplified


@pytest.mark.parametrize("sentence", KEEP)
def test_good_taiwanese_text_passes_byte_for_byte(sentence: str) -> None:
    done = to_taiwan(sentence)
    assert done.text == sentence
    assert not done.changed
    assert done.before.clean


@pytest.mark.parametrize(("wrong", "right"), REPAIR)
def test_simplified_sentences_come_right(wrong: str, right: str) -> None:
    done = to_taiwan(wrong)
    assert done.text == right
    assert done.changed
    assert done.after.simplified_count == 0
    assert to_taiwan(right).text == right


def test_there_are_enough_examples() -> None:
    assert len(KEEP) >= 60
    assert len(REPAIR) >= 40
    assert _simplified_in("".join(KEEP)) <= set("据愿并胜")  # good words: 拮据, 鄉愿, 并州, 胜肽


def test_the_rule_knows_which_characters_are_only_simplified() -> None:
    assert set("国学会体万无从号声礼们说软气种网适") <= script().simplified
    assert not set("后里干台面只云松丰几谷斗庄厘熏恒吃床群") & script().simplified


def test_every_simplified_character_is_repaired() -> None:
    left = [char for char in script().simplified if _simplified_in(to_taiwan(char).text)]
    assert left == []


def test_a_report_counts_inside_and_outside_quotes_apart() -> None:
    report = inspect("他说「软件坏了」，软件的质量很好，这软件是用《软件工程》写的。")
    assert report.simplified == ("说", "软", "质", "这", "写")
    assert report.simplified_count == 6
    assert report.quoted_simplified_count == 3
    assert report.terms == (("軟件", "軟體"), ("質量", "品質"), ("軟件", "軟體"))
    assert report.characters == 24
    assert report.simplified_share == pytest.approx(6 / 24)
    assert report.terms_per_1000 == pytest.approx(1000 * 3 / 24)
    assert not report.clean
    assert not inspect("「软」").clean
    assert inspect("「软」").simplified_count == 0
    assert inspect("").clean
    assert inspect("").simplified_share == inspect("").terms_per_1000 == 0


def test_japanese_quotations_are_neither_counted_nor_changed() -> None:
    text = "她喜歡『君の国』和「学校へ行こう」。"
    assert inspect(text).clean
    assert to_taiwan(text).text == text
    assert inspect("「学校国家」").quoted_simplified_count == 2


def test_ambiguous_words_are_repaired_only_where_the_sentence_came_simplified() -> None:
    assert to_taiwan("他默認了這件事。").text == "他默認了這件事。"
    assert to_taiwan("请使用默认的颜色。").text == "請使用預設的顏色。"
    assert to_taiwan("質量與水平都要報告。").after.terms == (("質量", "品質"), ("水平", "水準"))


def test_what_the_writer_asked_to_keep_passes_and_is_not_counted() -> None:
    text = "他引用了「发展是硬道理，国家才有希望。」，又说软件不好。"
    done = to_taiwan(text, keep=["发展是硬道理，国家才有希望。", ""])
    assert done.text == "他引用了「发展是硬道理，国家才有希望。」，又說軟體不好。"
    assert done.before.quoted_simplified_count == 0
    assert done.after.clean
    assert to_taiwan("a b 软件", keep=["b 软"]).text == "a b 软件"


@pytest.mark.parametrize(
    "part",
    [
        "https://zh.wikipedia.org/wiki/软件_(计算机)#历史",
        "HTTP://例子.example/说明",
        "www.example.com/国",
        "a.b+c@mail.example.com.tw",
        "`软件`",
        "```\n软件，国学\n第二行\n```",
        "````md\n```\n软件\n```\n````",
        "[1]",
        "[1, 23]",
    ],
)
def test_addresses_code_and_marks_pass_byte_for_byte(part: str) -> None:
    assert to_taiwan(f"说明：{part}。国学").text == f"說明：{part}。國學"


def test_a_quote_or_backtick_that_never_closes_does_not_hide_the_rest() -> None:
    assert to_taiwan("他說：「鼠標壞了\n鼠標壞了").text == "他說：「鼠標壞了\n滑鼠壞了"
    assert to_taiwan("一個 ` 记号，软件").text == "一個 ` 記號，軟體"


@pytest.mark.parametrize(
    "odd", ["", "\x00软", "\ud800软\udfff", "\u200b软\ufeff", "𠮷野家软", "软" * 3000, "「" * 500 + "软"]
)
def test_odd_input_is_survived(odd: str) -> None:
    assert to_taiwan(odd).text == odd.replace("软", "軟")
    assert _stream(odd, list(range(len(odd)))) == odd.replace("软", "軟")


def test_repair_is_idempotent_on_shuffled_scraps() -> None:
    rng = random.Random(20)
    scraps = [sentence[i : i + 5] for pair in REPAIR for sentence in pair for i in range(0, len(sentence), 5)] + [
        t.mainland for t in terms()
    ]
    for _ in range(400):
        once = to_taiwan("".join(rng.choices(scraps, k=12))).text
        assert to_taiwan(once).text == once


@pytest.mark.parametrize("text", [MIXED, "\n".join(wrong for wrong, _ in REPAIR)])
def test_a_stream_gives_the_same_text_however_it_is_split(text: str) -> None:
    whole = _stream(text, [])
    assert _stream(text, list(range(len(text)))) == whole
    rng = random.Random(7)
    for _ in range(60):
        assert _stream(text, rng.sample(range(len(text)), rng.randrange(1, 60))) == whole


def test_a_stream_leaves_no_simplified_character_and_no_sure_term() -> None:
    # The Japanese and the addresses are meant to stay, so they are left out here.
    text = "\n".join(wrong for wrong, _ in REPAIR if not set(wrong) & set("の/@`"))
    stream = ClauseStream()
    out = "".join(stream.feed(char) for char in text) + stream.close()
    assert _simplified_in(out) <= {"据"}
    assert "滑鼠" in out
    assert "鼠標" not in out
    assert stream.report.simplified_count == inspect(text).simplified_count
    assert stream.report.characters == inspect(text).characters


def test_a_stream_lets_go_at_clause_ends_and_not_inside_what_is_kept() -> None:
    stream = ClauseStream()
    assert stream.feed("这个软") == ""
    assert stream.feed("件，好") == "這個軟體，"
    assert stream.feed("吗?") == "好嗎?"
    assert stream.feed("见 https://a.example/x？") == "見 https://a.example/x？"
    assert stream.feed("看[1") == ""
    assert stream.feed("2]。") == "看[12]。"
    assert stream.feed("`打印，") == ""
    assert stream.feed("打印`，") == "`打印，打印`，"
    assert stream.close() == ""
    assert stream.feed("没有标点" * 10) != ""


def test_a_stream_remembers_that_its_sentence_is_simplified() -> None:
    stream = ClauseStream()
    assert stream.feed("这样的话，里面的人，").startswith("這樣的話，")
    assert stream.feed("他吃了一碗面。") == "他吃了一碗麵。"
    assert (
        stream.feed("他吃了一碗面。") == "他吃了一碗面。"
    )  # a sentence of its own, with nothing in it that is only Simplified


def test_a_long_text_is_handled() -> None:
    text = ("这个软件很好，皇后在公里之外。" + "没有标点的长句子" * 20) * 600
    assert len(text) > 100_000
    assert to_taiwan(text).text == ("這個軟體很好，皇后在公里之外。" + "沒有標點的長句子" * 20) * 600


def test_fold_makes_one_key_of_both_scripts() -> None:
    pairs = [
        ("臺灣軟體", "台湾软体"),
        ("頭髮與發展", "头发与发展"),
        ("看著", "看着"),
        ("裡面裏面", "里面里面"),
        ("ＡＢＣ", "abc"),
        ("乾淨", "干净"),
    ]
    for traditional, simplified in pairs:
        assert fold(traditional) == fold(simplified)
        assert len(fold(traditional)) == len(traditional)
    assert fold("軟體") != fold("硬體")
    assert fold("") == ""


def test_fold_is_stable() -> None:
    every = "".join(map(chr, [*range(0x20, 0xD800), *range(0xE000, 0x10000), *range(0x20000, 0x2A6E0)]))
    assert fold(fold(every)) == fold(every)


def test_the_table_of_terms_has_its_shape() -> None:
    with (data_dir() / "chinese" / "mainland_terms.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == ["mainland", "taiwan", "mode", "not_in", "note"]
    assert len(terms()) >= 120
    assert {term.mode for term in terms()} == {"sure", "simplified", "report"}
    for term in terms():
        assert term.mainland, term
        assert term.taiwan, term
        assert term.mainland != term.taiwan, term
        assert not _simplified_in(term.mainland + term.taiwan + "".join(term.not_in) + term.note), term
        assert all(term.mainland in word and term.mainland != word for word in term.not_in), term
        assert inspect(term.taiwan).clean, term
    folded = [term.mainland.translate(fold_table()) for term in terms()]
    assert len(folded) == len(set(folded))
    assert len(term_pattern()[1]) > len(folded)


def test_terms_are_found_and_longer_taiwanese_words_are_not() -> None:
    for term in terms():
        done = to_taiwan(f"我看{term.mainland}啊")
        assert (term.mainland, term.taiwan) in done.before.terms, term
        assert done.text == (f"我看{term.taiwan}啊" if term.mode == "sure" else f"我看{term.mainland}啊")
        for word in term.not_in:
            assert to_taiwan(word).text == word
            assert inspect(word).clean, word


def test_the_script_lists_do_what_they_are_for() -> None:
    lists = script()
    assert [word for word, places in lists.words.items() if not places] == []
    for words in lists.as_is.values():
        assert [word for word in words if to_taiwan(word).changed] == []
    assert all(len(old) == len(new) for old, new in lists.corrections.items())
    assert all(len(old) == len(new) == 1 for old, new in lists.prefer.items())
    assert lists.loose <= lists.shared
    assert not lists.shared & lists.simplified


def test_importing_the_guard_loads_no_dictionary() -> None:
    code = "import sys, tools.chinese; sys.exit('opencc' in sys.modules or 'yaml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False).returncode == 0
