"""PDF: sentences whole again, headers gone, passages that know their page or their place in the outline."""

from __future__ import annotations

import pytest

from tests.tools.retrieval.library.files import EN, ZH, Pdf, encrypted
from tools.retrieval.library.errors import DamagedFile, EncryptedFile, NoText, OverLimit, ReadingCancelled
from tools.retrieval.library.limits import MAX_PAGES
from tools.retrieval.library.readers import Reading, Watch, read

LONG = "".join(ZH)


def reading(pdf: Pdf | bytes, name: str = "報告.pdf") -> Reading:
    return read(pdf.build() if isinstance(pdf, Pdf) else pdf, Watch(name))


def text_of(found: Reading) -> str:
    return "\n".join(section.text for section in found.sections)


def wrapped(text: str, width: int) -> list[str]:
    return [text[at : at + width] for at in range(0, len(text), width)]


def english(text: str, width: int) -> list[str]:
    import textwrap

    return textwrap.wrap(text, width, break_on_hyphens=True)


def test_sentences_broken_at_the_line_are_whole_again() -> None:
    found = reading(Pdf().page(*wrapped(LONG, 24)))
    assert text_of(found).replace("\n", "") == LONG
    assert all(line.endswith(("。", "；", "，")) for line in text_of(found).split("\n"))
    assert found.pages == 1 and found.kind == "pdf" and not found.notes


def test_a_sentence_goes_on_over_the_page() -> None:
    lines = wrapped(LONG, 24)
    found = reading(Pdf().page(*lines[:3]).page(*lines[3:]))
    assert text_of(found).replace("\n", "") == LONG
    section = found.sections[0]
    at = len("".join(lines[:3]))
    assert [section.page_at(offset) for offset in (0, at - 1, at, len(section.text) - 1)] == [1, 1, 2, 2]


def test_paragraphs_headings_and_items_keep_their_lines() -> None:
    lines = [
        "一、研究動機",
        *wrapped(ZH[0] + ZH[1], 24),
        *wrapped(ZH[2], 24),
        "1. 整理資料",
        "2. 撰寫程式",
        "• 一項",
        "• 兩項",
    ]
    found = text_of(reading(Pdf().page(*lines))).split("\n")
    assert found[0] == "一、研究動機" and found[-4:] == ["1. 整理資料", "2. 撰寫程式", "• 一項", "• 兩項"]


def test_slides_keep_their_lines() -> None:
    """Stops: the points of a slide run together into one."""
    pdf = Pdf()
    for lines in (
        ("研究動機", "同學找不到題目", "題目太大"),
        ("研究方法", "訪談十二位同學並整理逐字稿", "問卷"),
        ("結論", "縮小範圍"),
    ):
        pdf.page(*lines)
    assert text_of(reading(pdf)).split("\n")[:5] == [
        "研究動機",
        "同學找不到題目",
        "題目太大",
        "研究方法",
        "訪談十二位同學並整理逐字稿",
    ]


def test_english_lines_are_joined_by_spaces_and_hyphens_are_sane() -> None:
    """Stops: "informa- tion", "wellknown", and words run together."""
    lines = [
        "This page says that the informa-",
        "tion of a well-known source is a well-",
        "known good, and that a state-of-the-art",
        "system is self-",
        "contained.",
    ]
    found = text_of(reading(Pdf().page(*lines)))
    assert found.startswith("This page says that the information of a well-known source is a well-known good, and")
    assert "state-of-the-art system" in found and "self-contained" in found


def test_english_prose_comes_out_word_for_word() -> None:
    prose = (EN * 3).strip()
    assert " ".join(text_of(reading(Pdf().page(*english(prose, 60)))).split()) == prose


def test_numbers_at_the_start_of_a_line_are_no_items() -> None:
    found = text_of(
        reading(
            Pdf().page("信度以內部一致性係數計算，全部題目的結果為", "0.81，屬於良好，因此保留所有題目繼續後面分析。")
        )
    )
    assert "結果為0.81，屬於" in found


def test_running_heads_and_page_numbers_go() -> None:
    pdf = Pdf()
    for number in range(1, 7):
        body = f"這是第{'一二三四五六'[number - 1]}頁才有的內容，{ZH[number % 3]}"
        pdf.page(
            "國立測試大學期末報告", *wrapped(body, 24), f"第 {number} 頁，共 6 頁" if number % 2 else f"- {number} -"
        )
    found = text_of(reading(pdf))
    assert "國立測試大學" not in found and "共 6 頁" not in found and "- 2 -" not in found
    assert all(f"第{each}頁才有的內容" in found.replace("\n", "") for each in "一二三四五六")


def test_pages_that_are_all_alike_are_not_thrown_away() -> None:
    """Stops: the same form on every page taken for heads and feet until nothing is left."""
    pdf = Pdf()
    for _ in range(5):
        pdf.page("姓名：", "系級：", "今天學到的一件事：")
    assert text_of(reading(pdf)).count("今天學到的一件事") == 5


def test_titles_that_differ_in_a_number_stay() -> None:
    """Stops: the slides' own titles taken for running heads."""
    pdf = Pdf()
    for number in range(1, 7):
        pdf.page(f"問題 {number}", f"第{number}題的說明。")
    found = text_of(reading(pdf))
    assert all(f"問題 {number}" in found for number in range(1, 7))


def test_letterspaced_lines_and_lookalikes_are_repaired() -> None:
    """Stops: words nobody can find, since "⼤學" is not "大學" and "一 次" is not "一次"."""
    found = text_of(
        reading(Pdf().page("⼤學⽣的⽂字要⻑久。", "一 次 做 完 所 有 功 能 。", "（ 王 小明） ，  ﬁnal  one"))
    )
    assert found == "大學生的文字要長久。\n一次做完所有功能。\n（王 小明），final one"


def test_the_outline_gives_the_headings() -> None:
    pdf = Pdf().page("封面文字在這裡").page("第一章 動機", ZH[0]).mark("第一章　動機")
    pdf.page(ZH[1], "第二章 方法", ZH[2]).mark("第二章 方法").page("沒有標題列的內容").mark("附錄")
    found = [(section.headings, section.text.strip()) for section in reading(pdf).sections]
    assert found == [
        ((), "封面文字在這裡"),
        (("第一章 動機",), f"{ZH[0]}\n{ZH[1]}"),
        (("第二章 方法",), ZH[2]),
        (("附錄",), "沒有標題列的內容"),
    ]


def test_a_damaged_outline_is_no_reason_to_refuse() -> None:
    data = Pdf().page(*ZH).mark("章").build().replace(b"/Dest [", b"/Dest <")
    assert LONG[:20] in text_of(reading(data))


@pytest.mark.parametrize("password", ["secret", "密碼"])
def test_a_pdf_with_a_password_is_refused(password: str) -> None:
    with pytest.raises(EncryptedFile) as caught:
        reading(encrypted(Pdf().page(*ZH).build(), password))
    assert "密碼" in str(caught.value) and "報告.pdf" in str(caught.value)


def test_a_pdf_that_only_restricts_printing_is_read() -> None:
    assert ZH[0] in text_of(reading(encrypted(Pdf().page(*ZH).build(), "")))


def test_a_scanned_pdf_says_that_it_needs_ocr() -> None:
    with pytest.raises(NoText) as caught:
        reading(Pdf().raw(b"q 500 0 0 700 0 0 cm Q").raw(b""))
    assert "OCR" in str(caught.value) and "OCR" in caught.value.message("en")


def test_a_scan_with_only_page_numbers_is_a_scan() -> None:
    pdf = Pdf()
    for _ in range(12):
        pdf.raw(b"")
    with pytest.raises(NoText) as caught:
        reading(pdf.page("1"))
    assert caught.value.key == "scanned"


def test_glyphs_without_a_meaning_are_not_stored() -> None:
    """Stops: a collection full of random characters, which then answer every question."""
    pdf = Pdf(mapped=False)
    pdf.page("".join(chr(code) for code in range(0x4E00, 0x4E00 + 3_000)))
    with pytest.raises(NoText) as caught:
        reading(pdf)
    assert caught.value.key == "garbled"


def test_pages_without_text_are_named() -> None:
    pdf = Pdf().page(*ZH).raw(b"").raw(b"").page(*ZH).raw(b"")
    assert [(note.code, note.params) for note in reading(pdf).notes] == [("empty_pages", {"pages": "2–3, 5"})]


def test_a_page_too_complicated_is_left_out_and_named() -> None:
    drawn = b"BT /F1 12 Tf " + b"<0001> Tj 1 0 0 1 5 5 Tm " * 60_000 + b"ET"
    found = reading(Pdf().page(*ZH).raw(drawn))
    assert ZH[0] in text_of(found)
    assert [(note.code, note.params) for note in found.notes] == [("unread_pages", {"pages": "2"})]


def test_a_stream_that_unpacks_without_end_is_left_out() -> None:
    found = reading(Pdf().page(*ZH).raw(b" " * 80_000_000))
    assert ZH[0] in text_of(found) and found.notes[0].params == {"pages": "2"}


@pytest.mark.parametrize("keep", [20, 400, 0.5, 0.9])
def test_a_pdf_cut_short_is_damaged_or_read(keep: float) -> None:
    """Stops: an exception of the PDF library reaching a person. Some of it may be mended, which is fine."""
    whole = Pdf().page(*ZH).page(*ZH).build()
    part = whole[: int(keep if keep > 1 else keep * len(whole))]
    try:
        assert ZH[0] in text_of(reading(part))
    except (DamagedFile, NoText) as error:
        assert "報告.pdf" in error.message("zh") and "報告.pdf" in error.message("en")


@pytest.mark.parametrize("seed", range(12))
def test_a_pdf_with_wrong_bytes_never_escapes(seed: int) -> None:
    import random

    dice = random.Random(seed)
    data = bytearray(Pdf().page(*ZH).mark("章").page(*ZH).build())
    for _ in range(40):
        data[dice.randrange(8, len(data))] = dice.randrange(256)
    try:
        reading(bytes(data))
    except (DamagedFile, NoText, EncryptedFile) as error:
        assert "報告.pdf" in str(error)


def test_too_many_pages() -> None:
    pdf = Pdf()
    for _ in range(MAX_PAGES + 1):
        pdf.raw(b"")
    with pytest.raises(OverLimit) as caught:
        reading(pdf)
    assert str(MAX_PAGES) in str(caught.value) and str(MAX_PAGES + 1) in str(caught.value)


def test_reading_tells_how_far_it_is_and_stops_between_pages() -> None:
    pdf = Pdf().page(*ZH).page(*ZH).page(*ZH).page(*ZH)
    told: list[tuple[int, int, str]] = []
    read(pdf.build(), Watch("a.pdf", lambda *step: told.append(step)))
    assert [step for step in told if step[1] == 4] == [(n, 4, "read") for n in range(5)]
    told.clear()
    with pytest.raises(ReadingCancelled):
        read(pdf.build(), Watch("a.pdf", lambda *step: told.append(step), lambda: len(told) >= 3))
    assert told[-1] == (1, 4, "read")
