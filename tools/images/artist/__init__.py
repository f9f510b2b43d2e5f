"""The house artist: original vector stickers from a character sheet, for machines without a model; the same seed, the same picture.

from tools.images.artist import Character, Scene, draw, render
png = render(draw(Character("柴犬"), Scene("happy", caption="早安")), 370)
"""

from tools.images.artist.caption import find_font
from tools.images.artist.data import (
    expressions,
    match_expression,
    match_subject,
    poses,
    props,
    styles,
    subjects,
)
from tools.images.artist.draw import draw, render
from tools.images.artist.model import (
    MOST_TOGETHER,
    ArtistError,
    CaptionTooLong,
    Character,
    Expression,
    FontMissing,
    Pose,
    Prop,
    Scene,
    SizeRefused,
    Style,
    Subject,
    UnknownWord,
)

__all__ = [
    "MOST_TOGETHER",
    "ArtistError",
    "CaptionTooLong",
    "Character",
    "Expression",
    "FontMissing",
    "Pose",
    "Prop",
    "Scene",
    "SizeRefused",
    "Style",
    "Subject",
    "UnknownWord",
    "draw",
    "expressions",
    "find_font",
    "match_expression",
    "match_subject",
    "poses",
    "props",
    "render",
    "styles",
    "subjects",
]
