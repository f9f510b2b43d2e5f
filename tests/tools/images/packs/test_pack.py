"""Packs made here pass their validators, whatever went in; what could not go in is told."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from tests.tools.images.packs.kit import blob, noise, photo, plain, png, webp
from tools.images.packs import (
    Finish,
    NothingToPack,
    Pack,
    Sticker,
    make_pack,
    platform,
    platforms,
    repair_pack,
    validate,
)
from tools.images.packs.archive import zipped
from tools.images.recipe import Recipe, read_made, read_recipe
from tools.storage import StorageError

COUNTS = [("line", 8), ("line", 40), ("telegram", 1), ("whatsapp", 3), ("whatsapp", 30)]


def codes(pack: Pack) -> set[str]:
    return {each.code for each in pack.problems}


def passes(pack: Pack, name: str) -> bool:
    return pack.path is not None and validate(pack.path, name) == []


@pytest.mark.parametrize(("name", "count"), COUNTS)
def test_packs_pass_their_validator(name: str, count: int, tmp_path: Path) -> None:
    pack = make_pack([Sticker(blob(90, (200, 6 * n, 60)), caption="早安") for n in range(count)], name, tmp_path)
    assert passes(pack, name) and pack.problems == []
    with zipfile.ZipFile(pack.path) as archive:  # type: ignore[arg-type]
        assert sorted(archive.namelist()) == sorted(path.name for path in pack.files)
        assert archive.testzip() is None
    assert len([path for path in pack.files if path.stem.isdigit()]) == count


@pytest.mark.parametrize("name", list(platforms()))
@pytest.mark.parametrize("finish", [Finish(shadow=0), Finish(border=0, shadow=0), Finish(border=40, shadow=1)])
def test_any_shape_in_any_finish_passes(name: str, finish: Finish, tmp_path: Path) -> None:
    thin = Image.new("RGBA", (400, 6))
    thin.paste((20, 20, 20, 255), (2, 1, 398, 5))
    dot = Image.new("RGBA", (50, 50))
    dot.putpixel((20, 20), (255, 0, 0, 255))
    shapes = [
        blob(700),
        blob(31),
        thin,
        thin.rotate(90, expand=True),
        dot,
        photo(200),
        noise(200),
        blob(200, hole=True),
    ]
    pack = make_pack(
        [Sticker(each, caption="好喔" if n % 2 else "") for n, each in enumerate(shapes)], name, tmp_path, finish=finish
    )
    assert pack.path is not None
    assert [each.code for each in validate(pack.path, name) if each.serious] == []
    assert len([path for path in pack.files if path.stem.isdigit()]) == 8


@pytest.mark.parametrize("name", ["telegram", "whatsapp"])
def test_heavy_pictures_are_brought_within_the_bytes(name: str, tmp_path: Path) -> None:
    pack = make_pack([noise(512, n) for n in range(3)], name, tmp_path, finish=Finish(border=0, shadow=0))
    assert pack.path is not None
    most = platform(name).sticker.max_bytes
    sizes = [path.stat().st_size for path in pack.files if path.stem.isdigit()]
    assert all(most * 0.4 < size <= most for size in sizes), sizes  # fitted, not crushed
    assert not any(each.serious for each in validate(pack.path, name))


def test_what_cannot_be_used_is_left_out_and_told(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(png(blob())[:300])
    gradient = Image.linear_gradient("L").convert("RGBA")
    good = [blob(80, (9 * n, 90, 60)) for n in range(7)]
    odd = [tmp_path / "broken.png", tmp_path / "gone.png", b"text", Image.new("RGBA", (50, 50)), gradient]
    pack = make_pack([*odd[:3], *good, *odd[3:]], "line", tmp_path / "out")
    told = [each for each in pack.problems if each.code == "left_out"]
    assert passes(pack, "line")
    assert [each.file for each in told] == ["broken.png", "gone.png", "#3", "#11"]
    # A background that cannot be taken away is no reason to lose the picture.
    carded = [each for each in pack.problems if each.code == "carded"]
    assert [each.file for each in carded] == ["#12"]
    assert "單一顏色" in carded[0].message("zh") and "flat colour" in carded[0].message("en")
    with Image.open(next(path for path in pack.files if path.name == "08.png")) as kept:
        alpha = kept.getchannel("A")
        assert alpha.getpixel((0, 0)) == 0 and alpha.getpixel((kept.width // 2, kept.height // 2)) == 255
    with pytest.raises(NothingToPack):
        make_pack([], "line", tmp_path)
    with pytest.raises(NothingToPack):
        make_pack([b"nothing"], "line", tmp_path)


def test_too_few_make_no_archive_and_too_many_are_told(tmp_path: Path) -> None:
    full = make_pack([blob(60)] * 8, "line", tmp_path)
    assert full.path is not None
    few = make_pack([blob(60)] * 5, "line", tmp_path)
    assert few.path is None and not full.path.exists()  # the older archive does not stand for the new pack
    assert [each.code for each in few.problems if each.serious] == ["bad_count"]
    assert not (tmp_path / "line" / "08.png").exists() and len(few.files) == 7
    many = make_pack([blob(60)] * 11, "line", tmp_path)
    assert passes(many, "line") and [each.params["count"] for each in many.problems] == [3]
    most = make_pack([blob(40)] * 43, "line", tmp_path)
    assert passes(most, "line") and [each.params["count"] for each in most.problems if each.code == "surplus"] == [3]


def test_every_file_is_marked_and_prompts_stay_home(tmp_path: Path) -> None:
    recipe = Recipe(prompt="secret wish", seed=5, model="m", made="drawn")
    held = png(blob(), made="edited", recipe=Recipe(prompt="held in the file", made="edited"))
    for name in platforms():
        pack = make_pack([Sticker(blob(), recipe=recipe), held, blob(90)] + [blob(90)] * 5, name, tmp_path)
        stickers = [path for path in pack.files if path.suffix != ".json"]
        assert [read_made(path) for path in stickers[:3]] == ["drawn", "edited", "trained"]
        assert all(read_made(path) for path in stickers)
        assert not any(b"secret" in path.read_bytes() or b"held in" in path.read_bytes() for path in pack.files)
        about = json.loads(pack.sidecar.read_text("utf-8"))
        assert [each["prompt"] for each in about["recipes"].values()] == ["secret wish", "held in the file"]
    pack = make_pack([Sticker(blob(), recipe=recipe)], "telegram", tmp_path, full_recipe=True)
    assert read_recipe(pack.files[0]) == recipe


def test_manifests_hold_what_was_asked_for(tmp_path: Path) -> None:
    stickers = [Sticker(blob(60), emojis=["😀", "x", "🐕", "❤️", "🎉"], description="狗" * 200)] * 3
    pack = make_pack(stickers, "whatsapp", tmp_path, title="柴" * 200, creator="<b>我</b>\n")
    assert passes(pack, "whatsapp") and [each.params["field"] for each in pack.problems] == ["title"]
    listed = json.loads(zipfile.ZipFile(pack.path).read("contents.json"))["sticker_packs"][0]  # type: ignore[arg-type]
    assert listed["stickers"][0]["emojis"] == ["😀", "🐕", "❤️"] and listed["publisher"] == "<b>我</b>"
    assert len(listed["name"]) == 128 and len(listed["stickers"][0]["accessibility_text"]) == 125
    pack = make_pack([blob(60)], "telegram", tmp_path, title="My 柴犬")
    assert json.loads((tmp_path / "telegram" / "pack.json").read_text("utf-8"))["name"].startswith("My_")
    assert passes(pack, "telegram")


def test_captions_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    pack = make_pack([Sticker(blob(60), caption="好🙂"), Sticker(blob(60), caption="長" * 60)], "telegram", tmp_path)
    lost = [each.params["lost"] for each in pack.problems if each.code == "caption_lost"]
    assert passes(pack, "telegram") and lost == ["🙂", "長" * 20]


def test_the_same_pack_gives_the_same_bytes(tmp_path: Path) -> None:
    made = [make_pack([Sticker(blob(60), caption="早")] * 8, "line", tmp_path / str(n)).path for n in range(2)]
    assert made[0].read_bytes() == made[1].read_bytes()  # type: ignore[union-attr]


def test_stopping_leaves_nothing(tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    def stop(done: int, of: int) -> None:
        if done == 12:  # of sixteen: while stickers are composed
            raise Stop

    with pytest.raises(Stop):
        make_pack([blob(60)] * 8, "line", tmp_path / "out", progress=stop)
    assert not (tmp_path / "out").exists()
    steps: list[tuple[int, int]] = []
    make_pack([blob(60)] * 3, "telegram", tmp_path / "out", progress=lambda *step: steps.append(step))
    assert steps[-1] == (6, 6) and steps == sorted(steps) and len(steps) == 7  # opened, then composed, then written


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError) as caught:
        make_pack([blob(60)], "telegram", tmp_path / "file")
    assert "file" in str(caught.value)


def test_a_broken_pack_is_put_right(tmp_path: Path) -> None:
    """Odd sides, no margin, too large, the wrong format, a halo, no dpi, gaps in the numbers, no cover."""
    fringe = Image.new("RGBA", (201, 199))
    fringe.paste((250, 250, 250, 200), (0, 0, 201, 199))
    fringe.paste((30, 30, 30, 255), (1, 1, 200, 198))
    fringe.paste((0, 0, 0, 0), (0, 0, 40, 40))
    files = {f"{n:02d}.png": png(blob(100 + n)) for n in range(1, 6)}
    files |= {
        "11.png": png(fringe),
        "12.webp": webp(blob(500)),
        "13.png": plain(photo(300).convert("RGB"), dpi=(30, 30)),
    }
    (tmp_path / "bad.zip").write_bytes(zipped(files | {"notes.txt": b"x"}))
    before = {each.code for each in validate(tmp_path / "bad.zip", "line")}
    assert {
        "bad_numbers",
        "missing_file",
        "odd_size",
        "no_margin",
        "too_large",
        "wrong_format",
        "no_transparency",
    } <= before
    assert {"halo_on_dark", "low_dpi", "unmarked", "unexpected_file"} <= before
    pack = repair_pack(tmp_path / "bad.zip", "line", tmp_path / "out")
    assert passes(pack, "line")
    assert before <= codes(pack) and all(each.fixed for each in pack.problems if each.code in before)
    for name in ("telegram", "whatsapp"):
        assert passes(repair_pack(tmp_path / "bad.zip", name, tmp_path / name), name)


def test_what_cannot_be_put_right_stays_a_problem(tmp_path: Path) -> None:
    (tmp_path / "few.zip").write_bytes(zipped({"01.png": png(blob(101))}))
    pack = repair_pack(tmp_path / "few.zip", "line", tmp_path / "out")
    assert pack.path is None
    assert [each.fixed for each in pack.problems if each.code == "bad_count"] == [False]


def test_the_sheet_shows_light_and_dark(tmp_path: Path) -> None:
    pack = make_pack([blob(60, (n, 90, 60)) for n in range(16)], "line", tmp_path)
    sheet = Image.open(pack.sheet)
    assert sheet.size == (8 * 172 + 12, 2 * (2 * 172 + 12))
    assert min(sheet.getpixel((2, 2))) > 230 and max(sheet.getpixel((2, sheet.height - 2))) < 40
    assert io.BytesIO(pack.sheet.read_bytes()).getbuffer().nbytes > 5_000
