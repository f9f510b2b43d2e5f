"""Reads one date as feeds and Taiwanese pages write it. What the text does not settle is None, never a guess.

What a feed library does wrong for Taiwan is settled here: a time without a zone is the site's own (Taipei for .tw), CST is
+08:00 there, 民國115年 is 2026, 下午3:05 is 15:05.
"""

from __future__ import annotations

import html
import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal, NamedTuple

from tools.news.sources.date_forms import (
    Day,
    find_ago,
    find_clock,
    find_day,
    find_named_day,
    find_zone,
    plain_numbers,
)

__all__ = ["TAIPEI", "DateRead", "DateWhy", "home_zone", "read_date"]

TAIPEI = timezone(timedelta(hours=8))
_LONGEST = 300
_LONGEST_RELATIVE = 40  # "3小時前" in a longer line belongs to a story, not to its date
_EARLIEST = 1980  # before: the empty date of some machine (1970, 1900, 0001)
_FUTURE = timedelta(hours=24)

# What the result rests on:
#   offset   the text says how far from UTC        zone     it names a time zone         unix      seconds since 1970
#   site     the time zone of the site's place     chinese  written in Chinese: +08:00   relative  counted from now
#   day      only a day is given (midnight)        year     no year is given: the last such day
# or why there is none:
#   empty, unreadable, ambiguous (03/04/2026), impossible (30 February), no_zone, epoch (1970), future, needs_now
DateWhy = Literal[
    "offset", "zone", "unix", "site", "chinese", "relative", "day", "year",
    "empty", "unreadable", "ambiguous", "impossible", "no_zone", "epoch", "future", "needs_now",
]  # fmt: skip

# Countries with one zone and no summer time, in hours from UTC.
_BY_COUNTRY = {"tw": 8, "hk": 8, "mo": 8, "cn": 8, "sg": 8, "my": 8, "jp": 9, "kr": 9}
_BY_LANGUAGE = {"zh": 8, "ja": 9, "ko": 9}
# Sites of Taiwan whose address does not say so.
_TAIWANESE = frozenset(
    [
        "udn.com",
        "ettoday.net",
        "chinatimes.com",
        "storm.mg",
        "mirrormedia.mg",
        "twreporter.org",
        "thenewslens.com",
        "setn.com",
        "nownews.com",
        "cnyes.com",
        "upmedia.mg",
        "buzzorange.com",
        "techbang.com",
        "mashdigi.com",
        "moneydj.com",
        "ctwant.com",
        "taipeitimes.com",
    ]
)
_FEW_SIMPLIFIED = str.maketrans("时钟个刚点礼两号间后过数台湾国东", "時鐘個剛點禮兩號間後過數台灣國東")
_HYPHENS = str.maketrans("−‐‑‒", "----")
_UNSEEN = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_UNIX = re.compile(r"\d{10}(?:\d{3})?(?:\.\d{1,6})?")


class DateRead(NamedTuple):
    """A time with its zone, or None; and in one word what it rests on, or why it is not known."""

    when: datetime | None
    why: DateWhy


def home_zone(host: str = "", language: str = "") -> timezone | None:
    """The time zone of the place a site is at, from its host name, else from its language; None where neither tells."""
    host = host.lower().rpartition("@")[2].split(":")[0].strip(".")
    hours = _BY_COUNTRY.get(host.rpartition(".")[2])
    if hours is None and ".".join(host.split(".")[-2:]) in _TAIWANESE:
        hours = 8
    if hours is None:
        hours = _BY_LANGUAGE.get(language.lower().replace("_", "-").split("-")[0])
    return None if hours is None else timezone(timedelta(hours=hours))


def read_date(text: str, *, host: str = "", language: str = "", now: datetime | None = None) -> DateRead:
    """The time that `text` gives: a feed's date, a meta tag, or a short line of a page ("發布時間：2026/03/04 15:05").

    Args:
        text: only its first 300 characters are read, and only the first date in them.
        host: of the site that says it; with `language` (a tag such as zh-TW) it decides what a time without a zone means.
        now: with a time zone. Without it relative dates and dates without a year stay unknown, and the future is allowed.

    Returns:
        The time, in the zone it was given in; more than 24 hours after `now` it is not believed. Never raises.
    """
    line = unicodedata.normalize("NFKC", html.unescape(str(text)[:_LONGEST])).translate(_HYPHENS)
    line = " ".join(_UNSEEN.sub("", line).split())
    if not line:
        return DateRead(None, "empty")
    try:
        read = _unix(line) or _read(plain_numbers(line.translate(_FEW_SIMPLIFIED)), home_zone(host, language), now)
    except (ValueError, OverflowError):
        return DateRead(None, "impossible")
    if read.when and read.when.year < _EARLIEST:
        return DateRead(None, "epoch")
    if read.when and now and read.when - now > _FUTURE:
        return DateRead(None, "future")
    return read


def _unix(line: str) -> DateRead | None:
    if not _UNIX.fullmatch(line):
        return None
    seconds = float(line)
    return DateRead(datetime.fromtimestamp(seconds / 1000 if seconds >= 1e12 else seconds, TAIPEI), "unix")


def _read(line: str, zone: timezone | None, now: datetime | None) -> DateRead:
    day = find_day(line)
    if day == "ambiguous":
        return DateRead(None, "ambiguous")
    if day is None and len(line) <= _LONGEST_RELATIVE:
        ago = find_ago(line)
        if ago is not None:
            return DateRead(now - ago, "relative") if now else DateRead(None, "needs_now")
        day = _named(line, zone, now)
        if day in ("needs_now", "no_zone"):
            return DateRead(None, day)
    if not isinstance(day, Day):
        return DateRead(None, "unreadable")
    return _assemble(line, day, zone, now)


def _named(line: str, zone: timezone | None, now: datetime | None) -> Day | Literal["needs_now", "no_zone"] | None:
    """今天 and 昨天 are days of the place; without one, of Chinese time if the word is Chinese."""
    where = zone or (TAIPEI if _CHINESE.search(line) else None)
    day = find_named_day(line, (now or datetime.now(TAIPEI)).astimezone(where or TAIPEI))
    if day is None:
        return None
    return "needs_now" if now is None else "no_zone" if where is None else day


def _assemble(line: str, day: Day, zone: timezone | None, now: datetime | None) -> DateRead:
    if day.year is not None and day.year < _EARLIEST:
        return DateRead(None, "epoch")
    chinese = day.form == "roc" or bool(_CHINESE.search(line))
    clock = find_clock(line, day)
    said = find_zone(line, clock.end) if clock else None
    if said == "unsure":
        return DateRead(None, "no_zone")
    why: DateWhy
    if said == "cst":
        here = zone == TAIPEI or (zone is None and chinese)
        zone, why = timezone(timedelta(hours=8 if here else -6)), "zone"
    elif isinstance(said, tuple):
        zone, why = timezone(timedelta(hours=said[0])), "offset" if said[1] == "offset" else "zone"
    elif zone is not None:
        why = "site"
    elif chinese:
        zone, why = TAIPEI, "chinese"
    elif clock is None:
        zone, why = UTC, "day"
    else:
        return DateRead(None, "no_zone")
    if clock is None:
        why = "day"
    elif day.form == "named":
        why = "relative"
    year = day.year
    if year is None:
        if now is None:
            return DateRead(None, "needs_now")
        if zone != TAIPEI and not chinese:
            return DateRead(None, "ambiguous")  # 3/4 is March in Taiwan and April in London
        year, why = _last_year(day, now.astimezone(zone)), "year"
    when = datetime(year, day.month, day.day, tzinfo=zone)
    if clock:
        when += timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second)
    return DateRead(when, why)


def _last_year(day: Day, now: datetime) -> int:
    """The year of the last such day that is not in the future."""
    tomorrow = now + timedelta(days=1)
    return (
        now.year if (day.month, day.day) <= (tomorrow.month, tomorrow.day) or tomorrow.year > now.year else now.year - 1
    )
