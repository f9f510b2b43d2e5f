"""What a date looks like: finds the day, the clock and the zone in one line, and decides nothing that it does not say.

Lines come here NFKC-normalised, one space between words, a few Simplified characters already replaced.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

__all__ = ["Clock", "Day", "find_ago", "find_clock", "find_day", "find_named_day", "find_zone", "plain_numbers"]

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MON = (
    r"(?P<mon>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_ROC_FIRST = 1911  # 民國元年 is 1912
_D = r"(?P<d>\d{1,2})"
_M = r"(?P<m>\d{1,2})"
_TIME = r"(?P<h>[01]\d|2[0-3])(?P<mi>[0-5]\d)(?P<s>[0-5]\d)?"

# In order: where two begin at the same place, the earlier one is meant.
_DAYS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("roc", rf"民國 ?(?P<y>\d{{1,3}}|元) ?[年./-] ?{_M} ?[月./-] ?{_D}(?!\d)"),
        ("ymd", rf"(?<![\d.])(?P<y>\d{{4}}) ?[年./-] ?{_M} ?[月./-] ?{_D}(?!\d)"),
        ("roc", rf"(?<![\d./-])(?P<y>1\d\d) ?[年./-] ?{_M} ?[月./-] ?{_D}(?![\d./])"),
        ("ymd", rf"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>[0-2]\d|3[01])(?:[T ]?{_TIME})?(?!\d)"),
        ("dmy", rf"(?<!\d){_D}(?:st|nd|rd|th)?[ ./-]*(?:of )?(?:{_MON}|{_M}月)[ .,/-]+(?P<y>\d{{4}}|\d\d)(?![\d:])"),
        ("ymd", rf"\b{_MON}\.? {_D}(?:st|nd|rd|th)?,? (?P<y>\d{{4}})(?![\d:])"),
        # asctime and `date`: the clock stands between the day and the year.
        (
            "ymd",
            rf"\b{_MON} {_D} (?P<between>\d\d?:\d\d(?::\d\d)?(?: [a-z]{{2,5}}| [+-]\d{{4}})?) (?P<y>\d{{4}})(?!\d)",
        ),
        ("either", r"(?<![\d./-])(?P<a>\d{1,2})(?P<sep>[./-])(?P<b>\d{1,2})(?P=sep)(?P<y>\d{4})(?!\d)"),
        ("yearless", rf"(?<![\d年./-])(?<!年 ){_M}月 ?{_D}日"),
        ("yearless", rf"(?<![\d年./-])(?<!年 ){_M}[/-]{_D}(?![\d./-])(?=[^\d]{{0,8}}\d\d?:\d\d)"),
    )
)

_HALF = r"上午|早上|清晨|凌晨|午前|中午|下午|傍晚|午後|晚上|晚間|[ap]\.?m\b\.?"
_CLOCK = re.compile(
    rf"(?:(?P<before>{_HALF}) ?)?(?<![\d.])(?P<h>\d{{1,2}})"
    r"(?: ?(?:(?::(?P<mi>\d\d)(?::(?P<s>\d\d)(?:[.,]\d{1,9})?)?)|[點時] ?(?:(?P<cmi>\d{1,2})分?(?: ?(?P<cs>\d{1,2})秒)?|(?P<half>半))?))"
    rf"(?![\d:])(?: ?(?P<after>{_HALF}))?|(?<![\d.:])(?P<bare>\d{{1,2}}) ?(?P<ampm>[ap]\.?m\b)",
    re.IGNORECASE,
)
_COMPACT_CLOCK = re.compile(rf"T{_TIME}(?!\d)")
_GAP = re.compile(r"\D{0,20}")
_MORNING = frozenset(("上午", "早上", "清晨", "凌晨", "午前", "am"))
_AFTERNOON = frozenset(("下午", "傍晚", "午後", "pm"))

_OFFSET = re.compile(r"[ (\[]{0,2}(?:UTC|GMT|Z)? ?(?P<sign>[+-])(?P<h>\d\d?)(?::?(?P<m>\d\d))?(?![\d:])", re.IGNORECASE)
_ZONE_NAME = re.compile(r"[ (\[]{0,2}(?P<name>z|utc|gmt|ut)(?![a-z])|[ (\[]{0,2}(?P<caps>[A-Z]{2,5})(?![A-Za-z])", re.I)
_CHINESE_ZONE = re.compile(
    r"[ (\[]{0,2}(?P<place>台北|臺北|台灣|臺灣|北京|香港|新加坡|中原|日本|東京|韓國|首爾)(?:標準)?時間"
)
# Hours from UTC. Names that mean several places (IST, AST, ...) and those that change with the season (ET) are not here.
_ZONES = dict(
    z=0, ut=0, utc=0, gmt=0, wet=0, est=-5, edt=-4, cdt=-5, mst=-7, mdt=-6, pst=-8, pdt=-7, akst=-9, hst=-10,
    bst=1, cet=1, cest=2, eet=2, eest=3, msk=3, jst=9, kst=9, hkt=8, sgt=8, myt=8, awst=8, aest=10, aedt=11, nzst=12,
    nzdt=13,
)  # fmt: skip
_UNSURE = frozenset(["ist", "ast", "et", "ct", "mt", "pt", "gst", "bdt", "sst", "lt"])

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "兩": 2}
_NUMBER = re.compile(
    r"[〇○零一二三四五六七八九十百兩]{1,6}"
    r"(?= ?(?:年|月|日|號|點|時|分|秒|個?小時|個?鐘頭|天|週|周|個?星期|個?禮拜|個月))"
)


@dataclass(frozen=True)
class Day:
    """A day found in a line. `year` is None where the line names none; `between` is a clock inside the date (asctime)."""

    year: int | None
    month: int
    day: int
    start: int
    end: int
    form: str
    between: str = ""
    clock: Clock | None = None


@dataclass(frozen=True)
class Clock:
    """A time of day; hour 24 is the next midnight. `end` is where a zone would follow."""

    hour: int
    minute: int
    second: int
    end: int


def plain_numbers(line: str) -> str:
    """Chinese numerals before a unit of time as digits: 一百一十五年 → 115年, 二〇二六年 → 2026年."""
    line = line.replace("元年", "1年") if "民國" in line else line
    return _NUMBER.sub(lambda found: str(_number(found[0])), line)


def _number(text: str) -> int:
    if not set(text) & {"十", "百"}:
        return int("".join(str(_DIGITS[char]) for char in text))
    total = digit = 0
    for char in text:
        if char in ("十", "百"):
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit


def find_day(line: str) -> Day | str | None:
    """The first day in the line; "ambiguous" for 03/04/2026, which is two different days; None where there is none."""
    best: tuple[int, str, re.Match[str]] | None = None
    for form, pattern in _DAYS:
        found = pattern.search(line)
        if found and (best is None or found.start() < best[0]):
            best = found.start(), form, found
    if best is None:
        return None
    _, form, found = best
    if form == "either":
        first, second = int(found["a"]), int(found["b"])
        if first <= 12 and second <= 12 and first != second:
            return "ambiguous"
        month, day = (first, second) if second > 12 else (second, first)
        return Day(int(found["y"]), month, day, *found.span(), form)
    parts = found.groupdict()
    month = _MONTHS.index(parts["mon"][:3].lower()) + 1 if parts.get("mon") else int(parts["m"])
    clock = None
    if parts.get("h"):
        clock = Clock(int(parts["h"]), int(parts["mi"]), int(parts["s"] or 0), found.end())
    return Day(
        _year(parts.get("y"), form), month, int(parts["d"]), *found.span(), form, parts.get("between") or "", clock
    )


def _year(text: str | None, form: str) -> int | None:
    if text is None:
        return None
    if form == "roc":
        return _ROC_FIRST + (1 if text == "元" else int(text))
    year = int(text)
    if len(text) == 2:  # RFC 2822, section 4.3
        year += 2000 if year < 50 else 1900
    return year


def find_clock(line: str, day: Day) -> Clock | None:
    """The time of day that belongs to `day`: right after it, else right before it.

    Raises:
        ValueError: there is one and it cannot be (25:70, 晚上12點).
    """
    if day.clock:
        return day.clock
    if day.between:
        found = _CLOCK.match(day.between)
        return _clock(found, day.start + line[day.start :].index(day.between)) if found else None
    compact = _COMPACT_CLOCK.match(line, day.end)
    if compact:
        return Clock(int(compact["h"]), int(compact["mi"]), int(compact["s"] or 0), compact.end())
    after = _CLOCK.search(line, day.end)
    if after and _GAP.fullmatch(line[day.end : after.start()]):
        return _clock(after)
    before = [found for found in _CLOCK.finditer(line[: day.start]) if len(line[found.end() : day.start]) <= 20]
    return _clock(before[-1]) if before else None


def _clock(found: re.Match[str], shift: int = 0) -> Clock:
    if found["bare"]:
        hour, minute, second, half = int(found["bare"]), 0, 0, found["ampm"]
    else:
        hour, half = int(found["h"]), found["before"] or found["after"] or ""
        minute = 30 if found["half"] else int(found["mi"] or found["cmi"] or 0)
        second = int(found["s"] or found["cs"] or 0)
    half = half.lower().replace(".", "")
    if half in _MORNING and hour == 12:
        hour = 0
    elif (
        (half in _AFTERNOON and hour < 12)
        or (half == "中午" and hour < 3)
        or (half in ("晚上", "晚間") and 5 <= hour < 12)
    ):
        hour += 12
    elif half in ("晚上", "晚間") and (hour < 5 or hour == 12):
        raise ValueError("which night is not said")
    second = 59 if second == 60 else second  # a leap second
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and (minute or second)):
        raise ValueError("no such time of day")
    return Clock(hour, minute, second, found.end() + shift)


def find_zone(line: str, at: int) -> tuple[float, str] | str | None:
    """(hours from UTC, "offset" or "zone") of what follows position `at`.

    "cst" where only the place can tell which one is meant, "unsure" for a name with several meanings, None for no zone.
    """
    found = _OFFSET.match(line, at)
    if found:
        hours = int(found["h"]) + int(found["m"] or 0) / 60
        return "unsure" if hours > 14 else ((-hours if found["sign"] == "-" else hours), "offset")
    found = _CHINESE_ZONE.match(line, at)
    if found:
        return (9.0 if found["place"] in ("日本", "東京", "韓國", "首爾") else 8.0), "zone"
    found = _ZONE_NAME.match(line, at)
    name = (found["name"] or found["caps"]).lower() if found else ""
    if name == "cst":
        return "cst"
    if name in _UNSURE and found is not None and found[0].strip(" ([").isupper():
        return "unsure"
    return (float(_ZONES[name]), "zone") if name in _ZONES else None


_AGO = re.compile(
    r"(?<![\d.])(?P<n>\d{1,4}|半|\ban?\b|\bone\b) ?(?P<unit>秒鐘?|分鐘?|個?小時|個?鐘頭|天|日|週|周|個?星期|個?禮拜|個月|年|"
    r"sec(?:ond)?s?|min(?:ute)?s?|h(?:ou)?rs?|days?|weeks?|months?|years?) ?(?:多|以)?(?:前|ago\b)"
    r"(?=$|[^\u4e00-\u9fff]|更新|發)",
    re.IGNORECASE,
)
_JUST_NOW = re.compile(r"(?:^|[ :|])(?:剛剛|剛才|just now)(?=$|[ 更發])", re.IGNORECASE)
_SECONDS = {
    "秒": 1,
    "分": 60,
    "時": 3600,
    "鐘": 3600,
    "天": 86400,
    "日": 86400,
    "週": 604800,
    "月": 2592000,
    "年": 31536000,
}
_ENGLISH = {"s": "秒", "mi": "分", "h": "時", "d": "天", "w": "週", "mo": "月", "y": "年"}
_NAMED = {"今": 0, "昨": 1, "前": 2, "to": 0, "ye": 1}
# Alone or before a clock: 今日新聞 is a newspaper.
_NAMED_DAY = re.compile(
    rf"(?:^|(?<=[ :|(\[]))(?:[今昨前][天日]|today|yesterday)(?=$|[ ,)\]|\d]|{_HALF})", re.IGNORECASE
)


def find_ago(line: str) -> timedelta | None:
    """How long ago the line says (3小時前, an hour ago); months and years are taken as 30 and 365 days."""
    if _JUST_NOW.search(line):
        return timedelta(0)
    found = _AGO.search(line)
    if not found:
        return None
    unit = found["unit"].lower()
    if unit.isascii():
        unit = _ENGLISH[unit[:2] if unit[:2] in _ENGLISH else unit[0]]
    unit = unit.removeprefix("個").replace("周", "週").replace("星期", "週").replace("禮拜", "週")
    unit = "時" if unit in ("小時", "鐘頭") else unit[0]
    count = 0.5 if found["n"] == "半" else 1 if not found["n"].isdigit() else int(found["n"])
    return timedelta(seconds=count * _SECONDS[unit])


def find_named_day(line: str, today: datetime) -> Day | None:
    """今天, 昨天, 前天, today or yesterday as a day, counted from `today` (in the zone of the place)."""
    found = _NAMED_DAY.search(line)
    if not found:
        return None
    word = found[0].lower()
    day = today - timedelta(days=_NAMED[word[:2] if word.isascii() else word[0]])
    return Day(day.year, day.month, day.day, *found.span(), "named")
