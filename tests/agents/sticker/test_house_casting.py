"""Who is drawn for a wish: whole words win over the animals inside them, colours go to their own, several are drawn together."""

from __future__ import annotations

import pytest

from agents.sticker.casting import artist_data, cast
from agents.sticker.house import artist_data as same_data
from tools.images.artist import MOST_TOGETHER, Character, Scene, draw, match_subject, props, styles, subjects
from tools.images.prompt import lexicon, to_prompt, wish
from tools.images.styles import house_styles

# A word -> whom the artist may draw for it; "" for the stand-in. None of them may become the animal that only lends it a letter.
COMPOUNDS = {
    word: drawn
    for drawn, words in {
        "": "熱狗 海兔 海膽 水龍頭 牛奶 牛排 牛仔褲 馬桶 馬鈴薯 馬卡龍 馬路 豬排飯 豬肉 豬籠草 鴨賞 魚丸 章魚燒 蝦餅 象棋 鹿港 鹿茸 熊本城 "
        "狗尾草 狗仔隊 貓砂 貓薄荷 貓跳台 猴頭菇 小熊軟糖 木馬 旋轉木馬 龍舟 龍眼 龍鬚糖 鳥巢 鷹架 蛙鏡 獅子會 雞湯 羊肉爐 紅豆湯 綠豆湯 紅茶 黑糖 金針菇 銀耳 青椒 血橙 吻仔魚 日曆",
        "beef_noodles": "牛肉麵 紅燒牛肉麵", "bento": "雞腿便當", "seal": "海狗 海獅 海牛", "otter": "海獺", "hamster": "龍貓 天竺鼠", "chick": "火雞", "frog": "田雞 變色龍", "parrot": "虎皮鸚鵡", "bee": "虎頭蜂", "husky": "狼狗",
        "capybara": "水豚 河馬", "dragon": "海馬", "ladybug": "天牛 甲蟲", "axolotl": "壁虎 六角恐龍", "crab": "龍蝦", "onigiri": "白米飯", "pudding": "月餅", "horse": "斑馬", "snail": "蝸牛", "panda": "熊貓 貓熊", "owl": "貓頭鷹", "squirrel": "松鼠 花栗鼠", "red_panda": "小熊貓", "shark": "鯊魚", "leopard_cat": "石虎",
        "dinosaur": "恐龍", "dolphin": "海豚", "rabbit": "月兔", "taiwan_dog": "流浪狗", "cat": "招財貓",
    }.items()
    for word in words.split()
}  # fmt: skip


def who(theme: str, style: str = "kawaii"):
    said = wish(theme)
    return cast(said, style, prompt=to_prompt(said).prompt)


def test_there_are_compounds_enough() -> None:
    assert len(COMPOUNDS) >= 80


@pytest.mark.parametrize(("word", "drawn"), COMPOUNDS.items())
def test_a_word_is_more_than_the_animal_inside_it(word: str, drawn: str) -> None:
    found = who(word)
    assert found.subject == (drawn or artist_data().stand_in)
    told = [key for key, _ in found.notes]
    assert ("stand_in" in told) is not bool(drawn)


@pytest.mark.parametrize("word", [word for word, drawn in COMPOUNDS.items() if not drawn])
def test_the_artist_s_own_look_up_is_not_misled_either(word: str) -> None:
    assert match_subject(f"可愛的{word}") is None


@pytest.mark.parametrize(
    "text", ["hot dog", "a guinea pig", "sea horse", "dragon fruit", "teacher", "cowboy boots", "catnip", "bathtub"]
)
def test_english_compounds(text: str) -> None:
    assert who(text).subject not in {"shiba", "pig", "horse", "dragon", "cow", "cat", "bat", "boba"}


def test_every_subject_is_found_by_every_name_it_has() -> None:
    lost = []
    for subject in subjects():
        for name in subject.names:
            found = match_subject(name)
            if found is None or name.casefold() not in {known.casefold() for known in found.names}:
                lost.append((subject.id, name))
    assert not lost


@pytest.mark.parametrize(
    ("theme", "palette", "worn"),
    [
        ("紅圍巾柴犬", {"scarf": "red"}, ("scarf",)),
        ("藍帽子企鵝", {"hat": "blue"}, ("hat",)),
        ("戴紅圍巾的白色兔子", {"main": "white", "scarf": "red"}, ("scarf",)),
        ("紅色的柴犬", {"main": "red"}, ()),
        ("拿綠色氣球的熊", {"balloon": "green"}, ("balloon",)),
        ("紅氣球小熊", {"balloon": "red"}, ("balloon",)),
        ("a red-scarfed shiba", {"scarf": "red"}, ("scarf",)),
        ("a shiba with a blue scarf", {"scarf": "blue"}, ("scarf",)),
        ("a red shiba", {"main": "red"}, ()),
        ("pink rabbit with a yellow hat", {"main": "pink", "hat": "yellow"}, ("hat",)),
        ("紅豆湯", {}, ()),
        ("不要圍巾的紅色柴犬", {"main": "red"}, ()),
    ],
)
def test_a_colour_goes_to_its_own(theme: str, palette: dict[str, str], worn: tuple[str, ...]) -> None:
    found = who(theme)
    colours = artist_data().colours
    assert found.palette == {name: colours[colour] for name, colour in palette.items()}
    assert found.accessories == worn
    draw(Character(found.subject, found.palette, accessories=found.accessories), Scene())


@pytest.mark.parametrize(
    ("theme", "together"),
    [
        ("兩隻貓", "cat+cat"),
        ("一隻狗和一隻貓", "shiba+cat"),
        ("貓和狗和兔子", "cat+shiba+rabbit"),
        ("三隻小豬", "pig+pig+pig"),
        ("兩隻紅圍巾柴犬", "shiba+shiba"),
        ("柴犬和珍珠奶茶", "shiba+bubble_tea"),
        ("a dog and a red cat", "shiba+cat"),
        ("two dogs and a cat", "shiba+shiba+cat"),
        ("a pair of penguins", "penguin+penguin"),
        ("一隻貓", "cat"),
        ("a corgi puppy", "corgi"),
        ("a cat holding a fish", "cat"),
        ("抱著兔子的貓", "cat"),
        ("太空人貓咪", "cat"),
        ("one dog", "shiba"),
    ],
)
def test_as_many_are_drawn_as_are_wished_for(theme: str, together: str) -> None:
    found = who(theme)
    assert found.subject == together
    assert "only_one" not in [key for key, _ in found.notes]
    draw(Character(found.subject, found.palette, accessories=found.accessories), Scene("happy"))


@pytest.mark.parametrize("theme", ["五隻貓", "很多企鵝", "twelve cats", "貓和狗和兔子和熊", "貓和嗩吶"])
def test_more_than_can_be_drawn_is_told(theme: str) -> None:
    found = who(theme)
    note = dict(found.notes)["only_one"]
    assert note["zh"] and note["en"] and len(found.subject.split("+")) <= MOST_TOGETHER


def test_colours_of_a_pair_and_a_second_cat_of_its_own_fur() -> None:
    pair = who("一隻紅色的貓和一隻藍色的狗")
    assert pair.palette == {"main": artist_data().colours["red"], "2.main": artist_data().colours["blue"]}
    assert who("兩隻貓").palette == {"2.variant": "灰貓"}
    assert who("兩隻紅色的貓").palette == {name: artist_data().colours["red"] for name in ("main", "2.main")}


def test_the_data_names_only_what_is_there() -> None:
    ids = {subject.id for subject in subjects()}
    english = lexicon().english
    assert set(artist_data().near.values()) <= ids and artist_data().stand_in in ids
    assert set(artist_data().near) <= set(english), set(artist_data().near) - set(english)
    assert set(artist_data().colours) - set(english) <= {"grey", "gold"}
    assert {style.id for style in house_styles()} == set(artist_data().styles)
    assert set(artist_data().styles.values()) == {style.id for style in styles()}
    assert same_data is artist_data and {prop.id for prop in props()}.isdisjoint({"main", "variant"})
