"""What is drawn for a sheet: a person's own sheet, pictures for a comparison, orders for a diffusion model, and again from a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agents import sticker
from agents.errors import BadInput, RunFailed
from agents.sticker.orders import comparison, orders, scene_prompt
from agents.sticker.sheet import offline_sheet
from tests.doubles.certificate import credentials
from tests.doubles.openrouter import OpenRouterDouble
from tools.images.backend import HOUSE, SDXL, Offer
from tools.images.packs import validate
from tools.images.prompt import LIMIT, clip_counter, wish
from tools.images.recipe import read_made, read_recipe, read_signature

SCENES = [
    {"expression": "happy", "pose": "wave", "props": ["heart"], "caption": "早安"},
    {"expression": "cry", "pose": "", "props": [], "caption": "期末了"},
]
WANTED: dict[str, Any] = {
    "theme": "柴犬", "style": "kawaii", "seed": 7, "size": 0, "steps": 4, "cfg": 1.5, "sampler": "LCM", "guide": "",
    "strength": 0.5, "count": 2,
}  # fmt: skip


def own_sheet(**changes: Any) -> dict[str, Any]:
    plain = sticker.expand("柴犬", count=2, offline=True).output.sheet.model_dump()
    return {**plain, "stickers": SCENES, **changes}


def test_a_sheet_of_ones_own_is_drawn_as_it_is_and_asks_nothing(double: OpenRouterDouble, tmp_path: Path) -> None:
    words = "kawaii sticker of a shiba inu, wearing my grandmother's apron"
    done = sticker.run("柴犬", sheet=own_sheet(prompt=words), out=tmp_path)
    assert done.requests == 0 and double.requests == [] and done.offline_steps == [] and not done.warnings
    assert done.output.prompt == words and any("apron" in clause for clause in done.output.added)
    assert [image.caption for image in done.output.images] == ["早安", "期末了"]
    recipe = read_recipe(tmp_path / "01.png")
    assert recipe and recipe.prompt == words and recipe.sheet["scene"]["pose"] == "wave"


def test_a_sheet_that_says_what_the_artist_cannot_is_mended_and_told(tmp_path: Path) -> None:
    odd = [{"expression": "levitating", "pose": "", "props": [], "caption": ""}, *SCENES]
    done = sticker.run("柴犬", sheet=own_sheet(stickers=odd), out=tmp_path)
    assert [image.caption for image in done.output.images] == ["", "早安", "期末了"]  # in the person's own order
    assert any("1 處" in line for line in done.warnings)
    lost = sticker.run("柴犬", sheet=own_sheet(prompt="a cat"), out=tmp_path / "b")
    assert any("柴犬" in line for line in lost.warnings)  # the person may say so; it is told that the wish is gone


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"sheet": {"subject": "shiba"}}, "sheet"),
        ({"sheet": "no"}, "sheet"),
        ({"sheet": own_sheet}, "40"),
        ({"artist": "picasso"}, "auto、house、sdxl"),
        ({"guide": "depth"}, "img2img、edges"),
        ({"steps": 0}, "1 到 200"),
        ({"cfg": 99}, "0 到 30"),
        ({"size": 20_000}, "2,048"),
        ({"strength": 3}, "strength"),
    ],
)
def test_bad_drawing_wishes_are_refused_before_anything_is_stored(given: dict[str, Any], told: str) -> None:
    given = {name: value(stickers=SCENES * 25) if callable(value) else value for name, value in given.items()}
    with pytest.raises(BadInput, match=told):
        sticker.run("柴犬", **given)


def test_two_pictures_of_the_same_seed_show_what_the_expansion_does(tmp_path: Path) -> None:
    done = sticker.run("戴眼鏡的柴犬", style="像素", seed=5, count=1, compare=True, out=tmp_path, offline=True)
    pair = {one.which: one for one in done.output.compared}
    assert set(pair) == {"short", "long"} and pair["short"].prompt == "戴眼鏡的柴犬"
    assert pair["long"].prompt == done.output.prompt
    recipes = {which: read_recipe(Path(one.path)) for which, one in pair.items()}
    assert {recipe.seed for recipe in recipes.values() if recipe} == {5}
    assert recipes["short"].sheet["character"]["accessories"] == []
    assert recipes["long"].sheet["character"]["accessories"] == ["glasses"]
    assert Path(pair["short"].path).read_bytes() != Path(pair["long"].path).read_bytes()
    assert len(done.output.images) == 1


def test_orders_for_a_diffusion_model_say_each_scene_in_words_and_leave_letters_out(tmp_path: Path) -> None:
    offer = Offer(SDXL, "cpu", "someone/a-model")
    sheet = {**offline_sheet("柴犬", "kawaii", 2, "zh"), "stickers": SCENES}
    expanded = {"prompt": sheet["prompt"], "negative": "blurry", "sheet": sheet}
    made = orders({**WANTED, "guide": "edges"}, expanded, offer, tmp_path, letters=True)
    first = made[0].recipe
    assert [order.path.name for order in made] == ["01.png", "02.png"] and made[0].backend is offer
    assert "a shiba inu" in first.prompt and "waving" in first.prompt and "with a heart" in first.prompt
    assert "早安" not in first.prompt and made[1].recipe.prompt != first.prompt
    assert (first.steps, first.cfg, first.sampler, first.seed, first.model) == (4, 1.5, "LCM", 7, "someone/a-model")
    assert first.made == "trained" and first.width is None  # the model's own size
    assert first.sheet["guide"] == {"kind": "edges", "strength": 0.5}
    pair = comparison({**WANTED, "guide": "edges"}, expanded, offer, tmp_path)
    assert pair["short"].recipe.prompt == "柴犬" and pair["short"].recipe.seed == pair["long"].recipe.seed == 7
    assert "guide" not in pair["short"].recipe.sheet  # the words alone are compared
    house = orders(WANTED, expanded, Offer(HOUSE, "house"), tmp_path, letters=False)
    assert house[0].recipe.prompt == sheet["prompt"] and house[0].recipe.sheet["scene"]["caption"] == ""


def test_a_scene_never_pushes_the_wish_out_of_what_clip_reads() -> None:
    said = wish("兩隻紅色的貓在桌子上")
    filler = ", ".join(f"detail number {n} of the soft light" for n in range(8))
    full = f"kawaii sticker of {', '.join(said.clauses)}, {filler}"
    done = scene_prompt(full, SCENES[0], said)
    assert clip_counter()(done) <= LIMIT and all(clause in done for clause in said.clauses) and "waving" in done
    own = f"a cat, {', '.join(f'{n} soft petals of the garden' for n in range(30))}"
    assert clip_counter()(own) > LIMIT
    kept = scene_prompt(own, SCENES[0], wish("貓"))
    assert "29 soft petals of the garden" in kept and "waving" in kept  # a long one of a person's own stays whole


def test_pictures_are_drawn_again_from_what_stands_in_the_file(tmp_path: Path) -> None:
    first = sticker.run("柴犬", count=1, seed=9, out=tmp_path / "a", offline=True).output.images[0]
    recipe = read_recipe(Path(first.path))
    assert recipe
    done = sticker.redraw(recipe.to_json(), copies=3, out=tmp_path / "b")
    assert done.output.drawn_by == HOUSE and [image.seed for image in done.output.images] == [9, 10, 11]
    assert (tmp_path / "b" / "01.png").read_bytes() == Path(first.path).read_bytes()
    assert (tmp_path / "b" / "02.png").read_bytes() != Path(first.path).read_bytes()


def test_a_foreign_recipe_needs_a_diffusion_model_and_says_so(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match=r"FINALE_IMAGE_MODEL|SDXL|images"):
        sticker.redraw({"prompt": "a shiba", "seed": 3, "program": "a1111"}, out=tmp_path)
    assert list(tmp_path.glob("*.png")) == []


def test_chosen_pictures_are_packed(tmp_path: Path) -> None:
    images = sticker.run("貓", count=10, out=tmp_path, offline=True).output.images
    done = sticker.pack([image.path for image in images[:8]], "line", title="我的貓", cover=2, out=tmp_path / "pack")
    made = done.output.pack
    assert done.status == "done" and done.requests == 0 and Path(made.path).name == "line.zip"
    assert validate(Path(made.path), "line") == [] and read_made(tmp_path / "pack" / "line" / "01.png") == "drawn"
    assert json.loads((tmp_path / "pack" / "line.json").read_text(encoding="utf-8"))["title"] == "我的貓"
    few = sticker.pack([images[0].path], "line", out=tmp_path / "few")
    assert few.output.pack.path == "" and any("8" in line for line in few.warnings)
    for given, told in (([], "沒有選"), ([tmp_path / "gone.png"], "gone.png")):
        with pytest.raises(BadInput, match=told):
            sticker.pack(given)


def test_what_must_not_be_drawn_stays_so_in_a_sheet_a_caption_and_a_file(tmp_path: Path) -> None:
    for act in (
        lambda: sticker.run("柴犬", sheet=own_sheet(prompt="nude child, kawaii"), out=tmp_path),
        lambda: sticker.redraw({"prompt": "nude child", "seed": 1}, out=tmp_path),
        lambda: sticker.run("柴犬", sheet=own_sheet(stickers=[{**SCENES[0], "caption": "殺光猶太人"}]), out=tmp_path),
    ):
        with pytest.raises(BadInput) as caught:
            act()
        assert caught.value.message("zh") != caught.value.message("en")
    assert list(tmp_path.iterdir()) == []


def test_pictures_and_packs_are_signed_where_a_certificate_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = credentials(tmp_path)
    monkeypatch.setenv("FINALE_C2PA_CERT", str(certificate))
    monkeypatch.setenv("FINALE_C2PA_KEY", str(key))
    done = sticker.run("柴犬", count=3, pack="whatsapp", out=tmp_path / "out", offline=True)
    assert done.output.pack and validate(Path(done.output.pack.path), "whatsapp") == []
    for path in [done.output.images[0].path, done.output.pack.files[0]]:
        signature = read_signature(Path(path))
        assert signature and signature.intact and signature.made == "drawn"
    monkeypatch.delenv("FINALE_C2PA_KEY")
    with pytest.raises(RunFailed, match="FINALE_C2PA_KEY"):
        sticker.run("柴犬", count=1, out=tmp_path / "half", offline=True)
