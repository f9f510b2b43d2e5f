"""The crisis gate on its real data: labelled cases, evasions, long texts, and the fixed replies.

`tests/data/crisis_cases.csv` has two splits. From `tune` the patterns were written and the learned table was fitted. `held` was
written by somebody who had seen neither, and is only measured: do not edit anything to fit it. When something changes because
of a held case, move the whole split to `tune` and have a new one written. A held case marked `soft` may be NONE or CHECK.
"""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest
import yaml

from agents.counselor import gate
from agents.counselor.gate import CrisisKind, HotlineFile, ReplyFile, SignalFile, fold, reply, screen
from agents.counselor.gate_rules import rules
from agents.counselor.gate_score import LearnedFile
from tools.settings import data_dir

ALARM = {CrisisKind.SELF, CrisisKind.OTHER, CrisisKind.VIOLENCE}
ROOT = Path(__file__).parents[3]
CALM = "今天的課介紹人格類型，老師說這不是貼標籤的工具，而是認識自己的方式。我覺得很有道理，也想多了解室友。\n"


def load(name: str) -> object:
    return yaml.safe_load((data_dir() / "hotlines" / name).read_text(encoding="utf-8"))


def cases(split: str) -> list[tuple[str, CrisisKind]]:
    with (ROOT / "tests" / "data" / "crisis_cases.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == split]
    return [(row["text"], CrisisKind("check" if row["expected"] == "soft" else row["expected"])) for row in rows]


def figures(split: str) -> tuple[float, float, float]:
    """Recall, the share of messages of harm that get at least the gentle line, precision."""
    got = [(kind, screen(text).kind) for text, kind in cases(split)]
    harm = [verdict for kind, verdict in got if kind in ALARM]
    told = [kind for kind, verdict in got if verdict in ALARM]
    recall = sum(verdict in ALARM for verdict in harm) / len(harm)
    gentle = sum(verdict is not CrisisKind.NONE for verdict in harm) / len(harm)
    return recall, gentle, sum(kind in ALARM for kind in told) / len(told)


# --- data files


def test_every_data_file_fits_its_schema() -> None:
    hotlines = HotlineFile.model_validate(load("taiwan.yaml"))
    assert [line.number for line in hotlines.entries] == ["1925", "1995", "1980", "113", "0800-013-999", "110", "119"]
    assert set(ReplyFile.model_validate(load("replies.yaml")).root) == set(CrisisKind) - {CrisisKind.NONE}
    signals = SignalFile.model_validate(load("signals.yaml"))
    ids = [group.id for group in signals.groups]
    assert len(set(ids)) == len(ids)


def test_signal_file_and_code_name_the_same_parts() -> None:
    signals = SignalFile.model_validate(load("signals.yaml"))
    source = Path(gate.__file__).read_text(encoding="utf-8")
    used = set(re.findall(r'grammar\["(\w+)"\]', source)) | {"never_mind", "prohibition"}
    assert set(signals.grammar) == used
    text = (data_dir() / "hotlines" / "signals.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"<([A-Z]+)>", text)) - {"NAME"} == set(signals.macros)


def test_every_pattern_compiles_alone_and_none_matches_nothing() -> None:
    known = rules()
    for group in SignalFile.model_validate(load("signals.yaml")).groups:
        for lines, latin in ((group.zh, False), (group.en, True)):
            for line in lines:
                compiled = re.compile(known.side((line,), latin=latin))
                assert not compiled.search(""), f"{group.id}: matches the empty text: {line}"


# --- labelled cases


def test_cases_are_many_distinct_and_split() -> None:
    tune, held = cases("tune"), cases("held")
    assert len(tune) + len(held) >= 220
    assert len(held) >= 80
    texts = [text for text, _ in tune + held]
    assert len(set(texts)) == len(texts)
    assert {kind for _, kind in held} == set(CrisisKind)


def test_cases_it_was_made_from_come_out_right() -> None:
    recall, gentle, precision = figures("tune")
    assert recall >= 0.95 and gentle >= 0.98 and precision >= 0.95


def test_held_cases_reach_recall_and_precision() -> None:
    recall, gentle, precision = figures("held")
    assert recall >= 0.92 and gentle >= 0.97 and precision >= 0.89


def test_few_ordinary_questions_are_stopped() -> None:
    with (ROOT / "tests" / "data" / "mbti_questions_blind.csv").open(encoding="utf-8", newline="") as file:
        verdicts = [screen(row["question"]).kind for row in csv.DictReader(file)]
    assert sum(verdict in ALARM for verdict in verdicts) <= 0.04 * len(verdicts)


def test_the_learned_table_fits_its_schema() -> None:
    learned = LearnedFile.model_validate_json((data_dir() / "hotlines" / "learned.json").read_text(encoding="utf-8"))
    assert set(learned.kinds) == set(CrisisKind) and len(learned.bias) == len(learned.kinds)
    assert all(len(line) == len(learned.kinds) + 1 for line in learned.pieces.values())


@pytest.mark.parametrize(
    "text",
    [
        "想死",
        "想 死",
        "想.死",
        "想*死",
        "想—死",
        "想\u200b死",
        "想\ufe0f死",
        "想\n死",
        "想「死」",
        "想…死",
        "想🙂死",
        "想　死",
        "我\n想\n死",
    ],
)
def test_marks_between_characters_do_not_hide_a_signal(text: str) -> None:
    assert screen(text).kind is CrisisKind.SELF


@pytest.mark.parametrize(
    "text", ["KMS", "ｋｍｓ", "k.m.s", "k m s", "su!cide", "s*icide", "I don’t want to live", "i dont want to live"]
)
def test_english_disguises_are_read(text: str) -> None:
    assert screen(text).kind is CrisisKind.SELF


@pytest.mark.parametrize(
    "text", ["skill", "5 kms", "diet", "suicide squad", "studied", "deadline", "killjoy", "a kmsx file"]
)
def test_english_words_are_not_found_inside_others(text: str) -> None:
    assert screen(text).kind is CrisisKind.NONE


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("我不想活著了", "我不想活着了"),
        ("我想自殺", "我想自杀"),
        ("他說他想結束生命", "他说他想结束生命"),
        ("我被強暴", "我被强暴"),
    ],
)
def test_both_scripts_fold_to_one_key(traditional: str, simplified: str) -> None:
    assert fold(traditional) == fold(simplified)
    assert screen(traditional) == screen(simplified)
    assert screen(traditional).kind in ALARM


def test_a_pause_is_not_bridged() -> None:
    assert screen("我一直在想，死線到底是哪天").kind is CrisisKind.NONE
    assert screen("好累。死當了兩科").kind is CrisisKind.NONE


def test_without_opencc_traditional_text_is_still_screened() -> None:
    code = (
        "import sys; sys.modules['opencc'] = None\n"
        "from agents.counselor.gate import screen\n"
        "print(*(screen(text).kind for text in ('我想自殺', '我朋友不想活著了', '他打我', '笑死', 'kms')))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["self", "other", "violence", "none", "self"]


# --- any text at all


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n\n",
        "😂😂😂",
        "👨‍👩‍👧‍👦",
        "1234",
        "\x1e\x1f\x00",
        "\ud800",
        "日本語とไทยと한국어 mixed",
        "。。。!!!",
        "ˇˋ˙",
    ],
)
def test_texts_without_a_signal_are_none(text: str) -> None:
    result = screen(text)
    assert result.kind is CrisisKind.NONE
    assert result.matched == ()


def test_mixed_scripts_are_read() -> None:
    assert screen("INTP 的我 honestly 好想 die 😭").kind is CrisisKind.SELF
    assert screen("死にたい、もう疲れた").kind is CrisisKind.SELF
    assert screen("我朋友 said she wants to die").kind is CrisisKind.OTHER


@pytest.mark.parametrize(
    "signal",
    ["我真的不想活了。", "我好想 死。", "我想自杀。", "I want to kill myself. ", "k.m.s ", "我ＫＭＳ。", "我要自-殺。"],
)
@pytest.mark.parametrize("place", [0.0, 0.5, 1.0])
def test_a_signal_is_found_anywhere_in_a_long_text(signal: str, place: float) -> None:
    calm = CALM * (200_000 // len(CALM) + 1)
    cut = int(place * len(calm))
    assert len(calm) >= 200_000
    assert screen(calm).kind is CrisisKind.NONE
    assert screen(calm[:cut] + signal + calm[cut:]).kind is CrisisKind.SELF


def test_long_english_text() -> None:
    calm = "The four letters describe preferences, not abilities. It is a way to know yourself. " * 2_400
    assert screen(calm).kind is CrisisKind.NONE
    assert screen(calm + "My friend said she wants to kill herself.").kind is CrisisKind.OTHER


def test_a_long_text_full_of_alarm_words_is_read_from_both_ends_and_never_none() -> None:
    dense = "笑死了，真的累死我了。" * 20_000
    assert screen(dense).kind is CrisisKind.CHECK
    assert screen(dense + "我不想活了").kind is CrisisKind.SELF
    assert screen("我不想活了。" + dense).kind is CrisisKind.SELF


def test_a_result_names_rules_and_never_words() -> None:
    ids = {group.id for group in SignalFile.model_validate(load("signals.yaml")).groups}
    for text, _ in cases("tune"):
        result = screen(text)
        assert set(result.matched) <= ids | {"idiom", "idiom_and_distress", "too_much", "likeness"}
        assert bool(result.matched) or result.kind is CrisisKind.NONE
        assert screen(text) == result


# --- the fixed texts


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", [kind for kind in CrisisKind if kind is not CrisisKind.NONE])
def test_replies_are_complete_and_name_only_known_lines(kind: CrisisKind, lang: Literal["zh", "en"]) -> None:
    text = reply(kind, lang)
    known = {line.number: line for line in HotlineFile.model_validate(load("taiwan.yaml")).entries}
    assert "{" not in text
    assert set(re.findall(r"0800[\d-]+|\b\d{3,}\b", text)) <= set(known)
    named = [
        number
        for number, line in known.items()
        if f"{number} {line.name_zh}" in text or f"{number} ({line.name_en})" in text
    ]
    wanted = {
        CrisisKind.SELF: set(known),
        CrisisKind.OTHER: {"1925", "1995", "1980", "110", "119", "113"},
        CrisisKind.VIOLENCE: {"113", "110", "119", "1925"},
        CrisisKind.CHECK: {"1925"},
    }
    assert set(named) == wanted[kind]
    assert not re.search("自殺|割|跳|藥|suicid|kill|pill|保證|一定會好|promise you", text)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", sorted(ALARM))
def test_danger_now_comes_before_any_other_line(kind: CrisisKind, lang: Literal["zh", "en"]) -> None:
    lines = reply(kind, lang).splitlines()
    first = next(number for number, line in enumerate(lines) if re.search(r"\d{3}", line))
    assert first == 1
    assert "110" in lines[1]
    assert "119" in lines[1]


def test_hours_are_given_for_1925_only() -> None:
    for kind in CrisisKind:
        for lang in ("zh", "en"):
            for line in reply(kind, lang).splitlines():
                assert not re.search("小時|hours|點到", line) or "1925" in line


def test_check_is_one_gentle_line_and_none_is_empty() -> None:
    assert len(reply(CrisisKind.CHECK, "zh").splitlines()) == 1
    assert len(reply(CrisisKind.CHECK, "en").splitlines()) == 1
    assert reply(CrisisKind.NONE, "zh") == reply(CrisisKind.NONE, "en") == ""
