"""The validators: every rule of a platform, looked up in the files themselves and not in what we think we wrote."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tools.images.packs.archive import read_files
from tools.images.packs.halo import find_halo
from tools.images.packs.manifest import MANIFESTS, check_manifest
from tools.images.packs.platforms import PictureRule, Platform, platform
from tools.images.packs.problems import Problem
from tools.images.packs.remove import has_alpha
from tools.images.recipe import PictureError, decode_picture, read_made
from tools.images.recipe.opening import header_of

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["HALO_SHARE", "check_files", "check_picture", "validate"]

# Halos are told from here on: some of every edge differs by chance.
HALO_SHARE = 0.25
# Alpha that no eye sees.
_UNSEEN = 8
_NUMBERED = re.compile(r"\d{2,3}\.(?:png|webp)")
# Larger pictures than this are none of a pack; they are not decoded.
_MAX_PIXELS = 4_000_000
_TRUE_COLOUR = ("RGB", "RGBA", "P")


def validate(path: Path, platform_name: str) -> list[Problem]:
    """What is wrong with the pack in a ZIP or folder; [] when the platform would take it.

    Raises:
        UnknownPlatform. BrokenPack: the file is no ZIP.
    """
    where = platform(platform_name)
    found = check_files(read_files(path), where)
    if path.is_file() and path.stat().st_size > where.max_archive:
        found.append(_heavy_archive(path.stat().st_size, where))
    return found


def check_files(files: Mapping[str, bytes], where: Platform) -> list[Problem]:
    """What is wrong with the pack of these files."""
    found: list[Problem] = []
    if where.manifest:
        found, stickers = check_manifest(where, files)
        stickers = [name for name in stickers if name in files]
    else:
        stickers = sorted(name for name in files if _NUMBERED.fullmatch(name))
        wanted = [f"{n:02d}" for n in range(1, len(stickers) + 1)]
        if [Path(name).stem for name in stickers] != wanted:
            found.append(Problem("bad_numbers", "", {"last": f"{len(stickers):02d}"}))
    if not where.takes(len(stickers)):
        found.append(Problem("bad_count", "", {"count": len(stickers), "counts": where.counts_told()}))
    known = {*stickers, MANIFESTS.get(where.manifest, "")}
    for name, rule in where.extras.items():
        file = f"{name}.{rule.formats[0].lower()}"
        known.add(file)
        found += check_picture(file, files[file], rule) if file in files else [Problem("missing_file", file)]
    for name in stickers:
        found += check_picture(name, files[name], where.sticker)
    found += [Problem("unexpected_file", name) for name in files if name not in known]
    size = sum(map(len, files.values()))
    return [*found, _heavy_archive(size, where)] if size > where.max_archive else found


def check_picture(file: str, data: bytes, rule: PictureRule) -> list[Problem]:
    """What is wrong with one picture of a pack."""
    try:
        header = header_of(data, file, _MAX_PIXELS)
        picture = decode_picture(data, file, _MAX_PIXELS)
    except PictureError as error:
        return [Problem("unreadable", file, {"why": error})]
    found = []
    if header.format not in rule.formats:
        found.append(Problem("wrong_format", file, {"kind": header.format, "wanted": "/".join(rule.formats)}))
    elif not file.lower().endswith(f".{str(header.format).lower()}"):
        found.append(Problem("wrong_suffix", file, {"kind": header.format}))
    if getattr(header, "n_frames", 1) > 1:
        found.append(Problem("animated", file))
    if rule.rgb and header.mode not in _TRUE_COLOUR:
        found.append(Problem("not_rgb", file, {"mode": header.mode}))
    if rule.min_dpi and (dpi := header.info.get("dpi")) and min(dpi) < rule.min_dpi - 0.5:
        found.append(Problem("low_dpi", file, {"dpi": round(min(dpi)), "least": rule.min_dpi}))
    if len(data) > rule.max_bytes:
        found.append(Problem("too_heavy", file, {"size": -(-len(data) // 1000), "most": rule.max_bytes // 1000}))
    found += _size(file, *picture.size, rule)
    found += _alpha(file, picture, rule)
    if read_made(data, file) is None:
        found.append(Problem("unmarked", file))
    return found


def _size(file: str, width: int, height: int, rule: PictureRule) -> list[Problem]:
    found = []
    told = {"width": width, "height": height, "wanted": f"{rule.width} × {rule.height}"}
    if rule.fill == "exact" and (width, height) != (rule.width, rule.height):
        found.append(Problem("wrong_size", file, told))
    elif rule.fill == "long_side" and max(width, height) != rule.width:
        found.append(Problem("wrong_long_side", file, {"width": width, "height": height, "side": rule.width}))
    elif width > rule.width or height > rule.height:
        found.append(Problem("too_large", file, told))
    if rule.even and (width % 2 or height % 2):
        found.append(Problem("odd_size", file, {"width": width, "height": height}))
    return found


def _alpha(file: str, picture: Image, rule: PictureRule) -> list[Problem]:
    alpha = np.asarray(picture.getchannel("A"))
    if not (alpha >= _UNSEEN).any():
        return [Problem("empty_picture", file)]
    if rule.transparent and not has_alpha(picture):
        return [Problem("no_transparency", file)]
    found = []
    inner = np.zeros_like(alpha, dtype=bool)
    inner[rule.margin : alpha.shape[0] - rule.margin, rule.margin : alpha.shape[1] - rule.margin] = True
    if (alpha[~inner] >= _UNSEEN).any():
        found.append(Problem("no_margin", file, {"margin": rule.margin}))
    light, dark = find_halo(picture)
    if light > HALO_SHARE:
        found.append(Problem("halo_on_dark", file, {"share": round(light * 100)}))
    if dark > HALO_SHARE:
        found.append(Problem("halo_on_light", file, {"share": round(dark * 100)}))
    return found


def _heavy_archive(size: int, where: Platform) -> Problem:
    return Problem("heavy_archive", "", {"size": round(size / 1e6, 1), "most": where.max_archive / 1e6})
