"""Why a pack could not be made or read.

    PackError                 a family name: never raised itself
    ├── UnknownPlatform       there is no such platform
    ├── NothingToPack         no picture was given, or one has nothing in it
    ├── CannotFit             a picture cannot be made small enough in bytes
    ├── BrokenPack            the file is no pack archive
    ├── BadPlatforms          platforms.yaml breaks its format
    ├── FontMissing           no font on this machine can write the caption
    ├── NoBackground          the background is not flat; a model is needed to cut
    └── RemoverMissing        the library for cutting with a model is not installed

What is wrong inside a pack is no error but a `Problem`. Pictures that cannot be opened are `recipe.PictureError`.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from tools.errors import FinaleError

__all__ = [
    "BadPlatforms",
    "BrokenPack",
    "CannotFit",
    "FontMissing",
    "NoBackground",
    "NothingToPack",
    "PackError",
    "RemoverMissing",
    "UnknownPlatform",
]


class PackError(FinaleError):
    """Raised, as one of the classes below, for anything about sticker packs."""

    code = "pack_failed"
    words_file: ClassVar[Path] = Path(__file__).with_name("messages.yaml")


class UnknownPlatform(PackError):
    """Raised when no platform has this name."""

    code = "unknown_platform"


class NothingToPack(PackError):
    """Raised when there is no picture; key `empty_sticker` where one is wholly transparent."""

    code = "nothing_to_pack"


class CannotFit(PackError):
    """Raised when a picture stays over the limit in bytes at the lowest quality."""

    code = "cannot_fit"


class BrokenPack(PackError):
    """Raised when a file is no ZIP, or one made to fill the memory (key `pack_bomb`)."""

    code = "broken_pack"


class BadPlatforms(PackError):
    """Raised when the list of platforms does not fit its schema."""

    code = "bad_platforms"


class FontMissing(PackError):
    """Raised when a caption is wanted and no font that writes Chinese is found."""

    code = "font_missing"


class NoBackground(PackError):
    """Raised when the simple remover meets a background that is not one flat colour."""

    code = "no_flat_background"


class RemoverMissing(PackError):
    """Raised when cutting with a model is wanted and its library is not installed; key `model_missing` for its weights."""

    code = "remover_missing"
