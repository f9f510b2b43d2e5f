"""The sticker agent: what it makes without a model, what it lets a model say, and that nothing is lost when it is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from agents import load_agent, sticker
from agents.errors import BadInput, RunFailed
from agents.events import Artifact, Failed, Progress
from agents.run import open_runs
from agents.sticker.house import artist_data, cast, usual_scenes
from agents.sticker.sheet import checked, offline_sheet
from tests.doubles.openrouter import OpenRouterDouble
from tests.kit import KEY
from tools.images.artist import expressions, poses, props, styles, subjects
from tools.images.packs import validate
from tools.images.prompt import LIMIT, clip_counter, missing, wish
from tools.images.recipe import read_made, read_recipe
from tools.images.styles import house_styles
from tools.settings import Settings

GOOD = {
    "subject": "shiba",
    "look": "a round cream belly",
    "colours": [],
    "prompt": "kawaii sticker of a shiba inu, fluffy cheeks, curled tail, gentle smile, plain white background",
    "negative": "blurry, watermark, extra legs",
    "kept": {"柴犬": "a shiba inu"},
    "stickers": [
        {"expression": "asleep", "pose": "lie", "props": ["pillow"], "caption": "睡過頭"},
        {"expression": "love", "pose": "", "props": [], "caption": "喜歡你"},
        {"expression": "cry", "pose": "cover", "props": [], "caption": "期末了"},
    ],
}


def say(double: OpenRouterDouble, **changes: Any) -> None:
    double.say(json.dumps({**GOOD, **changes}, ensure_ascii=False))


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.png"))}


def test_every_row_of_the_data_files_is_known_to_the_artist() -> None:
    faces, stances, things = ({one.id for one in known} for known in (expressions(), poses(), props()))
    rows = usual_scenes(40, "zh")
    assert len(rows) == 40 == len({row["caption"] for row in rows}) and len({row["expression"] for row in rows}) >= 24
    assert all(row["expression"] in faces and row["pose"] in stances | {""} for row in rows)
    assert all(set(row["props"]) <= things for row in rows)
    data = artist_data()
    assert set(data.styles) <= {one.id for one in house_styles()}
    assert set(data.styles.values()) == {one.id for one in styles()}
    assert data.stand_in in {one.id for one in subjects()}


def test_offline_eight_stickers_and_a_line_pack_that_validates(tmp_path: Path) -> None:
    done = sticker.run("柴犬", pack="line", out=tmp_path / "貼圖", offline=True)
    output = done.output
    assert done.status == "done" and done.requests == 0 and done.offline_steps == ["expand"] and not done.warnings
    assert "shiba inu" in output.prompt and output.kept == {"柴犬": "a shiba inu"} and output.tokens <= LIMIT
    assert output.drawn_by == "house artist" and len(output.images) == 8
    assert [image.caption for image in output.images][:4] == ["早安", "謝謝", "好的", "加油"]
    for image in output.images:
        with Image.open(image.path) as picture:
            assert picture.size == (image.width, image.height) == (512, 512) and picture.mode == "RGBA"
            assert picture.getpixel((0, 0))[3] == 0
        recipe = read_recipe(Path(image.path))
        assert read_made(Path(image.path)) == "drawn" and recipe and recipe.model == "house artist"
        assert recipe.prompt == output.prompt and recipe.seed == image.seed == 0
        assert recipe.sheet["character"]["subject"] == "shiba"
    assert len({Path(image.path).read_bytes() for image in output.images}) == 8
    assert output.pack and Path(output.pack.path).name == "line.zip"
    assert validate(Path(output.pack.path), "line") == []


@pytest.mark.parametrize("name", ["telegram", "whatsapp"])
def test_other_platforms(tmp_path: Path, name: str) -> None:
    output = sticker.run("珍珠奶茶", count=4, pack=name, out=tmp_path, offline=True).output
    assert output.pack and output.pack.path and validate(Path(output.pack.path), name) == []


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(tmp_path: Path) -> None:
    for folder, seed in (("a", 5), ("b", 5), ("c", 6)):
        sticker.run("橘色的貓戴眼鏡", seed=seed, count=3, out=tmp_path / folder, offline=True)
    assert files(tmp_path / "a") == files(tmp_path / "b") != files(tmp_path / "c")
    recipe = read_recipe(tmp_path / "a" / "01.png")
    assert recipe and recipe.sheet["character"]["accessories"] == ["glasses"]
    assert recipe.sheet["character"]["palette"] == {"main": artist_data().colours["orange"]}


def test_a_number_that_line_does_not_take_is_told(tmp_path: Path) -> None:
    done = sticker.run("貓", count=5, pack="line", out=tmp_path, offline=True)
    assert done.status == "done" and done.output.pack.path == "" and any("8" in line for line in done.warnings)
    surplus = sticker.run("貓", count=10, pack="line", out=tmp_path, offline=True)
    assert surplus.output.pack.path and surplus.warnings


def test_a_subject_nobody_has_drawn_gets_a_stand_in_that_is_named(tmp_path: Path) -> None:
    done = sticker.run("嗩吶", count=1, out=tmp_path, offline=True)
    assert (
        any("「嗩吶」" in line and "「星星」當代替" in line for line in done.warnings) and len(done.output.images) == 1
    )
    near = sticker.run("鴨嘴獸", count=1, out=tmp_path / "near", offline=True)
    assert any("鴨嘴獸" in line and "鴨子" in line for line in near.warnings) and "a platypus" in near.output.prompt
    many = sticker.run("五隻企鵝", count=1, out=tmp_path / "b", style="黏土", offline=True)
    assert any("一張最多畫三個" in line for line in many.warnings) and "five penguins" in many.output.prompt


@pytest.mark.parametrize(
    ("theme", "subject", "notes"),
    [
        ("小柴犬", "shiba", []),
        ("a corgi puppy", "corgi", []),
        ("黑貓", "black_cat", []),
        ("綠色恐龍拿氣球", "dinosaur", []),
        ("貓和柴犬", "cat+shiba", []),
        ("不要帽子的柴犬", "shiba", []),
        ("泰迪熊", "bear", []),
        ("<b>x</b>", "star", ["stand_in"]),
    ],
)
def test_who_is_drawn(theme: str, subject: str, notes: list[str]) -> None:
    who = cast(wish(theme), "kawaii")
    assert (who.subject, [key for key, _ in who.notes]) == (subject, notes)
    assert "hat" not in who.accessories and ("balloon" in who.accessories) is ("氣球" in theme)


def test_quoted_words_become_a_caption_and_captions_can_be_off(tmp_path: Path) -> None:
    output = sticker.run("柴犬說「開店囉」", count=3, out=tmp_path, offline=True).output
    assert output.images[0].caption == "開店囉" and 'the text "開店囉"' in output.prompt
    bare = sticker.run("柴犬", count=2, captions=False, out=tmp_path / "b", offline=True).output
    assert [image.caption for image in bare.images] == ["", ""]
    assert files(tmp_path / "b")["01.png"] != files(tmp_path)["01.png"]


def test_a_models_sheet_is_used_for_one_request(double: OpenRouterDouble, tmp_path: Path) -> None:
    say(double)
    done = sticker.run("柴犬", count=3, out=tmp_path)
    assert done.requests == len(double.requests) == 1 and done.models["expand"] != "offline" and not done.warnings
    assert done.output.prompt == GOOD["prompt"] and "extra legs" in done.output.negative
    assert [image.caption for image in done.output.images] == ["睡過頭", "喜歡你", "期末了"]
    assert "fluffy cheeks" in done.output.added and not any("shiba" in clause for clause in done.output.added)
    recipe = read_recipe(tmp_path / "01.png")
    assert recipe and recipe.sheet["scene"]["props"] == ["pillow"] and recipe.made == "drawn"


def test_a_models_sheet_that_lost_the_wish_is_mended_part_by_part(double: OpenRouterDouble) -> None:
    rows = [
        {"expression": "gloomy-xyz", "pose": "flying", "props": ["bazooka"], "caption": "什麼"},
        {"expression": "happy", "pose": "moonwalk", "props": ["bazooka"], "caption": "嗨🎉嗨"},
        {"expression": "happy", "pose": "", "props": [], "caption": "嗨嗨"},
    ]
    say(
        double,
        prompt="a lovely golden retriever, blue cats, fluffy cheeks, 一隻狗, soft light",
        negative="cats, table, extra legs",
        subject="dog",
        kept={"貓": "a lovely golden retriever", "兩隻": "a lovely golden retriever"},
        stickers=rows,
    )
    done = sticker.expand("兩隻紅色的貓在桌子上", count=4)
    output = done.output
    assert any("已改用規則補上" in line for line in done.warnings)
    said = wish("兩隻紅色的貓在桌子上")
    assert missing(said, output.prompt, output.negative) == [] and output.left_out == []
    assert "blue cats" not in output.prompt and output.prompt.isascii() and "fluffy cheeks" in output.prompt
    assert output.kept["紅色"] == "red cats" and output.sheet.subject == "cat+cat"
    assert "extra legs" in output.negative and "table" not in output.negative and "cats" not in output.negative
    assert len(output.sheet.stickers) == 4
    assert output.sheet.stickers[0].expression == "confused" or output.sheet.stickers[0].caption == "嗨嗨"
    assert len({one.caption for one in output.sheet.stickers}) == 4
    known = {one.id for one in expressions()}
    assert all(one.expression in known and not one.props for one in output.sheet.stickers[:2])


def test_a_prompt_over_seventy_five_tokens_is_cut_and_keeps_the_wish(double: OpenRouterDouble) -> None:
    say(double, prompt="a shiba inu, " + ", ".join(f"very detailed fur number {n}" for n in range(60)))
    output = sticker.expand("柴犬").output
    assert clip_counter()(output.prompt) == output.tokens <= LIMIT and "a shiba inu" in output.prompt


def test_what_the_lexicon_cannot_translate_a_model_may() -> None:
    told = {**offline_sheet("嗩吶", "kawaii", 2, "zh"), "prompt": "kawaii sticker of a suona horn, brass bell"}
    found = checked({**told, "kept": {"嗩吶": "a suona horn"}}, "嗩吶", "kawaii", 2, "zh")
    assert found["kept"] == {"嗩吶": "a suona horn"} and found["prompt"] == told["prompt"] and not found["left_out"]
    lying = checked({**told, "kept": {"嗩吶": "a trumpet"}}, "嗩吶", "kawaii", 2, "zh")
    assert "嗩吶" in lying["prompt"] and lying["kept"] == {"嗩吶": "嗩吶"}


@pytest.mark.parametrize("answer", ["這裡沒有資料", "{}", '{"subject": "shiba", "stickers": []}'])
def test_a_model_that_gives_no_sheet_leaves_the_rules(double: OpenRouterDouble, answer: str, tmp_path: Path) -> None:
    double.say(answer)
    done = sticker.run("柴犬", count=1, out=tmp_path)
    assert done.offline_steps == ["expand"] and done.output.images[0].caption == "早安" and done.warnings


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"theme": ""}, "空"),
        ({"theme": "貓" * 5_000}, "500"),
        ({"theme": "！！？？"}, "還沒有說要畫什麼"),
        ({"theme": "貓", "style": "沒有這個"}, "沒有這個"),
        ({"theme": "貓", "pack": "wechat"}, "wechat"),
        ({"theme": "貓", "count": 41}, "41"),
        ({"theme": "貓", "count": 0}, "1 到 40"),
        ({"theme": "貓", "seed": -1}, "-1"),
    ],
)
def test_bad_input_is_refused_in_a_line(given: dict[str, Any], told: str) -> None:
    with pytest.raises(BadInput) as caught:
        sticker.run(**given, offline=True)
    assert told in caught.value.message("zh") and caught.value.message("en") != caught.value.message("zh")
    assert not open_runs().history(5)


def test_styles_have_ids_names_and_what_people_call_them() -> None:
    find = load_agent("expand").checked
    assert [find({"theme": "貓", "style": name}).style for name in ("", "像素", "Watercolor", "line-art")] == [
        "kawaii", "pixel", "watercolor", "line-art",
    ]  # fmt: skip
    assert (
        find({"theme": "貓", "style": "可愛"}).style == "kawaii"
        and find({"theme": "貓", "style": "簡筆畫"}).style == "line-art"
    )


def test_a_persons_own_file_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "02.png").write_bytes(b"mine")
    done = sticker.run("貓", count=3, out=tmp_path, offline=True)
    assert (tmp_path / "02.png").read_bytes() == b"mine"
    assert [Path(image.path).name for image in done.output.images] == ["01.png", "03.png"]
    assert any("02.png" in line and "1 張沒有畫成" in line for line in done.warnings)
    (tmp_path / "all").mkdir()
    (tmp_path / "all" / "01.png").write_bytes(b"mine")
    with pytest.raises(RunFailed, match=r"01\.png"):
        sticker.run("貓", count=1, out=tmp_path / "all", offline=True)


def test_the_folder_of_the_output_has_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadInput):
        sticker.run("貓", out=tmp_path / "file", offline=True)
    with pytest.raises(RunFailed):
        sticker.run("貓", count=1, out=tmp_path / "file" / "deep", offline=True)


def test_stopped_between_stickers_and_taken_up_again(tmp_path: Path) -> None:
    events = sticker.stream("企鵝", count=20, out=tmp_path, offline=True)
    runs, run = open_runs(), ""
    for event in events:
        if isinstance(event, Artifact) and not run:
            run = runs.history(1)[0].id
            runs.stop(run)
        last = event
    assert isinstance(last, Failed) and last.stopped
    had = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.png")}
    assert 1 <= len(had) < 20
    torn = sorted(had)[0]
    torn.write_bytes(torn.read_bytes()[:-400])  # a disk that lost the end of a file
    runs.resume(run)
    progress = [event for event in runs.follow(run) if isinstance(event, Progress)]
    assert progress[-1].of == 20 and len(runs.result(run).output.images) == 20
    same = [path for path in sorted(had)[1:] if path.stat().st_mtime_ns == had[path]]
    assert len(same) == len(had) - 1
    with Image.open(torn) as picture:
        picture.load()
    assert not list(tmp_path.glob("*.part"))


def test_kill_9_and_resume_ask_nothing_again_and_give_the_same_files(double: OpenRouterDouble, tmp_path: Path) -> None:
    say(double)
    command = [sys.executable, "-m", "apps.cli", "sticker", "柴犬", "--count", "30", "--out", str(tmp_path / "a")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ))
    end = time.monotonic() + 60
    while not (tmp_path / "a" / "03.png").exists() and time.monotonic() < end:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    runs = open_runs()
    run = runs.history(1)[0]
    assert run.status == "interrupted"
    runs.resume(run.id)
    list(runs.follow(run.id))
    assert runs.result(run.id).requests == len(double.requests) == 1
    sticker.run("柴犬", count=30, out=tmp_path / "b")
    assert len(double.requests) == 1 and files(tmp_path / "a") == files(tmp_path / "b")


def test_no_key_gets_into_a_picture(double: OpenRouterDouble, tmp_path: Path) -> None:
    say(double)
    done = sticker.run(f"柴犬 {KEY}", count=1, pack="telegram", out=tmp_path)
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) >= 4 and done.output.images
    for path in written:
        assert KEY.encode() not in path.read_bytes() and str(Settings().home).encode() not in path.read_bytes()
    recipe = read_recipe(tmp_path / "01.png")
    assert recipe and KEY not in json.dumps(recipe.to_json())


def test_upgrade_draws_what_the_model_says(double: OpenRouterDouble) -> None:
    first = sticker.run("柴犬", count=3, offline=True)
    say(double)
    runs = open_runs()
    runs.upgrade(first.run)
    list(runs.follow(first.run))
    after = runs.result(first.run).output
    assert [image.caption for image in after.images] == ["睡過頭", "喜歡你", "期末了"]
    recipe = read_recipe(Path(after.images[0].path))
    assert recipe and recipe.sheet["scene"]["caption"] == "睡過頭"
