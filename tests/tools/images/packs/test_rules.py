"""The validators catch broken packs: one good pack, broken in one way at a time."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.tools.images.packs.kit import blob, noise, plain, png, webp
from tools.images.packs import Problem, UnknownPlatform, make_pack, platform, platforms, validate
from tools.images.packs.archive import zipped
from tools.images.packs.errors import BadPlatforms, BrokenPack
from tools.images.packs.manifest import is_emoji, short_name
from tools.images.packs.platforms import load_platforms
from tools.images.packs.problems import _WORDS, WARNINGS
from tools.images.packs.validate import check_files
from tools.words import Words

Files = dict[str, bytes]
Break = Callable[[Files], object]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Files]:
    """The files of a pack that passes, for each platform."""
    made = {}
    for name in platforms():
        pack = make_pack([blob(120, (200, 20 * n, 60)) for n in range(8)], name, tmp_path_factory.mktemp(name))
        made[name] = {path.name: path.read_bytes() for path in pack.files}
        assert pack.path is not None and validate(pack.path, name) == []
    return made


def sized(width: int, height: int, inset: int = 14, **options: object) -> bytes:
    picture = Image.new("RGBA", (width, height))
    picture.paste((200, 90, 60, 255), (inset, inset, width - inset, height - inset))
    return png(picture, **options)  # type: ignore[arg-type]


def fringed(colour: int, fringe: int) -> bytes:
    """A body of one grey with a half-transparent edge of another."""
    picture = Image.new("RGBA", (200, 200))
    picture.paste((fringe, fringe, fringe, 200), (39, 39, 161, 161))
    picture.paste((colour, colour, colour, 255), (40, 40, 160, 160))
    return png(picture)


def two_frames(kind: str) -> bytes:
    return plain(blob(100), kind, save_all=True, append_images=[blob(100, (0, 0, 0))], duration=100)


def change(manifest: str, *path: str | int, value: object) -> Break:
    """Set one value in a manifest; None takes it out."""

    def apply(files: Files) -> None:
        data = json.loads(files[manifest])
        at = data
        for step in path[:-1]:
            at = at[step]
        if value is None:
            del at[path[-1]]
        else:
            at[path[-1]] = value
        files[manifest] = json.dumps(data).encode()

    return apply


def put(name: str, make: Callable[[], bytes]) -> Break:
    return lambda files: files.update({name: make()})


PACK = ("sticker_packs", 0)
CASES: list[tuple[str, str, str, Break]] = [
    ("line", "bad_count", "", lambda files: files.pop("08.png")),
    ("line", "bad_count", "", lambda files: files.update({"09.png": files["01.png"]})),
    ("line", "bad_numbers", "", lambda files: files.update({"10.png": files.pop("08.png")})),
    ("line", "missing_file", "main.png", lambda files: files.pop("main.png")),
    ("line", "missing_file", "tab.png", lambda files: files.pop("tab.png")),
    ("line", "unexpected_file", "readme.txt", put("readme.txt", lambda: b"hello")),
    ("line", "unreadable", "01.png", put("01.png", lambda: b"not a picture")),
    ("line", "unreadable", "01.png", lambda files: files.update({"01.png": files["01.png"][:-200]})),
    ("line", "wrong_format", "01.png", put("01.png", lambda: webp(blob(100)))),
    ("line", "animated", "01.png", put("01.png", lambda: two_frames("PNG"))),
    ("line", "not_rgb", "01.png", put("01.png", lambda: plain(blob(100).convert("LA")))),
    ("line", "low_dpi", "01.png", put("01.png", lambda: sized(200, 200, dpi=(36, 36)))),
    ("line", "too_heavy", "01.png", lambda files: files.update({"01.png": files["01.png"] + bytes(1_000_000)})),
    ("line", "heavy_archive", "", lambda files: files.update({"01.png": files["01.png"] + bytes(20_000_000)})),
    ("line", "wrong_size", "main.png", put("main.png", lambda: sized(238, 240))),
    ("line", "wrong_size", "tab.png", put("tab.png", lambda: sized(96, 96))),
    ("line", "too_large", "01.png", put("01.png", lambda: sized(372, 320))),
    ("line", "too_large", "01.png", put("01.png", lambda: sized(370, 322))),
    ("line", "odd_size", "01.png", put("01.png", lambda: sized(201, 200))),
    ("line", "odd_size", "01.png", put("01.png", lambda: sized(200, 201))),
    ("line", "empty_picture", "01.png", put("01.png", lambda: png(Image.new("RGBA", (200, 200))))),
    ("line", "no_transparency", "01.png", put("01.png", lambda: png(Image.new("RGB", (200, 200), "red")))),
    ("line", "no_margin", "01.png", put("01.png", lambda: sized(200, 200, inset=9))),
    ("line", "halo_on_dark", "01.png", put("01.png", lambda: fringed(40, 250))),
    ("line", "halo_on_light", "01.png", put("01.png", lambda: fringed(230, 0))),
    ("line", "unmarked", "01.png", put("01.png", lambda: plain(blob(100)))),
    ("telegram", "wrong_long_side", "01.png", put("01.png", lambda: sized(510, 400))),
    ("telegram", "wrong_long_side", "01.png", put("01.png", lambda: sized(514, 400))),
    ("telegram", "too_heavy", "01.png", put("01.png", lambda: png(noise()))),
    ("telegram", "missing_file", "pack.json", lambda files: files.pop("pack.json")),
    ("telegram", "missing_file", "02.png", lambda files: files.pop("02.png")),
    ("telegram", "bad_manifest", "pack.json", put("pack.json", lambda: b"{")),
    ("telegram", "bad_manifest", "pack.json", put("pack.json", lambda: b"[" * 100_000)),
    ("telegram", "bad_manifest", "pack.json", put("pack.json", lambda: b'{"stickers": [{}]}')),
    ("telegram", "bad_name", "pack.json", change("pack.json", "name", value="1cats")),
    ("telegram", "bad_name", "pack.json", change("pack.json", "name", value="two__lines")),
    ("telegram", "bad_name", "pack.json", change("pack.json", "name", value=7)),
    ("telegram", "text_missing", "pack.json", change("pack.json", "title", value=" ")),
    ("telegram", "text_too_long", "pack.json", change("pack.json", "title", value="x" * 65)),
    ("telegram", "bad_emojis", "01.png", change("pack.json", "stickers", 0, "emojis", value=[])),
    ("telegram", "bad_emojis", "01.png", change("pack.json", "stickers", 0, "emojis", value=["😀"] * 21)),
    ("telegram", "bad_emojis", "01.png", change("pack.json", "stickers", 0, "emojis", value=["abc"])),
    ("telegram", "bad_count", "", change("pack.json", "stickers", value=[])),
    ("telegram", "wrong_suffix", "01.png", put("01.png", lambda: webp(blob(512)))),
    ("whatsapp", "wrong_format", "01.webp", put("01.webp", lambda: sized(512, 512))),
    ("whatsapp", "wrong_size", "01.webp", put("01.webp", lambda: webp(blob(510)))),
    ("whatsapp", "wrong_size", "tray.png", put("tray.png", lambda: sized(98, 96))),
    ("whatsapp", "too_heavy", "01.webp", put("01.webp", lambda: webp(noise(), lossless=True))),
    ("whatsapp", "too_heavy", "tray.png", lambda files: files.update({"tray.png": files["tray.png"] + bytes(50_000)})),
    ("whatsapp", "animated", "01.webp", put("01.webp", lambda: two_frames("WEBP"))),
    ("whatsapp", "missing_file", "contents.json", lambda files: files.pop("contents.json")),
    ("whatsapp", "bad_name", "contents.json", change("contents.json", *PACK, "identifier", value="../x")),
    ("whatsapp", "text_missing", "contents.json", change("contents.json", *PACK, "publisher", value=None)),
    ("whatsapp", "text_missing", "contents.json", change("contents.json", *PACK, "image_data_version", value="")),
    ("whatsapp", "text_too_long", "contents.json", change("contents.json", *PACK, "name", value="貓" * 129)),
    ("whatsapp", "bad_emojis", "01.webp", change("contents.json", *PACK, "stickers", 0, "emojis", value=["😀"] * 4)),
    ("whatsapp", "text_too_long", "01.webp", change("contents.json", *PACK, "stickers", 0, "accessibility_text", value="x" * 126)),
    ("whatsapp", "bad_count", "", change("contents.json", *PACK, "stickers", value=[])),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "code", "file", "spoil"), CASES, ids=[f"{n}-{c}-{i}" for i, (n, c, *_) in enumerate(CASES)]
)
def test_a_broken_pack_is_caught(good: dict[str, Files], name: str, code: str, file: str, spoil: Break) -> None:
    files = dict(good[name])
    spoil(files)
    found = check_files(files, platform(name))
    assert (code, file) in {(each.code, each.file) for each in found}
    told = next(each for each in found if (each.code, each.file) == (code, file))
    assert told.serious == (code not in WARNINGS)
    assert file in told.message("zh") and file in told.message("en")


def test_every_rule_has_a_broken_pack() -> None:
    """Stops: a rule that nothing shows to work."""
    made_elsewhere = {
        "carded",
        "left_out",
        "surplus",
        "caption_lost",
        "quality_lowered",
        "text_cut",
    }  # told by make_pack
    assert set(Words.load(_WORDS).keys()) == {code for _, code, *_ in CASES} | made_elsewhere


def test_the_words_of_every_problem_are_in_both_languages() -> None:
    words = Words.load(_WORDS)
    for key in words.keys():  # noqa: SIM118 - Words is no dict
        places = {lang: set(re.findall(r"{(\w+)}", words._lines[key][lang])) for lang in ("zh", "en")}
        assert places["zh"] == places["en"], key
        words._lines[key]["zh"].encode("big5hkscs")
    assert set(words.keys()) >= WARNINGS


def test_broken_packs_on_the_disk_are_caught_too(good: dict[str, Files], tmp_path: Path) -> None:
    files = good["line"] | {"03.png": b""}
    (tmp_path / "pack.zip").write_bytes(zipped(files))
    assert [(each.code, each.file) for each in validate(tmp_path / "pack.zip", "line")] == [("unreadable", "03.png")]
    (tmp_path / "folder").mkdir()
    for name, data in good["line"].items():
        (tmp_path / "folder" / name).write_bytes(data)
    assert validate(tmp_path / "folder", "line") == []
    assert "wrong_suffix" not in {each.code for each in validate(tmp_path / "folder", "telegram")}
    assert validate(tmp_path / "folder", "telegram")[0] == Problem("missing_file", "pack.json")


def test_archives_that_mean_harm(good: dict[str, Files], tmp_path: Path) -> None:
    path = tmp_path / "bad.zip"
    path.write_bytes(b"no zip")
    with pytest.raises(BrokenPack) as caught:
        validate(path, "line")
    assert "bad.zip" in str(caught.value)
    with pytest.raises(BrokenPack):
        validate(tmp_path / "gone.zip", "line")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("01.png", bytes(300_000_000))
    path.write_bytes(buffer.getvalue())
    with pytest.raises(BrokenPack) as caught:
        validate(path, "line")
    assert caught.value.key == "pack_bomb"
    path.write_bytes(zipped({f"../../{name}": data for name, data in good["line"].items()}))
    assert validate(path, "line") == []  # names are cut to their last part, and nothing is written
    assert sorted(each.name for each in tmp_path.iterdir()) == ["bad.zip"]


def test_a_huge_picture_in_a_pack_is_told_without_decoding(good: dict[str, Files]) -> None:
    files = good["line"] | {"01.png": plain(Image.new("1", (20_000, 20_000)))}
    assert ("unreadable", "01.png") in {(each.code, each.file) for each in check_files(files, platform("line"))}


def test_the_platforms_follow_their_schema(tmp_path: Path) -> None:
    assert set(platforms()) == {"line", "telegram", "whatsapp"}
    line, whatsapp = platform("line"), platform("whatsapp")
    assert [line.nearest(n) for n in (7, 8, 15, 39, 40, 99)] == [0, 8, 8, 32, 40, 40]
    assert [whatsapp.nearest(n) for n in (2, 3, 30, 31)] == [0, 3, 30, 30]
    assert line.length("柴犬ab") == 6 and platform("telegram").length("柴犬ab") == 4
    assert line.cut("貓" * 30, "title") == "貓" * 20
    with pytest.raises(UnknownPlatform) as caught:
        platform("icq")
    assert "icq" in str(caught.value) and "line" in str(caught.value)
    for text in ("line: {}", "[", "line: {counts: [16, 8]}", "- 1"):
        path = tmp_path / "platforms.yaml"
        path.write_text(text)
        with pytest.raises(BadPlatforms):
            load_platforms(path)


def test_emojis_and_short_names() -> None:
    assert all(map(is_emoji, ["😀", "❤️", "👩‍👩‍👧", "🇹🇼", "1️⃣", "👍🏽"]))
    assert not any(map(is_emoji, ["", "a", "1", "柴", "😀😀", " ", None, 3, "😀a"]))
    assert [short_name(text) for text in ("My cats!", "9 lives", "a__b", "!")] == [
        "My_cats",
        "finale_9_lives",
        "a_b",
        "finale",
    ]
    assert short_name("小貓").startswith("finale_") and short_name("小貓") != short_name("小狗")
    assert short_name("\ud800 x") != short_name("x")  # half a character, as broken JSON gives it
