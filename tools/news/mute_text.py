"""A text as mute rules compare it: without what only disguises a word, and with the way back to the characters a reader sees."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from tools.chinese import fold
from tools.chinese_tables import fold_table

__all__ = ["Bare", "Plain", "bare", "both_scripts", "is_latin", "plain"]

_LONGEST = 200_000
# Between two Chinese characters these only disguise a word (賴-清-德); a comma or a full stop divides two.
_DISGUISE = frozenset("·・‧•∙⋅*＊_-–—~～+＋|｜/／\\.．'’\"^`=#‐‑‒−﹣－﹘⁃")
_INITIALS = re.compile(r"[^A-Za-z0-9][A-Za-z]\.[A-Za-z][^A-Za-z0-9]?")
_REACH = 4  # characters on either side in which the next Chinese one must stand
_NOT_SEEN = ("Cf", "Cc", "Zs", "Zl", "Zp", "Mn", "Me", "Co")
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and signs that show nothing
_DASHES = frozenset("‐‑‒–—−﹣－﹘⁃")
# Characters that Japan writes otherwise: a name looks much the same in them.
_JAPANESE = str.maketrans(
    "頼徳恵浜斎辺沢桜竜広関県鉄円亀豊栄発戦歩黒黄増瀬曽緑渋蔵薬覚観触読転鶏郷悪抜払仏売応圧圏拡",
    "賴德惠濱齋邊澤櫻龍廣關縣鐵圓龜豐榮發戰步黑黃增瀨曾綠澀藏藥覺觀觸讀轉雞鄉惡拔拂佛賣應壓圈擴",
)


@dataclass(frozen=True)
class Bare:
    """`shown` as it is, `text` what is compared, `places` where each character of `text` is in `shown`, `joined` whether it
    stands behind the one before it without a space. An empty line between paragraphs is one line break in `text`."""

    shown: str
    text: str
    places: tuple[int, ...]
    joined: tuple[bool, ...]


@dataclass(frozen=True)
class Plain:
    """What expressions search, all of one length: `shown` in NFKC without invisible characters, `one_script` with both scripts
    as one."""

    shown: str
    one_script: str


def bare(text: str) -> Bare:
    """`text` without spaces, marks, what has no width and what disguises, folded."""
    shown = unicodedata.normalize("NFC", text[:_LONGEST])
    chars: list[str] = []
    places: list[int] = []
    joined: list[bool] = []
    gap, breaks = False, 0
    for at, char in enumerate(shown):
        if char.isspace():
            gap, breaks = True, breaks + (char == "\n")
        if (char in _DISGUISE and _between_han(shown, at)) or (char == "." and _between_initials(shown, at)):
            continue
        for each in _folded(char):
            if breaks > 1 and chars:
                chars.append("\n")
                places.append(at)
                joined.append(False)
            breaks = 0
            chars.append(each)
            places.append(at)
            joined.append(not gap)
            gap = False
    return Bare(shown, "".join(chars), tuple(places), tuple(joined))


def plain(text: str) -> Plain:
    """`text` for expressions: its spaces and signs stay."""
    shown = unicodedata.normalize("NFKC", text[:_LONGEST]).replace("\t", " ")
    shown = "".join(char for char in shown if char == "\n" or unicodedata.category(char) not in ("Cf", "Cc"))
    return Plain(shown, both_scripts(shown))


def both_scripts(text: str) -> str:
    """Both scripts as one, character for character; nothing else changes, so that places stay."""
    return text.translate(fold_table())


def is_latin(char: str) -> bool:
    """A letter of a script that divides its words."""
    return char.isalpha() and not ("\u3040" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7af" or _is_han(char))


@lru_cache(maxsize=20_000)
def _folded(char: str) -> str:
    """What is compared of one character: nothing of spaces, marks and what has no width."""
    if unicodedata.category(char) in _NOT_SEEN or char in _BLANK:
        return ""
    if char in _DASHES:
        return "-"
    return "".join(each for each in fold(char.translate(_JAPANESE)) if not each.isspace())


def _is_han(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or char >= "\U00020000"


def _between_initials(text: str, at: int) -> bool:
    """Whether a point stands between two single letters: A.I."""
    near = text[max(0, at - 2) : at + 3]
    return bool(_INITIALS.fullmatch(near if at >= 2 else f" {near}"))


def _between_han(text: str, at: int) -> bool:
    """Whether the nearest characters with width on both sides of a sign are Chinese, with nothing else in between."""
    for step in (-1, 1):
        near = at + step
        while (
            0 <= near < len(text) and abs(near - at) <= _REACH and (text[near] in _DISGUISE or not _folded(text[near]))
        ):
            near += step
        if not 0 <= near < len(text) or not _is_han(text[near]):
            return False
    return True
