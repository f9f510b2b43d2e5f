"""Sticker packs: pictures cut out, bordered, captioned and packed for LINE, Telegram and WhatsApp, and checked.

from tools.images.packs import Sticker, make_pack
pack = make_pack([Sticker(picture, caption="早安")], "line", Path("out"))
"""

from tools.images.packs.caption import MAX_CAPTION, draw_caption, find_font
from tools.images.packs.compose import PLAIN, Finish, compose
from tools.images.packs.errors import (
    BadPlatforms,
    BrokenPack,
    CannotFit,
    FontMissing,
    NoBackground,
    NothingToPack,
    PackError,
    RemoverMissing,
    UnknownPlatform,
)
from tools.images.packs.fit import Fitted, fit_png, fit_webp
from tools.images.packs.halo import clean_edge, find_halo
from tools.images.packs.pack import Pack, Sticker, make_pack, repair_pack
from tools.images.packs.platforms import PictureRule, Platform, platform, platforms
from tools.images.packs.problems import Problem
from tools.images.packs.remove import BestRemover, FlatRemover, RembgRemover, Remover, card, cut_out, has_alpha
from tools.images.packs.sheet import contact_sheet
from tools.images.packs.validate import validate

__all__ = [
    "MAX_CAPTION",
    "PLAIN",
    "BadPlatforms",
    "BestRemover",
    "BrokenPack",
    "CannotFit",
    "Finish",
    "Fitted",
    "FlatRemover",
    "FontMissing",
    "NoBackground",
    "NothingToPack",
    "Pack",
    "PackError",
    "PictureRule",
    "Platform",
    "Problem",
    "RembgRemover",
    "Remover",
    "RemoverMissing",
    "Sticker",
    "UnknownPlatform",
    "card",
    "clean_edge",
    "compose",
    "contact_sheet",
    "cut_out",
    "draw_caption",
    "find_font",
    "find_halo",
    "fit_png",
    "fit_webp",
    "has_alpha",
    "make_pack",
    "platform",
    "platforms",
    "repair_pack",
    "validate",
]
