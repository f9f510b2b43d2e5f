"""Packs: from pictures to the files a platform accepts, checked by the platform's validator before a ZIP is written."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tools.images.packs.archive import read_files, zipped
from tools.images.packs.caption import MAX_CAPTION, writable
from tools.images.packs.compose import PLAIN, Finish, compose
from tools.images.packs.errors import NoBackground, NothingToPack
from tools.images.packs.fit import fit_png, fit_webp
from tools.images.packs.halo import clean_edge, find_halo
from tools.images.packs.manifest import MANIFESTS, is_emoji, write_manifest
from tools.images.packs.platforms import PictureRule, Platform, platform
from tools.images.packs.problems import Problem
from tools.images.packs.remove import Remover, card, cut_out
from tools.images.packs.sheet import contact_sheet
from tools.images.packs.validate import HALO_SHARE, check_files
from tools.images.recipe import ROOM, Made, Recipe, decode_picture, read_made, read_recipe
from tools.storage import writing

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Pack", "Sticker", "make_pack", "repair_pack"]

_DEFAULT_EMOJI = "🙂"
# Twice the largest sticker: what is larger is made smaller as it is opened, or forty photographs would fill the memory.
_LARGEST = 1024


@dataclass(frozen=True, slots=True)
class Sticker:
    """One picture for a pack, with what goes with it.

    Attributes:
        picture: An RGBA picture, a file or a file's bytes. caption: written below it; "" for none.
        recipe: What made it; by default what stands in the file.
    """

    picture: Image | Path | bytes
    caption: str = ""
    emojis: Sequence[str] = ()
    description: str = ""
    recipe: Recipe | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack on the disk.

    Attributes:
        path: The ZIP to upload; None where a serious problem is left (`problems` says which).
        files: Every file of the pack. sheet: all stickers on light and dark. sidecar: recipes and problems as JSON.
    """

    path: Path | None
    files: list[Path]
    problems: list[Problem]
    sheet: Path
    sidecar: Path


@dataclass
class _Making:
    """What is known while a pack is made."""

    where: Platform
    finish: Finish
    made: Made
    remover: Remover | None
    font: Path | None
    full_recipe: bool
    sign: Callable[[bytes], bytes] | None
    problems: list[Problem] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    pictures: list[Image] = field(default_factory=list)
    recipes: dict[str, Recipe] = field(default_factory=dict)


def make_pack(
    pictures: Sequence[Sticker | Image | Path | bytes],
    platform_name: str,
    out: Path,
    *,
    title: str = "Finale",
    creator: str = "Finale",
    cover: int = 0,
    finish: Finish | None = None,
    remover: Remover | None = None,
    made: Made = "trained",
    full_recipe: bool = False,
    font: Path | None = None,
    sign: Callable[[bytes], bytes] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Pack:
    """Make the pack of `pictures` for a platform in the folder `out`, and check it.

    A picture that cannot be used is left out and named in the problems; so are those that are more than a pack may hold.

    Args:
        cover: Which picture (counted from 0 among those that are used) stands for the pack.
        made: How pictures were made that do not say so themselves; written into every file as IPTC's source type.
        full_recipe: Whether prompts go into the files; without it they hold the mark and the model alone. The side-car
            always has all of it.
        sign: Signs a picture's bytes (`tools.images.recipe.signer`); room is left for what that adds.
        progress: Told (steps done, steps in all); it may raise to stop, and nothing has been written then.

    Raises:
        UnknownPlatform, NothingToPack. FontMissing: there are captions and no font. RemoverMissing: the remover's library
        is not there. CannotFit: a picture has more detail than its bytes can hold. StorageError: the folder cannot be written.
    """
    making = _Making(platform(platform_name), finish or Finish(), made, remover, font, full_recipe, sign)
    stickers = [each if isinstance(each, Sticker) else Sticker(each) for each in pictures]
    if not stickers:
        raise NothingToPack()
    total = 2 * len(stickers)  # each is opened, then composed

    def tell(done: int) -> None:
        if progress:
            progress(done, total)

    opened: list[tuple[Sticker, Image]] = []
    most = making.where.nearest(10**6)
    for done, sticker in enumerate(stickers):
        if len(opened) < most and (picture := _opened(making, sticker, sticker.name or _called(sticker, done))):
            opened.append((sticker, picture))
        tell(done)
    if not opened:
        raise NothingToPack()
    fits = making.where.nearest(len(opened)) or len(opened)
    surplus = len(stickers) - len([each for each in making.problems if each.code == "left_out"]) - fits
    if surplus > 0:
        counts = making.where.counts_told()
        making.problems.append(Problem("surplus", "", {"count": surplus, "counts": counts}))
    listed = []
    for number, (sticker, picture) in enumerate(opened[:fits], 1):
        file = f"{number:02d}.{making.where.sticker.formats[0].lower()}"
        tell(len(stickers) + number - 1)
        _add(making, file, making.where.sticker, picture, sticker, caption=True)
        listed.append(
            (file, _emojis(making.where, sticker), making.where.cut(sticker.description, "accessibility_text"))
        )
    covering = opened[min(max(cover, 0), fits - 1)]
    for name, rule in making.where.extras.items():
        _add(making, f"{name}.{rule.formats[0].lower()}", rule, covering[1], covering[0], caption=False)
    title, creator = _text(making, "title", title), _text(making, "creator", creator)
    if making.where.manifest:
        making.files[MANIFESTS[making.where.manifest]] = write_manifest(making.where, title, creator, listed)
    pack = _written(making, out, title, creator)
    tell(total)
    return pack


def repair_pack(path: Path, platform_name: str, out: Path, **options: object) -> Pack:
    """Make the pack in a ZIP or folder anew so that the platform takes it; its pictures are not decorated again.

    The problems name what was wrong before: `fixed` where it is right now.

    Raises:
        BrokenPack, and what `make_pack` raises.
    """
    where = platform(platform_name)
    files = read_files(path)
    before = check_files(files, where)
    extras = tuple(f"{name}." for name in where.extras)
    endings = (".png", ".webp", ".jpg", ".jpeg")
    named = [name for name in sorted(files) if name.lower().endswith(endings) and not name.startswith(extras)]
    stickers = [Sticker(files[name], name=name) for name in named]
    pack = make_pack(stickers, platform_name, out, finish=PLAIN, **options)  # type: ignore[arg-type]
    left = {each.code for each in pack.problems if each.serious}
    put_right = [each if each.code in left else each.as_fixed() for each in before]
    problems = [*put_right, *(each for each in pack.problems if not any(each.code == old.code for old in before))]
    return Pack(pack.path, pack.files, problems, pack.sheet, pack.sidecar)


def _called(sticker: Sticker, place: int) -> str:
    return sticker.picture.name if isinstance(sticker.picture, Path) else f"#{place + 1}"


def _opened(making: _Making, sticker: Sticker, name: str) -> Image | None:
    """The picture cut out with a clean edge; None, with a problem told, where it cannot be used."""
    from tools.images.recipe import PictureError

    try:
        given = sticker.picture
        picture = decode_picture(given, name) if isinstance(given, Path | bytes) else given.convert("RGBA")
        if max(picture.size) > _LARGEST:
            picture = picture.copy()
            picture.thumbnail((_LARGEST, _LARGEST))
        picture = _cut(making, picture, name)
        if picture.getchannel("A").getextrema()[1] < 8:
            raise NothingToPack("empty_sticker")
    except (PictureError, NothingToPack) as error:
        making.problems.append(Problem("left_out", name, {"why": error}))
        return None
    light, dark = find_halo(picture)
    if max(light, dark) > HALO_SHARE:
        code, share = ("halo_on_dark", light) if light >= dark else ("halo_on_light", dark)
        making.problems.append(Problem(code, name, {"share": round(share * 100)}, fixed=True))
        picture = clean_edge(picture)
    return picture


def _cut(making: _Making, picture: Image, name: str) -> Image:
    """The picture without its background, or as a card, which is told, where that cannot be taken away."""
    try:
        return cut_out(picture, making.remover)
    except NoBackground:
        making.problems.append(Problem("carded", name))
        return card(picture)


def _add(making: _Making, file: str, rule: PictureRule, picture: Image, sticker: Sticker, *, caption: bool) -> None:
    """Compose one file of the pack and write it within its bytes."""
    text = ""
    if caption and sticker.caption.strip():
        text, lost = writable(sticker.caption, making.font)
        if lost or len(text) > MAX_CAPTION:
            making.problems.append(Problem("caption_lost", file, {"lost": (lost + text[MAX_CAPTION:])[:60]}))
    finished = compose(picture, rule, caption=text, finish=making.finish, font=making.font)
    recipe, made = _recipe(making, sticker)
    inside = None if recipe is None else recipe if making.full_recipe else recipe.shared()
    most = rule.max_bytes - (ROOM if making.sign else 0)
    if rule.formats[0] == "WEBP":
        fitted = fit_webp(finished, most, made=made, recipe=inside, name=file)
    else:
        fitted = fit_png(finished, most, dpi=rule.min_dpi, made=made, recipe=inside, name=file)
    if fitted.quality is not None and fitted.quality < 60:
        making.problems.append(Problem("quality_lowered", file, {"most": rule.max_bytes // 1000}))
    making.files[file] = making.sign(fitted.data) if making.sign else fitted.data
    if caption:
        making.pictures.append(finished)
        if recipe is not None:
            making.recipes[file] = recipe


def _recipe(making: _Making, sticker: Sticker) -> tuple[Recipe | None, Made]:
    """What made the sticker, as given or as its file says, and how it is marked."""
    recipe, given = sticker.recipe, sticker.picture
    if recipe is not None or not isinstance(given, Path | bytes):
        return recipe, recipe.made if recipe else making.made
    recipe = read_recipe(given)
    return recipe, read_made(given) or (recipe.made if recipe else making.made)


def _emojis(where: Platform, sticker: Sticker) -> list[str]:
    """Emojis that the platform takes: what are none are left out, one is there where one must be."""
    good = [each for each in sticker.emojis if is_emoji(each)] or [_DEFAULT_EMOJI]
    return good[: where.emojis.most] if where.emojis else good


def _text(making: _Making, name: str, value: str) -> str:
    """A text of the pack on one line and short enough."""
    plain = " ".join(value.split()) or "Finale"
    short = making.where.cut(plain, name)
    if short != plain:
        making.problems.append(Problem("text_cut", "", {"field": name, "value": short}))
    return short


def _written(making: _Making, out: Path, title: str, creator: str) -> Pack:
    """The files, the sheet and the side-car on the disk; the ZIP only where the validator has nothing serious to say."""
    making.problems += check_files(making.files, making.where)
    archive = zipped(making.files)
    if len(archive) > making.where.max_archive:
        told = {"size": round(len(archive) / 1e6, 1), "most": making.where.max_archive / 1e6}
        making.problems.append(Problem("heavy_archive", "", told))
    ok = not any(each.serious for each in making.problems)
    folder = out / making.where.name
    path = out / f"{making.where.name}{making.where.suffix}"
    sheet, sidecar = out / f"{making.where.name}-sheet.png", out / f"{making.where.name}.json"
    about = {
        "platform": making.where.name,
        "title": title,
        "creator": creator,
        "recipes": {file: recipe.to_json() for file, recipe in making.recipes.items()},
        "problems": [each.to_json() for each in making.problems],
    }
    with writing(out):
        folder.mkdir(parents=True, exist_ok=True)
        for old in [*folder.glob("[0-9][0-9].png"), *folder.glob("[0-9][0-9].webp")]:
            if old.name not in making.files:
                old.unlink()  # of a larger pack that stood here before
        for name, data in making.files.items():
            (folder / name).write_bytes(data)
        contact_sheet(making.pictures).save(sheet)
        sidecar.write_text(json.dumps(about, ensure_ascii=False, indent=1), encoding="utf-8")
        path.unlink(missing_ok=True)
        if ok:
            path.with_suffix(".part").write_bytes(archive)
            path.with_suffix(".part").replace(path)
    files = [folder / name for name in making.files]
    return Pack(path if ok else None, files, making.problems, sheet, sidecar)
