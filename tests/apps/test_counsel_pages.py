"""The counselor's conversation and one's own texts, on their pages, driven headless."""

from __future__ import annotations

from pathlib import Path

from agents import counselor
from agents.counselor.memory import Memory
from agents.run import open_runs
from tests.apps.pages import click, settle, text
from tools.retrieval.library import Library

NOTE = "# 學姊的筆記\n\n找實習可以先從校內刊物做起，每週交一篇短文，三個月後再決定要不要往出版走，這是學姊給 INFP 的建議。\n"


def ask(test, question: str):
    test.chat_input[0].set_value(question).run()
    return settle(test)


def test_a_follow_up_goes_on_from_the_turn_before(app) -> None:
    test = app("counselor")
    test.selectbox(key="counsel_type").set_value("INFP").run()
    ask(ask(test, "不知道未來可以做什麼，覺得很迷惘"), "那感情方面呢？")
    newest, first = open_runs().history(2)
    assert newest.inputs["after"] == first.id and "INFP 愛情與友情" in text(test)


def test_a_conversation_is_found_again_by_its_address_and_from_the_list(app) -> None:
    first = counselor.run(mbti="INFP", question="壓力很大怎麼辦")
    last = counselor.run(question="那和家人怎麼說", after=first.run)
    shown = text(app("counselor", chat=last.run))
    assert "壓力很大怎麼辦" in shown and "那和家人怎麼說" in shown
    listed = app("counselor")
    assert "壓力很大怎麼辦" in text(click(listed, "壓力很大怎麼辦")) and "那和家人怎麼說" in text(listed)


def test_a_new_conversation_starts_empty(app) -> None:
    test = ask(app("counselor"), "壓力很大怎麼辦")
    click(test, "新對話")
    ask(test, "怎麼拒絕別人")
    assert open_runs().history(1)[0].inputs["after"] == ""


def test_a_type_said_in_a_message_becomes_the_chosen_one(app) -> None:
    test = ask(app("counselor"), "我是 INFJ，讀書一直分心怎麼辦")
    assert test.selectbox(key="counsel_type").value == "INFJ" and open_runs().settings.finale_ui is not None


def test_the_type_said_last_stays_also_after_another_page(app) -> None:
    test = app("counselor")
    test.selectbox(key="counsel_type").set_value("INFP").run()
    ask(test, "我是 ESFP，壓力很大怎麼辦")
    test.switch_page("pages/history.py").run()
    test.switch_page("pages/counselor.py").run()
    assert test.selectbox(key="counsel_type").value == "ESFP"
    assert app("counselor").selectbox(key="counsel_type").value == "ESFP"


def test_an_old_conversation_does_not_bring_its_type_back(app) -> None:
    counselor.run(mbti="INFP", question="壓力很大怎麼辦")
    test = app("counselor")
    test.selectbox(key="counsel_type").set_value("ENTJ").run()
    click(test, "壓力很大怎麼辦")
    assert test.selectbox(key="counsel_type").value == "ENTJ"


def test_the_memory_switch_shows_what_is_set_also_after_a_conversation_is_deleted(app) -> None:
    test = app("counselor")
    test.toggle(key="counsel_remember").set_value(True).run()
    ask(test, "壓力很大怎麼辦")
    test.checkbox[0].set_value(True).run()
    click(test, "確定刪除")
    assert open_runs().history() == [] and test.toggle(key="counsel_remember").value is True
    assert next(button for button in test.button if button.label == "新對話").disabled


def test_after_a_crisis_card_the_hotlines_stay_until_something_else_is_asked(app, own_home: Path) -> None:
    test = ask(app("counselor"), "我想消失")
    assert "](tel:1925)" in str([item.value for item in test.markdown])
    for message in ("那我該怎麼辦", "沒有人在乎"):
        ask(test, message)
        assert text(test).count("](tel:1995)") > 1 and open_runs().history() == []
    ask(test, "履歷要怎麼寫比較好？")
    assert len(open_runs().history()) == 1 and "](tel:1925)" in str([item.value for item in test.caption])
    ask(test, "我不想活了")
    ask(click(test, "我想聊別的事"), "我好累")
    assert len(open_runs().history()) == 2
    kept = b"".join(path.read_bytes() for path in own_home.rglob("*") if path.is_file())
    assert not any(said.encode() in kept for said in ("我想消失", "那我該怎麼辦", "沒有人在乎", "我不想活了"))


def test_what_was_deleted_is_said_where_it_stood(app) -> None:
    one = counselor.run(mbti="INFP", question="壓力很大怎麼辦")
    two = counselor.run(question="那感情方面呢？", after=one.run)
    open_runs().delete(one.run)
    shown = text(app("counselor", chat=two.run))
    assert "在這之前的對話已經刪除" in shown and "那感情方面呢" in shown


def test_a_weak_match_is_said_once(app) -> None:
    shown = text(ask(app("counselor"), "台北捷運怎麼搭"))
    assert shown.count("最接近") == 1 and "謝謝你願意" not in shown


def test_four_letters_make_a_type(app) -> None:
    test = app("counselor")
    for pair, letter in zip(("EI", "SN", "TF", "JP"), "ENFP", strict=True):
        test.segmented_control(key=f"letter_{pair}").set_value(letter).run()
    click(test, "就用 ENFP")
    assert test.selectbox(key="counsel_type").value == "ENFP"


def test_memory_is_off_until_switched_on_and_can_be_edited(app, own_home: Path) -> None:
    test = app("counselor")
    assert test.toggle(key="counsel_remember").value is False
    ask(test, "我是大三學生，讀書一直分心怎麼辦")
    assert Memory(own_home).all() == []
    test.toggle(key="counsel_remember").set_value(True).run()
    ask(test, "我是大三學生，找不到方向怎麼辦")
    assert [note.text for note in Memory(own_home).all()] == ["我是大三學生"] and "記下了" in text(test)
    field = next(item for item in test.text_input if str(item.key).startswith("note-"))
    field.set_value("我是大四學生").run()
    assert [note.text for note in Memory(own_home).all()] == ["我是大四學生"]
    next(item for item in test.text_input if str(item.key).startswith("note-")).set_value("我不想活了").run()
    assert [note.text for note in Memory(own_home).all()] == ["我是大四學生"] and "1925" in text(test)
    click(test, "全部刪除")
    assert Memory(own_home).all() == []


def test_ones_own_text_is_a_source_named_by_its_title(app, own_home: Path) -> None:
    with Library(own_home) as library:
        library.add(NOTE.encode(), "學姊.md", collection="社團")
    test = app("counselor")
    test.selectbox(key="counsel_type").set_value("INFP").run()
    ask(test, "找實習可以先從哪裡做起？")
    assert any(source.title for source in open_runs().result(open_runs().history(1)[0].id).output.sources)
    assert "學姊" in text(test)


def test_the_library_page_lists_renames_and_deletes(app, own_home: Path) -> None:
    with Library(own_home) as library:
        made = library.add(NOTE.encode(), "學姊.md", collection="社團").collection
    test = app("library")
    assert "社團" in text(test) and "學姊.md" in text(test)
    test.text_input(key=f"rename-{made.id}-社團").set_value("學姊們").run()
    test.button(key=f"save-{made.id}").click().run()
    assert "學姊們" in text(test)
    test.toggle(key=f"look-{made.id}").set_value(True).run()
    assert "校內刊物" in text(test)
    test.button(key=f"delete-{made.id}").click().run()
    with Library(own_home) as library:
        assert library.collections() == []


def test_an_empty_library_says_what_to_do(app) -> None:
    assert "選檔案" in text(app("library"))
