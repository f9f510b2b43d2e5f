"""Numbers in copy and in facts, made comparable: full-width and Chinese numerals, units of one family.

「一百二十公克」, "120g" and 「０.１２公斤」 are the same quantity; 「350 元」 and 「350 公克」 are not.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cache

from agents.copywriter.data import Unit, claims, units

__all__ = ["Quantity", "plain", "quantities", "with_house_units"]

_DIGITS = {char: n for n, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "兩": 2, "两": 2}
_PLACES = {"十": 10, "百": 100, "千": 1000}
_BIG = {"萬": 10_000, "億": 100_000_000}
_ARABIC = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_BETWEEN = re.compile(r"\s*[-–—~～至到×xX*、,]\s*")
_CHINESE = r"[〇零一二兩三四五六七八九十百千萬億]+(?:點[〇零一二三四五六七八九]+)?|半"


@dataclass(frozen=True)
class Quantity:
    """A number as it stands in a text. `value` is in the base of the unit's family; without a unit the family is ""."""

    text: str
    value: float
    family: str
    start: int
    end: int
    chinese: bool = False
    scale: float = 1.0  # how many of the base its unit is


def plain(text: str) -> str:
    """`text` for matching: compatibility forms folded, 臺 and 台 as one."""
    return unicodedata.normalize("NFKC", text).replace("臺", "台")


def quantities(text: str) -> list[Quantity]:
    """Every number of `text` that says something, in order; positions are those of `plain(text)`.

    Chinese numerals that are only a way of speaking (一起, 一個, 十分) are left out; so are digits of a name (A4, No.5).
    """
    text = plain(text)
    harmless = [hit.span() for hit in _harmless().finditer(text)]
    found = []
    for hit in _pattern().finditer(text):
        if any(start <= hit.start() < end for start, end in harmless):
            continue
        found += _quantities_of(hit)
    for at in range(len(found) - 2, -1, -1):  # 2-3 天, 8 × 8 × 10 公分: the unit stands once
        one, after = found[at], found[at + 1]
        if not one.family and after.family and _BETWEEN.fullmatch(text[one.end : after.start]):
            value = round(one.value * after.scale, 6)
            found[at] = replace(one, value=value, family=after.family, scale=after.scale)
    return found


def _quantities_of(hit: re.Match[str]) -> list[Quantity]:
    unit = _unit(hit["unit"] or ("元" if hit["money"] else ""))
    if hit["chinese"]:
        values = _chinese(hit["chinese"])
        if unit is None and not hit["percent"]:
            return []  # 三心二意, 五香: no quantity without a unit
        if unit is not None and values == [1.0] and not unit.one:
            return []
    else:
        values = [float(hit["arabic"].replace(",", ""))]
    big = _BIG.get(hit["big"] or "", 1) * (1000 if hit["big"] == "千" else 1)
    family, factor = (unit.family, unit.factor) if unit else ("percent" if hit["percent"] else "", 1.0)
    return [
        Quantity(
            hit[0].strip(), round(value * big * factor, 6), family, hit.start(), hit.end(), bool(hit["chinese"]), factor
        )
        for value in values
    ]


def _chinese(text: str) -> list[float]:
    """The values of a Chinese numeral; 兩三 is both."""
    if text == "半":
        return [0.5]
    whole, _, part = text.partition("點")
    if not _PLACES.keys() & set(whole) and not _BIG.keys() & set(whole):
        digits = [_DIGITS[char] for char in whole]
        if len(digits) == 2 and "〇" not in whole and "零" not in whole:
            return [float(one) for one in digits]
        value = float("".join(map(str, digits)) or 0)
    else:
        total = section = digit = 0
        for char in whole:
            if char in _DIGITS:
                digit = _DIGITS[char]
            elif char in _PLACES:
                section += (digit or 1) * _PLACES[char]
                digit = 0
            else:
                total = (total + section + digit) * _BIG[char] if section + digit + total else _BIG[char]
                section = digit = 0
        value = float(total + section + digit)
    if part:
        value += float("0." + "".join(str(_DIGITS[char]) for char in part))
    return [value]


@cache
def _harmless() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(claims().harmless, key=len, reverse=True))))


@cache
def _names() -> dict[str, Unit]:
    return {plain(name): unit for unit in units() for name in unit.names}


def _unit(name: str) -> Unit | None:
    if not name:
        return None
    known = _names().get(name)
    # A unit that no list holds still is one: 100W is not 100 公克.
    return known or Unit(family=name.casefold(), factor=1, names=[name])


@cache
def _pattern() -> re.Pattern[str]:
    names = sorted(_names(), key=len, reverse=True)
    known = "|".join(re.escape(name) + (r"(?![A-Za-z])" if name.isascii() and name.isalpha() else "") for name in names)
    return re.compile(
        rf"(?P<percent>百分之)?(?P<money>NT\$|\$)?\s?"
        rf"(?:(?<![A-Za-z\d.])(?P<arabic>{_ARABIC})|(?P<chinese>{_CHINESE}))"
        rf"(?P<big>[萬億千])?\s?(?P<unit>{known}|[A-Za-z]{{1,4}}(?![A-Za-z]))?"
    )


def with_house_units(text: str, symbols: bool) -> str:
    """`text` with measures in one way of writing: 「100 公克」, or "100 g"."""

    def written(hit: re.Match[str]) -> str:
        unit = _names().get(hit["unit"])
        name = (unit.symbol if symbols else unit.zh) if unit else ""
        return f"{hit['number']} {name}" if name else hit[0]

    return _house().sub(written, text)


@cache
def _house() -> re.Pattern[str]:
    names = sorted((name for name, unit in _names().items() if unit.zh), key=len, reverse=True)
    known = "|".join(re.escape(name) + (r"(?![A-Za-z])" if name.isascii() else "") for name in names)
    return re.compile(rf"(?<![A-Za-z\d.])(?P<number>{_ARABIC})\s*(?P<unit>{known})")
