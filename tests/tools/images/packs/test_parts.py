"""The parts of packs: cutting, edges, halos, captions, bytes."""

from __future__ import annotations

import builtins
import io
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.tools.images.packs.kit import blob, noise, photo
from tools.images.packs import (
    CannotFit,
    Finish,
    FlatRemover,
    FontMissing,
    NoBackground,
    PackError,
    RembgRemover,
    RemoverMissing,
    caption,
    clean_edge,
    compose,
    cut_out,
    draw_caption,
    find_font,
    find_halo,
    fit_png,
    fit_webp,
    has_alpha,
    platform,
)
from tools.images.packs.edges import die, distance, outside
from tools.images.recipe import PictureError
from tools.words import Words


def bright(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.convert("RGBA")).astype(int)


def test_distances_are_exact_within_their_reach() -> None:
    dice = np.random.default_rng(1)
    mask = dice.random((40, 55)) < 0.004
    points = np.argwhere(mask)
    rows, columns = np.mgrid[:40, :55]
    true = np.sqrt(((rows[..., None] - points[:, 0]) ** 2 + (columns[..., None] - points[:, 1]) ** 2).min(axis=-1))
    assert np.allclose(distance(mask, 9), np.where(true <= 9, true, np.minimum(true, 10)), atol=1e-3)
    assert (distance(np.zeros((5, 5), bool), 3) == 4).all()


def test_the_outside_ends_at_walls() -> None:
    free = np.ones((9, 9), bool)
    free[2:7, 2:7] = False
    free[4, 4] = True
    assert not outside(free)[4, 4] and outside(free).sum() == 81 - 25
    spiral = np.ones((7, 7), bool)
    spiral[1, 1:6] = spiral[1:6, 5] = spiral[5, 1:6] = spiral[3:6, 1] = spiral[3, 1:4] = False
    assert outside(spiral)[4, 3]  # reached only by going round and round


def test_the_die_is_as_wide_as_asked_and_has_no_holes() -> None:
    picture = Image.new("L", (200, 200))
    picture.paste(255, (60, 60, 140, 140))
    picture.paste(0, (90, 90, 110, 110))
    cover = die(np.asarray(picture), 10)
    assert cover[100, 100] == 1 and cover[100, 51] == 1 and cover[100, 48] == 0
    assert cover[52, 52] == 0  # round corners: the corner of a square border would reach here
    assert cover[100, 40:60].sum() == pytest.approx(10, abs=0.6)


def test_drawings_that_have_alpha_stay_as_they_are() -> None:
    picture = blob(100)
    assert has_alpha(picture) and cut_out(picture) is picture
    assert not has_alpha(photo()) and not has_alpha(Image.new("RGBA", (9, 9)))


@pytest.mark.parametrize("ground", [(255, 255, 255), (0, 0, 0), (120, 200, 140)])
def test_a_flat_background_goes_and_leaves_no_fringe(ground: tuple[int, int, int]) -> None:
    cut, true = cut_out(photo(200, ground)), blob(200)
    difference = np.abs(bright(cut)[..., 3] - bright(true)[..., 3])
    assert difference.mean() < 2 and (difference > 128).mean() < 0.01
    assert max(find_halo(cut)) < 0.25
    assert bright(FlatRemover().remove(photo(200)))[0, 0].tolist() == [0, 0, 0, 0]


def test_what_has_the_colour_of_the_background_inside_stays() -> None:
    picture = photo(200)
    picture.paste((255, 255, 255, 255), (90, 90, 110, 110))
    assert bright(cut_out(picture))[100, 100].tolist() == [255, 255, 255, 255]


def test_a_background_that_is_not_flat_is_told() -> None:
    with pytest.raises(NoBackground) as caught:
        cut_out(Image.linear_gradient("L").convert("RGBA"))
    assert "模型" in str(caught.value)


def test_a_model_is_asked_for_only_when_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    true = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "rembg":
            raise ImportError(name)
        return true(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    remover = RembgRemover()
    assert cut_out(blob(50), remover).size == (50, 50)
    with pytest.raises(RemoverMissing) as caught:
        cut_out(photo(50), remover)
    assert "rembg" in str(caught.value) and "pip install" in caught.value.message("en")


@pytest.mark.parametrize("failure", [ConnectionError("no network"), ValueError("unknown model"), None])
def test_a_model_that_cannot_be_loaded_is_told(failure: Exception | None, monkeypatch: pytest.MonkeyPatch) -> None:
    def new_session(model: str) -> object:
        if failure:
            raise failure
        from onnxruntime import InferenceSession

        return InferenceSession(b"broken", providers=["CPUExecutionProvider"])

    double = types.ModuleType("rembg")
    double.new_session, double.remove = new_session, None  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "rembg", double)
    with pytest.raises(RemoverMissing) as caught:
        cut_out(photo(50), RembgRemover("isnet-anime"))
    assert caught.value.key == "model_missing" and "isnet-anime" in str(caught.value)


def test_a_library_that_ends_the_program_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "rembg.py").write_text("import sys\nsys.exit(1)\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "rembg", raising=False)
    with pytest.raises(RemoverMissing):
        cut_out(photo(50), RembgRemover())


def test_every_error_has_its_words() -> None:
    for family in (PackError, PictureError):
        for kind in family.__subclasses__():
            assert Words.load(kind.words_file).has(kind.code), kind.__name__


def test_any_remover_may_cut() -> None:
    class Half:
        def remove(self, picture: Image.Image) -> Image.Image:
            picture = picture.copy()
            picture.paste((0, 0, 0, 0), (0, 0, picture.width // 2, picture.height))
            return picture

    assert bright(cut_out(photo(40), Half()))[20, 5, 3] == 0


@pytest.mark.parametrize(("body", "fringe", "place"), [(60, 255, 0), (235, 0, 1)])
def test_halos_are_seen_and_cleaned(body: int, fringe: int, place: int) -> None:
    """A picture cut from white keeps white in its edge; cut from black, black."""
    pixels = np.zeros((200, 200, 4), dtype=np.uint8)
    rows, columns = np.mgrid[:200, :200]
    share = np.clip(70.5 - np.hypot(rows - 100, columns - 100), 0, 1)
    pixels[..., 3] = np.round(share * 255)
    pixels[..., :3] = body
    true = Image.fromarray(pixels.copy())
    pixels[(share > 0) & (share < 1), :3] = fringe
    fringed = Image.fromarray(pixels)
    assert find_halo(fringed)[place] > 0.25 and max(find_halo(true)) == 0
    cleaned = clean_edge(fringed)
    assert max(find_halo(cleaned)) == 0
    assert (bright(cleaned)[..., 3] == pixels[..., 3]).all()


def test_a_ring_and_a_shadow_that_are_meant_are_no_halo() -> None:
    rule = platform("line").sticker
    for finish in (
        Finish(),
        Finish(shadow=0.6),
        Finish(border=3),
        Finish(colour=(0, 0, 0)),
        Finish(border=0, shadow=0),
    ):
        assert max(find_halo(compose(blob(300), rule, finish=finish, caption="早安"))) < 0.25


def test_a_sticker_is_composed_as_its_platform_wants() -> None:
    line = compose(blob(300), platform("line").sticker)
    assert line.width % 2 == line.height % 2 == 0 and line.height == 320
    rim = bright(line)[..., 3].copy()
    rim[10:-10, 10:-10] = 0
    assert rim.max() == 0
    tall = blob(300).crop((80, 0, 200, 300))
    assert compose(tall, platform("telegram").sticker).height == 512 > compose(tall, platform("telegram").sticker).width
    assert compose(tall, platform("whatsapp").sticker).size == (512, 512)
    wide = compose(tall.rotate(90, expand=True), platform("telegram").sticker)
    assert wide.width == 512 > wide.height


def test_the_border_is_white_and_under_everything() -> None:
    picture = compose(blob(300, hole=True), platform("whatsapp").sticker, finish=Finish(shadow=0))
    pixels = bright(picture)
    assert pixels[280, 256].tolist() == [255, 255, 255, 255]  # the hole is filled
    solid = pixels[..., 3] == 255
    assert ((pixels[..., :3] == 255).all(axis=2) & solid).sum() > 5_000
    assert (np.unique(pixels[..., 3]) < 255).any()  # and its contour is smooth


@pytest.mark.parametrize(
    "text", ["早", "早安", "我先下班囉～明天見", "Have a nice day everyone", "龘" * 40, "<b>&amp;</b> {x}", "i"]
)
@pytest.mark.parametrize("room", [(300, 80), (200, 60), (460, 110)])
def test_captions_stay_in_their_place(text: str, room: tuple[int, int]) -> None:
    drawn = draw_caption(text, *room)
    if drawn is None:
        assert len(text) == 40  # forty dense signs do not fit everywhere, and are never cut off
        return
    assert drawn.width <= room[0] and drawn.height <= room[1]
    assert drawn.getbbox() == (0, 0, *drawn.size)
    colours = {tuple(each) for each in bright(drawn).reshape(-1, 4)}
    assert (46, 38, 34, 255) in colours and (255, 255, 255, 255) in colours


def test_a_caption_is_part_of_the_sticker() -> None:
    rule = platform("whatsapp").sticker
    with_words, without = compose(blob(200), rule, caption="早安"), compose(blob(200), rule)
    assert with_words.size == without.size and with_words.tobytes() != without.tobytes()
    ink = (bright(with_words)[400:, :, :3] == [46, 38, 34]).all(axis=2).sum()
    assert ink > 300


def test_a_machine_without_a_font_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tools.images.packs.caption._folders", lambda: [tmp_path, tmp_path / "gone"])
    find_font.cache_clear()
    try:
        with pytest.raises(FontMissing) as caught:
            draw_caption("早", 100, 40)
        assert "Noto Sans TC" in str(caught.value)
        assert compose(blob(90), platform("line").sticker).height == 320  # without a caption none is needed
    finally:
        find_font.cache_clear()


def test_unknown_signs_are_left_out_of_captions() -> None:
    assert caption.writable("好\n 喔🙂\U000f0000") == ("好 喔", "🙂\U000f0000")


def test_bytes_are_fitted_from_below_and_nothing_is_lost_without_need() -> None:
    easy = fit_png(blob(200), 100_000)
    assert easy.quality is None and bright(Image.open(io.BytesIO(easy.data))).tolist() == bright(blob(200)).tolist()
    assert fit_webp(blob(200), 100_000).quality is None
    for fit, limits in ((fit_png, (30_000, 60_000, 80_000)), (fit_webp, (30_000, 80_000, 160_000))):
        qualities = []
        for most in limits:
            fitted = fit(noise(300), most)
            assert most * 0.6 < len(fitted.data) <= most
            assert Image.open(io.BytesIO(fitted.data)).size == (300, 300)
            qualities.append(fitted.quality)
        assert None not in qualities and qualities == sorted(qualities)  # type: ignore[type-var]


def test_a_palette_leaves_no_veil() -> None:
    picture = compose(blob(300), platform("telegram").sticker)
    fitted = fit_png(picture, len(fit_png(picture, 10**6).data) // 2)
    small = bright(Image.open(io.BytesIO(fitted.data)))
    assert fitted.quality is not None
    assert (small[..., 3][bright(picture)[..., 3] == 0] == 0).all()


def test_what_cannot_be_made_small_enough_is_told() -> None:
    for fit in (fit_png, fit_webp):
        with pytest.raises(CannotFit) as caught:
            fit(noise(300), 1_000, name="07.png")
        assert "07.png" in str(caught.value) and "1 KB" in caught.value.message("en")
