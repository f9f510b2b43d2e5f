"""The sticker page, driven headless: a theme expanded, a sheet changed and drawn, pictures chosen, packed, drawn again."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from agents import sticker
from agents.run import open_runs
from agents.store import RunRecord
from tests.apps.pages import HOME, click, settle, text
from tests.doubles import tiny_sdxl
from tests.doubles.openrouter import OpenRouterDouble
from tools.images.packs import validate
from tools.images.recipe import Recipe, encode, read_recipe
from tools.images.styles import house_styles

Open = Callable[..., AppTest]


def newest(agent: str) -> RunRecord:
    return open_runs().history(1, agent)[0]


def drawn(count: int = 2, **given: object) -> str:
    """A finished run of stickers."""
    return sticker.run("柴犬", count=count, **given).run


def edit(test: AppTest, run: str, **changes: object) -> AppTest:
    """Change the table of scenes as a person would."""
    test.session_state[f"sheet-rows-{run}"] = {"edited_rows": {}, "added_rows": [], "deleted_rows": [], **changes}
    return test.run()


def test_an_example_is_drawn_with_one_click(app: Open) -> None:
    test = settle(click(app("sticker"), "珍珠奶茶"))
    record = newest("sticker")
    assert record.status == "done" and record.inputs["theme"] == "珍珠奶茶" and test.query_params["run"] == record.id
    assert "內建畫師畫的，不是擴散模型 · 8 張 · 種子 0 · 512 × 512 px" in text(test)
    assert len([box for box in test.checkbox if (box.key or "").startswith("pick-")]) == 8


def test_every_style_can_be_chosen_and_the_choice_is_drawn(app: Open) -> None:
    test = app("sticker")
    keys = {button.key for button in test.button}
    assert {f"sticker-style-{style.id}" for style in house_styles()} <= keys
    test.button(key="sticker-style-line-art").click().run()
    assert "風格：**線稿**" in text(test)
    test.text_input(key="sticker_theme").set_value("橘貓")
    test.number_input(key="sticker_count").set_value(1)
    settle(click(test, "直接畫"))
    assert newest("sticker").inputs["style"] == "line-art"


def test_dice_give_a_seed_that_is_drawn(app: Open) -> None:
    test = app("sticker")
    test.button(key="sticker_dice").click().run()
    seed = test.session_state["sticker_seed"]
    assert seed > 0
    test.text_input(key="sticker_theme").set_value("柴犬")
    test.number_input(key="sticker_count").set_value(1)
    assert f"種子 {seed}" in text(settle(click(test, "直接畫")))


def test_an_empty_theme_and_one_that_must_not_be_drawn_are_refused_in_a_line(app: Open) -> None:
    test = click(app("sticker"), "直接畫")
    assert len(test.error) == 1 and open_runs().history() == []
    test.text_input(key="sticker_theme").set_value("虐貓")
    test = click(test, "先看分鏡")
    assert "可愛的殭屍" in test.error[0].value and len(test.error) == 1 and open_runs().history() == []


def test_what_was_added_is_marked_and_what_was_kept_is_listed(app: Open) -> None:
    test = app("sticker")
    test.text_input(key="sticker_theme").set_value("戴紅圍巾的柴犬")
    test = settle(click(test, "先看分鏡"))
    output = sticker.ExpandOutput.model_validate(newest("expand").envelope["output"])
    shown = text(test)
    assert output.added and all(f":orange-background[{clause}]" in shown for clause in output.added)
    assert all(f"| {part} | {words} |" in shown for part, words in output.kept.items())
    assert newest("expand").agent == "expand" and open_runs().history(5, "sticker") == []


def test_a_changed_sheet_is_drawn_as_it_stands(app: Open) -> None:
    test = app("sticker")
    test.text_input(key="sticker_theme").set_value("柴犬")
    test.number_input(key="sticker_count").set_value(3)
    test = settle(click(test, "先看分鏡"))
    run = newest("expand").id
    edit(
        test, run, edited_rows={0: {"caption": "嗨嗨", "pose": "jump"}}, deleted_rows=[1],
        added_rows=[{"expression": "asleep", "caption": "累了", "pose": "own", "props": []}],
    )  # fmt: skip
    test.text_area(key=f"sheet-prompt-{run}").set_value("a very round shiba inu").run()
    settle(click(test, "畫這 3 張"))
    record = newest("sticker")
    scenes = record.envelope["output"]["sheet"]["stickers"]
    assert [scene["caption"] for scene in scenes] == ["嗨嗨", "好的", "累了"]
    assert (scenes[0]["pose"], scenes[2]["pose"], scenes[2]["expression"]) == ("jump", "", "asleep")
    assert record.envelope["output"]["prompt"] == "a very round shiba inu" and record.envelope["requests"] == 0
    assert read_recipe(Path(record.envelope["output"]["images"][0]["path"])).prompt == "a very round shiba inu"


def test_a_sheet_survives_a_visit_to_another_page(app: Open) -> None:
    test = app("sticker")
    test.text_input(key="sticker_theme").set_value("柴犬")
    test = settle(click(test, "先看分鏡"))
    edit(test, newest("expand").id, edited_rows={0: {"caption": "我回來了"}})
    test.switch_page("pages/post.py").run()
    test.switch_page("pages/sticker.py").run()
    assert "我回來了" in list(test.data_editor[0].value["caption"])
    assert test.text_input(key="sticker_theme").value == "柴犬"


def test_expanding_costs_one_request_and_shows_who_answered(app: Open, double: OpenRouterDouble) -> None:
    double.say('{"subject": "shiba", "prompt": "![x](http://10.0.0.1/x.png) a shiba inu, <b>bold</b>", "stickers": []}')
    test = app("sticker")
    test.text_input(key="sticker_theme").set_value("柴犬")
    test = settle(click(test, "先看分鏡"))
    raw = "\n".join(str(part.value) for part in (*test.markdown, *test.caption))
    assert "shiba inu" in raw and "![x](" not in raw and "<b>" not in raw


def test_chosen_pictures_become_a_pack_to_download(app: Open) -> None:
    run = drawn(9)
    test = app("sticker", run=run)
    assert "已選 9 張，LINE 貼圖 收 8/16/24/32/40 張，會用前 8 張" in text(test)
    click(test, "全不選")
    assert "還不夠" in text(test) and test.button(key="pack-go").disabled
    for name in ("02", "03", "04", "05", "06", "07", "08", "09"):
        test.checkbox(key=f"pick-{run}-{name}").check()
    test.run()
    test.text_input(key=f"pack-title-{run}").set_value("小柴日常").run()
    test = settle(click(test, "打包 8 張"))
    record = newest("pack")
    assert [Path(one).stem for one in record.inputs["pictures"]] == [f"{n:02d}" for n in range(2, 10)]
    assert record.inputs["title"] == "小柴日常" and not record.inputs["border"] and not any(record.inputs["captions"])
    assert validate(Path(record.envelope["output"]["pack"]["path"]), "line") == []
    assert any("下載 ZIP" in button.label for button in test.download_button)
    assert "淺色聊天室" in text(test) and "深色聊天室" in text(test) and "照 LINE 貼圖 的規格檢查過" in text(test)


def test_a_pack_that_would_be_turned_away_names_the_worst_first(app: Open) -> None:
    run = drawn(3)
    test = settle(click(app("sticker", run=run), "打包 3 張"))
    problems = newest("pack").envelope["output"]["pack"]["problems"]
    serious = next(one for one in problems if one["serious"])
    assert any("會退回這一包" in error.value for error in test.error)
    listed = next(part.value for part in test.markdown if "要修改" in part.value)
    assert listed.lstrip().startswith("- **要修改**") and serious["zh"] in listed.replace("\\", "")
    assert not any("ZIP" in button.label for button in test.download_button)


def test_pictures_of_a_folder_that_was_emptied_are_told_and_harm_nothing(app: Open) -> None:
    run = drawn(2)
    for image in open_runs().store.get(run).envelope["output"]["images"]:
        Path(image["path"]).unlink()
    test = app("sticker", run=run)
    assert any("2 張的檔案已經不在" in warning.value for warning in test.warning)
    assert test.button(key="pack-go").disabled


def test_the_theme_is_compared_with_its_expansion_at_the_same_seed(app: Open) -> None:
    run = drawn(4, seed=5)
    test = settle(click(app("sticker", run=run), "畫這兩張來比"))
    pair = newest("sticker")
    assert pair.id != run and pair.inputs["compare"] and pair.inputs["seed"] == 5
    assert len(pair.envelope["output"]["images"]) == 1  # the other stickers are not drawn a second time
    assert "只有主題" in text(test) and "展開之後" in text(test) and "內建畫師不讀整段提示詞" in text(test)
    assert test.query_params["run"] == run


def test_a_picture_is_drawn_again_from_its_own_settings(app: Open) -> None:
    run = drawn(1, seed=9)
    data = Path(open_runs().store.get(run).envelope["output"]["images"][0]["path"]).read_bytes()
    test = app("sticker")
    test.file_uploader[0].upload("01.png", data, "image/png").run()
    assert "| 種子 | 9 |" in text(test) and "內建畫師" in text(test)
    settle(click(test, "再畫"))
    record = newest("redraw")
    assert read_recipe(Path(record.envelope["output"]["images"][0]["path"])).seed == 9


def test_a_hostile_file_and_a_foreign_recipe_get_one_clear_line(app: Open) -> None:
    from PIL import Image

    test = app("sticker")
    test.file_uploader[0].upload("x.png", b"\x89PNG\r\n\x1a\nnonsense", "image/png").run()
    assert len(test.error) == 1 and not test.exception
    picture = Image.new("RGB", (64, 64), "white")
    nasty = Recipe(prompt="![x](http://10.0.0.1/x.png) <script>alert(1)</script> | a | b", seed=3, model="some-xl")
    other = app("sticker")
    other.file_uploader[0].upload("y.png", encode(picture, "PNG", recipe=nasty), "image/png").run()
    raw = "\n".join(str(part.value) for part in other.markdown)
    assert "![x](" not in raw and "<script>" not in raw
    assert any(
        "要有 SDXL" in warning.value and "FINALE_IMAGE_MODEL" in warning.value.replace("\\", "")
        for warning in other.warning
    )
    assert other.button(key="again-go").disabled
    bare = io.BytesIO()
    picture.save(bare, "PNG")
    third = app("sticker")
    third.file_uploader[0].upload("z.png", bare.getvalue(), "image/png").run()
    assert any("沒有記下怎麼畫的" in info.value for info in third.info)


def test_history_shows_the_pictures_and_opens_them_on_their_page(app: Open) -> None:
    run = drawn(2)
    test = click(app("history"), "柴犬")
    assert len(test.image) == 2
    test = click(test, "在貼圖頁打開")
    assert test.title[0].value == "貼圖" and test.query_params["run"] == run
    assert test.text_input(key="sticker_theme").value == "柴犬" and test.number_input(key="sticker_count").value == 2


def test_a_stale_address_shows_the_beginning(app: Open) -> None:
    test = app("sticker", run="20200101-deadbeef", pack="nothing", again="../x")
    assert "還沒有貼圖" in text(test) and "run" not in test.query_params


def test_without_a_model_the_page_says_how_to_have_one(app: Open) -> None:
    assert "FINALE_IMAGE_MODEL" in text(app("sticker")) and "內建畫師" in text(app("sticker"))


@pytest.fixture
def checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A tiny SDXL that is ready; the worker it starts ends with the test."""
    from tools.images.queue.drain import _processes

    tiny_sdxl.save(tmp_path / "models" / "tiny")
    monkeypatch.setenv("FINALE_IMAGE_FOLDER", str(tmp_path / "models"))
    monkeypatch.setenv("FINALE_IMAGE_MODEL", "tiny")
    monkeypatch.setenv("FINALE_IMAGE_DEVICE", "cpu")
    yield
    for process in list(_processes.values()):
        process.terminate()
        process.wait(timeout=30)
    _processes.clear()


def test_with_a_model_its_controls_are_there_and_reach_the_picture(checkpoint: None) -> None:
    test = AppTest.from_file(HOME, default_timeout=60).run()
    test.switch_page("pages/sticker.py").run()
    test.selectbox(key="sticker_sampler").set_value("Euler a")
    test.number_input(key="sticker_steps").set_value(2)
    test.number_input(key="sticker_count").set_value(1)
    test.text_input(key="sticker_theme").set_value("柴犬")
    click(test, "直接畫")
    runs, run = open_runs(), newest("sticker").id
    list(runs.follow(run))  # a model takes its time
    result = runs.result(run)
    recipe = read_recipe(Path(result.output.images[0].path))
    assert (recipe.steps, recipe.sampler, recipe.made) == (2, "Euler a", "trained")
    test = settle(test)
    assert "tiny 畫的" in text(test)
    # What a model drew has no letters yet: the pack sets them, with a border.
    assert test.checkbox(key=f"pack-border-{result.run}").value
    test.segmented_control(key="sticker_platform").set_value("telegram").run()
    settle(click(test, "打包 1 張"))
    assert newest("pack").inputs["captions"] == [result.output.images[0].caption] != [""]
