"""Our own recipes: in the file, the same after reading, kept when the picture is resized, marked as AI-made."""

from __future__ import annotations

import ast
import io
from pathlib import Path

import pytest
from PIL import Image

import tools.images.recipe as room
from tools.images.recipe import (
    SOURCE_TYPES,
    Lora,
    NotWritable,
    Recipe,
    encode,
    read_made,
    read_recipe,
    resize_file,
)
from tools.images.recipe.a1111 import read_a1111, write_a1111

FULL = Recipe(
    prompt='1 shiba dog, (red scarf:1.2), "早安",\nsecond line & <b>bold</b> 🐕',
    negative="blurry, Steps and \"quotes\", ']]>'",
    seed=18_446_744_073_709_551_615,
    steps=30,
    cfg=7.5,
    sampler="DPM++ 2M",
    scheduler="karras",
    width=1024,
    height=768,
    model="juggernaut, v8",
    model_hash="abc123",
    loras=(Lora("stickers", 0.7), Lora("line", -0.5)),
    styles=("貼紙", "可愛"),
    made="edited",
    sheet={"subject": "柴犬", "scenes": [{"pose": "sit", "n": 1}], "deep": {"a": None}},
    extra={"note": "a: b, c"},
)


def small(size: tuple[int, int] = (24, 16)) -> Image.Image:
    picture = Image.new("RGBA", size)
    picture.paste((200, 120, 40, 255), (4, 4, size[0] - 4, size[1] - 4))
    return picture


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_recipe_comes_back_as_it_was(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.picture"
    path.write_bytes(encode(small(), kind, made=FULL.made, recipe=FULL))
    assert read_recipe(path) == FULL
    assert read_recipe(path.read_bytes()) == FULL
    assert read_made(path) == "edited"


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
@pytest.mark.parametrize("target", ["PNG", "WEBP"])
def test_resizing_keeps_recipe_and_mark(kind: str, target: str) -> None:
    data = resize_file(encode(small(), kind, made="edited", recipe=FULL), 12, 8, target)
    assert Image.open(io.BytesIO(data)).size == (12, 8)
    assert read_recipe(data) == FULL
    assert read_made(data) == "edited"


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
@pytest.mark.parametrize("made", list(SOURCE_TYPES))
def test_every_picture_is_marked_with_or_without_a_recipe(kind: str, made: str) -> None:
    data = encode(small(), kind, made=made)
    assert read_made(data) == made
    assert SOURCE_TYPES[made].encode() in data
    assert read_made(resize_file(data, 10, 10, kind)) == made
    found = read_recipe(data)
    assert found is not None and found.made == made and not found.prompt


def test_the_default_mark_says_that_a_model_made_it() -> None:
    assert read_made(encode(small(), "PNG")) == "trained"
    plain = io.BytesIO()
    small().save(plain, "PNG")
    assert read_made(plain.getvalue()) is None and read_recipe(plain.getvalue()) is None


def test_a_copy_to_share_keeps_the_mark_and_no_words() -> None:
    for kind in ("PNG", "WEBP"):
        data = encode(small(), kind, made="edited", recipe=FULL.shared())
        found = read_recipe(data)
        assert read_made(data) == "edited" and found is not None
        assert (found.prompt, found.negative, found.sheet, found.seed) == ("", "", {}, None)
        for word in ("shiba", "\\u67f4", "柴犬", "早安"):
            assert word.encode() not in data and word.encode("utf-16-be") not in data


def test_other_programs_find_the_text_a1111_writes() -> None:
    """Stops: a recipe that only we can read."""
    for kind in ("PNG", "WEBP"):
        picture = Image.open(io.BytesIO(encode(small(), kind, recipe=FULL)))
        text = picture.info.get("parameters")
        if kind == "WEBP":
            comment = picture.getexif().get_ifd(0x8769)[0x9286]
            assert comment.startswith(b"UNICODE\0")
            text = comment[8:].decode("utf-16-be")
        assert text == write_a1111(FULL)


def test_a1111_text_gives_the_same_settings_back() -> None:
    found = read_a1111(write_a1111(FULL))
    for name in ("negative", "seed", "steps", "cfg", "sampler", "scheduler", "width", "height", "model", "model_hash"):
        assert getattr(found, name) == getattr(FULL, name), name
    assert (found.loras, found.styles) == (FULL.loras, FULL.styles)
    assert found.prompt == FULL.prompt + " <lora:stickers:0.7> <lora:line:-0.5>"
    # A LoRA that the prompt names already is not named twice, and a drawing gets no steps that it never had.
    again = write_a1111(found)
    assert again.count("<lora:stickers") == 1
    assert "Steps" not in write_a1111(Recipe(prompt="柴犬", made="drawn"))


def test_only_png_and_webp_hold_a_recipe() -> None:
    with pytest.raises(NotWritable) as caught:
        encode(small().convert("RGB"), "JPEG", recipe=FULL)  # type: ignore[arg-type]
    assert "JPEG" in str(caught.value) and "JPEG" in caught.value.message("en")


def test_nothing_in_the_room_can_run_what_a_picture_says() -> None:
    """Stops: `eval` on metadata, the way a picture ran code in another program."""
    forbidden = {
        "eval",
        "exec",
        "compile",
        "literal_eval",
        "__import__",
        "loads_pickle",
        "pickle",
        "marshal",
        "subprocess",
    }
    for path in Path(room.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
            owner = node.value if isinstance(node, ast.Attribute) else None
            if isinstance(owner, ast.Name) and owner.id in ("re", "regex"):
                continue  # re.compile
            assert name not in forbidden, path.name
            if isinstance(node, ast.Import | ast.ImportFrom):
                assert (
                    not forbidden & {alias.name for alias in node.names}
                    and getattr(node, "module", "") not in forbidden
                )
