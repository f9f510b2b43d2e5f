"""The house artist: everything in its data draws, stays in its picture, and is the same again for the same seed."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from tools.images import artist
from tools.images.artist import Character, Scene, data, draw, render
from tools.images.artist.caption import find_font
from tools.images.artist.face import BROWS, EYES, MOUTHS, Face
from tools.images.artist.features import EARS, MUZZLES, TAILS
from tools.images.artist.limbs import Arms, hand_of
from tools.images.artist.marks import MARKS
from tools.images.artist.parts import part_path

SUBJECTS = [subject.id for subject in artist.subjects()]
EXPRESSIONS = [expression.id for expression in artist.expressions()]
WORN = ("head", "neck", "eyes")


def alpha(svg: str, size: int = 96) -> np.ndarray:
    image = Image.open(io.BytesIO(render(svg, size)))
    assert image.mode == "RGBA" and image.size == (size, size)
    return np.asarray(image)[..., 3]


def stands_free(svg: str) -> None:
    """Something is drawn, and nothing touches the edge of the picture."""
    seen = alpha(svg)
    assert (seen > 200).mean() > 0.12
    for edge in (seen[0], seen[-1], seen[:, 0], seen[:, -1]):
        assert edge.max() == 0
    assert "#ff00ff" not in svg  # a colour name that the palette lacks


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_subject_draws(subject: str) -> None:
    start = SUBJECTS.index(subject)
    for k in (0, 15, 30):
        stands_free(draw(Character(subject), Scene(EXPRESSIONS[(start + k) % len(EXPRESSIONS)])))


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_expression_draws_on_both_rigs_with_its_captions(expression: str) -> None:
    for subject in ("shiba", "penguin"):
        for caption in next(each for each in artist.expressions() if each.id == expression).captions:
            stands_free(draw(Character(subject), Scene(expression, caption=caption)))


@pytest.mark.parametrize("pose", [pose.id for pose in artist.poses()])
def test_every_pose_draws(pose: str) -> None:
    for subject in ("cat", "girl", "bubble_tea", "snail"):
        stands_free(draw(Character(subject), Scene("happy", pose)))


@pytest.mark.parametrize("prop", artist.props(), ids=lambda prop: prop.id)
def test_every_prop_changes_the_picture(prop: artist.Prop) -> None:
    for subject in ("rabbit", "cloud"):
        worn = prop.where in WORN
        with_it = draw(
            Character(subject, accessories=(prop.id,) if worn else ()),
            Scene("neutral", props=() if worn else (prop.id,)),
        )
        stands_free(with_it)
        assert with_it != draw(Character(subject), Scene("neutral"))


@pytest.mark.parametrize("style", [style.id for style in artist.styles()])
def test_every_style_draws_and_differs(style: str) -> None:
    for subject in ("panda", "chick"):
        svg = draw(Character(subject, style=style), Scene("love", caption="好喜歡"))
        stands_free(svg)
        if style != "kawaii":
            assert svg != draw(Character(subject), Scene("love", caption="好喜歡"))


def test_the_house_is_as_large_as_promised() -> None:
    assert len(SUBJECTS) >= 40 and len(EXPRESSIONS) >= 24 and len(artist.styles()) >= 4


def test_same_seed_same_bytes_other_pose_other_bytes() -> None:
    character = Character("corgi", accessories=("scarf",), seed=7)
    first = render(draw(character, Scene("happy", caption="早安")), 128)
    assert first == render(draw(character, Scene("happy", caption="早安")), 128)
    assert first != render(draw(character, Scene("happy", "cheer", caption="早安")), 128)
    assert first != render(
        draw(Character("corgi", accessories=("scarf",), seed=8), Scene("happy", caption="早安")), 128
    )


def test_one_character_keeps_its_head_through_a_pack() -> None:
    """The head's outline is the same shape in every sitting picture of one seed: only its place may differ."""

    def width(scene: Scene) -> float:
        svg = draw(Character("bear", seed=3), scene)
        body = svg.split('fill-rule="evenodd"')[1]
        runs = [
            [float(x) for x in re.findall(r"-?\d+\.\d", d)] for d in re.findall(r'd="([^"]+)" fill="#b07a4e"', body)
        ]
        return max(max(run[::2]) - min(run[::2]) for run in runs)

    widths = {round(width(Scene(word, "rest")), 0) for word in ("happy", "cry", "neutral", "speechless", "sad")}
    assert len(widths) == 1


@pytest.mark.parametrize("place", ["below", "above", "arch"])
@pytest.mark.parametrize(
    "caption",
    [
        "讚",
        "早安",
        "今天也要加油喔！",
        "這是一句有點長的話，看看會不會跑出去",
        "Thank you very much",
        "謝謝你 thank you ♥",
    ],
)
def test_captions_stay_inside_the_picture(place: str, caption: str) -> None:
    bare = draw(Character("cat"), Scene("neutral"))
    svg = draw(Character("cat"), Scene("neutral", caption=caption, caption_place=place))
    stands_free(svg)
    assert len(re.findall("<path", svg)) > len(re.findall("<path", bare))
    letters = Image.open(io.BytesIO(render(svg, 256))).convert("RGB")
    assert (np.abs(np.asarray(letters).astype(int) - (240, 100, 46)).sum(-1) < 12).sum() > 150  # their colour is seen


@pytest.mark.parametrize(
    "caption",
    ["<script>alert(1)</script>", "&amp;\"'><image href='http://x.test/a'/>", "]]>{prompt}\x00\x07", "‮\u200b"],
)
def test_markup_in_a_caption_is_text(caption: str) -> None:
    svg = draw(Character("bear"), Scene("happy", caption=caption))
    root = ElementTree.fromstring(svg)
    tags = {element.tag.split("}")[1] for element in root.iter()}
    assert tags <= {"svg", "title", "g", "path", "clipPath"}
    stands_free(svg)


def test_a_drawing_refers_to_nothing_outside() -> None:
    for subject in ("tiger", "robot"):
        svg = draw(Character(subject, accessories=("glasses",)), Scene("cry", caption="嗚嗚"))
        assert "href" not in svg and "<image" not in svg and "<text" not in svg and "font" not in svg
        assert svg.count("http") == 1  # the namespace
        assert set(re.findall(r"url\(([^)]*)\)", svg)) <= {f"#c{i}" for i in range(40)}


def test_too_long_a_caption_is_refused() -> None:
    with pytest.raises(artist.CaptionTooLong, match="61"):
        draw(Character("cat"), Scene("happy", caption="字" * 61))
    stands_free(draw(Character("cat"), Scene("happy", caption="字" * 60)))


@pytest.mark.parametrize(("word", "wanted"), [
    ("柴犬", "shiba"), ("一隻橘色的柴犬在睡覺", "shiba"), ("Corgi", "corgi"), ("two shibas", "shiba"), ("珍珠奶茶", "bubble_tea"), ("台灣黑熊", "formosan_bear"),
    ("小熊貓", "red_panda"), ("熊貓", "panda"),
        ("我家的貓在睡覺", "cat"), ("貓", "cat"), ("貓頭鷹", "owl"), ("便利商店咖啡杯", "coffee"), ("cat", "cat"), ("六角恐龍", "axolotl"),
])  # fmt: skip
def test_subjects_are_found_by_their_names(word: str, wanted: str) -> None:
    found = artist.match_subject(word)
    assert found is not None and found.id == wanted


@pytest.mark.parametrize("word", ["", "量子力學", "concatenate", "現象", "x" * 5000])
def test_what_is_no_subject_is_none(word: str) -> None:
    assert artist.match_subject(word) is None


@pytest.mark.parametrize(
    "word",
    [
        "貓",
        "狗",
        "柴犬",
        "柯基",
        "兔子",
        "熊",
        "熊貓",
        "狐狸",
        "刺蝟",
        "倉鼠",
        "水獺",
        "水豚",
        "企鵝",
        "貓頭鷹",
        "小雞",
        "鴨子",
        "鸚鵡",
        "青蛙",
        "烏龜",
        "恐龍",
        "鯨魚",
        "鯊魚",
        "章魚",
        "六角恐龍",
        "豬",
        "牛",
        "羊",
        "馬",
        "大象",
        "獅子",
        "老虎",
        "無尾熊",
        "猴子",
        "樹懶",
        "蜜蜂",
        "蝸牛",
        "珍珠奶茶",
        "小籠包",
        "飯糰",
        "吐司",
        "蛋糕",
        "布丁",
        "鳳梨",
        "西瓜",
        "芒果",
        "地瓜",
        "雲",
        "太陽",
        "月亮",
        "星星",
        "仙人掌",
        "機器人",
    ],
)
def test_the_promised_subjects_are_there(word: str) -> None:
    assert artist.match_subject(word) is not None


def test_unknown_words_are_named() -> None:
    with pytest.raises(artist.UnknownWord) as refused:
        draw(Character("dog3"), Scene())
    assert "no subject “dog3”" in refused.value.message("en") and "shiba" in refused.value.message("en")
    with pytest.raises(artist.UnknownWord, match="麒麟"):
        draw(Character("麒麟"), Scene())
    with pytest.raises(artist.UnknownWord, match="風格"):
        draw(Character("cat", style="oil"), Scene())
    with pytest.raises(artist.UnknownWord, match="#rrggbb"):
        draw(Character("cat", palette={"main": 'red" onload="x'}), Scene())
    with pytest.raises(artist.UnknownWord, match="特徵"):
        draw(Character("cat", features={"ears": "seven"}), Scene())
    assert draw(Character("cat", features={"ears": "floppy"}), Scene()) != draw(Character("cat"), Scene())
    with pytest.raises(artist.UnknownWord, match="道具"):
        draw(Character("cat"), Scene(props=("sword",)))


@pytest.mark.parametrize("size", [0, 15, 4097])
def test_sizes_without_sense_are_refused(size: int) -> None:
    with pytest.raises(artist.SizeRefused, match=str(size)):
        render(draw(Character("cat"), Scene()), size)


def test_colours_and_variants_recolour_the_character() -> None:
    plain = draw(Character("shiba"), Scene())
    assert "#123456" in draw(Character("shiba", palette={"main": "#123456"}), Scene())
    assert draw(Character("shiba", palette={"variant": "黑柴"}), Scene()) != plain


def test_a_missing_font_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.images.artist.caption._FOLDERS", ("/nowhere",))
    find_font.cache_clear()
    try:
        with pytest.raises(artist.FontMissing, match="Noto Sans CJK"):
            find_font()
    finally:
        find_font.cache_clear()


def test_the_data_names_only_what_can_be_drawn() -> None:
    arms = Arms((60, 280), (0, 160, 1), Face(), "paw", 40, "#ffffff", "#ffffff", 90, 330)
    poses = {pose.id for pose in artist.poses()}
    for expression in artist.expressions():
        assert expression.eyes in EYES and expression.mouth in MOUTHS and expression.brows in BROWS
        assert set(expression.marks) <= set(MARKS) and expression.pose in poses
    for pose in artist.poses():
        for side, place in ((-1, pose.left), (1, pose.right)):
            hand_of(arms, place, side)
    for subject in artist.subjects():
        if subject.rig == "chibi":
            assert subject.features.get("ears", "none") in EARS
            assert subject.features.get("muzzle", "none") in MUZZLES and subject.features.get("tail", "none") in TAILS
        for part in (*subject.parts, *subject.back, *subject.behind, *subject.marks, *subject.belly, *subject.front):
            assert part_path(part)
            assert part.fill in subject.palette or part.fill == "ink" or re.fullmatch("#[0-9a-f]{6}", part.fill), (
                subject.id,
                part.fill,
            )
        assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in subject.palette.values())
    for prop in artist.props():
        assert all(re.fullmatch("#[0-9a-f]{6}|ink", part.fill) for part in prop.parts)


NEW = """
tapir:
  {zh: "馬來貘", en: "tapir", kind: animal, rig: chibi, palette: {main: "#fffdf8", b: "#3f3b46", paw: "#3f3b46"},
   features: {ears: round, muzzle: button, tail: stub}, belly: [{rect: [-120, 230, 240, 62, 0], fill: b, outline: false}]}
"""


def test_an_animal_is_added_by_a_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert artist.match_subject("馬來貘") is None
    shutil.copytree(data.FOLDER, tmp_path / "data")
    (tmp_path / "data/subjects/mine.yaml").write_text(NEW, encoding="utf-8")
    monkeypatch.setattr(data, "FOLDER", tmp_path / "data")
    data._subjects.cache_clear()
    try:
        assert artist.match_subject("馬來貘") is not None
        stands_free(draw(Character("馬來貘", accessories=("hat",)), Scene("cry", caption="嗚")))
        (tmp_path / "data/subjects/bad.yaml").write_text(
            NEW.replace("tapir:", "bad:").replace("rig: chibi", "rig: cube"), "utf-8"
        )
        data._subjects.cache_clear()
        with pytest.raises(ValueError, match="rig"):
            artist.subjects()
    finally:
        data._subjects.cache_clear()


def test_a_hat_in_a_scene_is_worn() -> None:
    hat = draw(Character("cat"), Scene("neutral", props=("hat",)))
    assert (
        hat
        == draw(Character("cat", accessories=("hat",)), Scene("neutral"))
        != draw(Character("cat"), Scene("neutral"))
    )


def test_names_lead_to_one_subject_each() -> None:
    seen: dict[str, str] = {}
    shared = []
    for subject in artist.subjects():
        for name in {subject.zh, subject.en}:
            if seen.setdefault(name, subject.id) != subject.id:
                shared.append(name)
    assert not shared


def test_public_face_is_what_it_says() -> None:
    assert all(hasattr(artist, name) for name in artist.__all__)
