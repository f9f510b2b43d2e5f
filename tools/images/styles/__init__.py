"""Styles and presets: the house's own, Fooocus' files as they are, two ways to merge them, and a lock.

from tools.images.styles import house_styles, merge
merge("a shiba inu", styles=[house_styles().get("可愛貼紙")])
"""

from tools.images.styles.errors import BadStyleFile, NoSuchStyle, StyleChanged, StyleError
from tools.images.styles.fooocus import Preset, PresetLora, load_preset, load_styles
from tools.images.styles.house import Styles, house_styles
from tools.images.styles.merge import Merged, merge, merge_nested
from tools.images.styles.model import Style, StyleLock
from tools.images.styles.own import known_styles, own_styles

__all__ = [
    "BadStyleFile",
    "Merged",
    "NoSuchStyle",
    "Preset",
    "PresetLora",
    "Style",
    "StyleChanged",
    "StyleError",
    "StyleLock",
    "Styles",
    "house_styles",
    "known_styles",
    "load_preset",
    "load_styles",
    "merge",
    "merge_nested",
    "own_styles",
]
