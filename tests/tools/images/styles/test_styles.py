"""The house's styles and the lock: the file keeps its schema, a style never speaks of subjects, a lock sees every change."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tools.images.prompt import contradictions, small_counter
from tools.images.styles import BadStyleFile, NoSuchStyle, StyleChanged, StyleLock, house_styles

STYLES = list(house_styles())


def test_there_are_enough_and_their_names_are_their_own() -> None:
    assert len(STYLES) >= 24
    for names in ([s.name_zh for s in STYLES], [s.name_en for s in STYLES], [s.prompt for s in STYLES]):
        assert len(set(names)) == len(STYLES)


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.id)
def test_a_style_leaves_room_for_the_wish_and_does_not_quarrel_with_itself(style) -> None:
    count = small_counter()
    assert count(style.prompt.replace("{prompt}", "")) <= 45
    assert count(style.negative) <= 45
    assert not contradictions(style.prompt)
    positive = {clause.strip() for clause in style.prompt.split(",")}
    assert not positive & {clause.strip() for clause in style.negative.split(",")}


def test_found_by_every_name_and_the_nearest_are_named_where_none_is() -> None:
    styles = house_styles()
    assert styles.get("貼紙") is styles.get("Die-Cut Sticker") is styles.get(" sticker ")
    with pytest.raises(NoSuchStyle) as caught:
        styles.get("watercolour")
    assert "watercolor" in caught.value.message("en")
    assert "watercolour" in caught.value.message("zh")


def test_a_lock_goes_through_json_and_sees_one_changed_letter() -> None:
    style = house_styles().get("watercolor")
    data = json.loads(json.dumps(style.lock().as_dict()))
    assert StyleLock.from_dict(data).style == style
    with pytest.raises(StyleChanged):
        StyleLock.from_dict(data | {"prompt": data["prompt"] + "s"})
    with pytest.raises(StyleChanged):
        style.lock().check(replace(style, negative=""))
    style.lock().check(replace(style, name_zh="別的名字"))
    with pytest.raises(BadStyleFile):
        StyleLock.from_dict(data | {"hash": 3})


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("- {id: a, zh: 甲, en: A, prompt: no place, negative: n}", "a"),
        ('- {id: a, zh: 甲, en: A, prompt: "{prompt} {prompt}", negative: n}', "a"),
        ('- {id: "A B", zh: 甲, en: A, prompt: "{prompt}", negative: n}', "0.id"),
        ('- {id: a, zh: 甲, en: A, prompt: "{prompt}", negative: n, artist: x}', "0.artist"),
        ("- {id: a, zh: [}", "line 1"),
    ],
)
def test_a_broken_file_is_told_with_its_place(tmp_path: Path, text: str, where: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadStyleFile) as caught:
        house_styles(path)
    assert caught.value.params["where"] == where
    assert "mine.yaml" in str(caught.value)


def test_an_id_that_stands_twice_and_a_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text('- &a {id: a, zh: 甲, en: A, prompt: "{prompt}", negative: n}\n- *a\n', encoding="utf-8")
    with pytest.raises(BadStyleFile, match="twice"):
        house_styles(path)
    with pytest.raises(BadStyleFile):
        house_styles(tmp_path / "none.yaml")
